//! The use cases: authorise → load → decide (domain) → write and journal in one transaction. Short-lived state is never asked inside one.

mod alarm;
mod cancel;
mod counting;
mod entry;
mod lift;
mod opening;
mod rates;
mod resend;
mod send;
mod state;
mod submit;
mod succeeding;
mod validate;

use std::sync::Arc;

use straznica_ephemeral::Ephemeral;
use straznica_journal::Journal;
use straznica_store::{Isolation, SharedWrites, Store};
use straznica_types::SharedClock;
use tokio::sync::Notify;

use counting::CountAttempts;
use opening::OpenCodes;
use succeeding::Succeed;

pub(crate) use lift::Locked;
pub(crate) use send::{SendCode, Sent};

use crate::channel::Channel;
use crate::config::OutboxConfig;
use crate::domain::{Destinations, Limits, MessageTemplates, RateLimits};
use crate::keys::Keys;
use crate::metrics::Metrics;

/// Everything the use cases work with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) ephemeral: Ephemeral,
    pub(crate) clock: SharedClock,
    pub(crate) keys: Keys,
    pub(crate) channel: Arc<dyn Channel>,
    pub(crate) metrics: Metrics,
    pub(crate) rules: Rules,
    pub(crate) writes: Writes,
    /// Says that there is something in the outbox.
    pub(crate) outbox: Notify,
}

/// Writes that those who come at once share.
pub(crate) struct Writes {
    openings: SharedWrites<OpenCodes>,
    attempts: SharedWrites<CountAttempts>,
    successes: SharedWrites<Succeed>,
}

impl Writes {
    /// To be called inside a tokio runtime: each kind is written by a task of it.
    pub(crate) fn start(store: &Store, journal: &Journal, limits: &Limits) -> Self {
        let (isolation, journal) = (Isolation::ReadCommitted, || journal.clone());
        let opening = OpenCodes { journal: journal(), limits: limits.clone() };
        let counting = CountAttempts { journal: journal(), limits: limits.clone() };
        Self {
            openings: SharedWrites::start(store.clone(), isolation, opening),
            attempts: SharedWrites::start(store.clone(), isolation, counting),
            successes: SharedWrites::start(store.clone(), isolation, Succeed { journal: journal() }),
        }
    }
}

/// What the configuration decides.
pub(crate) struct Rules {
    pub(crate) limits: Limits,
    pub(crate) rates: RateLimits,
    pub(crate) destinations: Destinations,
    pub(crate) templates: MessageTemplates,
    pub(crate) outbox: OutboxConfig,
    pub(crate) keep_days: u32,
}
