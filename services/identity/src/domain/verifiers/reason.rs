//! Why somebody did something, in their words.

use crate::domain::Refusal;

/// A reason, a legal basis or a finding: one line of 1 to 200 characters. Kept, and in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    const LONGEST: usize = 200;

    /// Without spaces at its ends.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], naming the member.
    pub fn parse(text: &str, member: &'static str) -> Result<Self, Refusal> {
        let text = text.trim();
        let length = text.chars().count();
        if !(1..=Self::LONGEST).contains(&length) || text.chars().any(char::is_control) {
            return Err(Refusal::Invalid { member, expected: "1 to 200 characters" });
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something_in_one_line() {
        for text in ["", "  ", "a\nb", &"ż".repeat(201)] {
            assert!(Reason::parse(text, "/reason").is_err(), "{text:?}");
        }
        assert_eq!(Reason::parse(&format!(" {} ", "ż".repeat(200)), "/reason").unwrap().as_str(), "ż".repeat(200));
    }
}
