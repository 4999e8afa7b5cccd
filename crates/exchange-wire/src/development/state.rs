//! A made-up state's SPOC: authority, list, credentials.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cvc::domain_parameters::StandardisedCurve;
use exchange::Country;
use exchange::development::{Algorithm, Authority, DevelopmentError, Digest, Issued, LeafRequest, Validity};
use exchange::identity::{AllowedBindings, Demands, RegisteredRoot, Registration, RootError, RootState};
use exchange::profile::ExtendedKeyUsage;
use openssl::pkey::PKey;
use openssl::symm::Cipher;
use openssl::x509::{X509, X509Req};
use straznica_types::{Secret, SharedClock, Timestamp};

use super::CrlResponder;
use crate::material::{Credential, MaterialError, SpocMaterial};

const DAY: Duration = Duration::from_secs(86_400);
/// Clocks differ, and simulations begin a little before they look.
const BACKDATING: Duration = DAY;

/// Kinds of keys a made-up SPOC has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpocKeys {
    /// P-256 throughout: either binding.
    P256,
    /// brainpoolP256r1 throughout, the root with explicit parameters as a CSCA has them: SOAP.
    Brainpool,
    /// brainpoolP256r1 throughout, named everywhere, for peers whose libraries refuse explicit parameters: SOAP.
    NamedBrainpool,
    /// RSA, 2048 bits: either binding.
    Rsa,
}

impl SpocKeys {
    fn algorithms(self) -> (Algorithm, Algorithm) {
        let brainpool = Algorithm::ecdsa(StandardisedCurve::BrainpoolP256r1, Digest::Sha256);
        match self {
            Self::P256 => {
                let p256 = Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha256);
                (p256, p256)
            }
            Self::Brainpool => (brainpool.with_explicit_parameters(), brainpool),
            Self::NamedBrainpool => (brainpool, brainpool),
            Self::Rsa => (Algorithm::rsa(2048, Digest::Sha256), Algorithm::rsa(2048, Digest::Sha256)),
        }
    }

    /// The bindings roots of this kind can vouch for.
    #[must_use]
    pub const fn bindings(self) -> AllowedBindings {
        AllowedBindings { grpc: !matches!(self, Self::Brainpool | Self::NamedBrainpool), soap: true }
    }
}

