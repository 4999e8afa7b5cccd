//! What a forger, a careless state or a hurried terminal may try, and what must not come of it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::collections::BTreeMap;

use cvc::domain_parameters::StandardisedCurve as Curve;
use emrtd::asn1::{Reader, Rules, Tag, encode};
use emrtd::builder::{
    ActiveAuthenticationChoice, Algorithm, Csca, Defect, Digest, DocumentSigner, Holder, Personalisation, SigningKey,
    SpecimenDocument, State, Validity, defect_list,
};
use emrtd::chip::active_authentication;
use emrtd::country::Environment;
use emrtd::crypto::PublicKey;
use emrtd::inspection::{CheckName, CheckResult, Inspection, Profile, ToleranceCode, Verdict, inspect, update};
use emrtd::lists::{Anchor, DefectList};
use emrtd::presentation::{
    AccessProtocol, ActiveAuthenticationEvidence, ChipAuthenticationEvidence, Presentation, Scope,
};
use emrtd::sod::{LdsSecurityObject, SecurityObject};
use emrtd::trust::{KnownDefectKind, TrustStore, TrustStoreBuilder};
use emrtd::x509::{Certificate, Crl};
use openssl::bn::BigNum;
use time::macros::{date, datetime};
use time::{Duration, OffsetDateTime};

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
const VALIDITY: Validity = Validity { from: date!(2025 - 01 - 01), until: date!(2040 - 01 - 01) };
const CHALLENGE: [u8; 8] = *b"8 bytes.";
/// ecdsa-with-SHA256
const ECDSA_SHA256: &[u8] = &[0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];
const SHA256: &[u8] = &[0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const CONTENT_TYPE: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04];
const SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
/// id-DefectList and the extended key usage of its signers
const DEFECT_LIST: &[u8] = &[0x06, 0x08, 0x04, 0x00, 0x7F, 0x00, 0x07, 0x03, 0x01, 0x05];
const DEFECT_SIGNER: &[u8] = &[0x06, 0x0A, 0x04, 0x00, 0x7F, 0x00, 0x07, 0x03, 0x0B, 0x02, 0x01, 0x02];
const LDS_OBJECT: &[u8] = &[0x06, 0x06, 0x67, 0x81, 0x08, 0x01, 0x01, 0x01];

fn algorithm() -> Algorithm {
    Algorithm::ecdsa(Curve::P256, Digest::Sha256)
}

fn utopia() -> Csca {
    Csca::create(State::utopia(), algorithm(), VALIDITY).unwrap()
}

fn passport() -> Personalisation {
    Personalisation::passport(Holder::specimen(), "UT1234567", date!(2035 - 06 - 30))
}

fn certificate(csca: &Csca) -> Certificate {
    Certificate::parse(csca.certificate()).unwrap()
}

fn crl(csca: &Csca, at: OffsetDateTime, revoked: &[&DocumentSigner]) -> Crl {
    let serials: Vec<_> = revoked.iter().map(|signer| signer.serial_number()).collect();
    let entries: Vec<_> = serials.iter().map(|serial| (serial, date!(2026 - 10 - 01))).collect();
    Crl::parse(&csca.revocation_list(1, at, at + Duration::days(30), &entries).unwrap()).unwrap()
}

fn trusting(csca: &Csca) -> TrustStoreBuilder {
    let mut builder = TrustStore::builder(Environment::Test);
    builder.add_csca(certificate(csca), "pinned");
    builder.add_crl(crl(csca, NOW, &[])).unwrap();
    builder
}

fn defects(csca: &mut Csca, signer: &DocumentSigner, defects: Vec<Defect>) -> emrtd::lists::Trusted<DefectList> {
    let list_signer = csca.defect_list_signer(algorithm(), VALIDITY).unwrap();
    let list = defect_list(&[(signer, defects)], &list_signer, csca, NOW).unwrap();
    DefectList::parse(&list).unwrap().verify(&[Anchor::Certificate(certificate(csca))], Some(NOW)).unwrap()
}

/// The data groups of these numbers.
fn delivered<'a>(sod: &'a [u8], groups: &'a BTreeMap<u8, Vec<u8>>, numbers: &[u8]) -> Presentation<'a> {
    let mut presentation = Presentation::new(Scope::Document, sod);
    presentation.data_groups = numbers.iter().map(|number| (*number, groups[number].as_slice())).collect();
    presentation
}

