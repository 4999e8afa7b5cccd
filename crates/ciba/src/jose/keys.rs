//! The provider's keys (JWK Set, RFC 7517) and what they signed.

use std::collections::HashSet;

use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::SignatureAlgorithm;
use crate::error::Doubt;

/// Keys of a set that are looked at.
const MOST_KEYS: usize = 64;

/// The keys of a set that can verify.
#[derive(Debug)]
pub(crate) struct KeySet(Vec<Jwk>);

/// A token's header as far as it chooses the key.
pub(crate) struct Signed<'a> {
    token: &'a str,
    algorithm: SignatureAlgorithm,
    key_id: Option<String>,
}

impl KeySet {
    /// Reads a set. What is not understood is passed over (RFC 7517 §5); `None` when it is no set at all, or too large.
    pub(crate) fn read(document: Document) -> Option<Self> {
        if document.keys.len() > MOST_KEYS {
            return None;
        }
        let keys = document.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        Some(Self(keys.filter(is_for_signatures).collect()))
    }

    /// Whether a key for this token is among them.
    pub(crate) fn has_key_for(&self, signed: &Signed<'_>) -> bool {
        self.key_for(signed).is_some()
    }

    /// The key of the token's name, or, where it names none, the only one that fits (OpenID Connect Core 1.0 §10.1).
    fn key_for(&self, signed: &Signed<'_>) -> Option<&Jwk> {
        let mut fitting = self.0.iter().filter(|key| fits(key, signed.algorithm));
        match &signed.key_id {
            Some(name) => fitting.find(|key| key.common.key_id.as_ref() == Some(name)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        }
    }

    /// The claims of a token one of these keys signed. Nothing but the signature is looked at.
    pub(crate) fn verify<T: DeserializeOwned>(&self, signed: &Signed<'_>) -> Result<T, Doubt> {
        let key = self.key_for(signed).ok_or(Doubt::UnknownKey)?;
        let key = DecodingKey::from_jwk(key).map_err(|_| Doubt::UnknownKey)?;
        // Without this, another crate that asks for the other backend would leave none chosen. It may have been done before.
        let _already = aws_lc::DEFAULT_PROVIDER.install_default();
        let mut validation = Validation::new(signed.algorithm.known());
        // Times and names are checked against the injected clock and the question, in `id_token`.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims = HashSet::new();
        match jsonwebtoken::decode(signed.token, &key, &validation) {
            Ok(decoded) => Ok(decoded.claims),
            Err(error) => Err(match error.kind() {
                jsonwebtoken::errors::ErrorKind::Json(_) | jsonwebtoken::errors::ErrorKind::Utf8(_) => Doubt::Malformed,
                _ => Doubt::Signature,
            }),
        }
    }
}

/// A JWK Set as it comes.
#[derive(Deserialize)]
pub(crate) struct Document {
    keys: Vec<serde_json::Value>,
}

impl<'a> Signed<'a> {
    /// Reads a token's header.
    ///
    /// # Errors
    /// [`Doubt::Malformed`], or [`Doubt::Algorithm`] for an algorithm that is not among the allowed ones.
    pub(crate) fn read(token: &'a str, allowed: &[SignatureAlgorithm]) -> Result<Self, Doubt> {
        #[derive(Deserialize)]
        struct Alg {
            alg: String,
        }
        use base64::Engine as _;
        let first = token.split('.').next().unwrap_or_default();
        let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(first).map_err(|_| Doubt::Malformed)?;
        // First by name, for `none` is no algorithm to the library, and told apart from garbage here.
        let Alg { alg } = serde_json::from_slice(&header).map_err(|_| Doubt::Malformed)?;
        if !allowed.iter().any(|one| one.name() == alg) {
            return Err(Doubt::Algorithm);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Doubt::Malformed)?;
        // Nothing critical is understood here (RFC 7515 §4.1.11).
        if header.crit.is_some() {
            return Err(Doubt::Malformed);
        }
        let algorithm = SignatureAlgorithm::of(header.alg).ok_or(Doubt::Algorithm)?;
        Ok(Self { token, algorithm, key_id: header.kid })
    }
}

fn is_for_signatures(key: &Jwk) -> bool {
    !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption | PublicKeyUse::Other(_)))
}

/// Whether a key is of the algorithm's kind, and not meant for another one.
fn fits(key: &Jwk, algorithm: SignatureAlgorithm) -> bool {
    let meant = key.common.key_algorithm;
    if meant.is_some_and(|meant| meant.to_string() != algorithm.name()) {
        return false;
    }
    match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), SignatureAlgorithm::Rs256 | SignatureAlgorithm::Ps256) => true,
        (AlgorithmParameters::EllipticCurve(key), SignatureAlgorithm::Es256) => key.curve == EllipticCurve::P256,
        (AlgorithmParameters::EllipticCurve(key), SignatureAlgorithm::Es384) => key.curve == EllipticCurve::P384,
        (AlgorithmParameters::OctetKeyPair(key), SignatureAlgorithm::EdDsa) => key.curve == EllipticCurve::Ed25519,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_makes_the_reader_of_tokens_panic(token in ".{0,120}", header in r#"\{("alg":"(ES256|RS256|none|x)"|"kid":[0-9"a]{0,4}|,|:|\[|\]|"crit"){0,5}\}"#) {
            use base64::Engine as _;
            let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header);
            for token in [token, format!("{header}.e30.AA"), format!("{header}..")] {
                let keys = KeySet(Vec::new());
                let read = Signed::read(&token, &SignatureAlgorithm::ALL);
                prop_assert!(read.and_then(|signed| keys.verify::<serde_json::Value>(&signed)).is_err());
            }
        }

        #[test]
        fn no_document_makes_the_reader_of_keys_panic(members in proptest::collection::vec(("(kty|crv|x|y|n|e|alg|use|kid|k)", "(EC|RSA|OKP|oct|P-256|Ed25519|AQAB|[A-Za-z0-9=+]{0,9})"), 0..8)) {
            let key: serde_json::Map<_, _> = members.into_iter().map(|(name, value)| (name, value.into())).collect();
            let document: Document = serde_json::from_value(serde_json::json!({ "keys": [key] })).unwrap();
            let keys = KeySet::read(document).unwrap();
            let signed = Signed { token: "e30.e30.AA", algorithm: SignatureAlgorithm::Es256, key_id: None };
            prop_assert!(keys.verify::<serde_json::Value>(&signed).is_err());
        }
    }
}
