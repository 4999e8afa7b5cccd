//! The citizen's side: ids, and what is asked for by whom.

use identifiers::{Pesel, PhoneNumber};
use straznica_types::{CivilDate, Environment, Timestamp, typed_id};

typed_id! {
    /// A citizen who uses the service. Says nothing about the person.
    pub struct CitizenId;
}

typed_id! {
    /// One verification; also the transaction a code is bound to.
    pub struct VerificationId;
}

typed_id! {
    /// One confirmation of a phone number; also the transaction its code is bound to.
    pub struct PhoneProofId;
}

/// What the official typed. Prints as `***`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// Number in the population register.
    Pesel(Pesel),
    /// Number of the phone.
    Phone(PhoneNumber),
}

/// Whose numbers a node takes: of living people in production, of made-up ones (born in the 1800s or the future) in a test environment, so that no
/// living person's number gets there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct People {
    /// The environment of the node.
    pub environment: Environment,
    /// The day.
    pub today: CivilDate,
}

/// A text that is no PESEL, or not one of those people's. Why it is not is not said: it may be somebody's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no PESEL this node takes")]
pub struct PeselNotTaken;

impl People {
    /// The number of one of them.
    ///
    /// # Errors
    /// [`PeselNotTaken`].
    pub fn pesel(&self, text: &str) -> Result<Pesel, PeselNotTaken> {
        match self.environment {
            Environment::Production => Pesel::parse(text, self.today).map_err(|_| PeselNotTaken),
            Environment::Test => Pesel::parse_made_up(text, self.today).map_err(|_| PeselNotTaken),
        }
    }
}

/// Whom a verification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Somebody who has activated this kind of document and can be asked.
    Citizen(CitizenId),
    /// Nobody who can be asked: unknown, without this kind, locked. Everything goes on as if there were, and no code is ever right. The citizen, where
    /// there is one, still reads of the attempt.
    Decoy(Option<CitizenId>),
}

impl Subject {
    /// Who reads of it.
    #[must_use]
    pub const fn citizen(self) -> Option<CitizenId> {
        match self {
            Self::Citizen(id) => Some(id),
            Self::Decoy(id) => id,
        }
    }

    /// Whether there is nobody to say yes.
    #[must_use]
    pub const fn is_decoy(self) -> bool {
        matches!(self, Self::Decoy(_))
    }
}

/// When a verification was opened and until when it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When something last happened to it.
    pub updated_at: Timestamp,
    /// From then on nothing is shown.
    pub expires_at: Timestamp,
    /// From then on the citizen reads of it.
    pub visible_from: Timestamp,
}

#[cfg(test)]
mod tests {
    use identifiers::Sex;

    use super::*;

    #[test]
    fn a_test_node_takes_no_number_a_living_person_may_have() {
        let today = CivilDate::new(2026, 11, 22).unwrap();
        let test = People { environment: Environment::Test, today };
        let production = People { environment: Environment::Production, today };
        let future = Pesel::made_up("2101-01-01".parse().unwrap(), 1, Sex::Female, today).unwrap();
        let old = Pesel::made_up("1867-11-07".parse().unwrap(), 1, Sex::Female, today).unwrap();
        let example = "44051401359";
        for (people, taken) in [(test, [true, true, false]), (production, [false, true, true])] {
            let found = [future.expose(), old.expose(), example].map(|text| people.pesel(text).is_ok());
            assert_eq!(found, taken, "{:?}", people.environment);
        }
        assert_eq!(production.pesel("44051401358"), Err(PeselNotTaken));
    }
}
