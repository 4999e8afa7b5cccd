//! What the partner has registered of another state.

use std::collections::BTreeMap;

use cvc::{Certificate, PublicKey, Reference, TrustGraph};
use exchange::identity::Registration;
use time::Date;

/// How the requests of a holder are decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// At once.
    Automatic,
    /// When people have approved: the request is acknowledged and waits.
    People,
}

/// Another state.
#[derive(Clone, Debug)]
pub struct Neighbour {
    /// Its SPOC.
    pub registration: Registration,
    /// Its CVCA's certificates, which countersign.
    pub(super) cvca: TrustGraph,
    /// Keys believed although nothing proves them: what a careless partner does.
    pub(super) believed: Vec<(Reference, PublicKey, Date)>,
    /// Its document verifiers by mnemonic.
    pub(super) holders: BTreeMap<String, Approval>,
}

/// A CVCA certificate that cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// It is none.
    #[error(transparent)]
    Unreadable(#[from] cvc::ParseError),
    /// It does not hold up.
    #[error(transparent)]
    Refused(#[from] cvc::Refused),
}

impl Neighbour {
    /// A state with its SPOC, the certificates of its CVCA (oldest first) and its document verifiers.
    ///
    /// # Errors
    /// [`RegistrationError`]
    pub fn new(
        registration: Registration,
        cvca: &[Vec<u8>],
        holders: impl IntoIterator<Item = (String, Approval)>,
    ) -> Result<Self, RegistrationError> {
        let mut graph = TrustGraph::new();
        for der in cvca {
            let certificate = Certificate::parse(der.as_slice())?;
            if certificate.is_self_signed() {
                graph.trust(&certificate)?
            } else {
                graph.admit(&certificate)?
            };
        }
        Ok(Self { registration, cvca: graph, believed: Vec::new(), holders: holders.into_iter().collect() })
    }
}
