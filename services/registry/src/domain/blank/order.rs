//! What one officer proposes and another confirms.

use straznica_types::{OfficerId, Timestamp};

use super::{Movement, Range, Series};
use crate::domain::{BlankOrderId, Refusal};

/// What is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderAction {
    /// Blanks came from the printer.
    Delivery,
    /// They go to another office.
    Move,
    /// Spoilt ones are destroyed.
    Destruction,
    /// Unused ones are destroyed: the form is not used any more.
    Withdrawal,
    /// They were counted.
    Count,
}

impl OrderAction {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Delivery, Self::Move, Self::Destruction, Self::Withdrawal, Self::Count];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Move => "move",
            Self::Destruction => "destruction",
            Self::Withdrawal => "withdrawal",
            Self::Count => "count",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }

    /// What confirming it does to the stock of the office that proposed it; a count does what it found.
    #[must_use]
    pub const fn movement(self) -> Option<Movement> {
        match self {
            Self::Delivery => Some(Movement::Delivered),
            Self::Move => Some(Movement::MovedOut),
            Self::Destruction => Some(Movement::Destroyed),
            Self::Withdrawal => Some(Movement::Withdrawn),
            Self::Count => None,
        }
    }
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: BlankOrderId,
    /// What is proposed.
    pub action: OrderAction,
    /// At which office.
    pub office: String,
    /// Where a move goes.
    pub to_office: Option<String>,
    /// The kind of blanks.
    pub kind: String,
    /// Their letters.
    pub series: Series,
    /// Their numbers; of a count, those the first of two found.
    pub numbers: Vec<Range>,
    /// Delivery note, protocol.
    pub note: String,
    /// By whom.
    pub proposed_by: OfficerId,
    /// When.
    pub proposed_at: Timestamp,
    /// Whether it was confirmed, or both counts differed.
    pub settled: bool,
}

impl Order {
    /// That this officer may settle it now.
    ///
    /// # Errors
    /// [`Refusal::Settled`], or [`Refusal::OwnProposal`] for who proposed it.
    pub fn may_settle(&self, officer: &OfficerId) -> Result<(), Refusal> {
        if self.settled {
            return Err(Refusal::Settled);
        }
        if self.proposed_by == *officer { Err(Refusal::OwnProposal) } else { Ok(()) }
    }
}

/// Ranges as a column has them: `1+50 90+1`.
#[must_use]
pub fn written(ranges: &[Range]) -> String {
    ranges.iter().map(|range| format!("{}+{}", range.first, range.count)).collect::<Vec<_>>().join(" ")
}

/// What [`written`] wrote.
#[must_use]
pub fn read(text: &str) -> Option<Vec<Range>> {
    let range = |word: &str| {
        let (first, count) = word.split_once('+')?;
        Range::new(first.parse().ok()?, count.parse().ok()?).ok()
    };
    text.split_whitespace().map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_they_were_written() {
        let ranges = vec![Range { first: 1, count: 50 }, Range { first: 90, count: 1 }];
        assert_eq!(written(&ranges), "1+50 90+1");
        assert_eq!(read("1+50 90+1"), Some(ranges));
        assert_eq!(read(""), Some(Vec::new()));
        for wrong in ["1", "1+", "+1", "1+0", "a+1", "1+5001"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
