//! A provider and what both adapters do with it: its description, its keys, its token endpoint.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use straznica_types::{Environment, SharedClock};

use crate::asking::{AcrLevels, Asked};
use crate::authentication::ClientAuthentication;
use crate::cache::Cache;
use crate::channel::{Look, Outcome};
use crate::endpoint::{Endpoint, EndpointError};
use crate::error::{Doubt, Unreachable};
use crate::http::{Answer, Failure, Http, Limits, TlsConfig};
use crate::id_token::{Approval, Claims, Expected};
use crate::jose::{KeySet, SignatureAlgorithm, Signed, SigningFailed};
use crate::metadata::{self, Metadata, MetadataError, Needs};
use crate::token;

/// How long what a provider publishes is used.
#[derive(Clone, Copy, Debug)]
pub struct Ages {
    /// Fetched anew when older. A key the provider withdraws is used for this long at most while the provider is reached.
    pub fresh: Duration,
    /// Not used when older, reached or not.
    pub usable: Duration,
    /// The least pause between two fetches of the same document.
    pub pause: Duration,
}

impl Default for Ages {
    fn default() -> Self {
        Self { fresh: Duration::from_secs(600), usable: Duration::from_secs(3_600), pause: Duration::from_secs(10) }
    }
}

/// What a contract with a provider says.
#[derive(Clone)]
pub struct ProviderConfig {
    /// Its issuer identifier, to the letter.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// How we prove it.
    pub authentication: ClientAuthentication,
    /// What is asked for; `openid` among it.
    pub scope: String,
    /// Its levels of assurance, the weakest first.
    pub levels: AcrLevels,
    /// The algorithms an ID token may be signed with.
    pub id_token_algorithms: Vec<SignatureAlgorithm>,
    /// How far its clock may be off.
    pub skew: Duration,
    /// http to this machine is allowed in a test environment only.
    pub environment: Environment,
    /// Trust and certificates.
    pub tls: TlsConfig,
    /// What it may cost.
    pub limits: Limits,
    /// How long its documents are used.
    pub ages: Ages,
}

impl ProviderConfig {
    /// A provider with usual values: scope `openid`, every algorithm, half a minute of skew.
    pub fn new(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        authentication: ClientAuthentication,
        levels: AcrLevels,
        tls: TlsConfig,
        environment: Environment,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            client_id: client_id.into(),
            authentication,
            scope: "openid".to_owned(),
            levels,
            id_token_algorithms: SignatureAlgorithm::ALL.to_vec(),
            skew: Duration::from_secs(30),
            environment,
            tls,
            limits: Limits::default(),
            ages: Ages::default(),
        }
    }
}

impl fmt::Debug for ProviderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderConfig")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("authentication", &self.authentication)
            .finish_non_exhaustive()
    }
}

/// Why a configuration is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The issuer is no address requests may go to, or has a query.
    #[error("issuer: {0}")]
    Issuer(EndpointError),
    /// The client's name is empty.
    #[error("client_id is empty")]
    ClientId,
    /// `openid` is missing.
    #[error("the scope has to contain openid")]
    Scope,
    /// No algorithm is allowed.
    #[error("no algorithm for ID tokens is allowed")]
    Algorithms,
    /// A span is zero or out of order, or the limits leave no room for an answer.
    #[error("a time or a limit is out of bounds")]
    Bounds,
    /// Something an adapter needs is missing or not of its form.
    #[error("{0}")]
    Adapter(&'static str),
}

/// A provider. Cheap to share: adapters hold it in an `Arc`.
#[derive(Debug)]
pub struct Provider {
    pub(crate) config: ProviderConfig,
    pub(crate) clock: SharedClock,
    http: Http,
    discovery: Endpoint,
    needs: Needs,
    metadata: Cache<Metadata>,
    keys: Cache<KeySet>,
}

