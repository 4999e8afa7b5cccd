//! Opens a verification and asks the citizen, if there is one.
//!
//! Whoever was typed, the same statements run, the same row and the same entry are written, a phone is decrypted, and dispatch is asked: a caller learns
//! from neither answer nor time whether the person is known, has activated this document, or is locked.

use std::time::Duration;

use identifiers::PhoneNumber;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_journal::Entry;
use straznica_types::Timestamp;

use super::{Verifications, context_of};
use crate::app::challenger::{Asked, Question};
use crate::domain::CallerClaims;
use crate::domain::verification::{
    Criterion, DocumentKind, Event, Mandate, Stage, Subject, Times, Verification, VerificationId, VerificationRefusal,
};
use crate::domain::verifiers::Registered;
use crate::error::IdentityError;
use crate::keys::{Field, Index, Unopenable};
use crate::store::{
    Class, KeptCitizen, count_up, find_citizen, insert_verification, is_active, is_locked, lock, official,
};

/// A verification that was opened, and how the citizen was asked.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) verification: Verification,
    pub(crate) asked: Asked,
}

/// A verification as it was written, and the citizen found.
struct Begun {
    verification: Verification,
    citizen: Option<KeptCitizen>,
}

impl Verifications {
    /// Opens a verification. The attempt is counted and journalled, and the official locked where it was one too many, before anybody is asked.
    pub(crate) async fn open(
        &self,
        caller: &CallerClaims,
        institution: &str,
        criterion: &Criterion,
        kind: DocumentKind,
    ) -> Result<Opened, IdentityError> {
        let now = self.clock.now();
        let admitted = self.admitted(caller, institution).await?;
        let (mandate, deferral) = Mandate::of(caller, admitted.institution.clone(), &self.rules.purposes)?;
        admitted.must_have_agreed(kind, &mandate.purpose)?;
        if !kind.can_be_activated() || self.registers.answering(kind).is_none() {
            return Err(VerificationRefusal::KindNotServed(kind).into());
        }
        self.verifiers.must_be_served(self.store.reader(), institution, kind).await?;
        let (field, index) = self.keys.index_of(criterion);
        let draft = self.draft(mandate, deferral, kind, index, now);
        let begun = self.store.write_tx(async |tx| self.begin(tx, caller, draft, field, index, now).await).await?;
        let Some(Begun { verification, citizen }) = begun else {
            return Err(VerificationRefusal::OfficialLocked.into());
        };
        let asked = self.ask(caller, &verification, citizen.as_ref()).await?;
        let challenged = ("verification.challenged", json!({}));
        let verification = self.happens(caller, verification.id, Event::Challenge, challenged).await?;
        Ok(Opened { verification, asked })
    }

    /// A verification about nobody yet. The citizen may read of it after `deferral`.
    pub(super) fn draft(
        &self,
        mandate: Mandate,
        deferral: Duration,
        kind: DocumentKind,
        index: Index,
        now: Timestamp,
    ) -> Verification {
        Verification {
            id: VerificationId::generate_at(now),
            subject: Subject::Decoy(None),
            criterion: index.hex(),
            binding_text: mandate.binding_text(kind, &self.rules.purposes),
            mandate,
            kind,
            stage: Stage::Opened,
            times: Times {
                opened_at: now,
                updated_at: now,
                expires_at: now + self.rules.life,
                visible_from: now + deferral,
            },
            revision: 0,
        }
    }

    /// The institution the caller asks for. That somebody tried who may not is on record.
    pub(super) async fn admitted(&self, caller: &CallerClaims, institution: &str) -> Result<Registered, IdentityError> {
        let officer = caller.officer()?;
        let admitted = self.verifiers.admit(self.store.reader(), institution, officer).await;
        if let Err(IdentityError::Verifier(refusal)) = &admitted {
            let detail = json!({ "institution_id": institution, "why": refusal.to_string() });
            self.journal
                .record_read(Entry::new("verification.not_admitted", context_of(caller)).detail(detail))
                .await?;
        }
        admitted
    }

