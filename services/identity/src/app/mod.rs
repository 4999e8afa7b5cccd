//! The use cases: authorise → load → decide (domain) → write and journal in one transaction.

mod announce;
mod border_alerts;
mod challenger;
mod challenges;
mod citizens;
mod entry;
mod evidence;
mod fingerprints;
mod judge;
mod least;
mod open;
mod peers;
mod read;
mod referral;
mod registers;
mod trust;
mod verification;
mod verifiers;

use std::sync::Arc;
use std::time::Duration;

use straznica_journal::Journal;
use straznica_store::Store;
use straznica_types::SharedClock;

pub(crate) use announce::ControlCentre;
pub(crate) use border_alerts::AlertDesk;
pub(crate) use challenger::Challenger;
pub(crate) use citizens::Access;
pub(crate) use judge::Judges;
pub(crate) use registers::{Answer, Registers, contract_kind};
pub(crate) use trust::{Trust, TrustSettings};
pub(crate) use verification::{Shown, VerificationRules, Verifications};
pub(crate) use verifiers::{Appointed, Grant, Known, Person, Proposal, Verifiers};

use crate::domain::{Purposes, SizeLimits, Timing};
use crate::metrics::Metrics;

/// Everything the use cases work with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) clock: SharedClock,
    pub(crate) trust: Trust,
    pub(crate) judges: Judges,
    pub(crate) control_centre: ControlCentre,
    pub(crate) alerts: AlertDesk,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) rules: Rules,
}

/// What the configuration decides.
pub(crate) struct Rules {
    pub(crate) purposes: Purposes,
    pub(crate) referral_reasons: Vec<String>,
    pub(crate) limits: SizeLimits,
    pub(crate) timing: Timing,
    pub(crate) challenge_life: Duration,
    pub(crate) session_life: Duration,
}
