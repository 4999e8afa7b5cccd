//! A document somebody holds in their hands, and whether it is one that is stated of a person.

use std::fmt;

use straznica_types::Timestamp;

use super::state::State;
use crate::domain::Refusal;
use crate::domain::finding::Question;
use crate::domain::person::{Country, Fact, Statement, known};

/// Longest number of a document, in characters.
const LONGEST: usize = 64;

/// A document asked for: by its number and its issuer, exactly. Prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct AskedDocument {
    /// Without what people leave out.
    number: String,
    issuer: Country,
}

impl fmt::Debug for AskedDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AskedDocument(***)")
    }
}

impl AskedDocument {
    /// From what is written in it.
    ///
    /// # Errors
    /// [`Refusal::Missing`] or [`Refusal::Invalid`].
    pub fn new(number: &str, issuer: &str) -> Result<Self, Refusal> {
        let member = "/document/number";
        if number.chars().count() > LONGEST || number.chars().any(char::is_control) {
            return Err(Refusal::Invalid { member, expected: "1 to 64 characters" });
        }
        let number = plain(number);
        if number.is_empty() {
            return Err(Refusal::Missing { member });
        }
        Ok(Self { number, issuer: Country::parse(issuer, "/document/issuer")? })
    }

    /// What whoever it may be stated of is found by: more than it is stated of.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        Question::Number(self.number.clone()).keys()
    }

    /// Whether it is among what is stated of somebody, as known now: a number that was corrected is nobody's any more. One that has expired, or was replaced by another document, still tells
    /// whose it is.
    #[must_use]
    pub fn is_among(&self, statements: &[Statement]) -> bool {
        known(statements, Timestamp::from_millis(i64::MAX)).any(|statement| match &statement.fact {
            Some(Fact::Document(document)) => {
                plain(&document.number) == self.number && same_issuer(&document.issuer, &self.issuer)
            }
            _ => false,
        })
    }

    /// What is asked, in one text: the journal knows it by its pseudonym.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} {}", self.issuer.as_str(), self.number)
    }
}

/// A number without spaces, hyphens and small letters. A zero is no letter here: what looks alike is another document.
fn plain(number: &str) -> String {
    number.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// The same code, or two codes of one state (`D` and `DEU`). Codes nobody can tell a state by are only ever the same as themselves.
fn same_issuer(one: &Country, other: &Country) -> bool {
    let own = |country: &Country| State::meant_by(country.as_str()).and_then(|states| states.first().copied());
    one == other || own(one).is_some_and(|state| own(other) == Some(state))
}

#[cfg(test)]
mod tests {
    use straznica_types::OfficerId;

    use super::*;
    use crate::domain::StatementId;
    use crate::domain::person::{FactKind, TravelDocument, Validity};

    fn stated(number: &str, issuer: &str, at: i64) -> Statement {
        let document = TravelDocument {
            kind: "passport".to_owned(),
            number: number.to_owned(),
            issuer: Country::parse(issuer, "/issuer").unwrap(),
            expires_on: None,
        };
        let at = Timestamp::from_millis(at);
        Statement {
            id: StatementId::generate_at(at),
            kind: FactKind::Document,
            fact: Some(Fact::Document(document)),
            validity: Validity { from: None, to: None },
            source: "passport".to_owned(),
            reason: "intake".to_owned(),
            recorded_at: at,
            recorded_by: OfficerId::parse("first").unwrap(),
            replaces: None,
        }
    }

    #[test]
    fn a_document_is_the_one_asked_for_by_number_and_issuer_or_another() {
        let statements = [stated("FE 100-200", "UKR", 1_000), stated("C01X0006H", "D", 1_000)];
        for (number, issuer, found) in [
            ("FE100200", "UKR", true),
            ("fe 100 200", "UKR", true),
            ("FE1OO200", "UKR", false),
            ("FE10020", "UKR", false),
            ("FE1002001", "UKR", false),
            ("FE100200", "BLR", false),
            ("FE100200", "XXX", false),
            ("C01X0006H", "DEU", true),
            ("C01X0006H", "D", true),
            ("C01X0006H", "AUT", false),
        ] {
            let asked = AskedDocument::new(number, issuer).unwrap();
            assert_eq!(asked.is_among(&statements), found, "{number} {issuer}");
            assert_eq!(asked.keys().len(), 1);
        }
    }

    #[test]
    fn a_number_that_was_corrected_is_nobodys() {
        let wrong = stated("FE100200", "UKR", 1_000);
        let right = Statement { replaces: Some(wrong.id), ..stated("FE100201", "UKR", 2_000) };
        let statements = [wrong, right];
        let asked = |number| AskedDocument::new(number, "UKR").unwrap();
        assert!(!asked("FE100200").is_among(&statements));
        assert!(asked("FE100201").is_among(&statements));
    }

    #[test]
    fn what_is_no_document_is_refused_and_none_is_printed() {
        for (number, issuer) in [("", "UKR"), (" - ", "UKR"), ("FE1", ""), ("FE1", "ukr"), ("FE\n1", "UKR")] {
            AskedDocument::new(number, issuer).unwrap_err();
        }
        AskedDocument::new(&"7".repeat(65), "UKR").unwrap_err();
        assert!(!format!("{:?}", AskedDocument::new("FE100200", "UKR").unwrap()).contains("FE1"));
    }
}
