//! Only the chip the files were written for passes: Active Authentication, Chip Authentication, PACE-CAM.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests may fail the test")]

mod support;

use cvc::domain_parameters::StandardisedCurve;
use emrtd::builder::{
    ActiveAuthenticationChoice, ActiveAuthenticationKey, Algorithm, ChipAuthenticationKey, Csca, Digest, Holder,
    Personalisation, SpecimenDocument, State, Validity,
};
use emrtd::chip::{active_authentication, card_access, chip_authentication, pace_cam};
use emrtd::inspection::{CheckResult, Outcome, ToleranceCode};
use emrtd::lds::security_infos::SecurityInfos;
use emrtd::lds::{biometric, com::Com, dg1, dg15};
use emrtd::presentation::ActiveAuthenticationEvidence;
use openssl::bn::BigNum;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::pkey::PKey;
use time::macros::date;

const VALIDITY: Validity = Validity { from: date!(2025 - 01 - 01), until: date!(2040 - 01 - 01) };
const CHALLENGE: [u8; 8] = *b"\x00\x01\x02\x03\xFC\xFD\xFE\xFF";

fn issue(change: impl FnOnce(Personalisation) -> Personalisation) -> SpecimenDocument {
    let algorithm = Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha256);
    let mut csca = Csca::create(State::utopia(), algorithm, VALIDITY).unwrap();
    let signer = csca.document_signer(algorithm, VALIDITY, &["P"]).unwrap();
    let passport = Personalisation::passport(Holder::specimen(), "UT1234567", date!(2035 - 06 - 30));
    change(passport).issue(csca.state(), &signer).unwrap()
}

fn answer_of(document: &SpecimenDocument, challenge: [u8; 8]) -> Vec<u8> {
    document.chip_keys.active_authentication.as_ref().unwrap().answer(&challenge).unwrap()
}

fn active(document: &SpecimenDocument, challenge: [u8; 8], response: &[u8]) -> Outcome {
    let evidence = ActiveAuthenticationEvidence { challenge, response };
    let dg14 = document.data_groups.get(&14).map(Vec::as_slice);
    active_authentication::verify(&evidence, &document.data_groups[&15], dg14)
}

fn reason(outcome: &Outcome) -> &str {
    outcome.evidence.get("reason").unwrap_or("")
}

#[test]
fn a_chip_with_its_own_key_answers_the_challenge_by_every_algorithm() {
    let digests = [Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512];
    let mut choices: Vec<_> = digests.iter().map(|digest| ActiveAuthenticationChoice::Rsa(1280, *digest)).collect();
    choices.extend(digests.iter().map(|digest| ActiveAuthenticationChoice::Ecdsa(StandardisedCurve::P256, *digest)));
    choices.push(ActiveAuthenticationChoice::Ecdsa(StandardisedCurve::P521, Digest::Sha512));
    for choice in choices {
        let document = issue(|passport| passport.active_authentication(choice));
        let response = answer_of(&document, CHALLENGE);
        let outcome = active(&document, CHALLENGE, &response);
        assert_eq!(outcome.result, CheckResult::Successful, "{choice:?}: {outcome:?}");

        let clone = document.cloned_into_another_chip().unwrap();
        assert_eq!(clone.data_groups, document.data_groups);
        let outcome = active(&document, CHALLENGE, &answer_of(&clone, CHALLENGE));
        assert_eq!(outcome.result, CheckResult::Failed, "{choice:?}: a clone has another key");

        let outcome = active(&document, *b"replayed", &response);
        assert_eq!(outcome.result, CheckResult::Failed, "{choice:?}: an answer to another challenge");
    }
}

#[test]
fn sha1_is_reported_as_weak() {
    let document = issue(|p| p.active_authentication(ActiveAuthenticationChoice::Rsa(1024, Digest::Sha1)));
    let outcome = active(&document, CHALLENGE, &answer_of(&document, CHALLENGE));
    assert!(outcome.tolerances.iter().any(|tolerance| tolerance.code == ToleranceCode::WeakHash));
    assert_eq!(outcome.evidence.get("hash"), Some("sha1"));
}

