//! Documents of the builder under the inspection: by every algorithm, version and format, and with PACE-CAM.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use cvc::domain_parameters::StandardisedCurve as Curve;
use emrtd::builder::{
    ActiveAuthenticationChoice, Algorithm, Csca, Defect, Digest, Holder, LdsVersion, MappingProof, Personalisation,
    SpecimenDocument, State, Validity, defect_list, master_list,
};
use emrtd::country::Environment;
use emrtd::inspection::{CheckName, CheckResult, Inspection, Profile, Verdict, inspect};
use emrtd::lists::{Anchor, DefectList, MasterList};
use emrtd::presentation::{
    AccessProtocol, ActiveAuthenticationEvidence, ChipAuthenticationEvidence, Presentation, Scope,
};
use emrtd::trust::TrustStore;
use emrtd::x509::{Certificate, Crl};
use time::OffsetDateTime;
use time::macros::{date, datetime};

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
const VALIDITY: Validity = Validity { from: date!(2025 - 01 - 01), until: date!(2040 - 01 - 01) };
const CHALLENGE: [u8; 8] = *b"nonce-02";

struct Issued {
    trust: TrustStore,
    document: SpecimenDocument,
}

fn issue(root: Algorithm, leaf: Algorithm, document: Personalisation) -> Issued {
    issue_by_signer_of(&["P", "ID"], root, leaf, document)
}

fn issue_by_signer_of(types: &[&str], root: Algorithm, leaf: Algorithm, document: Personalisation) -> Issued {
    let mut csca = Csca::create(State::utopia(), root, VALIDITY).unwrap();
    let signer = csca.document_signer(leaf, VALIDITY, types).unwrap();
    let document = document.issue(csca.state(), &signer).unwrap();
    let crl = csca.revocation_list(1, NOW, NOW + time::Duration::days(30), &[]).unwrap();
    let mut builder = TrustStore::builder(Environment::Test);
    builder.add_csca(Certificate::parse(csca.certificate()).unwrap(), "test");
    builder.add_crl(Crl::parse(&crl).unwrap()).unwrap();
    Issued { trust: builder.build(), document }
}

fn passport() -> Personalisation {
    Personalisation::passport(Holder::specimen(), "UT1234567", date!(2035 - 06 - 30))
}

/// Everything but DG3 delivered, the chip proven by what it can do.
fn inspection(issued: &Issued, cam: Option<&MappingProof>) -> Inspection {
    let document = &issued.document;
    let response = document.chip_keys.active_authentication.as_ref().map(|key| key.answer(&CHALLENGE).unwrap());
    let mut presentation = Presentation::new(Scope::Document, &document.sod);
    presentation.com = Some(&document.com);
    presentation.data_groups = document
        .data_groups
        .iter()
        .filter(|(number, _)| **number != 3)
        .map(|(number, bytes)| (*number, bytes.as_slice()))
        .collect();
    presentation.optical_mrz = Some(&document.mrz);
    presentation.card_access = Some(&document.card_access);
    presentation.active_authentication = response
        .as_deref()
        .filter(|_| cam.is_none())
        .map(|response| ActiveAuthenticationEvidence { challenge: CHALLENGE, response });
    if let Some(proof) = cam {
        presentation.access = Some(AccessProtocol::PaceCam);
        presentation.chip_authentication = Some(ChipAuthenticationEvidence::PaceCam {
            succeeded: true,
            card_security: document.card_security.as_deref(),
            chip_authentication_data: Some(&proof.chip_authentication_data),
            mapping_public_key: Some(&proof.mapping_public_key),
        });
    }
    inspect(&presentation, &issued.trust, Profile::standard(), NOW).unwrap()
}

fn failed(inspection: &Inspection) -> Vec<CheckName> {
    inspection.checks.iter().filter(|check| check.result == CheckResult::Failed).map(|check| check.check).collect()
}

#[test]
fn documents_signed_by_every_algorithm_are_genuine() {
    let mut algorithms: Vec<Algorithm> = [Curve::P224, Curve::P256, Curve::P384, Curve::P521]
        .into_iter()
        .chain([Curve::BrainpoolP224r1, Curve::BrainpoolP256r1, Curve::BrainpoolP320r1])
        .chain([Curve::BrainpoolP384r1, Curve::BrainpoolP512r1])
        .flat_map(|curve| {
            let algorithm = Algorithm::ecdsa(curve, Digest::Sha256);
            [algorithm, algorithm.with_explicit_parameters(), algorithm.with_plain_signatures()]
        })
        .collect();
    for digest in [Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512] {
        algorithms.push(Algorithm::ecdsa(Curve::BrainpoolP256r1, digest));
    }
    for digest in [Digest::Sha1, Digest::Sha256, Digest::Sha512] {
        algorithms.push(Algorithm::rsa(2048, digest));
        algorithms.push(Algorithm::rsa_pss(2048, digest));
    }
    for algorithm in algorithms {
        let inspection = inspection(&issue(algorithm, algorithm, passport()), None);
        assert_eq!(failed(&inspection), [], "{algorithm:?}");
        assert_eq!(inspection.verdict, Verdict::Genuine, "{algorithm:?}: {inspection:#?}");
    }
}

