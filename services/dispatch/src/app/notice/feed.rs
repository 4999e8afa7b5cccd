//! A running notice goes into the outbox, slice by slice.

use serde_json::json;
use sms::life::State as LifeState;
use sms::smpp::Class;
use straznica_contracts::dispatch::events::v1::NoticeEnded;
use straznica_journal::Context;
use straznica_store::Isolation;
use straznica_types::Timestamp;

use super::{notice_entry, owner};
use crate::app::App;
use crate::domain::{MessageId, Notice, NoticeState, RecipientId, RecipientState};
use crate::error::DispatchError;
use crate::spool::Pending;
use crate::store::{
    KeptRecipient, count_in_outbox, count_unsettled, enqueue, hold_bulk, leave_recipients, move_notice,
    move_recipients, next_recipients, running_notices, told_counts, wanting,
};

/// States of messages that were never handed to an operator, or not on record as such.
const NOT_HANDED_OVER: [RecipientState; 5] = [
    RecipientState::CREATED,
    RecipientState::QUEUED,
    RecipientState::Life(LifeState::Expired),
    RecipientState::NoOptIn,
    RecipientState::Withdrawn,
];

impl App {
    /// One turn: every notice that is running gets its slice of the outbox filled up, or has finished.
    pub(crate) async fn feed_notices(&self) -> Result<(), DispatchError> {
        let running = running_notices(self.store.reader()).await?;
        if running.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let quiet_until = self.rules.notices.quiet_hours.until(now);
        if let Some(until) = quiet_until {
            self.store
                .write_tx_with(Isolation::ReadCommitted, async |tx| Ok::<_, DispatchError>(hold_bulk(tx, until).await?))
                .await?;
        }
        let mut queued = false;
        for notice in running {
            match notice.expires_at() {
                Some(expires_at) if now < expires_at => {
                    if quiet_until.is_none() {
                        queued |= self.feed(&notice, now, expires_at).await?;
                    }
                }
                _ => self.finish(&notice, now).await?,
            }
        }
        if queued {
            self.spool.wake();
        }
        Ok(())
    }

    /// Fills the slice of a notice up; tells whether something was queued.
    async fn feed(&self, notice: &Notice, now: Timestamp, expires_at: Timestamp) -> Result<bool, DispatchError> {
        let reader = self.store.reader();
        let slice = u64::from(self.rules.notices.slice.max(1));
        let in_outbox = count_in_outbox(reader, notice.id).await?;
        let room = slice.saturating_sub(in_outbox);
        // By quarters, so that commits are shared.
        if room < slice.div_ceil(4) {
            return Ok(false);
        }
        let next = next_recipients(reader, notice.id, room).await?;
        if next.is_empty() {
            // In one look: another replica may be giving the last to the outbox.
            if count_unsettled(reader, notice.id).await? == 0 {
                self.finish(notice, now).await?;
            }
            return Ok(false);
        }
        let digests: Vec<&str> = next.iter().map(|recipient| recipient.phone_digest.as_str()).collect();
        let wanting = wanting(reader, &notice.institution, &digests).await?;
        let (wanted, unwanted): (Vec<_>, Vec<_>) =
            next.iter().partition(|recipient| wanting.contains(&recipient.phone_digest));
        let (wanted, unwanted) = (ids(&wanted), ids(&unwanted));
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                move_recipients(tx, &unwanted, RecipientState::CREATED, RecipientState::NoOptIn).await?;
                // Whom another replica took, or somebody has withdrawn, is not among these.
                let taken = move_recipients(tx, &wanted, RecipientState::CREATED, RecipientState::QUEUED).await?;
                let messages: Vec<Pending> = taken.iter().map(|id| pending(*id, now, expires_at)).collect();
                enqueue(tx, &messages, now).await?;
                Ok::<_, DispatchError>(())
            })
            .await?;
        Ok(!wanted.is_empty())
    }

    /// Nobody is left, or the time is over: whoever was not written to by then is not.
    async fn finish(&self, notice: &Notice, now: Timestamp) -> Result<(), DispatchError> {
        let origin = Context::of_service("service/dispatch");
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                let (from, to) = ([NoticeState::Running], NoticeState::Finished);
                if move_notice(tx, notice.id, &from, to, "", now).await? {
                    let late = leave_recipients(tx, notice.id, RecipientState::Life(LifeState::Expired)).await?;
                    let event = self.ended(tx, notice, to).await?;
                    let entry = notice_entry("notice.finished", origin.clone(), notice, json!({ "too_late": late }));
                    self.journal.record(tx, entry.event(&event)).await?;
                }
                Ok::<_, DispatchError>(())
            })
            .await
    }

    /// What is published of a notice that has ended.
    pub(super) async fn ended(
        &self,
        tx: &sea_orm::DatabaseTransaction,
        notice: &Notice,
        outcome: NoticeState,
    ) -> Result<NoticeEnded, DispatchError> {
        let counts = told_counts(tx, notice.id).await?;
        let handed_over = counts.iter().filter(|(state, _)| NOT_HANDED_OVER.iter().all(|not| not.as_str() != **state));
        let parts: u64 = handed_over.map(|(_, count)| count.parts).sum();
        let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(NoticeEnded {
            notice_id: notice.id.to_string(),
            institution: notice.institution.to_string(),
            outcome: outcome.as_str().to_owned(),
            recipients: counts.into_iter().map(|(state, count)| (state, number(count.recipients))).collect(),
            parts: number(parts),
            cost_grosz: self.rules.notices.cost(parts),
        })
    }
}

fn ids(recipients: &[&KeptRecipient]) -> Vec<RecipientId> {
    recipients.iter().map(|recipient| recipient.id).collect()
}

fn pending(recipient: RecipientId, now: Timestamp, expires_at: Timestamp) -> Pending {
    Pending {
        id: MessageId::generate_at(now),
        transaction: owner(recipient),
        sequence: 0,
        class: Class::Bulk,
        expires_at,
    }
}
