use std::sync::Arc;

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

use cvc::{
    algorithm::Algorithm,
    chat::{Rights, TerminalType},
};

use super::{Chain, ChainTable, Reach, Standing};
use crate::domain::records::{CertificateRecord, Day, Role, State};
use crate::keystore::{KeyHandle, KeyRole};

const TODAY: Day = Day::from_midnight(20_000 * 86_400_000);

fn record(role: Role, car: &str, chr: &str, from: i64, to: i64) -> CertificateRecord {
    let cvca = if role.is_cvca() { &chr[..chr.len() - 5] } else { "UTCVCA" };
    CertificateRecord {
        car: car.to_owned(),
        chr: chr.to_owned(),
        role,
        cvca: cvca.to_owned(),
        state: State::Active,
        effective: TODAY.plus(from),
        expires: TODAY.plus(to),
        rights: Rights::inspection(true, true),
        algorithm: Algorithm::EcdsaSha256,
        key: (role == Role::InspectionSystem).then(|| KeyHandle::new(KeyRole::InspectionSystem, uuid::Uuid::now_v7())),
        der: Arc::from(format!("{car}>{chr}").into_bytes()),
    }
}

/// Two generations of a foreign CVCA with a link, a DV and an inspection system under each.
fn two_generations() -> Vec<CertificateRecord> {
    vec![
        record(Role::Cvca, "UTCVCA00001", "UTCVCA00001", -900, 100),
        record(Role::Cvca, "UTCVCA00002", "UTCVCA00002", -30, 970),
        record(Role::CvcaLink, "UTCVCA00001", "UTCVCA00002", -30, 970),
        record(Role::DvForeign, "UTCVCA00001", "PLDV00001", -40, 20),
        record(Role::InspectionSystem, "PLDV00001", "PLIS00001", -10, 20),
        record(Role::DvForeign, "UTCVCA00002", "PLDV00002", -20, 40),
        record(Role::InspectionSystem, "PLDV00002", "PLIS00002", -5, 10),
    ]
}

fn chain(records: &[CertificateRecord], car: &str) -> Option<Chain> {
    match ChainTable::compute(records, TODAY).reach(car) {
        Some(Reach::Ready(chain)) => Some(Chain::clone(chain)),
        Some(Reach::NothingHeld) | None => None,
    }
}

fn holders(chain: &Chain) -> Vec<&str> {
    chain.certificates.iter().map(|link| link.chr.as_str()).collect()
}

fn with(
    mut records: Vec<CertificateRecord>,
    chr: &str,
    change: impl Fn(&mut CertificateRecord),
) -> Vec<CertificateRecord> {
    records.iter_mut().filter(|record| record.chr == chr).for_each(change);
    records
}

#[test]
fn an_old_trust_point_is_reached_through_the_link_and_the_newest_one_directly() {
    let records = two_generations();
    let old = chain(&records, "UTCVCA00001").unwrap();
    assert_eq!(holders(&old), ["UTCVCA00002", "PLDV00002", "PLIS00002"]);
    assert_eq!(old.certificates[0].role, Role::CvcaLink);
    assert_eq!(old.expires, TODAY.plus(10));
    let new = chain(&records, "UTCVCA00002").unwrap();
    assert_eq!(holders(&new), ["PLDV00002", "PLIS00002"]);
    assert_eq!(new.dv, ("UTCVCA00002".to_owned(), "PLDV00002".to_owned()));
}

#[test]
fn without_a_usable_pair_under_the_newest_generation_the_older_one_serves() {
    type Change = fn(&mut CertificateRecord);
    let changes: [(&str, Change); 6] = [
        ("PLDV00002", |dv| dv.expires = TODAY.plus(-1)),
        ("PLDV00002", |dv| dv.state = State::Suspended),
        ("PLDV00002", |dv| dv.effective = TODAY.plus(1)),
        ("PLIS00002", |system| system.expires = TODAY.plus(-1)),
        ("PLIS00002", |system| system.state = State::Suspended),
        ("PLIS00002", |system| system.key = None),
    ];
    for (chr, change) in changes {
        let records = with(two_generations(), chr, change);
        assert_eq!(holders(&chain(&records, "UTCVCA00001").unwrap()), ["PLDV00001", "PLIS00001"]);
        assert_eq!(ChainTable::compute(&records, TODAY).reach("UTCVCA00002"), Some(&Reach::NothingHeld));
    }
}

