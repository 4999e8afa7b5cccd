//! What sends messages to a partner, whichever binding its registration names.

use async_trait::async_trait;
use exchange::message::{Answer, Message};

use crate::CallError;

/// The way to one partner.
#[async_trait]
pub trait PartnerClient: Send + Sync {
    /// Sends a message and waits for its answer. Nothing is repeated here: who sends decides whether and when.
    ///
    /// # Errors
    /// [`CallError`] when no answer came; it says whether the message may have been processed all the same.
    async fn send(&self, message: &Message) -> Result<Answer, CallError>;
}
