//! The privilege of a service's official to ask without a code: proposed by one, given by another, neither of whom has it.

use std::collections::BTreeSet;

use straznica_types::{OfficerId, Timestamp, typed_id};

use super::{Change, Reason, VerifierRefusal};
use crate::domain::verification::DocumentKind;

typed_id! {
    /// One privilege.
    pub struct PrivilegeId;
}

/// Where a privilege stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrivilegeState {
    /// Waits for the second person.
    Proposed,
    /// In force until it expires.
    Granted,
    /// The second person said no.
    Refused,
    /// Ended before its time.
    Withdrawn,
}

impl PrivilegeState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Proposed, Self::Granted, Self::Refused, Self::Withdrawn];

    /// As the database and events name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A privilege.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privilege {
    /// Its id.
    pub id: PrivilegeId,
    /// Of which service.
    pub institution: String,
    /// Whose.
    pub officer: OfficerId,
    /// Act and article; every use names it.
    pub legal_basis: Reason,
    /// For what.
    pub kinds: BTreeSet<DocumentKind>,
    /// From then on it is worth nothing.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub state: PrivilegeState,
    /// Who proposed it.
    pub proposed_by: OfficerId,
    /// When.
    pub proposed_at: Timestamp,
    /// Why.
    pub reason: Reason,
    /// The last change.
    pub change: Option<Change>,
}

impl Privilege {
    /// Nobody proposes their own.
    ///
    /// # Errors
    /// [`VerifierRefusal::FourEyes`].
    pub fn must_be_for_another(&self) -> Result<(), VerifierRefusal> {
        if self.proposed_by == self.officer { Err(VerifierRefusal::FourEyes) } else { Ok(()) }
    }

    /// The second person's word: neither the proposer's nor the beneficiary's.
    ///
    /// # Errors
    /// [`VerifierRefusal::FourEyes`], [`VerifierRefusal::PrivilegeState`].
    pub fn decide(
        &mut self,
        grant: bool,
        by: &OfficerId,
        reason: Reason,
        at: Timestamp,
    ) -> Result<(), VerifierRefusal> {
        if self.state != PrivilegeState::Proposed {
            return Err(VerifierRefusal::PrivilegeState(self.state.as_str()));
        }
        if *by == self.proposed_by || *by == self.officer {
            return Err(VerifierRefusal::FourEyes);
        }
        self.state = if grant { PrivilegeState::Granted } else { PrivilegeState::Refused };
        self.change = Some(Change { by: by.clone(), at, reason });
        Ok(())
    }

    /// Ends it, or the proposal.
    ///
    /// # Errors
    /// [`VerifierRefusal::PrivilegeState`].
    pub fn withdraw(&mut self, by: &OfficerId, reason: Reason, at: Timestamp) -> Result<(), VerifierRefusal> {
        if !matches!(self.state, PrivilegeState::Proposed | PrivilegeState::Granted) {
            return Err(VerifierRefusal::PrivilegeState(self.state.as_str()));
        }
        self.state = PrivilegeState::Withdrawn;
        self.change = Some(Change { by: by.clone(), at, reason });
        Ok(())
    }

    /// Whether it lets its official ask for the kind now.
    #[must_use]
    pub fn covers(&self, kind: DocumentKind, now: Timestamp) -> bool {
        self.state == PrivilegeState::Granted && now < self.expires_at && self.kinds.contains(&kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn officer(id: &str) -> OfficerId {
        OfficerId::parse(id).unwrap()
    }

    fn reason() -> Reason {
        Reason::parse("patrole", "/reason").unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn proposed() -> Privilege {
        Privilege {
            id: PrivilegeId::generate_at(at(1)),
            institution: "sg".to_owned(),
            officer: officer("sg-1"),
            legal_basis: Reason::parse("Act, Article 11", "/legal_basis").unwrap(),
            kinds: [DocumentKind::WantedPerson].into(),
            expires_at: at(100),
            state: PrivilegeState::Proposed,
            proposed_by: officer("sg-admin"),
            proposed_at: at(1),
            reason: reason(),
            change: None,
        }
    }

    #[test]
    fn two_others_give_a_privilege() {
        for own in ["sg-1", "sg-admin"] {
            let mut privilege = proposed();
            assert_eq!(privilege.decide(true, &officer(own), reason(), at(2)), Err(VerifierRefusal::FourEyes), "{own}");
            assert!(!privilege.covers(DocumentKind::WantedPerson, at(2)));
        }
        let own = Privilege { proposed_by: officer("sg-1"), ..proposed() };
        assert_eq!(own.must_be_for_another(), Err(VerifierRefusal::FourEyes));
        let mut privilege = proposed();
        privilege.decide(true, &officer("sg-security"), reason(), at(2)).unwrap();
        let again = privilege.decide(false, &officer("sg-security"), reason(), at(3));
        assert_eq!(again, Err(VerifierRefusal::PrivilegeState("granted")));
    }

    #[test]
    fn it_covers_its_kinds_until_it_expires_or_is_withdrawn() {
        let mut privilege = proposed();
        assert!(!privilege.covers(DocumentKind::WantedPerson, at(2)), "only proposed");
        privilege.decide(true, &officer("sg-security"), reason(), at(2)).unwrap();
        assert!(privilege.covers(DocumentKind::WantedPerson, at(99)));
        assert!(!privilege.covers(DocumentKind::WantedPerson, at(100)));
        assert!(!privilege.covers(DocumentKind::IdentityCard, at(99)));
        privilege.withdraw(&officer("sg-admin"), reason(), at(3)).unwrap();
        assert!(!privilege.covers(DocumentKind::WantedPerson, at(4)));
        assert!(privilege.withdraw(&officer("sg-admin"), reason(), at(5)).is_err());
        let mut refused = proposed();
        refused.decide(false, &officer("sg-security"), reason(), at(2)).unwrap();
        assert!(!refused.covers(DocumentKind::WantedPerson, at(3)));
    }
}
