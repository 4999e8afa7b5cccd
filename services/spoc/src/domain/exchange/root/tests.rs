use std::collections::BTreeSet;

use cvc::domain_parameters::StandardisedCurve;
use exchange::development::{Algorithm, Authority, Digest, LeafRequest, Validity};
use straznica_exchange_wire::Binding;
use straznica_types::{Environment, Timestamp};

use super::{Ahead, RootEntry, RootRefusal, RootRules, announcement_warnings, examine, is_fingerprint};
use crate::domain::exchange::{
    partner::{Bindings, EndsBeforeItBegins, PartnerRoot, RootState},
    policy::{Policy, Rule, SpocCertificates},
};

const DAY: i64 = 86_400_000;

fn day(day: i64) -> Timestamp {
    Timestamp::from_millis(1_780_000_000_000 + day * DAY)
}

fn root_of(country: &str, name: &str, algorithm: Algorithm) -> Authority {
    Authority::root(country, name, algorithm, Validity::days(day(0), 700), None, Vec::new()).unwrap()
}

fn p256() -> Algorithm {
    Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha256)
}

/// A root that nothing in it tells from one in production.
fn not_for_development() -> Vec<u8> {
    use rcgen::{BasicConstraints, CertificateParams, DnType, DnValue, IsCa, KeyPair, KeyUsagePurpose};
    let mut parameters = CertificateParams::default();
    let country = DnValue::PrintableString("CZ".try_into().unwrap());
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CountryName, country);
    parameters.distinguished_name.push(DnType::CommonName, "CZ SPOC root");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let (from, until) = (day(0).millis() / 1000, day(700).millis() / 1000);
    parameters.not_before = time::OffsetDateTime::from_unix_timestamp(from).unwrap();
    parameters.not_after = time::OffsetDateTime::from_unix_timestamp(until).unwrap();
    parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

fn entry(certificate: &[u8]) -> RootEntry {
    RootEntry { certificate: certificate.to_vec(), use_from: None, use_until: None, bindings: None, link: None }
}

fn none() -> &'static BTreeSet<String> {
    static NONE: BTreeSet<String> = BTreeSet::new();
    &NONE
}

fn rules() -> RootRules<'static> {
    RootRules {
        country: "CZ".parse().unwrap(),
        own: "PL".parse().unwrap(),
        environment: Environment::Test,
        other_environment: none(),
        certificates: Policy::embedded().common().spoc_certificates,
        now: day(10),
    }
}

fn confirmed(authority: &Authority) -> PartnerRoot {
    PartnerRoot { state: RootState::Confirmed, ..examine(&entry(authority.certificate()), &[], &rules()).unwrap() }
}

#[test]
fn a_root_of_the_partner_is_used_from_now_to_its_end_over_what_its_key_serves() {
    let authority = root_of("CZ", "CZ SPOC root", p256());
    let root = examine(&entry(authority.certificate()), &[], &rules()).unwrap();
    assert_eq!(root.fingerprint, authority.fingerprint().unwrap().to_string());
    assert!(root.subject.contains("CZ SPOC root"), "{}", root.subject);
    assert_eq!((root.in_use.from(), root.in_use.until()), (day(10), Some(day(700))));
    assert_eq!((root.bindings, root.state, root.linked_to), (Bindings::Both, RootState::Proposed, None));
}

#[test]
fn a_key_that_rustls_does_not_know_serves_soap_only() {
    let keys = [
        ("P-384", Algorithm::ecdsa(StandardisedCurve::P384, Digest::Sha384), Bindings::Both),
        ("RSA", Algorithm::rsa(2048, Digest::Sha256), Bindings::Both),
        (
            "brainpool",
            Algorithm::ecdsa(StandardisedCurve::BrainpoolP256r1, Digest::Sha256),
            Bindings::Only(Binding::Soap),
        ),
        ("explicit", p256().with_explicit_parameters(), Bindings::Only(Binding::Soap)),
    ];
    for (what, algorithm, expected) in keys {
        let authority = root_of("CZ", what, algorithm);
        let root = examine(&entry(authority.certificate()), &[], &rules()).unwrap();
        assert_eq!(root.bindings, expected, "{what}");
        let both = RootEntry { bindings: Some(Bindings::Both), ..entry(authority.certificate()) };
        let asked_for_both = examine(&both, &[], &rules());
        assert_eq!(asked_for_both.is_ok(), expected == Bindings::Both, "{what}: {asked_for_both:?}");
    }
    let narrower = RootEntry {
        bindings: Some(Bindings::Only(Binding::Grpc)),
        ..entry(root_of("CZ", "narrower", p256()).certificate())
    };
    assert_eq!(examine(&narrower, &[], &rules()).unwrap().bindings, Bindings::Only(Binding::Grpc));
}

