use std::collections::BTreeSet;

use cvc::domain_parameters::StandardisedCurve;
use exchange::{
    development::{Algorithm, Authority, Digest, Validity},
    profile::Catalogue,
};
use straznica_exchange_wire::Binding;
use straznica_types::{Environment, Timestamp};

use super::{EnteredCvca, EnteredRoot, Entry, RegistrationRefusal, Rules, are_fingerprints_of};
use crate::domain::exchange::{
    partner::{Partner, PartnerState},
    policy::{Policy, Rule},
    root::RootRefusal,
};

fn now() -> Timestamp {
    "2026-05-28T09:30:00Z".parse().unwrap()
}

fn root(country: &str, curve: StandardisedCurve) -> EnteredRoot {
    let algorithm = Algorithm::ecdsa(curve, Digest::Sha256);
    let validity = Validity::days(now(), 700);
    let authority = Authority::root(country, "SPOC root", algorithm, validity, None, Vec::new()).unwrap();
    EnteredRoot {
        certificate: hex::encode(authority.certificate()),
        use_from: None,
        use_until: None,
        bindings: String::new(),
    }
}

fn entry() -> Entry {
    Entry {
        country: "CZ".to_owned(),
        name: "Česko".to_owned(),
        binding: "grpc".to_owned(),
        profile: "2009".to_owned(),
        url: "https://spoc.example.cz:8443/spoc".to_owned(),
        email: "spoc@example.cz".to_owned(),
        contacts: vec!["co-ordinator, +420 1".to_owned()],
        answers: "synchronous".to_owned(),
        document_years: 10,
        use_from: now(),
        use_until: None,
        roots: vec![root("CZ", StandardisedCurve::P256)],
        cvcas: vec![EnteredCvca {
            name: "CZCVCAePass".to_owned(),
            document_types: "passports".to_owned(),
            replaces: String::new(),
        }],
    }
}

fn judge_in(environment: Environment, entry: &Entry, held: Option<&Partner>) -> Result<Partner, RegistrationRefusal> {
    let (other_environment, profiles) = (BTreeSet::new(), Catalogue::built_in().unwrap());
    let (own, certificates) = ("PL".parse().unwrap(), Policy::embedded().common().spoc_certificates);
    let rules = Rules {
        own,
        environment,
        other_environment: &other_environment,
        certificates,
        profiles: &profiles,
        now: now(),
    };
    entry.judge(held, &rules)
}

fn judge(entry: &Entry, held: Option<&Partner>) -> Result<Partner, RegistrationRefusal> {
    judge_in(Environment::Test, entry, held)
}

#[test]
fn a_whole_registration_is_taken() {
    let partner = judge(&entry(), None).unwrap();
    assert_eq!(
        (partner.country.as_str(), partner.binding, &partner.state),
        ("CZ", Binding::Grpc, &PartnerState::Active)
    );
    assert_eq!((partner.url.host(), partner.url.port()), ("spoc.example.cz", 8443));
    assert_eq!((partner.roots.len(), partner.cvcas[0].name.as_str()), (1, "CZCVCAePass"));
}