fn judge(presentation: &Presentation<'_>, trust: &TrustStore) -> Inspection {
    inspect(presentation, trust, Profile::standard(), NOW).unwrap()
}

fn reason(inspection: &Inspection, check: CheckName) -> Option<&str> {
    inspection.checks.iter().find(|made| made.check == check)?.evidence.get("reason")
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    encode(Tag::SEQUENCE, &parts.concat())
}

fn parts(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut fields = Reader::new(bytes, Rules::Der).unwrap().only().unwrap().reader();
    let mut parts = Vec::new();
    while let Some(part) = fields.next_if_any().unwrap() {
        parts.push(part.raw().to_vec());
    }
    parts
}

/// A document signer of a state whose certificate and security objects are put together here, for what the builder does not make.
struct Forge {
    key: SigningKey,
    certificate: Vec<u8>,
}

impl Forge {
    fn new(csca: &mut Csca, further_extensions: &[Vec<u8>]) -> Self {
        let key = SigningKey::generate(algorithm()).unwrap();
        let model = csca.document_signer(algorithm(), VALIDITY, &["P"]).unwrap();
        let mut fields = parts(&parts(model.certificate())[0]);
        fields[6] = key.public_key_info().to_vec();
        let extensions = parts(&parts(&fields[7])[0]);
        let all = [extensions.concat(), further_extensions.concat()].concat();
        fields[7] = encode(Tag::context(3), &encode(Tag::SEQUENCE, &all));
        let tbs = encode(Tag::SEQUENCE, &fields.concat());
        let signature = encode(Tag::BIT_STRING, &[&[0], csca.key().sign(&tbs).unwrap().as_slice()].concat());
        Self { key, certificate: sequence(&[&tbs, ECDSA_SHA256, &signature]) }
    }

    /// A certificate that this one's key signed, as if it were an authority's.
    fn below(&self) -> Self {
        let key = SigningKey::generate(algorithm()).unwrap();
        let mut fields = parts(&parts(&self.certificate)[0]);
        fields[3] = fields[5].clone();
        fields[6] = key.public_key_info().to_vec();
        let tbs = encode(Tag::SEQUENCE, &fields.concat());
        let signature = encode(Tag::BIT_STRING, &[&[0], self.key.sign(&tbs).unwrap().as_slice()].concat());
        Self { key, certificate: sequence(&[&tbs, ECDSA_SHA256, &signature]) }
    }

    fn sod(&self, groups: &BTreeMap<u8, Vec<u8>>) -> Vec<u8> {
        let hashes: Vec<u8> = groups
            .iter()
            .flat_map(|(number, group)| {
                let hash = encode(Tag::OCTET_STRING, &Digest::Sha256.digest(group).unwrap());
                sequence(&[&encode(Tag::INTEGER, &[*number]), &hash])
            })
            .collect();
        let content = sequence(&[&[2, 1, 0], SHA256, &encode(Tag::SEQUENCE, &hashes)]);
        encode(Tag::new(0x77), &self.signed(LDS_OBJECT, &content))
    }

    fn issuer_and_serial(&self) -> Vec<u8> {
        let fields = parts(&parts(&self.certificate)[0]);
        sequence(&[&fields[3], &fields[1]])
    }

    fn signed(&self, content_type: &[u8], content: &[u8]) -> Vec<u8> {
        let attribute = |oid: &[u8], value: &[u8]| sequence(&[oid, &encode(Tag::SET, value)]);
        let digest = encode(Tag::OCTET_STRING, &Digest::Sha256.digest(content).unwrap());
        let mut attributes = [attribute(CONTENT_TYPE, content_type), attribute(MESSAGE_DIGEST, &digest)];
        attributes.sort();
        let attributes = attributes.concat();
        let signature = self.key.sign(&encode(Tag::SET, &attributes)).unwrap();
        let signer = sequence(&[
            &[2, 1, 1],
            &self.issuer_and_serial(),
            SHA256,
            &encode(Tag::context(0), &attributes),
            ECDSA_SHA256,
            &encode(Tag::OCTET_STRING, &signature),
        ]);
        let content = encode(Tag::context(0), &encode(Tag::OCTET_STRING, content));
        let signed = sequence(&[
            &[2, 1, 3],
            &encode(Tag::SET, SHA256),
            &sequence(&[content_type, &content]),
            &encode(Tag::context(0), &self.certificate),
            &encode(Tag::SET, &signer),
        ]);
        sequence(&[SIGNED_DATA, &encode(Tag::context(0), &signed)])
    }
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { encode(Tag::BOOLEAN, &[0xFF]) } else { Vec::new() };
    sequence(&[&encode(Tag::OID, oid), &critical, &encode(Tag::OCTET_STRING, value)])
}

