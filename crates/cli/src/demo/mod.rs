//! `straznica demo`: the main job on made-up people, over the real services, every step proven.
//!
//! [`border_check`] is the scene; [`preparation`] what operators did before a terminal can ask anything; [`lane`] a terminal's conversation with
//! the gateway; [`stage`] how it is told.

mod border_check;
mod lane;
pub mod preparation;
mod stage;

use straznica_simulators::chip::PersonalisationError;
use straznica_simulators::partner_state::PartnerError;
use straznica_simulators::partner_state::access::RequestError;
use straznica_simulators::terminal::TerminalError;

use crate::arguments::{Demo, Scene};
use crate::rest::RestError;
use crate::suite::{SuiteError, SuiteOptions};

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
    run_on(demo, SuiteOptions::demonstration(demo.data_dir.clone())).await
}

/// Runs the scenes asked for on a suite of these options.
///
/// # Errors
/// The first step that does not hold.
pub async fn run_on(demo: &Demo, options: SuiteOptions) -> Result<(), DemoError> {
    match demo.scene {
        None | Some(Scene::BorderCheck) => Box::pin(border_check::play(demo, options)).await,
    }
}
