//! Personalises specimen passports: a made-up state's own signing authority, its document signers and their documents.
//!
//! For the demonstration and for tests that stand alone. Whatever is built here follows Doc 9303 and TR-03110, so that
//! other implementations read it too; a test can then spoil one thing and see that it is noticed.
//!
//! A state begins with a [`Csca`]; it issues a [`DocumentSigner`]; a [`Personalisation`] describes a document, and
//! [`Personalisation::issue`] gives a [`SpecimenDocument`] with all files and the keys its chip would hold:
//!
//! ```
//! use emrtd::builder::{Algorithm, Csca, Digest, Holder, Personalisation, State, Validity};
//! use cvc::domain_parameters::StandardisedCurve;
//! use time::macros::date;
//!
//! # fn main() -> Result<(), emrtd::builder::BuilderError> {
//! let algorithm = Algorithm::ecdsa(StandardisedCurve::BrainpoolP256r1, Digest::Sha256);
//! let mut csca = Csca::create(State::utopia(), algorithm, Validity::days(date!(2026-01-01), 5000))?;
//! let signer = csca.document_signer(algorithm, Validity::days(date!(2026-01-01), 4000), &["P"])?;
//! let passport = Personalisation::passport(Holder::specimen(), "UT1234567", date!(2034-01-01)).issue(csca.state(), &signer)?;
//! assert!(passport.data_groups.contains_key(&15));
//! # Ok(())
//! # }
//! ```
//!
//! Holders are made up: nobody was born in the nineteenth century.

mod algorithm;
mod chip_keys;
mod cms;
mod csca;
mod data_groups;
pub mod der;
mod document;
mod lists;

/// The hash of a signature or of data groups.
pub use crate::crypto::HashAlgorithm as Digest;
pub use algorithm::{Algorithm, SigningKey};
pub use chip_keys::{ActiveAuthenticationKey, ChipAuthenticationKey, ChipKeys, MappingProof};
pub use csca::{Csca, DocumentSigner, ListSigner, SerialNumber, State, Validity};
pub use data_groups::Holder;
pub use document::{ActiveAuthenticationChoice, LdsVersion, Personalisation, SpecimenDocument};
pub use lists::{Defect, defect_list, master_list};

/// Why something could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuilderError {
    /// The cryptographic library failed.
    #[error("cryptographic library: {0}")]
    Library(#[from] openssl::error::ErrorStack),
    /// A point or key does not belong to its curve.
    #[error(transparent)]
    Curve(#[from] cvc::domain_parameters::DomainParameterError),
    /// A hash could not be computed.
    #[error(transparent)]
    Hash(#[from] crate::crypto::CryptoError),
    /// The given value does not fit the document.
    #[error("{0} does not fit the document")]
    Unfit(&'static str),
}
