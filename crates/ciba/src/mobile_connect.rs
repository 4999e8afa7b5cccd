//! Mobile Connect, server-initiated (SI): the adapter.
//!
//! What SI has of its own: the question is a request object signed by the client (OpenID Connect Core 1.0 §6.1) posted to the si-authorize endpoint, the
//! response type says how the answer comes, and levels of assurance are `2`, `3` and `4`. Polling redeems a grant of its own; a notification brings the ID token
//! along, or rings only.

use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;
use straznica_types::{Secret, SharedClock};

use crate::asking::{Acr, AcrLevels, Asked, Asking, Nonce};
use crate::authentication::ClientAuthentication;
use crate::channel::{Channel, Look, Outcome};
use crate::endpoint::Endpoint;
use crate::error::{AskError, Doubt};
use crate::jose::{Signer, random_text, sign};
use crate::metadata::{Needs, Way};
use crate::notification::{Notification, NotificationToken, Told};
use crate::provider::{ConfigError, Provider, ProviderConfig};
use crate::taken::Taken;
use crate::token;

/// The grant of SI.
const GRANT: &str = "urn:openid:params:mc:grant_type:server_initiated";

/// How long a request object is valid: long enough for clocks that disagree, for one request.
const REQUEST_LIFE: Duration = Duration::from_secs(60);

/// How surely a person is authenticated (ISO/IEC 29115, as Mobile Connect has it). Level 1 is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LevelOfAssurance {
    /// Something they have: the phone.
    Two,
    /// Something they have and know: the phone and a PIN.
    Three,
    /// As before, with keys in hardware.
    Four,
}

impl LevelOfAssurance {
    const ALL: [Self; 3] = [Self::Two, Self::Three, Self::Four];

    /// As `acr` has it.
    pub fn acr(self) -> Acr {
        let text = match self {
            Self::Two => "2",
            Self::Three => "3",
            Self::Four => "4",
        };
        Acr::constant(text)
    }
}

/// How the answer comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// `mc_si_polling`: the client looks.
    Polling,
    /// `mc_si_async_code`: the operator notifies this address, which is registered with it.
    Notification(Endpoint),
}

/// What a contract with an operator says beyond [`ProviderConfig`].
#[derive(Clone, Debug)]
pub struct MobileConnectConfig {
    /// The operator's identity gateway. Its levels are those of Mobile Connect, and what stands there is not used.
    pub provider: ProviderConfig,
    /// Signs request objects.
    pub signer: std::sync::Arc<dyn Signer>,
    /// The version of the profile, as the operator publishes it.
    pub version: String,
    /// How the answer comes.
    pub response: Response,
}

impl MobileConnectConfig {
    /// With the version most operators publish, and the key of the client's authentication.
    ///
    /// # Errors
    /// [`ConfigError::Adapter`] when the client authenticates by certificate, for then the key has to be named.
    pub fn new(provider: ProviderConfig, response: Response) -> Result<Self, ConfigError> {
        let ClientAuthentication::PrivateKeyJwt(signer) = &provider.authentication else {
            return Err(ConfigError::Adapter("a key for request objects is needed"));
        };
        let signer = signer.clone();
        Ok(Self { provider, signer, version: "mc_si_r2_v1.0".to_owned(), response })
    }
}

/// An operator that speaks Mobile Connect.
#[derive(Debug)]
pub struct MobileConnect {
    provider: Provider,
    signer: std::sync::Arc<dyn Signer>,
    version: String,
    response: Response,
}

/// The claims of a request object.
#[derive(Serialize)]
struct Request<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    client_id: &'a str,
    response_type: &'static str,
    scope: &'a str,
    version: &'a str,
    nonce: &'a str,
    login_hint: &'a str,
    acr_values: &'a str,
    correlation_id: &'a str,
    binding_message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_notification_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification_uri: Option<String>,
}

