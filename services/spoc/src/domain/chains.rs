//! Which certificates lead a chip from the trust point it names to an inspection system whose key is held here.
//!
//! Chains are worked out for a whole set of certificates and one day at a time, into a table that is never changed afterwards: a request is one
//! look-up, and every answer comes from one state of trust. The rules (TR-03110-3 §2.5, TR-03129 §3.3):
//!
//! - links build a path even after they expired, but not before they are valid;
//! - the DV certificate stands under the newest CVCA certificate the chip can reach for which a valid DV certificate, a valid IS certificate under
//!   it and the IS key are held, all of them in use; one that may read less is taken only where no other may read more;
//! - under a suspended CVCA nothing is handed out or signed, and no path leads through it;
//! - effective rights are those all of IS, DV and the CVCA certificate that signed the DV grant; earlier generations do not count.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use cvc::{algorithm::Algorithm, chat::Rights};

use super::records::{CertificateRecord, Day, Role, State};
use crate::keystore::KeyHandle;

/// A chain ready to be handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Trust point of the chip it begins at.
    pub car: String,
    /// Links oldest first, then DV, then IS; without the trust point the chip already has.
    pub certificates: Vec<ChainLink>,
    /// Storage key of the DV certificate: CAR and CHR.
    pub dv: (String, String),
    /// Holder reference of the inspection system.
    pub is_chr: String,
    /// Signature algorithm of its key.
    pub algorithm: Algorithm,
    /// Last day it can be used.
    pub expires: Day,
    /// Effective rights.
    pub rights: Rights,
}

/// One certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainLink {
    /// Its holder reference.
    pub chr: String,
    /// What the holder is.
    pub role: Role,
    /// The certificate, DER.
    pub der: Arc<[u8]>,
}

/// What is known about a trust point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// A chain is ready.
    Ready(Arc<Chain>),
    /// The trust point is known, but nothing valid with a key is held under anything it reaches.
    NothingHeld,
}

/// An inspection system that may be asked to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Who certified it.
    pub car: String,
    /// Storage key of its DV certificate: CAR and CHR.
    pub dv: (String, String),
    /// Handle of the private key.
    pub key: KeyHandle,
    /// Signature algorithm.
    pub algorithm: Algorithm,
    /// Whether it may sign today.
    pub standing: Standing,
}

/// Whether an inspection system may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Usable,
    /// It, its document verifier, or the CVCA above is suspended.
    Suspended,
    /// It, or its document verifier, is past its validity.
    Expired,
    /// It, or its document verifier, is not valid yet.
    NotYetValid,
}

/// Every chain and every inspection system of one day and one state of trust. Never changed, only replaced.
#[derive(Debug, Default)]
pub struct ChainTable {
    chains: HashMap<String, Reach>,
    signers: HashMap<String, SigningKey>,
}

impl ChainTable {
    /// Works out all chains for `today`. Records that await confirmation do not count.
    #[must_use]
    pub fn compute(records: &[CertificateRecord], today: Day) -> Self {
        let forest = Forest::of(records);
        let chains = forest
            .cvcas
            .keys()
            .map(|car| {
                let reach =
                    forest.best_chain(car, today).map_or(Reach::NothingHeld, |chain| Reach::Ready(chain.into()));
                ((*car).to_owned(), reach)
            })
            .collect();
        let signers = records.iter().filter_map(|record| forest.signer(record, today)).collect();
        Self { chains, signers }
    }

    /// What is known about the trust point `car`; `None` when nothing is.
    #[must_use]
    pub fn reach(&self, car: &str) -> Option<&Reach> {
        self.chains.get(car)
    }

    /// The inspection system of this holder reference, if its key is held here.
    #[must_use]
    pub fn signer(&self, is_chr: &str) -> Option<&SigningKey> {
        self.signers.get(is_chr)
    }

    /// Number of trust points that lead to a chain.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.chains.values().filter(|reach| matches!(reach, Reach::Ready(_))).count()
    }
}

/// Certificates by their places: CVCA certificates by holder, links by issuer, DV and IS certificates by issuer.
struct Forest<'a> {
    cvcas: BTreeMap<&'a str, Vec<&'a CertificateRecord>>,
    links: HashMap<&'a str, Vec<&'a CertificateRecord>>,
    dvs: HashMap<&'a str, Vec<&'a CertificateRecord>>,
    systems: HashMap<&'a str, Vec<&'a CertificateRecord>>,
    /// Holder references of CVCAs of which the root or a link is suspended: the holder is one.
    suspended: HashSet<&'a str>,
}

impl<'a> Forest<'a> {
    fn of(records: &'a [CertificateRecord]) -> Self {
        let suspended = records.iter().filter(|record| record.role.is_cvca() && record.state == State::Suspended);
        let mut forest = Self {
            cvcas: BTreeMap::new(),
            links: HashMap::new(),
            dvs: HashMap::new(),
            systems: HashMap::new(),
            suspended: suspended.map(|record| record.chr.as_str()).collect(),
        };
        for record in records.iter().filter(|record| record.state != State::AwaitingConfirmation) {
            let car = record.car.as_str();
            match record.role {
                Role::Cvca => forest.cvcas.entry(&record.chr).or_default().push(record),
                Role::CvcaLink => {
                    forest.cvcas.entry(&record.chr).or_default().push(record);
                    forest.links.entry(car).or_default().push(record);
                }
                Role::DvDomestic | Role::DvForeign => forest.dvs.entry(car).or_default().push(record),
                Role::InspectionSystem => forest.systems.entry(car).or_default().push(record),
            }
        }
        forest
    }

