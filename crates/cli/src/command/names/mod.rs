//! `straznica names`: names of people compared, what that is worth, and records of people linked.

mod compare;
mod evaluate;
mod link;
mod table;

use names::person::{Assignment, Options, TooManyPairs};

use self::table::TableError;
use super::Outcome;
use super::output::OutputError;
use crate::arguments::Names;

/// Why there is no answer. Exit status 2.
#[derive(Debug, thiserror::Error)]
pub enum NamesError {
    /// A file is not what it should be.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Two files are too alike or too large.
    #[error(transparent)]
    Link(#[from] TooManyPairs),
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Runs the command.
///
/// # Errors
/// When a file cannot be read as what it should be.
pub fn run(command: &Names) -> Result<Outcome, NamesError> {
    match command {
        Names::Compare { first, second, json } => compare::run(first, second, *json)?,
        Names::Evaluate { file, json } => evaluate::run(file, *json)?,
        Names::Link { first, second, many, threshold, json } => {
            let assignment = if *many { Assignment::Many } else { Assignment::OneToOne };
            link::run(first, second, Options { assignment, threshold: *threshold }, *json)?;
        }
    }
    Ok(Outcome::Yes)
}
