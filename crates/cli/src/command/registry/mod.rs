//! `straznica registry`: the register of aliens from somebody's own desk, a file a group of commands.

mod accesses;
mod alerts;
mod cases;
mod consultations;
mod desk;
mod find;
mod intakes;
mod papers;
mod persons;
mod retention;
mod rules;
mod visas;

use super::operator::OperatorError;
use super::output::OutputError;
use super::{Outcome, files, spoc, table};
use crate::arguments::Registry;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A file or directory cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is to be sent cannot be read, or is too large.
    #[error(transparent)]
    Intake(#[from] files::FileError),
    /// A directory of rule sets, or a file of days off, that is not sound.
    #[error(transparent)]
    Rules(#[from] straznica_registry::domain::rules::RuleError),
    /// Standard input cannot be read.
    #[error("cannot read who is looked for: {0}")]
    Input(std::io::Error),
    /// A text is neither a day nor an instant.
    #[error(transparent)]
    When(#[from] spoc::when::InvalidWhen),
    /// registry was not reached as an operator.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// registry refused, or did not answer.
    #[error("registry: {} ({:?})", .0.message(), .0.code())]
    Rpc(Box<tonic::Status>),
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl RegistryError {
    /// Whether a file could not be read as what it should be.
    pub(super) const fn is_about_a_file(&self) -> bool {
        matches!(self, Self::File { .. } | Self::Intake(_) | Self::Rules(_))
    }
}

impl From<tonic::Status> for RegistryError {
    fn from(status: tonic::Status) -> Self {
        Self::Rpc(Box::new(status))
    }
}

/// Runs the command.
///
/// # Errors
/// [`RegistryError`]
pub async fn run(command: Registry) -> Result<Outcome, RegistryError> {
    match command {
        Registry::Persons(command) => persons::run(command).await?,
        Registry::Cases(command) => cases::run(command).await?,
        Registry::Consultations(command) => consultations::run(command).await?,
        Registry::Worklist { case_type, limit, desk } => cases::worklist(case_type, limit, desk).await?,
        Registry::Find(command) => find::run(command).await?,
        Registry::Duplicates { limit, desk } => find::duplicates(limit, desk).await?,
        Registry::Merges { person, desk } => find::merges(person, desk).await?,
        Registry::Documents { id, desk } => papers::documents(id, desk).await?,
        Registry::Visas { id, desk } => return visas::run(id, desk).await,
        Registry::Intakes(command) => return intakes::run(command).await,
        Registry::Blanks { office, kind, desk } => return papers::blanks(office, kind, desk).await,
        Registry::Alerts(command) => alerts::run(command).await?,
        Registry::Retention(command) => retention::run(command).await?,
        Registry::Rules(command) => return rules::run(&command),
        Registry::Holidays { year, file, json } => rules::holidays(year, file.as_deref(), json)?,
    }
    Ok(Outcome::Yes)
}
