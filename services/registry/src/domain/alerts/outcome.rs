//! What a check comes to.

use serde::{Deserialize, Serialize};

use super::{ResolutionState, Verdict};
use crate::domain::person::words;

words! {
    /// Why something was not checked.
    Unavailable {
        /// The node has no source.
        NotConfigured = "not_configured",
        /// No answer in time.
        TimedOut = "timed_out",
        /// The source or its adapter failed or cannot be reached.
        Unreachable = "unreachable",
        /// The adapter says that what is behind it cannot be asked.
        SourceDown = "source_down",
        /// The source does not answer this question.
        Refused = "refused",
        /// What came is no answer.
        Malformed = "malformed",
        /// A part of the answer is missing.
        Incomplete = "incomplete",
        /// Older than is taken for current.
        Stale = "stale",
    }
}

words! {
    /// What is checked.
    About {
        /// A person.
        Person = "person",
        /// A document.
        Document = "document",
    }
}

/// What a check comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Checked completely, and nothing is there.
    NoHit,
    /// Not checked.
    Unavailable(Unavailable),
    /// Something that may be the person.
    Possible,
    /// Something.
    Hit,
}

impl Outcome {
    /// Its names in the database.
    pub const NAMES: [&str; 4] = ["no_hit", "unavailable", "possible", "hit"];

    /// The name it has in the database, and in the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoHit => "no_hit",
            Self::Unavailable(_) => "unavailable",
            Self::Possible => "possible",
            Self::Hit => "hit",
        }
    }

    /// Why it was not checked.
    #[must_use]
    pub const fn unavailable(self) -> Option<Unavailable> {
        match self {
            Self::Unavailable(why) => Some(why),
            _ => None,
        }
    }

    /// From its name and why it was not checked; `None` where they do not go together.
    #[must_use]
    pub fn from_parts(name: &str, unavailable: Option<Unavailable>) -> Option<Self> {
        match (name, unavailable) {
            ("no_hit", None) => Some(Self::NoHit),
            ("unavailable", Some(why)) => Some(Self::Unavailable(why)),
            ("possible", None) => Some(Self::Possible),
            ("hit", None) => Some(Self::Hit),
            _ => None,
        }
    }

    const fn gravity(self) -> u8 {
        match self {
            Self::NoHit => 0,
            Self::Unavailable(_) => 1,
            Self::Possible => 2,
            Self::Hit => 3,
        }
    }
}

/// Of two checks made together, the one that asks for more.
#[must_use]
pub const fn graver(one: Outcome, other: Outcome) -> Outcome {
    if other.gravity() > one.gravity() { other } else { one }
}

/// What an alert that matched counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The source says it is the person.
    Exact,
    /// It may be.
    Possible,
    /// Two officers say it is.
    Confirmed,
    /// Two officers say it is not.
    Cleared,
}

impl Standing {
    /// Whether it is on the person.
    #[must_use]
    pub const fn is_hit(self) -> bool {
        matches!(self, Self::Exact | Self::Confirmed)
    }
}

/// What an alert counts for, with what officers have said of it. Against the source's certainty nobody's word counts.
#[must_use]
pub const fn standing(exact: bool, said: Option<(Verdict, ResolutionState)>) -> Standing {
    match (exact, said) {
        (true, _) => Standing::Exact,
        (false, Some((Verdict::SamePerson, ResolutionState::Agreed))) => Standing::Confirmed,
        (false, Some((Verdict::NotThePerson, ResolutionState::Agreed))) => Standing::Cleared,
        (false, _) => Standing::Possible,
    }
}

/// What an answer comes to: nothing in it makes up for what is missing of it.
#[must_use]
pub fn outcome(missing: Option<Unavailable>, standings: &[Standing]) -> Outcome {
    if let Some(why) = missing {
        return Outcome::Unavailable(why);
    }
    if standings.iter().any(|standing| standing.is_hit()) {
        Outcome::Hit
    } else if standings.contains(&Standing::Possible) {
        Outcome::Possible
    } else {
        Outcome::NoHit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_answer_without_anything_on_the_person_is_no_hit() {
        use Standing::{Cleared, Confirmed, Exact, Possible};
        for (standings, expected) in [
            (&[][..], Outcome::NoHit),
            (&[Cleared], Outcome::NoHit),
            (&[Cleared, Possible], Outcome::Possible),
            (&[Possible, Confirmed], Outcome::Hit),
            (&[Cleared, Exact], Outcome::Hit),
        ] {
            assert_eq!(outcome(None, standings), expected, "{standings:?}");
            for why in Unavailable::ALL {
                assert_eq!(outcome(Some(*why), standings), Outcome::Unavailable(*why));
            }
        }
    }

    #[test]
    fn one_officer_changes_nothing_and_none_speaks_against_the_source() {
        use ResolutionState::{Agreed, Proposed, Rejected};
        use Verdict::{NotThePerson, SamePerson};
        for (said, expected) in [
            (None, Standing::Possible),
            (Some((NotThePerson, Proposed)), Standing::Possible),
            (Some((NotThePerson, Rejected)), Standing::Possible),
            (Some((SamePerson, Proposed)), Standing::Possible),
            (Some((SamePerson, Rejected)), Standing::Possible),
            (Some((NotThePerson, Agreed)), Standing::Cleared),
            (Some((SamePerson, Agreed)), Standing::Confirmed),
        ] {
            assert_eq!((standing(false, said), standing(true, said)), (expected, Standing::Exact));
        }
    }

    #[test]
    fn of_two_checks_the_graver_counts() {
        let order = [Outcome::NoHit, Outcome::Unavailable(Unavailable::Stale), Outcome::Possible, Outcome::Hit];
        for (at, one) in order.iter().enumerate() {
            for (other_at, other) in order.iter().enumerate() {
                assert_eq!(graver(*one, *other), order[at.max(other_at)]);
            }
        }
    }

    #[test]
    fn an_outcome_is_read_as_it_was_written_and_in_no_other_way() {
        for outcome in [Outcome::NoHit, Outcome::Possible, Outcome::Hit, Outcome::Unavailable(Unavailable::Refused)] {
            assert!(Outcome::NAMES.contains(&outcome.as_str()));
            assert_eq!(Outcome::from_parts(outcome.as_str(), outcome.unavailable()), Some(outcome));
        }
        assert_eq!(Outcome::from_parts("no_hit", Some(Unavailable::Stale)), None);
        assert_eq!(Outcome::from_parts("unavailable", None), None);
        assert_eq!(Outcome::from_parts("clear", None), None);
    }
}
