//! `straznica spoc conformance`: a SPOC held against the published list, another state's or our own.

mod itself;
mod partner;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use straznica_conformance::dossier::{self, DossierError};
use straznica_conformance::{Case, Holders, Progress, Report, Verdict};
use straznica_types::{Clock as _, SystemClock};

use super::Outcome;
use super::output::{self, OutputError};
use crate::arguments::Conformance;
use crate::demo::DemoError;

/// Why the list could not be run.
#[derive(Debug, thiserror::Error)]
pub enum ConformanceError {
    /// The profile or the tester.
    #[error(transparent)]
    Dossier(#[from] DossierError),
    /// The tester's certificates.
    #[error(transparent)]
    Certificates(#[from] exchange::development::DevelopmentError),
    /// The tester's CVCA.
    #[error(transparent)]
    Cvca(#[from] straznica_conformance::cvca::MakingError),
    /// The tester's server.
    #[error(transparent)]
    Callback(#[from] straznica_conformance::callbacks::CallbackError),
    /// The target's URL.
    #[error(transparent)]
    Address(#[from] straznica_conformance::network::NoAddress),
    /// The target's edition of the standard.
    #[error(transparent)]
    Edition(#[from] exchange::profile::ProfileError),
    /// The target's edition of the standard has no such name and is no file.
    #[error("{0}: neither a profile that is built in nor a file")]
    NoEdition(String),
    /// The target's roots.
    #[error(transparent)]
    Root(#[from] exchange::identity::RootError),
    /// A port.
    #[error("cannot listen at {at}: {source}")]
    Listen {
        /// Which.
        at: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// What a profile asks for cannot be had.
    #[error("{}: {source}", path.display())]
    Profile {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Box<ConformanceError>,
    },
    /// The throw-away node.
    #[error("the throw-away node: {0}")]
    Node(#[from] DemoError),
    /// The report cannot be written.
    #[error("{}: {source}", path.display())]
    Report {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The report cannot be encoded.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Runs the command. [`Outcome::No`] when a case failed or none could be run.
///
/// # Errors
/// [`ConformanceError`] when the list could not be run.
pub async fn run(options: &Conformance) -> Result<Outcome, ConformanceError> {
    let now = SystemClock.now();
    if let (Some(directory), Some(country)) = (&options.prepare, options.country) {
        let holders = Holders {
            automatic: "DVKITONE".to_owned(),
            second: Some("DVKITTWO".to_owned()),
            two_person: Some("DVKITWAIT".to_owned()),
        };
        dossier::prepare(directory, country, &holders, now, straznica_conformance::bench::today(now))?;
        output::line(&partner::told(directory, country, &holders)?)?;
        return Ok(Outcome::Yes);
    }
    let wanted = |case: &Case| options.only.as_deref().is_none_or(|prefix| case.id.starts_with(prefix));
    let (of, report) = match &options.partner {
        Some(path) => {
            let profile = dossier::read_profile(path)?;
            let of = format!("the SPOC of {}", profile.country);
            let ran = partner::run(profile, path.parent().unwrap_or(Path::new(".")), wanted).await;
            (of, ran.map_err(|source| ConformanceError::Profile { path: path.clone(), source: Box::new(source) })?)
        }
        None => ("this software".to_owned(), Box::pin(itself::run(wanted)).await?.without_excuses()),
    };
    if let Some(path) = &options.report {
        let failed = |source| ConformanceError::Report { path: path.clone(), source };
        std::fs::write(path, report.to_markdown(&of)).map_err(failed)?;
    }
    output::line(&if options.json { report.to_json()? } else { readable(&report) })?;
    Ok(if report.holds() { Outcome::Yes } else { Outcome::No })
}

/// For the failure to listen at an address.
fn cannot_listen(at: SocketAddr) -> impl FnOnce(io::Error) -> ConformanceError {
    move |source| ConformanceError::Listen { at, source }
}

/// What failed, what could not be run, and how many passed.
fn readable(report: &Report) -> String {
    let mut text = String::new();
    for (entry, got) in report.failures() {
        text += &format!(
            "FAILED   {} over {}: expected {}, got {got}\n         {} ({})\n",
            entry.case.id,
            entry.over(),
            entry.expected,
            entry.case.title,
            entry.case.source
        );
    }
    for (entry, why) in report.not_applicable() {
        text += &format!("not run  {} over {}: {why}\n", entry.case.id, entry.over());
    }
    text + &report.headline()
}

/// A line a case, for whoever waits.
fn watch(progress: Progress<'_>) {
    if let Progress::Ended(entry) = progress {
        let mark = match entry.verdict {
            Verdict::Passed { .. } => "passed ",
            Verdict::Failed { .. } => "FAILED ",
            Verdict::NotApplicable { .. } => "not run",
        };
        eprintln!("{mark} {} {}", entry.over(), entry.case.id);
    }
}
