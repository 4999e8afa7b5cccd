//! What is recorded: who, when, what, why, from which request.

use std::fmt;

use aws_lc_rs::hmac;
use serde_json::Value;
use straznica_contracts::common::v1::CallContext;

use crate::JournalError;

/// Most bytes of one text of an entry.
pub const TEXT_LIMIT: usize = 256;
/// Most bytes of an entry's detail as JSON.
pub const DETAIL_LIMIT: usize = 64 * 1024;

/// Who acts, for whom and why. Empty text means: there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The peer that called, from its certificate, e.g. `service/gateway`; or the service itself, e.g. `service/spoc`, where a job acts.
    pub actor: String,
    /// Terminal, as enrolled at the gateway.
    pub terminal: String,
    /// Officer's service identifier. Never a name.
    pub officer: String,
    /// Why, one of the purposes the node is configured with.
    pub purpose: String,
    /// Case number, where the purpose's legal basis asks for one. Erasable.
    pub case_number: String,
    /// Correlation id of the request.
    pub request_id: String,
}

impl Context {
    /// Context of a call: the peer from its certificate, the rest from the message.
    pub fn of_call(actor: impl fmt::Display, call: &CallContext) -> Self {
        Self {
            actor: actor.to_string(),
            terminal: call.terminal_id.clone(),
            officer: call.officer.clone(),
            purpose: call.purpose.clone(),
            case_number: call.case_number.clone(),
            request_id: call.request_id.clone(),
        }
    }

    /// Context of work nobody outside asked for: a job of the service itself.
    pub fn of_service(service: impl fmt::Display) -> Self {
        Self { actor: service.to_string(), ..Self::default() }
    }
}

/// One entry, as written.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What was done, `<noun>.<past participle>`, e.g. `ta_signature.issued`.
    pub kind: &'static str,
    /// Who, for whom, why.
    pub context: Context,
    /// Whom or what it was about. Erasable.
    pub subject: Option<Pseudonym>,
    /// Act and article that allow it; empty where the purpose names none.
    pub legal_basis: String,
    /// What else there is to say, a JSON object without personal data. Erasable.
    pub detail: Value,
    /// What other services may know of it. Its digest becomes part of the entry.
    pub event: Option<Event>,
}

impl Entry {
    /// Entry that says no more than what was done, by whom and why.
    pub fn new(kind: &'static str, context: Context) -> Self {
        Self {
            kind,
            context,
            subject: None,
            legal_basis: String::new(),
            detail: Value::Object(serde_json::Map::new()),
            event: None,
        }
    }

    /// Names whom or what it was about.
    #[must_use]
    pub fn subject(mut self, subject: Pseudonym) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Names the act and article that allow it.
    #[must_use]
    pub fn legal_basis(mut self, legal_basis: impl Into<String>) -> Self {
        self.legal_basis = legal_basis.into();
        self
    }

    /// Says more, without personal data.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }

    /// Publishes an event with it, in the same transaction.
    #[must_use]
    pub fn event<M: prost::Message + prost::Name>(mut self, message: &M) -> Self {
        self.event = Some(Event::of(message));
        self
    }

    /// Checks the lengths and writes the detail as JSON.
    pub(crate) fn checked_detail(&self) -> Result<String, JournalError> {
        let texts = [
            ("kind", self.kind),
            ("actor", &self.context.actor),
            ("terminal", &self.context.terminal),
            ("officer", &self.context.officer),
            ("purpose", &self.context.purpose),
            ("case_number", &self.context.case_number),
            ("request_id", &self.context.request_id),
            ("legal_basis", &self.legal_basis),
        ];
        for (field, text) in texts {
            if text.len() > TEXT_LIMIT {
                return Err(JournalError::TooLong { field, limit: TEXT_LIMIT });
            }
            // PostgreSQL's texts cannot hold it: found out at the commit only, it would fail everyone who shares that commit.
            if text.contains('\0') {
                return Err(JournalError::Request(field));
            }
        }
        let detail = serde_json::to_string(&self.detail).map_err(JournalError::Detail)?;
        if detail.len() > DETAIL_LIMIT {
            return Err(JournalError::TooLong { field: "detail", limit: DETAIL_LIMIT });
        }
        Ok(detail)
    }
}

/// An event as it is stored and sent: a protobuf message and its full name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Full name of the message, e.g. `straznica.identity.events.v1.InspectionCompleted`.
    pub type_name: String,
    /// The message in protobuf's binary form.
    pub payload: Vec<u8>,
}

impl Event {
    /// The event a message says.
    pub fn of<M: prost::Message + prost::Name>(message: &M) -> Self {
        Self { type_name: M::full_name(), payload: message.encode_to_vec() }
    }
}

/// A person, document or other subject under a keyed pseudonym: the same value gives the same pseudonym in one service's journal, and nobody
/// without the key can tell the value or match it with another service's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pseudonym(String);

impl Pseudonym {
    pub(crate) fn make(key: &hmac::Key, class: &str, value: &str) -> Self {
        let mut context = hmac::Context::with_key(key);
        for part in [class, value] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        Self(hex::encode(context.sign()))
    }

    /// 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
