//! The gateway: REST for the Border Guard's terminals, the only door into the suite.
//!
//! It promises that
//! - a terminal is who its client certificate says, enrolled by an operator and not suspended at this very request;
//! - every address has a row in one authorisation table (`rest/routes.rs`), and what has none is refused;
//! - fingerprints and irises go no further than here: a request that carries them is refused before they are decoded;
//! - what a caller gets is described, in one OpenAPI document made from the code ([`openapi`]), and every refusal is a problem document with a
//!   stable code;
//! - a repeated `POST /v1/inspections` under the same `Idempotency-Key` is done once;
//! - a person is whom a login provider, or on a test node a local account, vouches for; their session is known by its digest, ends by itself, and what they may do is
//!   asked of identity at every request;
//! - nothing of a traveller, a citizen or a document reaches its database, its logs or its error texts in clear.
//!
//! It decides nothing about documents: identity does, and spoc holds the keys. Start reading at `rest/routes.rs`, then a file of
//! `rest/handlers/`, then the file of the same name in `app/`.

mod app;
pub mod calendar;
pub mod config;
mod domain;
mod error;
mod jobs;
mod metrics;
mod rest;
mod store;

use std::time::Duration;

use straznica_journal::Footing;
use straznica_runtime::{
    channel::{self, ChannelConfig},
    service::{ServiceContext, ServiceParts, StartError},
};
use straznica_types::Environment;
use tonic::service::Routes;

pub use app::people::sessions::LOCAL_ISSUER;
pub use config::Config;

use app::{
    Gateway,
    people::oidc::Providers,
    upstream::{Channels, Upstreams},
};
use store::migrations::Migrations;

/// Opens the database and puts the service together; the runtime serves it.
///
/// # Errors
/// [`StartError`] when the database, the journal's keys or a channel's configuration do not hold up.
pub async fn build(config: &Config, context: &ServiceContext) -> Result<ServiceParts, StartError> {
    let failed = |what| move |failure| StartError::part(what, failure);
    if context.environment == Environment::Production && config.people.accounts.enabled {
        return Err(StartError::part("switching on local accounts", AccountsInProduction));
    }
    let clock = context.clock.clone();
    let footing = Footing::open::<Migrations>(&config.database, &config.journal, context).await?;
    let journal = footing.journal.clone();
    let perhaps = |name, channel: &ChannelConfig| match channel.address.as_str() {
        "" => Ok(None),
        _ => channel::connect(name, channel, &context.tls).map(Some),
    };
    let dispatch = perhaps("dispatch", &config.dispatch).map_err(failed("the channel to dispatch"))?;
    let registry = perhaps("registry", &config.registry).map_err(failed("the channel to registry"))?;
    let patient = config.registry.timeout_ms.max(FILE_TIME_MS);
    let files = ChannelConfig { timeout_ms: patient, ..config.registry.clone() };
    let files = perhaps("registry", &files).map_err(failed("the channel to registry for files"))?;
    let identity =
        channel::connect("identity", &config.identity, &context.tls).map_err(failed("the channel to identity"))?;
    let spoc = channel::connect("spoc", &config.spoc, &context.tls).map_err(failed("the channel to spoc"))?;
    let patient = ChannelConfig { timeout_ms: config.spoc.timeout_ms.max(OPERATORS_TIME_MS), ..config.spoc.clone() };
    let exchange =
        channel::connect("spoc", &patient, &context.tls).map_err(failed("the operators' channel to spoc"))?;
    let channels = Channels {
        dispatch: dispatch.clone(),
        registry: registry.clone(),
        files,
        identity: identity.clone(),
        spoc: spoc.clone(),
        exchange,
    };
    let upstreams = Upstreams::new(channels);
    let providers = Providers::new(&config.people.providers, context.environment, &clock)
        .map_err(|failure| StartError::part("reading the login providers", failure))?;
    let gateway = Gateway::new(config.clone(), clock, footing.store.clone(), journal.clone(), upstreams, providers);
    let period = Duration::from_secs(config.witness_seconds.max(1));
    let parts = footing.parts(Routes::default());
    Ok(ServiceParts {
        http_mutual: Some(rest::terminals(&gateway)),
        http_open: Some(rest::people(&gateway)),
        jobs: parts
            .jobs
            .into_iter()
            .chain([
                jobs::sweep(&gateway),
                jobs::cosign_for("witness_identity", &journal, &identity, period),
                jobs::cosign_for("witness_spoc", &journal, &spoc, period),
                jobs::have_cosigned("witness_own", &journal, &identity, period),
            ])
            .chain(dispatch.map(|dispatch| jobs::cosign_for("witness_dispatch", &journal, &dispatch, period)))
            .chain(registry.map(|registry| jobs::cosign_for("witness_registry", &journal, &registry, period)))
            .collect(),
        ..parts
    })
}

/// How long registry may take over a file: 100,000 rows are looked at, and held against the register, one by one.
const FILE_TIME_MS: u64 = 120_000;

/// How long an operator's call to spoc may take, as at the desk: keys are made in tokens and hundreds of signatures verified, and no chip waits meanwhile.
const OPERATORS_TIME_MS: u64 = 60_000;

/// Local accounts are for tests and demonstration: in production people are known by a login provider.
#[derive(Debug, thiserror::Error)]
#[error("people.accounts.enabled: a node in production has no local accounts")]
struct AccountsInProduction;

/// The description of the interface, OpenAPI 3.1.
pub fn openapi() -> serde_json::Value {
    rest::openapi::document()
}
