//! How long certificates are kept that were obtained, or issued under what was obtained (TR-03139, retention): a document verifier's and its inspection
//! systems' for their validity and some months, those of a CVCA for as long as a valid document may still name it as its trust point.
//!
//! Nothing goes that something kept rests on: an inspection system goes before its verifier, a link before the root it leads on from, a CVCA after all it
//! signed; and of every CVCA the newest root stays, for what comes next is reached from it.

use std::collections::{HashMap, HashSet};

use super::records::{CertificateRecord, Day, Role, State, holder_name};
use crate::domain::exchange::policy::Span;

/// The day after the last on which a certificate that ends on `expires` is kept for `months` more; `None` beyond the years dates are written for.
#[must_use]
pub fn kept_until(expires: Day, months: u16) -> Option<Day> {
    let last = Span { months, days: 0 }.after(expires.date()?)?;
    Some(Day::of_date(last).plus(1))
}

/// The certificates that may go, in the order in which they may. `is_past` says of which the time is over.
///
/// Each kind is looked through once, what rests on others before what they rest on: nothing that goes later is rested on by what went before, and neither the
/// newest root of a CVCA nor one that a kept link leads to ever goes, which is what links and roots are held against.
#[must_use]
pub fn may_go(records: &[CertificateRecord], is_past: impl Fn(&CertificateRecord) -> bool) -> Vec<&CertificateRecord> {
    // While a key is held for it, it is in use.
    let is_over = |one: &CertificateRecord| one.key.is_none() && is_past(one);
    let parted = |role: fn(Role) -> bool, may: &dyn Fn(&CertificateRecord) -> bool| {
        let (gone, kept): (Vec<_>, Vec<_>) =
            records.iter().filter(|one| role(one.role)).partition(|one| is_over(one) && may(one));
        (gone, kept)
    };
    let newest = newest_roots(records);
    let has_successor = |one: &CertificateRecord| {
        one.state == State::Active && newest.get(one.cvca.as_str()).is_some_and(|expires| *expires > one.expires)
    };
    let (mut gone, systems) = parted(is_system, &|_| true);
    let equipped: HashSet<(&str, &str)> = systems.iter().map(|one| (one.car.as_str(), one.cvca.as_str())).collect();
    let (verifiers, kept) = parted(Role::is_dv, &|one| !equipped.contains(&(one.chr.as_str(), one.cvca.as_str())));
    gone.extend(verifiers);
    let mut needed: HashSet<&str> = kept.iter().map(|one| one.car.as_str()).collect();
    let in_use = records.iter().filter(|one| is_root(one.role) && one.state == State::Active);
    let rooted: HashSet<&str> = in_use.map(|root| root.chr.as_str()).collect();
    // Without the link its holder is trusted by its own root, unless the two go by different names: then nothing else says that they are one.
    let (links, kept) = parted(is_link, &|link| {
        is_of(&link.car, &link.cvca) && rooted.contains(link.chr.as_str()) && has_successor(link)
    });
    gone.extend(links);
    needed.extend(kept.iter().flat_map(|link| [link.car.as_str(), link.chr.as_str()]));
    let (roots, _) = parted(is_root, &|root| !needed.contains(root.chr.as_str()) && has_successor(root));
    gone.extend(roots);
    gone
}

/// The last day of the newest root of each CVCA that is in use. One that officers put out of use, or have not looked at, is no successor, and is theirs to
/// decide about.
fn newest_roots(records: &[CertificateRecord]) -> HashMap<&str, Day> {
    let mut newest = HashMap::new();
    for root in records.iter().filter(|one| is_root(one.role) && one.state == State::Active) {
        let expires = newest.entry(root.cvca.as_str()).or_insert(root.expires);
        *expires = root.expires.max(*expires);
    }
    newest
}

/// Whether a reference bears this name. That the name begins it is not enough: UTCVCA00001 is not one of UTCV.
fn is_of(reference: &str, name: &str) -> bool {
    reference.parse().is_ok_and(|reference| holder_name(&reference) == name)
}

const fn is_system(role: Role) -> bool {
    matches!(role, Role::InspectionSystem)
}

const fn is_link(role: Role) -> bool {
    matches!(role, Role::CvcaLink)
}

