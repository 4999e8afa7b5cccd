//! Lifts locks.

use serde_json::json;
use straznica_journal::Entry;
use straznica_store::Isolation;
use straznica_types::Timestamp;

use super::App;
use super::entry::context;
use crate::domain::{CallerClaims, Institution, Refusal, Subject};
use crate::error::DispatchError;
use crate::store::{lift_official, lift_subject, locked_since};

/// Who is locked.
#[derive(Debug)]
pub(crate) enum Locked {
    /// An officer of an institution.
    Official { institution: Institution, officer: straznica_types::OfficerId },
    /// A person.
    Subject(Subject),
}

/// Longest reason, in characters.
const LONGEST_REASON: usize = 200;

impl App {
    /// Since when a subject is locked, for the service that asks on the person's own behalf.
    pub(crate) async fn lock_of(&self, subject: &Subject) -> Result<Option<Timestamp>, DispatchError> {
        Ok(locked_since(self.store.reader(), subject.as_str()).await?)
    }

    /// Lifts a lock. Where there is none nothing happens, and nothing is told: whether somebody is locked is not for everybody.
    pub(crate) async fn lift_lock(
        &self,
        caller: &CallerClaims,
        locked: &Locked,
        reason: &str,
    ) -> Result<(), DispatchError> {
        if caller.officer.is_none() && caller.actor.starts_with("service/") {
            return Err(Refusal::Missing { member: "/context/officer" }.into());
        }
        if reason.trim().is_empty() {
            return Err(Refusal::Missing { member: "/reason" }.into());
        }
        if reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
            return Err(Refusal::Invalid { member: "/reason", expected: "1 to 200 characters" }.into());
        }
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                let (lifted, entry) = match locked {
                    Locked::Official { institution, officer } => {
                        let official = format!("{institution}/{officer}");
                        let detail = json!({ "official": official, "reason": reason });
                        let entry = Entry::new("official.unlocked", context(caller)).detail(detail);
                        (lift_official(tx, &official).await?, entry)
                    }
                    Locked::Subject(subject) => {
                        let entry = Entry::new("subject.unlocked", context(caller))
                            .subject(self.journal.pseudonym("subject", subject.as_str()))
                            .detail(json!({ "reason": reason }));
                        (lift_subject(tx, subject.as_str()).await?, entry)
                    }
                };
                if lifted {
                    self.journal.record(tx, entry).await?;
                }
                Ok::<_, DispatchError>(())
            })
            .await
    }
}
