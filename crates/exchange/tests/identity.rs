//! Peers judged by their certificates: what is accepted, and each refusal for its own reason.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::time::Duration;

use cvc::domain_parameters::StandardisedCurve;
use emrtd::x509::{Certificate, Crl};
use exchange::development::{
    Algorithm, Authority, CrlFault, CsnOrIcao, Digest, Issued, LeafRequest, Role, Validity, is_for_development,
};
use exchange::identity::{
    AllowedBindings, Demands, IdentityRefusal, PeerCertificate, Presented, Reached, RegisteredRoot, Registration,
    RootError, RootState, Warning, judge,
};
use exchange::profile::{ExtendedKeyUsage, Profile, built_in_file};
use exchange::{Binding, Side};
use straznica_types::Timestamp;

const HOST: &str = "spoc.example";

fn p256() -> Algorithm {
    Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha256)
}

fn day(number: u32) -> Timestamp {
    "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + Duration::from_secs(u64::from(number) * 86_400)
}

/// The moment peers are judged at unless a case says otherwise.
fn now() -> Timestamp {
    day(100)
}

fn root_with(algorithm: Algorithm) -> Authority {
    Authority::root("UT", "UT SPOC Root", algorithm, Validity::days(day(0), 3650), Some(2), Vec::new()).unwrap()
}

fn registered(root: &Authority, state: RootState) -> RegisteredRoot {
    RegisteredRoot::new(
        root.certificate(),
        root.fingerprint().unwrap(),
        (day(10), day(3000)),
        AllowedBindings::BOTH,
        state,
    )
    .unwrap()
}

fn registration(roots: &[&Authority]) -> Registration {
    let roots = roots.iter().map(|root| registered(root, RootState::Confirmed)).collect();
    let purposes = ExtendedKeyUsage::of_both_standards();
    Registration { country: "UT".parse().unwrap(), roots, demands: Demands::STANDARD, purposes }
}

fn year() -> Validity {
    Validity::days(day(50), 365)
}

fn server() -> Side<'static> {
    Side::Server { country: "UT".parse().unwrap(), host: HOST }
}

fn list(authority: &Authority) -> Crl {
    Crl::parse(&authority.crl(day(95), Some(day(110))).unwrap()).unwrap()
}

/// Everything a case may change.
struct Case {
    root: Authority,
    registration: Registration,
    presented: Vec<Vec<u8>>,
    crls: Vec<Crl>,
    side: Side<'static>,
    binding: Binding,
    at: Timestamp,
}

impl Case {
    /// A client as the standards have it, under a root of its own.
    fn good() -> Self {
        let mut root = root_with(p256());
        let issued = root.issue(&LeafRequest::client("UT", year())).unwrap();
        Self::of(root, &issued)
    }

    fn of(root: Authority, issued: &Issued) -> Self {
        Self {
            registration: registration(&[&root]),
            presented: issued.presented(),
            crls: vec![list(&root)],
            side: Side::Client,
            binding: Binding::Grpc,
            at: now(),
            root,
        }
    }

    fn with_leaf(change: impl FnOnce(&mut LeafRequest)) -> Self {
        let mut request = LeafRequest::both("UT", HOST, year());
        change(&mut request);
        let mut root = root_with(p256());
        let issued = root.issue(&request).unwrap();
        Self::of(root, &issued)
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn judge(&self) -> Result<PeerCertificate, IdentityRefusal> {
        judge(&self.presented, &self.registration, &self.crls, self.side, self.binding, self.at)
    }

    fn refused(&self) -> &'static str {
        self.judge().unwrap_err().code()
    }
}

#[test]
fn a_spoc_is_known_by_its_certificate() {
    let case = Case::good();
    let peer = case.judge().unwrap();
    assert_eq!(peer.country.as_str(), "UT");
    assert_eq!(peer.root, case.root.fingerprint().unwrap());
    assert_eq!(peer.reached, Reached::Directly);
    assert_eq!(peer.not_after, day(415));
    assert_eq!(peer.good_until, day(110), "the list ends first");
    assert_eq!(peer.warnings, []);
    assert_eq!(peer.serial, "02");
}