#[test]
fn cards_and_both_versions_of_the_security_object_are_genuine_by_every_hash() {
    let algorithm = Algorithm::ecdsa(Curve::BrainpoolP256r1, Digest::Sha256);
    let card = Personalisation::identity_card(Holder::specimen(), "UT7654321", date!(2035 - 06 - 30));
    for digest in [Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512] {
        for version in [LdsVersion::V0, LdsVersion::V1] {
            for document in [passport(), card.clone()] {
                let issued = issue(algorithm, algorithm, document.digest(digest).lds_version(version));
                let inspection = inspection(&issued, None);
                assert_eq!(inspection.verdict, Verdict::Genuine, "{digest:?} {version:?}: {inspection:#?}");
            }
        }
    }
}

#[test]
fn a_chip_proven_by_pace_cam_is_genuine_and_another_ones_mapping_is_not() {
    let algorithm = Algorithm::ecdsa(Curve::BrainpoolP256r1, Digest::Sha256);
    let issued = issue(algorithm, algorithm, passport().chip_authentication_mapping());
    let key = issued.document.chip_keys.chip_authentication.as_ref().unwrap();
    let good = inspection(&issued, Some(&key.prove_mapping().unwrap()));
    assert_eq!(good.result(CheckName::PaceCam), Some(CheckResult::Successful));
    assert_eq!(good.verdict, Verdict::Genuine, "{good:#?}");

    let clone = issued.document.cloned_into_another_chip().unwrap();
    let proof = clone.chip_keys.chip_authentication.as_ref().unwrap().prove_mapping().unwrap();
    let caught = inspection(&issued, Some(&proof));
    assert_eq!(caught.verdict, Verdict::NotGenuine);
    assert_eq!(failed(&caught), [CheckName::PaceCam, CheckName::ChipAuthenticity]);
}

#[test]
fn a_data_group_the_security_object_does_not_list_is_not_genuine() {
    let algorithm = Algorithm::ecdsa(Curve::P256, Digest::Sha256);
    let inspection = inspection(&issue(algorithm, algorithm, passport().unlisted(15)), None);
    assert_eq!(inspection.verdict, Verdict::NotGenuine);
    assert!(failed(&inspection).contains(&CheckName::DataGroupHash(15)));
}

#[test]
fn a_document_without_any_chip_protocol_is_genuine_without_proof_of_the_chip() {
    let algorithm = Algorithm::rsa(2048, Digest::Sha256);
    let document = passport().chip_authentication(None).active_authentication(ActiveAuthenticationChoice::None);
    let inspection = inspection(&issue(algorithm, algorithm, document), None);
    assert_eq!(inspection.result(CheckName::ChipAuthenticity), Some(CheckResult::NotSupported));
    assert_eq!(inspection.verdict, Verdict::Genuine, "{inspection:#?}");
}

#[test]
fn a_signer_for_cards_does_not_sign_passports() {
    let algorithm = Algorithm::ecdsa(Curve::P256, Digest::Sha256);
    let inspection = inspection(&issue_by_signer_of(&["ID"], algorithm, algorithm, passport()), None);
    assert_eq!((inspection.verdict, failed(&inspection)), (Verdict::NotGenuine, vec![CheckName::DocumentType]));
}

#[test]
fn lists_and_links_of_the_builder_are_read_under_their_anchor() {
    let algorithm = Algorithm::ecdsa(Curve::BrainpoolP384r1, Digest::Sha384).with_explicit_parameters();
    let mut old = Csca::create(State::utopia(), Algorithm::rsa_pss(3072, Digest::Sha256), VALIDITY).unwrap();
    let (mut csca, link) = old.renew(algorithm, VALIDITY).unwrap();
    let anchor = [Anchor::Certificate(Certificate::parse(csca.certificate()).unwrap())];
    let list_signer = csca.master_list_signer(algorithm, VALIDITY).unwrap();
    let listed = [old.certificate(), &link, csca.certificate()];
    let list = MasterList::parse(&master_list(&listed, &list_signer, &csca, NOW).unwrap()).unwrap();
    assert_eq!((list.certificates().len(), list.unreadable().len()), (3, 0));
    assert!(list.verify(&anchor, Some(NOW)).is_ok());

    let signer = csca.document_signer(algorithm, VALIDITY, &["P"]).unwrap();
    let defect_signer = csca.defect_list_signer(algorithm, VALIDITY).unwrap();
    let defects = vec![
        Defect::CertificateRevoked { status: 3 },
        Defect::CertificateReplaced { by: csca.certificate().to_vec() },
        Defect::ChipAuthenticationKeyRevoked,
        Defect::ActiveAuthenticationKeyRevoked,
    ];
    let defects = defect_list(&[(&signer, defects)], &defect_signer, &csca, NOW).unwrap();
    let defects = DefectList::parse(&defects).unwrap();
    assert_eq!(defects.defects().len(), 4);
    let defects = defects.verify(&anchor, Some(NOW)).unwrap();

    let mut builder = TrustStore::builder(Environment::Test);
    builder.add_csca(Certificate::parse(csca.certificate()).unwrap(), "test");
    builder.add_defect_list(&defects);
    let store = builder.build();
    let certificate = Certificate::parse(signer.certificate()).unwrap();
    assert_eq!(store.defects_of(&certificate).count(), 4);
}
