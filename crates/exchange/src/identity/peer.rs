//! A peer that was found to be who it has to be.

use emrtd::inspection::Tolerance;
use emrtd::x509::{Certificate, Fingerprint};
use straznica_types::Timestamp;

use crate::Country;

/// What is known of a peer whose certificate was judged good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCertificate {
    /// The state.
    pub country: Country,
    /// SHA-256 of its certificate.
    pub fingerprint: Fingerprint,
    /// Serial number, lower-case hex.
    pub serial: String,
    /// End of its validity.
    pub not_after: Timestamp,
    /// SHA-256 of the registered root its path ends at.
    pub root: Fingerprint,
    /// How the path got there.
    pub reached: Reached,
    /// The last moment at which this judgement holds on the same material: the first end of a certificate, a list or the root's period of use.
    pub good_until: Timestamp,
    /// What an operator should look at.
    pub warnings: Vec<Warning>,
}

/// How a path reached its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// By certificates its authorities issued.
    Directly,
    /// By a link: the registered root vouches for a new one that is not registered yet, and should be.
    ByRootLink {
        /// The link certificate: name and key of the new root.
        link: Certificate,
        /// The new root's own certificate, when the peer presented it.
        root: Option<Certificate>,
    },
}

/// What does not lead to refusal and is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// Certificates of SPOCs are valid for as long as is agreed (CSN 36 9791 §7: 6 to 18 months).
    #[error("the certificate is valid for {days} days; {shortest} to {longest} are agreed")]
    Validity {
        /// From its first to its last day.
        days: i64,
        /// Fewest agreed.
        shortest: u16,
        /// Most agreed.
        longest: u16,
    },
    /// RFC 5280 §5.1.2.5 requires the date; ninety days were taken.
    #[error("the revocation list of {issuer} does not say when the next one is due")]
    CrlWithoutNextUpdate {
        /// Whose.
        issuer: String,
    },
    /// A departure from the standards that was accepted.
    #[error("accepted at {}: {:?} ({})", .0.at, .0.code, .0.detail)]
    Tolerated(Tolerance),
}
