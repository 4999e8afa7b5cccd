//! dispatch sends one-time codes and compares what people read out; and it sends bulk notices.
//!
//! identity (or, through the gateway, another authority) asks for a code about a person; the citizen gets a text message that says what is asked and by
//! whom; the official types in what the citizen reads out; dispatch says whether it is the code of this question.
//!
//! What it promises
//! - **A code belongs** to its transaction, officer, institution, purpose and number, and says nothing to any other. It is accepted once.
//! - **No code is stored.** It is derived from a nonce in short-lived state and a key outside of it; both together exist for a moment, in memory.
//!   After a success the nonce is gone. Numbers are in no database at all: they lie sealed beside the nonce, and die with it.
//! - **An attempt is counted before it is compared**, durably and with its journal entry, however many come at once. No code sent again, no new
//!   transaction and no loss of short-lived state gives an attempt back.
//! - **A code sent again is the same code**: the first message stays good.
//! - **Whoever does not exist looks like everybody else**: where the caller asks to conceal, unknown, locked and unreachable people get the same
//!   answer for the same work, and no message.
//! - **Nothing is sent twice on purpose and nothing lost silently**: a message is in the outbox with the transaction; it is marked before it is handed over, and what
//!   happened to one that was on its way when the process died is called unknown. A receipt is answered for once it is kept, whatever order it comes in.
//! - **The phone is asked first, where it can be** (CIBA, Mobile Connect): with the same words, and without the caller knowing which way it is. What the phone
//!   cannot do the text message does by itself. Of an approval on the phone and a code read out, the first ends the question, and nothing counts twice.
//! - **Loss fails closed**: without short-lived state there is no sending and no comparing.
//! - **Pumping does not pay**: premium ranges and unlisted countries get nothing, every range, country and institution has its share of an hour, and a range whose
//!   codes are suddenly not used any more raises an alarm.
//!
//! - **A notice has two people behind its words and two behind its sending**, goes to those only whose wish to hear of such things is on record, in their language, outside
//!   of quiet hours and behind every code. It can be stopped; what became of each message is told, and numbers and values are forgotten once a message is handed over.
//!
//! What it does not: it knows nobody's name or PESEL. Subjects are the caller's pseudonyms.
//!
//! Where to start reading: [`domain`] for the rules, `app/send.rs` and `app/validate.rs` for the two main use cases, [`spool`] for the outbox
//! and what operators say, `operators` for the links to them, `app/prompt` for phones, `app/notice` for notices.

mod app;
mod channel;
mod config;
pub mod domain;
mod error;
mod http;
mod jobs;
mod keys;
mod metrics;
mod operators;
mod phones;
mod rpc;
pub mod spool;
mod start;
mod store;

pub use channel::{Channel, Class, Message, Outcome};
pub use config::{Config, DestinationConfig, MessageConfig, NoticeConfig};
pub use error::{DispatchError, codes};
pub use keys::{KeyError, KeysConfig};
pub use operators::{Bind, OperatorConfig, OperatorConfigError, OperatorTls, Operators, SenderConfig, ValidityForm};
pub use phones::{ClientKeyConfig, Delivery, Hint, PhoneConfig, PhoneError, PhoneKind, PromptConfig};
pub use start::build;
pub use store::{Migrations, UnreadableRow};
