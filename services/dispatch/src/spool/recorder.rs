//! Writes down what operators say: whatever is known at the moment in one commit, and each who waits hears of its own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::DatabaseTransaction;
use sms::receipt::Receipt;
use sms::smpp::{Outcome, PartOutcome};
use straznica_store::{Isolation, SharedWork, SharedWrites, Store};
use straznica_types::SharedClock;

use super::{MessageState, Pending, Reporter, ledger};
use crate::domain::MessageId;
use crate::error::DispatchError;
use crate::metrics::Metrics;
use crate::store::Parked;

/// Something to be written down.
#[derive(Debug, Clone)]
pub enum News {
    /// The channel's answer to a message.
    Outcome {
        /// Which.
        message: Pending,
        /// Whose answer it is where the outcome names no link.
        channel: &'static str,
        /// The answer.
        outcome: Outcome,
    },
    /// A message ended without having been handed over.
    Ended(Pending, MessageState),
    /// A message was not handed over, and is due again after the pause.
    Later(Pending),
    /// What became of a part.
    Receipt {
        /// Who says so.
        operator: String,
        /// What it says.
        receipt: Receipt,
    },
    /// An operator's answer to a part that had been given up as unknown.
    Late {
        /// Who says so.
        operator: String,
        /// The message.
        message: MessageId,
        /// The part, from 0.
        part: u32,
        /// The answer.
        outcome: PartOutcome,
    },
    /// A parked receipt for which there is a part by now.
    Parked(ParkedReceipt),
}

/// A receipt that was parked, from the database.
#[derive(Debug, Clone)]
pub struct ParkedReceipt(pub(super) Parked);

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is written, or was before.
    Written,
    /// It is a receipt whose part is not known, or not for certain: parked.
    Parked,
    /// It is about a part that is not on record yet: it should come again.
    TooEarly,
}

/// It is not on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not recorded")]
pub struct NotRecorded;

/// Handle of the task that writes. The task ends with the last handle.
#[derive(Clone)]
pub struct Recorder {
    writes: Arc<SharedWrites<Ledger>>,
    metrics: Metrics,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}

impl Recorder {
    /// Starts the task, within a tokio runtime. What was not handed over is due again after `pause`.
    #[must_use]
    pub fn start(store: Store, clock: SharedClock, reporter: Arc<dyn Reporter>, pause: Duration) -> Self {
        let ledger = Ledger { clock, reporter, pause };
        Self { writes: Arc::new(SharedWrites::start(store, Isolation::ReadCommitted, ledger)), metrics: Metrics::new() }
    }

    /// Writes something down; returns once it is durable.
    ///
    /// # Errors
    /// [`NotRecorded`]: nothing of it is on record.
    pub async fn record(&self, news: News) -> Result<Kept, NotRecorded> {
        let state = match &news {
            News::Receipt { receipt, .. } => Some(receipt.state.state()),
            _ => None,
        };
        let kept = self.writes.write(news).await.map_err(|error| {
            tracing::warn!(%error, "news of a message were not recorded");
            NotRecorded
        })?;
        if let Some(state) = state {
            self.metrics.receipt(state, kept);
        }
        Ok(kept)
    }
}

struct Ledger {
    clock: SharedClock,
    reporter: Arc<dyn Reporter>,
    pause: Duration,
}

#[async_trait]
impl SharedWork for Ledger {
    type Order = News;
    type Answer = Kept;
    type Failure = DispatchError;

    async fn write(&self, tx: &DatabaseTransaction, news: &[News]) -> Result<Vec<Kept>, DispatchError> {
        let now = self.clock.now();
        ledger::write(tx, self.reporter.as_ref(), news, now, now + self.pause).await
    }
}
