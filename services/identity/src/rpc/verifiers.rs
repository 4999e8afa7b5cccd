//! Institutions and officials: requests → domain → answers.

use std::str::FromStr;

use straznica_contracts::identity::v1 as proto;
use straznica_types::{OfficerId, Timestamp};

use super::request::{NAME, required};
use super::request_verification as asked;
use crate::app::{Grant, Known, Person, contract_kind};
use crate::domain::verification::Institution;
use crate::domain::verifiers::{
    Application, InstitutionKind, InstitutionState, Login, Logins, Reason, Registered, Role, RolloutStage, Thumbprint,
};
use crate::domain::{CallerClaims, Refusal};

/// Most purposes of one institution.
const MOST_PURPOSES: usize = 50;

pub(super) fn officer(text: &str, member: &'static str) -> Result<OfficerId, Refusal> {
    required(text, member, NAME, OfficerId::from_str)
}

pub(super) fn reason(text: &str) -> Result<Reason, Refusal> {
    Reason::parse(text, "/reason")
}

/// 0: there is none.
pub(super) fn time(millis: i64) -> Option<Timestamp> {
    Some(millis).filter(|millis| *millis > 0).map(Timestamp::from_millis)
}

pub(super) fn logins(told: Option<&proto::Logins>) -> Result<Option<Logins>, Refusal> {
    told.map_or(Ok(None), |told| Logins::new(&told.issuer, &told.subject, &told.certificate_thumbprint))
}

pub(super) fn login(told: Option<&proto::resolve_official_request::Login>) -> Result<Login, Refusal> {
    use proto::resolve_official_request::Login as Told;
    match told {
        None => Err(Refusal::Missing { member: "/oidc" }),
        Some(Told::Oidc(account)) => Login::oidc(&account.issuer, &account.subject)
            .ok_or(Refusal::Invalid { member: "/oidc", expected: "issuer and subject, each of 1 to 255 characters" }),
        Some(Told::CertificateThumbprint(text)) => Thumbprint::parse(text)
            .map(Login::Certificate)
            .ok_or(Refusal::Invalid { member: "/certificate_thumbprint", expected: "64 hexadecimal digits" }),
    }
}

pub(super) fn role(number: i32) -> Result<Option<Role>, Refusal> {
    let told = proto::Role::try_from(number).map_err(|_| Refusal::Invalid { member: "/role", expected: "a role" })?;
    Ok(match told {
        proto::Role::Unspecified => None,
        proto::Role::Official => Some(Role::Official),
        proto::Role::LocalAdministrator => Some(Role::LocalAdministrator),
        proto::Role::SecurityOfficer => Some(Role::SecurityOfficer),
        proto::Role::CentralAdministrator => Some(Role::CentralAdministrator),
        proto::Role::RegistryReader => Some(Role::RegistryReader),
        proto::Role::RegistryIntake => Some(Role::RegistryIntake),
        proto::Role::RegistryOfficer => Some(Role::RegistryOfficer),
        proto::Role::RegistryApprover => Some(Role::RegistryApprover),
        proto::Role::RegistryArchivist => Some(Role::RegistryArchivist),
    })
}

const fn contract_role(role: Role) -> proto::Role {
    match role {
        Role::Official => proto::Role::Official,
        Role::LocalAdministrator => proto::Role::LocalAdministrator,
        Role::SecurityOfficer => proto::Role::SecurityOfficer,
        Role::CentralAdministrator => proto::Role::CentralAdministrator,
        Role::RegistryReader => proto::Role::RegistryReader,
        Role::RegistryIntake => proto::Role::RegistryIntake,
        Role::RegistryOfficer => proto::Role::RegistryOfficer,
        Role::RegistryApprover => proto::Role::RegistryApprover,
        Role::RegistryArchivist => proto::Role::RegistryArchivist,
    }
}

pub(super) fn grant(request: &proto::GrantRoleRequest) -> Result<Grant, Refusal> {
    if !request.institution_id.is_empty() {
        Institution::check_id(&request.institution_id)?;
    }
    Ok(Grant {
        institution: request.institution_id.clone(),
        officer: officer(&request.officer, "/officer")?,
        role: role(request.role)?.ok_or(Refusal::Missing { member: "/role" })?,
        logins: logins(request.logins.as_ref())?,
        expires_at: time(request.expires_at_ms),
        reason: reason(&request.reason)?,
    })
}

