//! Puts the service together.

use std::path::Path;
use std::sync::Arc;

use straznica_contracts::registry::v1::case_service_server::CaseServiceServer;
use straznica_contracts::registry::v1::person_service_server::PersonServiceServer;
use straznica_journal::Footing;
use straznica_runtime::limits;
use straznica_runtime::service::{ServiceContext, ServiceParts, StartError};
use tonic::service::Routes;

use crate::Migrations;
use crate::app::App;
use crate::config::Config;
use crate::domain::Purposes;
use crate::domain::calendar::Calendar;
use crate::domain::rules::{RuleBook, RuleError};
use crate::keys::PersonKeys;
use crate::rpc::{CaseHandler, PersonHandler};

/// Why the law cannot be read.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("{0} cannot be read")]
    File(std::path::PathBuf, #[source] std::io::Error),
    #[error(transparent)]
    Rules(#[from] RuleError),
}

/// Reads the law, opens the database, brings its schema up to date and puts the service's parts together. Nothing is served yet.
///
/// # Errors
/// [`StartError`] when a rule set, the holidays, the purposes, the keys, the database or the journal's keys cannot be used.
pub async fn build(config: &Config, context: &ServiceContext) -> Result<ServiceParts, StartError> {
    let law = |error| StartError::part("reading the law", error);
    let rules = rules(config.rules.as_deref()).await.map_err(law)?;
    let calendar = calendar(config.holidays.as_deref()).await.map_err(law)?;
    let purposes = Purposes::new(&config.purposes).map_err(|error| StartError::part("reading the purposes", error))?;
    let keys = PersonKeys::open(&config.person_keys)
        .map_err(|error| StartError::part("reading the keys of persons", error))?;
    let footing = Footing::open::<Migrations>(&config.database, &config.journal, context).await?;
    let app = Arc::new(App {
        store: footing.store.clone(),
        journal: footing.journal.clone(),
        clock: context.clock.clone(),
        keys,
        purposes,
        rules,
        calendar,
    });
    let persons = PersonServiceServer::new(PersonHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let cases = CaseServiceServer::new(CaseHandler(app)).max_decoding_message_size(limits::MESSAGE);
    Ok(footing.parts(Routes::new(persons).add_service(cases)))
}

async fn rules(directory: Option<&Path>) -> Result<RuleBook, Unreadable> {
    let Some(directory) = directory else { return Ok(RuleBook::built_in()?) };
    let unreadable = |error| Unreadable::File(directory.to_owned(), error);
    let mut entries = tokio::fs::read_dir(directory).await.map_err(unreadable)?;
    let mut files = Vec::new();
    while let Some(entry) = entries.next_entry().await.map_err(unreadable)? {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push((path.display().to_string(), read(&path).await?));
        }
    }
    // In the order of their names, so that the same mistake is told first each time.
    files.sort();
    Ok(RuleBook::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?)
}

async fn calendar(file: Option<&Path>) -> Result<Calendar, Unreadable> {
    let Some(file) = file else { return Ok(Calendar::built_in()?) };
    Ok(Calendar::parse(&file.display().to_string(), &read(file).await?)?)
}

async fn read(path: &Path) -> Result<String, Unreadable> {
    tokio::fs::read_to_string(path).await.map_err(|error| Unreadable::File(path.to_owned(), error))
}