#[test]
fn both_standards_name_either_side() {
    for standard in [CsnOrIcao::Csn, CsnOrIcao::Icao] {
        for (role, client, serves) in [
            (Role::Client, Ok(()), Err("extended_key_usage")),
            (Role::Server, Err("extended_key_usage"), Ok(())),
            (Role::Both, Ok(()), Ok(())),
        ] {
            let mut request = LeafRequest::of("UT", role, standard, year());
            request.hosts = vec![HOST.into()];
            let mut root = root_with(p256());
            let issued = root.issue(&request).unwrap();
            let case = Case::of(root, &issued);
            assert_eq!(case.judge().map(drop).map_err(|why| why.code()), client, "{standard:?} {role:?}");
            let case = case.with(|case| case.side = server());
            assert_eq!(case.judge().map(drop).map_err(|why| why.code()), serves, "{standard:?} {role:?}");
        }
    }
}

#[test]
fn roots_may_be_of_any_kind_documents_have() {
    for algorithm in [
        Algorithm::ecdsa(StandardisedCurve::P384, Digest::Sha384),
        Algorithm::ecdsa(StandardisedCurve::BrainpoolP256r1, Digest::Sha256),
        Algorithm::ecdsa(StandardisedCurve::BrainpoolP384r1, Digest::Sha384).with_explicit_parameters(),
        Algorithm::rsa(2048, Digest::Sha256),
        Algorithm::rsa_pss(2048, Digest::Sha256),
    ] {
        let mut root = root_with(algorithm);
        let issued = root.issue(&LeafRequest { algorithm: Some(p256()), ..LeafRequest::client("UT", year()) }).unwrap();
        let peer = Case::of(root, &issued).judge().unwrap_or_else(|why| panic!("{algorithm:?}: {why}"));
        let explicit = peer.warnings.iter().any(|one| one.to_string().contains("ExplicitEcParameters"));
        assert_eq!(explicit, format!("{algorithm:?}").contains("explicit: true"), "{:?}", peer.warnings);
    }
}

#[test]
fn a_country_in_small_letters_is_the_same_country() {
    let case = Case::with_leaf(|leaf| leaf.countries = vec!["ut".into()]);
    assert_eq!(Presented::read(&case.presented).unwrap().country().as_str(), "UT");
    assert_eq!(case.judge().unwrap().country.as_str(), "UT");
}

#[test]
fn a_host_that_is_an_address_is_named_as_an_address() {
    let case = Case::with_leaf(|leaf| leaf.hosts = vec!["127.0.0.1".into()]);
    let at = |host| Side::Server { country: "UT".parse().unwrap(), host };
    assert!(case.with(|case| case.side = at("127.0.0.1")).judge().is_ok());
}

#[test]
fn two_authorities_may_stand_between() {
    let mut root = root_with(p256());
    let life = Validity::days(day(0), 2000);
    let mut first = root.subordinate("first", p256(), life, Some(1), Vec::new()).unwrap();
    let mut second = first.subordinate("second", p256(), life, Some(0), Vec::new()).unwrap();
    let issued = second.issue(&LeafRequest::client("UT", year())).unwrap();
    let crls = vec![list(&root), list(&first), list(&second)];
    let case = Case::of(root, &issued).with(|case| case.crls = crls);
    assert_eq!(case.presented.len(), 3);
    assert!(case.judge().is_ok());
    // In any order, and the root beside them.
    let case = case.with(|case| {
        case.presented.swap(1, 2);
        case.presented.push(case.root.certificate().to_vec());
    });
    assert!(case.judge().is_ok());
    // A list of each issuer is needed.
    for missing in 0..3 {
        let mut crls = case.crls.clone();
        crls.remove(missing);
        let verdict = judge(&case.presented, &case.registration, &crls, case.side, case.binding, case.at);
        assert_eq!(verdict.unwrap_err().code(), "no_crl", "{missing}");
    }
    // And of each, only one that does not name what it issued.
    let last = &case.presented[..2];
    let verdict = judge(last, &case.registration, &case.crls, case.side, case.binding, case.at);
    assert_eq!(verdict.unwrap_err().code(), "unknown_issuer", "an authority that was not presented");
}

