//! The way out: whatever brings a text to a phone.

use async_trait::async_trait;
use identifiers::PhoneNumber;
pub use sms::smpp::{Class, Outcome};
use straznica_types::{Secret, Timestamp};

use crate::domain::MessageId;

/// A message, ready to go.
#[derive(Debug)]
pub struct Message {
    /// The outbox's id. The same for every try: a channel that can tell its operator so, does.
    pub id: MessageId,
    /// Where it goes.
    pub to: PhoneNumber,
    /// What it says. That of a code is ASCII and one part.
    pub text: Secret<String>,
    /// What goes first.
    pub class: Class,
    /// After this it is worth nothing, and the operator is told so.
    pub valid_until: Timestamp,
}

/// An operator's link, or what stands in for one.
#[async_trait]
pub trait Channel: Send + Sync + 'static {
    /// Its name in logs and metrics.
    fn name(&self) -> &'static str;

    /// Hands a message over and waits for the operator's answer to each part. It comes back, with whatever is known, when there is none: soon with
    /// *not sent* where nothing takes messages now.
    async fn submit(&self, message: Message) -> Outcome;

    /// How many messages of one class it can do something with at the moment. What is beyond stays in the outbox, where a process that dies cannot leave
    /// it in doubt. 0: nothing takes messages now.
    fn room(&self) -> usize {
        usize::MAX
    }

    /// Whether its operators tell what became of what they accepted.
    fn gives_receipts(&self) -> bool {
        false
    }
}
