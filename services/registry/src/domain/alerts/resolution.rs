//! A possible hit, compared by two officers.

use std::fmt;

use serde::{Deserialize, Serialize};
use straznica_types::{OfficerId, Timestamp};

use crate::domain::person::words;
use crate::domain::{AlertResolutionId, Refusal};

/// Longest grounds, in characters.
const LONGEST_GROUNDS: usize = 500;

words! {
    /// What an officer says.
    Verdict {
        /// The alert is on this person.
        SamePerson = "same_person",
        /// It is on somebody else.
        NotThePerson = "not_the_person",
    }
}

words! {
    /// How far it has come.
    ResolutionState {
        /// One officer says so.
        Proposed = "proposed",
        /// Another one too.
        Agreed = "agreed",
        /// Another one does not.
        Rejected = "rejected",
    }
}

/// What the second officer said.
#[derive(Clone, PartialEq, Eq)]
pub struct ResolutionDecision {
    /// Whether they agree.
    pub agreed: bool,
    /// Why.
    pub grounds: String,
    /// Who.
    pub by: OfficerId,
    /// When.
    pub at: Timestamp,
}

/// What officers say of a possible hit. Its state follows from who said what. Grounds are not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Resolution {
    /// Its id.
    pub id: AlertResolutionId,
    /// What the first officer says.
    pub verdict: Verdict,
    /// What they compared.
    pub grounds: String,
    /// Who.
    pub by: OfficerId,
    /// When.
    pub at: Timestamp,
    /// What another officer said.
    pub decision: Option<ResolutionDecision>,
}

impl fmt::Debug for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolution").field("id", &self.id).field("state", &self.state()).finish_non_exhaustive()
    }
}

impl Resolution {
    /// How far it has come.
    #[must_use]
    pub const fn state(&self) -> ResolutionState {
        match &self.decision {
            None => ResolutionState::Proposed,
            Some(ResolutionDecision { agreed: true, .. }) => ResolutionState::Agreed,
            Some(ResolutionDecision { agreed: false, .. }) => ResolutionState::Rejected,
        }
    }

    /// Agrees, or does not.
    ///
    /// # Errors
    /// [`Refusal::OwnResolution`] for the first officer, [`Refusal::Resolved`] once somebody has, or what is wrong with the grounds.
    pub fn decide(&mut self, agreed: bool, grounds: &str, by: &OfficerId, at: Timestamp) -> Result<(), Refusal> {
        if self.decision.is_some() {
            return Err(Refusal::Resolved);
        }
        if self.by == *by {
            return Err(Refusal::OwnResolution);
        }
        self.decision = Some(ResolutionDecision { agreed, grounds: check_grounds(grounds)?, by: by.clone(), at });
        Ok(())
    }
}

/// Grounds as they are kept.
///
/// # Errors
/// [`Refusal::Missing`] or [`Refusal::Invalid`].
pub fn check_grounds(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::Missing { member: "/grounds" });
    }
    if text.chars().count() > LONGEST_GROUNDS || text.chars().any(char::is_control) {
        return Err(Refusal::Invalid { member: "/grounds", expected: "1 to 500 characters" });
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn officer(name: &str) -> OfficerId {
        OfficerId::parse(name).unwrap()
    }

    #[test]
    fn a_possible_hit_takes_two_officers_and_their_grounds() {
        let at = Timestamp::from_seconds(1_795_341_600);
        let proposed = Resolution {
            id: AlertResolutionId::generate_at(at),
            verdict: Verdict::NotThePerson,
            grounds: "another place of birth".to_owned(),
            by: officer("first"),
            at,
            decision: None,
        };
        assert_eq!(proposed.state(), ResolutionState::Proposed);
        let mut resolution = proposed.clone();
        assert_eq!(resolution.decide(true, "seen", &officer("first"), at), Err(Refusal::OwnResolution));
        assert_eq!(resolution.decide(true, " ", &officer("second"), at), Err(Refusal::Missing { member: "/grounds" }));
        assert_eq!(resolution.state(), ResolutionState::Proposed);
        assert_eq!(resolution.decide(true, "seen", &officer("second"), at), Ok(()));
        assert_eq!(resolution.state(), ResolutionState::Agreed);
        assert_eq!(resolution.decide(false, "no", &officer("third"), at), Err(Refusal::Resolved));
        let mut rejected = proposed;
        rejected.decide(false, "same scar", &officer("second"), at).unwrap();
        assert_eq!(rejected.state(), ResolutionState::Rejected);
        assert!(!format!("{rejected:?}").contains("scar"));
    }

    #[test]
    fn grounds_are_a_line_of_text() {
        for wrong in ["", "  ", "a\nb", &"g".repeat(501)] {
            assert!(check_grounds(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(check_grounds(" seen ").as_deref(), Ok("seen"));
    }
}
