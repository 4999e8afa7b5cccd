//! What nobody tells the spool, it finds out by looking: what has expired, what a dead process left, who keeps silent, which receipts have found their
//! parts.

use std::time::Duration;

use sms::life::State;
use straznica_store::{Engine, Isolation};

use super::recorder::ParkedReceipt;
use super::{MessageState, Moved, News, Reporter, Spool};
use crate::error::DispatchError;
use crate::store::{delete_old_parked, expire_overdue, find_matched, settle_lost, settle_silent};

/// Parked receipts taken up in one turn, and how far back they are looked for: what names their parts comes at the same moment, or as a late answer.
const MATCHED: u32 = 1_000;
const MATCHED_SINCE: Duration = Duration::from_secs(3_600);

/// What one look found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// Messages that expired in the queue.
    pub expired: usize,
    /// Messages that are now called unknown.
    pub unknown: usize,
    /// Parked receipts taken up.
    pub taken_up: usize,
    /// Parked receipts given up.
    pub given_up: u64,
}

impl Spool {
    /// Looks once.
    ///
    /// # Errors
    /// What the database says.
    pub async fn look(&self, reporter: &dyn Reporter) -> Result<Found, DispatchError> {
        let inner = &self.inner;
        let config = &inner.config;
        let now = inner.clock.now();
        let minute = Duration::from_secs(60);
        let lost_before = match inner.store.engine() {
            // One process has the file: what was marked before it began is nobody's.
            Engine::Sqlite => inner.since.max(now - Duration::from_secs(config.lost_seconds)),
            Engine::Postgres => now - Duration::from_secs(config.lost_seconds),
        };
        let silent_before = now - minute * u32::try_from(config.receipt_minutes).unwrap_or(u32::MAX);
        let parked_before = now - minute * 60 * u32::try_from(config.parked_hours).unwrap_or(u32::MAX);
        let receipts = inner.channel.gives_receipts();
        let mut found = inner
            .store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                let expired = expire_overdue(tx, now).await?;
                let mut unknown = settle_lost(tx, lost_before, now).await?;
                if receipts {
                    unknown.extend(settle_silent(tx, silent_before, now).await?);
                }
                let given_up = delete_old_parked(tx, parked_before).await?;
                let moved = |state| move |message| Moved { message, state: MessageState::Life(state) };
                let found = Found { expired: expired.len(), unknown: unknown.len(), taken_up: 0, given_up };
                let moved: Vec<Moved> = expired
                    .into_iter()
                    .map(moved(State::Expired))
                    .chain(unknown.into_iter().map(moved(State::Unknown)))
                    .collect();
                if !moved.is_empty() {
                    reporter.moved(tx, &moved).await?;
                }
                Ok::<_, DispatchError>(found)
            })
            .await?;
        for parked in find_matched(inner.store.reader(), now - MATCHED_SINCE, MATCHED).await? {
            let kept = inner.recorder.record(News::Parked(ParkedReceipt(parked))).await;
            found.taken_up += usize::from(kept == Ok(super::Kept::Written));
        }
        inner.metrics.looked(&found);
        if found.unknown > 0 || found.given_up > 0 {
            tracing::warn!(
                unknown = found.unknown,
                receipts = found.given_up,
                "what became of some messages is not known"
            );
        }
        Ok(found)
    }
}