#[test]
fn a_new_root_is_reached_by_the_old_ones_link() {
    let life = Validity::days(day(60), 3000);
    for (name, own_name_kept) in [("UT SPOC Root", true), ("UT SPOC Root 2", false)] {
        let mut old =
            Authority::root("UT", "UT SPOC Root", p256(), Validity::days(day(0), 3650), Some(0), Vec::new()).unwrap();
        let mut new = Authority::root("UT", name, p256(), life, Some(0), Vec::new()).unwrap();
        let link = old.link_to(&new, life).unwrap();
        let issued = new.issue(&LeafRequest::client("UT", year())).unwrap();
        let crls = vec![list(&old), list(&new)];
        let both = [issued.certificate.clone(), link.clone(), new.certificate().to_vec()];
        let registration = registration(&[&old]);
        let verdict = |presented: &[Vec<u8>], registration: &Registration| {
            judge(presented, registration, &crls, Side::Client, Binding::Soap, now())
        };

        let Reached::ByRootLink { link: used, root } = verdict(&both, &registration).unwrap().reached else {
            panic!("{name}: not reached by the link");
        };
        assert_eq!(used.der(), link, "{name}");
        assert_eq!(root.as_ref().map(Certificate::der), Some(new.certificate()), "{name}");

        // Without the new root beside it, a link is known by its name; under another name it is an authority like any other, which this root forbids.
        let alone = verdict(&both[..2], &registration);
        if own_name_kept {
            assert!(matches!(alone.unwrap().reached, Reached::ByRootLink { root: None, .. }));
        } else {
            assert_eq!(alone.unwrap_err().code(), "path_length");
        }

        // A root beside it that is not its key's counts as none.
        let forged = [issued.certificate.clone(), link.clone(), spoilt(new.certificate().to_vec())];
        match verdict(&forged, &registration) {
            Ok(peer) => assert!(own_name_kept && matches!(peer.reached, Reached::ByRootLink { root: None, .. })),
            Err(refusal) => assert!(!own_name_kept && refusal.code() == "path_length"),
        }

        // Once the new root is registered the link is no longer needed, though still presented.
        let mut overlapping = registration.clone();
        overlapping.roots.push(registered(&new, RootState::Confirmed));
        let peer = verdict(&both, &overlapping).unwrap();
        assert_eq!((peer.reached, peer.root), (Reached::Directly, new.fingerprint().unwrap()));
    }
}

#[test]
fn unusual_periods_of_validity_are_reported() {
    for (days, unusual) in [(100, true), (185, false), (549, false), (800, true)] {
        let case = Case::with_leaf(|leaf| leaf.validity = Validity::days(day(50), days));
        let warnings = case.judge().unwrap().warnings;
        let told = [Warning::Validity { days: i64::from(days), shortest: 180, longest: 550 }];
        assert_eq!(warnings == told, unusual, "{days}: {warnings:?}");
    }
}

