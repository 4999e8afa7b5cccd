//! What the terminal found when it compared fingerprints.

use std::fmt;
use std::str::FromStr;

use super::Refusal;

/// The outcome of the comparison the terminal made. The prints themselves never leave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FingerprintResult {
    /// The person's prints are those in DG3.
    Match,
    /// They are not.
    NoMatch,
    /// No comparison could be made: no usable finger, no reader, prints closed.
    NotPossible,
}

impl FingerprintResult {
    /// Every result.
    pub const ALL: [Self; 3] = [Self::Match, Self::NoMatch, Self::NotPossible];

    /// As calls and the database name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::NoMatch => "no_match",
            Self::NotPossible => "not_possible",
        }
    }

    /// Whether prints were compared with those of the document.
    #[must_use]
    pub const fn compared(self) -> bool {
        matches!(self, Self::Match | Self::NoMatch)
    }
}

impl fmt::Display for FingerprintResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for FingerprintResult {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let expected = Refusal::Invalid { member: "/result", expected: "match, no_match or not_possible" };
        Self::ALL.into_iter().find(|result| result.as_str() == text).ok_or(expected)
    }
}
