//! The file of a case: what is recorded in it, its decisions, and where that leaves it.

mod decision;
mod standing;

use straznica_types::{OfficerId, Timestamp};

pub use decision::{Decision, DecisionState};
pub use standing::{NO_DUE, Standing, Work, work};

use super::clock::Happened;
use super::rules::{CaseType, Party};
use super::{CaseId, PersonId};

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    /// Its id.
    pub id: CaseId,
    /// As people call it.
    pub number: String,
    /// A type of a rule set.
    pub case_type: String,
    /// The rule set it fell under when it was opened; a later one may have taken it over.
    pub rule_set: String,
    /// When what opened it happened: which law it falls under, and how long it has waited.
    pub opened_at: Timestamp,
    /// Rises with each change.
    pub version: u64,
    /// Who works on it.
    pub taken_by: Option<OfficerId>,
}

/// Something recorded in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What.
    pub happened: Happened,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// By whom.
    pub recorded_by: OfficerId,
}

/// A case with everything in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeCase {
    /// The case.
    pub file: CaseFile,
    /// Whom it covers, the applicant first.
    pub persons: Vec<PersonId>,
    /// What happened, in the order it was recorded.
    pub events: Vec<Recorded>,
    /// Its decisions, in the order they were drafted.
    pub decisions: Vec<Decision>,
}

impl WholeCase {
    /// What happened, for the clock.
    #[must_use]
    pub fn happened(&self) -> Vec<Happened> {
        self.events.iter().map(|recorded| recorded.happened.clone()).collect()
    }

    /// Whether an officer drafted or approved a decision in it that somebody else than this party took (KPA art. 24 § 1 pkt 5).
    #[must_use]
    pub fn took_part_below(&self, officer: &OfficerId, law: &CaseType, above: Party) -> bool {
        let below = |made: &&Decision| law.decision(&made.decision).is_some_and(|rule| rule.by != above);
        let by_them = |made: &Decision| {
            made.drafted_by == *officer || made.approved.as_ref().is_some_and(|(approver, _)| approver == officer)
        };
        self.decisions.iter().filter(below).any(by_them)
    }

    /// The number of the next event.
    #[must_use]
    pub fn next_number(&self) -> u32 {
        self.events.iter().map(|recorded| recorded.happened.number).max().map_or(1, |last| last.saturating_add(1))
    }
}
