//! Institutions and stages: entered, decided on, suspended, closed; what is served where.

use serde_json::json;
use straznica_contracts::identity::events::v1::{InstitutionChanged, RoleChanged, StageSet};
use straznica_types::Timestamp;

use super::Verifiers;
use crate::domain::CallerClaims;
use crate::domain::verification::DocumentKind;
use crate::domain::verifiers::{
    Application, InstitutionState, Reason, Registered, Role, RoleHeld, RolloutStage, Step, VerifierRefusal,
};
use crate::error::IdentityError;
use crate::store::{
    count_applications, find_institution, first_administrator, held_by, insert_application, list_institutions,
    put_role, set_stage, stages, update_institution,
};

/// Institutions of one page.
const PAGE: u64 = 100;

impl Verifiers {
    /// Enters an application.
    pub(crate) async fn apply(
        &self,
        caller: &CallerClaims,
        application: &Application,
    ) -> Result<Registered, IdentityError> {
        self.central(self.store.reader(), caller).await?;
        let registered = &application.registered;
        registered.check(&self.purposes)?;
        if registered.is_excluded() {
            let detail = json!({ "institution_id": registered.institution.id(), "why": "special_service" });
            self.journal.record_read(Self::entry("institution.application_refused", caller, detail)).await?;
            return Err(VerifierRefusal::Excluded.into());
        }
        self.store
            .write_tx(async |tx| {
                self.central(tx, caller).await?;
                let id = registered.institution.id();
                match find_institution(tx, id).await?.map(|known| known.state) {
                    None | Some(InstitutionState::Refused) => {}
                    Some(_) => return Err(VerifierRefusal::InstitutionKnown.into()),
                }
                if count_applications(tx).await? >= self.waiting_applications {
                    return Err(VerifierRefusal::TooManyApplications.into());
                }
                self.must_be_unused(tx, &application.administrator, &application.logins).await?;
                insert_application(tx, application).await?;
                self.journal.record(tx, changed("institution.applied", caller, registered)).await?;
                Ok::<_, IdentityError>(())
            })
            .await?;
        Ok(registered.clone())
    }

    /// Takes a step with an institution. An approval makes its first local administrator one; whoever decides is not that person either, and neither owes the role
    /// to who entered the application nor gave it to them.
    pub(crate) async fn step(
        &self,
        caller: &CallerClaims,
        id: &str,
        step: Step,
        reason: &Reason,
    ) -> Result<Registered, IdentityError> {
        let now = self.clock.now();
        self.store
            .write_tx(async |tx| {
                let by = self.central(tx, caller).await?;
                let mut registered = find_institution(tx, id).await?.ok_or(VerifierRefusal::InstitutionUnknown)?;
                registered.take(step, by, reason.clone(), now)?;
                if step == Step::Approve {
                    let first = first_administrator(tx, id).await?.ok_or(VerifierRefusal::OfficialUnknown)?;
                    let (administrator, logins) = first;
                    if administrator == *by || !self.are_two(tx, by, &registered.entered_by).await? {
                        return Err(VerifierRefusal::FourEyes.into());
                    }
                    self.must_be_unused(tx, &administrator, &logins).await?;
                    crate::store::put_official(tx, &administrator, &logins, now).await?;
                    let held = RoleHeld {
                        institution: id.to_owned(),
                        officer: administrator,
                        role: Role::LocalAdministrator,
                        granted_by: by.clone(),
                        granted_at: now,
                        expires_at: None,
                        reason: reason.as_str().to_owned(),
                    };
                    put_role(tx, &held).await?;
                    let event = RoleChanged {
                        institution_id: id.to_owned(),
                        role: held.role.as_str().to_owned(),
                        granted: true,
                    };
                    let detail = json!({ "institution_id": id, "official": held.officer, "role": held.role.as_str() });
                    let entry = Self::entry("role.granted", caller, detail).subject(self.pseudonym(&held.officer));
                    self.journal.record(tx, entry.event(&event)).await?;
                }
                update_institution(tx, &registered).await?;
                self.journal.record(tx, changed(entry_kind(step), caller, &registered)).await?;
                Ok(registered)
            })
            .await
    }

