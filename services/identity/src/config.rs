//! Options of the service, each with a default that runs.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use straznica_journal::JournalConfig;
use straznica_runtime::channel::ChannelConfig;
use straznica_runtime::service::ServerConfig;
use straznica_store::StoreConfig;
use straznica_types::OfficerId;

use crate::domain::verification::{DocumentKind, VerificationPurpose};
use crate::domain::verifiers::AlertLimits;
use crate::domain::{Purpose, SizeLimits, Timing};
use crate::keys::CitizenKeysConfig;

/// Everything an operator can set about identity.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses, TLS files and limits of the listeners.
    pub server: ServerConfig,
    /// The service's own database.
    pub database: StoreConfig,
    /// The journal of this service.
    pub journal: JournalConfig,
    /// Where spoc is and how it is called.
    pub spoc: ChannelConfig,
    /// The trust documents are judged by.
    pub trust: TrustConfig,
    /// Inspections and the sessions with the chip behind them.
    pub inspection: InspectionConfig,
    /// Checks of holders and documents against alerts.
    pub alerts: AlertsConfig,
    /// Largest files taken.
    pub sizes: SizeLimits,
    /// What documents are inspected for; a call names one by its id.
    pub purposes: Vec<Purpose>,
    /// Why a person may be sent to the second line.
    pub referral_reasons: Vec<String>,
    /// The state registers this node asks. None: it confirms nobody's documents.
    pub registers: Vec<RegisterConfig>,
    /// Where dispatch is and how it is called.
    pub dispatch: ChannelConfig,
    /// Identity confirmed through registers.
    pub verification: VerificationConfig,
    /// Who may ask.
    pub verifiers: VerifiersConfig,
    /// Keys under which citizens are kept.
    pub citizen_keys: CitizenKeysConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: ServerConfig::default(),
            database: StoreConfig::new("sqlite://identity.db"),
            journal: JournalConfig::embedded("identity.straznica.internal/journal", "identity-journal-keys"),
            spoc: ChannelConfig::at("127.0.0.1:7101"),
            trust: TrustConfig::default(),
            inspection: InspectionConfig::default(),
            alerts: AlertsConfig::default(),
            sizes: SizeLimits::default(),
            purposes: default_purposes(),
            referral_reasons: default_referral_reasons(),
            registers: Vec::new(),
            dispatch: ChannelConfig::at("127.0.0.1:7104"),
            verification: VerificationConfig::default(),
            verifiers: VerifiersConfig::default(),
            citizen_keys: CitizenKeysConfig::default(),
        }
    }
}

fn default_purposes() -> Vec<Purpose> {
    let purpose = |id: &str, legal_basis: &str, case_required| Purpose {
        id: id.to_owned(),
        legal_basis: legal_basis.to_owned(),
        case_required,
    };
    vec![
        purpose("border_check", "Regulation (EU) 2016/399, Article 8", false),
        purpose("residence_check", "Act of 12 December 2013 on Foreigners, control of the legality of stay", false),
        purpose("proceedings", "Act of 12 October 1990 on the Border Guard, proceedings of the case named", true),
    ]
}

fn default_referral_reasons() -> Vec<String> {
    [
        "document_suspect",
        "fingerprints_differ",
        "face_differs",
        "alert",
        "alerts_not_checked",
        "entry_conditions",
        "other",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// One state register, behind an adapter of `straznica.sources.v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterConfig {
    /// Its name, e.g. `srp`: the adapter's certificate is that of `service/sources-srp`.
    pub name: String,
    /// What it is asked for. No kind is asked of two registers.
    pub documents: Vec<DocumentKind>,
    /// Where the adapter is; `timeout_ms` is the longest wait for an answer.
    pub channel: ChannelConfig,
    /// Age in seconds from which its answers are shown as not current.
    #[serde(default = "default_fresh_seconds")]
    pub fresh_seconds: u64,
}

const fn default_fresh_seconds() -> u64 {
    900
}

/// Identity confirmed through registers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VerificationConfig {
    /// What documents are asked for; a call names one by its id.
    pub purposes: Vec<VerificationPurpose>,
    /// Life of a verification and of its code, in seconds, 60 to 600.
    pub life_seconds: u64,
    /// Verifications an official may open on one day; the next one locks them.
    pub official_daily: u32,
    /// Verifications about one person on one day; the person is not asked any more that day.
    pub subject_daily: u32,
    /// Other citizens a citizen may ask on one day.
    pub asker_daily: u32,
    /// How dispatch knows the service itself, when a citizen confirms a phone or asks another.
    pub own_institution: String,
    /// How often dispatch is asked what citizens have said on their phones, where no screen asks, in seconds. At least 1.
    pub learn_seconds: u64,
    /// How often overdue verifications are ended, in seconds. At least 1.
    pub sweep_seconds: u64,
}

impl Default for VerificationConfig {
    fn default() -> Self {
        let purpose = |id: &str, legal_basis: &str, in_message: &str, deferred_days| VerificationPurpose {
            id: id.to_owned(),
            legal_basis: legal_basis.to_owned(),
            in_message: in_message.to_owned(),
            deferred_days,
        };
        Self {
            purposes: vec![
                purpose(
                    "office_matter",
                    "Act of 14 June 1960, Code of Administrative Procedure, Article 67",
                    "sprawa urzędowa",
                    0,
                ),
                purpose("identity_check", "Act of 12 October 1990 on the Border Guard, Article 11", "legitymowanie", 0),
            ],
            life_seconds: 300,
            official_daily: 100,
            subject_daily: 20,
            asker_daily: 10,
            own_institution: "mdokumenty".to_owned(),
            learn_seconds: 3,
            sweep_seconds: 30,
        }
    }
}

