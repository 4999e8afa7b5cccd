//! What an operator's contract says, and how patient the link is.

use std::fmt;
use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use straznica_types::Secret;

use super::message::Sender;

/// The name of a link on boards, in metrics and in outcomes: small letters, digits and `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkName(Arc<str>);

impl LinkName {
    /// `None` when empty, longer than 32 characters or with others than small letters, digits and `-`.
    pub fn new(name: &str) -> Option<Self> {
        let fit = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
        ((1..=32).contains(&name.len()) && name.bytes().all(fit)).then(|| Self(name.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whom we bind as. Lengths are those of SMPP 3.4 §4.1.
#[derive(Clone, Debug)]
pub struct Account {
    /// At most 15 ASCII characters.
    pub system_id: String,
    /// At most 8 ASCII characters.
    pub password: Secret<String>,
    /// At most 12 ASCII characters; mostly empty.
    pub system_type: String,
}

/// How many connections carry a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BindMode {
    /// One for both directions (`bind_transceiver`).
    #[default]
    Transceiver,
    /// One to submit and one to receive, for operators that know no transceiver. Either is kept on its own.
    TransmitterAndReceiver,
}

/// How validity_period is written (SMPP 3.4 §7.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validity {
    /// As a span from now on: no clocks to disagree.
    #[default]
    Relative,
    /// As a point in time, UTC, for operators that refuse spans.
    AbsoluteUtc,
}

/// TLS to the operator. The configuration is asked for at every connection, so that renewed certificates and revocation lists are used.
#[derive(Clone)]
pub struct Tls {
    /// Who is trusted and who we are.
    pub config: Arc<dyn Fn() -> Arc<rustls::ClientConfig> + Send + Sync>,
    /// The name the operator's certificate has to bear.
    pub server_name: ServerName<'static>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

/// One link.
#[derive(Clone, Debug)]
pub struct LinkConfig {
    /// Its name.
    pub name: LinkName,
    /// Host name or address of the SMSC.
    pub host: String,
    /// Port; 2775 and, with TLS, 3550 are usual.
    pub port: u16,
    /// TLS, unless the operator is reached over a line of its own.
    pub tls: Option<Tls>,
    /// Whom we bind as.
    pub account: Account,
    /// How many connections.
    pub mode: BindMode,
    /// How validity is written.
    pub validity: Validity,
    /// Whom messages come from on this link, where the contract says it; none: whom each message says.
    pub sender: Option<Sender>,
    /// Parts written and not yet answered, at most. From 2 on, bulk leaves one place free for codes.
    pub window: NonZeroU16,
    /// Parts a second, at most, as agreed with the operator; a hundredth of it, and two at least, may go at once.
    pub rate: NonZeroU32,
    /// How long an answer may take before the part counts as unknown.
    pub response_time: Duration,
    /// How long connecting and binding may take.
    pub connect_time: Duration,
    /// Silence after which the link asks whether the SMSC is still there (`enquire_link`).
    pub enquire_every: Duration,
    /// How long that answer may take before the connection counts as dead.
    pub enquire_time: Duration,
    /// First pause before connecting again; it doubles each time.
    pub first_pause: Duration,
    /// Longest pause before connecting again.
    pub longest_pause: Duration,
    /// How long the handler may take to keep a delivery before the SMSC is told to send it again.
    pub handler_time: Duration,
    /// Deliveries handed to the handler at a time. Eight times as many more may wait; beyond these the link reads no further.
    pub deliveries: NonZeroU16,
    /// How long what is on its way may take when the link is stopped.
    pub drain_time: Duration,
    /// Longest PDU read, in octets.
    pub largest_pdu: usize,
}

/// No patience is longer.
const LONGEST_SPAN: Duration = Duration::from_secs(86_400);

/// Why a configuration is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// system_id is empty, longer than 15 characters or not ASCII.
    #[error("system_id has to have 1 to 15 ASCII characters")]
    SystemId,
    /// The password is longer than 8 characters or not ASCII.
    #[error("the password has at most 8 ASCII characters")]
    Password,
    /// system_type is longer than 12 characters or not ASCII.
    #[error("system_type has at most 12 ASCII characters")]
    SystemType,
    /// A PDU has to have room for a message.
    #[error("largest_pdu is below 1024 octets")]
    LargestPdu,
    /// A span of time is zero or longer than a day.
    #[error("a span of time is zero or longer than a day")]
    Span,
}

impl LinkConfig {
    /// A link with usual values: window 10, 20 parts a second, answers within 30 s, an enquiry after 30 s of silence.
    pub fn new(name: LinkName, host: impl Into<String>, port: u16, account: Account) -> Self {
        Self {
            name,
            host: host.into(),
            port,
            tls: None,
            account,
            mode: BindMode::default(),
            validity: Validity::default(),
            sender: None,
            window: NonZeroU16::MIN.saturating_add(9),
            rate: NonZeroU32::MIN.saturating_add(19),
            response_time: Duration::from_secs(30),
            connect_time: Duration::from_secs(10),
            enquire_every: Duration::from_secs(30),
            enquire_time: Duration::from_secs(10),
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(60),
            handler_time: Duration::from_secs(10),
            deliveries: NonZeroU16::MIN.saturating_add(63),
            drain_time: Duration::from_secs(10),
            largest_pdu: 8_192,
        }
    }

    /// Whether SMPP has room for it.
    ///
    /// # Errors
    /// Names the first field that does not fit.
    pub fn check(&self) -> Result<(), ConfigError> {
        let fits = |text: &str, most: usize| text.len() <= most && text.is_ascii() && !text.contains('\0');
        if self.account.system_id.is_empty() || !fits(&self.account.system_id, 15) {
            return Err(ConfigError::SystemId);
        }
        if !fits(self.account.password.expose(), 8) {
            return Err(ConfigError::Password);
        }
        if !fits(&self.account.system_type, 12) {
            return Err(ConfigError::SystemType);
        }
        if self.largest_pdu < 1_024 {
            return Err(ConfigError::LargestPdu);
        }
        let spans = [
            self.response_time,
            self.connect_time,
            self.enquire_every,
            self.enquire_time,
            self.first_pause,
            self.longest_pause,
            self.handler_time,
            self.drain_time,
        ];
        if spans.iter().any(|span| span.is_zero() || *span > LONGEST_SPAN) {
            return Err(ConfigError::Span);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> LinkConfig {
        let account = Account {
            system_id: "straznica".to_owned(),
            password: Secret::new("tajne".to_owned()),
            system_type: String::new(),
        };
        LinkConfig::new(LinkName::new("operator-a").unwrap(), "127.0.0.1", 2775, account)
    }

    type Change = fn(&mut LinkConfig);

    #[test]
    fn what_smpp_has_no_room_for_is_refused() {
        assert_eq!(config().check(), Ok(()));
        let changes: [(Change, ConfigError); 9] = [
            (|c| c.account.system_id.clear(), ConfigError::SystemId),
            (|c| c.account.system_id = "x".repeat(16), ConfigError::SystemId),
            (|c| c.account.password = Secret::new("123456789".to_owned()), ConfigError::Password),
            (|c| c.account.password = Secret::new("zażółć".to_owned()), ConfigError::Password),
            (|c| c.account.password = Secret::new("a\0b".to_owned()), ConfigError::Password),
            (|c| c.account.system_type = "x".repeat(13), ConfigError::SystemType),
            (|c| c.largest_pdu = 1_023, ConfigError::LargestPdu),
            (|c| c.enquire_time = Duration::ZERO, ConfigError::Span),
            (|c| c.response_time = Duration::MAX, ConfigError::Span),
        ];
        for (change, error) in changes {
            let mut changed = config();
            change(&mut changed);
            assert_eq!(changed.check(), Err(error));
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        assert!(!format!("{:?}", config()).contains("tajne"));
    }

    #[test]
    fn names_are_fit_for_metrics() {
        for (name, fit) in [("operator-a", true), ("", false), ("Operator", false), ("a b", false)] {
            assert_eq!(LinkName::new(name).is_some(), fit, "{name}");
        }
    }
}
