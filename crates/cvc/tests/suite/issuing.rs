//! Every algorithm on every curve, requests, and what the builder refuses.

use cvc::issue::{self, ExtensionTemplate, IssueError, Template};
use cvc::{
    Algorithm, AuthenticatedRequest, Certificate, DomainParameters, KeyError, ParameterForm, ParseError, PrivateKey,
    PublicKey, Request, Rights, Role, SignError, SignatureError, Signer, StandardisedCurve,
};

use crate::pki::{Holder, START, chat, days, ec, errors, name, trusting, verify};

#[test]
fn a_chain_of_every_algorithm_on_every_standardised_curve_verifies() {
    let algorithms = [Algorithm::EcdsaSha224, Algorithm::EcdsaSha256, Algorithm::EcdsaSha384, Algorithm::EcdsaSha512];
    for curve in StandardisedCurve::ALL {
        for algorithm in algorithms {
            let root = Holder::root("PLCVCA00001", PrivateKey::generate_ec(algorithm, curve).unwrap());
            check_chain(&root, &format!("{algorithm} {curve}"));
        }
    }
}

#[test]
fn a_chain_of_every_rsa_algorithm_verifies() {
    for algorithm in
        [Algorithm::RsaPkcs1Sha256, Algorithm::RsaPssSha256, Algorithm::RsaPkcs1Sha512, Algorithm::RsaPssSha512]
    {
        let root = Holder::root("PLCVCA00001", PrivateKey::generate_rsa(algorithm, 2048).unwrap());
        check_chain(&root, algorithm.name());
    }
}

fn check_chain(root: &Holder, what: &str) {
    let dv = root.dv("DEDV00001");
    let terminal = dv.terminal("DEIS00001");
    let answer = verify(&trusting(&root.certificate), &[&dv.certificate, &terminal.certificate]);
    assert!(answer.valid, "{what}: {:?}", answer.findings);
    assert_eq!(answer.path, [root.chr(), dv.chr(), terminal.chr()], "{what}");
    assert_eq!(answer.rights, Some(Rights::inspection(true, false)), "{what}");
    assert_eq!(errors(&answer), [], "{what}");
}

#[test]
fn a_chain_on_explicit_parameters_of_no_standard_verifies_and_says_so() {
    let group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::SECP256K1).unwrap();
    let pkcs8 = openssl::ec::EcKey::generate(&group).and_then(openssl::pkey::PKey::from_ec_key).unwrap();
    let key = PrivateKey::from_pkcs8(Algorithm::EcdsaSha256, &pkcs8.private_key_to_pkcs8().unwrap()).unwrap();
    assert!(matches!(key.public_key().parameters(), Some(DomainParameters::Explicit(_))));
    let root = Holder::root("PLCVCA00001", key);
    let dv = root.dv("DEDV00001");
    let answer = verify(&trusting(&root.certificate), &[&dv.certificate]);
    assert!(answer.valid, "{:?}", answer.findings);
    assert!(crate::pki::codes(&answer).contains(&cvc::Code::ExplicitParameters));
}

#[test]
fn a_pss_signature_whose_salt_is_not_as_long_as_the_hash_is_refused() {
    use openssl::sign::RsaPssSaltlen;
    let key = PrivateKey::generate_rsa(Algorithm::RsaPssSha256, 2048).unwrap();
    let own = openssl::pkey::PKey::private_key_from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
    for (salt, valid) in [(RsaPssSaltlen::DIGEST_LENGTH, true), (RsaPssSaltlen::MAXIMUM_LENGTH, false)] {
        let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &own).unwrap();
        signer.set_rsa_padding(openssl::rsa::Padding::PKCS1_PSS).unwrap();
        signer.set_rsa_pss_saltlen(salt).unwrap();
        let signature = signer.sign_oneshot_to_vec(b"message").unwrap();
        assert_eq!(key.public_key().verify(b"message", &signature).is_ok(), valid);
    }
}

#[test]
fn sha_1_is_never_issued() {
    let key = PrivateKey::generate_ec(Algorithm::EcdsaSha1, StandardisedCurve::P256).unwrap();
    let template = Template::new(name("PLCVCA00001"), chat(Role::Cvca, true, true), START, days(365));
    assert!(matches!(issue::self_signed(&key, &template), Err(IssueError::Sign(SignError::WeakAlgorithm(_)))));
    assert!(matches!(key.sign(b"message"), Err(SignError::WeakAlgorithm(Algorithm::EcdsaSha1))));
}

#[test]
fn a_request_proves_possession_and_names_the_authority_only_when_asked_to() {
    for key in [
        ec(StandardisedCurve::BrainpoolP256r1),
        ec(StandardisedCurve::P521),
        PrivateKey::generate_rsa(Algorithm::RsaPssSha256, 2048).unwrap(),
    ] {
        for car in [None, Some(name("DECVCA00001"))] {
            let request = issue::request(&key, car, name("PLDV00001"), &[]).unwrap();
            assert_eq!((request.car(), request.chr()), (car, name("PLDV00001")));
            assert_eq!(&request.verify_inner().unwrap(), key.public_key());
            assert_eq!(Request::parse(request.as_der()).unwrap(), request);
        }
    }
}