#[test]
fn every_changed_bit_of_an_rsa_answer_is_noticed() {
    let document = issue(|p| p.active_authentication(ActiveAuthenticationChoice::Rsa(1024, Digest::Sha256)));
    let response = answer_of(&document, CHALLENGE);
    for bit in 0..response.len() * 8 {
        let mut changed = response.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(active(&document, CHALLENGE, &changed).result, CheckResult::Failed, "bit {bit}");
    }
    for wrong in [&response[1..], &[], &[0xFF; 128]] {
        assert_eq!(active(&document, CHALLENGE, wrong).result, CheckResult::Failed);
    }
}

/// ISO/IEC 9796-2 lets a chip send n − s; the representative tells the two apart.
#[test]
fn the_smaller_of_both_rsa_answers_is_accepted_too() {
    let document = issue(|p| p.active_authentication(ActiveAuthenticationChoice::Rsa(1024, Digest::Sha256)));
    let Some(ActiveAuthenticationKey::Rsa { key, .. }) = &document.chip_keys.active_authentication else {
        panic!("an RSA key was asked for");
    };
    let answer = BigNum::from_slice(&answer_of(&document, CHALLENGE)).unwrap();
    let mut other = BigNum::new().unwrap();
    other.checked_sub(key.n(), &answer).unwrap();
    let other = other.to_vec_padded(128).unwrap();
    assert_eq!(active(&document, CHALLENGE, &other).result, CheckResult::Successful);
}

#[test]
fn the_hash_of_an_ecdsa_answer_is_never_guessed() {
    let document = issue(|passport| passport);
    let response = answer_of(&document, CHALLENGE);
    let evidence = ActiveAuthenticationEvidence { challenge: CHALLENGE, response: &response };
    let dg15 = &document.data_groups[&15];
    let without_dg14 = active_authentication::verify(&evidence, dg15, None);
    assert_eq!((without_dg14.result, reason(&without_dg14)), (CheckResult::Undetermined, "hash_unknown_without_dg14"));

    let other = issue(|p| p.active_authentication(ActiveAuthenticationChoice::None));
    let unnamed = active_authentication::verify(&evidence, dg15, Some(&other.data_groups[&14]));
    assert_eq!((unnamed.result, reason(&unnamed)), (CheckResult::Undetermined, "hash_not_named_in_dg14"));
}

#[test]
fn an_ecdsa_answer_in_der_is_accepted_and_reported() {
    let document = issue(|passport| passport);
    let Some(ActiveAuthenticationKey::Ecdsa { key, digest, .. }) = &document.chip_keys.active_authentication else {
        panic!("the default is ECDSA");
    };
    let signature = EcdsaSig::sign(&digest.digest(&CHALLENGE).unwrap(), key).unwrap().to_der().unwrap();
    let outcome = active(&document, CHALLENGE, &signature);
    assert_eq!(outcome.result, CheckResult::Successful);
    assert!(outcome.tolerances.iter().any(|tolerance| tolerance.code == ToleranceCode::EcdsaDerForPlain));
}

#[test]
fn chip_authentication_counts_only_with_a_key_of_dg14() {
    let document = issue(|passport| passport);
    let dg14 = &document.data_groups[&14];
    let own = document.chip_keys.chip_authentication.as_ref().unwrap().public_key_info().unwrap();
    let other = ChipAuthenticationKey::generate(StandardisedCurve::BrainpoolP256r1).unwrap().public_key_info().unwrap();
    let judge = |succeeded, key| chip_authentication::verify(succeeded, key, None, dg14);
    assert_eq!(judge(true, Some(own.as_slice())).result, CheckResult::Successful);
    assert_eq!(judge(false, Some(own.as_slice())).result, CheckResult::Failed);
    assert_eq!(judge(true, None).result, CheckResult::Undetermined);
    let foreign = judge(true, Some(other.as_slice()));
    assert_eq!((foreign.result, reason(&foreign)), (CheckResult::Failed, "key_used_is_not_in_dg14"));

    let without = issue(|passport| passport.chip_authentication(None));
    let outcome = chip_authentication::verify(true, Some(&own), None, &without.data_groups[&14]);
    assert_eq!(outcome.result, CheckResult::NotSupported);
}

