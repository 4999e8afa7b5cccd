//! A statement, and what is known at a moment.

use straznica_types::{CivilDate, OfficerId, Timestamp};

use super::{Fact, FactKind};
use crate::domain::{Refusal, StatementId};

/// The days on which something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first day; `None`: nobody knows since when.
    pub from: Option<CivilDate>,
    /// The first day on which it does not hold any more; `None`: it still does.
    pub to: Option<CivilDate>,
}

impl Validity {
    /// That it does not end before it begins.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub fn new(from: Option<CivilDate>, to: Option<CivilDate>) -> Result<Self, Refusal> {
        match (from, to) {
            (Some(from), Some(to)) if to <= from => {
                Err(Refusal::Invalid { member: "/valid_to", expected: "a day after the first" })
            }
            _ => Ok(Self { from, to }),
        }
    }

    /// Whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: CivilDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub id: StatementId,
    /// What it is about.
    pub kind: FactKind,
    /// What it says; `None`: that what it replaces never was.
    pub fact: Option<Fact>,
    /// When it holds.
    pub validity: Validity,
    /// Where it comes from.
    pub source: String,
    /// Why it was made.
    pub reason: String,
    /// From when it is known.
    pub recorded_at: Timestamp,
    /// Who made it.
    pub recorded_by: OfficerId,
    /// What it replaces.
    pub replaces: Option<StatementId>,
}

/// What was known at a moment: recorded by then, not replaced by then, not withdrawn.
pub fn known(statements: &[Statement], at: Timestamp) -> impl Iterator<Item = &Statement> {
    let by_then = move |statement: &&Statement| statement.recorded_at <= at;
    statements.iter().filter(by_then).filter(move |statement| {
        let replaced = statements.iter().filter(by_then).any(|other| other.replaces == Some(statement.id));
        !replaced && statement.fact.is_some()
    })
}

/// What was known at a moment of a day.
pub fn valid_on(statements: &[Statement], at: Timestamp, day: CivilDate) -> impl Iterator<Item = &Statement> {
    known(statements, at).filter(move |statement| statement.validity.holds_on(day))
}
