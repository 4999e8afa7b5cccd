//! Unlocks officials.

use serde_json::json;
use straznica_contracts::common::v1::CallContext;
use straznica_journal::Entry;
use straznica_types::OfficerId;

use super::{Verifications, context_of};
use crate::domain::CallerClaims;
use crate::domain::verification::VerificationRefusal;
use crate::domain::verifiers::{Reason, Role};
use crate::error::IdentityError;
use crate::store::{Class, forget_count, is_locked, official, unlock};

impl Verifications {
    /// Lifts the lock of an official, here and at dispatch, with a reason; the day's counts begin anew. By a local administrator of the institution; nobody lifts their own.
    /// Dispatch first: where it is out of reach the official stays locked, and whoever lifts it hears so.
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
        self.verifiers.active(self.store.reader(), institution).await?;
        self.verifiers.entitled(self.store.reader(), caller, institution, &[Role::LocalAdministrator]).await?;
        if !is_locked(self.store.reader(), institution, officer).await? {
            return Err(VerificationRefusal::OfficialNotLocked.into());
        }
        let context = CallContext {
            officer: caller.officer()?.to_string(),
            request_id: caller.request_id.map(|id| id.to_string()).unwrap_or_default(),
            ..CallContext::default()
        };
        self.challenger.lift(context, institution, officer, reason.as_str()).await?;
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