    /// `None`: the official is locked.
    async fn begin(
        &self,
        tx: &DatabaseTransaction,
        caller: &CallerClaims,
        mut verification: Verification,
        field: Field,
        index: Index,
        now: Timestamp,
    ) -> Result<Option<Begun>, IdentityError> {
        if !self.count_official(tx, caller, &verification).await? {
            return Ok(None);
        }
        let today = now.date();
        let found = find_citizen(tx, field, index).await?;
        // The same for nobody as for somebody: one row is counted, one looked for.
        let person = found.as_ref().unwrap_or(&self.nobody);
        let active = is_active(tx, person.id, verification.kind).await?;
        let counted = found.as_ref().map_or_else(|| index.hex(), |citizen| citizen.id.to_string());
        let asked_today = count_up(tx, Class::Subject, &counted, today).await?;
        verification.subject = match &found {
            Some(citizen) if active && citizen.phone_sealed.is_some() && asked_today <= self.rules.subject_daily => {
                Subject::Citizen(citizen.id)
            }
            other => Subject::Decoy(other.as_ref().map(|citizen| citizen.id)),
        };
        insert_verification(tx, &verification).await?;
        let detail = json!({ "asked_today": asked_today, "decoy": verification.subject.is_decoy() });
        self.journal.record(tx, self.entry("verification.opened", caller, &verification, detail)).await?;
        Ok(Some(Begun { verification, citizen: found }))
    }

    /// Counts the official's attempt, and locks them where it is one too many; `false`: they are locked.
    pub(super) async fn count_official(
        &self,
        tx: &DatabaseTransaction,
        caller: &CallerClaims,
        verification: &Verification,
    ) -> Result<bool, IdentityError> {
        let now = self.clock.now();
        let (institution, officer) = (verification.mandate.institution.id(), &verification.mandate.officer);
        if is_locked(tx, institution, officer).await? {
            self.journal
                .record(
                    tx,
                    self.entry("verification.refused", caller, verification, json!({ "why": "official_locked" })),
                )
                .await?;
            return Ok(false);
        }
        if count_up(tx, Class::Official, &official(institution, officer), now.date()).await? > self.rules.official_daily
        {
            lock(tx, institution, officer, now).await?;
            let detail = json!({ "institution_id": institution, "daily_limit": self.rules.official_daily });
            self.journal.record(tx, Entry::new("official.locked", context_of(caller)).detail(detail)).await?;
            return Ok(false);
        }
        Ok(true)
    }

    /// The number of a citizen; where there is none, a number all the same, for the same work.
    pub(in crate::app) fn phone_of(&self, citizen: Option<&KeptCitizen>) -> Result<PhoneNumber, Unopenable> {
        let person = citizen.unwrap_or(&self.nobody);
        let sealed = person.phone_sealed.as_ref().or(self.nobody.phone_sealed.as_ref()).ok_or(Unopenable)?;
        let of = if person.phone_sealed.is_some() { person.id } else { self.nobody.id };
        let number = self.keys.unseal(of, Field::Phone, sealed)?;
        PhoneNumber::parse(number.expose()).map_err(|_| Unopenable)
    }

    /// Has the citizen asked; where there is none, nobody, with the same work.
    async fn ask(
        &self,
        caller: &CallerClaims,
        verification: &Verification,
        citizen: Option<&KeptCitizen>,
    ) -> Result<Asked, IdentityError> {
        let phone = self.phone_of(citizen)?;
        let question = Question {
            context: Self::call_context(caller, verification),
            transaction: verification.id.to_string(),
            subject: self.pseudonym_of(verification).to_string(),
            phone: Some(&phone).filter(|_| !verification.subject.is_decoy()),
            institution: verification.mandate.institution.id(),
            binding_text: &verification.binding_text,
            life: self.rules.life,
            conceal: true,
            prompt: true,
        };
        let asked = self.challenger.ask(question).await;
        self.heard(caller, verification, asked).await
    }
}