fn document(csca: &mut Csca, personalisation: Personalisation) -> SpecimenDocument {
    let signer = csca.document_signer(algorithm(), VALIDITY, &["P"]).unwrap();
    personalisation.issue(csca.state(), &signer).unwrap()
}

#[test]
fn a_certificate_with_an_empty_signature_is_read_or_refused_without_a_panic() {
    let fields = parts(utopia().certificate());
    let unsigned = sequence(&[&fields[0], &fields[1], &encode(Tag::BIT_STRING, &[0])]);
    if let Ok(certificate) = Certificate::parse(&unsigned) {
        assert!(certificate.verify_own_signature().is_err());
    }
}

#[test]
fn a_document_whose_chip_key_is_not_computed_here_is_not_taken_for_one_without_a_chip_key() {
    let mut csca = utopia();
    let groups = document(&mut csca, passport()).data_groups;
    let forge = Forge::new(&mut csca, &[]);
    let trust = trusting(&csca).build();
    // secp256k1 and its generator: a sound key on a curve this crate does not compute.
    let identifier = sequence(&[
        &[0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01],
        &[0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x0A],
    ]);
    let key = sequence(&[&identifier, &encode(Tag::BIT_STRING, &[&[0, 4][..], &[7; 64]].concat())]);
    let dg15 = encode(Tag::new(0x6F), &key);
    let only_active = BTreeMap::from([(1, groups[&1].clone()), (2, groups[&2].clone()), (15, dg15)]);
    let sod = forge.sod(&only_active);
    let mut presentation = delivered(&sod, &only_active, &[1, 2, 15]);
    presentation.active_authentication =
        Some(ActiveAuthenticationEvidence { challenge: CHALLENGE, response: &[1; 64] });
    let inspection = judge(&presentation, &trust);
    assert_eq!(inspection.result(CheckName::ChipAuthenticity), Some(CheckResult::Undetermined), "{inspection:#?}");
    assert_eq!(inspection.verdict, Verdict::Undetermined);

    // A key of Chip Authentication whose structure is not understood.
    let odd_key =
        sequence(&[&[0x06, 0x09, 0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x01, 0x02], &sequence(&[&[0x05, 0x00]])]);
    let dg14 = encode(Tag::new(0x6E), &encode(Tag::SET, &odd_key));
    let only_chip = BTreeMap::from([(1, groups[&1].clone()), (2, groups[&2].clone()), (14, dg14)]);
    let sod = forge.sod(&only_chip);
    let mut presentation = delivered(&sod, &only_chip, &[1, 2, 14]);
    for evidence in [
        None,
        Some(ChipAuthenticationEvidence::Version1 { succeeded: true, chip_public_key: Some(&odd_key), key_id: None }),
    ] {
        presentation.chip_authentication = evidence;
        let inspection = judge(&presentation, &trust);
        assert_eq!(inspection.result(CheckName::ChipAuthenticity), Some(CheckResult::Undetermined), "{inspection:#?}");
        assert_eq!(inspection.verdict, Verdict::Undetermined);
    }
}

#[test]
fn an_algorithm_of_active_authentication_that_is_not_computed_here_leaves_the_proof_open() {
    let mut csca = utopia();
    let document = document(&mut csca, passport());
    let response = document.chip_keys.active_authentication.as_ref().unwrap().answer(&CHALLENGE).unwrap();
    let strange = sequence(&[&[0x06, 0x06, 0x67, 0x81, 0x08, 0x01, 0x01, 0x05], &[2, 1, 1], &[0x06, 0x02, 0x2A, 0x03]]);
    let dg14 = encode(Tag::new(0x6E), &encode(Tag::SET, &strange));
    let evidence = ActiveAuthenticationEvidence { challenge: CHALLENGE, response: &response };
    let outcome = active_authentication::verify(&evidence, &document.data_groups[&15], Some(&dg14));
    assert_eq!(outcome.result, CheckResult::Undetermined, "{outcome:?}");
}

