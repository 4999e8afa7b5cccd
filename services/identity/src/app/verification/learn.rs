//! What the citizen has said on the phone: dispatch knows, and is asked, by whoever looks at the verification and from time to time without anybody looking.
//!
//! Asking dispatch costs the same for somebody and for nobody, and says of both that nobody has answered until somebody has.

use serde_json::json;

use super::Verifications;
use super::end::service;
use crate::app::challenger::Answered;
use crate::domain::CallerClaims;
use crate::domain::verification::{
    ChallengeChannel, Event, RefusedBy, Stage, Subject, Verification, VerificationRefusal,
};
use crate::error::IdentityError;
use crate::store::{find_verification, is_active, unanswered};

/// Verifications read at once.
const AT_ONCE: usize = 200;

impl Verifications {
    /// A verification, with what the citizen has said meanwhile. Where dispatch cannot be asked it is as it was.
    pub(super) async fn learned(
        &self,
        caller: &CallerClaims,
        verification: Verification,
    ) -> Result<Verification, IdentityError> {
        if verification.stage != Stage::Challenged || verification.is_over(self.clock.now()) {
            return Ok(verification);
        }
        let id = verification.id;
        let context = Self::call_context(caller, &verification);
        let institution = verification.mandate.institution.id();
        let outcome = match self.challenger.answer(context, id.to_string(), institution).await {
            Ok(Answered::NotYet) | Err(IdentityError::ChallengeUnavailable { .. } | IdentityError::Verification(_)) => {
                return Ok(verification);
            }
            Err(failure) => return Err(failure),
            Ok(Answered::Yes(channel)) => self.decide(caller, &verification, channel).await,
            Ok(Answered::No) => {
                let refused = ("verification.refused", json!({}));
                self.happens(caller, id, Event::Refuse(RefusedBy::Citizen), refused).await
            }
        };
        match outcome {
            // Somebody else learned it at this moment, or ended the verification.
            Err(
                IdentityError::VerificationContended
                | IdentityError::Verification(
                    VerificationRefusal::NotNow(_) | VerificationRefusal::Ended(_) | VerificationRefusal::Expired,
                ),
            ) => find_verification(self.store.reader(), id).await,
            outcome => outcome,
        }
    }

    /// Asks about every verification nobody has answered yet, so that no screen need be open for the citizen's answer to be known.
    pub(crate) async fn learn(&self) -> Result<(), IdentityError> {
        let service = service();
        let mut after = None;
        loop {
            let some = unanswered(self.store.reader(), self.clock.now(), after, AT_ONCE as u64).await?;
            after = some.last().map(|last| last.id);
            let all = some.len() < AT_ONCE;
            for verification in some {
                self.learned(&service, verification).await?;
            }
            if all {
                return Ok(());
            }
        }
    }

    /// The citizen said yes; unless they have withdrawn meanwhile.
    pub(super) async fn decide(
        &self,
        caller: &CallerClaims,
        verification: &Verification,
        channel: ChallengeChannel,
    ) -> Result<Verification, IdentityError> {
        let id = verification.id;
        let decided = self
            .store
            .write_tx(async |tx| {
                let still = match verification.subject {
                    Subject::Citizen(citizen) => is_active(tx, citizen, verification.kind).await?,
                    // Refused by the rules below: nobody says yes where there is nobody.
                    Subject::Decoy(_) => true,
                };
                let (event, entry) = if still {
                    (Event::Approve(channel), "verification.approved")
                } else {
                    (Event::Refuse(RefusedBy::Withdrawal), "verification.refused")
                };
                self.happen(tx, caller, id, event, (entry, json!({}))).await
            })
            .await?;
        self.count_ended(&decided);
        Ok(decided)
    }
}
