//! Security objects of real passports, the German master lists, and the BSI specimen.

#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used, reason = "helpers of tests may fail the test")]

mod support;

use std::collections::BTreeMap;

use emrtd::country::Environment;
use emrtd::inspection::{CheckName, CheckResult, Inspection, Profile, ToleranceCode, Verdict, inspect};
use emrtd::lists::{Anchor, MasterList};
use emrtd::presentation::{Presentation, Scope};
use emrtd::trust::TrustStore;
use support::{certificate, read, vectors};
use time::OffsetDateTime;

const STATES: [&str; 7] = ["AT", "DE", "FI", "GB", "MY", "NZ", "US"];

fn sod(state: &str) -> Vec<u8> {
    read(&format!("lds/real-sods/{state}_EF_SOD.bin"))
}

/// A time within the document signer's validity.
fn signing_time(state: &str) -> OffsetDateTime {
    let signer = certificate(&format!("lds/real-sods/{state}_DSC.der"));
    signer.not_before() + (signer.not_after() - signer.not_before()) / 2
}

fn own_csca(state: &str) -> TrustStore {
    let mut builder = TrustStore::builder(Environment::Production);
    builder.add_csca(certificate(&format!("lds/real-sods/{state}_CSCA.der")), "pinned");
    builder.build()
}

fn german_list(date: &str) -> TrustStore {
    let list = MasterList::parse(&read(&format!("masterlists/DE_ML_{date}.ml"))).unwrap();
    let anchor = Anchor::Certificate(certificate("masterlists/DE_ROOT_CA_CSCA07.cer"));
    let list = list.verify(&[anchor], None).unwrap();
    let mut builder = TrustStore::builder(Environment::Production);
    builder.add_master_list(&list, date);
    builder.build()
}

fn study(sod: &[u8], trust: &TrustStore, at: OffsetDateTime) -> Inspection {
    inspect(&Presentation::new(Scope::SecurityObject, sod), trust, Profile::standard(), at).unwrap()
}

fn tolerances(inspection: &Inspection) -> Vec<ToleranceCode> {
    let mut codes: Vec<_> = inspection.tolerances.iter().map(|tolerance| tolerance.code).collect();
    codes.dedup();
    codes
}

#[test]
fn real_security_objects_are_genuine_under_their_own_csca() {
    if vectors().is_none() {
        return;
    }
    for state in STATES {
        let inspection = study(&sod(state), &own_csca(state), signing_time(state));
        assert_eq!(inspection.verdict, Verdict::Genuine, "{state}: {inspection:#?}");
        assert_eq!(inspection.issuing_state.as_deref().map(str::to_uppercase).as_deref(), Some(state));
    }
}

#[test]
fn real_security_objects_are_genuine_under_each_german_master_list() {
    if vectors().is_none() {
        return;
    }
    for date in ["2026-01-08-12-20-54", "2026-05-28-08-28-45"] {
        let trust = german_list(date);
        for state in STATES {
            let inspection = study(&sod(state), &trust, signing_time(state));
            assert_eq!(inspection.verdict, Verdict::Genuine, "{state} {date}: {inspection:#?}");
            let signature = inspection.checks.iter().find(|check| check.check == CheckName::DsSignature).unwrap();
            assert_eq!(signature.evidence.get("vouched_by"), Some(date));
        }
    }
}

#[test]
fn no_security_object_is_genuine_under_another_states_csca() {
    if vectors().is_none() {
        return;
    }
    for state in STATES {
        let sod = sod(state);
        for other in STATES.into_iter().filter(|other| *other != state) {
            let verdict = study(&sod, &own_csca(other), signing_time(state)).verdict;
            assert_ne!(verdict, Verdict::Genuine, "{state} under {other}");
        }
    }
}

#[test]
fn a_security_object_is_not_genuine_outside_its_signers_validity() {
    if vectors().is_none() {
        return;
    }
    for state in STATES {
        let signer = certificate(&format!("lds/real-sods/{state}_DSC.der"));
        let day = time::Duration::days(1);
        for at in [signer.not_before() - day, signer.not_after() + day] {
            let inspection = study(&sod(state), &own_csca(state), at);
            assert_eq!(inspection.verdict, Verdict::NotGenuine, "{state}");
            assert_eq!(inspection.result(CheckName::DsValidity), Some(CheckResult::Failed));
        }
    }
}

