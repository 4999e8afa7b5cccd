//! The names a CVCA goes by: one that replaces another has another mnemonic and is reached by a link (TR-03139, registration).

use std::collections::BTreeSet;

use cvc::reference::Reference;

use crate::domain::records::{CertificateRecord, Role, State};

/// `cvca` (country and mnemonic) and every name that links lead to from it.
#[must_use]
pub fn lineage(records: &[CertificateRecord], cvca: &str) -> BTreeSet<String> {
    lineage_by(records, cvca, |_| true)
}

/// Likewise, by links in use alone: what a suspended one led to does not follow.
#[must_use]
pub fn lineage_in_use(records: &[CertificateRecord], cvca: &str) -> BTreeSet<String> {
    lineage_by(records, cvca, |link| link.state == State::Active)
}

fn lineage_by(
    records: &[CertificateRecord],
    cvca: &str,
    counts: impl Fn(&CertificateRecord) -> bool,
) -> BTreeSet<String> {
    let name = |reference: &str| {
        let reference: Reference = reference.parse().ok()?;
        Some(format!("{}{}", reference.country(), reference.mnemonic()))
    };
    let links = records.iter().filter(|record| record.role == Role::CvcaLink && counts(record));
    let across: Vec<(String, &str)> =
        links.filter_map(|link| Some((name(&link.car)?, link.cvca.as_str()))).filter(|(from, to)| from != to).collect();
    let mut names = BTreeSet::from([cvca.to_owned()]);
    loop {
        let before = names.len();
        for (from, to) in &across {
            if names.contains(from) {
                names.insert((*to).to_owned());
            }
        }
        if names.len() == before {
            return names;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cvc::{algorithm::Algorithm, chat::Rights};

    use super::{lineage, lineage_in_use};
    use crate::domain::records::{CertificateRecord, Day, Role, State};

    fn link(car: &str, chr: &str) -> CertificateRecord {
        CertificateRecord {
            car: car.to_owned(),
            chr: chr.to_owned(),
            role: Role::CvcaLink,
            cvca: chr[..chr.len() - 5].to_owned(),
            state: State::Active,
            effective: Day::from_midnight(0),
            expires: Day::from_midnight(0),
            rights: Rights::inspection(true, true),
            algorithm: Algorithm::EcdsaSha256,
            key: None,
            der: Arc::from([]),
        }
    }

    #[test]
    fn a_successor_under_another_name_is_the_same_cvca_and_its_predecessor_is_not_asked_again() {
        let links = [link("UTB00001", "UTC00001"), link("UTA00002", "UTB00001"), link("UTA00001", "UTA00002")];
        let names = |cvca: &str| lineage(&links, cvca).into_iter().collect::<Vec<_>>();
        assert_eq!(names("UTA"), ["UTA", "UTB", "UTC"]);
        assert_eq!(names("UTB"), ["UTB", "UTC"]);
        assert_eq!(names("XA"), ["XA"]);
        let mut links = links;
        links[0].state = State::Suspended;
        assert_eq!(lineage_in_use(&links, "UTA").into_iter().collect::<Vec<_>>(), ["UTA", "UTB"]);
    }
}
