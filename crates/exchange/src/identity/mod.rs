//! Who a SPOC is: its TLS certificate held against its state's registration (CSN 36 9791 §7; Doc 9303-12 §8; RFC 5280 §6).
//!
//! A peer that finished the handshake has proven to hold the key of its first certificate, and nothing else. Three questions follow, in this order,
//! because only the last needs a word from outside, and a stranger must not make us fetch anything:
//!
//! 1. [`Presented::read`]: which state does the certificate claim? The caller looks that state's [`Registration`] up.
//! 2. [`Presented::verify`]: does a path lead to a root registered for this state, in use, for this binding; is the certificate for this side of the
//!    connection and, for a server, for this host?
//! 3. [`Path::check_revocation`]: does a fresh list of every issuer on the path say that nothing on it is revoked?
//!
//! [`judge`] asks all three of a peer whose lists are at hand. Every refusal is a variant of its own, worded for the operator; the peer is told
//! nothing. The path check is our own because OpenSSL's refuses explicit elliptic curve parameters, which roots that are CSCAs have, and rustls'
//! knows no brainpool curve; only arithmetic is borrowed.
//!
//! Pure and without a clock: the same bytes at the same moment get the same answer.

mod by_hand;
mod leaf;
mod path;
mod peer;
mod presented;
mod refusal;
mod registration;
mod revocation;

use emrtd::x509::Crl;
use straznica_types::Timestamp;
use time::OffsetDateTime;

pub use path::{CrlIssuer, CrlNeed, Path};
pub use peer::{PeerCertificate, Reached, Warning};
pub use presented::Presented;
pub use refusal::IdentityRefusal;
pub use registration::{AllowedBindings, Demands, LONGEST_CRL_AGE, RegisteredRoot, Registration, RootError, RootState};

use crate::{Binding, Side};

/// Judges a peer by the certificates it presented (its own first, DER) and the revocation lists at hand.
///
/// # Errors
/// [`IdentityRefusal`]
pub fn judge(
    presented: &[Vec<u8>],
    registration: &Registration,
    crls: &[Crl],
    side: Side<'_>,
    binding: Binding,
    at: Timestamp,
) -> Result<PeerCertificate, IdentityRefusal> {
    Presented::read(presented)?.verify(registration, side, binding, at)?.check_revocation(crls, at)
}

/// The moment as certificates are judged: whole seconds. What lies beyond the calendar is its end, where nothing is valid.
fn moment(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(time::PrimitiveDateTime::MAX.assume_utc())
}

fn timestamp(at: OffsetDateTime) -> Timestamp {
    Timestamp::from_seconds(at.unix_timestamp())
}
