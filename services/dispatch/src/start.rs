//! Puts the service together.

use std::sync::Arc;

use identifiers::{InvalidIdentifier, PhonePrefix};
use straznica_contracts::dispatch::v1::code_service_server::CodeServiceServer;
use straznica_ephemeral::Ephemeral;
use straznica_journal::Footing;
use straznica_runtime::limits;
use straznica_runtime::service::{ReadinessCheck, ServiceContext, ServiceParts, StartError};
use straznica_types::Environment;
use tokio::sync::Notify;
use tonic::service::Routes;

use crate::app::{App, Rules, Writes};
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
    if context.environment == Environment::Production && config.ephemeral.crosses_network_in_clear() {
        return Err(StartError::part("preparing short-lived state", InClear));
    }
    let ephemeral = Ephemeral::open(&config.ephemeral, clock.clone())
        .map_err(|error| StartError::part("preparing short-lived state", error))?;
    let footing = Footing::open::<Migrations>(&config.database, &config.journal, context).await?;

    let app = Arc::new(App {
        writes: Writes::start(&footing.store, &footing.journal, &rules.limits),
        store: footing.store.clone(),
        journal: footing.journal.clone(),
        ephemeral: ephemeral.clone(),
        clock,
        keys,
        channel,
        metrics: Metrics::new(),
        rules,
        outbox: Notify::new(),
    });

    let codes = CodeServiceServer::new(CodeHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let mut parts = footing.parts(Routes::new(codes));
    parts.jobs.extend([jobs::submit(&app), jobs::sweep(&app), jobs::alarm(&app)]);
    parts.readiness.push(short_lived(&app));
    Ok(parts)
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

/// Short-lived state of a production node would leave the machine without TLS.
#[derive(Debug, thiserror::Error)]
#[error("a production node speaks to Redis over TLS (rediss://), or to one on this machine")]
struct InClear;

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
