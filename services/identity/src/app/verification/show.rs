//! Shows a document, once.
//!
//! Three steps, each of which fails closed: the access is written and committed; the register is asked, outside every transaction; what it answered is
//! written, and only then does the answer leave. A register that gives nothing gives the approval back.

use identifiers::Pesel;
use serde_json::json;
use straznica_contracts::sources::v1::LookupContext;
use straznica_types::{RequestId, Secret};

use super::{Verifications, must_not_be_locked};
use crate::app::registers::Answer;
use crate::domain::CallerClaims;
use crate::domain::verification::{
    CitizenId, Event, RefusedBy, Stage, Subject, Verification, VerificationId, VerificationRefusal,
};
use crate::error::IdentityError;
use crate::keys::{Field, Unopenable};
use crate::store::{citizen_of, find_verification, is_active};

/// What is shown.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) verification: Verification,
    pub(crate) register: String,
    pub(crate) answer: Answer,
}

impl Verifications {
    /// Asks the register and shows its answer.
    pub(crate) async fn show(
        &self,
        caller: &CallerClaims,
        institution: &str,
        id: VerificationId,
    ) -> Result<Shown, IdentityError> {
        let verification = self.own(caller, institution, id).await?;
        // The citizen may have said yes on the phone and nobody looked.
        let verification = self.learned(caller, verification).await?;
        let kind = verification.kind;
        let register = self.registers.answering(kind).ok_or(VerificationRefusal::KindNotServed(kind))?.to_owned();
        let (verification, pesel) = self.claim(caller, id, &register).await?;

        match self.people().pesel(pesel.expose()) {
            Ok(pesel) => self.disclose(caller, verification, register, &pesel).await,
            Err(_) => {
                let detail = json!({ "register": register, "answer": "not_asked" });
                self.happens(caller, id, Event::Release, ("verification.register_failed", detail)).await?;
                Err(Unopenable.into())
            }
        }
    }

    /// Asks the register for what is being disclosed, and writes down what it answered before the answer leaves.
    pub(super) async fn disclose(
        &self,
        caller: &CallerClaims,
        verification: Verification,
        register: String,
        pesel: &Pesel,
    ) -> Result<Shown, IdentityError> {
        let (id, kind) = (verification.id, verification.kind);
        let answer = self.registers.lookup(kind, pesel, lookup_context(caller, &verification, self)).await;
        let (event, entry) = if answer.is_shown() {
            (Event::Complete, "verification.shown")
        } else {
            (Event::Release, "verification.register_failed")
        };
        let age = match &answer {
            Answer::Found(_, age) | Answer::NoSuchDocument(age) => Some(*age),
            Answer::Unavailable(_) | Answer::Refused => None,
        };
        let detail = json!({
            "register": register,
            "answer": answer.name(),
            "as_of": age.map(|age| age.as_of.to_string()),
            "stale": age.map(|age| age.stale),
        });
        let verification = self.happens(caller, id, event, (entry, detail)).await?;
        Ok(Shown { verification, register, answer })
    }

    /// Takes the approval, so that nobody else can, and writes the access down. The citizen's PESEL is read on the way.
    async fn claim(
        &self,
        caller: &CallerClaims,
        id: VerificationId,
        register: &str,
    ) -> Result<(Verification, Secret<String>), IdentityError> {
        let (verification, sealed) = self
            .store
            .write_tx(async |tx| {
                let found = find_verification(tx, id).await?;
                let mandate = &found.mandate;
                let admitted = self.verifiers.admit(tx, mandate.institution.id(), &mandate.officer).await?;
                must_not_be_locked(tx, &found).await?;
                admitted.must_have_agreed(found.kind, &mandate.purpose)?;
                self.verifiers.must_be_served(tx, mandate.institution.id(), found.kind).await?;
                let citizen = self.consenting(tx, &found).await?;
                let Some((citizen, sealed)) = citizen else {
                    let refused = ("verification.refused", json!({}));
                    let refused = self.happen(tx, caller, id, Event::Refuse(RefusedBy::Withdrawal), refused).await?;
                    return Ok((refused, None));
                };
                let entry = ("verification.disclosure", json!({ "register": register }));
                let claimed = self.happen(tx, caller, id, Event::Disclose, entry).await?;
                Ok::<_, IdentityError>((claimed, Some((citizen, sealed))))
            })
            .await?;
        self.count_ended(&verification);
        match (verification.stage, sealed) {
            (Stage::Disclosing(_), Some((citizen, sealed))) => {
                Ok((verification, self.keys.unseal(citizen, Field::Pesel, &sealed)?))
            }
            (stage, _) => Err(VerificationRefusal::Ended(stage.name()).into()),
        }
    }

    /// The citizen and their PESEL, sealed, while they let this kind be asked for; `None` once they have withdrawn.
    async fn consenting(
        &self,
        tx: &sea_orm::DatabaseTransaction,
        verification: &Verification,
    ) -> Result<Option<(CitizenId, Vec<u8>)>, IdentityError> {
        // The stage first: what is refused for it is refused in the same words where there is nobody.
        if !matches!(verification.stage, Stage::Approved(_)) {
            let stage = verification.stage;
            let ended = stage.is_final();
            let refusal = if ended {
                VerificationRefusal::Ended(stage.name())
            } else {
                VerificationRefusal::NotNow(stage.name())
            };
            return Err(refusal.into());
        }
        let Subject::Citizen(citizen) = verification.subject else {
            return Err(VerificationRefusal::NotNow(verification.stage.name()).into());
        };
        if !is_active(tx, citizen, verification.kind).await? {
            return Ok(None);
        }
        Ok(citizen_of(tx, citizen).await?.map(|kept| (kept.id, kept.pesel_sealed)))
    }
}

fn lookup_context(caller: &CallerClaims, verification: &Verification, app: &Verifications) -> LookupContext {
    let mandate = &verification.mandate;
    let request_id = caller.request_id.unwrap_or_else(|| RequestId::generate_at(app.clock.now()));
    let mut context = LookupContext::default();
    context.request_id = request_id.to_string();
    context.transaction_id = verification.id.to_string();
    context.institution = mandate.institution.id().to_owned();
    context.officer = mandate.officer.to_string();
    context.purpose = mandate.purpose.clone();
    context.legal_basis = mandate.legal_basis.clone();
    context.case_number = mandate.case_number.to_string();
    context
}
