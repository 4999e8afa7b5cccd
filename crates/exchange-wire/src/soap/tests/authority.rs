//! Throw-away certificates of every kind of key a SPOC may have.

use cvc::domain_parameters::StandardisedCurve;
use exchange::development::{Algorithm, Authority, Digest, Issued, LeafRequest, Validity};
use openssl::x509::X509;
use straznica_types::{Clock as _, SystemClock};

use crate::material::Credential;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    P256,
    P384,
    Brainpool,
    /// Curve written out in full, as in many CSCAs.
    BrainpoolExplicit,
    Rsa,
}

impl Kind {
    fn algorithm(self) -> Algorithm {
        let brainpool = Algorithm::ecdsa(StandardisedCurve::BrainpoolP256r1, Digest::Sha256);
        match self {
            Self::P256 => Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha256),
            Self::P384 => Algorithm::ecdsa(StandardisedCurve::P384, Digest::Sha384),
            Self::Brainpool => brainpool,
            Self::BrainpoolExplicit => brainpool.with_explicit_parameters(),
            Self::Rsa => Algorithm::rsa(2048, Digest::Sha256),
        }
    }
}

fn validity() -> Validity {
    Validity::days(SystemClock.now(), 365)
}

/// A SPOC with a certificate for either side, two steps below its root.
pub(super) struct Spoc {
    root: Vec<u8>,
    below: Authority,
    country: &'static str,
    pub(super) issued: Issued,
}

impl Spoc {
    pub(super) fn new(country: &'static str, kind: Kind) -> Self {
        let (algorithm, validity) = (kind.algorithm(), validity());
        let mut root = Authority::root(country, "SPOC root", algorithm, validity, None, Vec::new()).unwrap();
        let mut below = root.subordinate("SPOC CA", algorithm, validity, Some(0), Vec::new()).unwrap();
        let issued = below.issue(&LeafRequest::both(country, "127.0.0.1", validity)).unwrap();
        Self { root: root.certificate().to_vec(), below, country, issued }
    }

    /// The same SPOC with the next certificate.
    pub(super) fn renewed(&self) -> Issued {
        self.below.clone().issue(&LeafRequest::both(self.country, "127.0.0.1", validity())).unwrap()
    }

    pub(super) fn root_pem(&self) -> Vec<u8> {
        pem(&self.root)
    }

    pub(super) fn credential(&self) -> Credential {
        credential(&self.issued)
    }
}

pub(super) fn credential(issued: &Issued) -> Credential {
    Credential::from_pem(&chain_pem(issued), &issued.key.to_pkcs8_pem().unwrap(), None).unwrap()
}

pub(super) fn chain_pem(issued: &Issued) -> Vec<u8> {
    issued.presented().iter().flat_map(|der| pem(der)).collect()
}

fn pem(der: &[u8]) -> Vec<u8> {
    X509::from_der(der).unwrap().to_pem().unwrap()
}