/// (r, n − s) is a signature as good as (r, s): whoever holds a document of a revoked signer can change the digest of its certificate.
#[test]
fn a_certificate_altered_outside_its_signed_part_does_not_escape_a_defect_list() {
    for (defect, check) in [
        (Defect::CertificateRevoked { status: 3 }, CheckName::DsRevocation),
        (Defect::ActiveAuthenticationKeyRevoked, CheckName::ActiveAuthentication),
    ] {
        let mut csca = Csca::create(State::utopia(), algorithm().with_plain_signatures(), VALIDITY).unwrap();
        let signer = csca.document_signer(algorithm(), VALIDITY, &["P"]).unwrap();
        let document = passport().issue(csca.state(), &signer).unwrap();
        let mut builder = trusting(&csca);
        builder.add_defect_list(&defects(&mut csca, &signer, vec![defect]));
        let trust = builder.build();

        let carried = signer.certificate();
        let s = &carried[carried.len() - 32..];
        let mut other = BigNum::new().unwrap();
        let order = BigNum::from_slice(Curve::P256.curve().components().order).unwrap();
        other.checked_sub(&order, &BigNum::from_slice(s).unwrap()).unwrap();
        let mut sod = document.sod.clone();
        let place = sod.windows(32).position(|window| window == s).unwrap();
        sod[place..place + 32].copy_from_slice(&other.to_vec_padded(32).unwrap());

        let response = document.chip_keys.active_authentication.as_ref().unwrap().answer(&CHALLENGE).unwrap();
        for sod in [&document.sod, &sod] {
            let mut presentation = delivered(sod, &document.data_groups, &[1, 2, 14, 15]);
            presentation.active_authentication =
                Some(ActiveAuthenticationEvidence { challenge: CHALLENGE, response: &response });
            let inspection = judge(&presentation, &trust);
            assert_eq!(inspection.result(CheckName::DsSignature), Some(CheckResult::Successful));
            assert_ne!(inspection.result(check), Some(CheckResult::Successful), "{inspection:#?}");
            assert_ne!(inspection.verdict, Verdict::Genuine);
            assert_eq!(inspection.defects.len(), 1);
        }
    }
}

#[test]
fn a_revocation_list_under_one_key_does_not_undo_the_one_under_another_key_of_the_same_name() {
    let (mut old, new) = (utopia(), utopia());
    let signer = old.document_signer(algorithm(), VALIDITY, &["P"]).unwrap();
    let document = passport().issue(old.state(), &signer).unwrap();
    let mut builder = TrustStore::builder(Environment::Test);
    builder.add_csca(certificate(&old), "pinned").add_csca(certificate(&new), "pinned");
    builder.add_crl(crl(&old, NOW - Duration::days(2), &[&signer])).unwrap();
    builder.add_crl(crl(&new, NOW - Duration::days(1), &[])).unwrap();
    let inspection = judge(&delivered(&document.sod, &document.data_groups, &[1]), &builder.build());
    assert_eq!(inspection.result(CheckName::DsSignature), Some(CheckResult::Successful));
    assert_eq!(inspection.result(CheckName::DsRevocation), Some(CheckResult::Failed), "{inspection:#?}");
}