#[test]
fn a_newer_generation_that_may_read_less_serves_only_chips_that_reach_no_other() {
    let narrow = with(two_generations(), "PLDV00002", |dv| dv.rights = Rights::inspection(false, false));
    assert_eq!(holders(&chain(&narrow, "UTCVCA00001").unwrap()), ["PLDV00001", "PLIS00001"]);
    assert_eq!(holders(&chain(&narrow, "UTCVCA00002").unwrap()), ["PLDV00002", "PLIS00002"]);
    // With both as narrow the newest one serves again.
    let both = with(narrow, "PLDV00001", |dv| dv.rights = Rights::inspection(false, false));
    assert_eq!(holders(&chain(&both, "UTCVCA00001").unwrap()), ["UTCVCA00002", "PLDV00002", "PLIS00002"]);
}

#[test]
fn an_expired_link_still_builds_a_path_and_one_not_yet_valid_does_not() {
    let expired = with(two_generations(), "UTCVCA00002", |link| link.expires = TODAY.plus(-1));
    assert_eq!(holders(&chain(&expired, "UTCVCA00001").unwrap()), ["UTCVCA00002", "PLDV00002", "PLIS00002"]);
    let future = with(two_generations(), "UTCVCA00002", |link| link.effective = TODAY.plus(1));
    assert_eq!(holders(&chain(&future, "UTCVCA00001").unwrap()), ["PLDV00001", "PLIS00001"]);
}

#[test]
fn a_root_only_one_officer_has_seen_leads_nowhere() {
    let records = with(two_generations(), "UTCVCA00001", |root| root.state = State::AwaitingConfirmation);
    assert_eq!(ChainTable::compute(&records, TODAY).reach("UTCVCA00001"), None);
}

#[test]
fn a_chip_is_never_led_back_to_an_older_generation() {
    let records = with(two_generations(), "PLDV00002", |dv| dv.state = State::Suspended);
    assert_eq!(chain(&records, "UTCVCA00002"), None);
}

#[test]
fn a_link_to_another_mnemonic_is_followed() {
    let mut records = two_generations();
    records.push(record(Role::CvcaLink, "UTCVCA00002", "UTNEW00001", -1, 800));
    let mut dv = record(Role::DvForeign, "UTNEW00001", "PLDV00003", -1, 30);
    dv.cvca = "UTNEW".to_owned();
    let mut system = record(Role::InspectionSystem, "PLDV00003", "PLIS00003", -1, 30);
    system.cvca = "UTNEW".to_owned();
    records.extend([dv, system]);
    assert_eq!(
        holders(&chain(&records, "UTCVCA00001").unwrap()),
        ["UTCVCA00002", "UTNEW00001", "PLDV00003", "PLIS00003"]
    );
}

#[test]
fn rights_are_what_inspection_system_document_verifier_and_its_issuer_share() {
    let records = with(two_generations(), "UTCVCA00001", |root| root.rights = Rights::inspection(false, false));
    assert!(chain(&records, "UTCVCA00001").unwrap().rights.dg3().unwrap(), "an earlier generation does not count");
    let records = with(two_generations(), "PLDV00002", |dv| dv.rights = Rights::inspection(false, true));
    let rights = chain(&records, "UTCVCA00002").unwrap().rights;
    assert_eq!((rights.dg3(), rights.dg4()), (Some(false), Some(true)));
    let mixed =
        with(two_generations(), "PLDV00002", |dv| dv.rights = Rights::none(TerminalType::AuthenticationTerminal));
    assert_eq!(chain(&mixed, "UTCVCA00002"), None, "the terminal type must be the same along the chain");
}

