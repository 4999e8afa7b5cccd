//! What two officers have to agree on before it counts: anchors and foreign roots.

use straznica_types::Timestamp;
use thiserror::Error;

/// How far a fingerprint has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// One officer has proposed it.
    Proposed {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// A second one has confirmed it.
    Confirmed,
}

/// Why an officer cannot confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the officer who proposed it cannot confirm it")]
pub struct SameOfficer;

/// Whether `officer`'s confirmation changes anything: `true` when it is the second officer's, `false` when two have already agreed.
///
/// # Errors
/// [`SameOfficer`] when the proposer confirms.
pub fn confirm(approval: &Approval, officer: &str) -> Result<bool, SameOfficer> {
    match approval {
        Approval::Confirmed => Ok(false),
        // Identifiers are compared without case: "BG-7" and "bg-7" are one person.
        Approval::Proposed { by, .. } if by.eq_ignore_ascii_case(officer) => Err(SameOfficer),
        Approval::Proposed { .. } => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use super::{Approval, SameOfficer, confirm};
    use straznica_types::Timestamp;

    #[test]
    fn only_a_different_officer_confirms() {
        let proposed = Approval::Proposed { by: "so-1".into(), at: Timestamp::from_millis(0) };
        assert_eq!(confirm(&proposed, "so-1"), Err(SameOfficer));
        assert_eq!(confirm(&proposed, "SO-1"), Err(SameOfficer));
        assert_eq!(confirm(&proposed, "so-2"), Ok(true));
        assert_eq!(confirm(&Approval::Confirmed, "so-1"), Ok(false));
    }
}
