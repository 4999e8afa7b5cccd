//! Partners: states whose SPOC two officers registered.

use std::net::IpAddr;

use exchange::Country;
use straznica_exchange_wire::Binding;
use straznica_types::Timestamp;
use thiserror::Error;
use uuid::Uuid;

/// Another state whose SPOC is registered here, as the two officers agreed on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// The state.
    pub country: Country,
    /// What people call its SPOC.
    pub name: String,
    /// How messages reach it.
    pub binding: Binding,
    /// Name of the profile that says how it spells things.
    pub profile: String,
    /// Where its SPOC answers.
    pub url: SpocUrl,
    /// Where bundles go when the link is down.
    pub email: String,
    /// Co-ordinators, a line each.
    pub contacts: String,
    /// How its requests are answered.
    pub answers: Answers,
    /// Years its travel documents are valid: how far back trust anchors are kept.
    pub document_years: u32,
    /// Whether it is dealt with.
    pub state: PartnerState,
    /// When.
    pub in_use: Period,
    /// Its roots, whatever their state and period, oldest first.
    pub roots: Vec<PartnerRoot>,
    /// Its CVCAs, by name.
    pub cvcas: Vec<PartnerCvca>,
    /// Times in which it said it cannot be reached, by their beginning.
    pub outages: Vec<Outage>,
}

impl Partner {
    /// Whether messages are exchanged with it: active and within its period of use.
    #[must_use]
    pub fn is_served(&self, at: Timestamp) -> bool {
        self.standing(at) == Standing::Served
    }

    /// Whether messages are exchanged with it, and if not, why not.
    #[must_use]
    pub fn standing(&self, at: Timestamp) -> Standing {
        match &self.state {
            PartnerState::Withdrawn => Standing::Withdrawn,
            PartnerState::Suspended { .. } => Standing::Suspended,
            PartnerState::Active if !self.in_use.covers(at) => Standing::OutOfUse,
            PartnerState::Active => Standing::Served,
        }
    }

    /// Roots two officers agreed on, in their period of use.
    pub fn roots_in_use(&self, at: Timestamp) -> impl Iterator<Item = &PartnerRoot> {
        self.roots.iter().filter(move |root| root.state == RootState::Confirmed && root.in_use.covers(at))
    }

    /// The outage it is in, if it announced one for this moment.
    #[must_use]
    pub fn outage_at(&self, at: Timestamp) -> Option<&Outage> {
        self.outages.iter().find(|outage| outage.period.covers(at))
    }
}

/// Whether a partner is dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Yes.
    Served,
    /// No: an officer suspended it.
    Suspended,
    /// No: its period of use has not begun, or is over.
    OutOfUse,
    /// No: it is registered no more.
    Withdrawn,
}

/// What officers decided about a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartnerState {
    /// In use.
    Active,
    /// Not let in and not written to, for the time being.
    Suspended {
        /// Why.
        reason: String,
    },
    /// Registered no more.
    Withdrawn,
}

impl PartnerState {
    /// The state's name in the database and the journal.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended { .. } => "suspended",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// How a partner's requests for certificates are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// With the certificate, where policy lets the machine decide.
    Synchronous,
    /// With a receipt first; the certificate follows.
    Asynchronous,
}

impl Answers {
    /// The mode's name in the database and the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Synchronous => "synchronous",
            Self::Asynchronous => "asynchronous",
        }
    }

    /// Reads [`Self::as_str`].
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        [Self::Synchronous, Self::Asynchronous].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// A time with a beginning and, perhaps, an end; the last moment is outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: Timestamp,
    until: Option<Timestamp>,
}

/// A period that ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the period ends before it begins")]
pub struct EndsBeforeItBegins;

