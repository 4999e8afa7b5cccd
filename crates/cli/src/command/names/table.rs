//! CSV files with a header, read whole; what is wrong is told with the line it stands on.

use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord};

use crate::command::files::{self, FileError};

/// Why a file is no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is not CSV in UTF-8.
    #[error("{}: {source}", path.display())]
    Form {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: csv::Error,
    },
    /// A column is missing.
    #[error("{}: no column {column}; the header has: {header}", path.display())]
    Column {
        /// Which file.
        path: PathBuf,
        /// The missing one.
        column: &'static str,
        /// What is there.
        header: String,
    },
    /// A value is not one of its column.
    #[error("{}: line {line}: {problem}", path.display())]
    Value {
        /// Which file.
        path: PathBuf,
        /// Counted from 1, the header included.
        line: u64,
        /// What is wrong; it does not repeat the value.
        problem: &'static str,
    },
    /// Nothing in it tells one person from another.
    #[error("{}: no column tells persons apart; the header has: {header}; see `straznica names link --help`", path.display())]
    NoColumn {
        /// Which file.
        path: PathBuf,
        /// What is there.
        header: String,
    },
    /// There is a header and nothing else.
    #[error("{}: no rows below the header", .0.display())]
    Empty(PathBuf),
}

/// A file's header and rows.
#[derive(Debug)]
pub(super) struct Table {
    path: PathBuf,
    header: Vec<String>,
    pub(super) rows: Vec<StringRecord>,
}

impl Table {
    /// Reads a file of at most [`files::LIMIT`] bytes.
    pub(super) fn read(path: &Path) -> Result<Self, TableError> {
        let content = files::read(path)?;
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content);
        let form = |source| TableError::Form { path: path.to_owned(), source };
        let mut reader = ReaderBuilder::new().trim(csv::Trim::All).from_reader(content);
        let header = reader.headers().map_err(form)?.iter().map(str::to_ascii_lowercase).collect();
        let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(form)?;
        if rows.is_empty() {
            return Err(TableError::Empty(path.to_owned()));
        }
        Ok(Self { path: path.to_owned(), header, rows })
    }

    /// Where a column stands.
    pub(super) fn find(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name == column)
    }

    /// Where a column stands that has to be there.
    pub(super) fn column(&self, column: &'static str) -> Result<usize, TableError> {
        let missing = || TableError::Column { path: self.path.clone(), column, header: self.header.join(", ") };
        self.find(column).ok_or_else(missing)
    }

    /// The columns and what `of` makes of their headers, where it makes anything of them: one at least.
    pub(super) fn columns<T>(&self, of: impl Fn(&str) -> Option<T>) -> Result<Vec<(usize, T)>, TableError> {
        let known: Vec<_> = self.header.iter().enumerate().filter_map(|(at, name)| Some((at, of(name)?))).collect();
        if known.is_empty() {
            return Err(TableError::NoColumn { path: self.path.clone(), header: self.header.join(", ") });
        }
        Ok(known)
    }

    /// What is wrong with a row.
    pub(super) fn wrong(&self, row: &StringRecord, problem: &'static str) -> TableError {
        let line = row.position().map_or(0, csv::Position::line);
        TableError::Value { path: self.path.clone(), line, problem }
    }
}
