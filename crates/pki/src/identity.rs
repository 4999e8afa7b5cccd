//! The identity of a peer, from its certificate and nothing else.

use std::{fmt, str::FromStr};

use aws_lc_rs::digest::{SHA256, digest};
use rustls_pki_types::CertificateDer;
use straznica_types::{Timestamp, check_name};
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer, time::ASN1Time};

use crate::error::CertificateError;

const SCHEME: &str = "spiffe://";
const MAX_TRUST_DOMAIN: usize = 255;

/// What a peer is, and its name among its like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PeerRole {
    /// A service of the suite, e.g. `service/spoc`.
    Service(String),
    /// A terminal, e.g. `terminal/PL-WAW-017`.
    Terminal(String),
    /// An operator at a desk: the name is the officer's service identifier.
    Operator(String),
    /// A security officer, who reads journals: the name is the officer's service identifier.
    SecurityOfficer(String),
    /// Another authority's system, e.g. `authority/um-lodz`: the name is the institution's.
    Authority(String),
    /// Another authority that reads the alien registry, e.g. `consumer/POL.zus`: the authority's state and its name there.
    Consumer(String),
    /// A body that is consulted about aliens, e.g. `consulted/abw`: the name is the body's.
    Consulted(String),
}

impl PeerRole {
    /// `service`, `terminal`, `operator`, `security-officer`, `authority`, `consumer` or `consulted`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Service(_) => "service",
            Self::Terminal(_) => "terminal",
            Self::Operator(_) => "operator",
            Self::SecurityOfficer(_) => "security-officer",
            Self::Authority(_) => "authority",
            Self::Consumer(_) => "consumer",
            Self::Consulted(_) => "consulted",
        }
    }

    /// The peer's name.
    pub fn id(&self) -> &str {
        match self {
            Self::Service(id)
            | Self::Terminal(id)
            | Self::Operator(id)
            | Self::SecurityOfficer(id)
            | Self::Authority(id)
            | Self::Consumer(id)
            | Self::Consulted(id) => id,
        }
    }
}

/// `<kind>/<id>`, e.g. `service/gateway`: also how a journal names an actor.
impl fmt::Display for PeerRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind(), self.id())
    }
}

impl FromStr for PeerRole {
    type Err = CertificateError;

    fn from_str(text: &str) -> Result<Self, CertificateError> {
        let (kind, id) = text.split_once('/').ok_or(CertificateError::UriForm)?;
        let role: fn(String) -> Self = match kind {
            "service" => Self::Service,
            "terminal" => Self::Terminal,
            "operator" => Self::Operator,
            "security-officer" => Self::SecurityOfficer,
            "authority" => Self::Authority,
            "consumer" => Self::Consumer,
            "consulted" => Self::Consulted,
            _ => return Err(CertificateError::UnknownRole),
        };
        check_name(id)?;
        Ok(role(id.to_owned()))
    }
}

/// A peer as its certificate names it. Whether the certificate is trusted is decided before, in the handshake.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PeerIdentity {
    /// Trust domain of the SPIFFE id: a lower-case DNS name.
    pub trust_domain: String,
    /// What the peer is.
    pub role: PeerRole,
    /// SHA-256 over the certificate.
    pub sha256: [u8; 32],
    /// SHA-256 over the issuer's name (DER), which with the serial number names the certificate in revocation lists.
    pub issuer_sha256: [u8; 32],
    /// Serial number, big endian without leading zeros.
    pub serial: Vec<u8>,
    /// Beginning of the certificate's validity.
    pub not_before: Timestamp,
    /// End of the certificate's validity.
    pub not_after: Timestamp,
}

impl PeerIdentity {
    /// Reads the identity out of a certificate.
    ///
    /// # Errors
    /// [`CertificateError`] when it is no certificate or does not name exactly one peer (SPIFFE X509-SVID §2).
    pub fn from_certificate(certificate: &CertificateDer<'_>) -> Result<Self, CertificateError> {
        let (rest, parsed) = X509Certificate::from_der(certificate).map_err(|_| CertificateError::Unreadable)?;
        if !rest.is_empty() {
            return Err(CertificateError::Unreadable);
        }
        let names = parsed.subject_alternative_name().map_err(|_| CertificateError::Unreadable)?;
        let uris: Vec<&str> = names
            .iter()
            .flat_map(|names| &names.value.general_names)
            .filter_map(|name| match name {
                GeneralName::URI(uri) => Some(*uri),
                _ => None,
            })
            .collect();
        let [uri] = uris[..] else { return Err(CertificateError::UriCount(uris.len())) };
        let (trust_domain, role) = parse_spiffe_id(uri)?;
        Ok(Self {
            trust_domain,
            role,
            sha256: sha256(certificate),
            issuer_sha256: sha256(parsed.issuer().as_raw()),
            serial: minimal(parsed.raw_serial()),
            not_before: timestamp(parsed.validity().not_before)?,
            not_after: timestamp(parsed.validity().not_after)?,
        })
    }

