//! Options of the people's door: sessions, local accounts, login providers.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};
use straznica_types::Secret;

use crate::domain::people::session::Lifetimes;

/// How people log in, and for how long.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PeopleConfig {
    /// How long a login lasts.
    pub sessions: SessionsConfig,
    /// Local accounts, for test and demonstration.
    pub accounts: AccountsConfig,
    /// Where people log in. At least one for officials and one for citizens in production.
    pub providers: Vec<ProviderConfig>,
}

/// What people of a provider are logged in as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginKind {
    /// Officials.
    Official,
    /// Citizens.
    Citizen,
}

/// A login provider (OpenID Connect Core 1.0, authorisation code with PKCE).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Its name in addresses: 1 to 64 letters, digits, '.', '_' or '-'.
    pub name: String,
    /// What people call it; empty: the name.
    #[serde(default)]
    pub title: String,
    /// What its people are logged in as. A provider is for one kind.
    pub kind: LoginKind,
    /// Its issuer, https, as its tokens have it.
    pub issuer: String,
    /// How it knows this gateway.
    pub client_id: String,
    /// And by what.
    pub client_secret: Secret<String>,
    /// `https://<this gateway>/v1/sessions/oidc/<name>/callback`, as it is registered there.
    pub redirect_uri: String,
    /// Scopes beside `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// How surely people have to be authenticated: one of these, in the provider's words.
    pub acr_values: Vec<String>,
    /// How lately, in seconds.
    #[serde(default = "five_minutes")]
    pub max_age_seconds: u64,
    /// Which claim holds a citizen's PESEL, in the ID token or else in the userinfo.
    #[serde(default)]
    pub pesel_claim: String,
    /// PEM file of the roots its certificate is checked by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_roots: Option<PathBuf>,
    /// Milliseconds an answer may take.
    #[serde(default = "five_seconds")]
    pub timeout_ms: u64,
}

const fn five_minutes() -> u64 {
    300
}

const fn five_seconds() -> u64 {
    5_000
}

/// How long a login lasts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionsConfig {
    /// Without a request, in seconds.
    pub idle_seconds: u64,
    /// Whatever happens, in seconds.
    pub absolute_seconds: u64,
}

impl Default for SessionsConfig {
    fn default() -> Self {
        Self { idle_seconds: 15 * 60, absolute_seconds: 8 * 3600 }
    }
}

impl SessionsConfig {
    pub(crate) fn lifetimes(&self) -> Lifetimes {
        Lifetimes { idle: Duration::from_secs(self.idle_seconds), absolute: Duration::from_secs(self.absolute_seconds) }
    }
}

/// Local accounts with a password and a second factor, so that a demonstration needs no login provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountsConfig {
    /// Whether there are any. A node in production does not start with them.
    pub enabled: bool,
    /// Passwords looked at at a time; each takes 19 MiB and tens of milliseconds of a processor. At least 1.
    pub hashing_at_once: usize,
    /// How long a login waits for its turn, in milliseconds.
    pub hashing_wait_ms: u64,
}

impl Default for AccountsConfig {
    fn default() -> Self {
        Self { enabled: false, hashing_at_once: 2, hashing_wait_ms: 5_000 }
    }
}
