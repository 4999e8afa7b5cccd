//! Until when.

use straznica_types::{CivilDate, Timestamp};

use crate::domain::calendar::warsaw;

/// The last moment of a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// All of this day, in Warsaw.
    Day(CivilDate),
    /// This instant.
    Instant(Timestamp),
}

impl Due {
    /// The last instant.
    #[must_use]
    pub fn instant(self) -> Timestamp {
        match self {
            Self::Day(day) => warsaw::end_of(day),
            Self::Instant(at) => at,
        }
    }

    /// Whether it has passed at this moment.
    #[must_use]
    pub fn has_passed(self, at: Timestamp) -> bool {
        at > self.instant()
    }

    /// The earlier of both; of two kinds, by instant.
    #[must_use]
    pub fn earlier(self, other: Self) -> Self {
        if other.instant() < self.instant() { other } else { self }
    }
}