    /// The SPIFFE id: `spiffe://<trust domain>/<role>/<id>`.
    pub fn spiffe_id(&self) -> String {
        spiffe_id(&self.trust_domain, &self.role)
    }

    /// SHA-256 over the certificate, lower-case hex.
    pub fn fingerprint(&self) -> String {
        hex::encode(self.sha256)
    }

    /// The certificate is within its validity at this time.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        (self.not_before..=self.not_after).contains(&at)
    }
}

/// The role: `service/gateway`.
impl fmt::Display for PeerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.role.fmt(f)
    }
}

pub(crate) fn spiffe_id(trust_domain: &str, role: &PeerRole) -> String {
    format!("{SCHEME}{trust_domain}/{role}")
}

fn parse_spiffe_id(uri: &str) -> Result<(String, PeerRole), CertificateError> {
    let rest = uri.strip_prefix(SCHEME).ok_or(CertificateError::UriForm)?;
    let (trust_domain, path) = rest.split_once('/').ok_or(CertificateError::UriForm)?;
    check_trust_domain(trust_domain)?;
    Ok((trust_domain.to_owned(), path.parse()?))
}

/// SPIFFE-ID §2.1 allows a little more; here the trust domain is also the suffix of DNS names, so it has to be one.
pub(crate) fn check_trust_domain(text: &str) -> Result<(), CertificateError> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (text.len() <= MAX_TRUST_DOMAIN && text.split('.').all(label)).then_some(()).ok_or(CertificateError::TrustDomain)
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// An INTEGER's content without leading zeros, so that encodings of the same number compare equal.
pub(crate) fn minimal(integer: &[u8]) -> Vec<u8> {
    integer.iter().copied().skip_while(|byte| *byte == 0).collect()
}

fn timestamp(time: ASN1Time) -> Result<Timestamp, CertificateError> {
    let millis = time.timestamp().checked_mul(1_000).ok_or(CertificateError::Validity)?;
    Ok(Timestamp::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_spiffe_id_names_one_peer_of_one_trust_domain() {
        for (uri, domain, role) in [
            ("spiffe://development.straznica/service/spoc", "development.straznica", PeerRole::Service("spoc".into())),
            ("spiffe://sg.gov.pl/terminal/PL-WAW-017", "sg.gov.pl", PeerRole::Terminal("PL-WAW-017".into())),
            ("spiffe://sg.gov.pl/operator/sg.1001", "sg.gov.pl", PeerRole::Operator("sg.1001".into())),
            ("spiffe://sg.gov.pl/security-officer/sg.7", "sg.gov.pl", PeerRole::SecurityOfficer("sg.7".into())),
            ("spiffe://sg.gov.pl/authority/um-lodz", "sg.gov.pl", PeerRole::Authority("um-lodz".into())),
            ("spiffe://sg.gov.pl/consumer/POL.zus", "sg.gov.pl", PeerRole::Consumer("POL.zus".into())),
            ("spiffe://udsc.gov.pl/consulted/abw", "udsc.gov.pl", PeerRole::Consulted("abw".into())),
        ] {
            assert_eq!(parse_spiffe_id(uri).unwrap(), (domain.to_owned(), role.clone()));
            assert_eq!(spiffe_id(domain, &role), uri);
        }
    }

    #[test]
    fn a_uri_that_could_be_read_two_ways_is_refused() {
        use CertificateError as E;
        let cases = [
            ("https://sg.gov.pl/service/spoc", E::UriForm),
            ("spiffe://sg.gov.pl", E::UriForm),
            ("spiffe://sg.gov.pl/service", E::UriForm),
            ("spiffe:///service/spoc", E::TrustDomain),
            ("spiffe://SG.gov.pl/service/spoc", E::TrustDomain),
            ("spiffe://sg.gov.pl:443/service/spoc", E::TrustDomain),
            ("spiffe://user@sg.gov.pl/service/spoc", E::TrustDomain),
            ("spiffe://sg..pl/service/spoc", E::TrustDomain),
            ("spiffe://sg.gov.pl/admin/spoc", E::UnknownRole),
            ("spiffe://sg.gov.pl/Service/spoc", E::UnknownRole),
            ("spiffe://sg.gov.pl//service/spoc", E::UnknownRole),
            ("spiffe://sg.gov.pl/service/", E::Name(straznica_types::InvalidName)),
            ("spiffe://sg.gov.pl/service/spoc/", E::Name(straznica_types::InvalidName)),
            ("spiffe://sg.gov.pl/service/..", E::Name(straznica_types::InvalidName)),
            ("spiffe://sg.gov.pl/service/spoc?x", E::Name(straznica_types::InvalidName)),
            ("spiffe://sg.gov.pl/service/sp%6fc", E::Name(straznica_types::InvalidName)),
        ];
        for (uri, error) in cases {
            assert_eq!(parse_spiffe_id(uri), Err(error), "{uri}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            prop_assert!(PeerIdentity::from_certificate(&CertificateDer::from(bytes)).is_err());
        }
    }
}