impl Provider {
    pub(crate) fn new(config: ProviderConfig, needs: Needs, clock: SharedClock) -> Result<Self, ConfigError> {
        if config.issuer.contains('?') {
            return Err(ConfigError::Issuer(EndpointError::Extras));
        }
        // OpenID Connect Discovery 1.0 §4.1.
        let discovery = format!("{}/.well-known/openid-configuration", config.issuer.trim_end_matches('/'));
        let discovery = Endpoint::parse(&discovery, config.environment).map_err(ConfigError::Issuer)?;
        if config.client_id.is_empty() {
            return Err(ConfigError::ClientId);
        }
        if !config.scope.split(' ').any(|one| one == "openid") {
            return Err(ConfigError::Scope);
        }
        if config.id_token_algorithms.is_empty() {
            return Err(ConfigError::Algorithms);
        }
        let Ages { fresh, usable, pause } = config.ages;
        let Limits { connect_time, ask_time, look_time, largest_answer } = config.limits;
        let spans = [fresh, usable, pause, connect_time, ask_time, look_time].iter().all(|span| !span.is_zero());
        if !spans || fresh > usable || largest_answer < 1_024 || config.skew > Duration::from_secs(300) {
            return Err(ConfigError::Bounds);
        }
        let http = Http::new(config.tls.clone(), config.limits);
        let metadata = Cache::new(clock.clone(), config.ages);
        let keys = Cache::new(clock.clone(), config.ages);
        Ok(Self { config, clock, http, discovery, needs, metadata, keys })
    }

    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, MetadataError> {
        let fetch = || async {
            let document: metadata::Document = self.document(&self.discovery).await?;
            document.check(&metadata::Expected {
                issuer: &self.config.issuer,
                environment: self.config.environment,
                authentication: &self.config.authentication,
                id_token_algorithms: &self.config.id_token_algorithms,
                needs: self.needs,
            })
        };
        self.metadata.get(|_| true, fetch).await
    }

    async fn document<T: serde::de::DeserializeOwned>(&self, at: &Endpoint) -> Result<T, MetadataError> {
        let answer = self.http.get(at).await.map_err(|failure| MetadataError::Unreachable(failure.why))?;
        if !answer.status.is_success() {
            return Err(MetadataError::Unreachable(Unreachable::Status(answer.status.as_u16())));
        }
        answer.json().ok_or(MetadataError::Unreadable)
    }

    /// Asks; the client is known by what the form carries.
    pub(crate) async fn ask(&self, at: &Endpoint, form: &[(&str, &str)]) -> Result<Answer, Failure> {
        self.http.ask(at, form).await
    }

    /// What a form has to carry so that the client is known.
    pub(crate) async fn credentials(&self) -> Result<Vec<(&'static str, String)>, SigningFailed> {
        let Self { config, clock, .. } = self;
        config.authentication.form(&config.client_id, &config.issuer, clock.now()).await
    }

    /// One request to the token endpoint.
    pub(crate) async fn redeem(&self, asked: &Asked, grant: &str) -> Look {
        let metadata = match self.metadata().await {
            Ok(metadata) => metadata,
            // Nothing was asked, so the answer is still there.
            Err(MetadataError::Unreachable(why)) => return Look::NotReached(why),
            Err(error) => return Look::Ended(Outcome::Unknown(Doubt::NoKeys(error))),
        };
        let Ok(credentials) = self.credentials().await else {
            return Look::Ended(Outcome::Unknown(Doubt::Signing));
        };
        let mut form = vec![("grant_type", grant), ("auth_req_id", asked.auth_req_id.expose())];
        form.extend(credentials.iter().map(|(name, value)| (*name, value.as_str())));
        let answer = self.http.look(&metadata.token, &form).await;
        match token::read(answer) {
            token::Read::Look(look) => look,
            token::Read::IdToken(id_token) => Look::Ended(self.judge(asked, id_token.expose()).await),
        }
    }

    /// Whether an ID token approves.
    pub(crate) async fn judge(&self, asked: &Asked, id_token: &str) -> Outcome {
        self.verify(asked, id_token).await.map_or_else(Outcome::Unknown, Outcome::Approved)
    }

    async fn verify(&self, asked: &Asked, id_token: &str) -> Result<Approval, Doubt> {
        let signed = Signed::read(id_token, &self.config.id_token_algorithms)?;
        let metadata = self.metadata().await.map_err(Doubt::NoKeys)?;
        let fetch = || async {
            let document = self.document(&metadata.keys).await?;
            KeySet::read(document).ok_or(MetadataError::Unreadable)
        };
        let keys = self.keys.get(|keys| keys.has_key_for(&signed), fetch).await.map_err(Doubt::NoKeys)?;
        let claims: Claims = keys.verify(&signed)?;
        claims.check(&Expected {
            issuer: &self.config.issuer,
            client_id: &self.config.client_id,
            levels: &self.config.levels,
            skew: self.config.skew,
            now: self.clock.now(),
            asked,
        })
    }
}