/// Why a made-up SPOC cannot do something.
#[derive(Debug, thiserror::Error)]
pub enum DevelopmentSpocError {
    /// No certificate or list.
    #[error(transparent)]
    Authority(#[from] DevelopmentError),
    /// No loopback, or no file.
    #[error("a file cannot be written, or revocation lists cannot be served")]
    Loopback(#[from] io::Error),
    /// A credential that was made cannot be used.
    #[error("a credential that was made cannot be used")]
    Material(#[from] MaterialError),
    /// A request whose signature is not its key's.
    #[error("the request is not signed by its own key")]
    Request,
    /// A certificate or key cannot be written.
    #[error("a certificate or key cannot be written")]
    Pem(#[from] openssl::error::ErrorStack),
    /// A key cannot be written.
    #[error("a key cannot be written")]
    Key(#[from] emrtd::builder::BuilderError),
    /// The root cannot be registered.
    #[error("the root cannot be registered")]
    Root(#[from] RootError),
}

/// A made-up state's SPOC authority at the injected clock's time; its list is served over loopback as long as this lives.
#[derive(Debug)]
pub struct DevelopmentSpoc {
    country: Country,
    keys: SpocKeys,
    clock: SharedClock,
    authority: Mutex<Authority>,
    responder: CrlResponder,
}

const LIST: &str = "spoc.crl";

impl DevelopmentSpoc {
    /// A root valid for ten years and an empty list. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`DevelopmentSpocError`]
    pub async fn start(country: Country, keys: SpocKeys, clock: SharedClock) -> Result<Self, DevelopmentSpocError> {
        let responder = CrlResponder::start().await?;
        let (root, _) = keys.algorithms();
        let life = Validity::days(clock.now() - BACKDATING, 3650);
        let name = format!("{country} SPOC Root");
        let authority = Authority::root(country.as_str(), &name, root, life, Some(1), vec![responder.uri(LIST)])?;
        let spoc = Self { country, keys, clock, authority: Mutex::new(authority), responder };
        spoc.publish()?;
        Ok(spoc)
    }

    /// The state.
    #[must_use]
    pub fn country(&self) -> Country {
        self.country
    }

    /// Where the list is served.
    #[must_use]
    pub fn responder(&self) -> &CrlResponder {
        &self.responder
    }

    /// Serves a list from now on: of this moment, the next due in thirty days.
    ///
    /// # Errors
    /// [`DevelopmentSpocError`]
    pub fn publish(&self) -> Result<(), DevelopmentSpocError> {
        let now = self.clock.now();
        self.publish_dated(now, Some(now + 30 * DAY))
    }

    /// Serves a list of any age from now on.
    ///
    /// # Errors
    /// [`DevelopmentSpocError`]
    pub fn publish_dated(
        &self,
        this_update: Timestamp,
        next_update: Option<Timestamp>,
    ) -> Result<(), DevelopmentSpocError> {
        let list = self.with_authority(|authority| authority.crl(this_update, next_update))?;
        self.responder.serve(LIST, list);
        Ok(())
    }

    /// Serves no list any more.
    pub fn withhold_list(&self) {
        self.responder.answer(LIST, http::StatusCode::NOT_FOUND, Vec::new());
    }

    /// Revokes a certificate and serves the new list.
    ///
    /// # Errors
    /// [`DevelopmentSpocError`]
    pub fn revoke(&self, issued: &Issued) -> Result<(), DevelopmentSpocError> {
        let now = self.clock.now();
        self.with_authority(|authority| authority.revoke(issued, now));
        self.publish()
    }

    /// A request for a certificate of both sides, valid for a year from yesterday, at a host: to be changed before [`Self::issue`].
    #[must_use]
    pub fn request(&self, host: &str) -> LeafRequest {
        let (_, leaf) = self.keys.algorithms();
        let life = Validity::days(self.clock.now() - BACKDATING, 366);
        LeafRequest { algorithm: Some(leaf), ..LeafRequest::both(self.country.as_str(), host, life) }
    }

    /// Issues a certificate.
    ///
    /// # Errors
    /// [`DevelopmentSpocError`]
    pub fn issue(&self, request: &LeafRequest) -> Result<Issued, DevelopmentSpocError> {
        Ok(self.with_authority(|authority| authority.issue(request))?)
    }

    /// Certifies the key of a request (PKCS#10, DER) whose signature proves that its sender holds it: the chain as PEM, for both sides at a host.
    ///
    /// # Errors
    /// [`DevelopmentSpocError::Request`] when the request proves nothing.
    pub fn certify(&self, request: &[u8], host: &str) -> Result<Vec<u8>, DevelopmentSpocError> {
        let request = X509Req::from_der(request)?;
        let key = request.public_key()?;
        if !request.verify(&key)? {
            return Err(DevelopmentSpocError::Request);
        }
        let key = key.public_key_to_der()?;
        let leaf = self.request(host);
        pem(self.with_authority(|authority| authority.issue_to(&leaf, &key))?)
    }

    /// Material for both sides with one certificate, at a host.
    ///
    /// # Errors
    /// [`DevelopmentSpocError`]
    pub fn material(&self, host: &str) -> Result<SpocMaterial, DevelopmentSpocError> {
        Ok(SpocMaterial::of_one(credential(&self.issue(&self.request(host))?)?))
    }

    /// Does something with the authority itself.
    pub fn with_authority<T>(&self, action: impl FnOnce(&mut Authority) -> T) -> T {
        action(&mut self.authority.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Its root, DER.
    #[must_use]
    pub fn root(&self) -> Vec<u8> {
        self.with_authority(|authority| authority.certificate().to_vec())
    }

    /// What a partner registers of it: the root, confirmed, for ten years.
    ///
    /// # Errors
    /// [`DevelopmentSpocError`]
    pub fn registration(&self) -> Result<Registration, DevelopmentSpocError> {
        let used = (self.clock.now() - BACKDATING, self.clock.now() + 3650 * DAY);
        let fingerprint = self.with_authority(|authority| authority.fingerprint())?;
        let root = RegisteredRoot::new(&self.root(), fingerprint, used, self.keys.bindings(), RootState::Confirmed)?;
        let purposes = ExtendedKeyUsage::of_both_standards();
        Ok(Registration { country: self.country, roots: vec![root], demands: Demands::STANDARD, purposes })
    }
}

/// Writes what was issued where a node's configuration names it: the chain, and the key for its owner's eyes only, encrypted where there is a passphrase. PEM. Blocks.
///
/// # Errors
/// [`DevelopmentSpocError`]
pub fn write_pem(
    issued: &Issued,
    certificate_chain: &Path,
    private_key: &Path,
    passphrase: Option<&Secret<String>>,
) -> Result<(), DevelopmentSpocError> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::write(certificate_chain, chain_pem(issued)?)?;
    let mut key = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(private_key)?;
    let plain = Secret::new(issued.key.to_pkcs8_pem()?);
    match passphrase {
        None => key.write_all(plain.expose())?,
        Some(passphrase) => {
            let held = PKey::private_key_from_pem(plain.expose())?;
            let passphrase = passphrase.expose().as_bytes();
            key.write_all(&held.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), passphrase)?)?;
        }
    }
    Ok(())
}

fn chain_pem(issued: &Issued) -> Result<Vec<u8>, DevelopmentSpocError> {
    pem(issued.presented())
}

fn pem(certificates: Vec<Vec<u8>>) -> Result<Vec<u8>, DevelopmentSpocError> {
    let mut chain = Vec::new();
    for der in certificates {
        chain.extend(X509::from_der(&der)?.to_pem()?);
    }
    Ok(chain)
}

/// A credential of what was issued.
///
/// # Errors
/// [`DevelopmentSpocError`]
pub fn credential(issued: &Issued) -> Result<Credential, DevelopmentSpocError> {
    Ok(Credential::from_pem(&chain_pem(issued)?, &issued.key.to_pkcs8_pem()?, None)?)
}