#[test]
fn a_revocation_list_with_entries_or_a_scope_not_understood_is_refused() {
    let mut csca = utopia();
    let signer = csca.document_signer(algorithm(), VALIDITY, &["P"]).unwrap();
    let serial = signer.serial_number();
    let list = csca.revocation_list(1, NOW, NOW + Duration::days(9), &[(&serial, date!(2026 - 10 - 01))]).unwrap();
    let outer = parts(&list);
    let rebuilt = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut fields = parts(&outer[0]);
        change(&mut fields);
        Crl::parse(&sequence(&[&encode(Tag::SEQUENCE, &fields.concat()), &outer[1], &outer[2]]))
    };
    assert!(rebuilt(&|_| {}).is_ok());
    let with_entry_extension = |oid: &'static [u8], critical, value: &'static [u8]| {
        rebuilt(&move |fields| {
            let entry = parts(&parts(&fields[5])[0]);
            let entry = sequence(&[&entry[0], &entry[1], &encode(Tag::SEQUENCE, &extension(oid, critical, value))]);
            fields[5] = encode(Tag::SEQUENCE, &entry);
        })
    };
    // reasonCode is known; certificateIssuer, of an indirect list, is not.
    assert!(with_entry_extension(&[0x55, 0x1D, 21], false, &[0x0A, 1, 1]).is_ok());
    assert!(with_entry_extension(&[0x55, 0x1D, 29], true, &[0x30, 0]).is_err());
    let with_extension = |oid: &'static [u8], value: &'static [u8]| {
        rebuilt(&move |fields| {
            let all = [parts(&parts(&fields[6])[0]).concat(), extension(oid, false, value)].concat();
            fields[6] = encode(Tag::context(0), &encode(Tag::SEQUENCE, &all));
        })
    };
    // A delta, and a list of CAs alone, are no complete lists even if nobody marked them critical.
    assert!(with_extension(&[0x55, 0x1D, 27], &[2, 1, 1]).is_err());
    assert!(with_extension(&[0x55, 0x1D, 28], &[0x30, 3, 0x82, 1, 0xFF]).is_err());
    assert!(with_extension(&[0x55, 0x1D, 28], &[0x30, 0]).is_ok());
}

#[test]
fn what_was_learnt_against_a_signer_in_between_counts_in_an_update() {
    for (defect, check) in [
        (Defect::CertificateRevoked { status: 1 }, CheckName::DsRevocation),
        (Defect::ActiveAuthenticationKeyRevoked, CheckName::ActiveAuthentication),
    ] {
        let mut csca = utopia();
        let signer = csca.document_signer(algorithm(), VALIDITY, &["P"]).unwrap();
        let document = passport().issue(csca.state(), &signer).unwrap();
        let before = trusting(&csca).build();
        let response = document.chip_keys.active_authentication.as_ref().unwrap().answer(&CHALLENGE).unwrap();
        let mut presentation = delivered(&document.sod, &document.data_groups, &[1, 2, 14, 15]);
        presentation.active_authentication =
            Some(ActiveAuthenticationEvidence { challenge: CHALLENGE, response: &response });
        let first = judge(&presentation, &before);
        assert_eq!(first.verdict, Verdict::Genuine);

        let mut builder = trusting(&csca);
        builder.add_defect_list(&defects(&mut csca, &signer, vec![defect]));
        let again = Presentation::new(Scope::Document, &document.sod);
        let second = update(&first, &again, &builder.build(), Profile::standard(), NOW).unwrap();
        assert_eq!(second.result(check), Some(CheckResult::Undetermined), "{second:#?}");
        assert_eq!(second.verdict, Verdict::Undetermined);
    }
}

#[test]
fn a_channel_by_pace_cam_is_not_forgotten_by_sending_again_without_it() {
    let mut csca = utopia();
    let none = passport().chip_authentication(None).active_authentication(ActiveAuthenticationChoice::None);
    let document = document(&mut csca, none.unlisted(14));
    let trust = trusting(&csca).build();
    let mut presentation = delivered(&document.sod, &document.data_groups, &[1, 2]);
    presentation.access = Some(AccessProtocol::PaceCam);
    let first = judge(&presentation, &trust);
    assert_eq!(first.verdict, Verdict::Undetermined);
    presentation.access = None;
    let second = update(&first, &presentation, &trust, Profile::standard(), NOW).unwrap();
    assert_eq!(second.verdict, Verdict::Undetermined, "{second:#?}");
}

