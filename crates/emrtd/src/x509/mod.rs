//! X.509 certificates and revocation lists as Doc 9303-12 §7 profiles them and as states really issue them.

mod certificate;
mod crl;
mod extensions;
mod name;

pub use certificate::{Certificate, CertificateError, Fingerprint};
pub use crl::{Crl, CrlError};
pub use extensions::Extensions;
pub use name::Name;
