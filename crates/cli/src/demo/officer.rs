//! Officers of a made-up state, and what they call at its node.

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::spoc::v1::issuing_service_client::IssuingServiceClient;
use straznica_contracts::spoc::v1::national_pki_service_client::NationalPkiServiceClient;
use straznica_contracts::spoc::v1::partner_service_client::PartnerServiceClient;
use straznica_contracts::spoc::v1::subscription_service_client::SubscriptionServiceClient;
use straznica_runtime::channel::Channel;
use straznica_runtime::limits;
use straznica_types::{RequestId, SharedClock};

/// Two officers of every state: one proposes, the other confirms.
pub const OFFICERS: [&str; 2] = ["OP-07", "OP-11"];
/// Why they call, for the journal.
const PURPOSE: &str = "certificate_exchange";

/// An officer at a state's node.
#[derive(Debug, Clone)]
pub struct Officer {
    id: &'static str,
    clock: SharedClock,
    channel: Channel,
}

impl Officer {
    /// The officer whose certificate the channel presents.
    #[must_use]
    pub const fn at(id: &'static str, clock: SharedClock, channel: Channel) -> Self {
        Self { id, clock, channel }
    }

    /// On whose behalf and why.
    #[must_use]
    pub fn context(&self) -> Option<CallContext> {
        Some(CallContext {
            terminal_id: String::new(),
            officer: self.id.to_owned(),
            purpose: PURPOSE.to_owned(),
            case_number: String::new(),
            request_id: RequestId::generate(self.clock.as_ref()).to_string(),
        })
    }

    /// The channel, for clients not named here.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Partners.
    #[must_use]
    pub fn partners(&self) -> PartnerServiceClient<Channel> {
        PartnerServiceClient::new(self.channel.clone()).max_decoding_message_size(limits::LISTS)
    }

    /// The national CVCA towards others.
    #[must_use]
    pub fn issuing(&self) -> IssuingServiceClient<Channel> {
        IssuingServiceClient::new(self.channel.clone())
    }

    /// The state's own keys.
    #[must_use]
    pub fn national(&self) -> NationalPkiServiceClient<Channel> {
        NationalPkiServiceClient::new(self.channel.clone())
    }

    /// Renewals and deliveries.
    #[must_use]
    pub fn subscriptions(&self) -> SubscriptionServiceClient<Channel> {
        SubscriptionServiceClient::new(self.channel.clone())
    }
}