#[test]
fn a_terminals_digest_stands_for_fingerprints_and_iris_only() {
    let mut csca = utopia();
    let document = document(&mut csca, passport());
    let trust = trusting(&csca).build();
    let digest = |number: u8| Digest::Sha256.digest(&document.data_groups[&number]).unwrap();
    let mut presentation = delivered(&document.sod, &document.data_groups, &[]);
    presentation.digests = [1, 2, 3, 14, 15].into_iter().map(|number| (number, digest(number))).collect();
    let inspection = judge(&presentation, &trust);
    for number in [1, 2, 14, 15] {
        let check = CheckName::DataGroupHash(number);
        assert_eq!(inspection.result(check), Some(CheckResult::Undetermined), "DG{number}");
        assert_eq!(reason(&inspection, check), Some("digest_of_the_terminal_not_accepted"));
    }
    assert_eq!(inspection.result(CheckName::DataGroupHash(3)), Some(CheckResult::Successful));
}

/// One chip whose key got out must not vouch for every document of its state.
#[test]
fn the_mapping_of_another_chip_of_the_same_state_proves_nothing() {
    let mut csca = utopia();
    let (own, other) = (
        document(&mut csca, passport().chip_authentication_mapping()),
        document(&mut csca, passport().chip_authentication_mapping()),
    );
    let trust = trusting(&csca).build();
    let proof = other.chip_keys.chip_authentication.as_ref().unwrap().prove_mapping().unwrap();
    for (numbers, data) in [(&[1, 2, 14, 15][..], true), (&[1, 2, 14, 15], false), (&[1, 2], true)] {
        let mut presentation = delivered(&own.sod, &own.data_groups, numbers);
        presentation.access = Some(AccessProtocol::PaceCam);
        presentation.chip_authentication = Some(ChipAuthenticationEvidence::PaceCam {
            succeeded: true,
            card_security: other.card_security.as_deref(),
            chip_authentication_data: data.then_some(proof.chip_authentication_data.as_slice()),
            mapping_public_key: data.then_some(proof.mapping_public_key.as_slice()),
        });
        let inspection = judge(&presentation, &trust);
        assert_ne!(inspection.result(CheckName::ChipAuthenticity), Some(CheckResult::Successful), "{inspection:#?}");
        assert_ne!(inspection.verdict, Verdict::Genuine);
    }
}

#[test]
fn a_chip_proven_by_a_card_security_of_a_revoked_signer_is_not_proven() {
    let mut csca = utopia();
    let none = passport().chip_authentication(None).active_authentication(ActiveAuthenticationChoice::None);
    let own = document(&mut csca, none);
    let signer = csca.document_signer(algorithm(), VALIDITY, &["P"]).unwrap();
    let other = passport().chip_authentication_mapping().issue(csca.state(), &signer).unwrap();
    let proof = other.chip_keys.chip_authentication.as_ref().unwrap().prove_mapping().unwrap();
    let mut presentation = delivered(&own.sod, &own.data_groups, &[1, 2, 14]);
    presentation.chip_authentication = Some(ChipAuthenticationEvidence::PaceCam {
        succeeded: true,
        card_security: other.card_security.as_deref(),
        chip_authentication_data: Some(&proof.chip_authentication_data),
        mapping_public_key: Some(&proof.mapping_public_key),
    });
    let good = judge(&presentation, &trusting(&csca).build());
    let cam = good.checks.iter().find(|check| check.check == CheckName::PaceCam).unwrap();
    assert_eq!((cam.result, cam.evidence.get("bound_by")), (CheckResult::Successful, Some("issuing_state")));

    let mut builder = trusting(&csca);
    builder.add_crl(crl(&csca, NOW + Duration::seconds(1), &[&signer])).unwrap();
    let bad = judge(&presentation, &builder.build());
    assert_eq!(bad.result(CheckName::DsRevocation), Some(CheckResult::Successful), "the document's own signer");
    assert_eq!(bad.result(CheckName::PaceCam), Some(CheckResult::Failed), "{bad:#?}");
    assert_eq!(bad.verdict, Verdict::NotGenuine);
}

#[test]
fn a_document_signer_that_got_onto_a_list_is_no_authority() {
    let mut csca = utopia();
    let groups = document(&mut csca, passport()).data_groups;
    let signer = Forge::new(&mut csca, &[]);
    let sod = signer.below().sod(&groups);
    let mut builder = trusting(&csca);
    builder.add_csca(Certificate::parse(&signer.certificate).unwrap(), "a list made without care");
    let inspection = judge(&delivered(&sod, &groups, &[1, 2]), &builder.build());
    assert_eq!(reason(&inspection, CheckName::DsSignature), Some("signature_does_not_verify"), "{inspection:#?}");
}

