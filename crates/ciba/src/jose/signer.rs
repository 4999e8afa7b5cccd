//! Our own signatures. The key may lie in a token: whoever holds it implements [`Signer`].

use std::fmt;

use async_trait::async_trait;
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::SignatureAlgorithm;

/// The client's key, wherever it lies.
#[async_trait]
pub trait Signer: Send + Sync + fmt::Debug {
    /// What it signs with.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// The name it is published under (`kid`).
    fn key_id(&self) -> &str;

    /// Signs. ECDSA as RFC 7518 §3.4 has it: both numbers, fixed length.
    ///
    /// # Errors
    /// [`SigningFailed`], with the reason in the key store's own log.
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed>;
}

/// The key did not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key did not sign")]
pub struct SigningFailed;

/// No such key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a PKCS#8 private key for this algorithm (RSA from 2048 bits)")]
pub struct InvalidKey;

/// A key in memory.
pub struct MemoryKey {
    key: Key,
    key_id: String,
}

enum Key {
    Es256(EcdsaKeyPair),
    Es384(EcdsaKeyPair),
    Ps256(RsaKeyPair),
    Rs256(RsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl MemoryKey {
    /// Reads a private key in PKCS#8 (DER).
    ///
    /// # Errors
    /// [`InvalidKey`]
    pub fn from_pkcs8(algorithm: SignatureAlgorithm, key_id: &str, pkcs8: &[u8]) -> Result<Self, InvalidKey> {
        let ecdsa = |curve| EcdsaKeyPair::from_pkcs8(curve, pkcs8).map_err(|_| InvalidKey);
        let rsa = || {
            let key = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| InvalidKey)?;
            if key.public_modulus_len() < 256 { Err(InvalidKey) } else { Ok(key) }
        };
        let key = match algorithm {
            SignatureAlgorithm::Es256 => Key::Es256(ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING)?),
            SignatureAlgorithm::Es384 => Key::Es384(ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING)?),
            SignatureAlgorithm::Ps256 => Key::Ps256(rsa()?),
            SignatureAlgorithm::Rs256 => Key::Rs256(rsa()?),
            SignatureAlgorithm::EdDsa => Key::EdDsa(Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| InvalidKey)?),
        };
        Ok(Self { key, key_id: key_id.to_owned() })
    }
}

impl fmt::Debug for MemoryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryKey").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

#[async_trait]
impl Signer for MemoryKey {
    fn algorithm(&self) -> SignatureAlgorithm {
        match self.key {
            Key::Es256(_) => SignatureAlgorithm::Es256,
            Key::Es384(_) => SignatureAlgorithm::Es384,
            Key::Ps256(_) => SignatureAlgorithm::Ps256,
            Key::Rs256(_) => SignatureAlgorithm::Rs256,
            Key::EdDsa(_) => SignatureAlgorithm::EdDsa,
        }
    }

    fn key_id(&self) -> &str {
        &self.key_id
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let random = SystemRandom::new();
        let rsa = |key: &RsaKeyPair, encoding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(encoding, &random, message, &mut signature).map(|()| signature)
        };
        match &self.key {
            Key::Es256(key) | Key::Es384(key) => {
                key.sign(&random, message).map(|signature| signature.as_ref().to_vec())
            }
            Key::Ps256(key) => rsa(key, &RSA_PSS_SHA256),
            Key::Rs256(key) => rsa(key, &RSA_PKCS1_SHA256),
            Key::EdDsa(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
        .map_err(|_| SigningFailed)
    }
}

/// A JWS in compact form over these claims.
pub(crate) async fn sign(signer: &dyn Signer, claims: &impl Serialize) -> Result<String, SigningFailed> {
    #[derive(Serialize)]
    struct Header<'a> {
        alg: &'static str,
        kid: &'a str,
        typ: &'static str,
    }
    let header = Header { alg: signer.algorithm().name(), kid: signer.key_id(), typ: "JWT" };
    let header = serde_json::to_vec(&header).map_err(|_| SigningFailed)?;
    let claims = serde_json::to_vec(claims).map_err(|_| SigningFailed)?;
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = signer.sign(message.as_bytes()).await?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// So many random octets, in base64url; `None` when the system has none.
pub(crate) fn random_text<const OCTETS: usize>() -> Option<String> {
    let mut octets = [0; OCTETS];
    SystemRandom::new().fill(&mut octets).ok()?;
    Some(URL_SAFE_NO_PAD.encode(octets))
}
