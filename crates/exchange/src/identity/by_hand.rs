//! Whose a revocation list is that an officer brings: no peer presented a path with it.

use emrtd::x509::{Certificate, Crl};
use straznica_types::Timestamp;

use super::path::Search;
use super::presented::MAX_CERTIFICATES;
use super::{CrlIssuer, IdentityRefusal, Registration};
use crate::Binding;

impl CrlIssuer {
    /// The authority of a registration that signed a list: a root in use, or an authority below one, whose certificate and those that lead to the root are
    /// among `authorities` (DER). Whether the list is fresh is asked apart ([`Self::check_freshness`]).
    ///
    /// # Errors
    /// [`IdentityRefusal`]
    pub fn of(
        crl: &Crl,
        authorities: &[Vec<u8>],
        registration: &Registration,
        binding: Binding,
        at: Timestamp,
    ) -> Result<Self, IdentityRefusal> {
        if authorities.len() > MAX_CERTIFICATES {
            return Err(IdentityRefusal::TooManyCertificates { found: authorities.len() });
        }
        let read = authorities.iter().enumerate().map(|(position, der)| {
            Certificate::parse(der)
                .map_err(|why| IdentityRefusal::Unreadable { position: position + 1, why: why.to_string() })
        });
        let authorities = read.collect::<Result<Vec<_>, _>>()?;
        Search::new(&authorities, registration, binding, at).issuer_of(crl)
    }
}
