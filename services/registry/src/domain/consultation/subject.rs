//! Whom a consultation is about: the least that lets somebody be told apart.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::Refusal;
use crate::domain::person::{BirthDate, Country, Sex};

/// Longest text, in characters.
const LONGEST: usize = 100;

/// Whom it is about, as those who are asked see it. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Surname, Latin as in the document.
    pub surname: String,
    /// Given names, likewise.
    pub given_names: String,
    /// As precisely as it is known.
    pub birth: BirthDate,
    /// `None`: not said.
    pub sex: Option<Sex>,
    /// Of which state a national.
    pub nationality: Country,
    /// Number of the travel document; may be empty.
    pub document_number: String,
    /// What it is about in a word, e.g. the type of visa: "C", "D"; may be empty.
    pub matter: String,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Subject {
    /// That there is a name, and that no text is longer than those who are asked can show.
    ///
    /// # Errors
    /// [`Refusal::Missing`] or [`Refusal::Invalid`].
    pub fn check(self) -> Result<Self, Refusal> {
        if self.surname.trim().is_empty() && self.given_names.trim().is_empty() {
            return Err(Refusal::Missing { member: "/subject/surname" });
        }
        for (text, member) in [
            (&self.surname, "/subject/surname"),
            (&self.given_names, "/subject/given_names"),
            (&self.document_number, "/subject/document_number"),
            (&self.matter, "/subject/matter"),
        ] {
            if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
                return Err(Refusal::Invalid { member, expected: "up to 100 characters" });
            }
        }
        Ok(self)
    }
}
