//! Options of the service, each with a default that runs.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use straznica_journal::JournalConfig;
use straznica_runtime::channel::ChannelConfig;
use straznica_runtime::service::ServerConfig;
use straznica_store::StoreConfig;

use crate::domain::Purpose;
use crate::domain::consultation::Body;
use crate::domain::scn::ResendRule;
use crate::keys::PersonKeysConfig;

/// Everything an operator can set about the registry.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses, TLS files and limits of the listeners.
    pub server: ServerConfig,
    /// The service's own database.
    pub database: StoreConfig,
    /// The journal of this service.
    pub journal: JournalConfig,
    /// Key under which statements about persons are kept.
    pub person_keys: PersonKeysConfig,
    /// Consultations: who is asked, and when silence is looked for.
    pub consultation: ConsultationConfig,
    /// What the register may be used for; a call names one by its id.
    pub purposes: Vec<Purpose>,
    /// Directory with the rule sets (`*.toml`) to be used in place of those that are built in.
    pub rules: Option<PathBuf>,
    /// File with the days off to be used in place of those that are built in.
    pub holidays: Option<PathBuf>,
    /// File with the rules of retention to be used in place of those that are built in.
    pub retention: Option<PathBuf>,
    /// Directory with the profiles (`*.toml`) of the authorities that read the register; without it there are none.
    pub consumers: Option<PathBuf>,
    /// Directory with the mappings (`*.toml`) of registers that are brought over; without it files have the register's own columns.
    pub mappings: Option<PathBuf>,
    /// The register of visas; without it cases say that there is none.
    pub visas: Option<VisaRegisterConfig>,
    /// Checks against alerts of the Schengen Information System.
    pub alerts: AlertsConfig,
}

/// The register of visas, behind its adapter.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisaRegisterConfig {
    /// Its name, e.g. `cvr`: the adapter's certificate is that of `service/sources-cvr`.
    pub name: String,
    /// Where the adapter is; `timeout_ms` is the longest wait for an answer.
    pub channel: ChannelConfig,
    /// Age in seconds from which its answers are shown as not current.
    #[serde(default = "default_fresh_seconds")]
    pub fresh_seconds: u64,
}

/// Checks against alerts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertsConfig {
    /// The adapter before the source. None: nothing is checked, and every check says so.
    pub source: Option<AlertSourceConfig>,
    /// A production node without a source does not start unless this says that it is meant.
    pub without_source: bool,
    /// The node's own state, ISO 3166-1 alpha-3: it is not consulted about its own alerts.
    pub own_state: String,
    /// File with the law of alerts to be used in place of the one that is built in.
    pub law: Option<PathBuf>,
    /// What whoever stands at the border may be checked for.
    pub border_purposes: Vec<Purpose>,
    /// How often what may not be kept any longer is deleted, in seconds. At least 1.
    pub forget_seconds: u64,
}

impl Default for AlertsConfig {
    fn default() -> Self {
        let purpose = |id: &str, legal_basis: &str| Purpose {
            id: id.to_owned(),
            legal_basis: legal_basis.to_owned(),
            vulnerabilities: false,
        };
        Self {
            source: None,
            without_source: false,
            own_state: "POL".to_owned(),
            law: None,
            border_purposes: vec![
                purpose("border_check", "Regulation (EU) 2016/399, Article 8"),
                purpose("residence_check", "Act of 12 December 2013 on Foreigners, control of the legality of stay"),
                purpose("proceedings", "Act of 12 October 1990 on the Border Guard, proceedings of the case named"),
            ],
            forget_seconds: 3_600,
        }
    }
}

/// An adapter of `straznica.alerts.v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertSourceConfig {
    /// Its name, e.g. `sis`: the adapter's certificate is that of `service/alerts-sis`.
    pub name: String,
    /// Where the adapter is; `timeout_ms` is the longest wait for an answer.
    pub channel: ChannelConfig,
    /// Age in seconds from which an answer is none.
    #[serde(default = "default_fresh_seconds")]
    pub fresh_seconds: u64,
}

