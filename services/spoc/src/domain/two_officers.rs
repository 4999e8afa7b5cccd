//! What two officers have to agree on before it counts: anchors and foreign roots.

use aws_lc_rs::digest::{Context, SHA256};
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

/// Names what is proposed, so that a second officer agrees to what was seen and not to what took its place since: eight bytes of the SHA-256 of its
/// particulars, lower-case hex.
#[must_use]
pub fn name_of(particulars: &[&str]) -> String {
    let mut digest = Context::new(&SHA256);
    for one in particulars {
        // Lengths keep what is one particular from being read as two.
        digest.update(&(one.len() as u64).to_be_bytes());
        digest.update(one.as_bytes());
    }
    digest.finish().as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

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
    use super::{Approval, SameOfficer, confirm, name_of};
    use straznica_types::Timestamp;

    #[test]
    fn what_is_proposed_is_named_by_all_its_particulars() {
        let names = [name_of(&["ab", ""]), name_of(&["a", "b"]), name_of(&["ab"]), name_of(&["", "ab"])];
        for (place, name) in names.iter().enumerate() {
            assert_eq!(name.len(), 16);
            assert!(!names[place + 1..].contains(name), "{place}");
        }
    }

    #[test]
    fn only_a_different_officer_confirms() {
        let proposed = Approval::Proposed { by: "so-1".into(), at: Timestamp::from_millis(0) };
        assert_eq!(confirm(&proposed, "so-1"), Err(SameOfficer));
        assert_eq!(confirm(&proposed, "SO-1"), Err(SameOfficer));
        assert_eq!(confirm(&proposed, "so-2"), Ok(true));
        assert_eq!(confirm(&Approval::Confirmed, "so-1"), Ok(false));
    }
}
