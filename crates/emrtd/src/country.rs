//! The states of the machine readable zone and the countries of certificates.
//!
//! Doc 9303-3 §5 gives states three-letter codes with exceptions (`D`, `GBD`, `UNO`); certificates carry the two letters of ISO 3166-1 or
//! of Doc 9303-12. The two are related many to many, by the table in `data/countries.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// May specimens of the made-up state be judged like a state's?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Real documents only.
    Production,
    /// Specimens of Utopia (UTO, UT) as well.
    Test,
}

/// A country table that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("country table: {0}")]
pub struct CountryTableError(#[from] toml::de::Error);

/// Which countries' certificates may stand behind which state's documents.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountryTable {
    states: BTreeMap<String, Vec<String>>,
    specimens: BTreeMap<String, Vec<String>>,
}

impl CountryTable {
    /// The table of Doc 9303-3.
    #[must_use]
    pub fn standard() -> &'static Self {
        #[expect(clippy::expect_used, reason = "the table is part of the program; a test reads it")]
        static TABLE: LazyLock<CountryTable> = LazyLock::new(|| {
            CountryTable::parse(include_str!("../data/countries.toml")).expect("the built-in country table")
        });
        &TABLE
    }

    /// A table in the form of `data/countries.toml`.
    ///
    /// # Errors
    /// [`CountryTableError`]
    pub fn parse(text: &str) -> Result<Self, CountryTableError> {
        Ok(toml::from_str(text)?)
    }

    /// The countries behind a state of the machine readable zone; fillers are ignored.
    #[must_use]
    pub fn countries(&self, state: &str, environment: Environment) -> Option<&[String]> {
        let state = state.trim_end_matches('<').to_ascii_uppercase();
        let specimen = || match environment {
            Environment::Test => self.specimens.get(&state),
            Environment::Production => None,
        };
        self.states.get(&state).or_else(specimen).map(Vec::as_slice)
    }

    /// May a certificate of this country stand behind a document of this state? `None` when the table does not know the state.
    #[must_use]
    pub fn agrees(&self, state: &str, country: &str, environment: Environment) -> Option<bool> {
        let countries = self.countries(state, environment)?;
        Some(countries.iter().any(|known| known.eq_ignore_ascii_case(country)))
    }

    /// Are both countries of certificates ones of a same state? `None` when the table knows neither.
    #[must_use]
    pub fn same_state(&self, one: &str, other: &str, environment: Environment) -> Option<bool> {
        let holds = |list: &[String], country: &str| list.iter().any(|known| known.eq_ignore_ascii_case(country));
        let specimens = self.specimens.values().filter(|_| environment == Environment::Test);
        let mut known = false;
        for list in self.states.values().chain(specimens) {
            known |= holds(list, one);
            if holds(list, one) && holds(list, other) {
                return Some(true);
            }
        }
        known.then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_countries_agree_as_the_standard_and_real_lists_have_them() {
        let table = CountryTable::standard();
        for (state, country, expected) in [
            ("D", "DE", Some(true)),
            ("D<<", "de", Some(true)),
            ("GBD", "GB", Some(true)),
            ("GBR", "gb", Some(true)),
            ("RKS", "KS", Some(true)),
            ("EUE", "EU", Some(true)),
            ("UNO", "un", Some(true)),
            ("UNA", "UN", Some(true)),
            ("CHN", "HK", Some(true)),
            ("MAC", "CN", Some(true)),
            ("ROU", "ro", Some(true)),
            ("POL", "PT", Some(false)),
            ("QQQ", "QQ", None),
            ("UTO", "UT", None),
        ] {
            assert_eq!(table.agrees(state, country, Environment::Production), expected, "{state} {country}");
        }
    }

    #[test]
    fn the_state_of_specimens_is_known_in_a_test_environment_only() {
        let table = CountryTable::standard();
        assert_eq!(table.agrees("UTO", "UT", Environment::Test), Some(true));
        assert_eq!(table.same_state("UT", "ut", Environment::Production), None);
    }
}
