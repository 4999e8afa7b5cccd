//! Options of the service, each with a default that runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use straznica_ephemeral::EphemeralConfig;
use straznica_journal::JournalConfig;
use straznica_runtime::service::ServerConfig;
use straznica_store::StoreConfig;

use crate::domain::{Limits, QuietHours, RateLimits};
use crate::keys::KeysConfig;
use crate::operators::OperatorConfig;
use crate::phones::{PhoneConfig, PromptConfig};
use crate::spool::SpoolConfig;

/// Everything an operator can set about dispatch.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses, TLS files and limits of the listeners.
    pub server: ServerConfig,
    /// The service's own database.
    pub database: StoreConfig,
    /// The journal of this service.
    pub journal: JournalConfig,
    /// Short-lived state: nonces, pauses, rates. On a server: without persistence, and with `maxmemory-policy noeviction`.
    pub ephemeral: EphemeralConfig,
    /// Keys codes are derived with.
    pub keys: KeysConfig,
    /// What is counted in the database.
    pub limits: Limits,
    /// Messages in an hour.
    pub rates: RateLimits,
    /// Which numbers codes go to.
    pub destinations: DestinationConfig,
    /// What messages say.
    pub messages: MessageConfig,
    /// How messages go out.
    pub outbox: SpoolConfig,
    /// Bulk notices.
    pub notices: NoticeConfig,
    /// The links to mobile operators. Without any a test node shows messages on its console, and a production node does not start.
    pub operators: Vec<OperatorConfig>,
    /// Who asks people on their phones. None: everybody gets a text message.
    pub phones: Vec<PhoneConfig>,
    /// How prompts and text messages go together.
    pub prompts: PromptConfig,
    /// How long transactions, messages and notices are kept after their end, in days; the journal keeps its own time.
    pub keep_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: ServerConfig::default(),
            database: StoreConfig::new("sqlite://dispatch.db"),
            journal: JournalConfig::embedded("dispatch.straznica.internal/journal", "dispatch-journal-keys"),
            ephemeral: EphemeralConfig::in_process("dispatch"),
            keys: KeysConfig::embedded("dispatch-keys"),
            limits: Limits::default(),
            rates: RateLimits::default(),
            destinations: DestinationConfig::default(),
            messages: MessageConfig::default(),
            outbox: SpoolConfig::default(),
            notices: NoticeConfig::default(),
            operators: Vec::new(),
            phones: Vec::new(),
            prompts: PromptConfig::default(),
            keep_days: 30,
        }
    }
}

/// Which numbers codes go to. Polish mobile numbers always do; premium rates and services never.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DestinationConfig {
    /// Foreign prefixes that are open, e.g. `+38050`: as narrow as they are trusted.
    pub foreign: Vec<String>,
    /// Prefixes that get nothing, e.g. while an alarm is looked into.
    pub blocked: Vec<String>,
}

/// What messages say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessageConfig {
    /// By language tag, with the places `{binding}`, `{code}` and `{minutes}`. Diacritics are sent in their ASCII form.
    pub texts: BTreeMap<String, String>,
    /// The language of those whose own has no text.
    pub language: String,
}

impl Default for MessageConfig {
    fn default() -> Self {
        let texts = [
            ("pl", "{code} to kod: {binding}. Podaj go tylko, jeśli się zgadzasz. Ważny {minutes} min."),
            ("en", "{code} is the code for: {binding}. Tell it only if you agree. Valid {minutes} min."),
        ];
        Self { texts: texts.map(|(tag, text)| (tag.to_owned(), text.to_owned())).into(), language: "pl".to_owned() }
    }
}

/// Bulk notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticeConfig {
    /// Recipients of one notice, at most.
    pub most_recipients: u32,
    /// Notices of one institution that are not over, at most.
    pub most_open: u32,
    /// Versions of templates an institution has, at most.
    pub most_templates: u32,
    /// Messages of one notice in the outbox at once, at least 1: the rest waits with the notice. More than links take in `look_ms`.
    pub slice: u32,
    /// What a part costs, in grosz: for previews and reports.
    pub grosz_a_part: i64,
    /// When nobody is written to, in Poland's time; `{ from = 0, until = 0 }`: never quiet.
    pub quiet_hours: QuietHours,
    /// How often notices are looked at, in milliseconds.
    pub look_ms: u64,
}

impl Default for NoticeConfig {
    fn default() -> Self {
        Self {
            most_recipients: 200_000,
            most_open: 50,
            most_templates: 1_000,
            slice: 1_000,
            grosz_a_part: 7,
            quiet_hours: QuietHours::default(),
            look_ms: 1_000,
        }
    }
}

impl NoticeConfig {
    /// What parts cost, in grosz.
    pub(crate) fn cost(&self, parts: u64) -> i64 {
        i64::try_from(parts).unwrap_or(i64::MAX).saturating_mul(self.grosz_a_part)
    }
}
