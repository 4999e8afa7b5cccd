//! Unlocks officials.

use serde_json::json;
use straznica_journal::Entry;
use straznica_types::OfficerId;

use super::{Verifications, context_of};
use crate::domain::CallerClaims;
use crate::domain::verification::VerificationRefusal;
use crate::domain::verifiers::{Reason, Role};
use crate::error::IdentityError;
use crate::store::{Class, forget_count, official, unlock};

impl Verifications {
    /// Lifts the lock of an official, with a reason; the day's count begins anew. By a local administrator of the institution; nobody lifts their own.
    pub(crate) async fn unlock(
        &self,
        caller: &CallerClaims,
        institution: &str,
        officer: &OfficerId,
        reason: &Reason,
    ) -> Result<(), IdentityError> {
        if caller.officer()? == officer {
            return Err(VerificationRefusal::OwnLock.into());
        }
        let today = self.clock.now().date();
        self.store
            .write_tx(async |tx| {
                self.verifiers.active(tx, institution).await?;
                self.verifiers.entitled(tx, caller, institution, &[Role::LocalAdministrator]).await?;
                if !unlock(tx, institution, officer).await? {
                    return Err(VerificationRefusal::OfficialNotLocked.into());
                }
                forget_count(tx, Class::Official, &official(institution, officer), today).await?;
                let detail = json!({ "institution_id": institution, "official": officer, "reason": reason.as_str() });
                self.journal.record(tx, Entry::new("official.unlocked", context_of(caller)).detail(detail)).await?;
                Ok(())
            })
            .await
    }
}
