//! Officials: who has logged in, which posts they hold, who gives and takes them.

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::json;
use straznica_contracts::identity::events::v1::RoleChanged;
use straznica_types::{OfficerId, Timestamp};

use super::Verifiers;
use crate::domain::verifiers::{InstitutionState, Login, Logins, Reason, Registered, Role, RoleHeld, VerifierRefusal};
use crate::domain::{CallerClaims, Refusal};
use crate::error::IdentityError;
use crate::store::{
    delete_roles, find_institution, find_logins, find_official, held_by, locked_at, people_of, put_official, put_role,
};

/// People of one page.
const PAGE: u64 = 100;

/// Somebody who has logged in.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) officer: OfficerId,
    pub(crate) central: bool,
    pub(crate) posts: Vec<PostHeld>,
}

/// What somebody is in one institution.
#[derive(Debug)]
pub(crate) struct PostHeld {
    pub(crate) registered: Registered,
    pub(crate) roles: Vec<Role>,
    pub(crate) locked: bool,
}

/// One of an institution's people.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) officer: OfficerId,
    pub(crate) logins: Option<Logins>,
    pub(crate) roles: Vec<RoleHeld>,
    pub(crate) locked: bool,
}

/// A role to be given.
#[derive(Debug)]
pub(crate) struct Grant {
    /// Empty: of the node.
    pub(crate) institution: String,
    pub(crate) officer: OfficerId,
    pub(crate) role: Role,
    pub(crate) logins: Option<Logins>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) reason: Reason,
}

impl Verifiers {
    /// Who logs in so, and what they may do now.
    pub(crate) async fn resolve(&self, login: &Login) -> Result<Known, IdentityError> {
        let reader = self.store.reader();
        if let Some(officer) = self.appointed.who(login) {
            return Ok(Known { officer: officer.clone(), central: true, posts: Vec::new() });
        }
        let officer = find_official(reader, login).await?.ok_or(VerifierRefusal::OfficialUnknown)?;
        let now = self.clock.now();
        let held: Vec<_> = held_by(reader, &officer).await?.into_iter().filter(|held| held.is_in_force(now)).collect();
        let central = held.iter().any(|held| held.institution.is_empty());
        let locked = locked_at(reader, &officer).await?;
        let mut posts: Vec<PostHeld> = Vec::new();
        for held in held.into_iter().filter(|held| !held.institution.is_empty()) {
            if let Some(post) = posts.last_mut().filter(|post| post.registered.institution.id() == held.institution) {
                post.roles.push(held.role);
                continue;
            }
            let Some(registered) = find_institution(reader, &held.institution).await? else { continue };
            let works = matches!(registered.state, InstitutionState::Active | InstitutionState::Suspended);
            if works && !registered.is_excluded() {
                let locked = locked.contains(&held.institution);
                posts.push(PostHeld { registered, roles: vec![held.role], locked });
            }
        }
        if posts.is_empty() && !central {
            return Err(VerifierRefusal::OfficialUnknown.into());
        }
        Ok(Known { officer, central, posts })
    }

    /// Gives a role.
    pub(crate) async fn grant(&self, caller: &CallerClaims, grant: &Grant) -> Result<(), IdentityError> {
        let now = self.clock.now();
        if caller.officer()? == &grant.officer {
            return Err(VerifierRefusal::OwnPost.into());
        }
        if grant.expires_at.is_some_and(|end| end <= now) {
            return Err(Refusal::Invalid { member: "/expires_at_ms", expected: "a time to come" }.into());
        }
        if grant.institution.is_empty() != (grant.role == Role::CentralAdministrator) {
            let expected = "central administrators in no institution, everybody else in one";
            return Err(Refusal::Invalid { member: "/role", expected }.into());
        }
        self.store
            .write_tx(async |tx| {
                let by = self.may_grant(tx, caller, grant).await?;
                self.settle_logins(tx, grant, now).await?;
                let held = RoleHeld {
                    institution: grant.institution.clone(),
                    officer: grant.officer.clone(),
                    role: grant.role,
                    granted_by: by.clone(),
                    granted_at: now,
                    expires_at: grant.expires_at,
                    reason: grant.reason.as_str().to_owned(),
                };
                put_role(tx, &held).await?;
                let detail = json!({
                    "institution_id": grant.institution,
                    "official": grant.officer,
                    "role": grant.role.as_str(),
                    "expires_at": grant.expires_at.map(|end| end.to_string()),
                    "reason": grant.reason.as_str(),
                });
                let event = role_changed(&grant.institution, grant.role, true);
                let entry = Self::entry("role.granted", caller, detail).subject(self.pseudonym(&grant.officer));
                self.journal.record(tx, entry.event(&event)).await?;
                Ok(())
            })
            .await
    }

