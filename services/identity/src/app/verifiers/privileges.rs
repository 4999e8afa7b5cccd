//! The services' privilege: proposed, given by another, withdrawn.

use std::time::Duration;

use serde_json::json;
use straznica_contracts::identity::events::v1::PrivilegeChanged;
use straznica_journal::Entry;
use straznica_types::{OfficerId, Timestamp};

use super::Verifiers;
use crate::domain::verification::DocumentKind;
use crate::domain::verifiers::{
    InstitutionKind, Privilege, PrivilegeId, PrivilegeState, Reason, Role, VerifierRefusal, is_special_service,
};
use crate::domain::{CallerClaims, Refusal};
use crate::error::IdentityError;
use crate::store::{find_institution, find_privilege, holds, insert_privilege, privileges_of, update_privilege};

/// Longest life of a privilege.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);
/// Privileges listed at once.
const PAGE: u64 = 200;

/// What somebody proposes.
#[derive(Debug)]
pub(crate) struct Proposal {
    pub(crate) institution: String,
    pub(crate) officer: OfficerId,
    pub(crate) legal_basis: Reason,
    pub(crate) kinds: Vec<DocumentKind>,
    pub(crate) expires_at: Timestamp,
    pub(crate) reason: Reason,
}

impl Verifiers {
    /// A local administrator proposes a privilege for an official of the service.
    pub(crate) async fn propose_privilege(
        &self,
        caller: &CallerClaims,
        proposal: &Proposal,
    ) -> Result<Privilege, IdentityError> {
        let now = self.clock.now();
        if proposal.expires_at <= now || proposal.expires_at > now + LONGEST {
            let expected = "a time to come, at most 366 days away";
            return Err(Refusal::Invalid { member: "/expires_at_ms", expected }.into());
        }
        let institution = &proposal.institution;
        self.store
            .write_tx(async |tx| {
                let by = self.entitled(tx, caller, institution, &[Role::LocalAdministrator]).await?;
                let registered = self.active(tx, institution).await?;
                if registered.institution.kind() != InstitutionKind::Service {
                    return Err(VerifierRefusal::NotAService.into());
                }
                if is_special_service(InstitutionKind::Service, &[proposal.legal_basis.as_str()]) {
                    return Err(VerifierRefusal::Excluded.into());
                }
                if proposal.kinds.iter().any(|kind| !registered.kinds.contains(kind)) {
                    return Err(VerifierRefusal::NotAgreed("kind of document").into());
                }
                let proposed = Privilege {
                    id: PrivilegeId::generate_at(now),
                    institution: institution.clone(),
                    officer: proposal.officer.clone(),
                    legal_basis: proposal.legal_basis.clone(),
                    kinds: proposal.kinds.iter().copied().collect(),
                    expires_at: proposal.expires_at,
                    state: PrivilegeState::Proposed,
                    proposed_by: by.clone(),
                    proposed_at: now,
                    reason: proposal.reason.clone(),
                    change: None,
                };
                proposed.must_be_for_another()?;
                if !holds(tx, institution, &proposed.officer, Role::Official, now).await? {
                    return Err(VerifierRefusal::NotAnOfficial.into());
                }
                insert_privilege(tx, &proposed).await?;
                self.journal.record(tx, self.privilege_entry("privilege.proposed", caller, &proposed)).await?;
                Ok(proposed)
            })
            .await
    }