#[test]
fn each_fault_of_a_root_is_refused_for_its_own_reason() {
    let good = root_of("CZ", "CZ SPOC root", p256());
    let der = good.certificate().to_vec();
    let mut issuer = root_of("CZ", "CZ SPOC root", p256());
    let subordinate = issuer.subordinate("CZ SPOC CA", p256(), Validity::days(day(0), 300), None, Vec::new()).unwrap();
    let leaf = issuer.issue(&LeafRequest::client("CZ", Validity::days(day(0), 300))).unwrap().certificate;
    let mut forged = der.clone();
    *forged.last_mut().unwrap() ^= 1;
    let fingerprint = good.fingerprint().unwrap().to_string();
    let listed: BTreeSet<String> = [fingerprint].into();
    let operational = not_for_development();
    let tests: BTreeSet<String> =
        [emrtd::x509::Certificate::parse(&operational).unwrap().fingerprint().to_string()].into();
    let weak = Algorithm::ecdsa(StandardisedCurve::BrainpoolP192r1, Digest::Sha256);

    type Case<'a> = (&'a str, RootEntry, RootRules<'a>, Rule, fn(&RootRefusal) -> bool);
    let cases: Vec<Case<'_>> = vec![
        ("no certificate", entry(b"root"), rules(), Rule::RootForm, |why| matches!(why, RootRefusal::Unreadable(_))),
        ("another state's", entry(root_of("DE", "x", p256()).certificate()), rules(), Rule::RootCountry, |why| {
            matches!(why, RootRefusal::OtherCountry { .. })
        }),
        ("our own", entry(root_of("PL", "x", p256()).certificate()), rules(), Rule::RootCountry, |why| {
            matches!(why, RootRefusal::Own)
        }),
        ("a leaf", entry(&leaf), rules(), Rule::RootAuthority, |why| matches!(why, RootRefusal::NotAnAuthority)),
        ("a subordinate", entry(subordinate.certificate()), rules(), Rule::RootAuthority, |why| {
            matches!(why, RootRefusal::NotSelfSigned)
        }),
        ("a forged one", entry(&forged), rules(), Rule::RootAuthority, |why| matches!(why, RootRefusal::NotSelfSigned)),
        ("a weak key", entry(root_of("CZ", "x", weak).certificate()), rules(), Rule::RootKey, |why| {
            matches!(why, RootRefusal::Key(_))
        }),
        ("an expired one", entry(&der), RootRules { now: day(701), ..rules() }, Rule::RootPeriod, |why| {
            matches!(why, RootRefusal::Expired(_))
        }),
        ("no period", RootEntry { use_until: Some(day(9)), ..entry(&der) }, rules(), Rule::RootPeriod, |why| {
            matches!(why, RootRefusal::Period(EndsBeforeItBegins))
        }),
        (
            "used longer than valid",
            RootEntry { use_until: Some(day(701)), ..entry(&der) },
            rules(),
            Rule::RootPeriod,
            |why| matches!(why, RootRefusal::OutsideValidity { .. }),
        ),
        ("used before valid", RootEntry { use_from: Some(day(-1)), ..entry(&der) }, rules(), Rule::RootPeriod, |why| {
            matches!(why, RootRefusal::OutsideValidity { .. })
        }),
        (
            "development in production",
            entry(&der),
            RootRules { environment: Environment::Production, ..rules() },
            Rule::Environment,
            |why| matches!(why, RootRefusal::Development),
        ),
        (
            "production in test",
            entry(&der),
            RootRules { other_environment: &listed, ..rules() },
            Rule::Environment,
            |why| matches!(why, RootRefusal::Production),
        ),
        (
            "test in production",
            entry(&operational),
            RootRules { environment: Environment::Production, other_environment: &tests, ..rules() },
            Rule::Environment,
            |why| matches!(why, RootRefusal::Test),
        ),
    ];
    let production = RootRules { environment: Environment::Production, ..rules() };
    assert!(examine(&entry(&operational), &[], &production).is_ok(), "refused for the list alone");
    for (what, entry, rules, rule, expected) in cases {
        let refusal = examine(&entry, &[], &rules).unwrap_err();
        assert!(expected(&refusal), "{what}: {refusal}");
        assert_eq!(refusal.rule(), rule, "{what}");
    }
}

