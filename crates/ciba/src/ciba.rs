//! OpenID Connect CIBA Core 1.0: the adapter.

use async_trait::async_trait;
use straznica_types::SharedClock;

use crate::asking::{Asked, Asking};
use crate::channel::{Channel, Look};
use crate::error::AskError;
use crate::metadata::{Needs, Way};
use crate::notification::{Notification, NotificationToken};
use crate::provider::{ConfigError, Provider, ProviderConfig};
use crate::taken::Taken;

/// CIBA Core 1.0 §10.1.
const GRANT: &str = "urn:openid:params:grant-type:ciba";

/// How the answer comes (CIBA Core 1.0 §5). Push is not offered: it would have to be believed without asking back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The client looks.
    Poll,
    /// The provider rings, and the client looks; it looks at the usual pace as well, for a ring may be lost.
    Ping,
}

/// How a provider wants phones named. CIBA leaves it to the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HintForm {
    /// `+48600100200`
    #[default]
    Number,
    /// `tel:+48600100200` (RFC 3966), as CAMARA has it.
    Tel,
}

/// A provider that speaks CIBA.
#[derive(Debug)]
pub struct Ciba {
    provider: Provider,
    delivery: Delivery,
    hint: HintForm,
}

impl Ciba {
    /// Nothing is fetched before the first question.
    ///
    /// # Errors
    /// [`ConfigError`]
    pub fn new(
        config: ProviderConfig,
        delivery: Delivery,
        hint: HintForm,
        clock: SharedClock,
    ) -> Result<Self, ConfigError> {
        let mode = match delivery {
            Delivery::Poll => "poll",
            Delivery::Ping => "ping",
        };
        let needs = Needs { grant: Some(GRANT), way: Way::Ciba(mode) };
        Ok(Self { provider: Provider::new(config, needs, clock)?, delivery, hint })
    }
}

#[async_trait]
impl Channel for Ciba {
    async fn ask(&self, asking: &Asking, token: Option<&NotificationToken>) -> Result<Asked, AskError> {
        let Self { provider, delivery, hint } = self;
        provider.config.levels.least(&asking.acr_values).ok_or(AskError::Level)?;
        let metadata = provider.metadata().await?;
        let scheme = match hint {
            HintForm::Number => "",
            HintForm::Tel => "tel:",
        };
        let login_hint = format!("{scheme}+{}", asking.login_hint.expose());
        let (acr_values, expiry) = (asking.acr_values.joined(), asking.requested_expiry.as_secs().max(1).to_string());
        let mut form = vec![
            ("scope", provider.config.scope.as_str()),
            ("login_hint", &login_hint),
            ("binding_message", asking.binding_message.expose()),
            ("requested_expiry", &expiry),
            ("acr_values", &acr_values),
        ];
        match (delivery, token) {
            (Delivery::Ping, Some(token)) => form.push(("client_notification_token", token.expose())),
            (Delivery::Ping, None) => return Err(AskError::NoToken),
            (Delivery::Poll, _) => {}
        }
        let asked_at = provider.clock.now();
        let credentials = provider.credentials().await.map_err(|_| AskError::Signing)?;
        form.extend(credentials.iter().map(|(name, value)| (*name, value.as_str())));
        Taken::read(provider.ask(&metadata.asking, &form).await)?.asked(asking, asked_at, None)
    }

    async fn look(&self, asked: &Asked) -> Look {
        self.provider.redeem(asked, GRANT).await
    }

    /// A ping says that there is an answer, and nothing else it may say counts.
    async fn hear(&self, asked: &Asked, notification: &Notification) -> Look {
        if notification.auth_req_id != asked.auth_req_id {
            return Look::Pending;
        }
        self.look(asked).await
    }
}
