//! Signing: the port a key store stands behind, and a private key in memory.

use std::fmt;

use openssl::bn::BigNum;
use openssl::bn::BigNumContext;
use openssl::ec::{EcKey, EcPoint, PointConversionForm};
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::Rsa;
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::domain_parameters::{Components, DomainParameters};
use crate::error::{KeyError, SignatureError};
use crate::public_key::PublicKey;
use crate::signature::{check_digest, digest, sign_plain, sign_rsa};

/// Why a signature could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The algorithm hashes with SHA-1, which is not issued any more.
    #[error("{0} is not used for new signatures")]
    WeakAlgorithm(Algorithm),
    /// The digest or the library.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The key store behind the port refused or failed.
    #[error("key store: {0}")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Something that signs with one key and does not give the key away: a [`PrivateKey`], or a key store.
pub trait Signer {
    /// The public half, with its algorithm and domain parameters.
    fn public_key(&self) -> &PublicKey;

    /// Signs a digest made with the hash of the key's algorithm; plain r‖s for ECDSA.
    ///
    /// # Errors
    /// [`SignError`] for a digest of the wrong length or when the key cannot be used.
    fn sign_digest(&self, digest: &[u8]) -> Result<Vec<u8>, SignError>;

    /// The key's algorithm.
    fn algorithm(&self) -> Algorithm {
        self.public_key().algorithm()
    }

    /// Hashes and signs a message.
    ///
    /// # Errors
    /// As [`Signer::sign_digest`].
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.sign_digest(&digest(self.algorithm().hash(), message)?)
    }
}

/// A private key in memory. OpenSSL clears it when it is dropped; `Debug` shows the public half alone.
pub struct PrivateKey {
    public: PublicKey,
    secret: Secret,
}

enum Secret {
    Ec { key: EcKey<Private>, order_length: usize },
    Rsa(PKey<Private>),
}

impl PrivateKey {
    /// A new elliptic curve key.
    ///
    /// # Errors
    /// [`KeyError::Family`] for an RSA algorithm.
    pub fn generate_ec(algorithm: Algorithm, parameters: impl Into<DomainParameters>) -> Result<Self, KeyError> {
        let parameters = parameters.into();
        let key = EcKey::generate(parameters.curve().group())?;
        Self::from_ec(algorithm, parameters, key)
    }

    /// A new RSA key of 2048 to 8192 bits with exponent 65537.
    ///
    /// # Errors
    /// [`KeyError::Family`] for an ECDSA algorithm, [`KeyError::ModulusSize`] for another size.
    pub fn generate_rsa(algorithm: Algorithm, bits: u32) -> Result<Self, KeyError> {
        if !(2048..=8192).contains(&bits) {
            return Err(KeyError::ModulusSize(bits as usize));
        }
        Self::from_rsa(algorithm, Rsa::generate(bits)?)
    }

    /// A new key of the same kind as another: same algorithm, parameters and size, as a successor has it.
    ///
    /// # Errors
    /// [`KeyError`] when OpenSSL fails.
    pub fn generate_like(key: &PublicKey) -> Result<Self, KeyError> {
        match key.parameters() {
            Some(parameters) => Self::generate_ec(key.algorithm(), parameters.clone()),
            None => {
                let bits = u32::try_from(key.signature_length() * 8).map_err(|_| KeyError::Rsa)?;
                Self::generate_rsa(key.algorithm(), bits.max(2048))
            }
        }
    }

    /// Reads a PKCS#8 private key (DER, not encrypted) for use with `algorithm`.
    ///
    /// # Errors
    /// [`KeyError`] when it is none, or the algorithm does not fit it.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        let key = PKey::private_key_from_pkcs8(der).map_err(|_| KeyError::Pkcs8)?;
        match key.id() {
            Id::EC => {
                let key = key.ec_key()?;
                let parameters = parameters_of(&key)?;
                Self::from_ec(algorithm, parameters, key)
            }
            Id::RSA => Self::from_rsa(algorithm, key.rsa()?),
            _ => Err(KeyError::Pkcs8),
        }
    }

    /// Writes the key as PKCS#8 (DER, not encrypted), for a key store to encrypt. The bytes are wiped when dropped.
    ///
    /// # Errors
    /// [`KeyError`] when OpenSSL fails.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let der = match &self.secret {
            Secret::Ec { key, .. } => PKey::from_ec_key(key.clone())?.private_key_to_pkcs8()?,
            Secret::Rsa(key) => key.private_key_to_pkcs8()?,
        };
        Ok(Zeroizing::new(der))
    }

    fn from_ec(algorithm: Algorithm, parameters: DomainParameters, key: EcKey<Private>) -> Result<Self, KeyError> {
        let curve = parameters.curve();
        let group = curve.group();
        let mut ctx = BigNumContext::new()?;
        // The point is computed, not believed: a stored one might belong to another key.
        let mut point = EcPoint::new(group)?;
        point.mul_generator2(group, key.private_key(), &mut ctx)?;
        let key = EcKey::from_private_components(group, key.private_key(), &point)?;
        key.check_key()?;
        let encoded = point.to_bytes(group, PointConversionForm::UNCOMPRESSED, &mut ctx)?;
        let order_length = curve.order_length();
        let public = PublicKey::ec(algorithm, parameters, &encoded)?;
        Ok(Self { public, secret: Secret::Ec { key, order_length } })
    }

    fn from_rsa(algorithm: Algorithm, key: Rsa<Private>) -> Result<Self, KeyError> {
        let public = PublicKey::rsa(algorithm, &key.n().to_vec(), &key.e().to_vec())?;
        Ok(Self { public, secret: Secret::Rsa(PKey::from_rsa(key)?) })
    }
}

/// The domain parameters of a stored key, recognised by value.
fn parameters_of(key: &EcKey<Private>) -> Result<DomainParameters, KeyError> {
    let group = key.group();
    let mut ctx = BigNumContext::new()?;
    let (mut p, mut a, mut b) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
    let (mut order, mut cofactor) = (BigNum::new()?, BigNum::new()?);
    group.components_gfp(&mut p, &mut a, &mut b, &mut ctx)?;
    group.order(&mut order, &mut ctx)?;
    group.cofactor(&mut cofactor, &mut ctx)?;
    let generator = group.generator_opt().ok_or(KeyError::Pkcs8)?;
    let generator = generator.to_bytes(group, PointConversionForm::UNCOMPRESSED, &mut ctx)?;
    Ok(DomainParameters::from_components(&Components {
        p: &p.to_vec(),
        a: &a.to_vec(),
        b: &b.to_vec(),
        generator: &generator,
        order: &order.to_vec(),
        cofactor: Some(&cofactor.to_vec()),
    })?)
}

impl Signer for PrivateKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign_digest(&self, digest: &[u8]) -> Result<Vec<u8>, SignError> {
        let algorithm = self.public.algorithm();
        if algorithm.is_weak() {
            return Err(SignError::WeakAlgorithm(algorithm));
        }
        check_digest(algorithm, digest)?;
        Ok(match &self.secret {
            Secret::Ec { key, order_length } => sign_plain(key, *order_length, digest)?,
            Secret::Rsa(key) => sign_rsa(key, algorithm, digest)?,
        })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("public", &self.public).field("secret", &"***").finish()
    }
}
