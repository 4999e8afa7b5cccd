//! Reports on standard output, as JSON or as text for people.

use std::fmt::Display;
use std::io::Write;

use serde::Serialize;

/// Nothing can be printed.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Standard output is closed or full.
    #[error("cannot write: {0}")]
    Write(#[from] std::io::Error),
    /// A report is not representable as JSON.
    #[error("cannot encode: {0}")]
    Json(#[from] serde_json::Error),
}

/// Prints a report: one line of JSON, or its own text.
///
/// # Errors
/// When standard output takes no more.
pub fn report(json: bool, report: &(impl Serialize + Display)) -> Result<(), OutputError> {
    if json { line(&serde_json::to_string(report)?) } else { line(&report.to_string()) }
}

/// Prints text, ending it with one line break.
///
/// # Errors
/// As [`report`].
pub fn line(text: &str) -> Result<(), OutputError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text.trim_end_matches('\n'))?;
    out.flush()?;
    Ok(())
}