    /// One institution: for central administrators and its own people.
    pub(crate) async fn institution(&self, caller: &CallerClaims, id: &str) -> Result<Registered, IdentityError> {
        let reader = self.store.reader();
        let officer = caller.officer()?;
        let now = self.clock.now();
        let own = held_by(reader, officer).await?.iter().any(|held| held.institution == id && held.is_in_force(now));
        if !own && !self.is_central(reader, officer, now).await? {
            return Err(VerifierRefusal::NotEntitled.into());
        }
        find_institution(reader, id).await?.ok_or_else(|| VerifierRefusal::InstitutionUnknown.into())
    }

    /// Institutions by id.
    pub(crate) async fn institutions(
        &self,
        caller: &CallerClaims,
        state: Option<InstitutionState>,
        after: &str,
    ) -> Result<Vec<Registered>, IdentityError> {
        let reader = self.store.reader();
        self.central(reader, caller).await?;
        list_institutions(reader, state, after, PAGE).await
    }

    /// Says from when to when a kind is served where.
    pub(crate) async fn set_stage(
        &self,
        caller: &CallerClaims,
        kind: DocumentKind,
        institution: Option<String>,
        from: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<RolloutStage, IdentityError> {
        let now = self.clock.now();
        self.store
            .write_tx(async |tx| {
                let by = self.central(tx, caller).await?;
                if let Some(id) = &institution
                    && find_institution(tx, id).await?.is_none()
                {
                    return Err(VerifierRefusal::InstitutionUnknown.into());
                }
                let institution = institution.clone();
                let stage = RolloutStage { kind, institution, from, until, set_by: by.clone(), set_at: now };
                set_stage(tx, &stage).await?;
                let event = StageSet {
                    kind: kind.as_str().to_owned(),
                    institution_id: stage.institution.clone().unwrap_or_default(),
                    from_ms: from.millis(),
                    until_ms: until.map_or(0, Timestamp::millis),
                };
                let detail = json!({
                    "kind": kind.as_str(),
                    "institution_id": stage.institution,
                    "from": from.to_string(),
                    "until": until.map(|until| until.to_string()),
                });
                self.journal.record(tx, Self::entry("stage.set", caller, detail).event(&event)).await?;
                Ok(stage)
            })
            .await
    }

    /// What is served where.
    pub(crate) async fn stages(&self) -> Result<Vec<RolloutStage>, IdentityError> {
        stages(self.store.reader(), None).await
    }
}

const fn entry_kind(step: Step) -> &'static str {
    match step {
        Step::Approve => "institution.approved",
        Step::Refuse => "institution.refused",
        Step::Suspend => "institution.suspended",
        Step::Resume => "institution.resumed",
        Step::Close => "institution.closed",
    }
}

fn changed(kind: &'static str, caller: &CallerClaims, registered: &Registered) -> straznica_journal::Entry {
    let institution = &registered.institution;
    let event = InstitutionChanged {
        institution_id: institution.id().to_owned(),
        kind: institution.kind().as_str().to_owned(),
        state: registered.state.as_str().to_owned(),
    };
    let kinds: Vec<_> = registered.kinds.iter().map(|kind| kind.as_str()).collect();
    let detail = json!({
        "institution_id": institution.id(),
        "name": institution.name(),
        "kind": institution.kind().as_str(),
        "kinds": kinds,
        "purposes": registered.purposes,
        "state": registered.state.as_str(),
        "reason": registered.change.as_ref().map(|change| change.reason.as_str()),
    });
    Verifiers::entry(kind, caller, detail).legal_basis(registered.legal_basis.as_str()).event(&event)
}
