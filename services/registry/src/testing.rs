//! For benchmarks: what made-up persons are found by, as the service itself would write it, so that a register of a million need not be stated person by person.

use straznica_runtime::BoxError;

use crate::domain::PersonId;
use crate::domain::finding::{Findable, VERSION};
use crate::keys::{PersonKeys, PersonKeysConfig, Unopenable};

/// The keys of a register that is being filled.
pub struct Filler(PersonKeys);

/// What one person is found by, column by column.
#[derive(Debug)]
pub struct Found {
    /// Of `finding_record`.
    pub version: u32,
    /// Of `finding_record`.
    pub sealed: Vec<u8>,
    /// Of `finding_key`, in order.
    pub digests: Vec<i64>,
}

impl Filler {
    /// Opens the keys the service is to use, or makes them.
    ///
    /// # Errors
    /// When a file cannot be read or made, or holds no key.
    pub fn open(config: &PersonKeysConfig) -> Result<Self, BoxError> {
        Ok(Self(PersonKeys::open(config)?))
    }

    /// What somebody is found by.
    ///
    /// # Errors
    /// [`Unopenable`] when it cannot be encrypted.
    pub fn found(&self, person: PersonId, findable: &Findable) -> Result<Found, Unopenable> {
        let finding = self.0.finding(person, findable)?;
        Ok(Found { version: VERSION, sealed: finding.sealed, digests: finding.digests })
    }
}
