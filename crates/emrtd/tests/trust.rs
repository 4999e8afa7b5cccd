//! Trust, revocation, defects, updates and the offline report on specimens of a made-up state.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::collections::BTreeMap;

use cvc::domain_parameters::StandardisedCurve as Curve;
use emrtd::builder::{
    Algorithm, Csca, Defect as BuiltDefect, Digest, DocumentSigner, Holder, Personalisation, SpecimenDocument, State,
    Validity, defect_list, master_list,
};
use emrtd::country::Environment;
use emrtd::inspection::{
    CheckName, CheckResult, Inspection, Profile, SignatureState, SignerStatus, ToleranceCode, UpdateRefusal, Verdict,
    document_signer_information, inspect, update,
};
use emrtd::lists::{Anchor, DefectList, ListDifference, MasterList};
use emrtd::presentation::{ActiveAuthenticationEvidence, Presentation, Scope};
use emrtd::report::{PassportFiles, verify_passport};
use emrtd::trust::{CrlRefusal, TrustStore, TrustStoreBuilder};
use emrtd::x509::{Certificate, Crl};
use time::macros::{date, datetime};
use time::{Duration, OffsetDateTime};

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
const VALIDITY: Validity = Validity { from: date!(2025 - 01 - 01), until: date!(2040 - 01 - 01) };
const CHALLENGE: [u8; 8] = *b"8 bytes.";

struct Country {
    csca: Csca,
    signer: DocumentSigner,
    document: SpecimenDocument,
}

impl Country {
    fn utopia() -> Self {
        Self::of(State::utopia())
    }

    fn of(state: State) -> Self {
        let algorithm = Algorithm::ecdsa(Curve::BrainpoolP256r1, Digest::Sha256);
        let mut csca = Csca::create(state, algorithm, VALIDITY).unwrap();
        let signer = csca.document_signer(algorithm, VALIDITY, &["P"]).unwrap();
        let passport = Personalisation::passport(Holder::specimen(), "UT1234567", date!(2035 - 06 - 30));
        let document = passport.issue(csca.state(), &signer).unwrap();
        Self { csca, signer, document }
    }

    fn certificate(&self) -> Certificate {
        Certificate::parse(self.csca.certificate()).unwrap()
    }

    fn crl(&self, from: OffsetDateTime, until: OffsetDateTime, revoked: bool) -> Vec<u8> {
        let serial = self.signer.serial_number();
        let entries = if revoked { vec![(&serial, date!(2026 - 10 - 01))] } else { vec![] };
        self.csca.revocation_list(7, from, until, &entries).unwrap()
    }

    fn trusting(&self, crl: &[u8]) -> TrustStoreBuilder {
        let mut builder = TrustStore::builder(Environment::Test);
        builder.add_csca(self.certificate(), "pinned");
        builder.add_crl(Crl::parse(crl).unwrap()).unwrap();
        builder
    }

    fn trust(&self) -> TrustStore {
        self.trusting(&self.crl(NOW, NOW + Duration::days(30), false)).build()
    }

    fn defective(&mut self, defects: Vec<BuiltDefect>) -> TrustStore {
        let algorithm = Algorithm::ecdsa(Curve::P256, Digest::Sha256);
        let list_signer = self.csca.defect_list_signer(algorithm, VALIDITY).unwrap();
        let list = defect_list(&[(&self.signer, defects)], &list_signer, &self.csca, NOW).unwrap();
        let list =
            DefectList::parse(&list).unwrap().verify(&[Anchor::Certificate(self.certificate())], Some(NOW)).unwrap();
        let mut builder = self.trusting(&self.crl(NOW, NOW + Duration::days(30), false));
        builder.add_defect_list(&list);
        builder.build()
    }

    /// The files of the document by number, DG3 left in the terminal.
    fn presentation(&self, numbers: &[u8]) -> Presentation<'_> {
        let mut presentation = Presentation::new(Scope::Document, &self.document.sod);
        presentation.data_groups =
            numbers.iter().map(|number| (*number, self.document.data_groups[number].as_slice())).collect();
        presentation
    }

    fn response(&self) -> Vec<u8> {
        self.document.chip_keys.active_authentication.as_ref().unwrap().answer(&CHALLENGE).unwrap()
    }

    fn inspected(&self, trust: &TrustStore) -> Inspection {
        let response = self.response();
        let mut presentation = self.presentation(&[1, 2, 14, 15]);
        presentation.active_authentication =
            Some(ActiveAuthenticationEvidence { challenge: CHALLENGE, response: &response });
        inspect(&presentation, trust, Profile::standard(), NOW).unwrap()
    }
}