impl MobileConnect {
    /// Nothing is fetched before the first question.
    ///
    /// # Errors
    /// [`ConfigError`]
    pub fn new(config: MobileConnectConfig, clock: SharedClock) -> Result<Self, ConfigError> {
        let MobileConnectConfig { mut provider, signer, version, response } = config;
        if version.is_empty() {
            return Err(ConfigError::Adapter("the version is empty"));
        }
        let levels = LevelOfAssurance::ALL.map(LevelOfAssurance::acr).to_vec();
        provider.levels = AcrLevels::new(levels).ok_or(ConfigError::Adapter("levels"))?;
        let algorithm = signer.algorithm();
        let needs = Needs { grant: Some(GRANT), way: Way::MobileConnect { response: response.name(), algorithm } };
        Ok(Self { provider: Provider::new(provider, needs, clock)?, signer, version, response })
    }
}

impl Response {
    const fn name(&self) -> &'static str {
        match self {
            Self::Polling => "mc_si_polling",
            Self::Notification(_) => "mc_si_async_code",
        }
    }
}

#[async_trait]
impl Channel for MobileConnect {
    async fn ask(&self, asking: &Asking, token: Option<&NotificationToken>) -> Result<Asked, AskError> {
        let Self { provider, signer, version, response } = self;
        provider.config.levels.least(&asking.acr_values).ok_or(AskError::Level)?;
        let metadata = provider.metadata().await?;
        let nonce = random_text::<16>().and_then(|text| Nonce::new(&text)).ok_or(AskError::Random)?;
        let (client_notification_token, notification_uri) = match (response, token) {
            (Response::Notification(uri), Some(token)) => (Some(token.expose()), Some(uri.to_string())),
            (Response::Notification(_), None) => return Err(AskError::NoToken),
            (Response::Polling, _) => (None, None),
        };
        let asked_at = provider.clock.now();
        let login_hint = Secret::new(format!("MSISDN:{}", asking.login_hint.expose()));
        let request = Request {
            iss: &provider.config.client_id,
            aud: &provider.config.issuer,
            iat: asked_at.seconds(),
            exp: (asked_at + REQUEST_LIFE).seconds(),
            client_id: &provider.config.client_id,
            response_type: response.name(),
            scope: &provider.config.scope,
            version,
            nonce: nonce.expose(),
            login_hint: login_hint.expose(),
            acr_values: &asking.acr_values.joined(),
            correlation_id: asking.correlation_id.as_str(),
            binding_message: asking.binding_message.expose(),
            client_notification_token,
            notification_uri,
        };
        let request = sign(signer.as_ref(), &request).await.map_err(|_| AskError::Signing)?;
        // In the body and never in the address, where logs would keep it.
        let form = [
            ("client_id", provider.config.client_id.as_str()),
            ("response_type", response.name()),
            ("scope", &provider.config.scope),
            ("request", &request),
        ];
        let taken = Taken::read(provider.ask(&metadata.asking, &form).await)?;
        if taken.correlation_id.as_ref().is_some_and(|id| id != asking.correlation_id.as_str()) {
            return Err(AskError::Unintelligible);
        }
        taken.asked(asking, asked_at, Some(nonce))
    }

    /// Where the operator notifies there is nothing to look at.
    async fn look(&self, asked: &Asked) -> Look {
        match self.response {
            Response::Polling => self.provider.redeem(asked, GRANT).await,
            Response::Notification(_) => Look::Pending,
        }
    }

    async fn hear(&self, asked: &Asked, notification: &Notification) -> Look {
        if notification.auth_req_id != asked.auth_req_id {
            return Look::Pending;
        }
        match (&self.response, &notification.told) {
            // Nobody was told of an address to notify.
            (Response::Polling, _) => Look::Pending,
            (Response::Notification(_), Told::Ring) => self.provider.redeem(asked, GRANT).await,
            (Response::Notification(_), Told::IdToken(token)) => {
                Look::Ended(self.provider.judge(asked, token.expose()).await)
            }
            (Response::Notification(_), Told::Error(code)) => {
                let doubt = || Outcome::Unknown(Doubt::Refused(code.clone()));
                Look::Ended(token::ended(code.as_str()).unwrap_or_else(doubt))
            }
        }
    }
}
