//! Puts the service together.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use straznica_contracts::registry::v1::alert_service_server::AlertServiceServer;
use straznica_contracts::registry::v1::blank_service_server::BlankServiceServer;
use straznica_contracts::registry::v1::case_service_server::CaseServiceServer;
use straznica_contracts::registry::v1::consultation_network_service_server::ConsultationNetworkServiceServer as NetworkServer;
use straznica_contracts::registry::v1::consultation_service_server::ConsultationServiceServer;
use straznica_contracts::registry::v1::consulted_body_service_server::ConsultedBodyServiceServer;
use straznica_contracts::registry::v1::consumer_service_server::ConsumerServiceServer;
use straznica_contracts::registry::v1::decision_service_server::DecisionServiceServer;
use straznica_contracts::registry::v1::document_service_server::DocumentServiceServer;
use straznica_contracts::registry::v1::history_service_server::HistoryServiceServer;
use straznica_contracts::registry::v1::intake_service_server::IntakeServiceServer;
use straznica_contracts::registry::v1::merge_service_server::MergeServiceServer;
use straznica_contracts::registry::v1::person_service_server::PersonServiceServer;
use straznica_contracts::registry::v1::retention_service_server::RetentionServiceServer;
use straznica_contracts::registry::v1::search_service_server::SearchServiceServer;
use straznica_contracts::registry::v1::visa_service_server::VisaServiceServer;
use straznica_journal::{Context, Entry, Footing};
use straznica_runtime::job::Job;
use straznica_runtime::limits;
use straznica_runtime::service::{ServiceContext, ServiceParts, StartError};
use tonic::service::Routes;

use crate::Migrations;
use crate::app::{Alerts, App, FindingState, Network, VisaRegister};
use crate::config::Config;
use crate::domain::Purposes;
use crate::domain::calendar::Calendar;
use crate::domain::consultation::Body;
use crate::domain::consumer::{Consumers, ProfileError};
use crate::domain::intake::{MappingError, Mappings};
use crate::domain::retention::RetentionBook;
use crate::domain::rules::{RuleBook, RuleError};
use crate::jobs;
use crate::keys::PersonKeys;
use crate::rpc::{
    AlertHandler, BlankHandler, BodyHandler, CaseHandler, ConsultationHandler, ConsumerHandler, DecisionHandler,
    DocumentHandler, HistoryHandler, IntakeHandler, MergeHandler, NetworkHandler, PersonHandler, RetentionHandler,
    SearchHandler, VisaHandler,
};

/// How often it is looked whether a file was started.
const INTAKE_PERIOD: Duration = Duration::from_secs(1);

