//! The spool: every message that goes to an operator, and everything the operator says about it, by way of the database.
//!
//! ```text
//! queued ──claimed and marked in one commit──→ submitted ──handed to the channel──→ accepted with an id for each part ──receipts──→ delivered, failed …
//!    ↑                                             │
//!    └──── known not to be on its way ─────────────┘            what a dead process had in its hands: unknown
//! ```
//!
//! What it promises
//! - A message is marked as submitted, durably, before an octet of it leaves: when it is claimed, or when it is ordered, where there is room for it at once
//!   ([`Room`]). It goes back into the queue only when the channel says that nothing of it is on
//!   its way, and is never handed over a second time otherwise: whatever kills the process, nobody gets two texts.
//! - Only as much is claimed as the channel has [`room`](crate::Channel::room) for, so that little is in doubt when a process dies. Codes have room of their own.
//! - A receipt is answered for after the commit that keeps it. It moves its part forward, never back; when the part is not known yet it is parked, and whoever writes
//!   the part's id takes it up. What fits two parts equally well stays parked rather than telling the wrong one.
//! - Outcomes and receipts that come at the same time share a commit ([`Recorder`]), and one that cannot be written does not keep the others from being.
//! - Everything that becomes of a message is told to a [`Reporter`] in the same transaction.
//!
//! Texts exist only between [`Texts::steps`] and the operator's answer; the spool stores none, and no number.

mod clerk;
mod ledger;
mod pump;
mod recorder;

use async_trait::async_trait;
use sea_orm::DatabaseTransaction;

use crate::channel::Message;
use crate::error::DispatchError;
pub use crate::store::{MessageState, Pending};
pub use clerk::Found;
pub(crate) use pump::Room;
pub use pump::{Spool, SpoolConfig};
pub use recorder::{Kept, News, NotRecorded, Recorder};

/// What is done with a message that was claimed.
#[derive(Debug)]
pub enum Step {
    /// It goes to the operator.
    HandOver(Message),
    /// It is over without having been handed over.
    End(MessageState),
    /// It cannot be made now: later.
    Later,
}

/// Who makes texts.
#[async_trait]
pub trait Texts: Send + Sync + 'static {
    /// What is to be done with each of these, in their order.
    async fn steps(&self, claimed: &[Pending]) -> Vec<Step>;
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub message: Pending,
    /// Where it is now.
    pub state: MessageState,
}

/// Who is told what becomes of messages.
#[async_trait]
pub trait Reporter: Send + Sync + 'static {
    /// Tells it, in the transaction that makes it so; that transaction may be run again.
    ///
    /// # Errors
    /// What makes the transaction be given up.
    async fn moved(&self, tx: &DatabaseTransaction, moved: &[Moved]) -> Result<(), DispatchError>;
}
