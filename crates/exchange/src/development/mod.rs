//! A throw-away authority for SPOC certificates: roots, authorities between, client and server certificates, revocation lists, and every fault a
//! partner's could have. For demonstration, training and tests, where a state's real authority must not be.
//!
//! What it issues carries an organisation that begins with [`ORGANISATION`], by which a production node knows and refuses it
//! ([`is_for_development`]).
//!
//! It follows Doc 9303-12 §8 and CSN 36 9791 unless told otherwise: [`LeafRequest`] and [`Authority`] have a knob for each thing that can be
//! wrong. Time is given, not read.

mod authority;
mod template;

use emrtd::x509::{Certificate, CertificateError};
use straznica_types::Timestamp;

pub use authority::{Authority, CrlFault, Issued};
pub use emrtd::builder::{Algorithm, Digest, SigningKey};
pub use template::{CsnOrIcao, LeafRequest, Role};

/// Beginning of the organisation in every certificate made here, as in the trust domain of the services' development authority.
pub const ORGANISATION: &str = "development.";

/// Was the certificate issued for or by a throw-away authority?
#[must_use]
pub fn is_for_development(certificate: &Certificate) -> bool {
    let mut organisations = certificate.subject().organisations().chain(certificate.issuer().organisations());
    organisations.any(|organisation| organisation.starts_with(ORGANISATION))
}

/// Why something could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DevelopmentError {
    /// Keys, signatures or encoding failed.
    #[error("a certificate cannot be made")]
    Builder(#[from] emrtd::builder::BuilderError),
    /// What was made cannot be read back.
    #[error("what was made is no certificate")]
    Certificate(#[from] CertificateError),
    /// A moment beyond the calendar.
    #[error("a moment is beyond the calendar")]
    Time(#[from] time::error::ComponentRange),
    /// A hash could not be computed.
    #[error("a key identifier cannot be computed")]
    Hash(#[from] emrtd::crypto::CryptoError),
}

/// A period, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// First moment.
    pub from: Timestamp,
    /// Last moment.
    pub until: Timestamp,
}

impl Validity {
    /// So many days from a moment on.
    #[must_use]
    pub fn days(from: Timestamp, days: u32) -> Self {
        Self { from, until: from + std::time::Duration::from_secs(u64::from(days) * 86_400) }
    }
}
