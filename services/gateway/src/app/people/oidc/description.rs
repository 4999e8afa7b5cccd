//! What a login provider says of itself (OpenID Connect Discovery 1.0): its addresses and its keys.

use std::time::Duration;

use openidconnect::{AdditionalProviderMetadata, IssuerUrl, ProviderMetadata, core};
use serde::{Deserialize, Serialize};
use straznica_types::{Environment, SharedClock, Timestamp};
use tokio::sync::Mutex;

use super::{
    LoginFailure,
    http::{Http, HttpFailure},
};

/// What a provider says of itself is asked for anew after so long.
const METADATA_LIFE: Duration = Duration::from_secs(3600);
/// And because of a key nobody knows no more often than this.
const METADATA_PAUSE: Duration = Duration::from_secs(30);
/// That it did not say is believed for so long: whoever waits meanwhile is told so, rather than waiting as long once more each.
const SILENCE_LIFE: Duration = Duration::from_secs(5);

/// What the library leaves out of the provider's metadata.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Extra {
    /// RFC 9207 §3.
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Extra {}

pub(super) type Metadata = ProviderMetadata<
    Extra,
    core::CoreAuthDisplay,
    core::CoreClientAuthMethod,
    core::CoreClaimName,
    core::CoreClaimType,
    core::CoreGrantType,
    core::CoreJweContentEncryptionAlgorithm,
    core::CoreJweKeyManagementAlgorithm,
    core::CoreJsonWebKey,
    core::CoreResponseMode,
    core::CoreResponseType,
    core::CoreSubjectIdentifierType,
>;

/// What it said of itself, and when.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) metadata: Metadata,
    pub(super) read_at: Timestamp,
}

/// A provider's description, read when it is needed and remembered for a while.
pub(super) struct Description {
    provider: String,
    issuer: IssuerUrl,
    environment: Environment,
    http: Http,
    clock: SharedClock,
    heard: Mutex<Heard>,
}

/// What was heard of it last.
#[derive(Default)]
struct Heard {
    known: Option<Known>,
    /// When it was asked in vain.
    silent_at: Option<Timestamp>,
}

impl Description {
    /// Of this provider. Nothing is asked of it yet.
    pub(super) fn new(
        provider: &str,
        issuer: IssuerUrl,
        environment: Environment,
        http: Http,
        clock: SharedClock,
    ) -> Self {
        Self { provider: provider.to_owned(), issuer, environment, http, clock, heard: Mutex::default() }
    }

    /// What the provider says of itself: as remembered, unless that is old, or was read no later than `stale` says and not just now.
    pub(super) async fn known(&self, stale: Option<Timestamp>) -> Result<Known, LoginFailure> {
        let mut heard = self.heard.lock().await;
        let now = self.clock.now();
        if let Some(known) = &heard.known {
            let age = now.saturating_since(known.read_at);
            let enough = match stale {
                None => age < METADATA_LIFE,
                Some(read_at) => known.read_at > read_at || age < METADATA_PAUSE,
            };
            if enough {
                return Ok(known.clone());
            }
        }
        if heard.silent_at.is_some_and(|at| now.saturating_since(at) < SILENCE_LIFE) {
            return Err(LoginFailure::Unreachable);
        }
        match self.described().await {
            Ok(metadata) => {
                let read = Known { metadata, read_at: now };
                *heard = Heard { known: Some(read.clone()), silent_at: None };
                Ok(read)
            }
            Err(failure) => {
                heard.silent_at = Some(self.clock.now());
                Err(failure)
            }
        }
    }

    /// What it says of itself at this moment.
    async fn described(&self) -> Result<Metadata, LoginFailure> {
        let metadata: Result<Metadata, openidconnect::DiscoveryError<HttpFailure>> =
            Metadata::discover_async(self.issuer.clone(), &self.http).await;
        let metadata = metadata.map_err(|failure| {
            tracing::warn!(provider = self.provider, "a login provider does not say what it is: {failure}");
            LoginFailure::Unreachable
        })?;
        let addresses = [Some(metadata.authorization_endpoint().url()), metadata.token_endpoint().map(|url| url.url())];
        let addresses = addresses
            .into_iter()
            .chain([Some(metadata.jwks_uri().url()), metadata.userinfo_endpoint().map(|url| url.url())]);
        if !addresses.flatten().all(|url| may_be_asked(url, self.environment)) {
            tracing::warn!(provider = self.provider, "a login provider names an address without TLS");
            return Err(LoginFailure::Unreachable);
        }
        Ok(metadata)
    }
}

/// https, or http to this machine itself on a test node. By address only: a name may lead elsewhere.
pub(super) fn may_be_asked(url: &openidconnect::url::Url, environment: Environment) -> bool {
    use openidconnect::url::Host;
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && here && environment == Environment::Test)
}
