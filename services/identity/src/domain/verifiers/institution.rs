//! Institutions: applied, decided on by another person, suspended, closed.

use std::collections::BTreeSet;

use straznica_types::{OfficerId, Timestamp};

use super::{Logins, Reason, VerifierRefusal, is_special_service};
use crate::domain::Refusal;
use crate::domain::verification::{DocumentKind, Institution, VerificationPurposes};

/// Of which sort an institution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstitutionKind {
    /// A public office.
    Office,
    /// Anybody of the private sector.
    PrivateBody,
    /// A competent authority of Directive (EU) 2016/680, e.g. police or Border Guard.
    Service,
}

impl InstitutionKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Office, Self::PrivateBody, Self::Service];

    /// As the database and events name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::PrivateBody => "private_body",
            Self::Service => "service",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where an institution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstitutionState {
    /// Waits for a decision.
    Applied,
    /// May ask.
    Active,
    /// Was not let in.
    Refused,
    /// May not ask for the time being.
    Suspended,
    /// Asks no more.
    Closed,
}

impl InstitutionState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Applied, Self::Active, Self::Refused, Self::Suspended, Self::Closed];

    /// As the database and events name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Active => "active",
            Self::Refused => "refused",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What a central administrator does to an institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Lets it in.
    Approve,
    /// Does not.
    Refuse,
    /// Stops it.
    Suspend,
    /// Lets it go on.
    Resume,
    /// Ends it.
    Close,
}

/// The last change of an institution's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Who.
    pub by: OfficerId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Reason,
}

/// An institution on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Identifier, and name as the citizen reads it.
    pub institution: Institution,
    /// Act and article by which it asks.
    pub legal_basis: Reason,
    /// Where its administrators are reached.
    pub contact: Reason,
    /// What it may ask for.
    pub kinds: BTreeSet<DocumentKind>,
    /// What for.
    pub purposes: BTreeSet<String>,
    /// Where it stands.
    pub state: InstitutionState,
    /// Who entered the application.
    pub entered_by: OfficerId,
    /// When.
    pub applied_at: Timestamp,
    /// The last change.
    pub change: Option<Change>,
}

/// An institution that applies, with who shall look after its people.
#[derive(Debug, Clone)]
pub struct Application {
    /// The institution.
    pub registered: Registered,
    /// The first local administrator.
    pub administrator: OfficerId,
    /// How they log in.
    pub logins: Logins,
}

impl Registered {
    /// What an application must hold.
    ///
    /// # Errors
    /// [`Refusal`], naming the member.
    pub fn check(&self, purposes: &VerificationPurposes) -> Result<(), Refusal> {
        let for_services_only = |kind: &DocumentKind| !kind.can_be_activated();
        if self.institution.kind() != InstitutionKind::Service && self.kinds.iter().any(for_services_only) {
            return Err(Refusal::Invalid { member: "/kinds", expected: "kinds of documents citizens can activate" });
        }
        if self.kinds.is_empty() {
            return Err(Refusal::Missing { member: "/kinds" });
        }
        if self.purposes.is_empty() {
            return Err(Refusal::Missing { member: "/purposes" });
        }
        if self.purposes.iter().any(|purpose| purposes.get(purpose).is_none()) {
            let expected = "purposes this node is configured with";
            return Err(Refusal::Invalid { member: "/purposes", expected });
        }
        Ok(())
    }

    /// Whether it is a special service. Asked at every use, whatever was decided before.
    #[must_use]
    pub fn is_excluded(&self) -> bool {
        let institution = &self.institution;
        is_special_service(institution.kind(), &[institution.id(), institution.name(), self.legal_basis.as_str()])
    }

    /// Whether its people may act now.
    ///
    /// # Errors
    /// [`VerifierRefusal::Excluded`], [`VerifierRefusal::InstitutionState`].
    pub fn must_be_active(&self) -> Result<(), VerifierRefusal> {
        if self.is_excluded() {
            return Err(VerifierRefusal::Excluded);
        }
        match self.state {
            InstitutionState::Active => Ok(()),
            other => Err(VerifierRefusal::InstitutionState(other.as_str())),
        }
    }

    /// Whether it was approved for this.
    ///
    /// # Errors
    /// [`VerifierRefusal::NotAgreed`].
    pub fn must_have_agreed(&self, kind: DocumentKind, purpose: &str) -> Result<(), VerifierRefusal> {
        if !self.kinds.contains(&kind) {
            return Err(VerifierRefusal::NotAgreed("kind of document"));
        }
        if !self.purposes.contains(purpose) {
            return Err(VerifierRefusal::NotAgreed("purpose"));
        }
        Ok(())
    }

