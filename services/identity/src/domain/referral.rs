//! The second line: why a person was sent there and what became of it.

use std::fmt;
use std::str::FromStr;

use straznica_types::{OfficerId, Timestamp};

use super::Refusal;

/// A person sent to the second line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// One of the configured reasons.
    pub reason: String,
    /// When.
    pub referred_at: Timestamp,
    /// By whom.
    pub referred_by: OfficerId,
    /// What the second line decided; absent while it has not.
    pub closure: Option<ReferralClosure>,
}

/// The second line's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferralClosure {
    /// What was decided.
    pub outcome: ReferralOutcome,
    /// When.
    pub closed_at: Timestamp,
    /// By whom.
    pub closed_by: OfficerId,
}

/// How a referral ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferralOutcome {
    /// The person goes on.
    Released,
    /// Entry was refused.
    RefusedEntry,
    /// The document was retained.
    DocumentRetained,
    /// Something else, which the case file tells.
    Other,
}

impl ReferralOutcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Released, Self::RefusedEntry, Self::DocumentRetained, Self::Other];

    /// As calls and the database name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::RefusedEntry => "refused_entry",
            Self::DocumentRetained => "document_retained",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for ReferralOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ReferralOutcome {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let expected =
            Refusal::Invalid { member: "/outcome", expected: "released, refused_entry, document_retained or other" };
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text).ok_or(expected)
    }
}
