//! What identity is confirmed for, and by what law.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use straznica_types::check_name;

/// A purpose documents may be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerificationPurpose {
    /// As calls name it, e.g. `office_matter`.
    pub id: String,
    /// Act and article that allow it; written into every journal entry and told to the register.
    pub legal_basis: String,
    /// What the citizen reads in the message, 1 to 18 characters, e.g. `sprawa urzędowa`.
    pub in_message: String,
    /// How many days later the citizen sees such an access, where the law defers it.
    #[serde(default)]
    pub deferred_days: u32,
}

impl VerificationPurpose {
    const LONGEST_IN_MESSAGE: usize = 18;

    /// How much later the citizen sees an access.
    #[must_use]
    pub const fn deferral(&self) -> Duration {
        Duration::from_secs(self.deferred_days as u64 * 86_400)
    }

    fn is_usable(&self) -> bool {
        let shown = self.in_message.chars().count();
        check_name(&self.id).is_ok()
            && !self.legal_basis.trim().is_empty()
            && (1..=Self::LONGEST_IN_MESSAGE).contains(&shown)
            && !self.in_message.chars().any(char::is_control)
    }
}

/// The purposes of this node.
#[derive(Debug, Clone)]
pub struct VerificationPurposes(BTreeMap<String, VerificationPurpose>);

/// Why a list of purposes cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerificationPurposesError {
    /// An id that is no name, no legal basis, or no short text for the message.
    #[error(
        "purpose {0:?} needs an id of 1 to 64 letters, digits, '.', '_' or '-', a legal basis, and 1 to 18 characters for the message"
    )]
    Malformed(String),
    /// Two of the same id.
    #[error("purpose {0:?} is configured twice")]
    Twice(String),
}

impl VerificationPurposes {
    /// From the configured list. An empty one is a node that confirms nothing.
    ///
    /// # Errors
    /// [`VerificationPurposesError`].
    pub fn new(list: &[VerificationPurpose]) -> Result<Self, VerificationPurposesError> {
        let mut purposes = BTreeMap::new();
        for purpose in list {
            if !purpose.is_usable() {
                return Err(VerificationPurposesError::Malformed(purpose.id.clone()));
            }
            if purposes.insert(purpose.id.clone(), purpose.clone()).is_some() {
                return Err(VerificationPurposesError::Twice(purpose.id.clone()));
            }
        }
        Ok(Self(purposes))
    }

    /// The purpose of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&VerificationPurpose> {
        self.0.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purpose(id: &str, in_message: &str) -> VerificationPurpose {
        VerificationPurpose {
            id: id.to_owned(),
            legal_basis: "Act, Article 1".to_owned(),
            in_message: in_message.to_owned(),
            deferred_days: 0,
        }
    }

    #[test]
    fn purposes_that_could_not_be_journalled_or_told_to_the_citizen_are_refused() {
        for (id, text) in [("", "sprawa"), ("office matter", "sprawa"), ("a", ""), ("a", "sprawa administracyjna")] {
            let refused = VerificationPurposes::new(&[purpose(id, text)]).unwrap_err();
            assert_eq!(refused, VerificationPurposesError::Malformed(id.to_owned()));
        }
        let lawless = VerificationPurpose { legal_basis: " ".to_owned(), ..purpose("a", "sprawa") };
        assert!(VerificationPurposes::new(&[lawless]).is_err());
        let twice = VerificationPurposes::new(&[purpose("a", "jedna"), purpose("a", "druga")]).unwrap_err();
        assert_eq!(twice, VerificationPurposesError::Twice("a".to_owned()));
        assert!(VerificationPurposes::new(&[purpose("a", "sprawa urzędowa")]).unwrap().get("a").is_some());
    }
}