impl VerificationConfig {
    /// Within what dispatch takes.
    pub(crate) fn life(&self) -> Duration {
        Duration::from_secs(self.life_seconds.clamp(60, 600))
    }
}

/// Who may ask for documents. Institutions and their people are in the database; here is who begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VerifiersConfig {
    /// The node's first central administrators; at least two, for one of them enters an application and another decides on it. They may make further ones.
    pub central_administrators: Vec<CentralAdministratorConfig>,
    /// Applications of institutions that may wait at once.
    pub waiting_applications: u64,
    /// The services' privilege to ask without a code.
    pub privilege: PrivilegeConfig,
}

/// How the use of the services' privilege is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrivilegeConfig {
    /// Uses drawn for review, of a thousand.
    pub review_permille: u32,
    /// More uses by one official on one day raise an alert.
    pub alert_daily: u32,
    /// So do more than so many times the official's own median of the last 28 days,
    pub alert_times_median: u32,
    /// unless they are no more than these.
    pub alert_least: u32,
    /// So do more uses about one person by one official within 30 days.
    pub alert_same_person: u32,
}

impl Default for PrivilegeConfig {
    fn default() -> Self {
        Self { review_permille: 100, alert_daily: 30, alert_times_median: 3, alert_least: 5, alert_same_person: 3 }
    }
}

impl PrivilegeConfig {
    pub(crate) fn alerts(&self) -> AlertLimits {
        AlertLimits {
            daily: self.alert_daily.into(),
            times_median: self.alert_times_median.into(),
            least: self.alert_least.into(),
            same_person: self.alert_same_person.into(),
        }
    }
}

impl Default for VerifiersConfig {
    fn default() -> Self {
        Self { central_administrators: Vec::new(), waiting_applications: 200, privilege: PrivilegeConfig::default() }
    }
}

/// A central administrator and how they log in: by an account, a certificate, or either.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CentralAdministratorConfig {
    /// Service identifier.
    pub officer: OfficerId,
    /// `iss` of the account.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub issuer: String,
    /// `sub` of the account.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// SHA-256 of the certificate (DER), 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub certificate_thumbprint: String,
}

/// Accounts are people's.
impl fmt::Debug for CentralAdministratorConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CentralAdministratorConfig").field("officer", &self.officer).finish_non_exhaustive()
    }
}

/// The trust documents are judged by: spoc's, asked for at each inspection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrustConfig {
    /// Longest wait for spoc's answer, in milliseconds. The session with the chip stays open meanwhile.
    pub patience_ms: u64,
    /// How long the trust last confirmed is used on while spoc cannot be asked, in seconds. Revocation is then undetermined and says so. 0:
    /// documents are judged by confirmed trust or not at all.
    pub longest_unconfirmed_seconds: u64,
}

impl Default for TrustConfig {
    fn default() -> Self {
        Self { patience_ms: 2_000, longest_unconfirmed_seconds: 3_600 }
    }
}

impl TrustConfig {
    pub(crate) const fn patience(&self) -> Duration {
        Duration::from_millis(self.patience_ms)
    }

    pub(crate) const fn longest_unconfirmed(&self) -> Duration {
        Duration::from_secs(self.longest_unconfirmed_seconds)
    }
}

/// Checks of holders and documents against alerts, while a document is judged: registry asks the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertsConfig {
    /// Where registry is and how it is called. None: nobody is checked here, and every inspection says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<ChannelConfig>,
    /// A production node without registry does not start unless this says that it is meant.
    pub without_registry: bool,
    /// Longest wait for registry's answer, in milliseconds; what is not answered by then was not checked. The verdict waits for it, no longer.
    pub patience_ms: u64,
}

impl Default for AlertsConfig {
    fn default() -> Self {
        Self { registry: None, without_registry: false, patience_ms: 2_000 }
    }
}

impl AlertsConfig {
    pub(crate) const fn patience(&self) -> Duration {
        Duration::from_millis(self.patience_ms)
    }
}

/// Inspections and the sessions with the chip behind them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InspectionConfig {
    /// Profile file that turns checks into a verdict (form: profiles/tr-03135-default.toml of the travel document library); absent: that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<PathBuf>,
    /// How long a challenge for Active Authentication can be answered, in seconds.
    pub challenge_seconds: u64,
    /// How long an inspection takes evidence, and how long what it needs for that is kept, in seconds.
    pub session_seconds: u64,
    /// Longest time between reading and judging, in seconds.
    pub longest_delay_seconds: u64,
    /// How far a terminal's clock may be ahead, in seconds.
    pub clock_tolerance_seconds: u64,
    /// Documents judged at once; more wait their turn. Absent: as many as the machine has threads for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged_at_once: Option<usize>,
    /// How often dead challenges and what was kept of ended sessions are deleted, in seconds. At least 1.
    pub sweep_seconds: u64,
}

impl Default for InspectionConfig {
    fn default() -> Self {
        Self {
            profile: None,
            challenge_seconds: 300,
            session_seconds: 1_800,
            longest_delay_seconds: 900,
            clock_tolerance_seconds: 120,
            judged_at_once: None,
            sweep_seconds: 60,
        }
    }
}

impl InspectionConfig {
    pub(crate) const fn timing(&self) -> Timing {
        Timing {
            longest_delay: Duration::from_secs(self.longest_delay_seconds),
            clock_tolerance: Duration::from_secs(self.clock_tolerance_seconds),
        }
    }
}
