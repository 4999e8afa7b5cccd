//! An operator at spoc's desk: the services, and how their answers are printed.

use prost::{Message, Name};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::spoc::v1::issuing_service_client::IssuingServiceClient;
use straznica_contracts::spoc::v1::message_service_client::MessageServiceClient;
use straznica_contracts::spoc::v1::national_pki_service_client::NationalPkiServiceClient;
use straznica_contracts::spoc::v1::partner_service_client::PartnerServiceClient;
use straznica_contracts::spoc::v1::subscription_service_client::SubscriptionServiceClient;
use straznica_runtime::channel::Channel;
use straznica_runtime::limits;
use straznica_types::Timestamp;

use super::SpocError;
use crate::arguments;
use crate::command::operator::Operator;
use crate::command::output;

/// A connected operator, and whether answers are printed as JSON.
#[derive(Debug)]
pub(super) struct Desk {
    operator: Operator,
    json: bool,
}

impl Desk {
    /// Reads the operator's certificate; nothing is sent yet.
    pub(super) fn open(desk: arguments::Desk) -> Result<Self, SpocError> {
        Ok(Self { operator: Operator::connect(desk.operator)?, json: desk.json })
    }

    pub(super) fn context(&self) -> Option<CallContext> {
        self.operator.context()
    }

    /// The time by this machine's clock.
    pub(super) fn now(&self) -> Timestamp {
        self.operator.now()
    }

    fn channel(&self) -> Channel {
        self.operator.channel.clone()
    }

    pub(super) fn partners(&self) -> PartnerServiceClient<Channel> {
        // Bundles travel in the answers.
        PartnerServiceClient::new(self.channel()).max_decoding_message_size(limits::LISTS)
    }

    pub(super) fn issuing(&self) -> IssuingServiceClient<Channel> {
        IssuingServiceClient::new(self.channel())
    }

    pub(super) fn national_pki(&self) -> NationalPkiServiceClient<Channel> {
        NationalPkiServiceClient::new(self.channel())
    }

    pub(super) fn subscriptions(&self) -> SubscriptionServiceClient<Channel> {
        SubscriptionServiceClient::new(self.channel())
    }

    pub(super) fn messages(&self) -> MessageServiceClient<Channel> {
        MessageServiceClient::new(self.channel())
    }

    /// Prints an answer: as JSON, or as `text` tells it to people.
    pub(super) fn print<M: Message + Name>(
        &self,
        answer: &M,
        text: impl FnOnce(&M) -> String,
    ) -> Result<(), SpocError> {
        let printed = if self.json { output::contract(answer)? } else { text(answer) };
        Ok(output::line(&printed)?)
    }
}
