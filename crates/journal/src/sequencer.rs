//! Numbers committed entries and puts them into the tree.

/// The row of `journal_lease` that names the sequencer.
pub(crate) const LEASE_NAME: &str = "sequencer";
