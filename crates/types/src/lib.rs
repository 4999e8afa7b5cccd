//! The vocabulary every part of Strażnica shares: identifiers that cannot be mixed up, time, the injected clock, secrets, the
//! environment of a node. No I/O and no async here.
//!
//! It promises that
//! - time is [`Timestamp`], milliseconds UTC as a whole number, everywhere: in memory, in the database, on the wire;
//! - whoever asks for the time is handed a [`Clock`], for law runs on dates and tests must be able to choose them;
//! - an [`InspectionId`] is never taken for a [`ChallengeId`]: ids are types of their own over UUIDv7 (RFC 9562 §5.7), and [`typed_id!`]
//!   makes more of them;
//! - [`icalendar`] writes dates for people's own programs;
//! - what is [`Secret`] prints as `***` and is wiped from memory when dropped.

mod clock;
mod environment;
pub mod icalendar;
mod id;
mod name;
mod secret;
mod timestamp;

pub use clock::{Clock, ManualClock, SharedClock, SystemClock};
pub use environment::{Environment, UnknownEnvironment};
pub use id::{ChallengeId, EntryId, InspectionId, InvalidId, RequestId};
pub use name::{InvalidName, OfficerId, TerminalId, check_name};
pub use secret::Secret;
pub use timestamp::{CivilDate, InvalidTimestamp, Timestamp, Weekday};

/// What [`typed_id!`] expands to needs these paths in the crate that calls it.
#[doc(hidden)]
pub mod private {
    pub use serde;
    pub use uuid;
}
