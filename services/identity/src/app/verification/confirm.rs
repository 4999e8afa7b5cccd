//! The code the citizen has read out, and sending it once more.

use serde_json::json;
use straznica_types::Secret;

use super::{Verifications, must_not_be_locked};
use crate::app::challenger::{Asked, CodeVerdict};
use crate::domain::CallerClaims;
use crate::domain::verification::{
    ChallengeChannel, Event, Stage, Times, Verification, VerificationId, VerificationRefusal,
};
use crate::error::IdentityError;

impl Verifications {
    /// Has the same code sent once more.
    pub(crate) async fn resend(
        &self,
        caller: &CallerClaims,
        institution: &str,
        id: VerificationId,
    ) -> Result<Asked, IdentityError> {
        let verification = self.own(caller, institution, id).await?;
        must_not_be_locked(self.store.reader(), &verification).await?;
        self.must_be_challenged(&verification)?;
        let context = Self::call_context(caller, &verification);
        let asked = self.challenger.ask_again(context, id.to_string(), institution).await;
        let asked = self.heard(caller, &verification, asked).await?;
        let entry = self.entry("verification.code_resent", caller, &verification, json!({}));
        self.journal.record_read(entry).await?;
        Ok(asked)
    }

    /// Has a code compared, and writes down what came of it.
    pub(crate) async fn confirm(
        &self,
        caller: &CallerClaims,
        institution: &str,
        id: VerificationId,
        code: &Secret<String>,
    ) -> Result<Verification, IdentityError> {
        let verification = self.own(caller, institution, id).await?;
        must_not_be_locked(self.store.reader(), &verification).await?;
        self.must_be_challenged(&verification)?;
        let context = Self::call_context(caller, &verification);
        let verdict = self.challenger.compare(context, id.to_string(), institution, code).await;
        match self.heard(caller, &verification, verdict).await? {
            CodeVerdict::Right => {
                let decided = self.decide(caller, &verification, ChallengeChannel::Sms).await?;
                approved(decided)
            }
            CodeVerdict::Wrong => {
                let entry = self.entry("verification.code_wrong", caller, &verification, json!({}));
                self.journal.record_read(entry).await?;
                Err(VerificationRefusal::CodeWrong.into())
            }
            CodeVerdict::NoAttemptLeft => {
                self.happens(caller, id, Event::Lock, ("verification.locked", json!({}))).await?;
                Err(VerificationRefusal::NoAttemptLeft.into())
            }
            // The citizen may have answered on the phone at this moment; then there is no code any more.
            CodeVerdict::Expired => {
                let learned = self.learned(caller, verification).await?;
                match learned.stage {
                    Stage::Challenged => Err(VerificationRefusal::Expired.into()),
                    _ => approved(learned),
                }
            }
        }
    }

    fn must_be_challenged(&self, verification: &Verification) -> Result<(), VerificationRefusal> {
        self.must_wait_for_code(verification.stage, &verification.times)
    }

    /// Whether a code is waited for.
    pub(in crate::app) fn must_wait_for_code(&self, stage: Stage, times: &Times) -> Result<(), VerificationRefusal> {
        if stage.is_final() {
            return Err(VerificationRefusal::Ended(stage.name()));
        }
        if self.clock.now() >= times.expires_at {
            return Err(VerificationRefusal::Expired);
        }
        (stage == Stage::Challenged).then_some(()).ok_or(VerificationRefusal::NotNow(stage.name()))
    }
}

/// The verification, if it is approved.
fn approved(decided: Verification) -> Result<Verification, IdentityError> {
    match decided.stage {
        Stage::Approved(_) => Ok(decided),
        other => Err(VerificationRefusal::Ended(other.name()).into()),
    }
}
