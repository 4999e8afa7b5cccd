//! The inner services.

use straznica_contracts::{
    dispatch::v1::code_service_client::CodeServiceClient,
    identity::v1::inspection_service_client::InspectionServiceClient,
    spoc::v1::{
        issuing_service_client::IssuingServiceClient, message_service_client::MessageServiceClient,
        national_pki_service_client::NationalPkiServiceClient, partner_service_client::PartnerServiceClient,
        subscription_service_client::SubscriptionServiceClient,
        terminal_control_centre_service_client::TerminalControlCentreServiceClient,
        trust_service_client::TrustServiceClient,
    },
};
use straznica_runtime::{channel::Channel, limits};

/// Clients of the inner services; each clone shares the connection. The channel gives every call its deadline, correlation id and trace.
#[derive(Debug, Clone)]
pub(crate) struct Upstreams {
    pub(crate) codes: CodeServiceClient<Channel>,
    pub(crate) identity: InspectionServiceClient<Channel>,
    pub(crate) control_centre: TerminalControlCentreServiceClient<Channel>,
    pub(crate) trust: TrustServiceClient<Channel>,
    pub(crate) partners: PartnerServiceClient<Channel>,
    pub(crate) messages: MessageServiceClient<Channel>,
    pub(crate) issuing: IssuingServiceClient<Channel>,
    pub(crate) subscriptions: SubscriptionServiceClient<Channel>,
    pub(crate) national_pki: NationalPkiServiceClient<Channel>,
}

impl Upstreams {
    /// Clients over three channels.
    pub(crate) fn new(dispatch: Channel, identity: Channel, spoc: Channel) -> Self {
        Self {
            codes: CodeServiceClient::new(dispatch),
            identity: InspectionServiceClient::new(identity),
            control_centre: TerminalControlCentreServiceClient::new(spoc.clone())
                .max_decoding_message_size(limits::LISTS),
            trust: TrustServiceClient::new(spoc.clone()),
            partners: PartnerServiceClient::new(spoc.clone()),
            messages: MessageServiceClient::new(spoc.clone()),
            issuing: IssuingServiceClient::new(spoc.clone()),
            subscriptions: SubscriptionServiceClient::new(spoc.clone()),
            national_pki: NationalPkiServiceClient::new(spoc),
        }
    }
}