#[test]
fn under_a_suspended_cvca_there_is_neither_a_chain_nor_a_signature() {
    let suspended = |role: Role| {
        let mut records = two_generations();
        let found = records.iter_mut().find(|record| record.chr == "UTCVCA00002" && record.role == role);
        found.unwrap().state = State::Suspended;
        records
    };
    // Its root or the link to it: the holder is one.
    for role in [Role::Cvca, Role::CvcaLink] {
        let records = suspended(role);
        assert_eq!(chain(&records, "UTCVCA00002"), None);
        assert_eq!(holders(&chain(&records, "UTCVCA00001").unwrap()), ["PLDV00001", "PLIS00001"]);
        let table = ChainTable::compute(&records, TODAY);
        assert_eq!(table.signer("PLIS00002").unwrap().standing, Standing::Suspended);
        assert_eq!(table.signer("PLIS00001").unwrap().standing, Standing::Usable);
    }
}

#[test]
fn an_inspection_system_signs_only_while_it_and_its_document_verifier_are_usable() {
    type Change = fn(&mut CertificateRecord);
    let changes: [(&str, Change, Standing); 6] = [
        ("PLIS00002", |_| (), Standing::Usable),
        ("PLIS00002", |system| system.state = State::Suspended, Standing::Suspended),
        ("PLDV00002", |dv| dv.state = State::Suspended, Standing::Suspended),
        ("PLIS00002", |system| system.expires = TODAY.plus(-1), Standing::Expired),
        ("PLDV00002", |dv| dv.expires = TODAY.plus(-1), Standing::Expired),
        ("PLIS00002", |system| system.effective = TODAY.plus(1), Standing::NotYetValid),
    ];
    for (chr, change, standing) in changes {
        let table = ChainTable::compute(&with(two_generations(), chr, change), TODAY);
        assert_eq!(table.signer("PLIS00002").unwrap().standing, standing, "{chr}");
    }
    let table = ChainTable::compute(&two_generations(), TODAY);
    assert_eq!(table.signer("PLIS00009"), None);
    assert_eq!(table.signer("PLDV00002"), None, "a document verifier's key signs no session with a chip");
}

/// Any mixture of states and validities over three generations.
fn any_records() -> impl Strategy<Value = Vec<CertificateRecord>> {
    let mut records = two_generations();
    records.push(record(Role::CvcaLink, "UTCVCA00002", "UTCVCA00003", -3, 970));
    records.push(record(Role::DvForeign, "UTCVCA00003", "PLDV00003", -2, 40));
    records.push(record(Role::DvForeign, "UTCVCA00002", "PLDV00004", -2, 40));
    records.push(record(Role::InspectionSystem, "PLDV00003", "PLIS00003", -1, 12));
    records.push(record(Role::InspectionSystem, "PLDV00004", "PLIS00004", -1, 12));
    let change = (0u8..6, -3i64..3, -3i64..3, any::<bool>());
    proptest::collection::vec(change, records.len()).prop_map(move |changes| {
        let mut records = records.clone();
        for (record, (kind, from, to, keep_key)) in records.iter_mut().zip(changes) {
            match kind {
                0 => record.state = State::Suspended,
                1 => (record.effective, record.expires) = (TODAY.plus(from), TODAY.plus(to)),
                2 if !keep_key => record.key = None,
                _ => {}
            }
        }
        records
    })
}

proptest! {
    #[test]
    fn every_chain_is_whole_usable_and_of_the_newest_generation_it_can_be(records in any_records()) {
        for car in ["UTCVCA00001", "UTCVCA00002", "UTCVCA00003"] {
            let Some(chain) = chain(&records, car) else { continue };
            let of = |der: &[u8]| records.iter().find(|record| *record.der == *der).unwrap();
            let links: Vec<_> = chain.certificates.iter().map(|link| of(&link.der)).collect();
            let mut issuer = car;
            for record in &links {
                prop_assert_eq!(record.car.as_str(), issuer);
                issuer = &record.chr;
            }
            let (dv, system) = (links[links.len() - 2], links[links.len() - 1]);
            prop_assert!(dv.role.is_dv() && dv.is_usable(TODAY));
            prop_assert!(system.role == Role::InspectionSystem && system.is_usable(TODAY) && system.key.is_some());
            prop_assert_eq!(chain.expires, dv.expires.min(system.expires));
            // The table's signer of this chain may sign: chain and signature never come from two states of trust.
            let table = ChainTable::compute(&records, TODAY);
            prop_assert_eq!(table.signer(&chain.is_chr).unwrap().standing, Standing::Usable);
        }
    }
}
