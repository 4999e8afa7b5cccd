//! Logging in and being logged in.

use serde::{Deserialize, Serialize};
use straznica_types::Secret;
use utoipa::ToSchema;

use crate::{
    app::people::{
        oidc::{Providers, provider::Provider},
        sessions::LiveSession,
    },
    domain::people::{
        person::{Grant, Rights},
        session::Lifetimes,
    },
    rest::wire::scalars::Instant,
};

/// Logs in to a local account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PasswordLogin {
    /// Name of the account.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "j.kowalska")]
    pub(crate) account: Secret<String>,
    /// Its password.
    #[schema(value_type = String, min_length = 12, max_length = 128, example = "koń bateria zszywka")]
    pub(crate) password: Secret<String>,
    /// What the authenticator shows (RFC 6238).
    #[schema(value_type = String, pattern = "^[0-9]{6}$", example = "287082")]
    pub(crate) code: Secret<String>,
}

/// A login provider.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoginProvider {
    /// Its name in addresses.
    #[schema(example = "pz")]
    name: String,
    /// What people call it.
    #[schema(example = "Profil Zaufany")]
    title: String,
    /// What its people are logged in as: `official` or `citizen`.
    #[schema(example = "citizen")]
    kind: &'static str,
    /// Where a browser is to go.
    #[schema(example = "/v1/sessions/oidc/pz")]
    address: String,
}

/// Login providers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProviderList {
    /// In the order of their names.
    providers: Vec<LoginProvider>,
    /// Whether there are local accounts too.
    #[schema(example = false)]
    local_accounts: bool,
}

impl ProviderList {
    pub(crate) fn of(providers: &Providers, local_accounts: bool) -> Self {
        let shown = |provider: &Provider| LoginProvider {
            name: provider.name().to_owned(),
            title: provider.title().to_owned(),
            kind: provider.kind().as_str(),
            address: format!("/v1/sessions/oidc/{}", provider.name()),
        };
        Self { providers: providers.all().map(shown).collect(), local_accounts }
    }
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenedSession {
    /// `official` or `citizen`.
    #[schema(example = "official")]
    kind: &'static str,
    /// For X-Csrf-Token of every request that changes something.
    #[schema(example = "u3fNnGmm1qJ5bq6iRkqXbQ2mVjEw2Jr8b0m7cX1aYtE")]
    csrf_token: String,
    /// How surely the person was authenticated, in the provider's words.
    #[schema(example = "urn:straznica:acr:password-and-code")]
    acr: String,
    /// When they were.
    authenticated_at: Instant,
    /// The session ends then unless something is asked before.
    idle_until: Instant,
    /// The session ends then.
    ends_at: Instant,
    /// The official's service identifier, as others read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "um-0001")]
    officer: Option<String>,
    /// What an official may do at this moment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<HeldRole>,
}

/// A role of an official.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldRole {
    /// `official`, `local_administrator`, `security_officer` or `central_administrator`.
    #[schema(example = "official")]
    role: &'static str,
    /// The institution it is for; absent where it is for the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "um-zmyslone")]
    institution: Option<String>,
    /// The institution's name, as citizens read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Urząd Gminy Próbne")]
    institution_name: Option<String>,
    /// Whether the institution may act at this moment.
    #[schema(example = true)]
    active: bool,
    /// Whether the official has used up the day's verifications there and has to be unlocked.
    #[schema(example = false)]
    locked: bool,
}

impl From<Grant> for HeldRole {
    fn from(grant: Grant) -> Self {
        let (active, locked) =
            grant.institution.as_ref().map_or((true, false), |institution| (institution.active, institution.locked));
        let (institution, institution_name) =
            grant.institution.map(|institution| (institution.id, institution.name)).unzip();
        Self { role: grant.role.as_str(), institution, institution_name, active, locked }
    }
}

impl OpenedSession {
    pub(crate) fn of(live: &LiveSession, rights: Option<Rights>, lifetimes: &Lifetimes) -> Self {
        let session = &live.session;
        let (officer, grants) = rights.map(|rights| (rights.officer.to_string(), rights.grants)).unzip();
        Self {
            kind: session.kind.as_str(),
            csrf_token: live.id.csrf_token(),
            acr: session.acr.clone(),
            authenticated_at: Instant(session.auth_time),
            idle_until: Instant(session.idle_until(lifetimes)),
            ends_at: Instant(session.ends_at(lifetimes)),
            officer,
            roles: grants.into_iter().flatten().map(HeldRole::from).collect(),
        }
    }
}