/// Why the law, a profile or a mapping cannot be read.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("{0} cannot be read")]
    File(std::path::PathBuf, #[source] std::io::Error),
    #[error("consultation.rest_bodies: {0} is not among consultation.bodies")]
    Body(Body),
    #[error(transparent)]
    Rules(#[from] RuleError),
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

/// Reads the law, opens the database, brings its schema up to date and puts the service's parts together. Nothing is served yet.
///
/// # Errors
/// [`StartError`] when a rule set, the holidays, the purposes, a profile of a consumer, a mapping, the keys, the database or the journal's keys cannot be used.
pub async fn build(config: &Config, context: &ServiceContext) -> Result<ServiceParts, StartError> {
    let law = |error| StartError::part("reading the law", error);
    let rules = rules(config.rules.as_deref()).await.map_err(law)?;
    let calendar = calendar(config.holidays.as_deref()).await.map_err(law)?;
    let law_digest = digest(&rules, &calendar);
    let retention = retention(config.retention.as_deref(), &rules).await.map_err(law)?;
    let purposes = Purposes::new(&config.purposes).map_err(|error| StartError::part("reading the purposes", error))?;
    let consumers = consumers(config.consumers.as_deref(), &purposes)
        .await
        .map_err(|error| StartError::part("reading the profiles of consumers", error))?;
    let mappings = mappings(config.mappings.as_deref())
        .await
        .map_err(|error| StartError::part("reading the mappings of files", error))?;
    let visas = config.visas.as_ref().map(|visas| VisaRegister::new(visas, &context.tls, context.clock.clone()));
    let visas = visas.transpose().map_err(|error| StartError::part("reaching the register of visas", error))?;
    let keys = PersonKeys::open(&config.person_keys)
        .map_err(|error| StartError::part("reading the keys of persons", error))?;
    let network = config.consultation.network.as_ref().map(|network| Network::new(network, &context.tls)).transpose();
    let network = network.map_err(|error| StartError::part("reaching the consultation network", error))?;
    if let Some(body) = config.consultation.rest_bodies.iter().find(|body| !config.consultation.bodies.contains(body)) {
        return Err(StartError::part("reading who is consulted", Unreadable::Body(body.clone())));
    }
    let alerts = Alerts::open(&config.alerts, &rules, context).await?;
    let footing = Footing::open::<Migrations>(&config.database, &config.journal, context).await?;
    // Who may read what is on record from the moment it holds.
    for profile in consumers.iter() {
        let detail = json!({ "consumer": profile.id, "profile": profile.digest });
        let entry = Entry::new("consumer.profile_loaded", Context::of_service("service/registry")).detail(detail);
        let recorded = footing.journal.record_read(entry).await;
        recorded.map_err(|error| StartError::part("recording the profiles of consumers", error))?;
    }
    let app = Arc::new(App {
        store: footing.store.clone(),
        journal: footing.journal.clone(),
        clock: context.clock.clone(),
        keys,
        finding: FindingState::default(),
        purposes,
        rules,
        calendar,
        law_digest,
        retention,
        consumers,
        mappings,
        bodies: config.consultation.bodies.clone(),
        rest_bodies: config.consultation.rest_bodies.clone(),
        network,
        visas,
        alerts,
    });
    let persons = PersonServiceServer::new(PersonHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let search = SearchServiceServer::new(SearchHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let merges = MergeServiceServer::new(MergeHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let cases = CaseServiceServer::new(CaseHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let decisions = DecisionServiceServer::new(DecisionHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let consumers = ConsumerServiceServer::new(ConsumerHandler { app: app.clone(), tls: context.tls.clone() });
    let consumers = consumers.max_decoding_message_size(limits::MESSAGE);
    let intakes = IntakeServiceServer::new(IntakeHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let visas = VisaServiceServer::new(VisaHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let documents = DocumentServiceServer::new(DocumentHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let blanks = BlankServiceServer::new(BlankHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let retention =
        RetentionServiceServer::new(RetentionHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let history = HistoryServiceServer::new(HistoryHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let routes = Routes::new(persons).add_service(search).add_service(merges).add_service(cases);
    let routes = routes.add_service(decisions).add_service(consumers).add_service(intakes).add_service(visas);
    let consultations = ConsultationServiceServer::new(ConsultationHandler(app.clone()));
    let consultations = consultations.max_decoding_message_size(limits::MESSAGE);
    let bodies = ConsultedBodyServiceServer::new(BodyHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let network = NetworkServer::new(NetworkHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let routes = routes.add_service(consultations).add_service(bodies).add_service(network);
    let checks = AlertServiceServer::new(AlertHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let routes = routes.add_service(documents).add_service(blanks).add_service(retention).add_service(history);
    let mut parts = footing.parts(routes.add_service(checks));
    parts.jobs.push(jobs::forget_alerts(&app, Duration::from_secs(config.alerts.forget_seconds.max(1))));
    parts.jobs.push(jobs::silence(&app, config.consultation.silence_seconds));
    if let Some(network) = &config.consultation.network {
        parts.jobs.extend(jobs::network(&app, network.poll_seconds));
    }
    parts.jobs.extend([jobs::make_findable(&app), jobs::compare_those_left(&app)]);
    parts.jobs.extend([jobs::count_cases(&app), jobs::erase_approved(&app), intake(app)]);
    Ok(parts)
}

/// Tells one law from another: SHA-256 over everything that was read.
fn digest(rules: &RuleBook, calendar: &Calendar) -> String {
    let read = format!("{rules:?}{calendar:?}");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, read.as_bytes());
    digest.as_ref().iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

async fn retention(file: Option<&Path>, law: &RuleBook) -> Result<RetentionBook, Unreadable> {
    let Some(file) = file else { return Ok(RetentionBook::built_in(law)?) };
    Ok(RetentionBook::parse(&file.display().to_string(), &read(file).await?, law)?)
}

async fn rules(directory: Option<&Path>) -> Result<RuleBook, Unreadable> {
    let Some(directory) = directory else { return Ok(RuleBook::built_in()?) };
    let files = files_in(directory).await?;
    Ok(RuleBook::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?)
}

async fn consumers(directory: Option<&Path>, purposes: &Purposes) -> Result<Consumers, Unreadable> {
    let Some(directory) = directory else { return Ok(Consumers::default()) };
    let files = files_in(directory).await?;
    Ok(Consumers::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str())), purposes)?)
}

async fn mappings(directory: Option<&Path>) -> Result<Mappings, Unreadable> {
    let Some(directory) = directory else { return Ok(Mappings::default()) };
    let files = files_in(directory).await?;
    Ok(Mappings::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?)
}

/// Takes in the rows of files that were started.
fn intake(app: Arc<App>) -> Job {
    Job::new("intake", move |stop| {
        let app = app.clone();
        async move {
            // A file may take an hour, and is left between two rows.
            while !stop.is_cancelled() {
                Box::pin(app.work_intakes(&|| stop.is_cancelled())).await?;
                tokio::select! {
                    () = stop.cancelled() => (),
                    () = tokio::time::sleep(INTAKE_PERIOD) => (),
                }
            }
            Ok(())
        }
    })
}

async fn files_in(directory: &Path) -> Result<Vec<(String, String)>, Unreadable> {
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
    Ok(files)
}

async fn calendar(file: Option<&Path>) -> Result<Calendar, Unreadable> {
    let Some(file) = file else { return Ok(Calendar::built_in()?) };
    Ok(Calendar::parse(&file.display().to_string(), &read(file).await?)?)
}

async fn read(path: &Path) -> Result<String, Unreadable> {
    tokio::fs::read_to_string(path).await.map_err(|error| Unreadable::File(path.to_owned(), error))
}