#[test]
fn what_is_demanded_of_a_partner_s_certificates_is_its_registration_s() {
    let with = |change: fn(&mut Demands)| Case::good().with(|case| change(&mut case.registration.demands));
    assert_eq!(with(|demands| demands.ec_bits = 256).refused_or_ok(), Ok(()));
    assert_eq!(with(|demands| demands.ec_bits = 257).refused_or_ok(), Err("weak_key"));
    assert_eq!(with(|demands| demands.rsa_bits = 4096).refused_or_ok(), Ok(()), "of another kind");
    let rsa = |bits: u32| {
        let mut root = root_with(Algorithm::rsa(2048, Digest::Sha256));
        let issued = root.issue(&LeafRequest::client("UT", year())).unwrap();
        Case::of(root, &issued).with(|case| case.registration.demands.rsa_bits = bits).refused_or_ok()
    };
    assert_eq!((rsa(2048), rsa(2049)), (Ok(()), Err("weak_key")));
    let days = |shortest: u16, longest: u16| {
        let case = Case::good().with(|case| {
            case.registration.demands.shortest_days = shortest;
            case.registration.demands.longest_days = longest;
        });
        case.judge().unwrap().warnings
    };
    assert_eq!(days(365, 365), []);
    for (shortest, longest) in [(366, 400), (300, 364)] {
        assert_eq!(days(shortest, longest), [Warning::Validity { days: 365, shortest, longest }]);
    }
}

#[test]
fn what_was_presented_is_refused_for_its_own_reason() {
    let case = Case::good();
    let leaf = case.presented[0].clone();
    for (presented, code) in [
        (vec![], "no_certificate"),
        (vec![leaf.clone(); 5], "too_many_certificates"),
        (vec![b"no certificate".to_vec()], "unreadable"),
        (vec![leaf, vec![0x30]], "unreadable"),
    ] {
        assert_eq!(Case { presented, ..Case::good() }.refused(), code);
    }
}

#[test]
fn a_leaf_is_refused_for_its_own_reason() {
    let some = |text: &str| Some(vec![text.to_owned()]);
    type Change = Box<dyn Fn(&mut LeafRequest)>;
    let cases: Vec<(Change, &str)> = vec![
        (Box::new(|leaf| leaf.countries = vec![]), "no_country"),
        (Box::new(|leaf| leaf.countries = vec!["UT".into(), "UT".into()]), "several_countries"),
        (Box::new(|leaf| leaf.countries = vec!["UTO".into()]), "malformed_country"),
        (Box::new(|leaf| leaf.countries = vec!["ZZ".into()]), "other_country"),
        (Box::new(|leaf| leaf.authority = true), "is_authority"),
        (Box::new(|leaf| leaf.validity = Validity::days(day(101), 300)), "not_yet_valid"),
        (Box::new(|leaf| leaf.validity = Validity::days(day(0), 99)), "expired"),
        (Box::new(|leaf| leaf.key_usage = None), "no_key_usage"),
        (Box::new(|leaf| leaf.key_usage = Some(0x20)), "key_usage"),
        (Box::new(|leaf| leaf.purposes = None), "no_extended_key_usage"),
        // anyExtendedKeyUsage, and the server's to a client.
        (Box::new(move |leaf| leaf.purposes = some("2.5.29.37.0")), "extended_key_usage"),
        (Box::new(move |leaf| leaf.purposes = some("2.23.136.1.1.10.2")), "extended_key_usage"),
        (Box::new(|leaf| leaf.further = vec![("2.5.29.36".into(), true, vec![0x30, 0])]), "unknown_critical_extension"),
        (Box::new(|leaf| leaf.further = vec![("2.5.29.37".into(), false, vec![0x30, 0])]), "repeated_extension"),
        (Box::new(|leaf| leaf.algorithm = Some(Algorithm::ecdsa(StandardisedCurve::P192, Digest::Sha256))), "weak_key"),
        (Box::new(|leaf| leaf.algorithm = Some(Algorithm::rsa(1024, Digest::Sha256))), "weak_key"),
    ];
    for (change, code) in cases {
        assert_eq!(Case::with_leaf(|leaf| change(leaf)).refused(), code);
    }
}

