//! Unlocks officials.

use serde_json::json;
use straznica_journal::Entry;
use straznica_types::OfficerId;

use super::{Verifications, context_of};
use crate::domain::verification::VerificationRefusal;
use crate::domain::{CallerClaims, Refusal};
use crate::error::IdentityError;
use crate::store::{Class, forget_count, official, unlock};

/// Longest reason, in characters.
const LONGEST_REASON: usize = 200;

impl Verifications {
    /// Lifts the lock of an official, with a reason; the day's count begins anew. Nobody lifts their own.
    pub(crate) async fn unlock(
        &self,
        caller: &CallerClaims,
        institution: &str,
        officer: &OfficerId,
        reason: &str,
    ) -> Result<(), IdentityError> {
        if caller.officer()? == officer {
            return Err(VerificationRefusal::OwnLock.into());
        }
        let length = reason.trim().chars().count();
        if !(1..=LONGEST_REASON).contains(&length) || reason.chars().any(char::is_control) {
            return Err(Refusal::Invalid { member: "/reason", expected: "1 to 200 characters" }.into());
        }
        let today = self.clock.now().date();
        self.store
            .write_tx(async |tx| {
                if !unlock(tx, institution, officer).await? {
                    return Err(VerificationRefusal::OfficialNotLocked.into());
                }
                forget_count(tx, Class::Official, &official(institution, officer), today).await?;
                let detail = json!({ "institution_id": institution, "official": officer, "reason": reason.trim() });
                self.journal.record(tx, Entry::new("official.unlocked", context_of(caller)).detail(detail)).await?;
                Ok(())
            })
            .await
    }
}
