//! The way out: whatever brings a text to a phone.

use async_trait::async_trait;
use identifiers::PhoneNumber;
use sms::life::Failure;
use straznica_types::{Secret, Timestamp};

use crate::domain::MessageId;

/// A message with a code, ready to go.
#[derive(Debug)]
pub struct Message {
    /// The outbox's id. The same for every try: a channel that can tell its operator so, does.
    pub id: MessageId,
    /// Where it goes.
    pub to: PhoneNumber,
    /// ASCII, one part.
    pub text: Secret<String>,
    /// After this it is worth nothing, and the operator is told so.
    pub valid_until: Timestamp,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The operator answers for it, under this reference.
    Accepted {
        /// The operator's own id.
        reference: String,
    },
    /// The operator said no: it is not on its way.
    Refused(Failure),
    /// Nothing was handed over: no link, or no room. It may be tried again.
    NotSent,
    /// It may be on its way, or not. It is never sent again.
    Unknown,
}

/// An operator's link, or what stands in for one.
#[async_trait]
pub trait Channel: Send + Sync + 'static {
    /// Its name in logs and metrics.
    fn name(&self) -> &'static str;

    /// Hands a message over and waits for the operator's answer.
    async fn submit(&self, message: Message) -> Outcome;
}