#[test]
fn an_altered_request_no_longer_proves_possession() {
    let key = ec(StandardisedCurve::P256);
    let request = issue::request(&key, Some(name("DECVCA00001")), name("PLDV00001"), &[]).unwrap();
    let mut der = request.as_der().to_vec();
    let at = der.windows(9).position(|window| window == b"PLDV00001").unwrap();
    der[at + 8] = b'2';
    assert!(Request::parse(der).unwrap().verify_inner().is_err());
}

#[test]
fn an_outer_signature_covers_the_request_and_the_outer_reference() {
    let (own, voucher) = (ec(StandardisedCurve::BrainpoolP384r1), ec(StandardisedCurve::P256));
    let request = issue::request(&own, Some(name("DECVCA00001")), name("PLDV00002"), &[]).unwrap();
    let outer = issue::countersign(&voucher, name("PLCVCA00007"), &request).unwrap();
    assert_eq!(outer.outer_car(), name("PLCVCA00007"));
    assert_eq!(outer.request(), request);
    assert_eq!(outer.request().to_owned(), request);
    outer.request().to_owned().verify_inner().unwrap();
    outer.verify_outer(voucher.public_key()).unwrap();
    assert!(outer.verify_outer(ec(StandardisedCurve::P256).public_key()).is_err());

    let mut der = outer.as_der().to_vec();
    let at = der.windows(11).position(|window| window == b"PLCVCA00007").unwrap();
    der[at + 10] = b'8';
    let forged = AuthenticatedRequest::parse(der).unwrap();
    assert!(matches!(forged.verify_outer(voucher.public_key()), Err(SignatureError::Invalid)));
}

#[test]
fn extensions_are_kept_in_order_and_signed() {
    let root = Holder::root("PLCVCA00001", ec(StandardisedCurve::P256));
    let mut template = Template::new(name("PLDV00001"), chat(Role::DvDomestic, true, true), START, days(60));
    template.extensions = vec![
        ExtensionTemplate { oid: vec![4, 0, 0x7F, 0, 7, 3, 1, 3, 1], content: vec![0x80, 2, 1, 2] },
        ExtensionTemplate { oid: vec![4, 0, 0x7F, 0, 7, 3, 1, 3, 2], content: vec![0x80, 0, 0x81, 1, 9] },
    ];
    let dv = root.dv_with(template);
    let found = dv.certificate.extensions();
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].oid[8], found[0].content), (1, &[0x80, 2, 1, 2][..]));
    assert_eq!((found[1].oid[8], found[1].content), (2, &[0x80, 0, 0x81, 1, 9][..]));
    assert!(verify(&trusting(&root.certificate), &[&dv.certificate]).valid);
}

#[test]
fn the_builder_refuses_what_the_standard_forbids() {
    let root = Holder::root("PLCVCA00001", ec(StandardisedCurve::P256));
    let other = ec(StandardisedCurve::P384);
    let dv = Template::new(name("PLDV00001"), chat(Role::DvDomestic, true, true), START, days(60));
    let cvca = Template::new(name("PLCVCA00002"), chat(Role::Cvca, true, true), START, days(60));

    let reversed = Template { expires: days(-1), ..dv.clone() };
    let refused = issue::subordinate(&root.key, root.chr(), root.key.public_key(), &reversed);
    assert!(matches!(refused, Err(IssueError::DatesReversed)));
    let refused = issue::subordinate(&root.key, root.chr(), other.public_key(), &dv);
    assert!(matches!(refused, Err(IssueError::KeyKind)));
    let refused = issue::subordinate(&root.key, root.chr(), root.key.public_key(), &cvca);
    assert!(matches!(refused, Err(IssueError::Role)));
    assert!(matches!(issue::self_signed(&root.key, &dv), Err(IssueError::Role)));
    let refused = issue::link(&root.key, root.chr(), other.public_key(), ParameterForm::Inherited, &cvca);
    assert!(matches!(refused, Err(IssueError::ParametersChange)));
    let refused = issue::link(&root.key, cvca.chr, other.public_key(), ParameterForm::Written, &cvca);
    assert!(matches!(refused, Err(IssueError::SameReference)));
    assert!(matches!(PrivateKey::generate_rsa(Algorithm::RsaPssSha256, 1024), Err(KeyError::ModulusSize(1024))));
}

