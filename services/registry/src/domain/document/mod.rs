//! A document that comes of a case: until when it is valid, what became of it.

mod validity;

use straznica_types::{CivilDate, OfficerId, Timestamp};

pub use validity::{first_day_and_last, prolonged_to};

use super::blank::BlankNumber;
use super::{CaseId, DocumentId, PersonId, Refusal};

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentState {
    /// It is valid, up to its last day.
    Valid,
    /// Lost or stolen.
    Lost,
    /// Given back.
    Returned,
    /// Annulled.
    Annulled,
    /// Destroyed.
    Destroyed,
}

impl DocumentState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Valid, Self::Lost, Self::Returned, Self::Annulled, Self::Destroyed];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Lost => "lost",
            Self::Returned => "returned",
            Self::Annulled => "annulled",
            Self::Destroyed => "destroyed",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What is done with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentStep {
    /// It was made.
    Issued,
    /// It was made valid for longer.
    Extended,
    /// Lost or stolen.
    Lost,
    /// What was lost is back, and stays invalid.
    Found,
    /// Given back.
    Returned,
    /// Annulled.
    Annulled,
    /// Destroyed.
    Destroyed,
}

impl DocumentStep {
    /// Every one.
    pub const ALL: [Self; 7] =
        [Self::Issued, Self::Extended, Self::Lost, Self::Found, Self::Returned, Self::Annulled, Self::Destroyed];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Extended => "extended",
            Self::Lost => "lost",
            Self::Found => "found",
            Self::Returned => "returned",
            Self::Annulled => "annulled",
            Self::Destroyed => "destroyed",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == name)
    }

    /// Where it leaves a document.
    ///
    /// # Errors
    /// [`Refusal::DocumentState`] where that cannot be done with it.
    pub const fn of(self, before: DocumentState) -> Result<DocumentState, Refusal> {
        use DocumentState::{Annulled, Destroyed, Lost, Returned, Valid};
        match (self, before) {
            (Self::Extended, Valid) => Ok(Valid),
            (Self::Lost, Valid) => Ok(Lost),
            (Self::Returned, Valid) | (Self::Found, Lost) => Ok(Returned),
            (Self::Annulled, Valid | Lost | Returned) => Ok(Annulled),
            (Self::Destroyed, Returned | Annulled) => Ok(Destroyed),
            _ => Err(Refusal::DocumentState),
        }
    }
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The case it comes of.
    pub case: CaseId,
    /// Whose it is.
    pub person: PersonId,
    /// A document of the rule set.
    pub kind: String,
    /// The kind of its blank.
    pub blank_kind: String,
    /// The number it bears, which is its blank's.
    pub number: BlankNumber,
    /// Where it was issued.
    pub office: String,
    /// What became of it.
    pub state: DocumentState,
    /// The last day it is valid.
    pub valid_to: CivilDate,
    /// Rises with each change.
    pub version: u64,
}

impl Document {
    /// Whether somebody can show it on a day and be believed.
    #[must_use]
    pub fn holds_on(&self, day: CivilDate) -> bool {
        self.state == DocumentState::Valid && day <= self.valid_to
    }
}

/// Something done with a document, on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    /// What.
    pub step: DocumentStep,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: OfficerId,
    /// Why; empty for issue and prolongation.
    pub reason: String,
    /// Until when it was made valid.
    pub valid_to: Option<CivilDate>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_is_never_valid_again_and_what_is_destroyed_is_gone() {
        use DocumentState::{Annulled, Destroyed, Lost, Returned, Valid};
        for (step, before, after) in [
            (DocumentStep::Extended, Valid, Some(Valid)),
            (DocumentStep::Extended, Lost, None),
            (DocumentStep::Lost, Valid, Some(Lost)),
            (DocumentStep::Found, Lost, Some(Returned)),
            (DocumentStep::Found, Valid, None),
            (DocumentStep::Returned, Lost, None),
            (DocumentStep::Annulled, Lost, Some(Annulled)),
            (DocumentStep::Annulled, Destroyed, None),
            (DocumentStep::Destroyed, Valid, None),
            (DocumentStep::Destroyed, Returned, Some(Destroyed)),
            (DocumentStep::Issued, Valid, None),
        ] {
            assert_eq!(step.of(before).ok(), after, "{step:?} {before:?}");
        }
    }
}
