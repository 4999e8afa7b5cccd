//! Certificates of our CVCAs in the order other states get them (CSN 36 9791 §6; Doc 9303-12 §8).

use cvc::reference::Reference;
use time::Date;

use crate::{
    domain::records::{CertificateRecord, Day, Role, State, holder_name},
    keystore::KeyHandle,
};

/// The generation of our CVCA `name` that issues today: the newest usable one whose key is held.
#[must_use]
pub fn current<'a>(
    records: &'a [CertificateRecord],
    name: &str,
    today: Day,
) -> Option<(&'a CertificateRecord, &'a KeyHandle)> {
    let roots = records.iter().filter(|record| record.role == Role::Cvca && record.cvca == name);
    let usable = roots.filter(|record| record.is_usable(today));
    let with_key = usable.filter_map(|record| Some((record, record.key.as_ref()?)));
    with_key.max_by(|(one, _), (two, _)| (one.effective, &one.chr).cmp(&(two.effective, &two.chr)))
}

/// What leads somebody who trusts the generation `from` to the generation `to` of the same CVCA: links oldest first, then the self-signed
/// certificate of `to`, so that each finds its issuer before it. Empty when the two are one.
#[must_use]
pub fn leading(records: &[CertificateRecord], from: &Reference, to: &Reference) -> Vec<Vec<u8>> {
    if from == to {
        return Vec::new();
    }
    let (name, known, target) = (holder_name(to), from.to_string(), to.to_string());
    let ours = records.iter().filter(|record| record.cvca == name && record.state == State::Active);
    // Our sequence numbers only ever rise, and so do their texts.
    let needed = ours.filter(|record| match record.role {
        Role::CvcaLink => record.chr > known && record.chr <= target,
        Role::Cvca => record.chr == target,
        Role::DvDomestic | Role::DvForeign | Role::InspectionSystem => false,
    });
    in_order(needed.collect())
}

/// All certificates of our CVCAs from the oldest that can still be the trust anchor of a valid document: whatever was valid within the last
/// `document_years`, for a document may have been issued on its last day.
#[must_use]
pub fn all(records: &[CertificateRecord], country: &str, document_years: u16, today: Date) -> Vec<Vec<u8>> {
    let ours = records
        .iter()
        .filter(|record| record.role.is_cvca() && record.state == State::Active && record.chr.starts_with(country));
    let oldest = years_before(today, document_years);
    in_order(ours.filter(|record| record.expires >= oldest).collect())
}

/// By effective date; of one day, each link after the one it continues and the root after the link to it.
fn in_order(mut records: Vec<&CertificateRecord>) -> Vec<Vec<u8>> {
    records.sort_by(|one, two| {
        let place = |record: &CertificateRecord| (record.effective, record.chr.clone(), record.role == Role::Cvca);
        place(one).cmp(&place(two))
    });
    records.into_iter().map(|record| record.der.to_vec()).collect()
}

fn years_before(today: Date, years: u16) -> Day {
    let year = today.year() - i32::from(years);
    // The 29th of February has no counterpart in most years.
    let then =
        today.replace_year(year).unwrap_or_else(|_| today.saturating_sub(time::Duration::days(366 * i64::from(years))));
    Day::of_date(then)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cvc::{algorithm::Algorithm, chat::Rights};
    use time::macros::date;

    use super::{all, current, leading};
    use crate::{
        domain::records::{CertificateRecord, Day, Role, State},
        keystore::{KeyHandle, KeyRole},
    };

    /// A certificate whose bytes are its name, so that orders can be read.
    fn record(car: &str, chr: &str, from: time::Date, until: time::Date) -> CertificateRecord {
        let root = car == chr;
        CertificateRecord {
            car: car.to_owned(),
            chr: chr.to_owned(),
            role: if root { Role::Cvca } else { Role::CvcaLink },
            cvca: chr[..chr.len() - 5].to_owned(),
            state: State::Active,
            effective: Day::of_date(from),
            expires: Day::of_date(until),
            rights: Rights::inspection(true, true),
            algorithm: Algorithm::EcdsaSha256,
            key: root.then(|| KeyHandle::new(KeyRole::NationalCvca, uuid::Uuid::now_v7())),
            der: Arc::from(format!("{car}>{chr}").as_bytes()),
        }
    }

    fn three_generations() -> Vec<CertificateRecord> {
        let dates = [
            (date!(2020 - 01 - 01), date!(2022 - 12 - 31)),
            (date!(2022 - 06 - 01), date!(2025 - 05 - 31)),
            (date!(2025 - 01 - 01), date!(2027 - 12 - 31)),
        ];
        let name = |number: usize| format!("PLCVCA{number:05}");
        let mut records = Vec::new();
        for (number, (from, until)) in (1..).zip(dates) {
            records.push(record(&name(number), &name(number), from, until));
            if number > 1 {
                records.push(record(&name(number - 1), &name(number), from, until));
            }
        }
        records.reverse();
        records
    }

    fn text(certificates: Vec<Vec<u8>>) -> Vec<String> {
        certificates.into_iter().map(|der| String::from_utf8(der).unwrap().replace("PLCVCA0000", "")).collect()
    }

    #[test]
    fn the_newest_generation_in_its_validity_whose_key_is_held_issues() {
        let mut records = three_generations();
        let newest = |records: &[CertificateRecord], day| {
            current(records, "PLCVCA", Day::of_date(day)).map(|(record, _)| record.chr.clone())
        };
        assert_eq!(newest(&records, date!(2025 - 02 - 01)).as_deref(), Some("PLCVCA00003"));
        assert_eq!(newest(&records, date!(2024 - 12 - 31)).as_deref(), Some("PLCVCA00002"));
        assert_eq!(newest(&records, date!(2028 - 01 - 01)), None);
        let last = records.iter_mut().find(|record| record.car == record.chr && record.chr.ends_with('3')).unwrap();
        last.key = None;
        assert_eq!(newest(&records, date!(2025 - 02 - 01)).as_deref(), Some("PLCVCA00002"));
    }

    #[test]
    fn links_lead_from_the_generation_asked_to_the_one_that_issued() {
        let records = three_generations();
        let reference = |number: u8| format!("PLCVCA0000{number}").parse().unwrap();
        assert_eq!(text(leading(&records, &reference(1), &reference(3))), ["1>2", "2>3", "3>3"]);
        assert_eq!(text(leading(&records, &reference(2), &reference(3))), ["2>3", "3>3"]);
        assert!(leading(&records, &reference(3), &reference(3)).is_empty());
    }

    #[test]
    fn all_begin_with_the_oldest_a_valid_document_can_trust() {
        let mut records = three_generations();
        let given = |records: &[CertificateRecord], day| text(all(records, "PL", 10, day));
        assert_eq!(given(&records, date!(2026 - 01 - 01)), ["1>1", "1>2", "2>2", "2>3", "3>3"]);
        assert_eq!(given(&records, date!(2032 - 12 - 31)), ["1>1", "1>2", "2>2", "2>3", "3>3"]);
        assert_eq!(given(&records, date!(2033 - 01 - 01)), ["1>2", "2>2", "2>3", "3>3"]);
        assert_eq!(given(&records, date!(2036 - 02 - 29)), ["2>3", "3>3"]);
        records[0].state = State::Suspended;
        assert_eq!(given(&records, date!(2026 - 01 - 01)).len(), 4);
        assert!(text(all(&records, "DE", 10, date!(2026 - 01 - 01))).is_empty());
    }
}
