//! Links to operators' message centres (SMSC) by SMPP 3.4, with the session in our own hands: the codec is rusmpp's, what is sent when is decided
//! here (docs/decisions tells why).
//!
//! A [`Link`] keeps one account at one operator bound, for as long as it lives. A [`Pool`] spreads messages over several.
//!
//! It promises that
//! - a message handed over has one [`Outcome`]: accepted with the SMSC's name for each part, refused with the reason, expired before it was written,
//!   not sent, or unknown. Unknown is what was written and not answered before the connection broke or the time was up. It is never sent again here;
//! - the agreed rate is kept, counted in parts, and *too fast* from the SMSC slows the link, whereupon the same parts go again, since the SMSC said it
//!   has not taken them;
//! - a code goes before every bulk message that waits, and bulk leaves one place of the window and one slot of the rate free for it;
//! - what the SMSC delivers (receipts, citizens' answers) is answered for only after the [`Handler`] has kept it; when it could not, the SMSC is told to
//!   send it again.
//!
//! # Receipts that overtake the answer
//! A receipt may come before the `submit_sm_resp` that gives the message its id, on this or on another link. The handler keeps it under its
//! [`keys`](crate::receipt::MessageId::keys) (it is parked), and whoever writes the ids of an [`Outcome`] looks for parked receipts with the same keys, in the
//! same transaction. The link adds no order of its own: deliveries are handed over side by side, and the life of a message only moves forward.
//!
//! # What a caller does
//! ```no_run
//! use sms::smpp::{Handler, Incoming, Link, LinkConfig, LinkName, Message, NotKept, Verdict};
//! use straznica_types::SystemClock;
//!
//! struct Inbox;
//!
//! impl Handler for Inbox {
//!     async fn keep(&self, link: &LinkName, incoming: Incoming) -> Result<(), NotKept> {
//!         // One transaction: the receipt is stored, and moves the state of the part that has one of its keys, if there is one yet.
//!         Ok(())
//!     }
//! }
//!
//! async fn send(config: LinkConfig, message: Message) -> Result<(), sms::smpp::ConfigError> {
//!     let link = Link::start(config, SystemClock::shared(), Inbox)?;
//!     // Before this, "submitted" is committed: whatever kills the node now, the message is unknown afterwards, not unsent.
//!     let outcome = link.submit(message).await;
//!     match outcome.verdict() {
//!         // One transaction: state and ids are stored, and receipts that are parked under one of their keys are counted.
//!         Verdict::Accepted => for (part, id) in outcome.ids() { let _keys = (part, id.keys()); },
//!         // It may go again. Only here.
//!         Verdict::NotSent => {}
//!         Verdict::Refused { .. } | Verdict::Expired | Verdict::Unknown => {}
//!     }
//!     link.stop().await;
//!     Ok(())
//! }
//! ```
//!
//! Start reading in [`link`](Link), then `session` for the loop, `desk` for what waits, `pace` for the rate.

mod config;
mod connect;
mod delivery;
mod desk;
mod handler;
mod link;
mod message;
mod pace;
mod pdu;
mod pool;
mod session;
mod state;

pub use config::{Account, BindMode, ConfigError, LinkConfig, LinkName, Tls, Validity};
pub use connect::ConnectError;
pub use handler::{Handler, Incoming, NotKept, Unreadable};
pub use link::Link;
pub use message::{Class, Message, Outcome, PartOutcome, Recipient, Sender, Verdict};
pub use pool::Pool;
pub use session::Ending;
pub use state::{Counters, LinkState, Phase};
