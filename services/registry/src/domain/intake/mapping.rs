//! What the columns of a file mean: our own names, or a file of data for a register that is brought over.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;
use straznica_types::{CivilDate, check_name};

use super::column::{Column, Kind, Problem, ProblemCode};
use super::table::{Cells, FileProblem};

/// How days are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum DateForm {
    /// 1990-05-17.
    #[serde(rename = "YYYY-MM-DD")]
    Iso,
    /// 17.05.1990.
    #[serde(rename = "DD.MM.YYYY")]
    Dots,
    /// 17/05/1990.
    #[serde(rename = "DD/MM/YYYY")]
    Slashes,
    /// 17-05-1990.
    #[serde(rename = "DD-MM-YYYY")]
    Dashes,
    /// 19900517.
    #[serde(rename = "YYYYMMDD")]
    Compact,
}

impl DateForm {
    /// Year, month and day as written: "00" where one is not known.
    fn parts(self, text: &str) -> Option<[&str; 3]> {
        let split = |separator: char| {
            let mut parts = text.split(separator);
            let parts = [parts.next()?, parts.next()?, parts.next()?].map(str::trim);
            (text.matches(separator).count() == 2).then_some(parts)
        };
        match self {
            Self::Iso => split('-'),
            Self::Dots => split('.').map(|[day, month, year]| [year, month, day]),
            Self::Slashes => split('/').map(|[day, month, year]| [year, month, day]),
            Self::Dashes => split('-').map(|[day, month, year]| [year, month, day]),
            Self::Compact => {
                let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
                digits.then(|| [&text[..4], &text[4..6], &text[6..]])
            }
        }
    }

    /// The day in ISO form, as precisely as it is known: a day or a month of "00" is not.
    fn iso(self, text: &str) -> Option<String> {
        let [year, month, day] = self.parts(text)?;
        let shaped = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if !(shaped(year, 4) && shaped(month, 2) && shaped(day, 2)) {
            return None;
        }
        match (month, day) {
            ("00", "00") => Some(year.to_owned()),
            ("00", _) => None,
            (_, "00") => Some(format!("{year}-{month}")),
            _ => Some(format!("{year}-{month}-{day}")),
        }
    }
}

/// What is wrong with a mapping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// It is no mapping.
    #[error("{file}: {reason}")]
    Form {
        /// Which.
        file: String,
        /// Why, with the line.
        reason: String,
    },
    /// It says something no mapping can say.
    #[error("{file}: {member}: {expected} expected")]
    Invalid {
        /// Which.
        file: String,
        /// Where in it.
        member: String,
        /// What can stand there.
        expected: &'static str,
    },
    /// Two of one name.
    #[error("{file}: there is another mapping {id}")]
    Twice {
        /// The second one.
        file: String,
        /// The name.
        id: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMapping {
    id: String,
    source: String,
    rows: Kind,
    dates: Vec<DateForm>,
    columns: BTreeMap<String, Column>,
    #[serde(default)]
    ignored: BTreeSet<String>,
    #[serde(default)]
    codes: BTreeMap<Column, BTreeMap<String, String>>,
    #[serde(default)]
    changed: BTreeMap<Column, BTreeMap<String, String>>,
}

/// What the columns of a file mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Its name; empty: our own columns.
    pub id: String,
    /// Where the rows come from, e.g. `pobyt-v1`: with the row's id, what a row is known by for ever.
    pub source: String,
    /// What the rows are.
    pub kind: Kind,
    /// SHA-256 of its file, lower-case hex; empty for our own columns.
    pub digest: String,
    dates: Vec<DateForm>,
    columns: BTreeMap<String, Column>,
    ignored: BTreeSet<String>,
    codes: BTreeMap<Column, BTreeMap<String, String>>,
    changed: BTreeMap<Column, BTreeMap<String, String>>,
}

/// A row in our own columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mapped {
    /// Its texts.
    pub(super) cells: BTreeMap<Column, String>,
    /// Something in it means less, more or something else than there.
    pub(super) changed: bool,
}

impl Mapping {
    /// Our own columns, days as ISO 8601 writes them.
    #[must_use]
    pub fn own(source: &str, kind: Kind) -> Self {
        let columns = Column::ALL.iter().filter(|column| column.is_of(kind));
        Self {
            id: String::new(),
            source: source.to_owned(),
            kind,
            digest: String::new(),
            dates: vec![DateForm::Iso],
            columns: columns.map(|column| (column.as_str().to_owned(), *column)).collect(),
            ignored: BTreeSet::new(),
            codes: BTreeMap::new(),
            changed: BTreeMap::new(),
        }
    }

    /// That every column of a file is known to it.
    ///
    /// # Errors
    /// [`FileProblem::UnknownColumn`].
    pub fn check_columns(&self, columns: &BTreeSet<String>) -> Result<(), FileProblem> {
        let unknown = |name: &&String| !self.columns.contains_key(*name) && !self.ignored.contains(*name);
        columns.iter().find(unknown).map_or(Ok(()), |name| Err(FileProblem::UnknownColumn(name.clone())))
    }

