//! `straznica spoc`: an operator's side of the exchange with other states, a file a group of commands.

mod certificates;
mod desk;
mod holders;
mod messages;
mod partners;
mod registration;
mod renewals;
mod requests;
pub(super) mod when;

use super::files::{FileError, UnknownForm};
use super::operator::OperatorError;
use super::output::OutputError;
use super::table;
use crate::arguments::Spoc;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum SpocError {
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file is in no known form.
    #[error(transparent)]
    Form(#[from] UnknownForm),
    /// A registration does not say what it has to.
    #[error(transparent)]
    Registration(#[from] registration::RegistrationError),
    /// A text is neither a day nor an instant.
    #[error(transparent)]
    When(#[from] when::InvalidWhen),
    /// A value of a template without its name.
    #[error("{0}: NAME=VALUE is needed")]
    Parameter(String),
    /// spoc was not reached as an operator, or refused.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// What was to be confirmed is not there.
    #[error("no proposal {0} is open: it was confirmed or taken back, or a later one took its place")]
    NoProposal(String),
    /// The program comes without it.
    #[error("no profile {0} comes with this program")]
    NoProfile(&'static str),
    /// spoc answered with less than its contract promises.
    #[error("spoc answered without {0}")]
    Incomplete(&'static str),
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl From<tonic::Status> for SpocError {
    fn from(status: tonic::Status) -> Self {
        Self::Operator(status.into())
    }
}

/// Runs the command.
///
/// # Errors
/// [`SpocError`]
pub async fn run(command: Spoc) -> Result<(), SpocError> {
    match command {
        Spoc::Partners(command) => partners::run(command).await,
        Spoc::Requests(command) => requests::run(command).await,
        Spoc::Holders(command) => holders::run(command).await,
        Spoc::Certificates(command) => certificates::run(command).await,
        Spoc::Renewals(command) => renewals::run(command).await,
        Spoc::Messages(command) => messages::run(command).await,
    }
}
