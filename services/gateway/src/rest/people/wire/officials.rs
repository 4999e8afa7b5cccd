//! The people of institutions.

use serde::{Deserialize, Serialize};
use straznica_contracts::identity::v1 as contract;
use straznica_types::{OfficerId, Secret};
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text},
};

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Asks for documents.
    Official,
    /// Looks after the institution's people.
    LocalAdministrator,
    /// Grants privileges, reviews their use, reads the journal.
    SecurityOfficer,
    /// Decides on institutions and stages; of the node.
    CentralAdministrator,
    /// Reads the register of aliens. Like the four after it given by central administrators only.
    RegistryReader,
    /// Takes applications in: registers persons, opens cases, records what happens in them.
    RegistryIntake,
    /// Works on cases: takes them, drafts and issues decisions.
    RegistryOfficer,
    /// Approves what another officer drafted.
    RegistryApprover,
    /// Erases what need not be kept any more, with another one.
    RegistryArchivist,
}

impl Role {
    pub(crate) fn contract(self) -> contract::Role {
        match self {
            Self::Official => contract::Role::Official,
            Self::LocalAdministrator => contract::Role::LocalAdministrator,
            Self::SecurityOfficer => contract::Role::SecurityOfficer,
            Self::CentralAdministrator => contract::Role::CentralAdministrator,
            Self::RegistryReader => contract::Role::RegistryReader,
            Self::RegistryIntake => contract::Role::RegistryIntake,
            Self::RegistryOfficer => contract::Role::RegistryOfficer,
            Self::RegistryApprover => contract::Role::RegistryApprover,
            Self::RegistryArchivist => contract::Role::RegistryArchivist,
        }
    }

    fn of(told: contract::Role) -> Result<Self, GatewayError> {
        match told {
            contract::Role::Official => Ok(Self::Official),
            contract::Role::LocalAdministrator => Ok(Self::LocalAdministrator),
            contract::Role::SecurityOfficer => Ok(Self::SecurityOfficer),
            contract::Role::CentralAdministrator => Ok(Self::CentralAdministrator),
            contract::Role::RegistryReader => Ok(Self::RegistryReader),
            contract::Role::RegistryIntake => Ok(Self::RegistryIntake),
            contract::Role::RegistryOfficer => Ok(Self::RegistryOfficer),
            contract::Role::RegistryApprover => Ok(Self::RegistryApprover),
            contract::Role::RegistryArchivist => Ok(Self::RegistryArchivist),
            contract::Role::Unspecified => Err(GatewayError::IncompleteAnswer("a role")),
        }
    }
}

/// How somebody is known when they log in: by an account at a provider, by a certificate, or by either.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Logins {
    /// The provider's issuer; with `subject`.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2048, example = "https://login.example")]
    issuer: Option<Secret<String>>,
    /// Whom the provider names; with `issuer`.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 255, example = "248289761001")]
    subject: Option<Secret<String>>,
    /// SHA-256 of a client certificate, hexadecimal.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[0-9a-f]{64}$", example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    certificate: Option<Secret<String>>,
}

impl Logins {
    pub(crate) fn contract(self) -> contract::Logins {
        let text = |secret: Option<Secret<String>>| secret.map(|text| text.expose().clone()).unwrap_or_default();
        contract::Logins {
            issuer: text(self.issuer),
            subject: text(self.subject),
            certificate_thumbprint: text(self.certificate),
        }
    }
}

/// Gives a role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewRole {
    /// To whom: a service identifier, never a name.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "um-0001")]
    pub(crate) officer: OfficerId,
    /// Which.
    pub(crate) role: Role,
    /// How they log in; needed of somebody new.
    #[serde(default)]
    pub(crate) logins: Option<Logins>,
    /// When the role ends by itself; absent: not by itself.
    #[serde(default)]
    pub(crate) expires_at: Option<Instant>,
    /// Why.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "new in the office")]
    pub(crate) reason: Text<200>,
}

/// Takes roles away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RoleWithdrawal {
    /// Which; absent: all of them here.
    #[serde(default)]
    pub(crate) role: Option<Role>,
    /// Why.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "left the office")]
    pub(crate) reason: Text<200>,
}

/// Another way to log in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewLogins {
    /// In place of the ones before.
    pub(crate) logins: Logins,
    /// Why.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "new certificate")]
    pub(crate) reason: Text<200>,
}

/// A role somebody holds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GrantedRole {
    /// Which.
    role: Role,
    /// Officer who gave it.
    #[schema(example = "um-0009")]
    granted_by: String,
    /// When.
    granted_at: Instant,
    /// When it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Instant>,
    /// Why it was given.
    #[schema(example = "new in the office")]
    reason: String,
}

/// Somebody with a post.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Official {
    /// Service identifier.
    #[schema(example = "um-0001")]
    officer: String,
    /// Whether they have used up the day's verifications and have to be unlocked.
    #[schema(example = false)]
    locked: bool,
    /// Whether they log in at a provider.
    #[schema(example = true)]
    by_provider: bool,
    /// Whether they log in by a certificate.
    #[schema(example = false)]
    by_certificate: bool,
    /// What they may do.
    roles: Vec<GrantedRole>,
}

/// People with posts, by service identifier.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfficialList {
    /// The last one's service identifier is where the next page begins.
    officials: Vec<Official>,
}

impl OfficialList {
    pub(crate) fn of(told: Vec<contract::Official>) -> Result<Self, GatewayError> {
        let role = |held: contract::RoleHeld| {
            Ok(GrantedRole {
                role: Role::of(held.role())?,
                granted_by: held.granted_by,
                granted_at: Instant::at(held.granted_at_ms),
                expires_at: Instant::from_contract(held.expires_at_ms),
                reason: held.reason,
            })
        };
        let official = |one: contract::Official| {
            let logins = one.logins.as_ref();
            Ok(Official {
                by_provider: logins.is_some_and(|logins| !logins.issuer.is_empty()),
                by_certificate: logins.is_some_and(|logins| !logins.certificate_thumbprint.is_empty()),
                officer: one.officer,
                locked: one.locked,
                roles: one.roles.into_iter().map(role).collect::<Result<_, GatewayError>>()?,
            })
        };
        Ok(Self { officials: told.into_iter().map(official).collect::<Result<_, GatewayError>>()? })
    }
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfficialQuery {
    /// Those after this service identifier.
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 64, example = "um-0001")]
    pub(crate) after: Option<OfficerId>,
}