impl Period {
    /// From `from` until before `until`; without end where `None`.
    ///
    /// # Errors
    /// [`EndsBeforeItBegins`]
    pub fn new(from: Timestamp, until: Option<Timestamp>) -> Result<Self, EndsBeforeItBegins> {
        if until.is_some_and(|until| until <= from) {
            return Err(EndsBeforeItBegins);
        }
        Ok(Self { from, until })
    }

    /// Its first moment.
    #[must_use]
    pub const fn from(&self) -> Timestamp {
        self.from
    }

    /// The first moment past it.
    #[must_use]
    pub const fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// Whether `at` is in it.
    #[must_use]
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// Whether the two have a moment in common.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.until.is_none_or(|until| other.from < until) && other.until.is_none_or(|until| self.from < until)
    }
}

/// A root certificate that a partner's SPOC certificates lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerRoot {
    /// SHA-256 of the certificate, lower-case hex.
    pub fingerprint: String,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// Its subject, e.g. `C=UT,CN=UT SPOC root`.
    pub subject: String,
    /// When it counts.
    pub in_use: Period,
    /// Fingerprint of the root it follows.
    pub linked_to: Option<String>,
    /// What it may be used over.
    pub bindings: Bindings,
    /// How far two officers have come with it.
    pub state: RootState,
}

/// How far the registration of a root has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootState {
    /// One officer has entered it.
    Proposed,
    /// A second one has compared the fingerprint.
    Confirmed,
    /// Not to be used any more.
    Withdrawn,
}

impl RootState {
    const ALL: [Self; 3] = [Self::Proposed, Self::Confirmed, Self::Withdrawn];

    /// The state's name in the database and the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Confirmed => "confirmed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads [`Self::as_str`].
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Bindings a root may be used over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bindings {
    /// One of the two.
    Only(Binding),
    /// Either.
    Both,
}

impl Bindings {
    const ALL: [Self; 3] = [Self::Only(Binding::Grpc), Self::Only(Binding::Soap), Self::Both];

    /// Whether `binding` is among them.
    #[must_use]
    pub fn allow(self, binding: Binding) -> bool {
        match self {
            Self::Only(one) => one == binding,
            Self::Both => true,
        }
    }

    /// The name in the database and the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Only(binding) => binding.as_str(),
            Self::Both => "both",
        }
    }

    /// Reads [`Self::as_str`].
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bindings| bindings.as_str() == text)
    }
}

/// A CVCA of a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerCvca {
    /// Country and mnemonic.
    pub name: String,
    /// The travel documents it is for.
    pub document_types: String,
    /// The CVCA it replaces, reached by a link with another mnemonic.
    pub replaces: Option<String>,
}

/// A time in which a partner said it cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Names it.
    pub id: Uuid,
    /// When.
    pub period: Period,
    /// What the partner gave as the reason.
    pub reason: String,
}

/// Address of a SPOC: https, a host, perhaps a port and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpocUrl {
    text: String,
    host: String,
    port: u16,
}

/// Why a text is no address of a SPOC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UrlRefusal {
    /// Not of the form scheme://host.
    #[error("no absolute URL of at most 255 characters")]
    Malformed,
    /// Another scheme.
    #[error("the scheme is not https")]
    NotHttps,
    /// A name and password in it.
    #[error("credentials in a URL are not taken")]
    Credentials,
    /// A query or fragment.
    #[error("a SPOC's address has no query and no fragment")]
    Query,
    /// The host is no DNS name.
    #[error("the host is no DNS name")]
    Host,
}

const MAX_URL: usize = 255;

