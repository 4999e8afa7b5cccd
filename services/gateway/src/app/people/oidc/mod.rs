//! Logging in at a provider: OpenID Connect, authorisation code with PKCE (RFC 7636).

mod description;
mod http;
pub(crate) mod provider;

use std::{collections::BTreeMap, sync::Arc};

use straznica_journal::Pseudonym;
use straznica_types::{Environment, SharedClock};

use super::{
    super::Gateway,
    sessions::{Arrival, LiveSession},
};
use crate::{config::people::ProviderConfig, domain::people::authorisation::Authorisation, error::GatewayError};
use provider::{Answer, Provider, ProviderError};

/// Why a login at a provider came to nothing. What is wrong with a provider's answer is for the journal, not for whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginFailure {
    /// The provider does not answer, or not sensibly.
    Unreachable,
    /// The person changed their mind, or the provider does not know them.
    Cancelled,
    /// The provider refused: the code was used before, or is old.
    Declined,
    /// Begun in another browser, too long ago, or not at all.
    NotBegunHere,
    /// The answer is not the provider's to this question.
    Untrusted(&'static str),
    /// The person was not authenticated as surely as is asked for here.
    TooWeak,
    /// Nor as lately.
    TooOld,
    /// The provider vouches for no PESEL.
    NoPesel,
}

impl LoginFailure {
    /// For journal and figures.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Cancelled => "cancelled",
            Self::Declined => "declined",
            Self::NotBegunHere => "not_begun_here",
            Self::Untrusted(what) => what,
            Self::TooWeak => "acr",
            Self::TooOld => "auth_time",
            Self::NoPesel => "pesel",
        }
    }
}

/// The providers of this node, by name.
#[derive(Default)]
pub(crate) struct Providers(BTreeMap<String, Arc<Provider>>);

impl Providers {
    /// As configured.
    pub(crate) fn new(
        configs: &[ProviderConfig],
        environment: Environment,
        clock: &SharedClock,
    ) -> Result<Self, ProviderError> {
        let mut providers = BTreeMap::new();
        for config in configs {
            let provider = Arc::new(Provider::new(config, environment, clock.clone())?);
            if providers.insert(config.name.clone(), provider).is_some() {
                return Err(ProviderError::Twice(config.name.clone()));
            }
        }
        Ok(Self(providers))
    }

    fn get(&self, name: &str) -> Result<&Arc<Provider>, GatewayError> {
        self.0.get(name).ok_or(GatewayError::UnknownProvider)
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Provider> {
        self.0.values().map(AsRef::as_ref)
    }
}

impl Gateway {
    /// Begins a login: what the browser is to hold, and where it is to go.
    pub(crate) async fn begin_login(&self, provider: &str) -> Result<(Authorisation, String), GatewayError> {
        let provider = self.providers().get(provider)?.clone();
        let authorisation = Authorisation::begin(provider.name(), self.clock().now())?;
        let question = Box::pin(provider.question(&authorisation)).await.map_err(GatewayError::Login)?;
        Ok((authorisation, question))
    }

    /// Ends it, with what the provider answered.
    pub(crate) async fn complete_login(
        &self,
        provider: &str,
        authorisation: Option<Authorisation>,
        answer: Answer,
        arrival: &Arrival,
    ) -> Result<LiveSession, GatewayError> {
        let provider = self.providers().get(provider)?.clone();
        let outcome = match authorisation {
            Some(authorisation) => Box::pin(provider.login(&authorisation, answer)).await,
            None => Err(LoginFailure::NotBegunHere),
        };
        match outcome {
            Ok(login) => self.open_session(login, arrival).await,
            Err(why) => {
                let who = self.at_provider(provider.name());
                self.record_refused_login(who, why.as_str(), arrival.request_id).await?;
                self.metrics().login_refused(why.as_str());
                Err(GatewayError::Login(why))
            }
        }
    }

    /// Nobody is known yet: the journal says at which provider.
    fn at_provider(&self, provider: &str) -> Pseudonym {
        self.journal().pseudonym("provider", provider)
    }
}
