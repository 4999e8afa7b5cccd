//! The exchange with other states: asked of spoc, which decides and keeps the journal.

use straznica_contracts::spoc::v1::{
    issuing_service_client::IssuingServiceClient, message_service_client::MessageServiceClient,
    national_pki_service_client::NationalPkiServiceClient, partner_service_client::PartnerServiceClient,
    subscription_service_client::SubscriptionServiceClient,
};
use straznica_runtime::channel::Channel;

use super::Gateway;

impl Gateway {
    pub(crate) fn partners(&self) -> PartnerServiceClient<Channel> {
        self.upstreams().partners.clone()
    }

    pub(crate) fn messages(&self) -> MessageServiceClient<Channel> {
        self.upstreams().messages.clone()
    }

    pub(crate) fn issuing(&self) -> IssuingServiceClient<Channel> {
        self.upstreams().issuing.clone()
    }

    pub(crate) fn subscriptions(&self) -> SubscriptionServiceClient<Channel> {
        self.upstreams().subscriptions.clone()
    }

    pub(crate) fn national_pki(&self) -> NationalPkiServiceClient<Channel> {
        self.upstreams().national_pki.clone()
    }
}
