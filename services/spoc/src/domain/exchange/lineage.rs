//! The names a CVCA goes by: one that replaces another has another mnemonic and is reached by a link (TR-03139, registration).

use std::collections::BTreeSet;

use cvc::reference::Reference;

use crate::domain::records::{CertificateRecord, Role, State};

/// `cvca` (country and mnemonic) and every name that links lead to from it. A link from a root that officers have not compared leads nowhere: whoever made
/// the root made the link.
#[must_use]
pub fn lineage(records: &[CertificateRecord], cvca: &str) -> BTreeSet<String> {
    lineage_by(records, cvca, |link| {
        let mut issuers = of_key(records, &link.car).peekable();
        issuers.peek().is_none() || issuers.any(|issuer| issuer.state != State::AwaitingConfirmation)
    })
}

/// Likewise, by links in use alone, from keys that are trusted: for who may speak for whom.
#[must_use]
pub fn lineage_in_use(records: &[CertificateRecord], cvca: &str) -> BTreeSet<String> {
    lineage_by(records, cvca, |link| {
        link.state == State::Active && of_key(records, &link.car).any(|issuer| issuer.state == State::Active)
    })
}

/// Certificates of the CVCA key of this name.
fn of_key<'a>(records: &'a [CertificateRecord], name: &'a str) -> impl Iterator<Item = &'a CertificateRecord> {
    records.iter().filter(move |record| record.role.is_cvca() && record.chr == name)
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
        // The state of a link follows trust in the key it leads to; whose it is from counts as well.
        let root = |chr: &str, state| CertificateRecord { role: Role::Cvca, state, ..link(chr, chr) };
        let in_use = |state, cvca: &str| {
            let records = [root("UTC00001", State::Active), root("UTB00001", state), link("UTB00001", "UTC00001")];
            let (loose, strict) = (lineage(&records, cvca), lineage_in_use(&records, cvca));
            (loose.contains("UTC"), strict.contains("UTC"))
        };
        assert_eq!(in_use(State::Active, "UTB"), (true, true));
        assert_eq!(in_use(State::Suspended, "UTB"), (true, false));
        assert_eq!(in_use(State::AwaitingConfirmation, "UTB"), (false, false));
        let mut links = links;
        links[0].state = State::Suspended;
        assert!(!lineage_in_use(&links, "UTB").contains("UTC"));
    }
}