    /// A row in our own columns, its codes and days translated.
    ///
    /// # Errors
    /// [`Problem`]: a code that is in no table, a day that is none.
    pub(super) fn apply(&self, cells: &Cells) -> Result<Mapped, Problem> {
        let mut mapped = Mapped { cells: BTreeMap::new(), changed: false };
        for (name, text) in cells {
            let Some(column) = self.columns.get(name) else { continue };
            let text =
                if is_date(*column) { self.date(*column, text)? } else { self.code(*column, text, &mut mapped)? };
            mapped.cells.insert(*column, text);
        }
        Ok(mapped)
    }

    fn date(&self, column: Column, text: &str) -> Result<String, Problem> {
        // What is known of a birth to the year or month is written the same in all forms.
        let partial = column == Column::BirthDate && matches!(text.len(), 4 | 7) && self.dates.contains(&DateForm::Iso);
        if partial {
            return Ok(text.to_owned());
        }
        let problem = Problem::at(ProblemCode::ImpossibleDate, column);
        self.dates.iter().find_map(|form| form.iso(text)).ok_or(problem)
    }

    fn code(&self, column: Column, text: &str, mapped: &mut Mapped) -> Result<String, Problem> {
        if let Some(code) = self.changed.get(&column).and_then(|table| table.get(text)) {
            mapped.changed = true;
            return Ok(code.clone());
        }
        match self.codes.get(&column) {
            Some(table) => table.get(text).cloned().ok_or(Problem::at(ProblemCode::UnknownCode, column)),
            None => Ok(text.to_owned()),
        }
    }
}

const fn is_date(column: Column) -> bool {
    matches!(
        column,
        Column::RecordedOn
            | Column::ValidFrom
            | Column::ValidTo
            | Column::BirthDate
            | Column::DocumentExpiresOn
            | Column::OpenedOn
            | Column::ClosedOn
    )
}

/// A day in ISO form.
pub(super) fn day(text: &str, column: Column) -> Result<CivilDate, Problem> {
    text.parse().map_err(|_| Problem::at(ProblemCode::ImpossibleDate, column))
}

/// The mappings of this node.
#[derive(Debug, Clone, Default)]
pub struct Mappings(BTreeMap<String, Mapping>);

impl Mappings {
    /// From files, each with its name.
    ///
    /// # Errors
    /// [`MappingError`], for the first thing that is wrong.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, MappingError> {
        let mut mappings = BTreeMap::new();
        for (file, text) in files {
            let mapping = mapping(file, text)?;
            if let Some(other) = mappings.insert(mapping.id.clone(), mapping) {
                return Err(MappingError::Twice { file: file.to_owned(), id: other.id });
            }
        }
        Ok(Self(mappings))
    }

    /// The mapping of this name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Mapping> {
        self.0.get(id)
    }
}

fn mapping(file: &str, text: &str) -> Result<Mapping, MappingError> {
    let raw: RawMapping = toml::from_str(text).map_err(|error| MappingError::Form {
        file: file.to_owned(),
        reason: error.to_string().trim_end().to_owned(),
    })?;
    let invalid =
        |member: &str, expected| MappingError::Invalid { file: file.to_owned(), member: member.to_owned(), expected };
    if check_name(&raw.id).is_err() {
        return Err(invalid("id", "1 to 64 letters, digits, '.', '_' or '-'"));
    }
    if check_name(&raw.source).is_err() {
        return Err(invalid("source", "1 to 64 letters, digits, '.', '_' or '-'"));
    }
    if raw.dates.is_empty() {
        return Err(invalid("dates", "at least one form of days"));
    }
    let mut meant = BTreeSet::new();
    for (name, column) in &raw.columns {
        let member = format!("columns.{name}");
        if !column.is_of(raw.rows) {
            return Err(invalid(&member, "a column rows of this kind have"));
        }
        if !meant.insert(*column) {
            return Err(invalid(&member, "a column no other one means"));
        }
        if raw.ignored.contains(name) {
            return Err(invalid(&member, "a column that is not ignored"));
        }
    }
    if !meant.contains(&Column::RowId) {
        return Err(invalid("columns", "one that means row_id"));
    }
    for column in raw.codes.keys().chain(raw.changed.keys()) {
        if is_date(*column) || !meant.contains(column) {
            return Err(invalid(&format!("codes.{}", column.as_str()), "a column that is mapped and no day"));
        }
    }
    Ok(Mapping {
        id: raw.id,
        source: raw.source,
        kind: raw.rows,
        digest: digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
        dates: raw.dates,
        columns: raw.columns,
        ignored: raw.ignored,
        codes: raw.codes,
        changed: raw.changed,
    })
}
