//! `straznica demo`: the main job on made-up people, over the real services, every step proven.
//!
//! [`spoc_exchange`], [`border_check`], [`mdokumenty`] and [`protection_case`] are the scenes; [`state`] is a state's node with its officers, [`preparation`] what operators did before a terminal can ask anything; [`lane`] a terminal's conversation with
//! the gateway; [`stage`] how it is told.

mod border_check;
mod credentials;
mod lane;
mod mdokumenty;
pub mod officer;
pub mod preparation;
mod protection_case;
mod spoc_exchange;
mod stage;
pub mod state;

use straznica_exchange_wire::development::DevelopmentSpocError;
use straznica_simulators::chip::PersonalisationError;
use straznica_simulators::partner_state::PartnerError;
use straznica_simulators::partner_state::access::RequestError;
use straznica_simulators::terminal::TerminalError;
use straznica_spoc::config::KeyStoreKind;

use self::stage::Stage;
use crate::arguments::{Demo, Scene};
use crate::person::PersonError;
use crate::rest::RestError;
use crate::suite::{SuiteError, SuiteOptions};

const SPOC_EXCHANGE: &str = "spoc-exchange";

/// Why a demonstration did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A step did not hold.
    #[error("step {step}: {source}")]
    Step {
        /// Its name.
        step: &'static str,
        /// What was seen instead.
        source: Box<DemoError>,
    },
    /// Something was seen that should not be.
    #[error("{0}")]
    Expectation(String),
    /// The suite did not start or stop.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// The gateway did not answer.
    #[error(transparent)]
    Rest(#[from] RestError),
    /// A service refused an operator's call.
    #[error("{} ({:?})", .0.message(), .0.code())]
    Rpc(Box<tonic::Status>),
    /// The partner state could not do its part.
    #[error(transparent)]
    Partner(#[from] PartnerError),
    /// The partner state refused a request.
    #[error("the partner state refused the request: {0}")]
    Request(#[from] RequestError),
    /// A chip could not be personalised.
    #[error(transparent)]
    Chip(#[from] PersonalisationError),
    /// The chip or the reading of it.
    #[error("at the chip: {0}")]
    Terminal(#[from] TerminalError),
    /// A made-up state's SPOC certificates could not be made.
    #[error(transparent)]
    DevelopmentSpoc(#[from] DevelopmentSpocError),
    /// Somebody could not log in.
    #[error(transparent)]
    Person(#[from] PersonError),
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] crate::command::journal::CommandError),
    /// Nothing can be printed.
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
}

impl From<tonic::Status> for DemoError {
    fn from(status: tonic::Status) -> Self {
        Self::Rpc(Box::new(status))
    }
}

/// A statement a step makes; false ends the scene with what was seen.
fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), DemoError> {
    if holds { Ok(()) } else { Err(DemoError::Expectation(otherwise())) }
}

/// Runs the scenes asked for, on embedded databases.
///
/// # Errors
/// The first step that does not hold.
pub async fn run(demo: &Demo) -> Result<(), DemoError> {
    let mut options = SuiteOptions::demonstration(demo.data_dir.clone());
    if let Some(module) = &demo.token_module {
        let keystore = &mut options.config.spoc.keystore;
        keystore.kind = KeyStoreKind::Pkcs11;
        keystore.pkcs11.module = std::path::absolute(module)?;
        keystore.pkcs11.token.label = demo.token_label.clone();
        keystore.pkcs11.token.pin_file = demo.token_pin_file.as_deref().map(std::path::absolute).transpose()?;
    }
    Box::pin(run_on(demo, options)).await
}

/// Runs the scenes asked for on a suite of these options.
///
/// # Errors
/// The first step that does not hold.
pub async fn run_on(demo: &Demo, mut options: SuiteOptions) -> Result<(), DemoError> {
    match demo.scene {
        None => {
            let cast = mdokumenty::Cast::prepare(&mut options).await?;
            protection_case::prepare(&mut options)?;
            let alerts = border_check::announce_alerts(&mut options).await?;
            let mut stage =
                Stage::open(demo.json, SPOC_EXCHANGE, "states meet, and exchange certificates by themselves")?;
            let met = Box::pin(spoc_exchange::play(&mut stage, options)).await?;
            stage.close()?;
            Box::pin(border_check::play(demo, met, alerts, cast)).await
        }
        Some(Scene::SpocExchange) => {
            let mut stage =
                Stage::open(demo.json, SPOC_EXCHANGE, "states meet, and exchange certificates by themselves")?;
            let met = Box::pin(spoc_exchange::play(&mut stage, options)).await?;
            stage.close()?;
            if demo.keep {
                border_check::keep(&met.poland.suite, &stage).await?;
            }
            met.stop().await
        }
        Some(Scene::ProtectionCase) => Box::pin(protection_case::play_alone(demo, options)).await,
        Some(Scene::Mdokumenty) => Box::pin(mdokumenty::play_alone(demo, options)).await,
        Some(Scene::BorderCheck) => Box::pin(border_check::play_alone(demo, options)).await,
    }
}
