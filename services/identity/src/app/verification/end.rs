//! Ends of verifications: given up by the official, or their time over.

use std::time::Duration;

use serde_json::json;

use super::Verifications;
use crate::domain::CallerClaims;
use crate::domain::verification::{Event, RefusedBy, Verification, VerificationId, VerificationRefusal};
use crate::error::IdentityError;
use crate::store::{delete_dead_proofs, delete_old_counts, overdue, overdue_peer_checks};

/// Overdue verifications ended in one turn.
const AT_ONCE: u64 = 200;
/// How long after its time a verification is ended: a register asked at the last moment still answers.
const GRACE: Duration = Duration::from_secs(60);

impl Verifications {
    /// The official gives a verification up.
    pub(crate) async fn cancel(
        &self,
        caller: &CallerClaims,
        institution: &str,
        id: VerificationId,
    ) -> Result<Verification, IdentityError> {
        let verification = self.own(caller, institution, id).await?;
        let given_up = Event::Refuse(RefusedBy::Official);
        let ended = self.happens(caller, id, given_up, ("verification.refused", json!({}))).await?;
        self.challenger.forget(Self::call_context(caller, &verification), id.to_string(), institution).await;
        Ok(ended)
    }

    /// Where a verification stands, and what the citizen has said on the phone by now. It is not a reading of anybody's data.
    pub(crate) async fn get(
        &self,
        caller: &CallerClaims,
        institution: &str,
        id: VerificationId,
    ) -> Result<Verification, IdentityError> {
        let verification = self.own(caller, institution, id).await?;
        self.learned(caller, verification).await
    }

    /// Ends what is overdue, forgets phones nobody confirmed and counts of days gone by.
    pub(crate) async fn sweep(&self) -> Result<(), IdentityError> {
        let now = self.clock.now();
        let service = service();
        for id in overdue(self.store.reader(), now - GRACE, AT_ONCE).await? {
            match self.happens(&service, id, Event::Expire, ("verification.expired", json!({}))).await {
                // Somebody ended it at this moment.
                Ok(_) | Err(IdentityError::Verification(VerificationRefusal::Ended(_))) => {}
                Err(failure) => return Err(failure),
            }
        }
        for id in overdue_peer_checks(self.store.reader(), now - GRACE, AT_ONCE).await? {
            match self.peer_happens(&service, id, Event::Expire, ("peer_check.expired", json!({}))).await {
                Ok(_) | Err(IdentityError::Verification(VerificationRefusal::Ended(_))) => {}
                Err(failure) => return Err(failure),
            }
        }
        self.store
            .write_tx(async |tx| {
                delete_dead_proofs(tx, now).await?;
                delete_old_counts(tx, now.date()).await?;
                Ok(())
            })
            .await
    }
}

/// The service itself, where nobody calls.
pub(super) fn service() -> CallerClaims {
    CallerClaims {
        actor: "service/identity".to_owned(),
        terminal: None,
        officer: None,
        purpose: None,
        case_number: None,
        request_id: None,
    }
}