#[test]
fn how_long_a_root_s_key_is_the_policy_for_its_state_says() {
    let asked = |change: fn(&mut SpocCertificates), algorithm: Algorithm| {
        let mut certificates = rules().certificates;
        change(&mut certificates);
        let root = root_of("CZ", "x", algorithm);
        examine(&entry(root.certificate()), &[], &RootRules { certificates, ..rules() }).map(drop)
    };
    let rsa = || Algorithm::rsa(2048, Digest::Sha256);
    assert_eq!(asked(|policy| policy.ec_bits = 256, p256()), Ok(()));
    assert!(matches!(asked(|policy| policy.ec_bits = 257, p256()), Err(RootRefusal::Key(_))));
    assert_eq!(asked(|policy| policy.ec_bits = 257, rsa()), Ok(()));
    assert_eq!(asked(|policy| policy.rsa_bits = 2048, rsa()), Ok(()));
    assert!(matches!(asked(|policy| policy.rsa_bits = 2049, rsa()), Err(RootRefusal::Key(_))));
    let longest = Algorithm::ecdsa(StandardisedCurve::P521, Digest::Sha512);
    assert_eq!(asked(|policy| policy.ec_bits = 521, longest), Ok(()));
}

#[test]
fn a_link_certificate_leads_from_a_confirmed_root_to_the_new_one() {
    let mut old = root_of("CZ", "CZ SPOC root 1", p256());
    let new = root_of("CZ", "CZ SPOC root 2", p256());
    let other = root_of("CZ", "CZ SPOC root 3", p256());
    let held = [confirmed(&old)];
    let link = |link: Vec<u8>| RootEntry { link: Some(link), ..entry(new.certificate()) };
    let good = old.link_to(&new, Validity::days(day(0), 300)).unwrap();
    let root = examine(&link(good.clone()), &held, &rules()).unwrap();
    assert_eq!(root.linked_to.as_deref(), Some(held[0].fingerprint.as_str()));

    let mut stranger = root_of("CZ", "CZ SPOC root 1", p256());
    let proposed = [PartnerRoot { state: RootState::Proposed, ..held[0].clone() }];
    let cases = [
        ("for another root", link(old.link_to(&other, Validity::days(day(0), 300)).unwrap()), &held),
        ("by a stranger of the same name", link(stranger.link_to(&new, Validity::days(day(0), 300)).unwrap()), &held),
        ("expired", link(old.link_to(&new, Validity::days(day(0), 9)).unwrap()), &held),
        ("no certificate", link(b"link".to_vec()), &held),
        ("from a root nobody confirmed", link(good), &proposed),
    ];
    for (what, entry, held) in cases {
        let refusal = examine(&entry, held, &rules()).unwrap_err();
        assert!(matches!(refusal, RootRefusal::Link(_)), "{what}: {refusal}");
        assert_eq!(refusal.rule(), Rule::RootLink, "{what}");
    }
}

#[test]
fn the_second_officer_is_told_of_a_late_a_lone_and_an_unlinked_root() {
    let held = [confirmed(&root_of("CZ", "CZ SPOC root 1", p256()))];
    let new = confirmed(&root_of("CZ", "CZ SPOC root 2", p256()));
    let from = |first: i64, last: i64, linked: bool| PartnerRoot {
        in_use: crate::domain::exchange::partner::Period::new(day(first), Some(day(last))).unwrap(),
        linked_to: linked.then(|| held[0].fingerprint.clone()),
        ..new.clone()
    };
    let warnings =
        |root: &PartnerRoot| announcement_warnings(root, &held, day(10), Ahead { announced: 90, distributed: 10 });
    assert_eq!(warnings(&from(100, 700, true)), Vec::<String>::new());
    let late = warnings(&from(99, 700, true));
    assert!(late.len() == 1 && late[0].contains("89 days"), "{late:?}");
    // announced, but its certificate comes too late; the tenth day still does
    let in_time = warnings(&from(20, 700, true));
    assert!(in_time.len() == 1 && in_time[0].contains("announced 90 days"), "{in_time:?}");
    let later = warnings(&from(19, 700, true));
    assert!(later.len() == 2 && later[1].contains("distributed 10 days"), "{later:?}");
    let lone = warnings(&from(700, 800, true));
    assert!(lone.len() == 1 && lone[0].contains("overlaps"), "{lone:?}");
    let unlinked = warnings(&from(100, 700, false));
    assert!(unlinked.len() == 1 && unlinked[0].contains("link"), "{unlinked:?}");
}

#[test]
fn a_fingerprint_is_the_same_however_it_is_typed() {
    let fingerprint = "ab".repeat(32);
    assert!(is_fingerprint(&"AB:".repeat(32), &fingerprint));
    assert!(is_fingerprint(&"abab ".repeat(16), &fingerprint));
    assert!(!is_fingerprint(&"ac".repeat(32), &fingerprint));
    assert!(!is_fingerprint("", &fingerprint));
}
