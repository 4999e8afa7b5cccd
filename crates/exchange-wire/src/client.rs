//! What sends messages to a partner, whichever binding its registration names.

use std::time::Duration;

use async_trait::async_trait;
use exchange::message::{Answer, Message};
use tokio::time::timeout;

use crate::CallError;

/// The way to one partner.
#[async_trait]
pub trait PartnerClient: Send + Sync {
    /// Sends a message and waits for its answer. Nothing is repeated here: who sends decides whether and when.
    ///
    /// # Errors
    /// [`CallError`] when no answer came; it says whether the message may have been processed all the same.
    async fn send(&self, message: &Message) -> Result<Answer, CallError>;

    /// The same, with no more patience than this in all, whatever the binding allows. It is [`CallError::TimedOut`] only once the message is being sent to a
    /// partner who was admitted: until then the partner was not reached.
    ///
    /// # Errors
    /// As [`Self::send`].
    async fn send_within(&self, message: &Message, patience: Duration) -> Result<Answer, CallError> {
        timeout(patience, self.send(message)).await.map_err(|_| CallError::TimedOut)?
    }
}
