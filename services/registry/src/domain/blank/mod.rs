//! Blanks of documents, each one accounted for: delivered, moved, issued, spoilt, destroyed, missing, found. Whoever has them in hand cannot make one appear or
//! vanish alone: what enters, moves or leaves is proposed by one officer and confirmed by another, and two count.

mod balance;
mod count;
mod order;
mod range;

pub use balance::Balance;
pub use count::{Counted, compare};
pub use order::{Order, OrderAction, read, written};
pub use range::{BlankNumber, LONGEST_RANGE, Range, Series, numbers_of, ranges_of};

use super::Refusal;

/// Where a blank is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BlankState {
    /// In the office's safe.
    InStock,
    /// It became a document.
    Issued,
    /// It was spoilt, and waits to be destroyed.
    Spoilt,
    /// It was not there when two people counted.
    Missing,
    /// It was destroyed.
    Destroyed,
}

impl BlankState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::InStock, Self::Issued, Self::Spoilt, Self::Missing, Self::Destroyed];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InStock => "in_stock",
            Self::Issued => "issued",
            Self::Spoilt => "spoilt",
            Self::Missing => "missing",
            Self::Destroyed => "destroyed",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What happens to blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Movement {
    /// They came from the printer.
    Delivered,
    /// They left for another office.
    MovedOut,
    /// They came from another office.
    MovedIn,
    /// One became a document.
    Issued,
    /// One was spoilt.
    Spoilt,
    /// Destroyed out of the safe: the form is not used any more.
    Withdrawn,
    /// What was spoilt was destroyed.
    Destroyed,
    /// Not there when two people counted.
    Missed,
    /// There again.
    Found,
}

impl Movement {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::Delivered,
        Self::MovedOut,
        Self::MovedIn,
        Self::Issued,
        Self::Spoilt,
        Self::Withdrawn,
        Self::Destroyed,
        Self::Missed,
        Self::Found,
    ];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::MovedOut => "moved_out",
            Self::MovedIn => "moved_in",
            Self::Issued => "issued",
            Self::Spoilt => "spoilt",
            Self::Withdrawn => "withdrawn",
            Self::Destroyed => "destroyed",
            Self::Missed => "missed",
            Self::Found => "found",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|movement| movement.as_str() == name)
    }

    /// Where it leaves a blank that was there; `None` stands for one the office did not have.
    ///
    /// # Errors
    /// [`Refusal::Blank`] where that cannot happen to it.
    pub const fn of(self, before: Option<BlankState>) -> Result<Option<BlankState>, Refusal> {
        use BlankState::{Destroyed, InStock, Issued, Missing, Spoilt};
        match (self, before) {
            (Self::Delivered | Self::MovedIn, None) | (Self::Found, Some(Missing)) => Ok(Some(InStock)),
            (Self::MovedOut, Some(InStock)) => Ok(None),
            (Self::Issued, Some(InStock)) => Ok(Some(Issued)),
            (Self::Spoilt, Some(InStock)) => Ok(Some(Spoilt)),
            (Self::Withdrawn, Some(InStock)) | (Self::Destroyed, Some(Spoilt)) => Ok(Some(Destroyed)),
            (Self::Missed, Some(InStock)) => Ok(Some(Missing)),
            _ => Err(Refusal::Blank),
        }
    }
}

#[cfg(test)]
mod tests;