#[test]
fn the_profile_of_a_partner_says_what_its_certificates_are_to_be_for() {
    let narrowed = |name: &str| {
        let text = built_in_file(name).unwrap();
        let only = |text: &str, csn: &str| text.replace(&format!("\"{csn}\", "), "");
        only(&only(text, "1.2.203.7064.1.1.369791.1"), "1.2.203.7064.1.1.369791.2")
    };
    let of = |text: &str| Profile::from_toml(text).unwrap().extended_key_usage().clone();
    for name in ["2009", "icao", "2018"] {
        assert_eq!(of(built_in_file(name).unwrap()), ExtendedKeyUsage::of_both_standards(), "{name}");
    }
    let icao = of(&narrowed("icao"));
    let own = of(&narrowed("2018").replace("2.23.136.1.1.10.", "1.2.203.7064.1.1.999."));
    let csn_leaf = |role: u8| format!("1.2.203.7064.1.1.369791.{role}");
    let icao_leaf = |role: u8| format!("2.23.136.1.1.10.{role}");
    let own_leaf = |role: u8| format!("1.2.203.7064.1.1.999.{role}");
    let (taken, refused) = (Ok(()), Err("extended_key_usage"));
    let both = ExtendedKeyUsage::of_both_standards();
    for (purposes, expected) in
        [(both, [taken, taken, refused]), (icao, [refused, taken, refused]), (own, [refused, refused, taken])]
    {
        for (leaf, expected) in [&csn_leaf as &dyn Fn(u8) -> String, &icao_leaf, &own_leaf].into_iter().zip(expected) {
            for (role, side) in [(1, Side::Client), (2, server())] {
                let case = Case::with_leaf(|request| request.purposes = Some(vec![leaf(role)]));
                let case = case.with(|case| {
                    case.side = side;
                    case.registration.purposes = purposes.clone();
                });
                assert_eq!(case.refused_or_ok(), expected, "{} under {purposes:?}", leaf(role));
            }
        }
    }
}

#[test]
fn a_server_is_refused_for_its_host_and_state() {
    let case = Case::with_leaf(|leaf| leaf.hosts = vec!["other.example".into()]).with(|case| case.side = server());
    assert_eq!(case.refused(), "other_host");
    let case = Case::with_leaf(|leaf| leaf.hosts = vec![]).with(|case| case.side = server());
    assert_eq!(case.refused(), "other_host");
    // Its registration and certificate agree, but another state was to be reached.
    let meant = Side::Server { country: "ZZ".parse().unwrap(), host: HOST };
    assert_eq!(Case::with_leaf(|_| ()).with(|case| case.side = meant).refused(), "other_country");
    // The RSA suites of the SOAP binding encrypt to the server's key; nothing else does.
    let case = Case::with_leaf(|leaf| leaf.key_usage = Some(0x20)).with(|case| case.side = server());
    assert_eq!(case.refused(), "key_usage");
    assert!(case.with(|case| case.binding = Binding::Soap).judge().is_ok());
}

