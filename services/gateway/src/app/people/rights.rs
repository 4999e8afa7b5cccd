//! What an official may do, asked of identity at every request: a right withdrawn counts from the next one on, and where identity cannot be asked nobody may
//! anything.

use straznica_contracts::{
    common::v1::CallContext,
    identity::v1::{self as contract, resolve_official_request::Login},
};
use straznica_error::Class;
use straznica_types::{OfficerId, RequestId};

use super::{super::Gateway, sessions::LiveSession};
use crate::{
    domain::people::person::{Grant, Institution, NoRight, Person, Rights, Role},
    error::GatewayError,
};

/// Issuer of the sessions of people known by a client certificate; the subject is its SHA-256 in hexadecimal.
pub(crate) const CERTIFICATE_ISSUER: &str = "urn:straznica:certificates";

impl Gateway {
    /// The rights of an official.
    pub(crate) async fn rights_of(&self, live: &LiveSession, request_id: RequestId) -> Result<Rights, GatewayError> {
        self.rights_if_any(live, request_id).await?.ok_or(GatewayError::NoRight(NoRight::Role))
    }

    /// The same; nothing for somebody identity does not know.
    pub(crate) async fn rights_if_any(
        &self,
        live: &LiveSession,
        request_id: RequestId,
    ) -> Result<Option<Rights>, GatewayError> {
        self.rights_of_person(&live.session.person, request_id).await
    }

    /// The same of somebody who is not logged in yet.
    pub(crate) async fn rights_of_person(
        &self,
        person: &Person,
        request_id: RequestId,
    ) -> Result<Option<Rights>, GatewayError> {
        let login = match person.issuer.as_str() {
            CERTIFICATE_ISSUER => Login::CertificateThumbprint(person.subject.clone()),
            _ => Login::Oidc(contract::OidcLogin { issuer: person.issuer.clone(), subject: person.subject.clone() }),
        };
        let context = CallContext { request_id: request_id.to_string(), ..CallContext::default() };
        let request = contract::ResolveOfficialRequest { context: Some(context), login: Some(login) };
        match self.upstreams().officials.clone().resolve_official(request).await {
            Ok(answer) => rights(answer.into_inner()).map(Some),
            Err(status) if straznica_error::class_of(&status) == Class::NotFound => Ok(None),
            Err(status) => Err(status.into()),
        }
    }
}

fn rights(told: contract::ResolveOfficialResponse) -> Result<Rights, GatewayError> {
    let officer = OfficerId::parse(&told.officer).map_err(|_| GatewayError::IncompleteAnswer("an officer"))?;
    let central = told.central_administrator.then_some(Grant { role: Role::CentralAdministrator, institution: None });
    let posts = told.posts.into_iter().flat_map(|post| {
        let roles: Vec<Role> = post.roles().filter_map(role).collect();
        let institution = Institution {
            id: post.institution_id,
            name: post.institution_name,
            active: post.institution_active,
            locked: post.locked,
        };
        roles.into_iter().map(move |role| Grant { role, institution: Some(institution.clone()) })
    });
    Ok(Rights { officer, grants: central.into_iter().chain(posts).collect() })
}

/// A role of an institution; one this version does not know gives nothing.
fn role(told: contract::Role) -> Option<Role> {
    match told {
        contract::Role::Official => Some(Role::Official),
        contract::Role::LocalAdministrator => Some(Role::LocalAdministrator),
        contract::Role::SecurityOfficer => Some(Role::SecurityOfficer),
        contract::Role::RegistryReader => Some(Role::RegistryReader),
        contract::Role::RegistryIntake => Some(Role::RegistryIntake),
        contract::Role::RegistryOfficer => Some(Role::RegistryOfficer),
        contract::Role::RegistryApprover => Some(Role::RegistryApprover),
        contract::Role::RegistryArchivist => Some(Role::RegistryArchivist),
        contract::Role::CentralAdministrator | contract::Role::Unspecified => None,
    }
}
