//! The use cases: authorise → load → decide (domain) → write and journal in one transaction. Short-lived state is never asked inside one.

mod alarm;
mod cancel;
mod entry;
mod lift;
mod rates;
mod resend;
mod send;
mod state;
mod submit;
mod validate;

use std::sync::Arc;

use straznica_ephemeral::Ephemeral;
use straznica_journal::Journal;
use straznica_store::Store;
use straznica_types::SharedClock;
use tokio::sync::Notify;

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
    /// Says that there is something in the outbox.
    pub(crate) outbox: Notify,
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
