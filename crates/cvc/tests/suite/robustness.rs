//! Any bytes at all: no panic, no bit of a chain without effect.

use cvc::input::Object;
use cvc::{AuthenticatedRequest, Certificate, Request, StandardisedCurve, VerifyOptions, issue};
use proptest::prelude::{any, prop, proptest};

use crate::pki::{Holder, TODAY, ec, name, trusting};

fn parse_all(bytes: &[u8]) {
    if let Ok(certificate) = Certificate::parse(bytes) {
        assert_eq!(certificate.as_der(), bytes);
        let _ = cvc::PublicKey::resolve(&certificate.public_key(), None);
        let _ = certificate.extensions();
        let _ = cvc::TrustGraph::new().trust(&certificate);
    }
    if let Ok(request) = Request::parse(bytes) {
        let _ = request.verify_inner();
    }
    if let Ok(request) = AuthenticatedRequest::parse(bytes) {
        let _ = request.request().to_owned().verify_inner();
    }
    if let Ok(object) = Object::from_file(bytes) {
        let _ = cvc::report::ShowReport::new(&object).to_string();
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_parsers_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        parse_all(&bytes);
    }

    #[test]
    fn no_objects_of_the_right_tags_make_the_parsers_panic(
        objects in prop::collection::vec((prop::sample::select(TAGS), prop::collection::vec(any::<u8>(), 0..40)), 0..12),
        outer in prop::sample::select(&[0x7F21_u16, 0x67]),
    ) {
        let mut body = Vec::new();
        for (tag, value) in objects {
            cvc::tlv::write(&mut body, tag, &value).unwrap();
        }
        let mut inner = Vec::new();
        cvc::tlv::write(&mut inner, 0x7F4E, &body).unwrap();
        let mut whole = Vec::new();
        cvc::tlv::write(&mut whole, outer, &inner).unwrap();
        parse_all(&whole);
        parse_all(&body);
    }

    #[test]
    fn no_damage_to_real_objects_makes_the_parsers_panic(
        which in 0_usize..3,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = samples()[which].clone();
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        parse_all(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        parse_all(&bytes);
    }
}

const TAGS: &[u16] =
    &[0x5F29, 0x42, 0x7F49, 0x5F20, 0x7F4C, 0x5F25, 0x5F24, 0x65, 0x73, 0x06, 0x53, 0x86, 0x5F37, 0x7F4E];

fn samples() -> &'static [Vec<u8>; 3] {
    static SAMPLES: std::sync::LazyLock<[Vec<u8>; 3]> = std::sync::LazyLock::new(|| {
        let root = Holder::root("PLCVCA00001", ec(StandardisedCurve::P256));
        let request = issue::request(&root.key, Some(root.chr()), name("PLDV00001"), &[]).unwrap();
        let outer = issue::countersign(&root.key, root.chr(), &request).unwrap();
        [root.certificate.as_der().to_vec(), request.as_der().to_vec(), outer.as_der().to_vec()]
    });
    &SAMPLES
}

/// Every single bit of every certificate of a chain, and every truncation.
#[test]
fn no_changed_bit_and_no_truncation_of_a_chain_is_accepted() {
    let root = Holder::root("PLCVCA00001", ec(StandardisedCurve::P256));
    let dv = root.dv("DEDV00001");
    let terminal = dv.terminal("DEIS00001");
    let trust = trusting(&root.certificate);
    let chain = [dv.certificate.as_der().to_vec(), terminal.certificate.as_der().to_vec()];
    let accepted = |chain: &[Vec<u8>]| {
        let parsed: Result<Vec<_>, _> = chain.iter().map(|der| Certificate::parse(der.as_slice())).collect();
        parsed.is_ok_and(|parsed| cvc::verify::verify(&trust, &parsed, &VerifyOptions::at(TODAY)).valid)
    };
    assert!(accepted(&chain));
    for which in 0..chain.len() {
        for bit in 0..chain[which].len() * 8 {
            let mut changed = chain.clone();
            changed[which][bit / 8] ^= 1 << (bit % 8);
            assert!(!accepted(&changed), "certificate {which}, bit {bit}");
        }
        for length in 0..chain[which].len() {
            let mut cut = chain.clone();
            cut[which].truncate(length);
            assert!(!accepted(&cut), "certificate {which}, {length} bytes");
        }
    }
    // A trust point with any bit changed is no longer one, or at least not this one.
    let der = root.certificate.as_der();
    for bit in 0..der.len() * 8 {
        let mut changed = der.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        let Ok(changed) = Certificate::parse(changed) else { continue };
        assert!(cvc::TrustGraph::new().trust(&changed).is_err() || !changed.is_self_signed(), "bit {bit}");
    }
}
