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

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::AsDer as _;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::KeyPair as _;
    use serde_json::{Value, json};

    use super::super::{KeySet, Signed};
    use super::*;

    fn text(octets: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(octets)
    }

    /// A key in PKCS#8, and what is published of it.
    fn key(algorithm: SignatureAlgorithm) -> (Vec<u8>, Value) {
        let ecdsa = |curve, name: &str| {
            let pair = EcdsaKeyPair::generate(curve).unwrap();
            let (x, y) = pair.public_key().as_ref()[1..].split_at((pair.public_key().as_ref().len() - 1) / 2);
            let jwk = json!({ "kty": "EC", "crv": name, "x": text(x), "y": text(y) });
            (pair.to_pkcs8v1().unwrap().as_ref().to_vec(), jwk)
        };
        match algorithm {
            SignatureAlgorithm::Es256 => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
            SignatureAlgorithm::Es384 => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
            SignatureAlgorithm::Ps256 | SignatureAlgorithm::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
                let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
                let jwk = json!({
                    "kty": "RSA", "n": text(n.big_endian_without_leading_zero()), "e": text(e.big_endian_without_leading_zero()),
                });
                (pair.as_der().unwrap().as_ref().to_vec(), jwk)
            }
            SignatureAlgorithm::EdDsa => {
                let pair = Ed25519KeyPair::generate().unwrap();
                let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref()) });
                (pair.to_pkcs8v1().unwrap().as_ref().to_vec(), jwk)
            }
        }
    }

    fn set(keys: &[Value]) -> KeySet {
        KeySet::read(serde_json::from_value(json!({ "keys": keys })).unwrap()).unwrap()
    }

    #[tokio::test]
    async fn what_is_signed_by_every_algorithm_another_library_verifies() {
        for algorithm in SignatureAlgorithm::ALL {
            let (pkcs8, jwk) = key(algorithm);
            let signer = MemoryKey::from_pkcs8(algorithm, "k", &pkcs8).unwrap();
            let token = sign(&signer, &json!({ "a": 1 })).await.unwrap();
            let mut named = jwk.clone();
            named["kid"] = json!("k");
            let signed = Signed::read(&token, &SignatureAlgorithm::ALL).unwrap();
            assert_eq!(set(&[named.clone()]).verify::<Value>(&signed), Ok(json!({ "a": 1 })), "{algorithm:?}");
            // The same key under another name, for another use, and for another algorithm.
            for (member, value) in [("kid", "other"), ("use", "enc"), ("alg", "RS512")] {
                let mut other = named.clone();
                other[member] = json!(value);
                assert!(!set(&[other]).has_key_for(&signed), "{algorithm:?} {member}");
            }
            let allowed: Vec<_> = SignatureAlgorithm::ALL.into_iter().filter(|one| *one != algorithm).collect();
            assert_eq!(Signed::read(&token, &allowed).err(), Some(crate::Doubt::Algorithm));
        }
    }

    #[test]
    fn keys_of_another_kind_or_too_short_are_refused() {
        let (pkcs8, _) = key(SignatureAlgorithm::Es256);
        for algorithm in SignatureAlgorithm::ALL {
            let read = MemoryKey::from_pkcs8(algorithm, "k", &pkcs8);
            assert_eq!(read.is_ok(), algorithm == SignatureAlgorithm::Es256, "{algorithm:?}");
            assert!(MemoryKey::from_pkcs8(algorithm, "k", b"none").is_err());
        }
    }

    #[test]
    fn keys_that_are_not_understood_are_passed_over_and_sets_are_bounded() {
        let (_, mut jwk) = key(SignatureAlgorithm::Es256);
        jwk["kid"] = json!("k");
        let strange = [json!({ "kty": "XX" }), json!(7), json!({ "kty": "EC", "crv": "P-7", "x": "a", "y": "b" })];
        let keys: Vec<Value> = strange.into_iter().chain([jwk.clone()]).collect();
        let header = text(br#"{"alg":"ES256","kid":"k"}"#);
        let token = format!("{header}.e30.AA");
        let signed = Signed::read(&token, &SignatureAlgorithm::ALL).unwrap();
        assert!(set(&keys).has_key_for(&signed));
        assert!(KeySet::read(serde_json::from_value(json!({ "keys": vec![jwk; 65] })).unwrap()).is_none());
    }

    #[test]
    fn a_token_without_a_key_name_needs_the_only_key_that_fits() {
        let (one, other) = (key(SignatureAlgorithm::Es256).1, key(SignatureAlgorithm::Es256).1);
        let token = format!("{}.e30.AA", text(br#"{"alg":"ES256"}"#));
        let signed = Signed::read(&token, &SignatureAlgorithm::ALL).unwrap();
        assert!(set(&[one.clone(), key(SignatureAlgorithm::Es384).1]).has_key_for(&signed));
        assert!(!set(&[one, other]).has_key_for(&signed));
    }
}
