//! Whom the kit is held against: one SPOC, its lines, and what it has registered for the tester.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use exchange::Country;
use exchange::profile::Profile;
use straznica_exchange_wire::Binding;
use straznica_types::SharedClock;

use crate::carrier::Carrier;
use crate::listener::Listener;
use crate::tester::Tester;

/// A SPOC under test.
#[derive(Debug)]
pub struct Target {
    /// Its state.
    pub country: Country,
    /// Which of its CVCAs is asked, by mnemonic; the newest it names, where none is given.
    pub cvca: Option<String>,
    /// One for each binding it is reached by.
    pub lines: Vec<Line>,
    /// How long answers and callbacks are waited for.
    pub patience: Patience,
    /// The time, which the kit's certificates are made by.
    pub clock: SharedClock,
    /// Who acts for its officers and moves its clock, if anybody does.
    pub hands: Option<Arc<dyn Hands>>,
}

/// How the target is reached by one binding, and who the kit is there.
#[derive(Debug)]
pub struct Line {
    /// The binding.
    pub binding: Binding,
    /// How it is reached.
    pub carrier: Arc<dyn Carrier>,
    /// Its edition of the standard, by which codes are told over SOAP and documents are written.
    pub profile: Arc<Profile>,
    /// Who the kit is.
    pub tester: Tester,
    /// A second state, registered at the target like the first.
    pub other: Option<Tester>,
    /// Where the target delivers what it answers later.
    pub listener: Arc<Listener>,
}

impl Line {
    /// By what codes are told; the contract of the gRPC binding has all of them.
    #[must_use]
    pub fn told_by(&self) -> Option<&Profile> {
        match self.binding {
            Binding::Grpc => None,
            Binding::Soap => Some(&self.profile),
        }
    }
}

/// How long the kit waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For an answer on the same connection.
    pub answer: Duration,
    /// For SendCertificates.
    pub callback: Duration,
    /// How long nothing has to come, to believe that nothing will.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { answer: Duration::from_secs(30), callback: Duration::from_secs(120), silence: Duration::from_secs(5) }
    }
}

/// Nobody could act for the partner.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HandsError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Acts for the partner's people, where the kit is run together with them.
#[async_trait]
pub trait Hands: Send + Sync + fmt::Debug {
    /// Two officers approve the request that came in this message.
    async fn approve(&self, caller: Country, message_id: &str) -> Result<(), HandsError>;

    /// An officer declines it.
    async fn decline(&self, caller: Country, message_id: &str) -> Result<(), HandsError>;

    /// Gives the partner's CVCA a new key of the same kind.
    async fn roll_over(&self) -> Result<(), HandsError>;

    /// Moves the clock of the partner and of the kit on; false where that is not possible.
    async fn pass_days(&self, days: u32) -> Result<bool, HandsError>;
}