#[test]
fn a_root_is_refused_for_its_own_reason() {
    let state = |state| Case::good().with(|case| case.registration.roots = vec![registered(&case.root, state)]);
    assert_eq!(state(RootState::Proposed).refused(), "root_not_confirmed");
    assert_eq!(state(RootState::Withdrawn).refused(), "root_withdrawn");
    let used = |from, until, bindings| {
        Case::good().with(|case| {
            let print = case.root.fingerprint().unwrap();
            let root = case.root.certificate();
            let root = RegisteredRoot::new(root, print, (from, until), bindings, RootState::Confirmed).unwrap();
            case.registration.roots = vec![root];
        })
    };
    assert_eq!(used(day(101), day(200), AllowedBindings::BOTH).refused(), "root_not_in_use");
    assert_eq!(used(day(0), day(99), AllowedBindings::BOTH).refused(), "root_not_in_use");
    let soap_only = AllowedBindings { grpc: false, soap: true };
    assert_eq!(used(day(0), day(200), soap_only).refused(), "root_binding");
    assert_eq!(used(day(0), day(200), soap_only).with(|case| case.binding = Binding::Soap).refused_or_ok(), Ok(()));
    assert_eq!(Case::good().with(|case| case.registration.country = "ZZ".parse().unwrap()).refused(), "other_country");
    assert_eq!(Case::good().with(|case| case.registration.roots.clear()).refused(), "unknown_issuer");

    // A root that expired, one that is too weak, one of the same name with another key.
    let expired = Authority::root("UT", "UT SPOC Root", p256(), Validity::days(day(0), 99), None, Vec::new()).unwrap();
    let under = |mut root: Authority| {
        let request = LeafRequest { algorithm: Some(p256()), ..LeafRequest::client("UT", year()) };
        let issued = root.issue(&request).unwrap();
        Case::of(root, &issued)
    };
    assert_eq!(under(expired).refused(), "expired");
    assert_eq!(under(root_with(Algorithm::rsa(1024, Digest::Sha256))).refused(), "weak_key");
    assert_eq!(under(root_with(Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha1))).refused(), "weak_signature");
    let other = root_with(p256());
    assert_eq!(Case::good().with(|case| case.registration = registration(&[&other])).refused(), "key_identifier");
    let stranger = Case::good().with(|case| {
        case.presented.push(case.root.certificate().to_vec());
        case.registration.roots.clear();
    });
    assert_eq!(stranger.refused(), "root_not_registered");
}

#[test]
fn a_root_is_held_to_the_key_usage_it_has() {
    // keyCertSign without cRLSign, cRLSign without keyCertSign, both.
    for (usage, verdict) in [(0x04, Err("issuer_may_not_revoke")), (0x02, Err("issuer_may_not_sign")), (0x06, Ok(()))] {
        let mut above = root_with(p256());
        let request = LeafRequest { authority: true, key_usage: Some(usage), ..LeafRequest::client("UT", year()) };
        let mut root = Authority::impostor(&above.issue(&request).unwrap()).unwrap();
        let leaf = root.issue(&LeafRequest::client("UT", year())).unwrap();
        let case = Case::of(root, &leaf).with(|case| case.presented.truncate(1));
        assert_eq!(case.refused_or_ok(), verdict, "{usage:#04x}");
    }
}

impl Case {
    fn refused_or_ok(&self) -> Result<(), &'static str> {
        self.judge().map(drop).map_err(|why| why.code())
    }
}

#[test]
fn a_signature_that_is_anothers_is_refused() {
    let case = Case::good().with(|case| {
        let last = case.presented[0].len() - 1;
        case.presented[0][last] ^= 1;
    });
    assert_eq!(case.refused(), "signature");
}

