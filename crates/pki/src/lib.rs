//! Who is at the other end: TLS for every connection of the suite, and the identity that comes out of it.
//!
//! - [`PeerIdentity`] is read from the URI in a certificate's subject alternative name, `spiffe://<trust domain>/<role>/<id>`
//!   (SPIFFE X509-SVID), and from nothing else. Authorisation builds on it.
//! - [`Tls`] holds the configurations made from one set of PEM files: TLS 1.3 only, one provider (aws-lc-rs, X25519MLKEM768 preferred),
//!   revocation lists enforced, the injected clock instead of the system's. [`Tls::reload`] swaps them all at once; when the new files
//!   do not hold up the old configuration stays in force.
//! - Sessions are never resumed: a resumed session would skip the look at expiry and revocation.
//! - [`DenySet`] reaches connections that are already open: whoever is in it is refused at the next request.
//! - [`DevelopmentCa`] makes certificates for demo, training and tests. Its trust domains begin with `development.`, which a production
//!   node refuses.

mod clock;
mod deny;
mod development;
mod error;
mod identity;
mod material;
mod outside;
mod presented;
mod tls;

pub use deny::DenySet;
pub use development::{DevelopmentCa, DevelopmentError, Issued, Names, Validity};
pub use error::{CertificateError, MaterialError, PeerError, TlsError};
pub use identity::{PeerIdentity, PeerRole};
pub use material::{TlsFiles, TlsMaterial};
pub use outside::{OutsideFiles, OutsideTls, OwnFiles};
pub use presented::Presented;
pub use tls::{Reload, ServerUse, Tls};

/// Trust domains of [`DevelopmentCa`] begin with this; a production node refuses them.
pub const DEVELOPMENT_PREFIX: &str = "development.";