#[test]
fn each_fault_of_a_registration_is_refused_for_its_own_reason() {
    let cvca = |name: &str, replaces: &str| EnteredCvca {
        name: name.to_owned(),
        document_types: "passports".to_owned(),
        replaces: replaces.to_owned(),
    };
    let good = entry();
    let text = str::to_owned;
    let brainpool = vec![root("CZ", StandardisedCurve::BrainpoolP256r1)];
    let twice = vec![good.roots[0].clone(), good.roots[0].clone()];
    let unread = vec![EnteredRoot { certificate: text("zz"), ..good.roots[0].clone() }];
    type Case = (&'static str, Entry, Rule, fn(&RegistrationRefusal) -> bool);
    let cases: Vec<Case> = vec![
        ("country", Entry { country: text("cz"), ..entry() }, Rule::RegisteredState, |why| {
            matches!(why, RegistrationRefusal::Country)
        }),
        ("own country", Entry { country: text("PL"), ..entry() }, Rule::RegisteredState, |why| {
            matches!(why, RegistrationRefusal::Own)
        }),
        ("name", Entry { name: text(" "), ..entry() }, Rule::RegisteredParticulars, |why| {
            matches!(why, RegistrationRefusal::Text { field: "name", .. })
        }),
        ("binding", Entry { binding: text("both"), ..entry() }, Rule::RegisteredParticulars, |why| {
            matches!(why, RegistrationRefusal::Word { field: "binding", .. })
        }),
        ("profile", Entry { profile: text("1999"), ..entry() }, Rule::RegisteredProfile, |why| {
            matches!(why, RegistrationRefusal::Profile(_))
        }),
        ("url", Entry { url: text("http://spoc.example.cz"), ..entry() }, Rule::RegisteredUrl, |why| {
            matches!(why, RegistrationRefusal::Url(_))
        }),
        ("email", Entry { email: text("spoc at example.cz"), ..entry() }, Rule::RegisteredEmail, |why| {
            matches!(why, RegistrationRefusal::Email)
        }),
        (
            "two addresses",
            Entry { email: text("a@example.cz,b@example.cz"), ..entry() },
            Rule::RegisteredEmail,
            |why| matches!(why, RegistrationRefusal::Email),
        ),
        ("contact", Entry { contacts: vec![text("a\nb")], ..entry() }, Rule::RegisteredParticulars, |why| {
            matches!(why, RegistrationRefusal::Text { field: "contacts", .. })
        }),
        ("contacts", Entry { contacts: vec![text("a"); 21], ..entry() }, Rule::RegisteredParticulars, |why| {
            matches!(why, RegistrationRefusal::Contacts)
        }),
        ("answers", Entry { answers: text("later"), ..entry() }, Rule::RegisteredParticulars, |why| {
            matches!(why, RegistrationRefusal::Word { field: "answers", .. })
        }),
        ("years", Entry { document_years: 0, ..entry() }, Rule::RegisteredDocuments, |why| {
            matches!(why, RegistrationRefusal::DocumentYears)
        }),
        ("period", Entry { use_until: Some(now()), ..entry() }, Rule::RegisteredPeriod, |why| {
            matches!(why, RegistrationRefusal::Period(_))
        }),
        ("no root", Entry { roots: Vec::new(), ..entry() }, Rule::RegisteredRoots, |why| {
            matches!(why, RegistrationRefusal::NoRoot)
        }),
        ("the same root twice", Entry { roots: twice, ..entry() }, Rule::RegisteredRoots, |why| {
            matches!(why, RegistrationRefusal::Roots)
        }),
        ("an unreadable root", Entry { roots: unread, ..entry() }, Rule::RootForm, |why| {
            matches!(why, RegistrationRefusal::Root { position: 0, why: RootRefusal::Unreadable(_) })
        }),
        ("a root that cannot serve gRPC", Entry { roots: brainpool, ..entry() }, Rule::RootBinding, |why| {
            matches!(why, RegistrationRefusal::NoRootForBinding(Binding::Grpc))
        }),
        (
            "another state's CVCA",
            Entry { cvcas: vec![cvca("DECVCA", "")], ..entry() },
            Rule::RegisteredCvcaNames,
            |why| matches!(why, RegistrationRefusal::Cvca { .. }),
        ),
        (
            "a CVCA twice",
            Entry { cvcas: vec![cvca("CZCVCA", ""), cvca("CZCVCA", "")], ..entry() },
            Rule::RegisteredCvcaNames,
            |why| matches!(why, RegistrationRefusal::Cvca { .. }),
        ),
        (
            "a CVCA in its own place",
            Entry { cvcas: vec![cvca("CZCVCA", "CZCVCA")], ..entry() },
            Rule::RegisteredCvcaNames,
            |why| matches!(why, RegistrationRefusal::Cvca { .. }),
        ),
    ];
    for (what, entry, rule, expected) in cases {
        let refusal = judge(&entry, None).unwrap_err();
        assert!(expected(&refusal), "{what}: {refusal}");
        assert_eq!(refusal.rule(), rule, "{what}");
    }
}

#[test]
fn production_takes_no_specimen_no_throw_away_root_and_no_numeric_host() {
    let refused = |entry: &Entry| judge_in(Environment::Production, entry, None).unwrap_err();
    let specimen = Entry { country: "UT".to_owned(), ..entry() };
    assert!(matches!(refused(&specimen), RegistrationRefusal::Specimen(_)));
    let development = refused(&entry());
    assert!(matches!(development, RegistrationRefusal::Root { why: RootRefusal::Development, .. }), "{development}");
    let numeric = Entry { url: "https://10.0.0.1:8443".to_owned(), roots: Vec::new(), ..entry() };
    let held = judge(&entry(), None).unwrap();
    assert_eq!(judge_in(Environment::Production, &numeric, Some(&held)), Err(RegistrationRefusal::NumericHost));
    assert!(judge(&Entry { roots: entry().roots, ..numeric }, None).is_ok());
}

#[test]
fn a_change_keeps_roots_state_and_outages_and_brings_no_root() {
    let suspended = PartnerState::Suspended { reason: "why".to_owned() };
    let held = Partner { state: suspended.clone(), ..judge(&entry(), None).unwrap() };
    let change = Entry { roots: Vec::new(), url: "https://new.example.cz".to_owned(), ..entry() };
    let partner = judge(&change, Some(&held)).unwrap();
    assert_eq!((&partner.roots, &partner.state, partner.url.host()), (&held.roots, &suspended, "new.example.cz"));
    assert_eq!(judge(&entry(), Some(&held)), Err(RegistrationRefusal::RootsInChange));
    // One withdrawn begins anew.
    let withdrawn = Partner { state: PartnerState::Withdrawn, ..held };
    assert_eq!(judge(&change, Some(&withdrawn)), Err(RegistrationRefusal::NoRoot));
    assert_eq!(judge(&entry(), Some(&withdrawn)).unwrap().state, PartnerState::Active);
}

#[test]
fn fingerprints_typed_are_exactly_those_of_the_roots() {
    let two =
        Entry { roots: vec![root("CZ", StandardisedCurve::P256), root("CZ", StandardisedCurve::P256)], ..entry() };
    let roots = judge(&two, None).unwrap().roots;
    let [one, other] = [0, 1].map(|position: usize| roots[position].fingerprint.to_ascii_uppercase());
    assert!(are_fingerprints_of(&[other.clone(), one.clone()], &roots));
    for typed in [vec![], vec![one.clone()], vec![one.clone(), one.clone()], vec![one, other, "00".repeat(32)]] {
        assert!(!are_fingerprints_of(&typed, &roots), "{typed:?}");
    }
    assert!(are_fingerprints_of(&[], &[]));
}