    /// The second person's word: a security officer's of the institution, or a central administrator's.
    pub(crate) async fn decide_privilege(
        &self,
        caller: &CallerClaims,
        institution: &str,
        id: PrivilegeId,
        grant: bool,
        reason: &Reason,
    ) -> Result<Privilege, IdentityError> {
        let now = self.clock.now();
        self.store
            .write_tx(async |tx| {
                let by = self.institution_or_centre(tx, caller, institution, &[Role::SecurityOfficer]).await?;
                let mut privilege =
                    find_privilege(tx, institution, id).await?.ok_or(VerifierRefusal::PrivilegeUnknown)?;
                privilege.decide(grant, by, reason.clone(), now)?;
                if grant {
                    if !self.are_appointed_apart(tx, institution, &privilege.proposed_by, by).await? {
                        return Err(VerifierRefusal::FourEyes.into());
                    }
                    self.active(tx, institution).await?;
                }
                update_privilege(tx, &privilege).await?;
                let kind = if grant { "privilege.granted" } else { "privilege.refused" };
                self.journal.record(tx, self.privilege_entry(kind, caller, &privilege)).await?;
                Ok(privilege)
            })
            .await
    }

    /// Ends a privilege or a proposal.
    pub(crate) async fn withdraw_privilege(
        &self,
        caller: &CallerClaims,
        institution: &str,
        id: PrivilegeId,
        reason: &Reason,
    ) -> Result<Privilege, IdentityError> {
        let now = self.clock.now();
        let roles = [Role::LocalAdministrator, Role::SecurityOfficer];
        self.store
            .write_tx(async |tx| {
                let by = self.institution_or_centre(tx, caller, institution, &roles).await?;
                let mut privilege =
                    find_privilege(tx, institution, id).await?.ok_or(VerifierRefusal::PrivilegeUnknown)?;
                privilege.withdraw(by, reason.clone(), now)?;
                update_privilege(tx, &privilege).await?;
                self.journal.record(tx, self.privilege_entry("privilege.withdrawn", caller, &privilege)).await?;
                Ok(privilege)
            })
            .await
    }

    /// Privileges of an institution; an official sees their own.
    pub(crate) async fn privileges(
        &self,
        caller: &CallerClaims,
        institution: &str,
    ) -> Result<Vec<Privilege>, IdentityError> {
        let reader = self.store.reader();
        let roles = [Role::LocalAdministrator, Role::SecurityOfficer];
        match self.institution_or_centre(reader, caller, institution, &roles).await {
            Ok(_) => privileges_of(reader, institution, None, PAGE).await,
            Err(IdentityError::Verifier(VerifierRefusal::NotEntitled)) => {
                let officer = self.entitled(reader, caller, institution, &[Role::Official]).await?;
                privileges_of(reader, institution, Some(officer), PAGE).await
            }
            Err(failure) => Err(failure),
        }
    }

    /// Somebody of the institution with one of these roles, or a central administrator.
    async fn institution_or_centre<'a>(
        &self,
        connection: &impl sea_orm::ConnectionTrait,
        caller: &'a CallerClaims,
        institution: &str,
        roles: &[Role],
    ) -> Result<&'a OfficerId, IdentityError> {
        find_institution(connection, institution).await?.ok_or(VerifierRefusal::InstitutionUnknown)?;
        match self.entitled(connection, caller, institution, roles).await {
            Err(IdentityError::Verifier(VerifierRefusal::NotEntitled)) => self.central(connection, caller).await,
            decided => decided,
        }
    }

    fn privilege_entry(&self, kind: &'static str, caller: &CallerClaims, privilege: &Privilege) -> Entry {
        let event = PrivilegeChanged {
            privilege_id: privilege.id.to_string(),
            institution_id: privilege.institution.clone(),
            state: privilege.state.as_str().to_owned(),
        };
        let kinds: Vec<_> = privilege.kinds.iter().map(|kind| kind.as_str()).collect();
        let reason = privilege.change.as_ref().map_or(&privilege.reason, |change| &change.reason);
        let detail = json!({
            "privilege_id": privilege.id,
            "institution_id": privilege.institution,
            "official": privilege.officer,
            "kinds": kinds,
            "expires_at": privilege.expires_at.to_string(),
            "proposed_by": privilege.proposed_by,
            "reason": reason.as_str(),
        });
        Self::entry(kind, caller, detail)
            .subject(self.pseudonym(&privilege.officer))
            .legal_basis(privilege.legal_basis.as_str())
            .event(&event)
    }
}