#[test]
fn chip_and_terminal_agree_on_the_same_secret_and_a_clone_does_not() {
    let document = issue(|passport| passport);
    let clone = document.cloned_into_another_chip().unwrap();
    let infos = SecurityInfos::from_dg14(&document.data_groups[&14]).unwrap();
    let (_, key, _) = infos.chip_authentication_keys().next().unwrap();
    let curve = StandardisedCurve::BrainpoolP256r1;

    let ephemeral = EcKey::generate(curve.group()).unwrap();
    let mut context = openssl::bn::BigNumContext::new().unwrap();
    let form = openssl::ec::PointConversionForm::UNCOMPRESSED;
    let point = ephemeral.public_key().to_bytes(curve.group(), form, &mut context).unwrap();
    let chip_key = PKey::from_ec_key(curve.curve().public_key(key.public_key).unwrap()).unwrap();
    let own = PKey::from_ec_key(ephemeral).unwrap();
    let mut deriver = openssl::derive::Deriver::new(&own).unwrap();
    deriver.set_peer(&chip_key).unwrap();
    let secret = deriver.derive_to_vec().unwrap();

    let agree =
        |document: &SpecimenDocument| document.chip_keys.chip_authentication.as_ref().unwrap().agree(&point).unwrap();
    assert_eq!(agree(&document), secret);
    assert_ne!(agree(&clone), secret);
}

#[test]
fn the_mapping_of_pace_proves_the_key_of_card_security() {
    let document = issue(Personalisation::chip_authentication_mapping);
    let key = document.chip_keys.chip_authentication.as_ref().unwrap();
    let dg14 = emrtd::asn1::Reader::single_der(&document.data_groups[&14], emrtd::asn1::Tag::new(0x6E)).unwrap();
    let content = dg14.contents();
    let proof = key.prove_mapping().unwrap();
    let judge = |data: Option<&[u8]>, mapped: Option<&[u8]>| pace_cam::verify(true, content, data, mapped);
    let (data, mapped) = (proof.chip_authentication_data.as_slice(), proof.mapping_public_key.as_slice());

    let good = judge(Some(data), Some(mapped));
    assert_eq!((good.result, good.evidence.get("mapping")), (CheckResult::Successful, Some("computed by the service")));
    let told = judge(None, None);
    assert_eq!(
        (told.result, told.evidence.get("mapping")),
        (CheckResult::Successful, Some("computed by the terminal"))
    );

    let other = ChipAuthenticationKey::generate(key.curve()).unwrap().prove_mapping().unwrap();
    for (data, mapped) in [
        (other.chip_authentication_data.as_slice(), other.mapping_public_key.as_slice()),
        (data, other.mapping_public_key.as_slice()),
        (&[0], mapped),
        (data, &mapped[1..]),
        (&[0xFF; 40], mapped),
    ] {
        assert_eq!(judge(Some(data), Some(mapped)).result, CheckResult::Failed);
    }
    assert_eq!(pace_cam::verify(false, content, None, None).result, CheckResult::Failed);
}

#[test]
fn a_protocol_planted_in_card_access_is_noticed() {
    let document = issue(Personalisation::chip_authentication_mapping);
    let dg14 = &document.data_groups[&14];
    assert_eq!(card_access::compare(&document.card_access, dg14).result, CheckResult::Successful);
    let plain = issue(|passport| passport);
    let outcome = card_access::compare(&document.card_access, &plain.data_groups[&14]);
    assert_eq!((outcome.result, reason(&outcome)), (CheckResult::Failed, "not_in_dg14"));
}

