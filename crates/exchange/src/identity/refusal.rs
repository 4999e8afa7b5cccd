//! Why a peer is not who it has to be.

use emrtd::x509::Fingerprint;
use straznica_types::Timestamp;

use crate::{Binding, Country};

/// Why a peer is refused, worded for the operator. The peer hears none of it.
///
/// Names of certificates are given as their issuer wrote them, control characters replaced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the wording of each variant says what its fields are")]
pub enum IdentityRefusal {
    // What was presented.
    #[error("no certificate was presented")]
    NoCertificate,
    #[error("{found} certificates were presented, more than any path needs")]
    TooManyCertificates { found: usize },
    #[error("certificate {position} of those presented cannot be read: {why}")]
    Unreadable { position: usize, why: String },

    // Whose it is.
    #[error("the certificate's subject names no country")]
    NoCountry,
    #[error("the certificate's subject names several countries")]
    SeveralCountries,
    #[error("the country {text:?} of the certificate's subject is no country code")]
    MalformedCountry { text: String },
    #[error("the certificate is of {found}, expected was {expected}")]
    OtherCountry { found: Country, expected: Country },

    // The form of a certificate on the path.
    #[error("the certificate presented is one of a certification authority")]
    IsAuthority,
    #[error("{subject}: critical extension {oid} is not understood")]
    UnknownCriticalExtension { subject: String, oid: String },
    #[error("{subject}: extension {oid} stands there more than once")]
    RepeatedExtension { subject: String, oid: String },
    #[error("{subject}: valid only from {from}")]
    NotYetValid { subject: String, from: Timestamp },
    #[error("{subject}: expired on {until}")]
    Expired { subject: String, until: Timestamp },

    // The path.
    #[error("{subject}: no certificate of its issuer {issuer} is registered or was presented")]
    UnknownIssuer { subject: String, issuer: String },
    #[error("the root {root} with fingerprint {fingerprint} is not registered")]
    RootNotRegistered { root: String, fingerprint: Fingerprint },
    #[error("{subject}: names another key of its issuer {issuer} than the one at hand")]
    KeyIdentifier { subject: String, issuer: String },
    #[error("{subject}: not signed by {issuer}")]
    Signature { subject: String, issuer: String },
    #[error("{subject}: its signature cannot be computed: {why}")]
    UnsupportedSignature { subject: String, why: String },
    #[error("{subject}: signed with {algorithm}, which is too weak")]
    WeakSignature { subject: String, algorithm: String },
    #[error("{subject}: its key {key} is too weak")]
    WeakKey { subject: String, key: String },
    #[error("{issuer}: not a certification authority by its basic constraints")]
    IssuerIsNoAuthority { issuer: String },
    #[error("{issuer}: its key may not sign certificates")]
    IssuerMayNotSign { issuer: String },
    #[error("{issuer}: allows {allowed} authorities below it, there are more")]
    PathLength { issuer: String, allowed: u64 },
    #[error("the path is longer than four certificates")]
    PathTooLong,

    // The root.
    #[error("the root {root} awaits the second officer")]
    RootNotConfirmed { root: String },
    #[error("the root {root} was withdrawn")]
    RootWithdrawn { root: String },
    #[error("the root {root} is used from {from} to {until} only")]
    RootNotInUse { root: String, from: Timestamp, until: Timestamp },
    #[error("the root {root} is not registered for {binding}")]
    RootBinding { root: String, binding: Binding },

    // The purpose.
    #[error("the certificate has no key usage")]
    NoKeyUsage,
    #[error("the certificate's key usage does not allow it to be used in a handshake")]
    KeyUsage,
    #[error("the certificate has no extended key usage")]
    NoExtendedKeyUsage,
    #[error("the certificate's extended key usage is not the one of a SPOC {role}")]
    ExtendedKeyUsage { role: &'static str },
    #[error("the certificate is not for the host {host}")]
    OtherHost { host: String },

    // Revocation.
    #[error("no revocation list of {issuer} is at hand")]
    NoCrl { issuer: String },
    #[error("the revocation list of {issuer} is not signed by it")]
    CrlSignature { issuer: String },
    #[error("the revocation list of {issuer} is signed over SHA-1")]
    WeakCrl { issuer: String },
    #[error("{issuer}: its key may not sign revocation lists")]
    IssuerMayNotRevoke { issuer: String },
    #[error("the revocation list of {issuer} is from the future ({this_update})")]
    CrlFromTheFuture { issuer: String, this_update: Timestamp },
    #[error("the revocation list of {issuer} was to be replaced by {next_update}")]
    CrlExpired { issuer: String, next_update: Timestamp },
    #[error("the revocation list of {issuer} is older than ninety days (of {this_update})")]
    CrlTooOld { issuer: String, this_update: Timestamp },
    #[error("{subject}: revoked by {issuer} on {on}")]
    Revoked { subject: String, issuer: String, on: Timestamp },
}

impl IdentityRefusal {
    /// A short name for metrics and records, which never changes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoCertificate => "no_certificate",
            Self::TooManyCertificates { .. } => "too_many_certificates",
            Self::Unreadable { .. } => "unreadable",
            Self::NoCountry => "no_country",
            Self::SeveralCountries => "several_countries",
            Self::MalformedCountry { .. } => "malformed_country",
            Self::OtherCountry { .. } => "other_country",
            Self::IsAuthority => "is_authority",
            Self::UnknownCriticalExtension { .. } => "unknown_critical_extension",
            Self::RepeatedExtension { .. } => "repeated_extension",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::Expired { .. } => "expired",
            Self::UnknownIssuer { .. } => "unknown_issuer",
            Self::RootNotRegistered { .. } => "root_not_registered",
            Self::KeyIdentifier { .. } => "key_identifier",
            Self::Signature { .. } => "signature",
            Self::UnsupportedSignature { .. } => "unsupported_signature",
            Self::WeakSignature { .. } => "weak_signature",
            Self::WeakKey { .. } => "weak_key",
            Self::IssuerIsNoAuthority { .. } => "issuer_is_no_authority",
            Self::IssuerMayNotSign { .. } => "issuer_may_not_sign",
            Self::PathLength { .. } => "path_length",
            Self::PathTooLong => "path_too_long",
            Self::RootNotConfirmed { .. } => "root_not_confirmed",
            Self::RootWithdrawn { .. } => "root_withdrawn",
            Self::RootNotInUse { .. } => "root_not_in_use",
            Self::RootBinding { .. } => "root_binding",
            Self::NoKeyUsage => "no_key_usage",
            Self::KeyUsage => "key_usage",
            Self::NoExtendedKeyUsage => "no_extended_key_usage",
            Self::ExtendedKeyUsage { .. } => "extended_key_usage",
            Self::OtherHost { .. } => "other_host",
            Self::NoCrl { .. } => "no_crl",
            Self::CrlSignature { .. } => "crl_signature",
            Self::WeakCrl { .. } => "weak_crl",
            Self::IssuerMayNotRevoke { .. } => "issuer_may_not_revoke",
            Self::CrlFromTheFuture { .. } => "crl_from_the_future",
            Self::CrlExpired { .. } => "crl_expired",
            Self::CrlTooOld { .. } => "crl_too_old",
            Self::Revoked { .. } => "revoked",
        }
    }
}
