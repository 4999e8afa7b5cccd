//! What an operator's contract says, as it is configured.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::{InvalidDnsNameError, ServerName};
use serde::{Deserialize, Serialize};
use sms::smpp::{Account, BindMode, ConfigError, Link, LinkConfig, LinkName, Sender, Tls, Validity};
use straznica_pki::{OutsideFiles, OutsideTls, TlsError};
use straznica_types::{Environment, Secret, SharedClock};

/// Deliveries written down at a time: enough for one commit to serve many.
const DELIVERIES: u16 = 1_024;
/// Longest password file; SMPP has eight characters.
const LONGEST_PASSWORD_FILE: u64 = 64;

/// A link to an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorConfig {
    /// Its name in logs, metrics and beside each part: 1 to 32 small letters, digits and `-`. It never changes while receipts are expected: they are looked for by it.
    pub name: String,
    /// Host name or address of the message centre.
    pub host: String,
    /// Port; 2775 and, with TLS, 3550 are usual.
    pub port: u16,
    /// TLS. Without it, a production node speaks to this machine only: a tunnel's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<OperatorTls>,
    /// Whom we bind as, at most 15 characters.
    pub system_id: String,
    /// File with the password, at most 8 characters; a line end after it is ignored.
    pub password_file: PathBuf,
    /// At most 12 characters; mostly empty.
    #[serde(default)]
    pub system_type: String,
    /// One connection for both directions, or one for each.
    #[serde(default)]
    pub bind: Bind,
    /// How the life of a message is written.
    #[serde(default)]
    pub validity: ValidityForm,
    /// Whom messages come from.
    pub sender: SenderConfig,
    /// Parts written and not yet answered, at most.
    #[serde(default = "default_window")]
    pub window: NonZeroU16,
    /// Parts a second, at most, as agreed.
    #[serde(default = "default_rate")]
    pub parts_per_second: NonZeroU32,
    /// Share of the messages, compared with the other operators'.
    #[serde(default = "default_weight")]
    pub weight: NonZeroU32,
    /// How long an answer may take before what became of a part is unknown, in seconds.
    #[serde(default = "default_answer")]
    pub answer_seconds: u64,
}

/// How many connections carry a link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bind {
    /// One for both directions.
    #[default]
    Transceiver,
    /// A transmitter and a receiver.
    Pair,
}

/// How validity_period is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidityForm {
    /// As a span.
    #[default]
    Relative,
    /// As a point in time, for operators that refuse spans.
    AbsoluteUtc,
}

/// Whom messages come from, as the contract has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderConfig {
    /// A name of 1 to 11 characters.
    Name(String),
    /// A number of E.164.
    Number(String),
    /// A short number of the operator.
    Short(String),
}

/// TLS to an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorTls {
    /// The name the operator's certificate has to bear; the host where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// Whom we trust, and who we are.
    #[serde(flatten)]
    pub files: OutsideFiles,
}

const fn default_window() -> NonZeroU16 {
    NonZeroU16::MIN.saturating_add(9)
}

const fn default_rate() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(19)
}

const fn default_weight() -> NonZeroU32 {
    NonZeroU32::MIN
}

const fn default_answer() -> u64 {
    30
}

/// Why an operator's configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OperatorConfigError {
    /// Not fit for a name.
    #[error("{0:?} is no name for an operator")]
    Name(String),
    /// Two of one name.
    #[error("two operators are named {0}")]
    Twice(String),
    /// A production node over an open line.
    #[error("{0}: without TLS a production node speaks to its own machine only")]
    Plain(String),
    /// The password cannot be read.
    #[error("{name}: {}: {cause}", path.display())]
    Password {
        /// Which operator.
        name: String,
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// No such sender.
    #[error("{0}: that sender cannot be shown by a phone")]
    Sender(String),
    /// The name a certificate should bear is none.
    #[error("{name}: {cause}")]
    ServerName {
        /// Which operator.
        name: String,
        /// Why.
        cause: InvalidDnsNameError,
    },
    /// TLS files do not hold up.
    #[error("{name}: {cause}")]
    Tls {
        /// Which operator.
        name: String,
        /// Why.
        cause: TlsError,
    },
    /// Something does not fit SMPP.
    #[error("{name}: {cause}")]
    Link {
        /// Which operator.
        name: String,
        /// Why.
        cause: ConfigError,
    },
}

