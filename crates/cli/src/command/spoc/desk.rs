//! An operator at spoc's desk: the services, and how their answers are printed.

use std::sync::LazyLock;

use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use straznica_contracts::FILE_DESCRIPTOR_SET;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::spoc::v1::issuing_service_client::IssuingServiceClient;
use straznica_contracts::spoc::v1::message_service_client::MessageServiceClient;
use straznica_contracts::spoc::v1::national_pki_service_client::NationalPkiServiceClient;
use straznica_contracts::spoc::v1::partner_service_client::PartnerServiceClient;
use straznica_contracts::spoc::v1::subscription_service_client::SubscriptionServiceClient;
use straznica_runtime::channel::Channel;
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
        PartnerServiceClient::new(self.channel())
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
        let printed = if self.json { json(answer)? } else { text(answer) };
        Ok(output::line(&printed)?)
    }
}

static CONTRACTS: LazyLock<Option<DescriptorPool>> = LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).ok());

/// The answer as protobuf's JSON mapping writes it, with the contract's own names and every member, numbers as numbers: what a script reads is
/// described in `proto/`, field by field.
fn json<M: Message + Name>(answer: &M) -> Result<String, SpocError> {
    const OPTIONS: SerializeOptions =
        SerializeOptions::new().use_proto_field_name(true).stringify_64_bit_integers(false).skip_default_fields(false);
    let undescribed = SpocError::Incomplete("a description of its answer");
    let descriptor = CONTRACTS.as_ref().and_then(|contracts| contracts.get_message_by_name(&M::full_name()));
    let Some(descriptor) = descriptor else { return Err(undescribed) };
    let Ok(described) = DynamicMessage::decode(descriptor, answer.encode_to_vec().as_slice()) else {
        return Err(undescribed);
    };
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut bytes);
    described.serialize_with_options(&mut serializer, &OPTIONS).map_err(output::OutputError::Json)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use straznica_contracts::spoc::v1::{ListPartnersResponse, Partner};

    use super::json;

    #[test]
    fn json_has_every_member_under_the_contracts_name() {
        let partner = Partner { country: "UT".to_owned(), use_from_ms: 1_779_960_600_000, ..Partner::default() };
        let answer = ListPartnersResponse { partners: vec![partner], proposals: vec![] };
        let read: serde_json::Value = serde_json::from_str(&json(&answer).unwrap()).unwrap();
        let partner = &read["partners"][0];
        assert_eq!((&partner["country"], &partner["use_from_ms"]), (&"UT".into(), &1_779_960_600_000_i64.into()));
        assert_eq!((&partner["served"], &partner["roots"]), (&false.into(), &serde_json::json!([])));
        assert_eq!(read["proposals"], serde_json::json!([]));
    }
}