    /// Whoever may give this role.
    async fn may_grant<'a>(
        &self,
        tx: &DatabaseTransaction,
        caller: &'a CallerClaims,
        grant: &Grant,
    ) -> Result<&'a OfficerId, IdentityError> {
        if grant.role != Role::CentralAdministrator {
            self.active(tx, &grant.institution).await?;
        }
        if grant.role.is_given_within() {
            return self.entitled(tx, caller, &grant.institution, &[Role::LocalAdministrator]).await;
        }
        self.central(tx, caller).await
    }

    /// Somebody new is known from now on by these logins; somebody known is not made known otherwise.
    async fn settle_logins(
        &self,
        tx: &DatabaseTransaction,
        grant: &Grant,
        now: Timestamp,
    ) -> Result<(), IdentityError> {
        let known = find_logins(tx, &grant.officer).await?;
        match (known, &grant.logins) {
            (Some(_), None) => Ok(()),
            (Some(known), Some(told)) if known == *told => Ok(()),
            (Some(_), Some(_)) => Err(VerifierRefusal::KnownOtherwise.into()),
            (None, None) => Err(Refusal::Missing { member: "/logins" }.into()),
            (None, Some(told)) => {
                self.must_be_unused(tx, &grant.officer, told).await?;
                Ok(put_official(tx, &grant.officer, told, now).await?)
            }
        }
    }

    /// Neither the identifier nor a login is somebody else's; somebody already known by exactly these passes.
    pub(super) async fn must_be_unused(
        &self,
        connection: &impl ConnectionTrait,
        officer: &OfficerId,
        logins: &Logins,
    ) -> Result<(), IdentityError> {
        let other = VerifierRefusal::KnownOtherwise;
        let known = find_logins(connection, officer).await?;
        if self.appointed.is(officer) || known.is_some_and(|known| known != *logins) {
            return Err(other.into());
        }
        self.logins_must_be_free(connection, officer, logins).await
    }

    async fn logins_must_be_free(
        &self,
        connection: &impl ConnectionTrait,
        officer: &OfficerId,
        logins: &Logins,
    ) -> Result<(), IdentityError> {
        for login in logins.each() {
            let taken = find_official(connection, &login).await?.is_some_and(|known| known != *officer);
            if taken || self.appointed.who(&login).is_some() {
                return Err(VerifierRefusal::KnownOtherwise.into());
            }
        }
        Ok(())
    }

    /// Takes a role away, or all.
    pub(crate) async fn withdraw_role(
        &self,
        caller: &CallerClaims,
        institution: &str,
        officer: &OfficerId,
        role: Option<Role>,
        reason: &Reason,
    ) -> Result<(), IdentityError> {
        if caller.officer()? == officer {
            return Err(VerifierRefusal::OwnPost.into());
        }
        self.store
            .write_tx(async |tx| {
                self.may_withdraw(tx, caller, institution, officer, role).await?;
                let taken = delete_roles(tx, institution, officer, role).await?;
                if taken.is_empty() {
                    return Err(VerifierRefusal::PostUnknown.into());
                }
                for role in taken {
                    let detail = json!({
                        "institution_id": institution,
                        "official": officer,
                        "role": role.as_str(),
                        "reason": reason.as_str(),
                    });
                    let entry = Self::entry("role.withdrawn", caller, detail).subject(self.pseudonym(officer));
                    self.journal.record(tx, entry.event(&role_changed(institution, role, false))).await?;
                }
                Ok(())
            })
            .await
    }

    /// Whoever may take this role away: the institution's own administrators any but that of who watches them, and the centre every one.
    async fn may_withdraw(
        &self,
        tx: &DatabaseTransaction,
        caller: &CallerClaims,
        institution: &str,
        officer: &OfficerId,
        role: Option<Role>,
    ) -> Result<(), IdentityError> {
        let held = held_by(tx, officer).await?;
        let watches = |held: &RoleHeld| held.institution == institution && held.role == Role::SecurityOfficer;
        let of_the_centre = institution.is_empty()
            || role.map_or_else(|| held.iter().any(watches), |role| role == Role::SecurityOfficer);
        if !of_the_centre {
            match self.entitled(tx, caller, institution, &[Role::LocalAdministrator]).await {
                Err(IdentityError::Verifier(VerifierRefusal::NotEntitled)) => {}
                answered => return answered.map(drop),
            }
        }
        self.central(tx, caller).await.map(drop)
    }

    /// Makes an official known by other logins.
    pub(crate) async fn replace_logins(
        &self,
        caller: &CallerClaims,
        institution: &str,
        officer: &OfficerId,
        logins: &Logins,
        reason: &Reason,
    ) -> Result<(), IdentityError> {
        if caller.officer()? == officer {
            return Err(VerifierRefusal::OwnPost.into());
        }
        let now = self.clock.now();
        self.store
            .write_tx(async |tx| {
                let held = held_by(tx, officer).await?;
                if find_logins(tx, officer).await?.is_none() || held.is_empty() {
                    return Err(VerifierRefusal::OfficialUnknown.into());
                }
                // Whoever could log in as somebody has their roles: those that an institution does not give, too.
                let elsewhere = held.iter().any(|held| held.institution != institution || !held.role.is_given_within());
                if elsewhere || institution.is_empty() {
                    self.central(tx, caller).await?;
                } else {
                    self.entitled(tx, caller, institution, &[Role::LocalAdministrator]).await?;
                }
                self.logins_must_be_free(tx, officer, logins).await?;
                put_official(tx, officer, logins, now).await?;
                let detail = json!({ "institution_id": institution, "official": officer, "reason": reason.as_str() });
                let entry = Self::entry("official.logins_replaced", caller, detail).subject(self.pseudonym(officer));
                self.journal.record(tx, entry).await?;
                Ok(())
            })
            .await
    }

    /// The people of an institution, or the node's central administrators.
    pub(crate) async fn people(
        &self,
        caller: &CallerClaims,
        institution: &str,
        after: &str,
    ) -> Result<Vec<Person>, IdentityError> {
        let reader = self.store.reader();
        if institution.is_empty() {
            self.central(reader, caller).await?;
        } else {
            self.entitled(reader, caller, institution, &[Role::LocalAdministrator, Role::SecurityOfficer]).await?;
        }
        let mut people = Vec::new();
        for (officer, roles) in people_of(reader, institution, after, PAGE).await? {
            let logins = find_logins(reader, &officer).await?;
            let locked = locked_at(reader, &officer).await?.iter().any(|at| at == institution);
            people.push(Person { officer, logins, roles, locked });
        }
        let detail = json!({ "institution_id": institution, "count": people.len() });
        self.journal.record_read(Self::entry("officials.read", caller, detail)).await?;
        Ok(people)
    }
}

fn role_changed(institution: &str, role: Role, granted: bool) -> RoleChanged {
    RoleChanged { institution_id: institution.to_owned(), role: role.as_str().to_owned(), granted }
}
