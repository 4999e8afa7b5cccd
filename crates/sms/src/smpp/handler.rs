//! What comes from the operator, and who keeps it.

use std::fmt;

use crate::receipt::{Receipt, ReceiptError};
use crate::text::Concatenation;

use super::config::LinkName;
use super::message::PartOutcome;

/// Something from the SMSC that has to be kept before it is answered for. What people write, and from where, prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub enum Incoming {
    /// What became of a part.
    Receipt(Receipt),
    /// A citizen's message.
    Message {
        /// The sender's address.
        from: String,
        /// The address it was sent to.
        to: String,
        /// The text.
        text: String,
        /// Which part of which message this is.
        part: Option<Concatenation>,
    },
    /// Something that could be neither. It is kept for a person to read, for told to send it again the SMSC would send the same.
    Unreadable {
        /// What is wrong with it.
        reason: Unreadable,
        /// The body of the PDU.
        octets: Vec<u8>,
    },
    /// The answer to a part that had been given up as unknown. An id in it is worth storing, for a receipt may follow that decides the message; a
    /// refusal decides it now. No PDU waits for this to be kept.
    Late {
        /// The caller's name for the message.
        tag: String,
        /// Which part, from 0.
        part: usize,
        /// What the SMSC says.
        outcome: PartOutcome,
    },
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Receipt(receipt) => f.debug_tuple("Receipt").field(receipt).finish(),
            Self::Message { part, .. } => {
                f.debug_struct("Message").field("text", &"***").field("part", part).finish_non_exhaustive()
            }
            Self::Unreadable { reason, octets } => {
                f.debug_struct("Unreadable").field("reason", reason).field("octets", &octets.len()).finish()
            }
            Self::Late { tag, part, outcome } => {
                f.debug_struct("Late").field("tag", tag).field("part", part).field("outcome", outcome).finish()
            }
        }
    }
}

/// What is wrong with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The PDU ends too early or its lengths do not fit.
    #[error("the PDU is malformed")]
    Malformed,
    /// It is marked as a receipt and is none.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
}

/// The delivery could not be kept: the SMSC is told so and sends it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not kept")]
pub struct NotKept;

/// Keeps what comes from the SMSC.
pub trait Handler: Send + Sync + 'static {
    /// Keeps it for good: a database transaction that has committed. It may come doubled (an answer of ours can be lost) and several are handed over
    /// at a time. The future is dropped when it takes longer than `handler_time` or the connection is lost meanwhile, and the SMSC sends again.
    ///
    /// # Errors
    /// When it could not be kept.
    fn keep(&self, link: &LinkName, incoming: Incoming) -> impl Future<Output = Result<(), NotKept>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_citizen_wrote_is_not_printed() {
        let (from, to, text) = ("48600100200".to_owned(), "7055".to_owned(), "STOP Kowalska".to_owned());
        let octets = b"48600100200".to_vec();
        for incoming in [
            Incoming::Message { from, to, text, part: None },
            Incoming::Unreadable { reason: Unreadable::Malformed, octets },
        ] {
            let printed = format!("{incoming:?}");
            assert!(!printed.contains("Kowalska") && !printed.contains("600"), "{printed}");
        }
    }
}
