//! A foreign state: it signs documents, guards their fingerprints, and lets us read them if we ask properly.
//!
//! [`PartnerState::found`] raises both of its hierarchies: the signing authority for documents (CSCA, document signers,
//! revocation list, master list) in [`documents`] and the authority for extended access (CVCA with generations and link
//! certificates, which answers requests of document verifiers) in [`access`]. Both run on dates given from outside.

pub mod access;
pub mod documents;

use emrtd::builder::{BuilderError, State};
use time::Date;

use crate::chip::PersonalisationError;
use access::AccessAuthority;
use documents::DocumentAuthority;

/// Why the partner could not do something.
#[derive(Debug, thiserror::Error)]
pub enum PartnerError {
    /// A document or certificate could not be built.
    #[error(transparent)]
    Builder(#[from] BuilderError),
    /// A chip could not be personalised.
    #[error(transparent)]
    Chip(#[from] PersonalisationError),
    /// A CV certificate could not be issued.
    #[error(transparent)]
    Issue(#[from] cvc::issue::IssueError),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] cvc::error::KeyError),
    /// The state's code or mnemonic makes no reference.
    #[error(transparent)]
    Reference(#[from] cvc::reference::ReferenceError),
    /// A certificate presented for registration is none, or is not vouched for.
    #[error("a certificate presented for registration is not that of a CVCA, or nothing vouches for it")]
    Registration,
    /// There is no such generation of the CVCA.
    #[error("there is no generation {0} of the CVCA")]
    Generation(usize),
}

/// A foreign state with both its hierarchies.
#[derive(Debug)]
pub struct PartnerState {
    /// The signing authority for documents.
    pub documents: DocumentAuthority,
    /// The authority for extended access.
    pub access: AccessAuthority,
    /// Roots chips trust instead of those of `access`, oldest first.
    entrusted: Option<Vec<Vec<u8>>>,
}

impl PartnerState {
    /// Raises both hierarchies on `founded_on`. Everything is valid from that day, the CVCA for three years.
    ///
    /// # Errors
    /// [`PartnerError`] when a key or certificate cannot be made.
    pub fn found(state: State, founded_on: Date) -> Result<Self, PartnerError> {
        let access = AccessAuthority::found(&state.alpha2, "CVCASIM", founded_on)?;
        Ok(Self { documents: DocumentAuthority::found(state, founded_on)?, access, entrusted: None })
    }

    /// Chips trust these self-signed CVCA certificates from now on, oldest first: another authority than `access` guards the fingerprints, a real node
    /// for instance.
    pub fn entrust(&mut self, roots: Vec<Vec<u8>>) {
        self.entrusted = Some(roots);
    }

    /// Utopia, the state of ICAO's specimens.
    ///
    /// # Errors
    /// As [`PartnerState::found`].
    pub fn utopia(founded_on: Date) -> Result<Self, PartnerError> {
        Self::found(State::utopia(), founded_on)
    }
}