impl OperatorConfig {
    /// Takes relative paths from `folder`.
    pub fn settle(&mut self, folder: &Path) {
        let settle = |path: &mut PathBuf| *path = folder.join(&*path);
        settle(&mut self.password_file);
        let Some(OperatorTls { files, .. }) = &mut self.tls else { return };
        settle(&mut files.trust_anchors);
        files.revocation_lists.iter_mut().for_each(settle);
        if let Some(own) = &mut files.own {
            settle(&mut own.certificate_chain);
            settle(&mut own.private_key);
        }
    }

    fn link(&self, environment: Environment, clock: &SharedClock) -> Result<LinkConfig, OperatorConfigError> {
        let name = LinkName::new(&self.name).ok_or_else(|| OperatorConfigError::Name(self.name.clone()))?;
        if self.tls.is_none() && environment == Environment::Production && !is_this_machine(&self.host) {
            return Err(OperatorConfigError::Plain(self.name.clone()));
        }
        let account = Account {
            system_id: self.system_id.clone(),
            password: self.password()?,
            system_type: self.system_type.clone(),
        };
        let mut link = LinkConfig::new(name, self.host.clone(), self.port, account);
        link.tls = self.tls.as_ref().map(|tls| self.tls(tls, clock)).transpose()?;
        link.mode = match self.bind {
            Bind::Transceiver => BindMode::Transceiver,
            Bind::Pair => BindMode::TransmitterAndReceiver,
        };
        link.validity = match self.validity {
            ValidityForm::Relative => Validity::Relative,
            ValidityForm::AbsoluteUtc => Validity::AbsoluteUtc,
        };
        let sender = match &self.sender {
            SenderConfig::Name(name) => Sender::name(name),
            SenderConfig::Number(number) => Sender::number(number),
            SenderConfig::Short(number) => Sender::short(number),
        };
        link.sender = Some(sender.ok_or_else(|| OperatorConfigError::Sender(self.name.clone()))?);
        link.window = self.window;
        link.rate = self.parts_per_second;
        link.response_time = Duration::from_secs(self.answer_seconds);
        link.deliveries = NonZeroU16::MIN.saturating_add(DELIVERIES - 1);
        link.check().map_err(|cause| OperatorConfigError::Link { name: self.name.clone(), cause })?;
        Ok(link)
    }

    fn password(&self) -> Result<Secret<String>, OperatorConfigError> {
        use std::io::Read as _;
        let failed =
            |cause| OperatorConfigError::Password { name: self.name.clone(), path: self.password_file.clone(), cause };
        let file = std::fs::File::open(&self.password_file).map_err(failed)?;
        let mut text = zeroize::Zeroizing::new(String::new());
        file.take(LONGEST_PASSWORD_FILE).read_to_string(&mut text).map_err(failed)?;
        Ok(Secret::new(text.trim_end_matches(['\n', '\r']).to_owned()))
    }