    /// Takes a step. Who entered an application does not decide on it.
    ///
    /// # Errors
    /// [`VerifierRefusal`].
    pub fn take(&mut self, step: Step, by: &OfficerId, reason: Reason, at: Timestamp) -> Result<(), VerifierRefusal> {
        use InstitutionState::{Active, Applied, Closed, Refused, Suspended};
        let next = match (self.state, step) {
            (Applied, Step::Approve) => Active,
            (Applied, Step::Refuse) => Refused,
            (Active, Step::Suspend) => Suspended,
            (Suspended, Step::Resume) => Active,
            (Active | Suspended, Step::Close) => Closed,
            (state, _) => return Err(VerifierRefusal::InstitutionState(state.as_str())),
        };
        if matches!(step, Step::Approve | Step::Refuse) && *by == self.entered_by {
            return Err(VerifierRefusal::FourEyes);
        }
        if next == Active && self.is_excluded() {
            return Err(VerifierRefusal::Excluded);
        }
        self.state = next;
        self.change = Some(Change { by: by.clone(), at, reason });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::verification::VerificationPurpose;

    fn officer(id: &str) -> OfficerId {
        OfficerId::parse(id).unwrap()
    }

    fn reason() -> Reason {
        Reason::parse("uchwała", "/reason").unwrap()
    }

    fn registered(name: &str, kind: InstitutionKind) -> Registered {
        Registered {
            institution: Institution::new("um-1", name, kind).unwrap(),
            legal_basis: Reason::parse("Act, Article 1", "/legal_basis").unwrap(),
            contact: Reason::parse("Rynek 1", "/contact").unwrap(),
            kinds: [DocumentKind::IdentityCard].into(),
            purposes: ["office_matter".to_owned()].into(),
            state: InstitutionState::Applied,
            entered_by: officer("c-1"),
            applied_at: Timestamp::from_seconds(0),
            change: None,
        }
    }

    #[test]
    fn each_state_allows_its_steps_and_no_other() {
        use InstitutionState::{Active, Applied, Closed, Refused, Suspended};
        let allowed = [
            (Applied, Step::Approve, Active),
            (Applied, Step::Refuse, Refused),
            (Active, Step::Suspend, Suspended),
            (Suspended, Step::Resume, Active),
            (Active, Step::Close, Closed),
            (Suspended, Step::Close, Closed),
        ];
        for state in InstitutionState::ALL {
            for step in [Step::Approve, Step::Refuse, Step::Suspend, Step::Resume, Step::Close] {
                let mut institution = Registered { state, ..registered("Urząd", InstitutionKind::Office) };
                let taken = institution.take(step, &officer("c-2"), reason(), Timestamp::from_seconds(1));
                match allowed.iter().find(|(from, by, _)| (*from, *by) == (state, step)) {
                    Some((_, _, to)) => assert_eq!((taken, institution.state), (Ok(()), *to)),
                    None => {
                        assert_eq!(taken, Err(VerifierRefusal::InstitutionState(state.as_str())));
                        assert_eq!(institution.state, state);
                    }
                }
            }
        }
    }

    #[test]
    fn nobody_decides_on_an_application_they_entered() {
        for step in [Step::Approve, Step::Refuse] {
            let mut institution = registered("Urząd", InstitutionKind::Office);
            let own = institution.take(step, &officer("c-1"), reason(), Timestamp::from_seconds(1));
            assert_eq!(own, Err(VerifierRefusal::FourEyes));
            assert_eq!(institution.state, InstitutionState::Applied);
        }
    }

    #[test]
    fn a_special_service_is_refused_at_application_at_decision_and_at_use() {
        let purpose = VerificationPurpose {
            id: "office_matter".to_owned(),
            legal_basis: "Act".to_owned(),
            in_message: "sprawa".to_owned(),
            deferred_days: 0,
        };
        let purposes = VerificationPurposes::new(&[purpose]).unwrap();
        let mut special = registered("ABW", InstitutionKind::Service);
        assert!(special.is_excluded());
        let approved = special.take(Step::Approve, &officer("c-2"), reason(), Timestamp::from_seconds(1));
        assert_eq!(approved, Err(VerifierRefusal::Excluded));
        special.state = InstitutionState::Active;
        assert_eq!(special.must_be_active(), Err(VerifierRefusal::Excluded));
        let mut ordinary = registered("Urząd", InstitutionKind::Office);
        assert_eq!(ordinary.check(&purposes), Ok(()));
        ordinary.kinds.insert(DocumentKind::WantedPerson);
        assert!(ordinary.check(&purposes).is_err(), "for services only");
        ordinary.kinds.remove(&DocumentKind::WantedPerson);
        ordinary.purposes.insert("curiosity".to_owned());
        assert!(ordinary.check(&purposes).is_err());
        assert_eq!(
            ordinary.must_have_agreed(DocumentKind::VehicleCard, "office_matter"),
            Err(VerifierRefusal::NotAgreed("kind of document"))
        );
        assert_eq!(
            ordinary.must_have_agreed(DocumentKind::IdentityCard, "other"),
            Err(VerifierRefusal::NotAgreed("purpose"))
        );
        assert_eq!(ordinary.must_have_agreed(DocumentKind::IdentityCard, "office_matter"), Ok(()));
    }
}
