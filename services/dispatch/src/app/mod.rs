//! The use cases: authorise → load → decide (domain) → write and journal in one transaction. Short-lived state is never asked inside one.

mod alarm;
mod cancel;
mod counting;
mod entry;
mod lift;
mod notice;
mod opening;
mod prompt;
mod rates;
mod resend;
mod send;
mod standing;
mod state;
mod succeeding;
mod texts;
mod validate;

use straznica_ephemeral::Ephemeral;
use straznica_journal::Journal;
use straznica_store::{Isolation, SharedWrites, Store};
use straznica_types::SharedClock;
use tokio::sync::Notify;

use counting::CountAttempts;
use opening::OpenCodes;
use succeeding::Succeed;

pub(crate) use lift::Locked;
pub(crate) use notice::{NewNotice, Page, Progress};
pub(crate) use prompt::Heard;
pub(crate) use send::{SendCode, Sent};
pub(crate) use texts::{MessageReporter, MessageTexts};

use crate::config::NoticeConfig;
use crate::domain::{Destinations, Limits, MessageTemplates, RateLimits};
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::phones::{Phones, PromptConfig};
use crate::spool::Spool;

/// Everything the use cases work with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) ephemeral: Ephemeral,
    pub(crate) clock: SharedClock,
    pub(crate) keys: Keys,
    /// Who asks on the phone.
    pub(crate) phones: Phones,
    pub(crate) metrics: Metrics,
    pub(crate) rules: Rules,
    pub(crate) writes: Writes,
    /// Where messages go.
    pub(crate) spool: Spool,
    /// Says that a notice has begun.
    pub(crate) notices: Notify,
    /// Says that there is a prompt to be seen to.
    pub(crate) prompts: Notify,
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
    pub(crate) prompts: PromptConfig,
    pub(crate) notices: NoticeConfig,
    pub(crate) keep_days: u32,
}