fn reason(inspection: &Inspection, check: CheckName) -> Option<&str> {
    inspection.checks.iter().find(|made| made.check == check)?.evidence.get("reason")
}

#[test]
fn a_specimen_is_genuine_with_its_chip_proven_and_its_signer_not_revoked() {
    let utopia = Country::utopia();
    let inspection = utopia.inspected(&utopia.trust());
    assert_eq!(inspection.verdict, Verdict::Genuine, "{inspection:#?}");
    assert_eq!(inspection.issuing_state.as_deref(), Some("UTO"));
    let json = serde_json::to_string(&inspection).unwrap();
    assert_eq!(serde_json::from_str::<Inspection>(&json).unwrap(), inspection);
    for secret in ["UT1234567", utopia.document.mrz.lines().next().unwrap()] {
        assert!(!json.contains(secret), "evidence carries personal data: {json}");
    }
}

#[test]
fn revocation_decides() {
    let utopia = Country::utopia();
    let days = Duration::days;
    let table = [
        (utopia.crl(NOW - days(10), NOW + days(20), false), CheckResult::Successful, Verdict::Genuine),
        (utopia.crl(NOW - days(60), NOW - days(1), false), CheckResult::Undetermined, Verdict::Undetermined),
        (utopia.crl(NOW - days(10), NOW + days(20), true), CheckResult::Failed, Verdict::NotGenuine),
        (utopia.crl(NOW - days(60), NOW - days(1), true), CheckResult::Failed, Verdict::NotGenuine),
    ];
    for (crl, result, verdict) in table {
        let inspection = utopia.inspected(&utopia.trusting(&crl).build());
        assert_eq!((inspection.result(CheckName::DsRevocation), inspection.verdict), (Some(result), verdict));
    }
    let mut without = TrustStore::builder(Environment::Test);
    without.add_csca(utopia.certificate(), "pinned");
    let inspection = utopia.inspected(&without.build());
    assert_eq!(reason(&inspection, CheckName::DsRevocation), Some("no_revocation_list"));
    assert_eq!(inspection.verdict, Verdict::Undetermined);
}

#[test]
fn a_revocation_list_needs_a_trusted_issuer_and_its_signature() {
    let (utopia, pretender) = (Country::utopia(), Country::utopia());
    let crl = Crl::parse(&utopia.crl(NOW, NOW + Duration::days(9), true)).unwrap();
    let mut builder = TrustStore::builder(Environment::Test);
    assert_eq!(builder.add_crl(crl.clone()).unwrap_err(), CrlRefusal::UnknownIssuer);
    builder.add_csca(pretender.certificate(), "pinned");
    assert_eq!(builder.add_crl(crl.clone()).unwrap_err(), CrlRefusal::Signature);
    builder.add_csca(utopia.certificate(), "pinned");
    assert!(builder.add_crl(crl).is_ok());
}

#[test]
fn an_older_revocation_list_does_not_replace_a_newer_one() {
    let utopia = Country::utopia();
    let mut builder = utopia.trusting(&utopia.crl(NOW, NOW + Duration::days(9), true));
    builder.add_crl(Crl::parse(&utopia.crl(NOW - Duration::days(1), NOW + Duration::days(9), false)).unwrap()).unwrap();
    assert_eq!(utopia.inspected(&builder.build()).result(CheckName::DsRevocation), Some(CheckResult::Failed));
}

#[test]
fn another_key_of_the_same_name_does_not_make_a_document_genuine() {
    let (utopia, pretender) = (Country::utopia(), Country::utopia());
    let inspection = pretender.inspected(&utopia.trust());
    assert_eq!(inspection.result(CheckName::DsSignature), Some(CheckResult::Failed));
    assert_eq!(inspection.verdict, Verdict::NotGenuine);
}

