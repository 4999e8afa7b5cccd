//! A notice is prepared: its words, then its recipients.

use std::collections::BTreeMap;

use serde_json::json;
use straznica_store::{Isolation, StoreError};
use straznica_types::Timestamp;

use super::{act, owner};
use crate::app::App;
use crate::domain::{
    Acting, Notice, NoticeId, NoticeState, NoticeTemplate, Recipient, RecipientId, Refusal, SealedRecipient,
};
use crate::error::DispatchError;
use crate::store::{
    KeptRecipient, count_open_notices, count_recipients, find_notice, fingerprints, insert_notice, insert_recipients,
};

/// What a number and its values are sealed as.
pub(super) const SEALED: &str = "notice recipient";

/// A notice as it is ordered.
#[derive(Debug, Clone)]
pub(crate) struct NewNotice {
    pub(crate) id: NoticeId,
    pub(crate) template: String,
    pub(crate) version: u32,
    pub(crate) valid_hours: u32,
}

impl App {
    /// Prepares a notice.
    pub(crate) async fn create_notice(&self, acting: &Acting, new: NewNotice) -> Result<(), DispatchError> {
        self.words(&acting.institution, &new.template, new.version).await?;
        let notice = Notice {
            id: new.id,
            institution: acting.institution.clone(),
            template: new.template,
            version: new.version,
            valid_hours: new.valid_hours,
            state: NoticeState::Prepared,
            created_by: acting.by.clone(),
            created_at: self.clock.now(),
            proposed_by: None,
            started_by: None,
            started_at: None,
            ended_at: None,
        };
        let most = u64::from(self.rules.notices.most_open);
        let written = self
            .store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                if let Some(known) = find_notice(tx, notice.id).await? {
                    return Ok(known.is_same_order(&notice)?);
                }
                if count_open_notices(tx, &notice.institution).await? >= most {
                    return Err(Refusal::TooMany("notices that are not over").into());
                }
                insert_notice(tx, &notice).await?;
                let detail = json!({ "valid_hours": notice.valid_hours });
                self.journal.record(tx, act("notice.created", acting, &notice, detail)).await?;
                Ok::<_, DispatchError>(())
            })
            .await;
        match written {
            // Somebody said something of this id at this moment.
            Err(DispatchError::Store(StoreError::Duplicate(_))) => {
                let known = find_notice(self.store.reader(), notice.id).await?.ok_or(Refusal::NoticeUnknown)?;
                Ok(known.is_same_order(&notice)?)
            }
            outcome => outcome,
        }
    }

    /// Adds recipients, all of them or none; how many were not there before.
    pub(crate) async fn add_recipients(
        &self,
        acting: &Acting,
        id: NoticeId,
        recipients: &[Recipient],
    ) -> Result<u32, DispatchError> {
        let now = self.clock.now();
        let notice = self.notice_of(acting, id).await?;
        notice.is_in(&[NoticeState::Prepared])?;
        let words = self.words(&notice.institution, &notice.template, notice.version).await?;
        let mut page: BTreeMap<&str, (usize, KeptRecipient)> = BTreeMap::new();
        for (at, recipient) in recipients.iter().enumerate() {
            let kept = self.kept(&notice, &words, at, recipient, now)?;
            if page.insert(&recipient.reference, (at, kept)).is_some() {
                return Err(Refusal::Recipient { at, member: "reference", expected: "each reference once" }.into());
            }
        }
        let references: Vec<&str> = page.keys().copied().collect();
        let most = u64::from(self.rules.notices.most_recipients);
        self.store
            .write_tx_with(Isolation::Serialisable, async |tx| {
                // Who proposes to send the notice at this moment, or adds to it, is seen by one of the two.
                let notice = find_notice(tx, id).await?.ok_or(Refusal::NoticeUnknown)?;
                notice.is_in(&[NoticeState::Prepared])?;
                let known = fingerprints(tx, id, &references).await?;
                let mut new = Vec::new();
                for (reference, (at, kept)) in &page {
                    match known.get(*reference) {
                        None => new.push(kept.clone()),
                        Some(fingerprint) if *fingerprint == kept.fingerprint => {}
                        Some(_) => return Err(Refusal::RecipientExists { at: *at }.into()),
                    }
                }
                let added = u32::try_from(new.len()).unwrap_or(u32::MAX);
                if count_recipients(tx, id).await? + u64::from(added) > most {
                    return Err(Refusal::TooMany("recipients").into());
                }
                if added > 0 {
                    insert_recipients(tx, &new).await?;
                    let detail = json!({ "added": added });
                    self.journal.record(tx, act("notice.recipients_added", acting, &notice, detail)).await?;
                }
                Ok::<_, DispatchError>(added)
            })
            .await
    }

    /// A recipient who can be written to, as they are kept: the message is made once, so that nobody's fails later.
    fn kept(
        &self,
        notice: &Notice,
        words: &NoticeTemplate,
        at: usize,
        recipient: &Recipient,
        now: Timestamp,
    ) -> Result<KeptRecipient, DispatchError> {
        let refused = |member, expected| Refusal::Recipient { at, member, expected };
        let reachable = self.rules.destinations.check(&recipient.phone);
        reachable.map_err(|_| refused("phone", "a number messages are sent to"))?;
        let rendered = words.render(&recipient.language, &recipient.values);
        let rendered = rendered.map_err(|expected| refused("values", expected))?;
        let id = RecipientId::generate_at(now);
        let plain = serde_json::to_vec(&SealedRecipient {
            phone: recipient.phone.expose().to_owned(),
            language: recipient.language.as_str().to_owned(),
            values: recipient.values.clone(),
        })?;
        let fingerprint = hex::encode(self.keys.digest(SEALED, &[plain.as_slice()]));
        Ok(KeptRecipient {
            id,
            notice: notice.id,
            reference: recipient.reference.clone(),
            phone_digest: self.phone_digest(&notice.institution, &recipient.phone),
            fingerprint,
            language: rendered.language.as_str().to_owned(),
            in_ucs2: rendered.in_ucs2,
            parts: rendered.parts,
            sealed: Some(self.keys.seal(SEALED, owner(id), plain).ok_or(DispatchError::Random)?),
        })
    }
}
