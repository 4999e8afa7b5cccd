//! One citizen confirms another's document.

use straznica_types::Timestamp;

use super::{CitizenId, DocumentKind, Event, Stage, Subject, Times, VerificationId, VerificationRefusal, next};
use crate::domain::Refusal;

/// One citizen's question about another's document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCheck {
    /// Its id; also the transaction its code is bound to.
    pub id: VerificationId,
    /// Who asks.
    pub asker: CitizenId,
    /// Whom it is about.
    pub subject: Subject,
    /// What was typed, as a keyed digest.
    pub criterion: String,
    /// For what.
    pub kind: DocumentKind,
    /// Where it stands.
    pub stage: Stage,
    /// Its times.
    pub times: Times,
    /// Counts the changes.
    pub revision: i64,
}

impl PeerCheck {
    /// Lets something happen; a privilege never does.
    ///
    /// # Errors
    /// As of a verification.
    pub fn apply(&mut self, event: Event, now: Timestamp) -> Result<(), VerificationRefusal> {
        if event == Event::UsePrivilege {
            return Err(VerificationRefusal::NotNow(self.stage.name()));
        }
        self.stage = next(self.stage, self.subject, &self.times, event, now)?;
        self.times.updated_at = now;
        Ok(())
    }
}

/// What the asked one reads of the asking one: the first given name and the initial of the surname. Enough to know the person one stands before, too
/// little to find a stranger. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct AskerName(String);

impl AskerName {
    const LONGEST_GIVEN: usize = 24;

    /// From the names a login provider vouches for.
    ///
    /// # Errors
    /// [`Refusal::Missing`], [`Refusal::Invalid`]: names are letters, with hyphens and apostrophes between them.
    pub fn new(given_names: &str, surname: &str) -> Result<Self, Refusal> {
        let given = given_names.split_whitespace().next().ok_or(Refusal::Missing { member: "/given_names" })?;
        let initial = surname.trim().chars().next().ok_or(Refusal::Missing { member: "/surname" })?;
        let name = |text: &str| text.chars().all(|letter| letter.is_alphabetic() || "-'’".contains(letter));
        let length = given.chars().count();
        if !name(given) || length > Self::LONGEST_GIVEN {
            return Err(Refusal::Invalid { member: "/given_names", expected: "a given name of at most 24 letters" });
        }
        if !initial.is_alphabetic() {
            return Err(Refusal::Invalid { member: "/surname", expected: "a surname" });
        }
        Ok(Self(format!("{given} {}.", initial.to_uppercase())))
    }

    /// As it was kept.
    #[must_use]
    pub const fn kept(text: String) -> Self {
        Self(text)
    }

    /// E.g. `Anna N.`.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the asked one reads with the code; at most 80 characters.
    #[must_use]
    pub fn binding_text(&self, kind: DocumentKind) -> String {
        format!("{} (obywatel): {}", self.0, kind.in_message())
    }
}

impl std::fmt::Debug for AskerName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_asked_one_reads_a_given_name_and_an_initial() {
        for (given, surname, short) in
            [("Anna Maria", "Nowak", "Anna N."), (" Łukasz ", "żak", "Łukasz Ż."), ("Jean-Luc", "d’Arc", "Jean-Luc D.")]
        {
            assert_eq!(AskerName::new(given, surname).unwrap().expose(), short);
        }
        for (given, surname) in
            [("", "Nowak"), ("Anna", " "), ("A1", "Nowak"), ("Anna", "7"), (&"a".repeat(25), "Nowak")]
        {
            assert!(AskerName::new(given, surname).is_err(), "{given} {surname}");
        }
        let longest = AskerName::new(&"Ż".repeat(24), "Żak").unwrap();
        for kind in DocumentKind::ALL {
            assert!(longest.binding_text(kind).chars().count() <= 80);
        }
        assert_eq!(format!("{longest:?}"), "***");
    }
}
