//! `straznica journal`: is the record of every change and access what it was?

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use serde::Serialize;
use straznica_journal::verify::{self, Options, Report};
use straznica_journal::{Checkpoint, JournalError, NoteError, VerifierKey};
use straznica_runtime::config::{ConfigError, load};
use straznica_store::{Store, StoreConfig, StoreError};
use straznica_types::{SharedClock, SystemClock};

use super::Outcome;
use super::config::{SetError, sources};
use super::output::{self, OutputError};
use crate::arguments::{self, ServiceName};
use crate::config::NodeConfig;

/// Why a journal could not be verified or exported at all.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The configuration is not usable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `--set` without a value.
    #[error(transparent)]
    Set(#[from] SetError),
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// `--key` is no verifier key.
    #[error("--key: {0}")]
    Key(#[from] NoteError),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// A verification's report, for people too.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Verified(pub Report);

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &self.0;
        writeln!(f, "{} {}", report.origin, if report.valid { "is sound" } else { "IS NOT SOUND" })?;
        writeln!(f, "  {} entries, {} checkpoints, root {}", report.size, report.checkpoints, report.root)?;
        writeln!(f, "  cosigned by another service up to entry {}", report.cosigned_size)?;
        writeln!(f, "  {} entries not numbered yet, {} payloads erased on record", report.unsequenced, report.erased)?;
        if !report.key_given {
            writeln!(f, "  the log's key was taken from the journal itself: its owner could have written both")?;
        }
        for finding in &report.findings {
            writeln!(f, "  {finding}")?;
        }
        let unlisted = report.findings_total.saturating_sub(report.findings.len() as u64);
        if unlisted > 0 {
            writeln!(f, "  and {unlisted} more")?;
        }
        Ok(())
    }
}

/// Runs the command.
///
/// # Errors
/// When a journal cannot be read; one that is not sound is an answer.
pub async fn run(command: arguments::Journal) -> Result<Outcome, CommandError> {
    match command {
        arguments::Journal::Verify { service, database, export, key, json, sources } => {
            let key = key.map(|key| key.parse::<VerifierKey>()).transpose()?;
            let report = match (service, database, export, key) {
                (Some(service), ..) => {
                    let config = configuration(&sources)?;
                    Box::pin(verify_service(&config, service, &SystemClock::shared())).await?
                }
                (None, Some(url), _, key) => verify_database(url, key).await?,
                (None, None, Some(path), key) => verify_export(&path, key)?,
                // the parser of the command line requires one of the three
                (None, None, None, _) => return Ok(Outcome::No),
            };
            let sound = report.valid;
            output::report(json, &Verified(report))?;
            Ok(if sound { Outcome::Yes } else { Outcome::No })
        }
        arguments::Journal::Export { service, to, sources } => {
            let config = configuration(&sources)?;
            let entries = export(&config, service, &to).await?;
            output::line(&format!("{entries} entries written to {}", to.display()))?;
            Ok(Outcome::Yes)
        }
    }
}

fn configuration(options: &arguments::Sources) -> Result<NodeConfig, CommandError> {
    let mut config: NodeConfig = load(&sources(options)?)?;
    let folder = config.data_dir.clone();
    config.settle(&folder).map_err(|source| CommandError::File { path: folder, source })?;
    Ok(config)
}

struct Opened {
    store: Store,
    journal: straznica_journal::Journal,
}

async fn open(config: &NodeConfig, service: ServiceName, clock: &SharedClock) -> Result<Opened, CommandError> {
    let store = Store::connect(config.database(service), clock.clone()).await?;
    let journal = straznica_journal::Journal::open(store.clone(), config.journal(service), clock.clone()).await?;
    Ok(Opened { store, journal })
}

/// Verifies the journals of a node's services, each held against what the others remember of it.
///
/// # Errors
/// When one cannot be read.
pub async fn verify_node(
    config: &NodeConfig,
    clock: &SharedClock,
) -> Result<Vec<(ServiceName, Verified)>, CommandError> {
    let mut journals = Vec::new();
    for service in ServiceName::IN_ORDER {
        journals.push((service, open(config, service, clock).await?));
    }
    let mut known: Vec<Checkpoint> = Vec::new();
    for (_, opened) in &journals {
        known.extend(opened.journal.witnessed().await?);
    }
    let mut reports = Vec::new();
    for (service, Opened { store, journal }) in &journals {
        let known = known.iter().filter(|checkpoint| checkpoint.origin == journal.origin()).cloned().collect();
        let options = Options { known, log_key: Some(journal.verifier_key().clone()), ..Options::default() };
        reports.push((*service, Verified(verify::verify_database(store, &options).await?)));
    }
    Ok(reports)
}

/// Verifies the journal of one service.
///
/// # Errors
/// When it cannot be read.
pub async fn verify_service(
    config: &NodeConfig,
    service: ServiceName,
    clock: &SharedClock,
) -> Result<Report, CommandError> {
    let Opened { store, journal } = open(config, service, clock).await?;
    let options = Options { log_key: Some(journal.verifier_key().clone()), ..Options::default() };
    Ok(verify::verify_database(&store, &options).await?)
}

async fn verify_database(url: String, key: Option<VerifierKey>) -> Result<Report, CommandError> {
    let store = Store::connect(&StoreConfig::new(url), SystemClock::shared()).await?;
    Ok(verify::verify_database(&store, &Options { log_key: key, ..Options::default() }).await?)
}

fn verify_export(path: &Path, key: Option<VerifierKey>) -> Result<Report, CommandError> {
    let failed = |source| CommandError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    verify::verify_export(BufReader::new(file), &Options { log_key: key, ..Options::default() }).map_err(failed)
}

async fn export(config: &NodeConfig, service: ServiceName, to: &Path) -> Result<u64, CommandError> {
    let Opened { store, journal } = open(config, service, &SystemClock::shared()).await?;
    let file = tokio::fs::OpenOptions::new().write(true).create_new(true).open(to).await;
    let file = file.map_err(|source| CommandError::File { path: to.to_owned(), source })?;
    Ok(verify::export(&store, journal.verifier_key(), tokio::io::BufWriter::new(file)).await?)
}

/// Alters an entry of spoc's journal as somebody with the database in hand could: what the demonstration sabotages.
///
/// # Errors
/// When the database cannot be written.
pub async fn alter(config: &NodeConfig, clock: &SharedClock) -> Result<(), CommandError> {
    use sea_orm::ConnectionTrait;
    let store = Store::connect(config.database(ServiceName::Spoc), clock.clone()).await?;
    let statement = "UPDATE journal SET officer = 'SG-00000' WHERE kind = 'ta_signature.issued'";
    let altered: Result<_, StoreError> =
        store.write_tx(async |tx| Ok(tx.execute_unprepared(statement).await?.rows_affected())).await;
    altered?;
    Ok(())
}
