//! Files as tables: CSV (RFC 4180, with ',' or ';') and JSON Lines, each within limits.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::column::{Problem, ProblemCode};
use super::encoding::Encoding;
use crate::domain::person::words;

/// Most bytes of a file.
pub const LARGEST_FILE: usize = 64 * 1024 * 1024;
/// Most rows of a file.
pub const MOST_ROWS: usize = 100_000;
/// Most bytes of a row.
const LONGEST_ROW: usize = 64 * 1024;
/// Most columns.
const MOST_COLUMNS: usize = 200;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

words! {
    /// How a file is written.
    Format {
        /// Comma- or semicolon-separated, with a header.
        Csv = "csv",
        /// An object of texts a line.
        JsonLines = "json_lines",
    }
}

/// Texts by the names of their columns, as the file has them. Empty ones are left out.
pub type Cells = BTreeMap<String, String>;

/// A row, or what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line it begins on, from 1.
    pub number: u64,
    /// What it says.
    pub cells: Result<Cells, Problem>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The names of its columns.
    pub columns: BTreeSet<String>,
    /// Its rows.
    pub lines: Vec<Line>,
}

/// Why a file cannot be taken at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// No row in it.
    #[error("there are no rows in the file")]
    Empty,
    /// More than is taken at once.
    #[error("the file has more than 64 MiB, more than 100000 rows, or a row of more than 64 KiB: send it in parts")]
    TooLarge,
    /// It says it is Windows-1250 and is UTF-8.
    #[error("the file was sent as Windows-1250 and is UTF-8")]
    OtherEncoding,
    /// The header cannot be read, or names a column twice.
    #[error("the header is no list of different column names in the encoding of the file")]
    Header,
    /// A column the mapping does not know.
    #[error("column {0:?} is not in the mapping: map it, or list it as ignored")]
    UnknownColumn(String),
}

/// Reads a file.
///
/// # Errors
/// [`FileProblem`]: nothing of it can be taken. What is wrong with a single row is in its [`Line`].
pub fn read(file: &[u8], format: Format, encoding: Encoding) -> Result<Table, FileProblem> {
    if file.len() > LARGEST_FILE {
        return Err(FileProblem::TooLarge);
    }
    if !encoding.is_plausible(file) {
        return Err(FileProblem::OtherEncoding);
    }
    let file = file.strip_prefix(BYTE_ORDER_MARK).unwrap_or(file);
    let table = match format {
        Format::Csv => csv(file, encoding)?,
        Format::JsonLines => json_lines(file, encoding)?,
    };
    if table.lines.is_empty() { Err(FileProblem::Empty) } else { Ok(table) }
}

fn csv(file: &[u8], encoding: Encoding) -> Result<Table, FileProblem> {
    let first = file.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |separator| first.iter().filter(|byte| **byte == separator).count();
    let separator = if count(b';') > count(b',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(file);
    let mut record = csv::ByteRecord::new();
    let mut header: Option<Vec<String>> = None;
    let mut lines = Vec::new();
    // A reader of bytes fails on nothing but its source, and ours is memory.
    while reader.read_byte_record(&mut record).map_err(|_| FileProblem::Header)? {
        if record.as_slice().len() > LONGEST_ROW || lines.len() >= MOST_ROWS {
            return Err(FileProblem::TooLarge);
        }
        let Some(header) = &header else {
            header = Some(names(&record, encoding)?);
            continue;
        };
        let number = record.position().map_or(0, csv::Position::line);
        lines.push(Line { number, cells: cells(header, &record, encoding) });
    }
    Ok(Table { columns: header.unwrap_or_default().into_iter().collect(), lines })
}

fn names(record: &csv::ByteRecord, encoding: Encoding) -> Result<Vec<String>, FileProblem> {
    let names: Option<Vec<String>> = record.iter().map(|name| encoding.decode(name)).collect();
    let names = names.filter(|names| names.len() <= MOST_COLUMNS).ok_or(FileProblem::Header)?;
    let different: BTreeSet<&String> = names.iter().collect();
    if different.len() == names.len() && !different.contains(&String::new()) {
        Ok(names)
    } else {
        Err(FileProblem::Header)
    }
}

fn cells(header: &[String], record: &csv::ByteRecord, encoding: Encoding) -> Result<Cells, Problem> {
    if record.len() != header.len() {
        return Err(Problem::of(ProblemCode::Form));
    }
    let mut cells = Cells::new();
    for (name, value) in header.iter().zip(record) {
        let text = encoding.decode(value).ok_or(Problem::of(ProblemCode::Encoding))?;
        if !text.is_empty() {
            cells.insert(name.clone(), text);
        }
    }
    Ok(cells)
}

fn json_lines(file: &[u8], encoding: Encoding) -> Result<Table, FileProblem> {
    let (mut columns, mut lines) = (BTreeSet::new(), Vec::new());
    for (number, bytes) in (1..).zip(file.split(|byte| *byte == b'\n')) {
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() {
            continue;
        }
        if bytes.len() > LONGEST_ROW || lines.len() >= MOST_ROWS {
            return Err(FileProblem::TooLarge);
        }
        let cells = object(bytes, encoding);
        columns.extend(cells.iter().flat_map(BTreeMap::keys).cloned());
        if columns.len() > MOST_COLUMNS {
            return Err(FileProblem::Header);
        }
        lines.push(Line { number, cells });
    }
    Ok(Table { columns, lines })
}

fn object(bytes: &[u8], encoding: Encoding) -> Result<Cells, Problem> {
    let text = encoding.decode(bytes).ok_or(Problem::of(ProblemCode::Encoding))?;
    let cells: BTreeMap<String, Option<String>> =
        serde_json::from_str(&text).map_err(|_| Problem::of(ProblemCode::Form))?;
    let filled = cells.into_iter().filter_map(|(name, text)| {
        let text = text?.trim().to_owned();
        (!text.is_empty()).then_some((name, text))
    });
    Ok(filled.collect())
}