#[test]
fn the_files_of_the_reference_data_set_are_read_and_its_keys_prove_its_chip() {
    let Some(vectors) = support::vectors() else { return };
    let folder = vectors.join("lds/bsi-tr03105-5-reference-dataset");
    let file = |name: &str| std::fs::read(folder.join(name)).unwrap();

    assert_eq!(Com::parse(&file("EF_COM.bin")).unwrap().data_groups, [1, 2, 3, 4, 14]);
    let zone = dg1::parse(&file("Datagroup1.bin"), date!(2014 - 01 - 01)).unwrap();
    assert_eq!((zone.document_code(), zone.issuing_state(), zone.document_number()), ("P", "D", "C11T002JM"));
    assert!(zone.check_digits().all_agree());
    assert_eq!(zone.date_of_expiry().day(), Some(date!(2023 - 10 - 31)));
    let faces = biometric::parse_dg2(&file("Datagroup2.bin")).unwrap();
    assert_eq!(faces[0].face.as_ref().unwrap().images.len(), 1);
    assert_eq!(biometric::parse_dg3(&file("Datagroup3.bin")).unwrap().len(), 2);

    // Chip Authentication: the private key belongs to the key of DG14.
    let dg14 = file("Datagroup14.bin");
    let infos = SecurityInfos::from_dg14(&dg14).unwrap();
    let (_, spki, _) = infos.chip_authentication_keys().next().unwrap();
    let curve = StandardisedCurve::BrainpoolP224r1;
    let key = ChipAuthenticationKey::from_pkcs8(&file("DG14_sk.pkcs8"), curve).unwrap();
    assert!(key.public_key_info().unwrap().ends_with(spki.public_key));
    assert_eq!(chip_authentication::verify(true, Some(spki.raw), None, &dg14).result, CheckResult::Successful);

    // Active Authentication: RSA with 1024 bits.
    let dg15 = file("Datagroup15.bin");
    assert!(dg15::parse(&dg15).is_ok());
    let rsa = PKey::private_key_from_pkcs8(&file("DG15_sk.pkcs8")).unwrap().rsa().unwrap();
    for digest in [Digest::Sha1, Digest::Sha256] {
        let chip = ActiveAuthenticationKey::Rsa { digest, key: rsa.clone() };
        let response = chip.answer(&CHALLENGE).unwrap();
        let evidence = ActiveAuthenticationEvidence { challenge: CHALLENGE, response: &response };
        let outcome = active_authentication::verify(&evidence, &dg15, Some(&dg14));
        assert_eq!(outcome.result, CheckResult::Successful, "{outcome:?}");
        let other = ActiveAuthenticationEvidence { challenge: *b"another1", response: &response };
        assert_eq!(active_authentication::verify(&other, &dg15, None).result, CheckResult::Failed);
    }
}

#[test]
fn specimens_are_read_by_the_parsers_of_this_crate() {
    let document = issue(|passport| passport);
    let zone = dg1::parse(&document.data_groups[&1], date!(2026 - 11 - 22)).unwrap();
    assert!(zone.check_digits().all_agree() && zone.agrees_with_optical(&document.mrz));
    assert_eq!(zone.date_of_expiry().day(), Some(date!(2035 - 06 - 30)));
    assert_eq!(Com::parse(&document.com).unwrap().data_groups, [1, 2, 3, 14, 15]);
    assert!(biometric::parse_dg2(&document.data_groups[&2]).unwrap()[0].face.is_some());
    assert_eq!(biometric::parse_dg3(&document.data_groups[&3]).unwrap().len(), 2);
    assert!(SecurityInfos::from_card_access(&document.card_access).is_ok());
    assert_ne!(document.with_altered(2).unwrap().data_groups[&2], document.data_groups[&2]);
    assert!(document.with_altered(9).is_err());
}

#[test]
fn card_security_of_real_documents_holds_the_keys_of_the_mapping() {
    let Some(vectors) = support::vectors() else { return };
    for state in ["DE", "FI"] {
        let file = std::fs::read(vectors.join(format!("lds/real-sods/{state}_EF_CardSecurity.bin"))).unwrap();
        let message = emrtd::cms::SignedData::parse(&file).unwrap();
        let infos = SecurityInfos::from_card_access(message.content()).unwrap();
        assert!(infos.chip_authentication_keys().count() > 0, "{state}");
        let chip = ChipAuthenticationKey::generate(StandardisedCurve::BrainpoolP256r1).unwrap();
        let proof = chip.prove_mapping().unwrap();
        let (data, mapped) = (proof.chip_authentication_data.as_slice(), proof.mapping_public_key.as_slice());
        let outcome = pace_cam::verify(true, message.content(), Some(data), Some(mapped));
        assert_eq!(outcome.result, CheckResult::Failed, "{state}: another chip's mapping");
    }
}
