//! The record of every change and every access, and the feed of events.

mod config;
pub mod encoding;
mod entity;
mod entry;
mod error;
mod group_commit;
mod journal;
mod migration;
mod note;
mod sequencer;

pub use config::{JournalConfig, SequencerConfig};
pub use entry::{Context, DETAIL_LIMIT, Entry, Event, Pseudonym, TEXT_LIMIT};
pub use error::{JournalError, KeyError, codes};
pub use journal::Journal;
pub use migration::migrations;