#[test]
fn lengths_that_are_not_der_are_told_wherever_they_are_read() {
    let mut csca = utopia();
    let document = document(&mut csca, passport());
    let sod = SecurityObject::parse(&document.sod).unwrap();
    assert_eq!(sod.tolerances, []);
    let content = &document.sod[encode(Tag::new(0x77), &[]).len()..];
    let message = &content[content.windows(2).position(|window| window == [0x30, 0x82]).unwrap()..];
    let indefinite = [&[0x77, 0x80], message, &[0, 0]].concat();
    let told = SecurityObject::parse(&indefinite).unwrap().tolerances;
    assert_eq!(told.iter().map(|one| one.code).collect::<Vec<_>>(), [ToleranceCode::BerIndefiniteLength]);

    let object = sod.message.content();
    assert_eq!(LdsSecurityObject::parse(object).unwrap().tolerances, []);
    let fields = Reader::new(object, Rules::Der).unwrap().only().unwrap().contents();
    let padded = [&[0x30, 0x83, 0], u16::try_from(fields.len()).unwrap().to_be_bytes().as_slice(), fields].concat();
    let told = LdsSecurityObject::parse(&padded).unwrap().tolerances;
    assert_eq!(told.iter().map(|one| one.code).collect::<Vec<_>>(), [ToleranceCode::BerPaddedLength]);
}

/// TR-03129-2 7.3.3: with a general defect of unknown interpretation the electronic part is not used.
#[test]
fn a_general_defect_nobody_here_understands_leaves_the_document_open() {
    for (arcs, verdict) in
        [(&[4, 9][..], Verdict::Undetermined), (&[4, 3], Verdict::Genuine), (&[2, 3], Verdict::Genuine)]
    {
        let mut csca = utopia();
        let none = passport().chip_authentication(None).active_authentication(ActiveAuthenticationChoice::None);
        let groups = document(&mut csca, none).data_groups;
        let signer = Forge::new(&mut csca, &[]);
        let list_signer = Forge::new(&mut csca, &[extension(&[0x55, 0x1D, 37], true, &sequence(&[DEFECT_SIGNER]))]);
        let defect = sequence(&[&encode(Tag::OID, &[&DEFECT_LIST[2..], arcs].concat())]);
        let entry = sequence(&[&signer.issuer_and_serial(), &encode(Tag::SET, &defect)]);
        let content = sequence(&[&[2, 1, 0], &SHA256[2..], &encode(Tag::SET, &entry)]);
        let list = DefectList::parse(&list_signer.signed(DEFECT_LIST, &content)).unwrap();
        let list = list.verify(&[Anchor::Certificate(certificate(&csca))], Some(NOW)).unwrap();
        let mut builder = trusting(&csca);
        builder.add_defect_list(&list);
        let sod = signer.sod(&groups);
        let inspection = judge(&delivered(&sod, &groups, &[1, 2, 14]), &builder.build());
        assert_eq!((inspection.verdict, inspection.defects.len()), (verdict, 1), "{arcs:?}: {inspection:#?}");
    }
}

#[test]
fn a_list_of_a_signer_with_a_critical_extension_nobody_here_understands_is_refused() {
    let mut csca = utopia();
    let anchor = [Anchor::Certificate(certificate(&csca))];
    let purpose = extension(&[0x55, 0x1D, 37], true, &sequence(&[DEFECT_SIGNER]));
    let content = sequence(&[&[2, 1, 0], &SHA256[2..], &encode(Tag::SET, &[])]);
    for (critical, accepted) in [(false, true), (true, false)] {
        let unknown = extension(&[0x2A, 0x03, 0x04], critical, &[0x05, 0x00]);
        let signer = Forge::new(&mut csca, &[purpose.clone(), unknown]);
        let list = DefectList::parse(&signer.signed(DEFECT_LIST, &content)).unwrap();
        assert_eq!(list.verify(&anchor, Some(NOW)).is_ok(), accepted, "critical: {critical}");
    }
}

