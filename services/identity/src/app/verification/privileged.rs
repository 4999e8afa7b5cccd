//! A service asks a register without the citizen's code, by privilege.
//!
//! It rests on law, so the person need not use the service. One call does it all: the number that was typed is in memory only, and there is nothing to come
//! back to when the register gives nothing. Counted, journalled, drawn for review and looked at for what is unusual, all before the register hears
//! anything.

use identifiers::Pesel;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::identity::events::v1::PrivilegeAlertRaised;
use straznica_journal::Entry;

use super::{Shown, Verifications, context_of};
use crate::domain::CallerClaims;
use crate::domain::verification::{DocumentKind, Event, Mandate, Subject, Verification, VerificationRefusal};
use crate::domain::verifiers::{Alert, AlertId, AlertRule, InstitutionKind, Privilege, Registered, VerifierRefusal};
use crate::error::IdentityError;
use crate::keys::Field;
use crate::store::{Use, count_use, find_citizen, insert_review, insert_verification, privileges_of, raise_alert};

/// Privileges of one official that are looked at.
const MOST: u64 = 200;

impl Verifications {
    /// Asks and shows.
    pub(crate) async fn check_by_privilege(
        &self,
        caller: &CallerClaims,
        institution: &str,
        pesel: &Pesel,
        kind: DocumentKind,
    ) -> Result<Shown, IdentityError> {
        let now = self.clock.now();
        let admitted = self.admitted(caller, institution).await?;
        if admitted.institution.kind() != InstitutionKind::Service {
            return Err(VerifierRefusal::NotAService.into());
        }
        let (mut mandate, deferral) = Mandate::of(caller, admitted.institution.clone(), &self.rules.purposes)?;
        let register = self.registers.answering(kind).ok_or(VerificationRefusal::KindNotServed(kind))?.to_owned();
        self.verifiers.must_be_served(self.store.reader(), institution, kind).await?;
        let privilege = self.privilege(caller, &admitted, kind).await?;
        mandate.legal_basis = privilege.legal_basis.as_str().to_owned();
        let index = self.keys.index(Field::Pesel, pesel.expose());
        let draft = self.draft(mandate, deferral, kind, index, now);
        let begun = self
            .store
            .write_tx(async |tx| {
                // Nobody is asked for a yes. Who uses the service reads of it.
                let found = find_citizen(tx, Field::Pesel, index).await?;
                let subject = Subject::Decoy(found.map(|citizen| citizen.id));
                let draft = Verification { subject, ..draft.clone() };
                self.begin_privileged(tx, caller, draft, &privilege, &register).await
            })
            .await?;
        let verification = begun.ok_or(VerificationRefusal::OfficialLocked)?;
        self.disclose(caller, verification, register, pesel).await
    }

    /// The privilege the caller uses. That somebody tried without is on record.
    async fn privilege(
        &self,
        caller: &CallerClaims,
        admitted: &Registered,
        kind: DocumentKind,
    ) -> Result<Privilege, IdentityError> {
        let (officer, institution) = (caller.officer()?, admitted.institution.id());
        let now = self.clock.now();
        let held = privileges_of(self.store.reader(), institution, Some(officer), MOST).await?;
        if let Some(privilege) = held.into_iter().find(|privilege| privilege.covers(kind, now)) {
            return Ok(privilege);
        }
        let refusal = VerifierRefusal::NoPrivilege;
        let detail = json!({ "institution_id": institution, "kind": kind.as_str(), "why": refusal.to_string() });
        self.journal.record_read(Entry::new("verification.not_admitted", context_of(caller)).detail(detail)).await?;
        Err(refusal.into())
    }

    /// `None`: the official is locked.
    async fn begin_privileged(
        &self,
        tx: &DatabaseTransaction,
        caller: &CallerClaims,
        verification: Verification,
        privilege: &Privilege,
        register: &str,
    ) -> Result<Option<Verification>, IdentityError> {
        let (institution, officer) = (&privilege.institution, &privilege.officer);
        // What was withdrawn a moment ago is worth nothing.
        let admitted = self.verifiers.admit(tx, institution, officer).await?;
        admitted.must_have_agreed(verification.kind, &verification.mandate.purpose)?;
        let (kind, now) = (verification.kind, self.clock.now());
        let held = privileges_of(tx, institution, Some(officer), MOST).await?;
        if !held.iter().any(|held| held.id == privilege.id && held.covers(kind, now)) {
            return Err(VerifierRefusal::NoPrivilege.into());
        }
        if !self.count_official(tx, caller, &verification).await? {
            return Ok(None);
        }
        insert_verification(tx, &verification).await?;
        let detail = json!({ "privilege_id": privilege.id });
        self.journal.record(tx, self.entry("verification.opened", caller, &verification, detail.clone())).await?;
        let id = verification.id;
        self.happen(tx, caller, id, Event::UsePrivilege, ("verification.privilege_used", detail)).await?;
        self.watch(tx, caller, &verification, privilege).await?;
        let entry = ("verification.disclosure", json!({ "register": register }));
        self.happen(tx, caller, id, Event::Disclose, entry).await.map(Some)
    }

    /// Counts the use, draws it for review or not, and raises what alerts it calls for.
    async fn watch(
        &self,
        tx: &DatabaseTransaction,
        caller: &CallerClaims,
        verification: &Verification,
        privilege: &Privilege,
    ) -> Result<(), IdentityError> {
        let now = self.clock.now();
        let (institution, officer) = (privilege.institution.as_str(), &privilege.officer);
        let criterion = verification.criterion.as_str();
        let (id, day) = (verification.id, now.date());
        let used = Use { verification: id, privilege: privilege.id, institution, officer, criterion, day };
        let uses = count_use(tx, &used).await?;
        if self.keys.draws(id, self.rules.review_permille) {
            insert_review(tx, id, institution, officer, now).await?;
        }
        for (rule, counted, threshold) in self.rules.alerts.broken_by(&uses) {
            let alert = Alert {
                id: AlertId::generate_at(now),
                rule,
                officer: officer.clone(),
                raised_at: now,
                counted,
                threshold,
                acknowledged: None,
            };
            let about = if rule == AlertRule::SamePerson { criterion } else { "" };
            if !raise_alert(tx, &alert, institution, about, day).await? {
                continue;
            }
            let event = PrivilegeAlertRaised {
                alert_id: alert.id.to_string(),
                institution_id: institution.to_owned(),
                rule: rule.as_str().to_owned(),
            };
            let detail = json!({
                "alert_id": alert.id,
                "institution_id": institution,
                "rule": rule.as_str(),
                "counted": counted,
                "threshold": threshold,
            });
            let entry = Entry::new("alert.raised", context_of(caller)).detail(detail).event(&event);
            self.journal.record(tx, entry).await?;
            self.metrics.privilege_alert(rule);
        }
        Ok(())
    }
}
