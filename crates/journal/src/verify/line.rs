//! The export format: JSON, one object a line, `type` first.
//!
//! 1. `journal`: format, origin and verifier key of the log;
//! 2. `entry`, in the order of the tree; each `checkpoint` after the last entry it covers;
//! 3. `end`: how many entries there were, and how many were not numbered yet.
//!
//! Digests and salts are hexadecimal. The leaf hash of an entry is that of [`crate::encoding`].

use serde::{Deserialize, Serialize};

/// Name and version of the format.
pub const FORMAT: &str = "straznica-journal-export/v1";

/// One line of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// The first line.
    Journal {
        /// [`FORMAT`].
        format: String,
        /// Name of the log.
        origin: String,
        /// Key that verifies its checkpoints, as the log itself gives it; absent when it was not at hand.
        verifier_key: Option<String>,
    },
    /// An entry.
    Entry(Box<ExportedEntry>),
    /// A checkpoint.
    Checkpoint {
        /// The signed note with its cosignatures.
        note: String,
        /// Verifier keys of the witnesses that cosigned, as the log itself gives them.
        witness_keys: Vec<String>,
    },
    /// The last line.
    End {
        /// Entries in the export.
        entries: u64,
        /// Entries that were not numbered at that moment, and are not in it.
        unsequenced: u64,
    },
}

/// An entry in an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedEntry {
    /// Position in the tree.
    pub leaf_index: u64,
    /// Id (UUID).
    pub entry_id: uuid::Uuid,
    /// Milliseconds UTC.
    pub at_ms: i64,
    /// The peer that called.
    pub actor: String,
    /// Terminal.
    pub terminal: String,
    /// Officer.
    pub officer: String,
    /// Purpose.
    pub purpose: String,
    /// Correlation id.
    pub request_id: String,
    /// What was done.
    pub kind: String,
    /// Act and article.
    pub legal_basis: String,
    /// Salted digest of the payload.
    pub payload_digest: String,
    /// The payload; absent once erased.
    pub payload: Option<ExportedPayload>,
    /// The entry that records the erasure.
    pub erased_by: Option<uuid::Uuid>,
    /// Digest of the event published with it.
    pub event_digest: Option<String>,
    /// Leaf hash as the tree has it.
    pub leaf_hash: String,
}

/// The erasable part of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedPayload {
    /// Salt of the digest.
    pub salt: String,
    /// Pseudonym of the subject, or empty.
    pub subject: String,
    /// Case number, or empty.
    pub case_number: String,
    /// Detail, JSON text as stored.
    pub detail: String,
}