    fn tls(&self, tls: &OperatorTls, clock: &SharedClock) -> Result<Tls, OperatorConfigError> {
        let server_name = tls.server_name.as_ref().unwrap_or(&self.host).clone();
        let server_name = ServerName::try_from(server_name)
            .map_err(|cause| OperatorConfigError::ServerName { name: self.name.clone(), cause })?;
        let outside = OutsideTls::open(tls.files.clone(), clock.clone())
            .map_err(|cause| OperatorConfigError::Tls { name: self.name.clone(), cause })?;
        Ok(Tls { config: Arc::new(move || outside.client_config()), server_name })
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The links, with their weights.
pub(super) fn check(
    configs: &[OperatorConfig],
    environment: Environment,
    clock: &SharedClock,
) -> Result<Vec<(LinkConfig, NonZeroU32)>, OperatorConfigError> {
    let mut names = BTreeSet::new();
    let mut checked = Vec::with_capacity(configs.len());
    for config in configs {
        if !names.insert(&config.name) {
            return Err(OperatorConfigError::Twice(config.name.clone()));
        }
        checked.push((config.link(environment, clock)?, config.weight));
    }
    Ok(checked)
}

/// How many messages a link can do something with: its window, and what goes out in a quarter of a second. None while it is not bound.
pub(super) fn room(link: &Link) -> usize {
    if !link.is_bound() {
        return 0;
    }
    let config = link.config();
    let rate = usize::try_from(config.rate.get()).unwrap_or(usize::MAX);
    let pace = usize::try_from(link.pace()).unwrap_or(usize::MAX);
    usize::from(config.window.get()) + rate.saturating_mul(pace).div_ceil(4_000)
}

#[cfg(test)]
mod tests {
    use straznica_types::SystemClock;

    use super::*;

    fn operator(folder: &Path) -> OperatorConfig {
        std::fs::write(folder.join("password"), "tajne\r\n").unwrap();
        let mut operator: OperatorConfig = serde_json::from_value(serde_json::json!({
            "name": "operator-a",
            "host": "127.0.0.1",
            "port": 2775,
            "system_id": "straznica",
            "password_file": "password",
            "sender": { "short": "7055" },
        }))
        .unwrap();
        operator.settle(folder);
        operator
    }

    fn refusal(configs: &[OperatorConfig], environment: Environment) -> Option<String> {
        check(configs, environment, &SystemClock::shared()).err().map(|error| error.to_string())
    }

    #[test]
    fn what_is_configured_is_what_the_link_gets() {
        let folder = tempfile::tempdir().unwrap();
        let configured = OperatorConfig {
            bind: Bind::Pair,
            validity: ValidityForm::AbsoluteUtc,
            answer_seconds: 7,
            weight: 3.try_into().unwrap(),
            ..operator(folder.path())
        };
        let checked = check(&[configured], Environment::Production, &SystemClock::shared()).unwrap();
        let (link, weight) = &checked[0];
        assert_eq!((link.account.password.expose().as_str(), weight.get()), ("tajne", 3));
        assert_eq!((link.mode, link.validity), (BindMode::TransmitterAndReceiver, Validity::AbsoluteUtc));
        assert_eq!((link.response_time, &link.sender), (Duration::from_secs(7), &Sender::short("7055")));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        type Change = fn(&mut OperatorConfig);
        let folder = tempfile::tempdir().unwrap();
        let changes: [(Change, &str); 8] = [
            (|c| c.name = "Operator A".to_owned(), "no name"),
            (|c| c.host = "smsc.example".to_owned(), "without TLS"),
            (|c| c.host = "192.0.2.1".to_owned(), "without TLS"),
            (|c| c.password_file = "nowhere".into(), "operator-a: nowhere"),
            (|c| c.sender = SenderConfig::Name("Strażnica".to_owned()), "sender"),
            (|c| c.system_id = String::new(), "system_id"),
            (|c| c.answer_seconds = 0, "span of time"),
            (
                |c| {
                    let files = OutsideFiles { trust_anchors: "nowhere".into(), revocation_lists: None, own: None };
                    c.tls = Some(OperatorTls { server_name: Some("smsc.example".to_owned()), files });
                },
                "nowhere",
            ),
        ];
        for (change, said) in changes {
            let mut changed = operator(folder.path());
            change(&mut changed);
            let refused = refusal(&[changed], Environment::Production).unwrap();
            assert!(refused.contains(said), "{said}: {refused}");
        }
        let twice = [operator(folder.path()), operator(folder.path())];
        assert_eq!(refusal(&twice, Environment::Test).as_deref(), Some("two operators are named operator-a"));
        for host in ["127.0.0.1", "::1", "localhost"] {
            let here = OperatorConfig { host: host.to_owned(), ..operator(folder.path()) };
            assert_eq!(refusal(&[here], Environment::Production), None, "{host}");
        }
    }
}
