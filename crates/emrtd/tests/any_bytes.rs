//! No bytes make a parser panic: neither random ones nor ones that begin like the real thing.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use cvc::domain_parameters::StandardisedCurve as Curve;
use emrtd::asn1::{Reader, Rules, Tag, departures_from_der, encode};
use emrtd::builder::{
    Algorithm, Csca, Defect, Digest, Holder, Personalisation, SpecimenDocument, State, Validity, defect_list,
    master_list,
};
use emrtd::cms::SignedData;
use emrtd::country::Environment;
use emrtd::crypto::PublicKey;
use emrtd::inspection::{Profile, inspect};
use emrtd::lists::{DefectList, MasterList};
use emrtd::presentation::{Presentation, Scope};
use emrtd::sod::{LdsSecurityObject, SecurityObject};
use emrtd::trust::TrustStore;
use emrtd::x509::{Certificate, Crl};
use proptest::prelude::*;
use proptest::sample::Index;
use std::sync::LazyLock;
use time::OffsetDateTime;
use time::macros::{date, datetime};

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

struct Samples {
    document: SpecimenDocument,
    trust: TrustStore,
    files: Vec<Vec<u8>>,
}

static SAMPLES: LazyLock<Samples> = LazyLock::new(|| {
    let validity = Validity { from: date!(2025 - 01 - 01), until: date!(2040 - 01 - 01) };
    let algorithm = Algorithm::ecdsa(Curve::P256, Digest::Sha256).with_explicit_parameters();
    let mut csca = Csca::create(State::utopia(), Algorithm::rsa_pss(2048, Digest::Sha256), validity).unwrap();
    let signer = csca.document_signer(algorithm, validity, &["P"]).unwrap();
    let document = Personalisation::passport(Holder::specimen(), "UT1234567", date!(2035 - 06 - 30))
        .issue(csca.state(), &signer)
        .unwrap();
    let list_signer = csca.master_list_signer(algorithm, validity).unwrap();
    let list = master_list(&[csca.certificate()], &list_signer, &csca, NOW).unwrap();
    let defects =
        defect_list(&[(&signer, vec![Defect::CertificateRevoked { status: 3 }])], &list_signer, &csca, NOW).unwrap();
    let crl = csca.revocation_list(1, NOW, NOW, &[(&signer.serial_number(), date!(2026 - 01 - 01))]).unwrap();
    let mut builder = TrustStore::builder(Environment::Test);
    builder.add_csca(Certificate::parse(csca.certificate()).unwrap(), "test");
    let files = vec![document.sod.clone(), signer.certificate().to_vec(), list, defects, crl];
    Samples { document, trust: builder.build(), files }
});

fn read_everything(bytes: &[u8]) {
    let _ = departures_from_der(bytes);
    let _ = SecurityObject::parse(bytes).map(|sod| sod.lds_object().is_ok());
    let _ = LdsSecurityObject::parse(bytes);
    let _ = SignedData::parse(bytes).map(|message| message.signer_certificate());
    let _ = Certificate::parse(bytes).map(|certificate| certificate.verify_own_signature().is_ok());
    let _ = PublicKey::read(bytes, "", &mut Vec::new());
    let _ = Crl::parse(bytes);
    let _ = MasterList::parse(bytes).map(|list| list.unsound_roots().len());
    let _ = DefectList::parse(bytes);
    let presentation = Presentation::new(Scope::SecurityObject, bytes);
    let _ = inspect(&presentation, &SAMPLES.trust, Profile::standard(), NOW);
}

proptest! {
    #[test]
    fn random_bytes_are_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        read_everything(&bytes);
    }

    #[test]
    fn random_bytes_inside_a_good_frame_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
        for tag in [Tag::new(0x77), Tag::SEQUENCE, Tag::SET] {
            read_everything(&encode(tag, &encode(Tag::SEQUENCE, &bytes)));
        }
    }

    #[test]
    fn damaged_files_are_read_or_refused_without_panic(
        file in any::<Index>(),
        damage in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..6),
        cut in any::<Index>(),
    ) {
        let mut bytes = file.get(&SAMPLES.files).clone();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        read_everything(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        read_everything(&bytes);
    }

    #[test]
    fn damaged_data_groups_are_never_taken_for_the_signed_ones(number in any::<Index>(), at in any::<Index>(), bit in 0..8_u8) {
        let document = &SAMPLES.document;
        let numbers: Vec<u8> = document.data_groups.keys().copied().collect();
        let number = *number.get(&numbers);
        let mut bytes = document.data_groups[&number].clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let mut presentation = Presentation::new(Scope::Document, &document.sod);
        presentation.data_groups.insert(number, &bytes);
        let inspection = inspect(&presentation, &SAMPLES.trust, Profile::standard(), NOW).unwrap();
        prop_assert_eq!(inspection.verdict, emrtd::inspection::Verdict::NotGenuine);
    }
}

#[test]
fn oversized_input_is_refused_at_once() {
    let big = vec![0x30; emrtd::asn1::MAX_INPUT + 1];
    assert!(Reader::new(&big, Rules::Ber).is_err());
    assert!(
        MasterList::parse(&big).is_err() && SecurityObject::parse(&big).is_err() && Certificate::parse(&big).is_err()
    );
}
