//! A provider's description (OpenID Connect Discovery 1.0 §3, CIBA Core 1.0 §4, RFC 8705 §5), read and checked.

use serde::Deserialize;
use straznica_types::Environment;

use crate::authentication::ClientAuthentication;
use crate::endpoint::{Endpoint, EndpointError};
use crate::error::Unreachable;
use crate::jose::SignatureAlgorithm;

/// What an adapter needs of a provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    /// The grant it redeems, if it redeems one.
    pub(crate) grant: Option<&'static str>,
    pub(crate) way: Way,
}

/// Where questions go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// `backchannel_authentication_endpoint`, with this delivery mode.
    Ciba(&'static str),
    /// `si_authorization_endpoint`, with this response type and request objects signed like this.
    MobileConnect {
        /// `response_type`
        response: &'static str,
        /// Of request objects.
        algorithm: SignatureAlgorithm,
    },
}

/// Why a description is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// It is not to be had.
    #[error("the provider's documents are not reached: {0}")]
    Unreachable(Unreachable),
    /// Not the JSON it has to be.
    #[error("the provider's document cannot be read")]
    Unreadable,
    /// It describes another issuer (OpenID Connect Discovery 1.0 §4.3).
    #[error("the description is another issuer's")]
    Issuer,
    /// An endpoint is no address requests may go to.
    #[error("{0}: {1}")]
    Endpoint(&'static str, EndpointError),
    /// What is needed is missing, or the provider says that it cannot do it.
    #[error("the provider does not offer {0}")]
    Missing(&'static str),
}

/// A description that was checked.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) asking: Endpoint,
    pub(crate) token: Endpoint,
    pub(crate) keys: Endpoint,
}

/// A description as it comes, as far as it is used.
#[derive(Deserialize)]
pub(crate) struct Document {
    issuer: String,
    jwks_uri: String,
    token_endpoint: String,
    backchannel_authentication_endpoint: Option<String>,
    backchannel_token_delivery_modes_supported: Option<Vec<String>>,
    si_authorization_endpoint: Option<String>,
    response_types_supported: Option<Vec<String>>,
    request_object_signing_alg_values_supported: Option<Vec<String>>,
    grant_types_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_signing_alg_values_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    #[serde(default)]
    mtls_endpoint_aliases: Aliases,
}

#[derive(Default, Deserialize)]
struct Aliases {
    token_endpoint: Option<String>,
    backchannel_authentication_endpoint: Option<String>,
}

/// What a description is held against.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) environment: Environment,
    pub(crate) authentication: &'a ClientAuthentication,
    pub(crate) id_token_algorithms: &'a [SignatureAlgorithm],
    pub(crate) needs: Needs,
}

impl Document {
    /// Checks it. What a provider does not say is no obstacle, for most of it is optional; what it says it cannot do is.
    pub(crate) fn check(self, expected: &Expected<'_>) -> Result<Metadata, MetadataError> {
        if self.issuer != expected.issuer {
            return Err(MetadataError::Issuer);
        }
        self.check_authentication(expected.authentication)?;
        let names = expected.id_token_algorithms.iter().map(|algorithm| algorithm.name());
        if !offers_any(self.id_token_signing_alg_values_supported.as_deref(), names) {
            return Err(MetadataError::Missing("a signature algorithm for ID tokens that is allowed"));
        }
        if let Some(grant) = expected.needs.grant
            && !offers(self.grant_types_supported.as_deref(), grant)
        {
            return Err(MetadataError::Missing("the grant"));
        }
        let by_certificate = matches!(expected.authentication, ClientAuthentication::MutualTls);
        let (name, asking, alias) = match expected.needs.way {
            Way::Ciba(mode) => {
                if !offers(self.backchannel_token_delivery_modes_supported.as_deref(), mode) {
                    return Err(MetadataError::Missing("the delivery mode"));
                }
                (
                    "backchannel_authentication_endpoint",
                    self.backchannel_authentication_endpoint,
                    self.mtls_endpoint_aliases.backchannel_authentication_endpoint,
                )
            }
            Way::MobileConnect { response, algorithm } => {
                if !offers(self.response_types_supported.as_deref(), response) {
                    return Err(MetadataError::Missing("the response type"));
                }
                if !offers(self.request_object_signing_alg_values_supported.as_deref(), algorithm.name()) {
                    return Err(MetadataError::Missing("the algorithm of request objects"));
                }
                // The request object authenticates it, and no certificate has to.
                ("si_authorization_endpoint", self.si_authorization_endpoint, None)
            }
        };
        let asking = alias.filter(|_| by_certificate).or(asking).ok_or(MetadataError::Missing(name))?;
        let token = self.mtls_endpoint_aliases.token_endpoint.filter(|_| by_certificate).unwrap_or(self.token_endpoint);
        let endpoint = |name: &'static str, text: &str| {
            Endpoint::parse(text, expected.environment).map_err(|error| MetadataError::Endpoint(name, error))
        };
        Ok(Metadata {
            asking: endpoint(name, &asking)?,
            token: endpoint("token_endpoint", &token)?,
            keys: endpoint("jwks_uri", &self.jwks_uri)?,
        })
    }

    fn check_authentication(&self, authentication: &ClientAuthentication) -> Result<(), MetadataError> {
        let methods = self.token_endpoint_auth_methods_supported.as_deref();
        match authentication {
            ClientAuthentication::PrivateKeyJwt(signer) => {
                let algorithms = self.token_endpoint_auth_signing_alg_values_supported.as_deref();
                // Unlike the others, this one has a default when it is not said, and that is not ours (Discovery 1.0 §3).
                if !methods.is_some_and(|methods| offers(Some(methods), "private_key_jwt")) {
                    return Err(MetadataError::Missing("private_key_jwt"));
                }
                if !offers(algorithms, signer.algorithm().name()) {
                    return Err(MetadataError::Missing("the algorithm of the client's key"));
                }
            }
            ClientAuthentication::MutualTls => {
                let names = ["tls_client_auth", "self_signed_tls_client_auth"];
                if !methods.is_some_and(|methods| offers_any(Some(methods), names.into_iter())) {
                    return Err(MetadataError::Missing("client authentication by certificate"));
                }
            }
        }
        Ok(())
    }
}

fn offers(list: Option<&[String]>, wanted: &str) -> bool {
    offers_any(list, std::iter::once(wanted))
}

fn offers_any<'a>(list: Option<&[String]>, mut wanted: impl Iterator<Item = &'a str>) -> bool {
    list.is_none_or(|list| wanted.any(|wanted| list.iter().any(|one| one == wanted)))
}
