//! The texts of notices, made when it is their turn in the outbox.

use std::collections::{BTreeSet, HashMap, HashSet};

use identifiers::PhoneNumber;
use sms::life::{Failure, State as LifeState};
use sms::smpp::Class;
use sms::template::Language;
use straznica_store::Isolation;
use straznica_types::Secret;

use super::owner;
use super::prepare::SEALED;
use crate::app::App;
use crate::channel::Message;
use crate::domain::{Notice, NoticeId, NoticeState, NoticeTemplate, RecipientId, RecipientState, SealedRecipient};
use crate::error::DispatchError;
use crate::keys::Unsealable;
use crate::spool::{MessageState, Pending, Step};
use crate::store::{KeptRecipient, find_notices, find_recipients, move_recipients, wanting};

/// It is not handed over, and nobody will try again.
const WITHHELD: Step = Step::End(MessageState::Withheld);

impl App {
    /// What is to be done with each of these messages, in their order.
    pub(in crate::app) async fn notice_steps(&self, claimed: &[Pending]) -> Vec<Step> {
        self.found_notice_steps(claimed).await.unwrap_or_else(|failure| {
            // Nothing was handed over.
            tracing::warn!(error = %failure, messages = claimed.len(), "messages of notices wait");
            claimed.iter().map(|_| Step::Later).collect()
        })
    }

    async fn found_notice_steps(&self, claimed: &[Pending]) -> Result<Vec<Step>, DispatchError> {
        if claimed.is_empty() || self.rules.notices.quiet_hours.until(self.clock.now()).is_some() {
            return Ok(claimed.iter().map(|_| Step::Later).collect());
        }
        let ids: Vec<RecipientId> = claimed.iter().map(|pending| recipient_of(*pending)).collect();
        let recipients = find_recipients(self.store.reader(), &ids).await?;
        let notices = self.notices_of(recipients.values()).await?;
        let unwanted = self.unwanted(&recipients, &notices).await?;
        let step = |pending: &Pending| {
            let Some(recipient) = recipients.get(&recipient_of(*pending)) else { return WITHHELD };
            let Some((notice, words)) = notices.get(&recipient.notice) else { return WITHHELD };
            match notice.state {
                NoticeState::Running if !unwanted.contains(&recipient.id) => {
                    self.handed_over(pending, recipient, words)
                }
                NoticeState::Finished => Step::End(MessageState::Life(LifeState::Expired)),
                _ => WITHHELD,
            }
        };
        Ok(claimed.iter().map(step).collect())
    }

    /// Notices with their words.
    async fn notices_of(
        &self,
        recipients: impl Iterator<Item = &KeptRecipient>,
    ) -> Result<HashMap<NoticeId, (Notice, NoticeTemplate)>, DispatchError> {
        let ids: HashSet<NoticeId> = recipients.map(|recipient| recipient.notice).collect();
        let mut notices = HashMap::new();
        for notice in find_notices(self.store.reader(), &ids.into_iter().collect::<Vec<_>>()).await? {
            let words = self.words(&notice.institution, &notice.template, notice.version).await?;
            notices.insert(notice.id, (notice, words));
        }
        Ok(notices)
    }

    /// Those who have changed their mind since their message was ordered; that is why they are not written to.
    async fn unwanted(
        &self,
        recipients: &HashMap<RecipientId, KeptRecipient>,
        notices: &HashMap<NoticeId, (Notice, NoticeTemplate)>,
    ) -> Result<BTreeSet<RecipientId>, DispatchError> {
        let mut unwanted = BTreeSet::new();
        for (notice, _) in notices.values() {
            let theirs: Vec<&KeptRecipient> =
                recipients.values().filter(|recipient| recipient.notice == notice.id).collect();
            let digests: Vec<&str> = theirs.iter().map(|recipient| recipient.phone_digest.as_str()).collect();
            let wanting = wanting(self.store.reader(), &notice.institution, &digests).await?;
            let changed = theirs.iter().filter(|recipient| !wanting.contains(&recipient.phone_digest));
            unwanted.extend(changed.map(|recipient| recipient.id));
        }
        if !unwanted.is_empty() {
            let ids: Vec<RecipientId> = unwanted.iter().copied().collect();
            self.store
                .write_tx_with(Isolation::ReadCommitted, async |tx| {
                    move_recipients(tx, &ids, RecipientState::QUEUED, RecipientState::NoOptIn).await?;
                    Ok::<_, DispatchError>(())
                })
                .await?;
        }
        Ok(unwanted)
    }

    fn handed_over(&self, pending: &Pending, recipient: &KeptRecipient, words: &NoticeTemplate) -> Step {
        match self.message_to(pending, recipient, words) {
            // A range may have been shut since they were added.
            Some(message) if self.rules.destinations.check(&message.to).is_err() => WITHHELD,
            Some(message) => Step::HandOver(message),
            // It was made once, when they were added: a key is gone, or somebody was at the database.
            None => {
                tracing::error!(recipient = %recipient.id, "a message of a notice cannot be made any more");
                Step::End(MessageState::Life(LifeState::Failed(Failure::Technical)))
            }
        }
    }

    fn message_to(&self, pending: &Pending, recipient: &KeptRecipient, words: &NoticeTemplate) -> Option<Message> {
        let open = self.unsealed(recipient).ok()?;
        let to = PhoneNumber::parse(&open.phone).ok()?;
        let rendered = words.render(&Language::new(&open.language)?, &open.values).ok()?;
        let text = Secret::new(rendered.text);
        Some(Message { id: pending.id, to, text, class: Class::Bulk, valid_until: pending.expires_at })
    }

    fn unsealed(&self, recipient: &KeptRecipient) -> Result<SealedRecipient, Unsealable> {
        let sealed = recipient.sealed.as_ref().ok_or(Unsealable)?;
        let plain = self.keys.unseal(SEALED, owner(recipient.id), sealed)?;
        serde_json::from_slice(&plain).map_err(|_| Unsealable)
    }
}

/// Whose message it is.
pub(in crate::app) fn recipient_of(pending: Pending) -> RecipientId {
    RecipientId::from_uuid(pending.transaction.uuid())
}
