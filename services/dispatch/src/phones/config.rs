//! What a contract with a provider of prompts says.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A provider that asks people on their phones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneConfig {
    /// Its name in the database, the journal and metrics, 1 to 64 letters, digits, '.', '_' or '-'.
    pub name: String,
    /// What it speaks.
    pub kind: PhoneKind,
    /// Its issuer identifier, to the letter: its description is fetched from there.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// The key we prove it with.
    pub key: ClientKeyConfig,
    /// How the answer comes.
    #[serde(default)]
    pub delivery: Delivery,
    /// What is asked for; `openid` among it.
    #[serde(default = "default_scope")]
    pub scope: String,
    /// The classes of authentication that would do, the preferred one first.
    pub acr_values: Vec<String>,
    /// All classes of the provider, the weakest first. Of CIBA alone: Mobile Connect has its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<String>,
    /// How it wants phones named. Of CIBA alone.
    #[serde(default)]
    pub hint: Hint,
    /// The numbers it serves, by prefix, e.g. `+4850`. Empty: all. Of several providers the first that serves a number is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
    /// Where Mobile Connect notifies us, as it is registered: `https://…/v1/phone-notifications`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_uri: Option<String>,
    /// The version of Mobile Connect's profile; absent: what most operators publish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Certificates the provider's chain ends in (PEM). Absent: none is trusted, and only this machine can be asked, in a test environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<PathBuf>,
    /// Longest wait for the provider to take a question, or to give a document of its own, in seconds, 1 to 20.
    #[serde(default = "default_ask_seconds")]
    pub ask_seconds: u64,
    /// Longest wait for an answer to a look, in seconds, 1 to 40: a provider may hold it back for 30.
    #[serde(default = "default_look_seconds")]
    pub look_seconds: u64,
}

impl PhoneConfig {
    /// Takes relative paths from `folder`.
    pub fn settle(&mut self, folder: &Path) {
        self.key.file = folder.join(&self.key.file);
        self.roots = self.roots.take().map(|path| folder.join(path));
    }
}

/// What a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneKind {
    /// OpenID CIBA Core 1.0.
    Ciba,
    /// Mobile Connect, server-initiated.
    MobileConnect,
}

/// How a provider's answer comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// We look.
    #[default]
    Poll,
    /// It notifies us, at `server.listen.http_open`; CIBA calls it ping.
    Notify,
}

/// How a provider wants phones named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    /// `+48600100200`
    #[default]
    Number,
    /// `tel:+48600100200`
    Tel,
}

/// Our key at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientKeyConfig {
    /// A private key in PKCS#8 (PEM).
    pub file: PathBuf,
    /// The name it is published under (`kid`).
    pub id: String,
    /// What it signs with: `ES256`, `ES384`, `EdDSA`, `PS256` or `RS256`.
    #[serde(default = "default_algorithm")]
    pub algorithm: String,
}

fn default_scope() -> String {
    "openid".to_owned()
}

const fn default_ask_seconds() -> u64 {
    10
}

const fn default_look_seconds() -> u64 {
    35
}

fn default_algorithm() -> String {
    "ES256".to_owned()
}

/// How prompts and text messages go together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PromptConfig {
    /// How long the text message waits for the phone, in seconds; never longer than half of the code's life. The prompt stays good beyond it.
    pub patience_seconds: u64,
    /// Providers asked or looked at, at once. At least 1.
    pub at_once: u32,
    /// How often it is looked for prompts that are due when nobody says that there are any, in milliseconds.
    pub look_ms: u64,
}

impl Default for PromptConfig {
    fn default() -> Self {
        Self { patience_seconds: 45, at_once: 64, look_ms: 500 }
    }
}

impl PromptConfig {
    /// How long the text message of a code with this life waits.
    pub(crate) fn patience(&self, life: Duration) -> Duration {
        Duration::from_secs(self.patience_seconds).min(life / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_codes_life_is_left_for_the_text_message() {
        let prompts = PromptConfig::default();
        for (life, patience) in [(300, 45), (90, 45), (60, 30)] {
            assert_eq!(prompts.patience(Duration::from_secs(life)), Duration::from_secs(patience), "{life}");
        }
    }
}
