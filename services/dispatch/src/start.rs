//! Puts the service together.

use std::sync::Arc;
use std::time::Duration;

use identifiers::{InvalidIdentifier, PhonePrefix};
use straznica_contracts::dispatch::v1::code_service_server::CodeServiceServer;
use straznica_contracts::dispatch::v1::notice_service_server::NoticeServiceServer;
use straznica_ephemeral::Ephemeral;
use straznica_journal::Footing;
use straznica_runtime::limits;
use straznica_runtime::service::{Closing, ReadinessCheck, ServiceContext, ServiceParts, StartError};
use straznica_types::Environment;
use tokio::sync::Notify;
use tonic::service::Routes;

use crate::app::{App, MessageReporter, Rules, Writes};
use crate::channel::Channel;
use crate::config::Config;
use crate::domain::{Destinations, MessageTemplates};
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::operators::Operators;
use crate::phones::Phones;
use crate::rpc::{CodeHandler, NoticeHandler};
use crate::spool::{Recorder, Reporter, Spool};
use crate::{Migrations, http, jobs};

/// A production node without a link to an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("dispatch.operators names no mobile operator; what stands in for one is for tests")]
struct NoOperator;

/// Opens the database, brings its schema up to date and puts the service's parts together. Nothing is served yet. Messages go to the configured operators; in a
/// test environment without any, to `stand_in`.
///
/// # Errors
/// [`StartError`] when the database, the journal's keys, the keys of codes, the addresses of short-lived state, the words of messages, the prefixes, the
/// operators or the providers of prompts cannot be used, or a production node has no operator.
pub async fn build(
    config: &Config,
    stand_in: Arc<dyn Channel>,
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
    let phones = Phones::open(&config.phones, context.environment, &clock)
        .map_err(|error| StartError::part("preparing the providers of prompts", error))?;
    let (asks, notified) = (!phones.is_empty(), phones.notify());
    let footing = Footing::open::<Migrations>(&config.database, &config.journal, context).await?;
    let (store, journal) = (footing.store.clone(), footing.journal.clone());

    let reporter: Arc<dyn Reporter> = Arc::new(MessageReporter(journal.clone()));
    let pause = Duration::from_millis(config.outbox.retry_ms);
    let recorder = Recorder::start(store.clone(), clock.clone(), reporter.clone(), pause);
    let operators = Operators::start(&config.operators, context.environment, &clock, &recorder)
        .map_err(|error| StartError::part("reading the operators", error))?;
    let channel: Arc<dyn Channel> = match (&operators, context.environment) {
        (Some(operators), _) => operators.clone(),
        (None, Environment::Test) => stand_in,
        (None, Environment::Production) => return Err(StartError::part("connecting to a mobile operator", NoOperator)),
    };
    let spool = Spool::new(store.clone(), clock.clone(), channel, recorder, config.outbox.clone());
    let app = Arc::new(App {
        writes: Writes::start(&store, &journal, &rules.limits),
        store,
        journal,
        ephemeral: ephemeral.clone(),
        clock,
        keys,
        phones,
        metrics: Metrics::new(),
        rules,
        spool: spool.clone(),
        notices: Notify::new(),
        prompts: Notify::new(),
    });

    let codes = CodeServiceServer::new(CodeHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let notices = NoticeServiceServer::new(NoticeHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let mut parts = footing.parts(Routes::new(codes).add_service(notices));
    parts.jobs.extend([
        jobs::pump(&app),
        jobs::look(&app, &reporter),
        jobs::feed_notices(&app),
        jobs::sweep(&app),
        jobs::alarm(&app),
    ]);
    if asks {
        parts.jobs.push(jobs::ask_phones(&app));
    }
    parts.http_open = notified.then(|| http::door(app.clone()));
    parts.readiness.push(short_lived(&app));
    parts.readiness.extend(operators.as_ref().map(Operators::readiness));
    let outbox = Closing::new("outbox", async move {
        if let Some(operators) = operators {
            operators.stop().await;
        }
        spool.close().await;
        Ok(())
    });
    // Before the database.
    parts.closing.insert(0, outbox);
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
        prompts: config.prompts.clone(),
        notices: config.notices.clone(),
        keep_days: config.keep_days,
    })
}
