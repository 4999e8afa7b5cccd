//! Test and production: a node takes nothing of the other.

use straznica_types::Environment;
use thiserror::Error;

/// Specimen state of ICAO Doc 9303-3 §5 and of test certificates: Utopia.
const SPECIMEN: &str = "UT";

/// A production node was offered something of the specimen state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the specimen state UT belongs to test environments")]
pub struct SpecimenInProduction;

/// Whether a node of `environment` may hold certificates of `country` (ISO 3166-1 alpha-2).
///
/// # Errors
/// [`SpecimenInProduction`]
pub fn permits(environment: Environment, country: &str) -> Result<(), SpecimenInProduction> {
    if environment == Environment::Production && country.eq_ignore_ascii_case(SPECIMEN) {
        return Err(SpecimenInProduction);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{SpecimenInProduction, permits};
    use straznica_types::Environment;

    #[test]
    fn production_refuses_the_specimen_state() {
        assert_eq!(permits(Environment::Production, "ut"), Err(SpecimenInProduction));
        assert_eq!(permits(Environment::Production, "PL"), Ok(()));
        assert_eq!(permits(Environment::Test, "UT"), Ok(()));
    }
}
