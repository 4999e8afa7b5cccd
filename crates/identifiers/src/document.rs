//! Numbers whose structure no rule fixes: taken within bounds, and the register decides.

use straznica_types::Secret;

use crate::InvalidIdentifier;
use crate::letters::canonical;
use crate::secret::confidential;

/// The number of a document about whose structure nothing binding is published: driving licence (field 5), registration document, vehicle
/// card, insurance policy, cards of students, pensioners, large families, schools and cities. Examples in circulation contradict each other, and a check
/// made from them would turn people away with valid documents, so only the bounds are looked at: 3 to 32 characters out of A-Z, 0-9 and `/`.
#[derive(Clone)]
pub struct DocumentNumber(Secret<String>);

confidential!(DocumentNumber);

impl DocumentNumber {
    /// Spaces, hyphens and small letters are taken.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Form`].
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        canonical(text, 3, 32, b"/").map(Self)
    }
}

/// What is on a Polish number plate: the letters of the place, then letters and digits, at most eight characters (Regulation of the Minister of
/// Infrastructure of 31 August 2022 on the registration and marking of vehicles). Which letters stand for which county changes with the years and
/// is the register's to know; old, reduced and individual plates are within these bounds too.
#[derive(Clone)]
pub struct RegistrationMark(Secret<String>);

confidential!(RegistrationMark);

impl RegistrationMark {
    /// Spaces, hyphens and small letters are taken.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Form`].
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        let mark = canonical(text, 4, 8, &[])?;
        if !mark.expose().starts_with(|first: char| first.is_ascii_uppercase()) {
            return Err(InvalidIdentifier::Form);
        }
        Ok(Self(mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bounds_are_looked_at_where_no_rule_is_published() {
        assert_eq!(DocumentNumber::parse("00001/12/1413").unwrap().expose(), "00001/12/1413");
        assert_eq!(DocumentNumber::parse("baa 1234567").unwrap().expose(), "BAA1234567");
        for text in ["", "ab", "AB;12", "AB\n12", "ŁÓDŹ123", &"1".repeat(33), &" ".repeat(4_000)] {
            assert_eq!(DocumentNumber::parse(text), Err(InvalidIdentifier::Form), "{text:?}");
        }
    }

    #[test]
    fn a_mark_begins_with_the_letter_of_its_place() {
        for (text, expected) in [("wx 12345", "WX12345"), ("W0 ABCDE", "W0ABCDE"), ("WPR 12345", "WPR12345")] {
            assert_eq!(RegistrationMark::parse(text).unwrap().expose(), expected);
        }
        for text in ["1WX2345", "WX1", "WPR 123456", "WX/12345"] {
            assert_eq!(RegistrationMark::parse(text), Err(InvalidIdentifier::Form), "{text}");
        }
    }
}
