//! `straznica cvc`: CV certificates from files.

use std::path::{Path, PathBuf};

use cvc::certificate::Certificate;
use cvc::input::{InputError, Object};
use cvc::policy::TR_03139;
use cvc::report::{ShowReport, VerifyReport};
use cvc::verify::VerifyOptions;

use super::files::{self, FileError};
use super::output::{self, OutputError};
use super::{Outcome, day};
use crate::arguments::{Cvc, Policy};

/// Why a file gives no answer. Exit status 2.
#[derive(Debug, thiserror::Error)]
pub enum CvcError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It holds nothing of TR-03110.
    #[error("{}: {source}", path.display())]
    Input {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: InputError,
    },
    /// It holds a request where a certificate is needed.
    #[error("{}: a request, not a certificate", .0.display())]
    NotACertificate(PathBuf),
    /// `--at` is no date.
    #[error(transparent)]
    Day(#[from] day::DayError),
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Runs the command.
///
/// # Errors
/// When a file is unreadable; a certificate that is not valid is an answer.
pub fn run(command: Cvc) -> Result<Outcome, CvcError> {
    match command {
        Cvc::Show { json, file } => {
            output::report(json, &ShowReport::new(&object(&file)?))?;
            Ok(Outcome::Yes)
        }
        Cvc::Verify { trust, at, policy, json, files } => {
            let at = day::or_today(at.as_deref())?;
            let policy = policy.map(|policy| match policy {
                Policy::Tr03139 => &TR_03139,
            });
            let (trust, presented) = (certificates(&trust)?, certificates(&files)?);
            let report = VerifyReport::verify(&trust, &presented, &VerifyOptions { at, policy });
            output::report(json, &report)?;
            Ok(if report.valid { Outcome::Yes } else { Outcome::No })
        }
    }
}

fn certificates(paths: &[PathBuf]) -> Result<Vec<Certificate>, CvcError> {
    paths
        .iter()
        .map(|path| match object(path)? {
            Object::Certificate(certificate) => Ok(certificate),
            Object::Request(_) | Object::AuthenticatedRequest(_) => Err(CvcError::NotACertificate(path.clone())),
        })
        .collect()
}

fn object(path: &Path) -> Result<Object, CvcError> {
    Object::from_file(&files::read(path)?).map_err(|source| CvcError::Input { path: path.to_owned(), source })
}
