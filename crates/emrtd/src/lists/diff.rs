//! What changed between two master lists.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use time::format_description::well_known::Iso8601;

use super::MasterList;
use crate::x509::{Certificate, Fingerprint};

/// A certificate as a report shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedCertificate {
    /// Its country, as written.
    pub country: Option<String>,
    /// Its subject.
    pub subject: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// SHA-256, hexadecimal.
    pub fingerprint: String,
    /// The end of its validity.
    pub not_after: String,
}

impl From<&Certificate> for ListedCertificate {
    fn from(certificate: &Certificate) -> Self {
        Self {
            country: certificate.subject().country().map(str::to_owned),
            subject: certificate.subject().to_string(),
            serial: crate::hex(certificate.serial()),
            fingerprint: certificate.fingerprint().to_string(),
            not_after: certificate.not_after().date().format(&Iso8601::DATE).unwrap_or_default(),
        }
    }
}

/// Two certificates that cannot both be meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// What they share: `issuer_and_serial` with other contents, or `subject_key_identifier` with another key.
    pub same: &'static str,
    /// In the old list.
    pub old: ListedCertificate,
    /// In the new list.
    pub new: ListedCertificate,
}

/// The difference between two lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListDifference {
    /// How many certificates stand in both.
    pub unchanged: usize,
    /// Only in the new one.
    pub appeared: Vec<ListedCertificate>,
    /// Only in the old one.
    pub disappeared: Vec<ListedCertificate>,
    /// Where a certificate that appeared contradicts one of the old list.
    pub conflicts: Vec<Conflict>,
}

impl ListDifference {
    /// Compares two lists.
    #[must_use]
    pub fn between(old: &MasterList, new: &MasterList) -> Self {
        let index = |list: &MasterList| -> BTreeMap<Fingerprint, Certificate> {
            list.certificates().iter().map(|certificate| (certificate.fingerprint(), certificate.clone())).collect()
        };
        let (old, new) = (index(old), index(new));
        let missing = |from: &BTreeMap<Fingerprint, Certificate>, other: &BTreeMap<Fingerprint, Certificate>| {
            let mut listed: Vec<ListedCertificate> = from
                .iter()
                .filter(|(fingerprint, _)| !other.contains_key(*fingerprint))
                .map(|(_, certificate)| certificate.into())
                .collect();
            listed.sort_by_key(|listed| (listed.country.as_deref().map(str::to_uppercase), listed.subject.clone()));
            listed
        };
        Self {
            unchanged: old.keys().filter(|fingerprint| new.contains_key(*fingerprint)).count(),
            appeared: missing(&new, &old),
            disappeared: missing(&old, &new),
            conflicts: conflicts(&old, &new),
        }
    }
}

fn conflicts(old: &BTreeMap<Fingerprint, Certificate>, new: &BTreeMap<Fingerprint, Certificate>) -> Vec<Conflict> {
    let country = |certificate: &Certificate| certificate.subject().country().map(str::to_uppercase);
    let mut found = Vec::new();
    for before in old.values() {
        for after in new.values().filter(|after| !old.contains_key(&after.fingerprint())) {
            let same_number = before.serial() == after.serial() && before.issuer().matches_in_any_order(after.issuer());
            let key = &before.extensions().subject_key;
            let same_key_name = key.is_some()
                && *key == after.extensions().subject_key
                && country(before) == country(after)
                && before.spki() != after.spki();
            let same = match (same_number, same_key_name) {
                (true, _) => "issuer_and_serial",
                (false, true) => "subject_key_identifier",
                (false, false) => continue,
            };
            found.push(Conflict { same, old: before.into(), new: after.into() });
        }
    }
    found
}

impl fmt::Display for ListDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} certificates in both lists", self.unchanged)?;
        for (sign, title, listed) in [('+', "appeared", &self.appeared), ('-', "disappeared", &self.disappeared)] {
            writeln!(f, "{} {title}", listed.len())?;
            for certificate in listed {
                let ListedCertificate { subject, serial, not_after, fingerprint, .. } = certificate;
                writeln!(f, "  {sign} {subject}  serial {serial}  until {not_after}  {fingerprint}")?;
            }
        }
        writeln!(f, "{} in conflict", self.conflicts.len())?;
        for conflict in &self.conflicts {
            writeln!(
                f,
                "  ! same {}: {} {} / {}",
                conflict.same, conflict.old.subject, conflict.old.fingerprint, conflict.new.fingerprint
            )?;
        }
        Ok(())
    }
}
