//! Forms as other states write and read them.

use std::fmt::Write as _;

use straznica_types::Timestamp;

/// A form as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// `<file number>.<letter>`.
    pub subject: String,
    /// Lines of a heading, a blank and a value.
    pub body: String,
}

impl Written {
    fn of(file_number: &str, letter: char, lines: &[(u16, &str)]) -> Self {
        let mut body = String::new();
        for (heading, value) in lines {
            // Writing to a text does not fail.
            let _ = write!(body, "{heading:03} {value}\r\n");
        }
        Self { subject: format!("{file_number}.{letter}"), body }
    }

    /// Form A: a state asks about somebody.
    #[must_use]
    pub fn request(unifier: &str, reference: &str, surname: &str, nationality: &str) -> Self {
        let lines = [(0, unifier), (1, reference), (3, surname), (5, "1890-05-17"), (7, nationality), (26, "C")];
        Self::of(reference, 'A', &lines)
    }

    /// Form C: the state wants no reply any more.
    #[must_use]
    pub fn cancellation(unifier: &str, reference: &str) -> Self {
        Self::of(reference, 'C', &[(0, unifier), (1, reference)])
    }

    /// Form H: a visa was issued.
    #[must_use]
    pub fn issued(unifier: &str, reference: &str, text: &str) -> Self {
        Self::of(reference, 'H', &[(0, unifier), (1, reference), (90, text)])
    }

    /// Form R: a form was delivered.
    #[must_use]
    pub fn notification(unifier: &str) -> Self {
        Self::of(unifier, 'R', &[(0, unifier)])
    }

    /// Form B: what a state replies.
    #[must_use]
    pub fn reply(state: &str, reference: &str, objects: bool, at: Timestamp) -> Self {
        let day = at.date().to_string().replace('-', "");
        let own: String = reference.chars().rev().take(12).collect();
        let unifier = format!("{state}-B-{reference}");
        let lines = [
            (0, unifier.as_str()),
            (1, reference),
            (40, &format!("{state}{own}")),
            (41, if objects { "1" } else { "0" }),
            (42, &day),
        ];
        Self::of(reference, 'B', &lines)
    }

    /// The form's letter.
    #[must_use]
    pub fn letter(&self) -> Option<char> {
        self.subject.rsplit_once('.').and_then(|(_, letter)| letter.chars().next())
    }

    /// The value under a heading.
    #[must_use]
    pub fn heading(&self, number: u16) -> Option<&str> {
        let number = format!("{number:03} ");
        self.body.lines().find_map(|line| line.strip_prefix(number.as_str()))
    }

    /// The document unifier.
    #[must_use]
    pub fn unifier(&self) -> Option<&str> {
        self.heading(0)
    }
}
