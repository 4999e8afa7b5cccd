//! The record of every change and every access, and the feed of events.
//!
//! What it promises:
//! - An entry is written in the transaction of the change it records ([`Journal::record`]), or is durable before the data of a read leave
//!   ([`Journal::record_read`]). If the journal cannot be written, the change does not happen and nothing is shown.
//! - Entries are the leaves of a Merkle tree (RFC 6962) whose checkpoints are signed (C2SP tlog-checkpoint) and cosigned by other services (C2SP
//!   tlog-cosignature). [`verify`] finds what was altered, deleted, inserted or reordered, in a database or in an export, and names the first bad
//!   entry.
//! - What may have to be erased lies beside the entry; the tree holds a salted digest of it, so erasing leaves the tree verifiable, and tampering is
//!   told from erasing.
//! - Subjects appear under keyed pseudonyms only ([`Journal::pseudonym`]).
//! - Events ([`Entry::event`], [`Journal::publish`]) reach followers in order and without gaps ([`Journal::tail`]); who keeps its position in the
//!   transaction of its own effect ([`advance_follower`]) counts nothing twice and loses nothing. A feed brought back
//!   from a backup refuses whoever followed what it has forgotten.
//!
//! What it does not: entries committed but not yet numbered (a fraction of a second, [`Journal::unsequenced`]) are not protected by the tree yet, and
//! who owns database and key can sign another history; only a witness's memory shows that.
//!
//! Start reading at `journal.rs` (writing), then `sequencer.rs` (numbering), [`encoding`] (what is hashed), `tree/`, `note/`, `witness.rs`, `verify/`.

mod checkpoints;
mod config;
pub mod encoding;
mod entity;
mod entry;
mod erasure;
mod error;
mod events;
mod footing;
mod group_commit;
mod journal;
mod migration;
mod note;
pub mod rpc;
mod search;
mod sequencer;
mod tree;
pub mod verify;
mod witness;

pub use checkpoints::InclusionProof;
pub use config::{JournalConfig, KEY_LENGTH, SequencerConfig, key_file};
pub use entry::{Context, DETAIL_LIMIT, Entry, Event, Pseudonym, TEXT_LIMIT};
pub use erasure::ERASURE_KIND;
pub use error::{JournalError, KeyError, codes};
pub use events::{Followed, NumberedEvent, advance_follower, follower_position};
pub use footing::Footing;
pub use journal::Journal;
pub use migration::migrations;
pub use note::{Algorithm, Checkpoint, NoteError, SignatureLine, SignedCheckpoint, VerifierKey};
pub use search::{FoundEntry, SEARCH_LIMIT, Search};
pub use sequencer::Sequenced;
pub use tree::{ProofError, empty_root, node_hash, verify_consistency, verify_inclusion};
pub use witness::{Cosigned, Exchanged, Transport};
