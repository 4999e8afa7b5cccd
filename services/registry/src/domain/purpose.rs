//! What persons and cases are looked at for, and by what law.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use straznica_types::check_name;

/// A purpose the register may be used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// As calls name it, e.g. `protection_proceedings`.
    pub id: String,
    /// Act and article that allow it; written into every journal entry.
    pub legal_basis: String,
    /// Whether vulnerabilities are shown and stated for it.
    #[serde(default)]
    pub vulnerabilities: bool,
}

/// The purposes of this node.
#[derive(Debug, Clone)]
pub struct Purposes(BTreeMap<String, Purpose>);

/// Why a list of purposes cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PurposesError {
    /// Nobody could ever use the register.
    #[error("no purpose is configured")]
    None,
    /// An id that is no name, or a legal basis that is empty.
    #[error("purpose {0:?} needs an id of 1 to 64 letters, digits, '.', '_' or '-' and a legal basis")]
    Malformed(String),
    /// Two purposes of the same id.
    #[error("purpose {0:?} is configured twice")]
    Twice(String),
}

impl Purposes {
    /// From the configured list.
    ///
    /// # Errors
    /// [`PurposesError`] for an empty list, a malformed entry or an id that occurs twice.
    pub fn new(list: &[Purpose]) -> Result<Self, PurposesError> {
        if list.is_empty() {
            return Err(PurposesError::None);
        }
        let mut purposes = BTreeMap::new();
        for purpose in list {
            if check_name(&purpose.id).is_err() || purpose.legal_basis.trim().is_empty() {
                return Err(PurposesError::Malformed(purpose.id.clone()));
            }
            if purposes.insert(purpose.id.clone(), purpose.clone()).is_some() {
                return Err(PurposesError::Twice(purpose.id.clone()));
            }
        }
        Ok(Self(purposes))
    }

    /// The purpose of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Purpose> {
        self.0.get(id)
    }

    /// Whether vulnerabilities are seen for a purpose: for one that is not this node's they are not.
    #[must_use]
    pub fn see_vulnerabilities(&self, id: &str) -> bool {
        self.0.get(id).is_some_and(|purpose| purpose.vulnerabilities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_purposes_that_could_not_be_journalled_is_refused() {
        let purpose = |id: &str, basis: &str| Purpose {
            id: id.to_owned(),
            legal_basis: basis.to_owned(),
            vulnerabilities: false,
        };
        assert_eq!(Purposes::new(&[]).unwrap_err(), PurposesError::None);
        for (id, basis) in [("", "Act"), ("a purpose", "Act"), ("purpose", " ")] {
            assert_eq!(Purposes::new(&[purpose(id, basis)]).unwrap_err(), PurposesError::Malformed(id.to_owned()));
        }
        let twice = [purpose("purpose", "Act"), purpose("purpose", "Other act")];
        assert_eq!(Purposes::new(&twice).unwrap_err(), PurposesError::Twice("purpose".to_owned()));
        assert!(Purposes::new(&twice[..1]).unwrap().get("purpose").is_some());
    }
}
