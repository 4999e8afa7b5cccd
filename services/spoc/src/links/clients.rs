//! The way to each partner, by the binding and address it is registered with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use exchange::Country;
use exchange::profile::Catalogue;
use exchange::soap::{Decoder, Limits};
use straznica_exchange_wire::grpc::{GrpcClient, GrpcClientConfig};
use straznica_exchange_wire::soap::{SoapClient, SoapTimeouts, SoapUrl};
use straznica_exchange_wire::{Admission, Binding, CallError, PartnerClient};
use thiserror::Error;

use super::{Credentials, LinkError};
use crate::app::exchange::delivery::Clients;
use crate::config::ExchangeConfig;
use crate::domain::exchange::partner::Partner;

/// There is no way to a partner.
#[derive(Debug, Error)]
enum NoWay {
    /// The binding of its registration is not configured here.
    #[error("the {0} binding is not configured on this node")]
    Binding(Binding),
    /// Its profile is not loaded.
    #[error("the profile {0:?} is not loaded")]
    Profile(String),
    /// Its address or our credentials.
    #[error(transparent)]
    Link(#[from] LinkError),
}

impl From<NoWay> for CallError {
    fn from(why: NoWay) -> Self {
        Self::NotReached(Box::new(why))
    }
}

/// What a way was made for: another registration needs another.
#[derive(Debug, PartialEq, Eq)]
struct Registered {
    binding: Binding,
    url: String,
    profile: String,
}

/// A client and the registration it was made for.
type Made = (Registered, Arc<dyn PartnerClient>);

/// Clients, made when first needed and kept while the registration is the same: a gRPC client keeps its connection.
pub(crate) struct PartnerClients {
    credentials: Arc<Credentials>,
    admission: Arc<dyn Admission>,
    profiles: Arc<Catalogue>,
    calls: GrpcClientConfig,
    timeouts: SoapTimeouts,
    made: Mutex<HashMap<Country, Made>>,
}

impl std::fmt::Debug for PartnerClients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PartnerClients").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

impl PartnerClients {
    /// No client yet.
    pub(crate) fn new(
        config: &ExchangeConfig,
        credentials: Arc<Credentials>,
        admission: Arc<dyn Admission>,
        profiles: Arc<Catalogue>,
    ) -> Self {
        let calls = config.grpc.as_ref().map(|binding| binding.calls.clone()).unwrap_or_default();
        let timeouts = config.soap.as_ref().map(|binding| binding.timeouts).unwrap_or_default();
        Self { credentials, admission, profiles, calls, timeouts, made: Mutex::default() }
    }

    fn make(&self, partner: &Partner) -> Result<Arc<dyn PartnerClient>, NoWay> {
        match (partner.binding, &self.credentials.grpc, &self.credentials.soap) {
            (Binding::Grpc, Some(material), _) => {
                let (url, admission) = (partner.url.as_str(), Arc::clone(&self.admission));
                let client = GrpcClient::new(partner.country, url, Arc::clone(material), admission, self.calls.clone());
                Ok(Arc::new(client.map_err(LinkError::from)?))
            }
            (Binding::Soap, _, Some(ends)) => {
                let profile = self.profiles.get(&partner.profile);
                let profile = profile.ok_or_else(|| NoWay::Profile(partner.profile.clone()))?;
                Ok(Arc::new(SoapClient {
                    country: partner.country,
                    url: SoapUrl::parse(partner.url.as_str()).map_err(LinkError::from)?,
                    profile: Arc::clone(profile),
                    tls: Arc::clone(&ends.client),
                    admission: Arc::clone(&self.admission),
                    decoder: Decoder::new(Arc::clone(&self.profiles), Limits::default()),
                    timeouts: self.timeouts,
                }))
            }
            (binding, ..) => Err(NoWay::Binding(binding)),
        }
    }
}

impl Clients for PartnerClients {
    fn of(&self, partner: &Partner) -> Result<Arc<dyn PartnerClient>, CallError> {
        let registered = Registered {
            binding: partner.binding,
            url: partner.url.as_str().to_owned(),
            profile: partner.profile.clone(),
        };
        // A map of finished clients: a panic elsewhere leaves nothing half-made in it.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((held, client)) = made.get(&partner.country)
            && *held == registered
        {
            return Ok(Arc::clone(client));
        }
        let client = self.make(partner)?;
        made.insert(partner.country, (registered, Arc::clone(&client)));
        Ok(client)
    }
}
