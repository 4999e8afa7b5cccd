//! Verifications: opened, the citizen asked, the code confirmed, the document shown.

mod confirm;
mod end;
mod learn;
mod open;
mod privileged;
mod show;
mod unlock;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::{Value, json};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::events::v1::VerificationEnded;
use straznica_journal::{Context, Entry, Journal, Pseudonym};
use straznica_store::Store;
use straznica_types::{Environment, SharedClock};

pub(crate) use show::Shown;

use super::{Challenger, Registers, Verifiers};
use crate::domain::CallerClaims;
use crate::domain::verification::{
    Event, People, Verification, VerificationId, VerificationPurposes, VerificationRefusal,
};
use crate::domain::verifiers::AlertLimits;
use crate::error::IdentityError;
use crate::keys::CitizenKeys;
use crate::metrics::Metrics;
use crate::store::{KeptCitizen, find_verification, is_locked, lock, update_verification};

/// Everything the use cases of mDokumenty work with.
pub(crate) struct Verifications {
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) clock: SharedClock,
    pub(crate) keys: CitizenKeys,
    /// Who may ask.
    pub(crate) verifiers: Arc<Verifiers>,
    pub(crate) registers: Registers,
    pub(crate) challenger: Challenger,
    pub(crate) rules: VerificationRules,
    /// Nobody: stands where a citizen would, so that the same work is done.
    pub(crate) nobody: KeptCitizen,
    pub(crate) metrics: Arc<Metrics>,
}

/// What the configuration decides.
pub(crate) struct VerificationRules {
    pub(crate) environment: Environment,
    pub(crate) purposes: VerificationPurposes,
    pub(crate) life: Duration,
    pub(crate) official_daily: i64,
    pub(crate) subject_daily: i64,
    pub(crate) asker_daily: i64,
    /// How dispatch knows the service itself, when a citizen confirms a phone.
    pub(crate) own_institution: String,
    /// Uses of privileges drawn for review, of a thousand.
    pub(crate) review_permille: u32,
    /// What use of privileges is unusual.
    pub(crate) alerts: AlertLimits,
}

/// Who calls, as the journal keeps it where no verification says more.
pub(in crate::app) fn context_of(caller: &CallerClaims) -> Context {
    Context {
        actor: caller.actor.clone(),
        terminal: caller.terminal.as_ref().map(ToString::to_string).unwrap_or_default(),
        officer: caller.officer.as_ref().map(ToString::to_string).unwrap_or_default(),
        purpose: caller.purpose.clone().unwrap_or_default(),
        case_number: caller.case_number.as_ref().map(ToString::to_string).unwrap_or_default(),
        request_id: caller.request_id.map(|id| id.to_string()).unwrap_or_default(),
    }
}

impl Verifications {
    /// Whose numbers are taken today.
    pub(crate) fn people(&self) -> People {
        People { environment: self.rules.environment, today: self.clock.now().date() }
    }

