//! Keys, request objects, assertions and ID tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use serde_json::{Value, json};
use straznica_types::Timestamp;

/// Seconds two clocks may disagree.
const SKEW: i64 = 30;

/// The operator's signing key, and one nobody published.
pub(super) struct OperatorKey {
    signing: EncodingKey,
    published: Value,
    unpublished: EncodingKey,
}

impl OperatorKey {
    pub(super) fn generate() -> Result<Self, ErrorStack> {
        let (key, published) = key("operator-1")?;
        let (other, _) = self::key("operator-1")?;
        Ok(Self {
            signing: EncodingKey::from_ec_der(&key.private_key_to_pkcs8()?),
            published,
            unpublished: EncodingKey::from_ec_der(&other.private_key_to_pkcs8()?),
        })
    }

    /// The key set, as it is published.
    pub(super) fn jwks(&self) -> Value {
        json!({ "keys": [self.published] })
    }

    /// An ID token with these claims; `None` when it cannot be signed.
    pub(super) fn sign(&self, claims: &Value, forged: bool) -> Option<String> {
        let header = Header { kid: Some("operator-1".to_owned()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, if forged { &self.unpublished } else { &self.signing }).ok()
    }
}

/// A client's key: private in PKCS#8 (PEM), public as a JWK.
pub(super) fn client_key() -> Result<(String, Value), ErrorStack> {
    let (key, jwk) = key("client-1")?;
    let pem = key.private_key_to_pem_pkcs8()?;
    Ok((String::from_utf8_lossy(&pem).into_owned(), jwk))
}

fn key(id: &str) -> Result<(PKey<Private>, Value), ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = EcKey::generate(&group)?;
    let (mut x, mut y, mut context) = (BigNum::new()?, BigNum::new()?, BigNumContext::new()?);
    key.public_key().affine_coordinates(&group, &mut x, &mut y, &mut context)?;
    let text = |number: &BigNum| number.to_vec_padded(32).map(|octets| URL_SAFE_NO_PAD.encode(octets));
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "x": text(&x)?, "y": text(&y)?, "kid": id, "alg": "ES256", "use": "sig",
    });
    Ok((PKey::from_ec_key(key)?, jwk))
}

/// The claims of what a client signed for this operator; `None` unless signature, issuer, audience and times hold.
pub(super) fn claims_of(client_id: &str, jwk: &Value, issuer: &str, token: &str, now: Timestamp) -> Option<Value> {
    let key = DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).ok()?).ok()?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[issuer]);
    validation.set_issuer(&[client_id]);
    // The system's clock is not the operator's.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).ok()?.claims;
    let fresh = claims["exp"].as_i64()? + SKEW > now.seconds() && claims["iat"].as_i64()? - SKEW <= now.seconds();
    fresh.then_some(claims)
}
