//! What verification found.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Findings that are listed; more are only counted.
const LISTED: usize = 100;

/// The outcome of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether nothing was found.
    pub valid: bool,
    /// Name of the log.
    pub origin: String,
    /// Whether the log's key was given from outside; if not, whoever holds database and key could have written both.
    pub key_given: bool,
    /// Entries verified.
    pub size: u64,
    /// Root over them, hexadecimal.
    pub root: String,
    /// Checkpoints verified.
    pub checkpoints: u64,
    /// Largest size a witness cosigned validly; 0: none.
    pub cosigned_size: u64,
    /// Entries not numbered yet, which the tree does not protect.
    pub unsequenced: u64,
    /// Payloads erased on record.
    pub erased: u64,
    /// How many findings there are.
    pub findings_total: u64,
    /// The first of them, in the order of the tree.
    pub findings: Vec<Finding>,
}

impl Report {
    pub(super) fn add(&mut self, code: FindingCode, position: u64, detail: impl Into<String>) {
        self.findings_total += 1;
        if self.findings.len() < LISTED {
            self.findings.push(Finding { code, position, detail: detail.into() });
        }
    }

    /// The first bad entry, if there is one: position in the tree.
    pub fn first_bad_entry(&self) -> Option<u64> {
        self.findings.iter().filter(|finding| finding.code.names_entry()).map(|finding| finding.position).min()
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What.
    pub code: FindingCode,
    /// Where: position of the entry or event, or size of the checkpoint.
    pub position: u64,
    /// More of it.
    pub detail: String,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// The entry is not the one the tree has at its position: altered, or moved.
    EntryAltered,
    /// There is no entry at this position.
    EntryMissing,
    /// An entry stands where none, or another, belongs.
    EntryMisplaced,
    /// The payload does not have the digest its entry holds.
    PayloadAltered,
    /// The payload is gone without a record of its erasure.
    PayloadMissing,
    /// The tree up to this checkpoint does not have the root that was signed.
    TreeAltered,
    /// The checkpoint is unreadable or not signed by the log.
    CheckpointAltered,
    /// There are entries and no checkpoint covers them.
    CheckpointMissing,
    /// A cosignature is not valid.
    CosignatureInvalid,
    /// A witness saw another tree of this size.
    HistoryRewritten,
    /// A witness saw a larger tree than there is.
    HistoryTruncated,
    /// A stored tile of the tree is not what the entries make.
    TileAltered,
    /// An event does not have the digest its entry holds.
    EventAltered,
    /// An event is gone from amid those retained, or out of order.
    EventMissing,
    /// A line of the export cannot be read or is out of place.
    LineMalformed,
}

impl FindingCode {
    fn names_entry(self) -> bool {
        matches!(
            self,
            Self::EntryAltered
                | Self::EntryMissing
                | Self::EntryMisplaced
                | Self::PayloadAltered
                | Self::PayloadMissing
        )
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}: {}", self.code, self.position, self.detail)
    }
}
