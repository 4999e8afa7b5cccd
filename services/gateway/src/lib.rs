//! The gateway: REST for the Border Guard's terminals, the only door into the suite.
//!
//! It promises that
//! - a terminal is who its client certificate says, enrolled by an operator and not suspended at this very request;
//! - every address has a row in one authorisation table (`rest/routes.rs`), and what has none is refused;
//! - fingerprints and irises go no further than here: a request that carries them is refused before they are decoded;
//! - what a caller gets is described, in one OpenAPI document made from the code ([`openapi`]), and every refusal is a problem document with a
//!   stable code;
//! - a repeated `POST /v1/inspections` under the same `Idempotency-Key` is done once;
//! - nothing of a traveller or a document reaches its database, its logs or its error texts.
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
    channel,
    service::{ServiceContext, ServiceParts, StartError},
};
use tonic::service::Routes;

pub use config::Config;

use app::{Gateway, upstream::Upstreams};
use store::migrations::Migrations;

/// Opens the database and puts the service together; the runtime serves it.
///
/// # Errors
/// [`StartError`] when the database, the journal's keys or a channel's configuration do not hold up.
pub async fn build(config: &Config, context: &ServiceContext) -> Result<ServiceParts, StartError> {
    let failed = |what| move |failure| StartError::part(what, failure);
    let clock = context.clock.clone();
    let footing = Footing::open::<Migrations>(&config.database, &config.journal, context).await?;
    let journal = footing.journal.clone();
    let dispatch =
        channel::connect("dispatch", &config.dispatch, &context.tls).map_err(failed("the channel to dispatch"))?;
    let identity =
        channel::connect("identity", &config.identity, &context.tls).map_err(failed("the channel to identity"))?;
    let spoc = channel::connect("spoc", &config.spoc, &context.tls).map_err(failed("the channel to spoc"))?;
    let upstreams = Upstreams::new(dispatch.clone(), identity.clone(), spoc.clone());
    let gateway = Gateway::new(config.clone(), clock, footing.store.clone(), journal.clone(), upstreams);
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
                jobs::cosign_for("witness_dispatch", &journal, &dispatch, period),
                jobs::cosign_for("witness_spoc", &journal, &spoc, period),
                jobs::have_cosigned("witness_own", &journal, &identity, period),
            ])
            .collect(),
        ..parts
    })
}

/// The description of the interface, OpenAPI 3.1.
pub fn openapi() -> serde_json::Value {
    rest::openapi::document()
}