const fn is_root(role: Role) -> bool {
    matches!(role, Role::Cvca)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cvc::{algorithm::Algorithm, chat::Rights};
    use straznica_types::Timestamp;

    use proptest::{
        prelude::{Just, Strategy, any, prop_assert_eq},
        prop_oneof, proptest,
    };

    use super::{is_link, is_of, is_root, is_system, kept_until, may_go};
    use crate::{
        domain::records::{CertificateRecord, Day, Role, State},
        keystore::{KeyHandle, KeyRole},
    };

    fn day(number: i64) -> Day {
        Day::from_midnight(0).plus(number)
    }

    fn record(role: Role, car: &str, chr: &str, expires: i64) -> CertificateRecord {
        CertificateRecord {
            car: car.to_owned(),
            chr: chr.to_owned(),
            role,
            cvca: if role.is_cvca() { chr[..chr.len() - 5].to_owned() } else { "UTCVCA".to_owned() },
            state: State::Active,
            effective: day(0),
            expires: day(expires),
            rights: Rights::inspection(true, true),
            algorithm: Algorithm::EcdsaSha256,
            key: None,
            der: Arc::from([]),
        }
    }

    /// Two generations of Utopia's CVCA, a verifier of ours under the first, and its inspection system.
    fn held() -> Vec<CertificateRecord> {
        vec![
            record(Role::Cvca, "UTCVCA00001", "UTCVCA00001", 10),
            record(Role::DvForeign, "UTCVCA00001", "PLDV00001", 8),
            record(Role::InspectionSystem, "PLDV00001", "PLIS00001", 5),
            record(Role::CvcaLink, "UTCVCA00001", "UTCVCA00002", 20),
            record(Role::Cvca, "UTCVCA00002", "UTCVCA00002", 20),
            record(Role::Cvca, "UTCVCA00003", "UTCVCA00003", 30),
        ]
    }

    fn names(records: &[CertificateRecord], past: i64) -> Vec<String> {
        let going = may_go(records, |one| one.expires < day(past));
        going.iter().map(|one| format!("{}>{}", one.car, one.chr)).collect()
    }

    #[test]
    fn what_rests_on_a_certificate_goes_before_it_and_the_newest_root_stays() {
        let held = held();
        assert_eq!(names(&held, 5), [""; 0]);
        assert_eq!(names(&held, 6), ["PLDV00001>PLIS00001"]);
        assert_eq!(names(&held, 9), ["PLDV00001>PLIS00001", "UTCVCA00001>PLDV00001"]);
        // The first root is past its time; the link that leads on from it is not.
        assert_eq!(names(&held, 11).len(), 2);
        let all = names(&held, 1000);
        assert_eq!(all.len(), 5, "{all:?}");
        assert!(!all.contains(&"UTCVCA00003>UTCVCA00003".to_owned()));
        let place = |name: &str| all.iter().position(|one| one == name).unwrap();
        assert!(place("UTCVCA00001>UTCVCA00002") < place("UTCVCA00001>UTCVCA00001"));
        assert!(place("UTCVCA00001>UTCVCA00002") < place("UTCVCA00002>UTCVCA00002"));
    }

    #[test]
    fn nothing_goes_from_under_what_is_kept() {
        let with_key = |at: usize, role| {
            let mut held = held();
            held[at].key = Some(KeyHandle::new(role, uuid::Uuid::nil()));
            held
        };
        assert_eq!(names(&with_key(2, KeyRole::InspectionSystem), 9), [""; 0], "its verifier is needed too");
        assert_eq!(names(&with_key(1, KeyRole::DocumentVerifier), 9), ["PLDV00001>PLIS00001"]);
        // A verifier still kept holds its CVCA.
        let mut longer = held();
        longer[1].expires = day(2000);
        let all = names(&longer, 1000);
        assert!(!all.contains(&"UTCVCA00001>UTCVCA00001".to_owned()), "{all:?}");
    }

    #[test]
    fn a_link_that_says_more_than_its_holders_root_stays_and_with_it_the_root_it_leads_from() {
        // The only thing that says that two names are one CVCA.
        let mut renamed = held();
        renamed[3] = record(Role::CvcaLink, "UTCVCA00001", "UTNEW00001", 20);
        renamed[4] = record(Role::Cvca, "UTNEW00001", "UTNEW00001", 20);
        let all = names(&renamed, 1000);
        assert_eq!(all, ["PLDV00001>PLIS00001", "UTCVCA00001>PLDV00001"]);
        // Nor where the new name is the beginning of the old one.
        let mut shortened = held();
        shortened[3] = record(Role::CvcaLink, "UTCVCA00001", "UTCV00001", 20);
        shortened[4] = record(Role::Cvca, "UTCV00001", "UTCV00001", 20);
        shortened[5] = record(Role::Cvca, "UTCV00002", "UTCV00002", 30);
        let all = names(&shortened, 1000);
        assert!(!all.contains(&"UTCVCA00001>UTCV00001".to_owned()), "{all:?}");
        // The only certificate of its holder.
        let mut rootless = held();
        rootless.remove(4);
        assert_eq!(names(&rootless, 1000), ["PLDV00001>PLIS00001", "UTCVCA00001>PLDV00001"]);
        // A successor that awaits officers is none.
        let mut unseen = held();
        unseen[5].state = State::AwaitingConfirmation;
        let all = names(&unseen, 1000);
        assert!(!all.contains(&"UTCVCA00002>UTCVCA00002".to_owned()), "{all:?}");
    }

    #[test]
    fn months_are_counted_from_the_last_day_of_validity() {
        let last = |text: &str| Day::of(text.parse::<Timestamp>().unwrap());
        assert_eq!(kept_until(last("2026-07-08T00:00:00Z"), 12), Some(last("2027-07-09T00:00:00Z")));
        assert_eq!(kept_until(last("2026-01-31T00:00:00Z"), 1), Some(last("2026-03-01T00:00:00Z")));
    }

    /// The rule itself, said of one certificate and those still held.
    fn rests_nothing_on(one: &CertificateRecord, left: &[&CertificateRecord]) -> bool {
        if one.key.is_some() {
            return false;
        }
        let in_use = |other: &CertificateRecord| is_root(other.role) && other.state == State::Active;
        let has_successor = one.state == State::Active
            && left.iter().any(|other| in_use(other) && other.cvca == one.cvca && other.expires > one.expires);
        match one.role {
            Role::InspectionSystem => true,
            Role::DvDomestic | Role::DvForeign => {
                !left.iter().any(|other| is_system(other.role) && other.car == one.chr && other.cvca == one.cvca)
            }
            Role::Cvca => {
                let names = |other: &&&CertificateRecord| {
                    other.car == one.chr && (other.role.is_dv() || is_link(other.role))
                        || other.chr == one.chr && is_link(other.role)
                };
                has_successor && !left.iter().any(|other| names(&other))
            }
            Role::CvcaLink => {
                let has_root = left.iter().any(|other| in_use(other) && other.chr == one.chr);
                is_of(&one.car, &one.cvca) && has_root && has_successor
            }
        }
    }

    /// What goes when they are asked one by one, as long as any may.
    fn one_by_one(records: &[CertificateRecord], past: i64) -> Vec<String> {
        let mut left: Vec<&CertificateRecord> = records.iter().collect();
        let mut gone = Vec::new();
        while let Some(next) = left.iter().position(|one| one.expires < day(past) && rests_nothing_on(one, &left)) {
            let one = left.remove(next);
            gone.push(format!("{}>{}", one.car, one.chr));
        }
        gone
    }

    fn any_record() -> impl Strategy<Value = CertificateRecord> {
        let cvca = || prop_oneof![Just("UTCVCA"), Just("UTCV"), Just("UTNEW")];
        let generation = || (cvca(), 1..4_u8).prop_map(|(name, number)| format!("{name}{number:05}"));
        let verifier = || (1..3_u8).prop_map(|number| format!("PLDV{number:05}"));
        let named = prop_oneof![
            generation().prop_map(|root| (Role::Cvca, root.clone(), root)),
            (generation(), generation()).prop_map(|(from, to)| (Role::CvcaLink, from, to)),
            (generation(), verifier()).prop_map(|(from, to)| (Role::DvForeign, from, to)),
            (verifier(), 1..9_u8).prop_map(|(from, to)| (Role::InspectionSystem, from, format!("PLIS{to:05}"))),
        ];
        let state =
            prop_oneof![4 => Just(State::Active), 1 => Just(State::Suspended), 1 => Just(State::AwaitingConfirmation)];
        (named, 0..40_i64, state, 0..8_u8).prop_map(|((role, car, chr), expires, state, key)| {
            let key = (key == 0).then(|| KeyHandle::new(KeyRole::DocumentVerifier, uuid::Uuid::nil()));
            CertificateRecord { state, key, ..record(role, &car, &chr, expires) }
        })
    }

    proptest! {
        #[test]
        fn what_goes_together_is_what_goes_one_by_one(
            mut records in proptest::collection::vec(any_record(), 0..24),
            past in 0..45_i64,
            shuffle in any::<u64>(),
        ) {
            // A storage key names one certificate.
            let mut seen = std::collections::HashSet::new();
            records.retain(|one| seen.insert((one.car.clone(), one.chr.clone())));
            let middle = usize::try_from(shuffle % 24).unwrap() % records.len().max(1);
            records.rotate_left(middle);
            let going = names(&records, past);
            // In the order given each may go when its turn comes.
            let mut left: Vec<&CertificateRecord> = records.iter().collect();
            for name in &going {
                let place = left.iter().position(|one| format!("{}>{}", one.car, one.chr) == *name).unwrap();
                prop_assert_eq!((name, rests_nothing_on(left[place], &left)), (name, true));
                left.remove(place);
            }
            let sorted = |mut names: Vec<String>| {
                names.sort();
                names
            };
            prop_assert_eq!(sorted(going), sorted(one_by_one(&records, past)));
        }
    }
}