    fn best_chain(&self, car: &str, today: Day) -> Option<Chain> {
        let mut reachable = self.reachable(car, today);
        // Newest first; the holder reference settles certificates of one day.
        reachable.sort_by(|one, two| (two.0.effective, &two.0.chr).cmp(&(one.0.effective, &one.0.chr)));
        let mut best: Option<Chain> = None;
        for (cvca, path) in reachable {
            let chain = self.chain_under(car, cvca, &path, today);
            let Some(chain) =
                chain.filter(|chain| best.as_ref().is_none_or(|best| reads(chain.rights) > reads(best.rights)))
            else {
                continue;
            };
            let reads_all = reads(chain.rights) == (true, true);
            best = Some(chain);
            if reads_all {
                break;
            }
        }
        best
    }

    /// Every CVCA certificate `car` leads to, itself included, each with the links on the way.
    fn reachable(&self, car: &str, today: Day) -> Vec<(&'a CertificateRecord, Vec<&'a CertificateRecord>)> {
        // The trust point's own rights: the self-signed certificate's where it is held, else those of a link that names it.
        let own = self.cvcas.get(car).and_then(|held| held.iter().min_by_key(|record| record.role != Role::Cvca));
        let Some(start) = own else { return Vec::new() };
        let mut seen = HashSet::from([start.chr.as_str()]);
        let mut found = vec![(*start, Vec::new())];
        let mut next = 0;
        while let Some((cvca, path)) = found.get(next).cloned() {
            next += 1;
            let links = self.links.get(cvca.chr.as_str()).into_iter().flatten();
            let in_use = links.filter(|link| !self.suspended.contains(link.chr.as_str()) && link.effective <= today);
            for link in in_use {
                if seen.insert(&link.chr) {
                    let mut longer = path.clone();
                    longer.push(*link);
                    found.push((*link, longer));
                }
            }
        }
        found
    }

    fn chain_under(
        &self,
        car: &str,
        cvca: &CertificateRecord,
        path: &[&CertificateRecord],
        today: Day,
    ) -> Option<Chain> {
        if self.suspended.contains(cvca.chr.as_str()) {
            return None;
        }
        let dvs = self.dvs.get(cvca.chr.as_str())?.iter().filter(|dv| dv.is_usable(today));
        let pairs = dvs.flat_map(|dv| {
            let systems = self.systems.get(dv.chr.as_str()).into_iter().flatten();
            let usable = systems.filter(|system| system.key.is_some() && system.is_usable(today));
            usable.filter(|system| has_place_under(system, dv)).map(move |system| (*dv, *system))
        });
        let rights =
            |dv: &CertificateRecord, system: &CertificateRecord| cvca.rights.and(&dv.rights)?.and(&system.rights);
        // The pair that may read most, and of these the one that can be used longest; the holder reference settles the rest, so that every replica chooses
        // the same.
        let ordered = pairs.max_by(|one, two| {
            let key = |(dv, system): &(&CertificateRecord, &CertificateRecord)| {
                (rights(dv, system).map(reads), dv.expires.min(system.expires), dv.effective, system.effective)
            };
            key(one).cmp(&key(two)).then_with(|| one.1.chr.cmp(&two.1.chr))
        });
        let (dv, system) = ordered?;
        let rights = rights(dv, system)?;
        let link = |record: &&CertificateRecord| ChainLink {
            chr: record.chr.clone(),
            role: record.role,
            der: Arc::clone(&record.der),
        };
        Some(Chain {
            car: car.to_owned(),
            certificates: path.iter().chain([&dv, &system]).map(link).collect(),
            dv: (dv.car.clone(), dv.chr.clone()),
            is_chr: system.chr.clone(),
            algorithm: system.algorithm,
            expires: dv.expires.min(system.expires),
            rights,
        })
    }

    fn signer(&self, record: &CertificateRecord, today: Day) -> Option<(String, SigningKey)> {
        let key = record.key.clone().filter(|_| record.role == Role::InspectionSystem)?;
        let issuers = self.dvs.values().flatten().filter(|dv| dv.chr == record.car && has_place_under(record, dv));
        let dv = issuers.max_by_key(|dv| dv.is_usable(today))?;
        let signer = SigningKey {
            car: record.car.clone(),
            dv: (dv.car.clone(), dv.chr.clone()),
            key,
            algorithm: record.algorithm,
            standing: if self.suspended.contains(dv.car.as_str()) {
                Standing::Suspended
            } else {
                standing(&[record, dv], today)
            },
        };
        Some((record.chr.clone(), signer))
    }
}

/// What an inspection system of these effective rights may read: fingerprints, and iris images. Fingerprints weigh more.
#[must_use]
pub fn reads(rights: Rights) -> (bool, bool) {
    (rights.dg3() == Some(true), rights.dg4() == Some(true))
}

/// A DV's holder reference is unique only relative to its CVCA: two trees may hold the same one. The tree's name settles it.
fn has_place_under(system: &CertificateRecord, dv: &CertificateRecord) -> bool {
    system.car == dv.chr && system.cvca == dv.cvca
}

fn standing(pair: &[&CertificateRecord], today: Day) -> Standing {
    let any = |test: &dyn Fn(&CertificateRecord) -> bool| pair.iter().any(|record| test(record));
    if any(&|record| record.state != State::Active) {
        Standing::Suspended
    } else if any(&|record| record.expires < today) {
        Standing::Expired
    } else if any(&|record| record.effective > today) {
        Standing::NotYetValid
    } else {
        Standing::Usable
    }
}

#[cfg(test)]
mod tests;
