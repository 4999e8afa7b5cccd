//! What of a person is searched by.

use serde::{Deserialize, Serialize};
use straznica_types::{CivilDate, Timestamp};

use crate::domain::person::{Fact, FactKind, Statement};

/// Every name, birth, nationality, sex and document ever stated of a person: what a search opens, in one piece.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findable {
    /// In the order of their recording.
    #[serde(rename = "f")]
    pub facts: Vec<KnownFact>,
}

/// A fact, and when it was known to hold. Kept encrypted, by short names: a search opens hundreds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFact {
    /// What.
    #[serde(rename = "w")]
    pub fact: Fact,
    /// From when it is known, milliseconds.
    #[serde(rename = "s")]
    pub since: i64,
    /// From when it was known to be otherwise: what replaced or withdrew it, milliseconds.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<i64>,
    /// The first day on which it does not hold any more, in days since 1970-01-01.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<i64>,
}

/// How a fact stands at a moment, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It holds.
    Current,
    /// It held once.
    Ended,
    /// It was stated, and replaced or withdrawn.
    Replaced,
}

impl Findable {
    /// What of some statements is searched by.
    #[must_use]
    pub fn of(statements: &[Statement]) -> Self {
        let searched = |statement: &&Statement| searched_by(statement.kind);
        let known = |statement: &Statement| {
            let replaced = statements.iter().find(|other| other.replaces == Some(statement.id));
            Some(KnownFact {
                fact: statement.fact.clone()?,
                since: statement.recorded_at.millis(),
                replaced: replaced.map(|other| other.recorded_at.millis()),
                ended: statement.validity.to.map(CivilDate::days_since_epoch),
            })
        };
        Self { facts: statements.iter().filter(searched).filter_map(known).collect() }
    }

    /// What was stated by a moment, each with how it stands then.
    pub fn known(&self, at: Timestamp, day: CivilDate) -> impl Iterator<Item = (&Fact, Standing)> {
        self.facts.iter().filter_map(move |known| Some((&known.fact, known.standing(at, day)?)))
    }
}

impl KnownFact {
    /// `None`: nobody had stated it.
    fn standing(&self, at: Timestamp, day: CivilDate) -> Option<Standing> {
        let (at, day) = (at.millis(), day.days_since_epoch());
        if self.since > at {
            return None;
        }
        Some(match (self.replaced, self.ended) {
            (Some(replaced), _) if replaced <= at => Standing::Replaced,
            (_, Some(ended)) if ended <= day => Standing::Ended,
            _ => Standing::Current,
        })
    }
}

/// Whether facts of a kind are searched by.
pub(crate) const fn searched_by(kind: FactKind) -> bool {
    match kind {
        FactKind::Name | FactKind::Birth | FactKind::Nationality | FactKind::Sex | FactKind::Document => true,
        FactKind::Address | FactKind::FamilyLink | FactKind::Vulnerability => false,
    }
}