#[test]
fn an_authority_between_is_refused_for_its_own_reason() {
    let life = Validity::days(day(0), 2000);
    let below = |root: &mut Authority, life, path_length| {
        let mut between = root.subordinate("between", p256(), life, path_length, Vec::new()).unwrap();
        let issued = between.issue(&LeafRequest::client("UT", year())).unwrap();
        (between, issued)
    };
    let mut root = root_with(p256());
    let (between, issued) = below(&mut root, Validity::days(day(0), 99), None);
    let crls = vec![list(&root), list(&between)];
    assert_eq!(Case::of(root, &issued).with(|case| case.crls = crls).refused(), "expired");

    let mut root = Authority::root("UT", "UT SPOC Root", p256(), life, Some(0), Vec::new()).unwrap();
    let (_, issued) = below(&mut root, life, None);
    assert_eq!(Case::of(root, &issued).refused(), "path_length");

    let mut root = root_with(p256());
    let mut first = root.subordinate("first", p256(), life, Some(0), Vec::new()).unwrap();
    let (_, issued) = below(&mut first, life, None);
    assert_eq!(Case::of(root, &issued).refused(), "path_length");

    let mut root = Authority::root("UT", "UT SPOC Root", p256(), life, None, Vec::new()).unwrap();
    let mut first = root.subordinate("first", p256(), life, None, Vec::new()).unwrap();
    let mut second = first.subordinate("second", p256(), life, None, Vec::new()).unwrap();
    let (_, issued) = below(&mut second, life, None);
    assert_eq!(Case::of(root, &issued).refused(), "path_too_long");

    // An authority that poses as a new root gains no room below it.
    let mut root = Authority::root("UT", "UT SPOC Root", p256(), life, Some(1), Vec::new()).unwrap();
    let mut first = root.subordinate("first", p256(), life, None, Vec::new()).unwrap();
    let (_, issued) = below(&mut first, life, None);
    let case = Case::of(root, &issued).with(|case| case.presented.push(first.own_root(life).unwrap()));
    assert_eq!(case.refused(), "path_length");

    // A leaf that issues: not an authority by its basic constraints, or by its key usage.
    for (authority, key_usage, code) in [
        (false, Some(0x86), "issuer_is_no_authority"),
        (true, Some(0x80), "issuer_may_not_sign"),
        (true, None, "issuer_may_not_sign"),
    ] {
        let mut root = root_with(p256());
        let request = LeafRequest { authority, key_usage, ..LeafRequest::client("UT", year()) };
        let issuing = root.issue(&request).unwrap();
        let issued = Authority::impostor(&issuing).unwrap().issue(&LeafRequest::client("UT", year())).unwrap();
        assert_eq!(Case::of(root, &issued).refused(), code);
    }
}

#[test]
fn revocation_lists_are_refused_for_their_own_reason() {
    let parse = |crl: Vec<u8>| Crl::parse(&crl).unwrap();
    let with = |crls: &dyn Fn(&Authority) -> Vec<Vec<u8>>| {
        Case::good().with(|case| case.crls = crls(&case.root).into_iter().map(parse).collect())
    };
    let other = root_with(p256());
    let stranger = Authority::root("UT", "Another", p256(), Validity::days(day(0), 3650), None, Vec::new()).unwrap();
    type Lists<'a> = Box<dyn Fn(&Authority) -> Vec<Vec<u8>> + 'a>;
    let cases: Vec<(Lists<'_>, Result<(), &str>)> = vec![
        (Box::new(|_| vec![]), Err("no_crl")),
        (Box::new(|_| vec![stranger.crl(day(95), Some(day(110))).unwrap()]), Err("no_crl")),
        // Of the right name, with another key: named by its identifier, and hiding it.
        (Box::new(|_| vec![other.crl(day(95), Some(day(110))).unwrap()]), Err("no_crl")),
        (Box::new(|root| vec![spoilt(root.crl(day(95), Some(day(110))).unwrap())]), Err("crl_signature")),
        (Box::new(|root| vec![root.crl(day(101), Some(day(110))).unwrap()]), Err("crl_from_the_future")),
        (Box::new(|root| vec![root.crl(day(90), Some(day(99))).unwrap()]), Err("crl_expired")),
        (Box::new(|root| vec![root.crl(day(9), Some(day(200))).unwrap()]), Err("crl_too_old")),
        (Box::new(|root| vec![root.crl(day(9), None).unwrap()]), Err("crl_too_old")),
        (Box::new(|root| vec![root.crl(day(100), Some(day(100))).unwrap()]), Ok(())),
        (Box::new(|root| vec![root.crl(day(10), Some(day(200))).unwrap()]), Ok(())),
        // One that counts among others that do not.
        (
            Box::new(|root| {
                vec![
                    root.crl(day(101), Some(day(110))).unwrap(),
                    root.crl(day(90), Some(day(99))).unwrap(),
                    root.crl(day(95), Some(day(110))).unwrap(),
                    stranger.crl(day(95), Some(day(110))).unwrap(),
                ]
            }),
            Ok(()),
        ),
    ];
    for (number, (crls, expected)) in cases.iter().enumerate() {
        assert_eq!(with(crls).refused_or_ok(), *expected, "case {number}");
    }
    let undated = with(&|root| vec![root.crl(day(95), None).unwrap()]).judge().unwrap();
    assert!(matches!(undated.warnings[..], [Warning::CrlWithoutNextUpdate { .. }]));
    assert_eq!(undated.good_until, day(185));
}

