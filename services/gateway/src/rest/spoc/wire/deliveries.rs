//! The delivery board: what is on its way to partners.

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use crate::rest::wire::scalars::{Instant, present};

/// A message to a partner.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Delivery {
    /// Its id.
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    id: String,
    /// The partner, ISO 3166-1 alpha-2.
    #[schema(example = "UT")]
    country: String,
    /// `request_certificate`, `send_certificates`, `get_ca_certificates` or `general_message`.
    #[schema(example = "request_certificate")]
    operation: String,
    /// Its message id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "PL-2027-0099")]
    message_id: Option<String>,
    /// What it is about: the holder reference asked for, or the id of an application or general message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "PLDV00008")]
    subject: Option<String>,
    /// `pending`, `acknowledged`, `done`, `failed` or `cancelled`.
    #[schema(example = "pending")]
    state: String,
    /// How often it was tried.
    #[schema(example = 3)]
    attempts: u32,
    /// When it was written.
    created_at: Instant,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Instant>,
    /// When it was answered; of one not delivered yet: when the partner first answered that it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_at: Option<Instant>,
    /// The standard's code of the answer; `answer_refused`, `cancelled` or `unsendable` where it ended here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ok_reception_ack")]
    code: Option<String>,
    /// What the last attempt said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "connection refused")]
    last_error: Option<String>,
    /// When it last left in a bundle for e-mail; it stays to be delivered all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    exported_at: Option<Instant>,
}

impl From<contract::OutboxMessage> for Delivery {
    fn from(outbox_message: contract::OutboxMessage) -> Self {
        let contract::OutboxMessage {
            id,
            country,
            operation,
            message_id,
            subject,
            state,
            attempts,
            created_at_ms,
            next_attempt_at_ms,
            answered_at_ms,
            code,
            last_error,
            exported_at_ms,
        } = outbox_message;
        Self {
            id,
            country,
            operation,
            message_id: present(message_id),
            subject: present(subject),
            state,
            attempts,
            created_at: Instant::at(created_at_ms),
            next_attempt_at: Instant::from_contract(next_attempt_at_ms),
            answered_at: Instant::from_contract(answered_at_ms),
            code: present(code),
            last_error: present(last_error),
            exported_at: exported_at_ms.map(Instant::at),
        }
    }
}

/// Messages to partners, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeliveryPage {
    /// The messages. Fewer than asked for: there are no more.
    deliveries: Vec<Delivery>,
}

impl From<contract::ListOutboxResponse> for DeliveryPage {
    fn from(page: contract::ListOutboxResponse) -> Self {
        Self { deliveries: page.messages.into_iter().map(Delivery::from).collect() }
    }
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryQuery {
    /// To this partner only.
    #[serde(default)]
    #[param(example = "UT")]
    country: Option<String>,
    /// In this state only: `pending`, `acknowledged`, `done`, `failed`, `cancelled`.
    #[serde(default)]
    #[param(example = "pending")]
    state: Option<String>,
    /// Messages before this one: the last of the page before.
    #[serde(default)]
    #[param(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    before: Option<String>,
    /// At most this many, 1 to 500.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 500, example = 100)]
    pub(crate) limit: Option<u32>,
}

impl From<DeliveryQuery> for contract::ListOutboxRequest {
    fn from(query: DeliveryQuery) -> Self {
        Self {
            country: query.country.unwrap_or_default(),
            state: query.state.unwrap_or_default(),
            before: query.before.unwrap_or_default(),
            limit: query.limit.unwrap_or_default(),
        }
    }
}