    /// An entry about a verification. Subject is the keyed digest of what was typed.
    pub(super) fn entry(
        &self,
        kind: &'static str,
        caller: &CallerClaims,
        verification: &Verification,
        detail: Value,
    ) -> Entry {
        let mandate = &verification.mandate;
        let mut context = context_of(caller);
        context.officer = mandate.officer.to_string();
        context.purpose = mandate.purpose.clone();
        context.case_number = mandate.case_number.to_string();
        let mut all = serde_json::json!({
            "verification_id": verification.id,
            "criterion": verification.criterion,
            "institution_id": mandate.institution.id(),
            "kind": verification.kind.as_str(),
            "stage": verification.stage.name(),
            "qualifier": verification.stage.qualifier(),
        });
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), detail) {
            all.extend(more);
        }
        let subject = self.pseudonym_of(verification);
        let entry = Entry::new(kind, context).subject(subject).legal_basis(mandate.legal_basis.clone()).detail(all);
        if verification.stage.is_final() { entry.event(&ended(verification)) } else { entry }
    }

    /// How journal and dispatch know the person: somebody known however they were found, anybody else by what was typed.
    pub(super) fn pseudonym_of(&self, verification: &Verification) -> Pseudonym {
        match verification.subject.citizen() {
            Some(id) => self.journal.pseudonym("citizen", &id.to_string()),
            None => self.journal.pseudonym("criterion", &verification.criterion),
        }
    }

    /// On whose behalf others are called.
    pub(super) fn call_context(caller: &CallerClaims, verification: &Verification) -> CallContext {
        let mandate = &verification.mandate;
        CallContext {
            terminal_id: mandate.terminal.as_ref().map(ToString::to_string).unwrap_or_default(),
            officer: mandate.officer.to_string(),
            purpose: mandate.purpose.clone(),
            case_number: mandate.case_number.to_string(),
            request_id: caller.request_id.map(|id| id.to_string()).unwrap_or_default(),
        }
    }

    /// Lets something happen to a verification, as it is now in the database, with an entry that says so.
    pub(super) async fn happen(
        &self,
        tx: &DatabaseTransaction,
        caller: &CallerClaims,
        id: VerificationId,
        event: Event,
        entry: (&'static str, Value),
    ) -> Result<Verification, IdentityError> {
        let mut verification = find_verification(tx, id).await?;
        verification.apply(event, self.clock.now())?;
        if !update_verification(tx, &verification).await? {
            return Err(IdentityError::VerificationContended);
        }
        verification.revision += 1;
        let (kind, detail) = entry;
        self.journal.record(tx, self.entry(kind, caller, &verification, detail)).await?;
        Ok(verification)
    }

    /// [`Self::happen`] in a transaction of its own.
    pub(super) async fn happens(
        &self,
        caller: &CallerClaims,
        id: VerificationId,
        event: Event,
        entry: (&'static str, Value),
    ) -> Result<Verification, IdentityError> {
        let happened = self.store.write_tx(async |tx| self.happen(tx, caller, id, event, entry.clone()).await).await?;
        self.count_ended(&happened);
        Ok(happened)
    }

    /// Counts a verification that has ended.
    pub(super) fn count_ended(&self, verification: &Verification) {
        if verification.stage.is_final() {
            let relation = verification.mandate.institution.kind().as_str();
            self.metrics.verified(relation, verification.kind, verification.stage);
        }
    }

    /// The caller's own verification, while they are an official of an institution that may ask.
    pub(super) async fn own(
        &self,
        caller: &CallerClaims,
        institution: &str,
        id: VerificationId,
    ) -> Result<Verification, IdentityError> {
        let verification = find_verification(self.store.reader(), id).await?;
        verification.must_be_of(caller, institution)?;
        self.verifiers.admit(self.store.reader(), institution, &verification.mandate.officer).await?;
        Ok(verification)
    }
}

impl Verifications {
    /// What dispatch answered. Where it has locked the official, for codes compared in a day, the lock is put up here too: where it is shown, and lifted.
    pub(super) async fn heard<T>(
        &self,
        caller: &CallerClaims,
        verification: &Verification,
        answer: Result<T, IdentityError>,
    ) -> Result<T, IdentityError> {
        if matches!(answer, Err(IdentityError::Verification(VerificationRefusal::OfficialLocked))) {
            let (institution, officer) = (verification.mandate.institution.id(), &verification.mandate.officer);
            self.store
                .write_tx(async |tx| {
                    if is_locked(tx, institution, officer).await? {
                        return Ok::<_, IdentityError>(());
                    }
                    lock(tx, institution, officer, self.clock.now()).await?;
                    let detail = json!({ "institution_id": institution, "why": "codes" });
                    self.journal.record(tx, Entry::new("official.locked", context_of(caller)).detail(detail)).await?;
                    Ok(())
                })
                .await?;
        }
        answer
    }
}

/// The official of a verification is not locked: whoever has used up the day does not go on with what was begun before either.
pub(super) async fn must_not_be_locked(
    connection: &impl ConnectionTrait,
    verification: &Verification,
) -> Result<(), IdentityError> {
    let mandate = &verification.mandate;
    if is_locked(connection, mandate.institution.id(), &mandate.officer).await? {
        return Err(VerificationRefusal::OfficialLocked.into());
    }
    Ok(())
}

/// What others are told of a verification that ended.
fn ended(verification: &Verification) -> VerificationEnded {
    VerificationEnded {
        verification_id: verification.id.to_string(),
        kind: verification.kind.as_str().to_owned(),
        institution_id: verification.mandate.institution.id().to_owned(),
        purpose: verification.mandate.purpose.clone(),
        stage: verification.stage.name().to_owned(),
        qualifier: verification.stage.qualifier().to_owned(),
        relation: verification.mandate.institution.kind().as_str().to_owned(),
    }
}
