//! The course of an intake, and the outcomes of its rows.

use serde::{Deserialize, Serialize};
use straznica_types::{OfficerId, Timestamp};

use super::column::Kind;
use crate::domain::person::words;
use crate::domain::{IntakeId, Refusal};

words! {
    /// Where an intake is.
    State {
        /// One officer wants it.
        Proposed = "proposed",
        /// Another one too: rows are taken in.
        Running = "running",
        /// Every row has its outcome.
        Done = "done",
        /// Nobody wants it any more.
        GivenUp = "given_up",
    }
}

words! {
    /// What became of a row.
    Outcome {
        /// Nothing yet.
        Waiting = "waiting",
        /// It was taken in.
        Accepted = "accepted",
        /// It had been taken in before, and says the same.
        Unchanged = "unchanged",
        /// It was not taken in.
        Refused = "refused",
    }
}

/// A file on its way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake {
    /// Its id.
    pub id: IntakeId,
    /// Where the rows come from.
    pub source: String,
    /// What they are.
    pub kind: Kind,
    /// The mapping's name; empty: our own columns.
    pub mapping: String,
    /// The mapping's digest.
    pub mapping_digest: String,
    /// The file's digest.
    pub file_digest: String,
    /// Only to find out what would happen.
    pub dry_run: bool,
    /// Where it is.
    pub state: State,
    /// What it is done for.
    pub purpose: String,
    /// Under which number.
    pub case_number: String,
    /// Who proposed it.
    pub proposed_by: OfficerId,
    /// When.
    pub proposed_at: Timestamp,
    /// Who started it or gave it up.
    pub decided_by: Option<OfficerId>,
    /// When every row had its outcome.
    pub finished_at: Option<Timestamp>,
}

impl Intake {
    /// Starts it.
    ///
    /// # Errors
    /// [`Refusal::OwnIntake`] for who proposed it, [`Refusal::IntakeState`] unless it is proposed.
    pub fn start(&mut self, by: &OfficerId) -> Result<(), Refusal> {
        if self.state != State::Proposed {
            return Err(Refusal::IntakeState);
        }
        if self.proposed_by == *by {
            return Err(Refusal::OwnIntake);
        }
        self.state = State::Running;
        self.decided_by = Some(by.clone());
        Ok(())
    }

    /// Gives it up. What was taken in stays.
    ///
    /// # Errors
    /// [`Refusal::IntakeState`] when it is over.
    pub fn give_up(&mut self, by: &OfficerId, at: Timestamp) -> Result<(), Refusal> {
        if !matches!(self.state, State::Proposed | State::Running) {
            return Err(Refusal::IntakeState);
        }
        self.state = State::GivenUp;
        self.decided_by = Some(by.clone());
        self.finished_at = Some(at);
        Ok(())
    }
}

/// Rows by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Nothing became of them yet.
    pub waiting: u64,
    /// Taken in.
    pub accepted: u64,
    /// Taken in before.
    pub unchanged: u64,
    /// Not taken in.
    pub refused: u64,
}

impl Counts {
    /// Counts some rows of one outcome.
    pub const fn add(&mut self, outcome: Outcome, rows: u64) {
        let counted = match outcome {
            Outcome::Waiting => &mut self.waiting,
            Outcome::Accepted => &mut self.accepted,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Refused => &mut self.refused,
        };
        *counted += rows;
    }

    /// All of them.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.waiting + self.accepted + self.unchanged + self.refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_in_by_two_officers_and_once() {
        let officer = |name: &str| OfficerId::parse(name).unwrap();
        let at = Timestamp::from_seconds(1_795_341_600);
        let mut intake = Intake {
            id: IntakeId::generate_at(at),
            source: "centre".to_owned(),
            kind: Kind::Persons,
            mapping: String::new(),
            mapping_digest: String::new(),
            file_digest: String::new(),
            dry_run: false,
            state: State::Proposed,
            purpose: "border_intake".to_owned(),
            case_number: "1".to_owned(),
            proposed_by: officer("first"),
            proposed_at: at,
            decided_by: None,
            finished_at: None,
        };
        assert_eq!(intake.start(&officer("first")), Err(Refusal::OwnIntake));
        assert_eq!(intake.start(&officer("second")), Ok(()));
        assert_eq!(intake.start(&officer("third")), Err(Refusal::IntakeState));
        assert_eq!(intake.give_up(&officer("first"), at), Ok(()));
        assert_eq!(intake.give_up(&officer("first"), at), Err(Refusal::IntakeState));
    }
}