#[test]
fn every_tolerance_a_real_document_needs_is_reported() {
    if vectors().is_none() {
        return;
    }
    let needed = [
        ("AT", ToleranceCode::LinkCertificateAnchor),
        ("AT", ToleranceCode::ExplicitEcParameters),
        ("DE", ToleranceCode::ExplicitEcParameters),
        ("FI", ToleranceCode::ExplicitEcParameters),
        ("GB", ToleranceCode::ExplicitEcParameters),
        ("MY", ToleranceCode::SignerNameOrder),
        ("NZ", ToleranceCode::BerIndefiniteLength),
    ];
    for (state, code) in needed {
        let inspection = study(&sod(state), &own_csca(state), signing_time(state));
        assert!(tolerances(&inspection).contains(&code), "{state} {code:?}: {:#?}", inspection.tolerances);
    }
    let plain = study(&sod("US"), &own_csca("US"), signing_time("US"));
    assert_eq!(plain.tolerances, [], "the one that needs none");
}

#[test]
fn an_unanchored_list_leaves_the_issuer_undetermined() {
    if vectors().is_none() {
        return;
    }
    let list = MasterList::parse(&read("masterlists/DE_ML_2026-05-28-08-28-45.ml")).unwrap();
    let mut builder = TrustStore::builder(Environment::Production);
    builder.add_unanchored_master_list(&list, "found somewhere");
    let inspection = study(&sod("DE"), &builder.build(), signing_time("DE"));
    assert_eq!(inspection.result(CheckName::DsSignature), Some(CheckResult::Undetermined));
    assert_eq!(inspection.verdict, Verdict::Undetermined);
}

fn specimen_groups() -> BTreeMap<u8, Vec<u8>> {
    [1, 2, 3, 4, 14, 15]
        .into_iter()
        .map(|number| (number, read(&format!("lds/bsi-tr03105-5-reference-dataset/Datagroup{number}.bin"))))
        .collect()
}

#[test]
fn the_bsi_specimen_is_undetermined_for_its_csca_is_not_published() {
    if vectors().is_none() {
        return;
    }
    let (sod, com) = (
        read("lds/bsi-tr03105-5-reference-dataset/EF_SOD.bin"),
        read("lds/bsi-tr03105-5-reference-dataset/EF_COM.bin"),
    );
    let groups = specimen_groups();
    let at = support::at(time::macros::date!(2014 - 06 - 01));
    let trust = TrustStore::builder(Environment::Test).build();
    let mut presentation = Presentation::new(Scope::Document, &sod);
    presentation.com = Some(&com);
    presentation.data_groups =
        groups.iter().filter(|(number, _)| **number != 15).map(|(number, bytes)| (*number, bytes.as_slice())).collect();
    let inspection = inspect(&presentation, &trust, Profile::standard(), at).unwrap();
    assert_eq!(inspection.verdict, Verdict::Undetermined, "{inspection:#?}");
    assert_eq!(inspection.issuing_state.as_deref(), Some("D"));
    assert_eq!(inspection.result(CheckName::SodSignature), Some(CheckResult::Successful));
    assert_eq!(inspection.result(CheckName::ComConsistency), Some(CheckResult::Successful));
    assert_eq!(inspection.result(CheckName::DsValidity), Some(CheckResult::Successful));
    for number in [1, 2, 3, 4, 14] {
        assert_eq!(inspection.result(CheckName::DataGroupHash(number)), Some(CheckResult::Successful), "DG{number}");
    }

    presentation.data_groups.insert(15, &groups[&15]);
    let inspection = inspect(&presentation, &trust, Profile::standard(), at).unwrap();
    assert_eq!(inspection.result(CheckName::DataGroupHash(15)), Some(CheckResult::Failed));
    assert_eq!(inspection.verdict, Verdict::NotGenuine);
}

#[test]
fn every_single_bit_change_of_a_data_group_is_not_genuine() {
    if vectors().is_none() {
        return;
    }
    let sod = read("lds/bsi-tr03105-5-reference-dataset/EF_SOD.bin");
    let security_object = emrtd::sod::SecurityObject::parse(&sod).unwrap().lds_object().unwrap();
    for (number, mut bytes) in specimen_groups().into_iter().filter(|(number, _)| *number != 15) {
        let listed = &security_object.hashes[&number];
        for bit in 0..bytes.len() * 8 {
            // Faces and fingers are long: every bit of their first kilobyte, then one bit of every byte.
            if bit > 8 * 1024 && bit % 8 != bit / 8 % 8 {
                continue;
            }
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(security_object.algorithm.digest(&bytes).unwrap(), *listed, "DG{number} bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
    // One flip through the whole inspection: the hash above is what the check compares.
    let mut altered = specimen_groups().remove(&1).unwrap();
    *altered.last_mut().unwrap() ^= 1;
    let mut presentation = Presentation::new(Scope::Document, &sod);
    presentation.data_groups.insert(1, &altered);
    let trust = TrustStore::builder(Environment::Test).build();
    let at = support::at(time::macros::date!(2014 - 06 - 01));
    let inspection = inspect(&presentation, &trust, Profile::standard(), at).unwrap();
    assert_eq!(inspection.verdict, Verdict::NotGenuine);
}
