//! Trust: which states' signing authorities are believed, and what is known against certificates.
//!
//! A [`TrustStore`] never changes; a new one takes its place. It is built from stored DER by a [`TrustStoreBuilder`] and cheap to clone. Every
//! country signing CA remembers who vouches for it. Certificates that only an unanchored list vouches for can be
//! looked up, but what rests on them stays undetermined.

mod defects;
mod path;
mod store;

pub use defects::{KnownDefect, KnownDefectKind};
pub use path::{IssuerFinding, IssuerRefusal, Revocation};
pub use store::{CrlRefusal, Csca, TrustStore, TrustStoreBuilder};