#[test]
fn a_signer_of_one_state_does_not_sign_documents_of_another() {
    let algorithm = Algorithm::ecdsa(Curve::P256, Digest::Sha256);
    let mut csca = Csca::create(State::utopia(), algorithm, VALIDITY).unwrap();
    let signer = csca.document_signer(algorithm, VALIDITY, &["P"]).unwrap();
    let passport =
        Personalisation::passport(Holder::specimen(), "UT1234567", date!(2035 - 06 - 30)).claiming_issuing_state("POL");
    let document = passport.issue(csca.state(), &signer).unwrap();
    let country = Country { csca, signer, document };
    let inspection = country.inspected(&country.trust());
    assert_eq!(reason(&inspection, CheckName::IssuingState), Some("states_differ"));
    assert_eq!(inspection.verdict, Verdict::NotGenuine);
}

#[test]
fn a_specimen_is_not_genuine_in_a_production_environment() {
    let utopia = Country::utopia();
    let mut builder = TrustStore::builder(Environment::Production);
    builder.add_csca(utopia.certificate(), "pinned");
    builder.add_crl(Crl::parse(&utopia.crl(NOW, NOW + Duration::days(9), false)).unwrap()).unwrap();
    let inspection = utopia.inspected(&builder.build());
    assert_eq!(reason(&inspection, CheckName::IssuingState), Some("state_not_in_country_table"));
    assert_eq!(inspection.verdict, Verdict::Undetermined);
}

#[test]
fn known_defects_change_results_and_keep_the_result_before() {
    let revoked = |status| vec![BuiltDefect::CertificateRevoked { status }];
    for (defects, check, result, verdict) in [
        (revoked(3), CheckName::DsRevocation, CheckResult::Failed, Verdict::NotGenuine),
        (revoked(1), CheckName::DsRevocation, CheckResult::Undetermined, Verdict::Undetermined),
        (revoked(5), CheckName::DsRevocation, CheckResult::Undetermined, Verdict::Undetermined),
        (revoked(32), CheckName::DsRevocation, CheckResult::Undetermined, Verdict::Undetermined),
        (
            vec![BuiltDefect::ActiveAuthenticationKeyRevoked],
            CheckName::ActiveAuthentication,
            CheckResult::Undetermined,
            Verdict::Undetermined,
        ),
    ] {
        let mut utopia = Country::utopia();
        let trust = utopia.defective(defects);
        let inspection = utopia.inspected(&trust);
        assert_eq!((inspection.result(check), inspection.verdict), (Some(result), verdict));
        let [defect] = inspection.defects.as_slice() else { panic!("{:?}", inspection.defects) };
        assert_eq!((defect.check, defect.result_before), (Some(check), Some(CheckResult::Successful)));
    }
}

#[test]
fn a_replaced_certificate_is_verified_by_its_replacement() {
    let mut utopia = Country::utopia();
    let other = utopia.csca.document_signer(Algorithm::ecdsa(Curve::P256, Digest::Sha256), VALIDITY, &["P"]).unwrap();
    let trust = utopia.defective(vec![BuiltDefect::CertificateReplaced { by: other.certificate().to_vec() }]);
    let inspection = utopia.inspected(&trust);
    // The replacement holds another key: what was good before is not any more, and both are on record.
    assert_eq!(inspection.result(CheckName::SodSignature), Some(CheckResult::Failed));
    assert_eq!(inspection.defects[0].result_before, Some(CheckResult::Successful));
}

#[test]
fn an_inspection_is_brought_up_to_date_as_the_chip_is_read() {
    let utopia = Country::utopia();
    let trust = utopia.trust();
    let profile = Profile::standard();
    let first = inspect(&utopia.presentation(&[1, 14]), &trust, profile, NOW).unwrap();
    assert_eq!(first.verdict, Verdict::Undetermined);
    let second = update(&first, &utopia.presentation(&[2]), &trust, profile, NOW).unwrap();
    assert_eq!(second.result(CheckName::DataGroupHash(1)), Some(CheckResult::Successful), "kept");
    assert_eq!(second.result(CheckName::IssuingState), Some(CheckResult::Successful), "kept");
    assert_eq!(second.issuing_state.as_deref(), Some("UTO"));
    assert_eq!(second.verdict, Verdict::Undetermined, "the chip is still unproven");
    let response = utopia.response();
    let mut last = utopia.presentation(&[14, 15]);
    last.active_authentication = Some(ActiveAuthenticationEvidence { challenge: CHALLENGE, response: &response });
    last.digests.insert(3, emrtd::crypto::HashAlgorithm::Sha256.digest(&utopia.document.data_groups[&3]).unwrap());
    let third = update(&second, &last, &trust, profile, NOW).unwrap();
    assert_eq!(third.verdict, Verdict::Genuine, "{third:#?}");
    let fingers = third.checks.iter().find(|check| check.check == CheckName::DataGroupHash(3)).unwrap();
    assert_eq!(fingers.evidence.get("computed_by"), Some("computed by the terminal"));
}