/// TR-03129-2 7.3.1.2 wraps the certificate in an OCTET STRING; lists in use hold it bare.
#[test]
fn a_replacement_certificate_is_read_in_the_form_of_the_standard_too() {
    let mut csca = utopia();
    let signer = csca.document_signer(algorithm(), VALIDITY, &["P"]).unwrap();
    for by in [signer.certificate().to_vec(), encode(Tag::OCTET_STRING, signer.certificate())] {
        let trusted = defects(&mut csca, &signer, vec![Defect::CertificateReplaced { by }]);
        let replacement = Certificate::parse(signer.certificate()).unwrap();
        assert_eq!(trusted.list().defects()[0].kind, KnownDefectKind::CertificateReplaced(Box::new(replacement)));
    }
}

/// The certificate says Utopia, the key that signed it is another state's.
#[test]
fn a_signer_that_another_states_key_signed_is_not_genuine() {
    let mut csca = utopia();
    let mut other = Csca::create(State::new("PL", "POL", "Made-up Other"), algorithm(), VALIDITY).unwrap();
    let groups = document(&mut csca, passport()).data_groups;
    let key = SigningKey::generate(algorithm()).unwrap();
    let model = other.document_signer(algorithm(), VALIDITY, &["P"]).unwrap();
    let mut fields = parts(&parts(model.certificate())[0]);
    fields[3] = parts(&parts(csca.certificate())[0])[5].clone();
    fields[6] = key.public_key_info().to_vec();
    let tbs = encode(Tag::SEQUENCE, &fields.concat());
    let signature = encode(Tag::BIT_STRING, &[&[0], other.key().sign(&tbs).unwrap().as_slice()].concat());
    let forge = Forge { key, certificate: sequence(&[&tbs, ECDSA_SHA256, &signature]) };
    let sod = forge.sod(&groups);
    let mut builder = TrustStore::builder(Environment::Test);
    builder.add_csca(certificate(&other), "pinned");
    let inspection = judge(&delivered(&sod, &groups, &[1, 2]), &builder.build());
    assert_eq!(reason(&inspection, CheckName::DsSignature), Some("csca_of_another_state"), "{inspection:#?}");
    assert_eq!(inspection.verdict, Verdict::NotGenuine);
}

#[test]
fn rsa_keys_under_which_anybody_can_sign_are_no_keys() {
    let modulus = [&[0, 0xC1][..], &[0x55; 254], &[1]].concat();
    let key = |modulus: &[u8], exponent: &[u8]| {
        let numbers = sequence(&[&encode(Tag::INTEGER, modulus), &encode(Tag::INTEGER, exponent)]);
        let identifier = [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00];
        let spki = sequence(&[&identifier, &encode(Tag::BIT_STRING, &[&[0][..], &numbers].concat())]);
        PublicKey::read(&spki, "here", &mut Vec::new())
    };
    assert!(key(&modulus, &[1, 0, 1]).is_ok());
    assert!(key(&modulus, &[3]).is_ok());
    for exponent in [&[1][..], &[2], &[1, 0, 0]] {
        assert!(key(&modulus, exponent).is_err(), "{exponent:?}");
    }
    assert!(key(&modulus[..65], &[1, 0, 1]).is_err(), "512 bits are factored in hours");
    let even = [&modulus[..256], &[2]].concat();
    assert!(key(&even, &[1, 0, 1]).is_err());
}

#[test]
fn a_malformed_extension_of_the_signer_is_refused_where_critical_and_reported_where_not() {
    let mut csca = utopia();
    let groups = document(&mut csca, passport()).data_groups;
    let trust = trusting(&csca).build();
    // Extended key usage: not the SEQUENCE it should be.
    for (critical, result) in [(true, CheckResult::Failed), (false, CheckResult::Successful)] {
        let forge = Forge::new(&mut csca, &[extension(&[0x55, 0x1D, 37], critical, &[0x05, 0x00])]);
        let sod = forge.sod(&groups);
        let inspection = judge(&delivered(&sod, &groups, &[1, 2]), &trust);
        assert_eq!(inspection.result(CheckName::DsSignature), Some(result), "{inspection:#?}");
        let told = inspection.tolerances.iter().any(|one| one.code == ToleranceCode::SignerAttributes);
        assert_eq!(told, !critical, "{:?}", inspection.tolerances);
    }
}
