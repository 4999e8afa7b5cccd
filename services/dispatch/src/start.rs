//! Puts the service together.

use std::sync::Arc;
use std::time::Duration;

use identifiers::{InvalidIdentifier, PhonePrefix};
use straznica_contracts::dispatch::v1::code_service_server::CodeServiceServer;
use straznica_ephemeral::Ephemeral;
use straznica_journal::Journal;
use straznica_pki::PeerIdentity;
use straznica_runtime::limits;
use straznica_runtime::service::{Closing, ReadinessCheck, ServiceContext, ServiceParts, StartError};
use straznica_store::{Store, migrate};
use tokio::sync::Notify;
use tonic::service::Routes;

use crate::app::{App, Rules};
use crate::channel::Channel;
use crate::config::Config;
use crate::domain::{Destinations, MessageTemplates};
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::rpc::CodeHandler;
use crate::{Migrations, jobs};

/// Opens the database, brings its schema up to date and puts the service's parts together. Nothing is served yet. Messages go out through `channel`.
///
/// # Errors
/// [`StartError`] when the database, the journal's keys, the keys of codes, the addresses of short-lived state, the words of messages or the prefixes
/// cannot be used.
pub async fn build(
    config: &Config,
    channel: Arc<dyn Channel>,
    context: &ServiceContext,
) -> Result<ServiceParts, StartError> {
    let clock = context.clock.clone();
    let rules = rules(config)?;
    let keys = Keys::open(&config.keys).map_err(|error| StartError::part("reading the keys of codes", error))?;
    let ephemeral = Ephemeral::open(&config.ephemeral, clock.clone())
        .map_err(|error| StartError::part("preparing short-lived state", error))?;
    let store = Store::connect(&config.database, clock.clone())
        .await
        .map_err(|error| StartError::part("opening the database", error))?;
    migrate::<Migrations>(&store).await.map_err(|error| StartError::part("bringing the schema up to date", error))?;
    let journal = Journal::open(store.clone(), &config.journal, clock.clone())
        .await
        .map_err(|error| StartError::part("opening the journal", error))?;

    let app = Arc::new(App {
        store: store.clone(),
        journal: journal.clone(),
        ephemeral: ephemeral.clone(),
        clock,
        keys,
        channel,
        metrics: Metrics::new(),
        rules,
        outbox: Notify::new(),
    });

    let codes = CodeServiceServer::new(CodeHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let peer = |extensions: &tonic::Extensions| extensions.get::<Arc<PeerIdentity>>().map(ToString::to_string);
    let servers = straznica_journal::rpc::servers(&journal, Arc::new(peer));
    let grpc = Routes::new(codes).add_service(servers.journal).add_service(servers.witness).add_service(servers.events);
    Ok(ServiceParts {
        grpc,
        jobs: vec![
            jobs::sequence(&journal),
            jobs::forget_events(&journal, &context.clock, Duration::from_secs(u64::from(config.event_days) * 86_400)),
            jobs::submit(&app),
            jobs::sweep(&app),
            jobs::alarm(&app),
        ],
        readiness: vec![database(&store), short_lived(&app)],
        closing: vec![Closing::new("database", async move { Ok(store.close().await?) })],
        ..ServiceParts::default()
    })
}

fn database(store: &Store) -> ReadinessCheck {
    let asked = store.clone();
    ReadinessCheck::new("database", move || {
        let store = asked.clone();
        async move { Ok(store.ping().await?) }
    })
}

/// Without short-lived state nothing is sent or compared.
fn short_lived(app: &Arc<App>) -> ReadinessCheck {
    let asked = app.clone();
    ReadinessCheck::new("short_lived_state", move || {
        let app = asked.clone();
        async move {
            app.ephemeral.get(&app.keys.place("readiness", &[])).await?;
            Ok(())
        }
    })
}

fn rules(config: &Config) -> Result<Rules, StartError> {
    let prefixes = |list: &[String]| {
        list.iter().map(|text| PhonePrefix::parse(text)).collect::<Result<Vec<_>, InvalidIdentifier>>()
    };
    let unusable = |error| StartError::part("reading the prefixes of phone numbers", error);
    Ok(Rules {
        limits: config.limits.clone(),
        rates: config.rates.clone(),
        destinations: Destinations {
            foreign: prefixes(&config.destinations.foreign).map_err(unusable)?,
            blocked: prefixes(&config.destinations.blocked).map_err(unusable)?,
        },
        templates: MessageTemplates::new(&config.messages.texts, &config.messages.language)
            .map_err(|error| StartError::part("reading the words of messages", error))?,
        outbox: config.outbox.clone(),
        keep_days: config.keep_days,
    })
}