#[test]
fn a_signer_that_returns_a_wrong_signature_issues_nothing() {
    struct Faulty(PrivateKey);
    impl Signer for Faulty {
        fn public_key(&self) -> &PublicKey {
            self.0.public_key()
        }
        fn sign_digest(&self, digest: &[u8]) -> Result<Vec<u8>, SignError> {
            let mut signature = self.0.sign_digest(digest)?;
            signature[0] ^= 1;
            Ok(signature)
        }
    }
    let template = Template::new(name("PLCVCA00001"), chat(Role::Cvca, true, true), START, days(365));
    let refused = issue::self_signed(&Faulty(ec(StandardisedCurve::P256)), &template);
    assert!(matches!(refused, Err(IssueError::Signer(SignatureError::Invalid))));
}

#[test]
fn a_private_key_survives_pkcs8_and_does_not_print() {
    for key in [
        ec(StandardisedCurve::BrainpoolP320r1),
        ec(StandardisedCurve::P521),
        PrivateKey::generate_rsa(Algorithm::RsaPkcs1Sha256, 2048).unwrap(),
    ] {
        let der = key.to_pkcs8().unwrap();
        let back = PrivateKey::from_pkcs8(key.algorithm(), &der).unwrap();
        assert_eq!(back.public_key(), key.public_key());
        key.public_key().verify(b"message", &back.sign(b"message").unwrap()).unwrap();
        assert!(format!("{key:?}").contains("***"));
    }
    assert!(matches!(PrivateKey::from_pkcs8(Algorithm::EcdsaSha256, b"no key"), Err(KeyError::Pkcs8)));
}

#[test]
fn structures_with_extra_missing_or_reordered_objects_are_refused() {
    let root = Holder::root("PLCVCA00001", ec(StandardisedCurve::P256));
    let der = root.certificate.as_der();
    assert!(Certificate::parse(der).is_ok());
    let with_surplus = [der, &[0]].concat();
    assert!(matches!(Certificate::parse(with_surplus), Err(ParseError::Structure(_))));
    // A certificate is no request, and a request no certificate.
    assert!(matches!(Request::parse(der), Err(ParseError::Structure(_))));
    let request = issue::request(&root.key, None, name("PLDV00001"), &[]).unwrap();
    assert!(matches!(Certificate::parse(request.as_der()), Err(ParseError::Structure(_))));
    // Dates swapped in their order.
    let mut swapped = der.to_vec();
    let (from, to) = (tag(der, [0x5F, 0x25]), tag(der, [0x5F, 0x24]));
    swapped[from + 1] = 0x24;
    swapped[to + 1] = 0x25;
    assert!(matches!(Certificate::parse(swapped), Err(ParseError::Structure(_))));
    // Another profile version.
    let mut version = der.to_vec();
    version[tag(der, [0x5F, 0x29]) + 3] = 1;
    assert_eq!(Certificate::parse(version).unwrap_err(), ParseError::Profile);
}

fn tag(der: &[u8], tag: [u8; 2]) -> usize {
    der.windows(2).rposition(|window| window == tag).unwrap()
}

#[test]
fn keys_with_padded_integers_partial_parameters_or_compressed_points_are_refused() {
    let root = Holder::root("PLCVCA00001", ec(StandardisedCurve::P256));
    let set = crate::pki::curve_of(&root.key);
    let set = set.curve().components();
    let point = set.generator;
    let compressed = &[&[2], &point[1..33]].concat()[..];
    let padded_p = &[&[0], set.p].concat()[..];
    let one = &[1][..];
    let full =
        [(0x81, set.p), (0x82, set.a), (0x83, set.b), (0x84, point), (0x85, set.order), (0x86, point), (0x87, one)];
    let without = |tag: u16| full.iter().copied().filter(|(other, _)| *other != tag).collect::<Vec<_>>();
    let with = |tag: u16, value| full.iter().map(|(t, v)| (*t, if *t == tag { value } else { *v })).collect::<Vec<_>>();
    for (objects, error) in [
        (with(0x81, padded_p), Some(ParseError::Integer)),
        (with(0x85, &[]), Some(ParseError::Integer)),
        (with(0x86, compressed), Some(ParseError::Point)),
        (with(0x84, compressed), Some(ParseError::Point)),
        (without(0x83), Some(ParseError::ParametersIncomplete)),
        (without(0x81), Some(ParseError::ParametersIncomplete)),
        (vec![(0x86, point), (0x87, one)], Some(ParseError::ParametersIncomplete)),
        (without(0x87), None),
        (full.to_vec(), None),
    ] {
        let mut key = Vec::new();
        cvc::tlv::write(&mut key, 0x06, &Algorithm::EcdsaSha256.oid()).unwrap();
        for (tag, value) in objects {
            cvc::tlv::write(&mut key, tag, value).unwrap();
        }
        let raw = crate::pki::Raw::new("PLCVCA00001", "PLCVCA00001", key, 0xC3);
        let mut content = raw.body();
        cvc::tlv::write(&mut content, 0x5F37, &[1; 64]).unwrap();
        let mut der = Vec::new();
        cvc::tlv::write(&mut der, 0x7F21, &content).unwrap();
        assert_eq!(Certificate::parse(der).err(), error);
    }
}
