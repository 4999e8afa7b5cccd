//! Who may ask: institutions, the posts of their people, the stages of the rollout.

mod institutions;
mod officials;
mod privileges;
mod watch;

use sea_orm::ConnectionTrait;
use serde_json::Value;
use straznica_journal::{Entry, Journal, Pseudonym};
use straznica_store::Store;
use straznica_types::{OfficerId, SharedClock, Timestamp};

pub(crate) use officials::{Grant, Known, Person};
pub(crate) use privileges::Proposal;

use super::verification::context_of;
use crate::domain::CallerClaims;
use crate::domain::verification::{DocumentKind, VerificationPurposes};
use crate::domain::verifiers::{Login, Logins, Registered, Role, VerifierRefusal};
use crate::error::IdentityError;
use crate::store::{find_institution, held_by, holds, stages};

/// Everything the use cases of who may ask work with.
pub(crate) struct Verifiers {
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) clock: SharedClock,
    pub(crate) purposes: VerificationPurposes,
    /// Central administrators of the configuration.
    pub(crate) appointed: Appointed,
    pub(crate) waiting_applications: u64,
}

/// The central administrators the configuration names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Appointed(pub(crate) Vec<(OfficerId, Logins)>);

impl Appointed {
    fn is(&self, officer: &OfficerId) -> bool {
        self.0.iter().any(|(known, _)| known == officer)
    }

    fn who(&self, login: &Login) -> Option<&OfficerId> {
        self.0.iter().find(|(_, logins)| logins.has(login)).map(|(officer, _)| officer)
    }
}

impl Verifiers {
    /// The institution, if the officer may ask in its name now.
    pub(crate) async fn admit(
        &self,
        connection: &impl ConnectionTrait,
        institution: &str,
        officer: &OfficerId,
    ) -> Result<Registered, IdentityError> {
        let registered = find_institution(connection, institution).await?.ok_or(VerifierRefusal::NotAnOfficial)?;
        if !holds(connection, institution, officer, Role::Official, self.clock.now()).await? {
            return Err(VerifierRefusal::NotAnOfficial.into());
        }
        registered.must_be_active()?;
        Ok(registered)
    }

    /// Whether a kind of document is served at an institution now.
    pub(crate) async fn must_be_served(
        &self,
        connection: &impl ConnectionTrait,
        institution: &str,
        kind: DocumentKind,
    ) -> Result<(), IdentityError> {
        let now = self.clock.now();
        let served = stages(connection, Some(kind)).await?.iter().any(|stage| stage.serves(kind, institution, now));
        if served { Ok(()) } else { Err(VerifierRefusal::NotYetServed(kind).into()) }
    }

    /// The caller, if they hold one of these roles in the institution.
    pub(crate) async fn entitled<'a>(
        &self,
        connection: &impl ConnectionTrait,
        caller: &'a CallerClaims,
        institution: &str,
        roles: &[Role],
    ) -> Result<&'a OfficerId, IdentityError> {
        let officer = caller.officer()?;
        for role in roles {
            if holds(connection, institution, officer, *role, self.clock.now()).await? {
                return Ok(officer);
            }
        }
        Err(VerifierRefusal::NotEntitled.into())
    }

    /// The caller, if they are a central administrator.
    pub(crate) async fn central<'a>(
        &self,
        connection: &impl ConnectionTrait,
        caller: &'a CallerClaims,
    ) -> Result<&'a OfficerId, IdentityError> {
        let officer = caller.officer()?;
        if self.is_central(connection, officer, self.clock.now()).await? {
            return Ok(officer);
        }
        Err(VerifierRefusal::NotEntitled.into())
    }

    pub(crate) async fn is_central(
        &self,
        connection: &impl ConnectionTrait,
        officer: &OfficerId,
        now: Timestamp,
    ) -> Result<bool, IdentityError> {
        Ok(self.appointed.is(officer) || holds(connection, "", officer, Role::CentralAdministrator, now).await?)
    }

    /// Whether two central administrators are two pairs of eyes: neither made the other one, be it by somebody in between. Otherwise whoever may make one would
    /// decide alone.
    pub(crate) async fn are_two(
        &self,
        connection: &impl ConnectionTrait,
        one: &OfficerId,
        other: &OfficerId,
    ) -> Result<bool, IdentityError> {
        let (line, others) = (self.line_of(connection, one).await?, self.line_of(connection, other).await?);
        Ok(line.zip(others).is_some_and(|(line, others)| !line.contains(other) && !others.contains(one)))
    }

    /// Whether who proposes in an institution and who decides there are two pairs of eyes: they have their posts from two central administrators who are (or
    /// who decides is one of them). Otherwise whoever appoints both would decide alone.
    pub(crate) async fn are_appointed_apart(
        &self,
        connection: &impl ConnectionTrait,
        institution: &str,
        proposer: &OfficerId,
        decider: &OfficerId,
    ) -> Result<bool, IdentityError> {
        let appointer = async |officer: &OfficerId, role: Role| {
            let held = held_by(connection, officer).await?;
            let post = held.into_iter().find(|held| held.institution == institution && held.role == role);
            Ok::<_, IdentityError>(post.map(|post| post.granted_by))
        };
        let of_proposer = appointer(proposer, Role::LocalAdministrator).await?;
        let of_decider = appointer(decider, Role::SecurityOfficer).await?.unwrap_or_else(|| decider.clone());
        match of_proposer {
            Some(one) => Ok(one != of_decider && self.are_two(connection, &one, &of_decider).await?),
            // The proposer is no administrator any more: nobody can tell.
            None => Ok(false),
        }
    }

    /// Who made somebody a central administrator, and who made those, up to the configuration; `None` where that cannot be told, for somebody on the way is none
    /// any more.
    async fn line_of(
        &self,
        connection: &impl ConnectionTrait,
        officer: &OfficerId,
    ) -> Result<Option<Vec<OfficerId>>, IdentityError> {
        let mut line = Vec::new();
        let mut who = officer.clone();
        while !self.appointed.is(&who) {
            let held =
                held_by(connection, &who).await?.into_iter().find(|held| held.role == Role::CentralAdministrator);
            let Some(held) = held.filter(|held| !line.contains(&held.granted_by)) else { return Ok(None) };
            line.push(held.granted_by.clone());
            who = held.granted_by;
        }
        Ok(Some(line))
    }

    /// The institution, and its people may act.
    pub(crate) async fn active(
        &self,
        connection: &impl ConnectionTrait,
        institution: &str,
    ) -> Result<Registered, IdentityError> {
        let registered = find_institution(connection, institution).await?.ok_or(VerifierRefusal::InstitutionUnknown)?;
        registered.must_be_active()?;
        Ok(registered)
    }

    /// An entry about somebody's post, or an institution.
    fn entry(kind: &'static str, caller: &CallerClaims, detail: Value) -> Entry {
        Entry::new(kind, context_of(caller)).detail(detail)
    }

    fn pseudonym(&self, officer: &OfficerId) -> Pseudonym {
        self.journal.pseudonym("official", officer.as_str())
    }
}