const fn default_fresh_seconds() -> u64 {
    900
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: ServerConfig::default(),
            database: StoreConfig::new("sqlite://registry.db"),
            journal: JournalConfig::embedded("registry.straznica.internal/journal", "registry-journal-keys"),
            person_keys: PersonKeysConfig::default(),
            consultation: ConsultationConfig::default(),
            purposes: default_purposes(),
            rules: None,
            holidays: None,
            retention: None,
            consumers: None,
            mappings: None,
            visas: None,
            alerts: AlertsConfig::default(),
        }
    }
}

/// A number that is not zero: of zero, one.
const fn number(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// Options of consultations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsultationConfig {
    /// Bodies that can be asked; each calls under a certificate `consulted/<body>`.
    pub bodies: Vec<Body>,
    /// Those of them that come by REST: for these, and for no others, the gateway may speak, by the certificate it saw. A body that is not here comes to the registry itself.
    pub rest_bodies: Vec<Body>,
    /// Seconds between two looks for silence.
    pub silence_seconds: NonZeroU32,
    /// The network by which other states are reached; absent: they are not.
    pub network: Option<NetworkConfig>,
}

/// Options of the consultation network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// The adapter before the network: its certificate names `service/consultation-<name>`.
    pub name: String,
    /// Where the adapter is.
    pub channel: ChannelConfig,
    /// As which state we send: three letters.
    pub state: String,
    /// Seconds between two looks for messages, to be sent and to be read.
    pub poll_seconds: NonZeroU32,
    /// Minutes after which a form without a delivery notification is sent again; doubled each time.
    pub resend_minutes: NonZeroU32,
    /// The longest interval, in minutes.
    pub resend_longest_minutes: NonZeroU32,
    /// How often it is sent before it is left to people.
    pub resend_most: NonZeroU32,
    /// Hours without a delivery notification after which a form is reported.
    pub overdue_hours: NonZeroU32,
}

impl NetworkConfig {
    pub(crate) fn rule(&self) -> ResendRule {
        let minutes = |minutes: NonZeroU32| Duration::from_secs(60 * u64::from(minutes.get()));
        ResendRule {
            first: minutes(self.resend_minutes),
            longest: minutes(self.resend_longest_minutes),
            most: self.resend_most.get(),
            overdue: Duration::from_secs(3_600 * u64::from(self.overdue_hours.get())),
        }
    }
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            name: "vismail".to_owned(),
            channel: ChannelConfig::default(),
            state: "POL".to_owned(),
            poll_seconds: number(10),
            resend_minutes: number(30),
            resend_longest_minutes: number(360),
            resend_most: number(60),
            overdue_hours: number(24),
        }
    }
}

impl Default for ConsultationConfig {
    fn default() -> Self {
        let bodies = ["sg", "police", "abw", "aw", "mfa"].into_iter().filter_map(|body| Body::parse(body).ok());
        Self { bodies: bodies.collect(), rest_bodies: Vec::new(), silence_seconds: number(15), network: None }
    }
}

fn default_purposes() -> Vec<Purpose> {
    let purpose = |id: &str, legal_basis: &str, vulnerabilities| Purpose {
        id: id.to_owned(),
        legal_basis: legal_basis.to_owned(),
        vulnerabilities,
    };
    vec![
        purpose("protection_proceedings", "Act of 13 June 2003 on granting protection to aliens", true),
        purpose("border_intake", "Act of 13 June 2003 on granting protection to aliens", true),
        purpose("residence_proceedings", "Act of 12 December 2013 on foreigners", false),
        purpose("consultations", "Regulation (EC) No 810/2009; Act of 12 December 2013 on foreigners", false),
        purpose("return_proceedings", "Act of 12 December 2013 on foreigners", false),
    ]
}