pub(super) fn application(
    caller: &CallerClaims,
    request: &proto::ApplyInstitutionRequest,
    now: Timestamp,
) -> Result<Application, Refusal> {
    let kind = match request.kind() {
        proto::InstitutionKind::Unspecified => return Err(Refusal::Missing { member: "/kind" }),
        proto::InstitutionKind::Office => InstitutionKind::Office,
        proto::InstitutionKind::PrivateBody => InstitutionKind::PrivateBody,
        proto::InstitutionKind::Service => InstitutionKind::Service,
    };
    if request.purposes.len() > MOST_PURPOSES {
        return Err(Refusal::Invalid { member: "/purposes", expected: "at most 50" });
    }
    let registered = Registered {
        institution: Institution::new(&request.institution_id, &request.name, kind)?,
        legal_basis: Reason::parse(&request.legal_basis, "/legal_basis")?,
        contact: Reason::parse(&request.contact, "/contact")?,
        kinds: asked::kinds(&request.kinds)?.into_iter().collect(),
        purposes: request.purposes.iter().cloned().collect(),
        state: InstitutionState::Applied,
        entered_by: caller.officer()?.clone(),
        applied_at: now,
        change: None,
    };
    Ok(Application {
        registered,
        administrator: officer(&request.administrator, "/administrator")?,
        logins: logins(request.administrator_logins.as_ref())?
            .ok_or(Refusal::Missing { member: "/administrator_logins" })?,
    })
}

pub(super) fn state(number: i32) -> Result<Option<InstitutionState>, Refusal> {
    let told = proto::InstitutionState::try_from(number)
        .map_err(|_| Refusal::Invalid { member: "/state", expected: "a state" })?;
    Ok(InstitutionState::ALL.into_iter().find(|state| contract_state(*state) == told))
}

const fn contract_state(state: InstitutionState) -> proto::InstitutionState {
    match state {
        InstitutionState::Applied => proto::InstitutionState::Applied,
        InstitutionState::Active => proto::InstitutionState::Active,
        InstitutionState::Refused => proto::InstitutionState::Refused,
        InstitutionState::Suspended => proto::InstitutionState::Suspended,
        InstitutionState::Closed => proto::InstitutionState::Closed,
    }
}

pub(super) fn institution(registered: &Registered) -> proto::Institution {
    let change = registered.change.as_ref();
    let kind = match registered.institution.kind() {
        InstitutionKind::Office => proto::InstitutionKind::Office,
        InstitutionKind::PrivateBody => proto::InstitutionKind::PrivateBody,
        InstitutionKind::Service => proto::InstitutionKind::Service,
    };
    proto::Institution {
        id: registered.institution.id().to_owned(),
        name: registered.institution.name().to_owned(),
        kind: kind.into(),
        legal_basis: registered.legal_basis.as_str().to_owned(),
        contact: registered.contact.as_str().to_owned(),
        kinds: registered.kinds.iter().map(|kind| contract_kind(*kind).into()).collect(),
        purposes: registered.purposes.iter().cloned().collect(),
        state: contract_state(registered.state).into(),
        entered_by: registered.entered_by.to_string(),
        applied_at_ms: registered.applied_at.millis(),
        changed_by: change.map(|change| change.by.to_string()).unwrap_or_default(),
        changed_at_ms: change.map_or(0, |change| change.at.millis()),
        reason: change.map(|change| change.reason.as_str().to_owned()).unwrap_or_default(),
    }
}

pub(super) fn stage(stage: &RolloutStage) -> proto::Stage {
    proto::Stage {
        kind: contract_kind(stage.kind).into(),
        institution_id: stage.institution.clone().unwrap_or_default(),
        from_ms: stage.from.millis(),
        until_ms: stage.until.map_or(0, Timestamp::millis),
        set_by: stage.set_by.to_string(),
        set_at_ms: stage.set_at.millis(),
    }
}

pub(super) fn known(known: &Known) -> proto::ResolveOfficialResponse {
    let posts = known.posts.iter().map(|post| proto::Post {
        institution_id: post.registered.institution.id().to_owned(),
        institution_name: post.registered.institution.name().to_owned(),
        institution_kind: post.registered.institution.kind().as_str().to_owned(),
        institution_active: post.registered.state == InstitutionState::Active,
        roles: post.roles.iter().map(|role| contract_role(*role).into()).collect(),
        locked: post.locked,
    });
    proto::ResolveOfficialResponse {
        officer: known.officer.to_string(),
        central_administrator: known.central,
        posts: posts.collect(),
    }
}

pub(super) fn person(person: &Person) -> proto::Official {
    let roles = person.roles.iter().map(|held| proto::RoleHeld {
        role: contract_role(held.role).into(),
        granted_by: held.granted_by.to_string(),
        granted_at_ms: held.granted_at.millis(),
        expires_at_ms: held.expires_at.map_or(0, Timestamp::millis),
        reason: held.reason.clone(),
    });
    let logins = person.logins.as_ref().map(|known| {
        let (issuer, subject) = known.oidc().unwrap_or_default();
        let thumbprint = known.certificate().map(|thumbprint| thumbprint.as_str().to_owned());
        proto::Logins {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            certificate_thumbprint: thumbprint.unwrap_or_default(),
        }
    });
    proto::Official { officer: person.officer.to_string(), logins, roles: roles.collect(), locked: person.locked }
}
