//! Who we are to a provider (OpenID Connect Core 1.0 §9, RFC 7523, RFC 8705).

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use straznica_types::Timestamp;

use crate::jose::{Signer, SigningFailed, random_text, sign};

/// How the client proves who it is. A shared secret is not among the ways.
#[derive(Clone, Debug)]
pub enum ClientAuthentication {
    /// `private_key_jwt`: an assertion signed for every request.
    PrivateKeyJwt(Arc<dyn Signer>),
    /// `tls_client_auth` or `self_signed_tls_client_auth`: the certificate of the TLS configuration. The provider's `mtls_endpoint_aliases` are used.
    MutualTls,
}

/// RFC 7523 §2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion is valid: long enough for clocks that disagree, for one request.
const ASSERTION_LIFE: Duration = Duration::from_secs(60);

impl ClientAuthentication {
    /// What the form of a request has to carry.
    pub(crate) async fn form(
        &self,
        client_id: &str,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Vec<(&'static str, String)>, SigningFailed> {
        #[derive(Serialize)]
        struct Assertion<'a> {
            iss: &'a str,
            sub: &'a str,
            // The issuer alone, and not the endpoint too: CIBA Core 1.0 §7.1, and no other provider can use it.
            aud: &'a str,
            jti: String,
            iat: i64,
            exp: i64,
        }
        let Self::PrivateKeyJwt(signer) = self else { return Ok(vec![("client_id", client_id.to_owned())]) };
        let assertion = Assertion {
            iss: client_id,
            sub: client_id,
            aud: issuer,
            jti: random_text::<16>().ok_or(SigningFailed)?,
            iat: now.seconds(),
            exp: (now + ASSERTION_LIFE).seconds(),
        };
        let assertion = sign(signer.as_ref(), &assertion).await?;
        Ok(vec![("client_assertion_type", ASSERTION_TYPE.to_owned()), ("client_assertion", assertion)])
    }
}
