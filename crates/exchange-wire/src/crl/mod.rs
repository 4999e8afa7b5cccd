//! Revocation lists from where the issuers say they are.
//!
//! Asked for at every connection and before every message, fetched when the one at hand is due: [`CrlSource`]. A list is fetched for a path that
//! already ends at a registered root ([`exchange::identity::Path`]), so no stranger makes a node fetch anything, and it is kept only if the issuer on the
//! path signed it, so nobody on the way there can put another in its place. Plain http alone, as RFC 5280 §4.2.1.13 has it: a list is signed, and the
//! channel that would need a list to be trusted cannot be the one that brings it.
//!
//! An address is the issuer's word, so [`CrlReach`] says which are asked at all, and of each state no more than a few lists are kept, here and in the
//! store: naming ever new addresses costs a partner its own lists and nobody else's.
//!
//! When an issuer cannot be reached the list at hand serves as long as it is fresh, and the operator is told ([`CrlProblem`]). A list that was
//! registered by hand is given beside ([`crate::Judge`]).

mod fetch;
mod reach;
mod source;
mod store;

pub use reach::{CrlHost, CrlReach, NotAHost};
pub use source::{CrlConfig, CrlSource, Obtained};
pub use store::{CrlKey, CrlStore, MemoryCrls, StoredCrl};

use emrtd::x509::{Crl, CrlError};
use exchange::identity::IdentityRefusal;
use rustls_pki_types::{CertificateRevocationListDer, pem::PemObject as _};

use crate::error::Cause;

/// Why a list could not be had, or is not the one wished for. For the operator.
#[derive(Debug, thiserror::Error)]
pub enum CrlProblem {
    /// The certificate names no place, or only places of another kind (ldap, file, https).
    #[error("{subject}: no http distribution point")]
    NoHttpDistributionPoint {
        /// The certificate.
        subject: String,
    },
    /// The address cannot be read.
    #[error("{uri}: no address")]
    Address {
        /// As the certificate has it.
        uri: String,
    },
    /// A host, port or network lists are not fetched from.
    #[error("{uri}: lists are not fetched from there")]
    NotAllowed {
        /// Where.
        uri: String,
    },
    /// Nobody answered there.
    #[error("{uri}: not reached")]
    NotReached {
        /// Where.
        uri: String,
        /// Why.
        source: Cause,
    },
    /// The answer took too long.
    #[error("{uri}: no answer in time")]
    TimedOut {
        /// Where.
        uri: String,
    },
    /// Another answer than a list; a redirection is such.
    #[error("{uri}: HTTP status {status}")]
    Status {
        /// Where.
        uri: String,
        /// What came.
        status: u16,
    },
    /// Longer than lists may be.
    #[error("{uri}: longer than {limit} bytes")]
    TooLarge {
        /// Where.
        uri: String,
        /// Bytes taken at most.
        limit: usize,
    },
    /// Not a list that can be relied on: malformed, a delta, an indirect one.
    #[error("{uri}: {source}")]
    Unreadable {
        /// Where.
        uri: String,
        /// Why.
        source: CrlError,
    },
    /// Not the issuer's.
    #[error("{uri}: {refusal}")]
    NotTheIssuers {
        /// Where.
        uri: String,
        /// Why.
        refusal: IdentityRefusal,
    },
    /// Older than the one at hand, which stays.
    #[error("{uri}: the list there is older than the one at hand")]
    Older {
        /// Where.
        uri: String,
    },
    /// Fetching failed a moment ago and is not tried again yet.
    #[error("{uri}: not reached a moment ago; to be tried again")]
    Pausing {
        /// Where.
        uri: String,
    },
    /// Lists kept from before could not be read or written.
    #[error("{uri}: the list could not be kept")]
    Store {
        /// Where the list is from.
        uri: String,
        /// Why.
        source: Cause,
    },
}

/// Reads a list as DER or PEM.
///
/// # Errors
/// [`CrlError`] when it is none, a delta or an indirect one.
pub fn parse(bytes: &[u8]) -> Result<Crl, CrlError> {
    if !bytes.starts_with(b"-----BEGIN") {
        return Crl::parse(bytes);
    }
    match CertificateRevocationListDer::from_pem_slice(bytes) {
        Ok(der) => Crl::parse(&der),
        // What is no PEM is no DER either, and that error is the one to show.
        Err(_) => Crl::parse(bytes),
    }
}