#[test]
fn a_failed_check_stays_failed_whatever_comes_later() {
    let utopia = Country::utopia();
    let (trust, profile) = (utopia.trust(), Profile::standard());
    let altered = utopia.document.with_altered(2).unwrap();
    let mut presentation = utopia.presentation(&[1]);
    presentation.data_groups.insert(2, &altered.data_groups[&2]);
    let first = inspect(&presentation, &trust, profile, NOW).unwrap();
    let second = update(&first, &utopia.presentation(&[1, 2]), &trust, profile, NOW).unwrap();
    assert_eq!(second.result(CheckName::DataGroupHash(2)), Some(CheckResult::Failed));
    assert_eq!(second.verdict, Verdict::NotGenuine);

    let mut wrong = utopia.presentation(&[1, 2, 14, 15]);
    wrong.active_authentication =
        Some(ActiveAuthenticationEvidence { challenge: CHALLENGE, response: b"not a signature" });
    let first = inspect(&wrong, &trust, profile, NOW).unwrap();
    let response = utopia.response();
    let mut right = utopia.presentation(&[14, 15]);
    right.active_authentication = Some(ActiveAuthenticationEvidence { challenge: CHALLENGE, response: &response });
    let second = update(&first, &right, &trust, profile, NOW).unwrap();
    assert_eq!(second.result(CheckName::ChipAuthenticity), Some(CheckResult::Failed));
    assert_eq!(second.verdict, Verdict::NotGenuine);
}

#[test]
fn another_documents_security_object_does_not_continue_an_inspection() {
    let (utopia, other) = (Country::utopia(), Country::utopia());
    let (trust, profile) = (utopia.trust(), Profile::standard());
    let first = inspect(&utopia.presentation(&[1]), &trust, profile, NOW).unwrap();
    let refused = update(&first, &other.presentation(&[2]), &trust, profile, NOW);
    assert!(matches!(refused, Err(UpdateRefusal::OtherDocument)));
}

#[test]
fn a_refused_data_group_is_aborted_with_its_status_word() {
    let utopia = Country::utopia();
    let mut presentation = utopia.presentation(&[1]);
    presentation.unreadable = vec![(2, 0x6982)];
    let inspection = inspect(&presentation, &utopia.trust(), Profile::standard(), NOW).unwrap();
    let face = inspection.checks.iter().find(|check| check.check == CheckName::DataGroupHash(2)).unwrap();
    assert_eq!((face.result, face.evidence.get("status_word")), (CheckResult::Aborted, Some("6982")));
    assert_ne!(inspection.verdict, Verdict::Genuine);
}

#[test]
fn document_signer_information_tells_ok_undetermined_and_invalid() {
    let mut utopia = Country::utopia();
    let signer = Certificate::parse(utopia.signer.certificate()).unwrap();
    let known = document_signer_information(&signer, &utopia.trust(), NOW);
    assert_eq!((known.status, known.signature, known.reasons.len()), (SignerStatus::Ok, SignatureState::Valid, 0));
    assert!(known.ca_validity.is_some());

    let nothing = document_signer_information(&signer, &TrustStore::builder(Environment::Test).build(), NOW);
    assert_eq!((nothing.status, nothing.signature), (SignerStatus::Undetermined, SignatureState::Undetermined));
    assert!(nothing.reasons.contains(&"ds_signature: csca_unknown".to_owned()), "{:?}", nothing.reasons);

    let late = document_signer_information(&signer, &utopia.trust(), datetime!(2041-01-01 0:00 UTC));
    assert_eq!(late.status, SignerStatus::Invalid);
    let forged = document_signer_information(&signer, &Country::utopia().trust(), NOW);
    assert_eq!((forged.status, forged.signature), (SignerStatus::Invalid, SignatureState::Invalid));

    let trust = utopia.defective(vec![BuiltDefect::CertificateRevoked { status: 3 }]);
    let defective = document_signer_information(&signer, &trust, NOW);
    assert_eq!((defective.status, defective.defects), (SignerStatus::Invalid, vec!["certificate_revoked".to_owned()]));
}

