//! `straznica passport verify`: passive authentication of files read from a document.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use emrtd::country::Environment;
use emrtd::inspection::Verdict;
use emrtd::report::{PassportError, PassportFiles, verify_passport};
use time::Time;

use super::files::{self, FileError, UnknownForm};
use super::output::{self, OutputError};
use super::{Outcome, day};
use crate::arguments::{Passport, PassportVerify};

/// Why there is no verdict. Exit status 2.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file is in no known form.
    #[error(transparent)]
    Form(#[from] UnknownForm),
    /// `--dg` is not `N=FILE`.
    #[error("--dg {0}: write it as N=FILE with N from 1 to 16, e.g. --dg 1=dg1.bin")]
    DataGroup(String),
    /// A data group is named twice.
    #[error("--dg {0} is given twice")]
    Twice(u8),
    /// Anchors without lists.
    #[error("--ml-anchor vouches for nothing without --master-list")]
    AnchorWithoutList,
    /// `--at` is no date.
    #[error(transparent)]
    Day(#[from] day::DayError),
    /// What was read is not what it should be.
    #[error(transparent)]
    Passport(#[from] PassportError),
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Runs the command.
///
/// # Errors
/// When a file is unreadable; a document that is not genuine is an answer.
pub fn run(command: Passport) -> Result<Outcome, VerifyError> {
    let Passport::Verify(options) = command;
    let PassportVerify { sod, data_groups, com, csca, master_list, ml_anchor, crl, at, json } = *options;
    if !ml_anchor.is_empty() && master_list.is_empty() {
        return Err(VerifyError::AnchorWithoutList);
    }
    // the middle of the day: a certificate issued or ending on it counts as valid
    let at = day::or_today(at.as_deref())?.with_time(Time::from_hms(12, 0, 0).unwrap_or(Time::MIDNIGHT)).assume_utc();
    let (sod, com) = (content(&sod)?, com.as_deref().map(content).transpose()?);
    let groups = read_data_groups(&data_groups)?;
    let (cscas, lists, anchors, crls) =
        (contents(&csca)?, contents(&master_list)?, contents(&ml_anchor)?, contents(&crl)?);
    let files = PassportFiles {
        sod: &sod,
        data_groups: groups.iter().map(|(number, content)| (*number, content.as_slice())).collect(),
        com: com.as_deref(),
        cscas: slices(&cscas),
        master_lists: slices(&lists),
        anchors: slices(&anchors),
        crls: slices(&crls),
    };
    // Specimens of invented states may be studied too: the report names the state.
    let report = verify_passport(&files, Environment::Test, at)?;
    output::report(json, &report)?;
    Ok(match report.verdict {
        Verdict::Genuine => Outcome::Yes,
        Verdict::NotGenuine => Outcome::No,
        Verdict::Undetermined => Outcome::Undetermined,
    })
}

fn content(path: impl AsRef<Path>) -> Result<Vec<u8>, VerifyError> {
    let path = path.as_ref();
    Ok(files::decode(path, files::read(path)?)?)
}

fn contents(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, VerifyError> {
    paths.iter().map(content).collect()
}

fn slices(contents: &[Vec<u8>]) -> Vec<&[u8]> {
    contents.iter().map(Vec::as_slice).collect()
}

fn read_data_groups(options: &[String]) -> Result<BTreeMap<u8, Vec<u8>>, VerifyError> {
    let mut groups = BTreeMap::new();
    for option in options {
        let malformed = || VerifyError::DataGroup(option.clone());
        let (number, path) = option.split_once('=').ok_or_else(malformed)?;
        let number: u8 = number.parse().ok().filter(|number| (1..=16).contains(number)).ok_or_else(malformed)?;
        if groups.insert(number, content(path)?).is_some() {
            return Err(VerifyError::Twice(number));
        }
    }
    Ok(groups)
}
