//! General messages as operators see and write them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use crate::rest::wire::scalars::{Instant, Text, present};

/// A general message between SPOCs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GeneralMessage {
    /// Its id.
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    id: String,
    /// `received` or `sent`.
    #[schema(example = "received")]
    direction: String,
    /// The other state, ISO 3166-1 alpha-2.
    #[schema(example = "UT")]
    country: String,
    /// The originator's id.
    #[schema(example = "UT-2027-0017")]
    message_id: String,
    /// Its subject.
    #[schema(example = "DV private key compromised")]
    subject: String,
    /// Empty in a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "The private key of UTDV00007 may be in other hands.")]
    body: Option<String>,
    /// When it was received or written.
    at: Instant,
    /// Received: `new`, `acknowledged`; sent: `sending`, `delivered`, `failed`.
    #[schema(example = "new")]
    state: String,
    /// Who acknowledged it, or wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "OP-07")]
    handled_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    handled_at: Option<Instant>,
    /// What it implies, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<Implication>,
}

impl From<contract::Message> for GeneralMessage {
    fn from(message: contract::Message) -> Self {
        let contract::Message {
            id,
            direction,
            country,
            message_id,
            subject,
            body,
            at_ms,
            state,
            handled_by,
            handled_at_ms,
            proposal,
        } = message;
        Self {
            id,
            direction,
            country,
            message_id,
            subject,
            body: present(body),
            at: Instant::at(at_ms),
            state,
            handled_by: present(handled_by),
            handled_at: handled_at_ms.map(Instant::at),
            proposal: proposal.map(Implication::from),
        }
    }
}

/// What a received message would have an officer do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Implication {
    /// `suspend_holder`: a document verifier of the sender our CVCA certifies; `suspend_cvca`: a CVCA of the sender we trust; `enter_outage` and `end_outage` of the sender.
    #[schema(example = "suspend_holder")]
    kind: String,
    /// Holders or CVCAs (country and mnemonic) the body names.
    #[schema(example = json!(["UTDV"]))]
    candidates: Vec<String>,
    /// The period the body names, if it names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    begins: Option<Instant>,
    /// End of the period the body names.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<Instant>,
    /// `open`, `accepted` or `rejected`.
    #[schema(example = "open")]
    state: String,
    /// The officer who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "OP-07")]
    decided_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<Instant>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "confirmed by telephone")]
    decision: Option<String>,
}

impl From<contract::Proposal> for Implication {
    fn from(proposal: contract::Proposal) -> Self {
        let contract::Proposal { kind, candidates, begins_ms, ends_ms, state, decided_by, decided_at_ms, decision } =
            proposal;
        Self {
            kind,
            candidates,
            begins: begins_ms.map(Instant::at),
            ends: ends_ms.map(Instant::at),
            state,
            decided_by: present(decided_by),
            decided_at: decided_at_ms.map(Instant::at),
            decision: present(decision),
        }
    }
}

/// A subject of the standard, and the text we write under it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageTemplate {
    /// As in use, e.g. `DV private key compromised`.
    #[schema(example = "DV private key compromised")]
    subject: String,
    /// With {parameters} in it.
    #[schema(example = "The private key of {holder} may be in other hands.")]
    english: String,
    /// The text in Polish.
    #[schema(example = "Klucz prywatny {holder} mógł dostać się w obce ręce.")]
    polish: String,
    /// Names of the parameters.
    #[schema(example = json!(["holder"]))]
    parameters: Vec<String>,
    /// What it would have an officer of the receiver do: `suspend_holder`, `suspend_cvca`, `enter_outage`, `end_outage`; absent when nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "suspend_holder")]
    implies: Option<String>,
}

impl From<contract::Template> for MessageTemplate {
    fn from(template: contract::Template) -> Self {
        let contract::Template { subject, english, polish, parameters, implies } = template;
        Self { subject, english, polish, parameters, implies: present(implies) }
    }
}

/// Messages, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessagePage {
    /// The messages, without their texts.
    messages: Vec<GeneralMessage>,
    /// Where to go on (`before`); absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    next: Option<String>,
}

impl From<contract::ListMessagesResponse> for MessagePage {
    fn from(page: contract::ListMessagesResponse) -> Self {
        let next = page.messages.last().filter(|_| page.more).map(|last| last.id.clone());
        Self { messages: page.messages.into_iter().map(GeneralMessage::from).collect(), next }
    }
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessageQuery {
    /// Of this partner only.
    #[serde(default)]
    #[param(example = "UT")]
    country: Option<String>,
    /// `received` or `sent` ones only.
    #[serde(default)]
    #[param(example = "received")]
    direction: Option<String>,
    /// In this state only: `new`, `acknowledged`, `sending`, `delivered`, `failed`.
    #[serde(default)]
    #[param(example = "new")]
    state: Option<String>,
    /// Messages before this one.
    #[serde(default)]
    #[param(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    before: Option<String>,
    /// At most this many, 1 to 200.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
    limit: Option<u32>,
}

impl From<MessageQuery> for contract::ListMessagesRequest {
    fn from(query: MessageQuery) -> Self {
        Self {
            country: query.country.unwrap_or_default(),
            direction: query.direction.unwrap_or_default(),
            state: query.state.unwrap_or_default(),
            before: query.before.unwrap_or_default(),
            limit: query.limit.unwrap_or_default(),
        }
    }
}

/// Writes to a partner: the values of a template of that subject, or free words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewMessage {
    /// The partner, ISO 3166-1 alpha-2.
    #[schema(example = "UT")]
    pub(crate) country: String,
    /// With a template: its subject. Otherwise any.
    #[schema(value_type = String, min_length = 1, max_length = 256, example = "DV private key compromised")]
    pub(crate) subject: Text<256>,
    /// Values of the template's parameters.
    #[serde(default)]
    #[schema(example = json!({"holder": "PLDV00007"}))]
    pub(crate) parameters: BTreeMap<String, String>,
    /// Free words, at most 65 535 characters; not with parameters.
    #[serde(default)]
    #[schema(max_length = 65535, example = "")]
    pub(crate) body: String,
}

/// What an officer makes of what a message proposes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ProposalDecision {
    /// It is carried out; otherwise it is rejected.
    pub(crate) accept: bool,
    /// Why, for the journal.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "confirmed by telephone")]
    pub(crate) reason: Text<200>,
    /// Whom a suspension is for, where the message does not name exactly one: country and mnemonic of a document verifier or CVCA.
    #[serde(default)]
    #[schema(example = "UTDV")]
    pub(crate) target: Option<String>,
    /// Beginning of an outage, where the message does not name it.
    #[serde(default)]
    pub(crate) begins: Option<Instant>,
    /// End of an outage, where the message does not name it.
    #[serde(default)]
    pub(crate) ends: Option<Instant>,
}

/// The standard's subjects.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TemplateList {
    /// In the standard's order.
    templates: Vec<MessageTemplate>,
}

impl From<contract::ListTemplatesResponse> for TemplateList {
    fn from(list: contract::ListTemplatesResponse) -> Self {
        Self { templates: list.templates.into_iter().map(MessageTemplate::from).collect() }
    }
}