#[test]
fn a_document_known_by_a_link_certificate_only_is_accepted_and_that_is_reported() {
    let algorithm = Algorithm::ecdsa(Curve::P256, Digest::Sha256);
    let mut old = Csca::create(State::utopia(), algorithm, VALIDITY).unwrap();
    let (mut csca, link) = old.renew(Algorithm::ecdsa(Curve::P384, Digest::Sha384), VALIDITY).unwrap();
    let signer = csca.document_signer(algorithm, VALIDITY, &["P"]).unwrap();
    let document = Personalisation::passport(Holder::specimen(), "UT1234567", date!(2035 - 06 - 30))
        .issue(csca.state(), &signer)
        .unwrap();
    let mut builder = TrustStore::builder(Environment::Test);
    builder.add_csca(Certificate::parse(&link).unwrap(), "pinned");
    let presentation = Presentation::new(Scope::SecurityObject, &document.sod);
    let inspection = inspect(&presentation, &builder.build(), Profile::standard(), NOW).unwrap();
    assert_eq!(inspection.verdict, Verdict::Genuine);
    assert!(inspection.tolerances.iter().any(|tolerance| tolerance.code == ToleranceCode::LinkCertificateAnchor));
}

#[test]
fn lists_remember_who_vouches_for_what_and_differences_are_told() {
    let mut publisher = Country::of(State::new("PL", "POL", "Made-up Publisher"));
    let utopia = Country::utopia();
    let list_signer =
        publisher.csca.master_list_signer(Algorithm::ecdsa(Curve::P256, Digest::Sha256), VALIDITY).unwrap();
    let list = |certificates: &[&[u8]]| {
        MasterList::parse(&master_list(certificates, &list_signer, &publisher.csca, NOW).unwrap()).unwrap()
    };
    let smaller = list(&[utopia.csca.certificate()]);
    let larger = list(&[utopia.csca.certificate(), publisher.csca.certificate()]);
    let difference = ListDifference::between(&smaller, &larger);
    assert_eq!((difference.appeared.len(), difference.disappeared.len(), difference.unchanged), (1, 0, 1));
    let anchor = [Anchor::Fingerprint(publisher.certificate().fingerprint())];
    let mut builder = TrustStore::builder(Environment::Test);
    builder.add_master_list(&smaller.verify(&anchor, Some(NOW)).unwrap(), "smaller");
    builder.add_master_list(&larger.verify(&anchor, Some(NOW)).unwrap(), "larger");
    let store = builder.build();
    let vouched: BTreeMap<_, _> =
        store.cscas().iter().map(|csca| (csca.certificate.fingerprint(), csca.vouched_by.len())).collect();
    assert_eq!(vouched[&utopia.certificate().fingerprint()], 2);
    assert_eq!(vouched[&publisher.certificate().fingerprint()], 1);
}

#[test]
fn the_report_has_the_fields_and_exit_codes_of_the_command() {
    let utopia = Country::utopia();
    let crl = utopia.crl(NOW, NOW + Duration::days(9), false);
    let mut files = PassportFiles {
        sod: &utopia.document.sod,
        cscas: vec![utopia.csca.certificate()],
        crls: vec![&crl],
        ..PassportFiles::default()
    };
    let report = verify_passport(&files, Environment::Test, NOW).unwrap();
    assert_eq!((report.scope, report.exit_code()), (Scope::SecurityObject, 0));
    let json = serde_json::to_value(&report).unwrap();
    let keys: Vec<_> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["checks", "issuing_state", "scope", "tolerances", "verdict"]);
    assert_eq!((&json["scope"], &json["verdict"]), (&"security_object".into(), &"genuine".into()));
    assert!(report.to_string().starts_with("genuine"));

    files.data_groups.insert(1, &utopia.document.data_groups[&1]);
    assert_eq!(verify_passport(&files, Environment::Test, NOW).unwrap().exit_code(), 3);
    let altered = utopia.document.with_altered(1).unwrap();
    files.data_groups.insert(1, &altered.data_groups[&1]);
    let report = verify_passport(&files, Environment::Test, NOW).unwrap();
    assert_eq!(report.exit_code(), 1);
    assert!(report.to_string().contains("NOT GENUINE"));
    files.sod = b"no security object";
    assert!(verify_passport(&files, Environment::Test, NOW).is_err());
}
