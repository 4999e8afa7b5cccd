//! A decision on its way: drafted, approved by another officer, issued.

use straznica_types::{OfficerId, Timestamp};

use crate::domain::{DecisionId, Refusal};

/// Where a decision is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionState {
    /// One officer wants it.
    Drafted,
    /// Another one too.
    Approved,
    /// It was issued.
    Issued,
}

impl DecisionState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Drafted, Self::Approved, Self::Issued];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::Approved => "approved",
            Self::Issued => "issued",
        }
    }
}

/// A decision. Its state follows from who did what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// Its name in the rule set.
    pub decision: String,
    /// Who drafted it.
    pub drafted_by: OfficerId,
    /// When.
    pub drafted_at: Timestamp,
    /// Who approved it, and when.
    pub approved: Option<(OfficerId, Timestamp)>,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
}

impl Decision {
    /// Where it is.
    #[must_use]
    pub const fn state(&self) -> DecisionState {
        match (&self.approved, self.issued_at) {
            (_, Some(_)) => DecisionState::Issued,
            (Some(_), None) => DecisionState::Approved,
            (None, None) => DecisionState::Drafted,
        }
    }

    /// Approves a draft.
    ///
    /// # Errors
    /// [`Refusal::OwnDraft`] for who drafted it, [`Refusal::DecisionState`] unless it is a draft.
    pub fn approve(&mut self, by: &OfficerId, at: Timestamp) -> Result<(), Refusal> {
        if self.state() != DecisionState::Drafted {
            return Err(Refusal::DecisionState);
        }
        if self.drafted_by == *by {
            return Err(Refusal::OwnDraft);
        }
        self.approved = Some((by.clone(), at));
        Ok(())
    }

    /// Issues an approved one.
    ///
    /// # Errors
    /// [`Refusal::DecisionState`] unless it is approved.
    pub const fn issue(&mut self, at: Timestamp) -> Result<(), Refusal> {
        if !matches!(self.state(), DecisionState::Approved) {
            return Err(Refusal::DecisionState);
        }
        self.issued_at = Some(at);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_issued_after_two_officers_and_once() {
        let officer = |name: &str| OfficerId::parse(name).unwrap();
        let at = Timestamp::from_seconds(1_795_341_600);
        let mut decision = Decision {
            id: DecisionId::generate_at(at),
            decision: "refusal".to_owned(),
            drafted_by: officer("first"),
            drafted_at: at,
            approved: None,
            issued_at: None,
        };
        assert_eq!(decision.issue(at), Err(Refusal::DecisionState));
        assert_eq!(decision.approve(&officer("first"), at), Err(Refusal::OwnDraft));
        assert_eq!(decision.approve(&officer("second"), at), Ok(()));
        assert_eq!(decision.approve(&officer("third"), at), Err(Refusal::DecisionState));
        assert_eq!(decision.issue(at), Ok(()));
        assert_eq!(decision.issue(at), Err(Refusal::DecisionState));
        assert_eq!(decision.state(), DecisionState::Issued);
    }
}
