//! The state the kit plays: its SPOC root and what it issues, its revocation lists, its CVCA, its document verifiers.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use cvc::reference::{Reference, ReferenceError};
use exchange::Country;
use exchange::development::{
    Algorithm, Authority, CsnOrIcao, DevelopmentError, Digest, Issued, LeafRequest, Role, Validity,
};
use serde::{Deserialize, Serialize};
use straznica_types::Timestamp;

use crate::cvca::Cvca;

/// Days a certificate of the tester's SPOC is valid: a year, between the six and eighteen months of Doc 9303-12.
const LEAF_DAYS: u32 = 365;
/// Days a root of the tester's is valid.
const ROOT_DAYS: u32 = 3650;
/// Days after which a revocation list of the tester's is due again.
const LIST_DAYS: u32 = 30;

/// The document verifiers of the tester that the partner has registered, by mnemonic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holders {
    /// Answered automatically.
    pub automatic: String,
    /// A second one that is answered automatically.
    #[serde(default)]
    pub second: Option<String>,
    /// Approved by two officers.
    #[serde(default)]
    pub two_person: Option<String>,
}

/// Where the revocation lists of the tester can be fetched by the partner.
pub trait Lists: Send + Sync + fmt::Debug {
    /// Address of the list of this name.
    fn uri(&self, name: &str) -> String;

    /// Publishes a list.
    fn put(&self, name: &str, list: Vec<u8>);
}

/// A state the kit plays.
#[derive(Debug)]
pub struct Tester {
    /// The state.
    pub country: Country,
    /// Its CVCA.
    pub cvca: Cvca,
    /// Its document verifiers.
    pub holders: Holders,
    authority: Mutex<Authority>,
    lists: Box<dyn Lists>,
    run: [u8; 3],
    counter: AtomicU32,
}

/// What a SPOC shows at a connection.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Certificate, those above it, and the key.
    pub issued: Issued,
}

impl Tester {
    /// The root of a made-up state, on P-256, for ten years, with its list under the name `current`.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn found_root(country: Country, now: Timestamp, lists: &dyn Lists) -> Result<Authority, DevelopmentError> {
        let algorithm = Algorithm::ecdsa(cvc::StandardisedCurve::P256, Digest::Sha256);
        let life = Validity::days(yesterday(now), ROOT_DAYS);
        Authority::root(country.as_str(), &root_name(country), algorithm, life, Some(0), vec![lists.uri("current")])
    }

    /// A tester whose root and CVCA are registered already, or about to be. `run` tells the holder references of this run from those of others.
    #[must_use]
    pub fn new(
        country: Country,
        authority: Authority,
        lists: Box<dyn Lists>,
        cvca: Cvca,
        holders: Holders,
        run: u32,
    ) -> Self {
        let authority = Mutex::new(authority);
        Self { country, cvca, holders, authority, lists, run: base36(run), counter: AtomicU32::new(0) }
    }

    /// A holder reference that was not used before: mnemonic, three characters of the run, two that count.
    ///
    /// # Errors
    /// For a mnemonic that is none.
    pub fn fresh_reference(&self, mnemonic: &str) -> Result<Reference, ReferenceError> {
        Reference::new(self.country.as_str(), mnemonic, &self.fresh_sequence())
    }

    /// Five characters that were not used before in this run.
    #[must_use]
    pub fn fresh_sequence(&self) -> String {
        let [_, tens, ones] = base36(self.counter.fetch_add(1, Ordering::Relaxed));
        self.run.iter().chain(&[tens, ones]).map(|byte| char::from(*byte)).collect()
    }

    /// A certificate for a client as the standards want it, with the usages of both, to be changed before it is issued.
    #[must_use]
    pub fn client(&self, now: Timestamp) -> LeafRequest {
        let life = Validity::days(yesterday(now), LEAF_DAYS);
        let of = |standard| LeafRequest::of(self.country.as_str(), Role::Client, standard, life);
        let (csn, icao) = (of(CsnOrIcao::Csn), of(CsnOrIcao::Icao));
        let mut purposes: Vec<String> = csn.purposes.iter().chain(&icao.purposes).flatten().cloned().collect();
        purposes.sort_unstable();
        purposes.dedup();
        self.dated(LeafRequest { purposes: Some(purposes), ..csn })
    }

    /// A certificate for a server at this host.
    #[must_use]
    pub fn server(&self, host: &str, now: Timestamp) -> LeafRequest {
        self.dated(LeafRequest::server(self.country.as_str(), host, Validity::days(yesterday(now), LEAF_DAYS)))
    }

    fn dated(&self, request: LeafRequest) -> LeafRequest {
        LeafRequest { crl_uris: Some(vec![self.lists.uri("current")]), ..request }
    }

    /// Issues a certificate.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn issue(&self, request: &LeafRequest) -> Result<Credentials, DevelopmentError> {
        Ok(Credentials { issued: self.authority().issue(request)? })
    }

    /// Publishes the list that proper certificates name; whatever was revoked is on it.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn publish_list(&self, now: Timestamp) -> Result<(), DevelopmentError> {
        let list = self.authority().crl(yesterday(now), Some(Validity::days(now, LIST_DAYS).until))?;
        self.lists.put("current", list);
        Ok(())
    }

    /// Publishes a list of a case's own and says where; `make` is given a copy of the authority, to revoke with for instance.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn publish(
        &self,
        name: &str,
        make: impl FnOnce(Authority) -> Result<Vec<u8>, DevelopmentError>,
    ) -> Result<(), DevelopmentError> {
        let list = make(self.authority().clone())?;
        self.lists.put(name, list);
        Ok(())
    }

    /// Where a list of this name is or would be.
    #[must_use]
    pub fn list_uri(&self, name: &str) -> String {
        self.lists.uri(name)
    }

    /// Certificate of the root that is registered.
    #[must_use]
    pub fn root(&self) -> Vec<u8> {
        self.authority().certificate().to_vec()
    }

    /// A root nobody registered, under the name of the one that is.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn impostor(&self, now: Timestamp) -> Result<Authority, DevelopmentError> {
        Self::found_root(self.country, now, self.lists.as_ref())
    }

    fn authority(&self) -> std::sync::MutexGuard<'_, Authority> {
        self.authority.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn root_name(country: Country) -> String {
    format!("{country} SPOC root of the conformance kit")
}

/// Clocks differ: what the kit makes is valid since the day before.
#[must_use]
pub fn yesterday(now: Timestamp) -> Timestamp {
    now - std::time::Duration::from_secs(86_400)
}

/// The last three base 36 digits of a number.
fn base36(number: u32) -> [u8; 3] {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    [number / 1296 % 36, number / 36 % 36, number % 36].map(|digit| DIGITS[digit as usize])
}

#[cfg(test)]
mod tests {
    use super::base36;

    #[test]
    fn a_number_becomes_three_characters_of_a_sequence() {
        assert_eq!([base36(0), base36(35), base36(36), base36(46_655)], [*b"000", *b"00Z", *b"010", *b"ZZZ"]);
    }
}