#[test]
fn a_list_counts_as_long_as_the_registration_allows_and_never_longer_than_ninety_days() {
    let aged = |days: u32, allowed: u64| {
        Case::good().with(|case| {
            let list = case.root.crl(day(100 - days), Some(day(300))).unwrap();
            case.crls = vec![Crl::parse(&list).unwrap()];
            case.registration.demands.crl_max_age = Duration::from_secs(allowed * 86_400);
        })
    };
    assert_eq!(aged(40, 30).refused_or_ok(), Err("crl_too_old"));
    assert_eq!(aged(40, 40).refused_or_ok(), Ok(()));
    assert_eq!(aged(10, 30).judge().unwrap().good_until, day(120));
    assert_eq!(aged(91, 365).refused_or_ok(), Err("crl_too_old"));
    assert_eq!(aged(80, 365).judge().unwrap().good_until, day(110));
}

fn spoilt(mut der: Vec<u8>) -> Vec<u8> {
    let last = der.len() - 1;
    der[last] ^= 1;
    der
}

#[test]
fn a_revoked_certificate_is_refused_whichever_list_says_so() {
    let mut root = root_with(p256());
    let issued = root.issue(&LeafRequest::client("UT", year())).unwrap();
    let another = root.issue(&LeafRequest::client("UT", year())).unwrap();
    let before = list(&root);
    root.revoke(&another, day(96));
    let case = Case::of(root.clone(), &issued);
    assert!(case.judge().is_ok(), "another was revoked");
    root.revoke(&issued, day(96));
    let stale = Crl::parse(&root.crl(day(96), Some(day(97))).unwrap()).unwrap();
    for crls in [vec![list(&root)], vec![before.clone(), list(&root)], vec![before, stale]] {
        let case = Case::of(root.clone(), &issued).with(|case| case.crls = crls);
        assert_eq!(case.refused(), "revoked");
    }
}

#[test]
fn lists_that_tell_half_are_not_read() {
    let root = root_with(p256());
    for fault in [CrlFault::Delta, CrlFault::Indirect] {
        let list = root.faulty_crl(day(95), day(110), fault).unwrap();
        assert!(Crl::parse(&list).is_err(), "{fault:?}");
    }
}

#[test]
fn a_list_over_sha_1_is_refused() {
    let mut root = root_with(p256());
    let issued = root.issue(&LeafRequest::client("UT", year())).unwrap();
    root.sign_over(Digest::Sha1);
    assert_eq!(Case::of(root, &issued).refused(), "weak_crl");
}

#[test]
fn a_root_has_the_fingerprint_the_officers_compared() {
    let (one, other) = (root_with(p256()), root_with(p256()));
    let register = |der: &[u8], print| {
        RegisteredRoot::new(der, print, (day(0), day(1)), AllowedBindings::BOTH, RootState::Confirmed)
    };
    let refused = register(one.certificate(), other.fingerprint().unwrap());
    assert!(matches!(refused, Err(RootError::Fingerprint { .. })));
    assert!(matches!(register(&[], one.fingerprint().unwrap()), Err(RootError::Certificate(_))));
}

#[test]
fn what_the_throw_away_authority_issues_says_so() {
    let case = Case::good();
    for der in [case.root.certificate(), case.presented[0].as_slice()] {
        assert!(is_for_development(&Certificate::parse(der).unwrap()));
    }
}
