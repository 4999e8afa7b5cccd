//! The port: a way to ask a citizen's phone.

use std::time::Duration;

use async_trait::async_trait;
use straznica_types::Clock;

use crate::asking::{Asked, Asking};
use crate::error::{AskError, Doubt, Unreachable};
use crate::id_token::Approval;
use crate::notification::{Bell, Notification, NotificationToken};
use crate::pace::Pace;

/// A way to ask a citizen's phone.
#[async_trait]
pub trait Channel: Send + Sync + std::fmt::Debug {
    /// Asks. `token` is what the provider is to present when it notifies; a way that works by notification needs one, others do without.
    ///
    /// # Errors
    /// [`AskError`]; its [`remedy`](AskError::remedy) says what follows.
    async fn ask(&self, asking: &Asking, token: Option<&NotificationToken>) -> Result<Asked, AskError>;

    /// Looks once whether there is an answer.
    async fn look(&self, asked: &Asked) -> Look;

    /// Takes what the provider told of its own accord; the caller has made sure that it was the provider (see [`crate::Bells`]).
    async fn hear(&self, asked: &Asked, notification: &Notification) -> Look;
}

/// What one look showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// The citizen has not answered (`authorization_pending`).
    Pending,
    /// As before, and looking is to be rarer from now on (`slow_down`).
    SlowDown,
    /// Nothing was seen. The next look may show it.
    NotReached(Unreachable),
    /// There is an outcome, and looking again shows nothing more.
    Ended(Outcome),
}

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The citizen approved.
    Approved(Approval),
    /// The citizen refused.
    Refused,
    /// Nobody answered in time.
    Expired,
    /// The provider could not be reached when time was up.
    Unreachable(Unreachable),
    /// There may have been an answer, and it cannot be believed or is lost. No approval.
    Unknown(Doubt),
}

/// What the last look may take beyond the life of the question.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// Waits for the outcome: looks at the pace the provider allows, listens to the bell, and gives up when the question expires, after one last look
/// of five seconds at most.
///
/// Dropping the future ends the waiting; what was asked can be waited for again with the same [`Asked`].
pub async fn wait(channel: &dyn Channel, asked: &Asked, clock: &dyn Clock, mut bell: Option<Bell>) -> Outcome {
    let mut pace = Pace::new(asked.interval);
    loop {
        let left = asked.expires_at.saturating_since(clock.now());
        let notified = pause(pace.pause().min(left), asked, bell.as_mut()).await;
        let looking = async {
            match &notified {
                Some(notification) => channel.hear(asked, notification).await,
                None => channel.look(asked).await,
            }
        };
        let patience = asked.expires_at.saturating_since(clock.now()) + LAST_LOOK;
        let late = Look::NotReached(Unreachable::TimedOut);
        let look = tokio::time::timeout(patience, looking).await.unwrap_or(late);
        pace.after(&look);
        let over = clock.now() >= asked.expires_at;
        match look {
            Look::Ended(outcome) => return outcome,
            Look::NotReached(why) if over => return Outcome::Unreachable(why),
            Look::Pending | Look::SlowDown if over => return Outcome::Expired,
            Look::Pending | Look::SlowDown | Look::NotReached(_) => {}
        }
    }
}

/// Sleeps, or hears of this question earlier.
async fn pause(span: Duration, asked: &Asked, bell: Option<&mut Bell>) -> Option<Notification> {
    let listening = async {
        match bell {
            Some(bell) => bell.rung_for(&asked.auth_req_id).await,
            None => std::future::pending().await,
        }
    };
    tokio::time::timeout(span, listening).await.ok()
}
