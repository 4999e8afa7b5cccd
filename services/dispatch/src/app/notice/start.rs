//! A notice is proposed, begun by another officer, and stopped.

use serde_json::json;
use straznica_contracts::dispatch::events::v1::NoticeStarted;
use straznica_store::Isolation;

use super::act;
use crate::app::App;
use crate::domain::{Acting, NoticeId, NoticeState, RecipientState, Refusal};
use crate::error::DispatchError;
use crate::store::{count_recipients, leave_recipients, move_notice, withdraw_queued};

/// Longest reason, in characters.
const LONGEST_REASON: usize = 200;

impl App {
    /// Proposes to send a notice as it is. Proposed once more it is as it was.
    pub(crate) async fn propose_start(&self, acting: &Acting, id: NoticeId) -> Result<(), DispatchError> {
        let notice = self.notice_of(acting, id).await?;
        if notice.state == NoticeState::Proposed {
            return Ok(());
        }
        notice.is_in(&[NoticeState::Prepared])?;
        let now = self.clock.now();
        let by = acting.by.as_str();
        // Whoever adds recipients at this moment is seen by one of the two.
        self.store
            .write_tx_with(Isolation::Serialisable, async |tx| {
                let recipients = count_recipients(tx, id).await?;
                if recipients == 0 {
                    let expected = "a notice with recipients";
                    return Err(Refusal::Invalid { member: "/notice_id", expected }.into());
                }
                if move_notice(tx, id, &[NoticeState::Prepared], NoticeState::Proposed, by, now).await? {
                    let detail = json!({ "recipients": recipients });
                    self.journal.record(tx, act("notice.proposed", acting, &notice, detail)).await?;
                }
                Ok::<_, DispatchError>(())
            })
            .await
    }

    /// Begins to send what another officer proposed. Begun once more it goes on as it does.
    pub(crate) async fn start_notice(&self, acting: &Acting, id: NoticeId) -> Result<(), DispatchError> {
        let notice = self.notice_of(acting, id).await?;
        if notice.state == NoticeState::Running {
            return Ok(());
        }
        notice.may_start(&acting.by)?;
        let now = self.clock.now();
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                if move_notice(tx, id, &[NoticeState::Proposed], NoticeState::Running, &acting.by, now).await? {
                    let recipients = count_recipients(tx, id).await?;
                    let event = NoticeStarted {
                        notice_id: id.to_string(),
                        institution: notice.institution.to_string(),
                        template: notice.template.clone(),
                        version: notice.version,
                        recipients: u32::try_from(recipients).unwrap_or(u32::MAX),
                    };
                    let detail = json!({ "recipients": recipients, "proposed_by": notice.proposed_by });
                    let entry = act("notice.started", acting, &notice, detail).event(&event);
                    self.journal.record(tx, entry).await?;
                }
                Ok::<_, DispatchError>(())
            })
            .await?;
        self.notices.notify_one();
        Ok(())
    }

    /// Ends a notice: whoever waits is written to no more, and what lies in the outbox is not handed over. How many it keeps from being written to.
    pub(crate) async fn stop_notice(&self, acting: &Acting, id: NoticeId, reason: &str) -> Result<u32, DispatchError> {
        let reason = reason.trim();
        if !(1..=LONGEST_REASON).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
            return Err(Refusal::Invalid { member: "/reason", expected: "1 to 200 characters" }.into());
        }
        let notice = self.notice_of(acting, id).await?;
        let not_over = [NoticeState::Prepared, NoticeState::Proposed, NoticeState::Running];
        notice.is_in(&not_over)?;
        let now = self.clock.now();
        let withdrawn = self
            .store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                if !move_notice(tx, id, &not_over, NoticeState::Stopped, &acting.by, now).await? {
                    return Err(Refusal::NoticeState("over").into());
                }
                // First those who wait: who is given to the outbox at this moment is found there.
                let waiting = leave_recipients(tx, id, RecipientState::Withdrawn).await?;
                let withdrawn = waiting + withdraw_queued(tx, id, now).await?;
                let detail = json!({ "withdrawn": withdrawn, "reason": reason });
                let entry = act("notice.stopped", acting, &notice, detail);
                let event = self.ended(tx, &notice, NoticeState::Stopped).await?;
                self.journal.record(tx, entry.event(&event)).await?;
                Ok::<_, DispatchError>(withdrawn)
            })
            .await?;
        Ok(u32::try_from(withdrawn).unwrap_or(u32::MAX))
    }
}