impl SpocUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// [`UrlRefusal`]
    pub fn parse(text: &str) -> Result<Self, UrlRefusal> {
        if text.len() > MAX_URL || text.contains('#') {
            return Err(if text.contains('#') { UrlRefusal::Query } else { UrlRefusal::Malformed });
        }
        let uri: http::Uri = text.parse().map_err(|_| UrlRefusal::Malformed)?;
        let authority = uri.authority().ok_or(UrlRefusal::Malformed)?;
        if uri.scheme() != Some(&http::uri::Scheme::HTTPS) {
            return Err(UrlRefusal::NotHttps);
        }
        if authority.as_str().contains('@') {
            return Err(UrlRefusal::Credentials);
        }
        if uri.query().is_some() {
            return Err(UrlRefusal::Query);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        if host.parse::<IpAddr>().is_err() && !is_dns_name(&host) {
            return Err(UrlRefusal::Host);
        }
        Ok(Self { text: text.to_owned(), host, port: authority.port_u16().unwrap_or(443) })
    }

    /// As it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The DNS name, or the IP address without brackets: what the server's certificate has to carry.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; 443 where none is written.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether the host is an address and no name.
    #[must_use]
    pub fn names_an_address(&self) -> bool {
        self.host.parse::<IpAddr>().is_ok()
    }
}

/// Labels of letters, digits and inner hyphens, the last not all digits (RFC 1123 §2.1).
fn is_dns_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last_is_a_name = text.rsplit('.').next().is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()));
    text.len() <= 253 && text.split('.').all(label) && last_is_a_name
}

#[cfg(test)]
mod tests {
    use super::{Answers, Binding, Bindings, EndsBeforeItBegins, Period, SpocUrl, UrlRefusal};
    use straznica_types::Timestamp;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn an_address_is_https_and_a_host() {
        let cases = [
            ("https://spoc.example.cz", Ok(("spoc.example.cz", 443))),
            ("https://SPOC.example.cz:8443/spoc", Ok(("spoc.example.cz", 8443))),
            ("https://127.0.0.1:4433", Ok(("127.0.0.1", 4433))),
            ("https://[::1]:4433/", Ok(("::1", 4433))),
            ("http://spoc.example.cz", Err(UrlRefusal::NotHttps)),
            ("spoc.example.cz", Err(UrlRefusal::NotHttps)),
            ("/spoc", Err(UrlRefusal::Malformed)),
            ("", Err(UrlRefusal::Malformed)),
            ("https://user:word@spoc.example.cz", Err(UrlRefusal::Credentials)),
            ("https://spoc.example.cz/?wsdl", Err(UrlRefusal::Query)),
            ("https://spoc.example.cz/#here", Err(UrlRefusal::Query)),
            ("https://spoc_.example.cz", Err(UrlRefusal::Host)),
            ("https://-spoc.example.cz", Err(UrlRefusal::Host)),
            ("https://10.0.0", Err(UrlRefusal::Host)),
        ];
        for (text, expected) in cases {
            let read = SpocUrl::parse(text);
            assert_eq!(read.as_ref().map(|url| (url.host(), url.port())), expected.as_ref().copied(), "{text}");
        }
        assert!(SpocUrl::parse("https://[::1]").unwrap().names_an_address());
    }

    #[test]
    fn a_period_ends_before_its_last_moment() {
        assert_eq!(Period::new(at(5), Some(at(5))), Err(EndsBeforeItBegins));
        let period = Period::new(at(5), Some(at(7))).unwrap();
        assert_eq!([4, 5, 6, 7].map(|moment| period.covers(at(moment))), [false, true, true, false]);
        let (later, endless) = (Period::new(at(7), None).unwrap(), Period::new(at(6), None).unwrap());
        assert!(!period.overlaps(&later) && !later.overlaps(&period));
        assert!(period.overlaps(&endless) && endless.overlaps(&period));
    }

    #[test]
    fn names_read_back() {
        for bindings in Bindings::ALL {
            assert_eq!(Bindings::from_name(bindings.as_str()), Some(bindings));
        }
        assert!(!Bindings::Only(Binding::Soap).allow(Binding::Grpc) && Bindings::Both.allow(Binding::Grpc));
        assert_eq!(Answers::from_name("asynchronous"), Some(Answers::Asynchronous));
        assert_eq!(Answers::from_name("later"), None);
    }
}
