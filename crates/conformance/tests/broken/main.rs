//! The kit held against itself: a partner that is in order passes every case, and one that does a single thing wrong fails the cases that are about it,
//! and no others.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail the test")]

mod door;
mod faults;
mod grpc;
mod line;
mod servers;
mod soap;
mod stage;
mod unread;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cvc::{Algorithm, StandardisedCurve};
use exchange::Binding;
use straznica_conformance::bench::today;
use straznica_conformance::{Case, Entry, Group, Report};
use straznica_simulators::spoc_partner::Mischief;

use door::Flaw;
use faults::{Caught, FAULTS};
use line::Street;
use servers::{SERVERS, proper};
use stage::Stage;

async fn run(stage: &Stage) -> Report {
    straznica_conformance::run(&stage.target, |_| true, |_| {}).await.unwrap()
}

/// The cases about messages, and not about how they are written.
async fn run_messages(stage: &Stage) -> Report {
    let wanted = |case: &Case| !matches!(case.group, Group::Soap | Group::Grpc);
    straznica_conformance::run(&stage.target, wanted, |_| {}).await.unwrap()
}

fn failed(report: &Report) -> Vec<String> {
    report.failures().map(|(entry, got)| format!("{} ({got})", entry.case.id)).collect()
}

#[tokio::test]
async fn a_partner_in_order_passes_every_case_in_every_edition() {
    for profile in [None, Some("icao"), Some("2009")] {
        let stage = Stage::set(profile);
        let report = run(&stage).await;
        assert_eq!(failed(&report), Vec::<String>::new(), "{profile:?}");
        let excuses: Vec<_> = report.not_applicable().map(|(entry, why)| (entry.case.id, why)).collect();
        assert_eq!(excuses, [], "{profile:?}");
        assert!(report.holds() && report.cases() > 70, "{}", report.cases());
    }
}

#[tokio::test]
async fn a_partner_that_answers_everything_later_passes_too() {
    let stage = Stage::set(None);
    stage.partner.misbehave(&[Mischief::AcknowledgesFirst]);
    let report = run(&stage).await;
    assert_eq!(failed(&report), Vec::<String>::new());
}

#[tokio::test]
async fn where_nothing_is_issued_the_cases_that_build_on_it_say_so() {
    let stage = Stage::set(None);
    stage.partner.misbehave(&[Mischief::RefusesBeginners]);
    let report = run(&stage).await;
    let failures: Vec<(&str, &str)> = report.failures().map(|(entry, got)| (entry.case.id, got)).collect();
    assert!(failures.contains(&("request/initial", "failure_outer_signature")));
    assert!(failures.contains(&("issued/key", "an initial request failed first: failure_outer_signature")));
    assert!(failures.iter().all(|(_, got)| got.ends_with("failure_outer_signature")), "{failures:#?}");
}

/// Cases whose fault is not one of the tables, but has a test of its own here.
const OF_THEIR_OWN: &[(&str, &str)] = &[
    ("request/initial", "where_nothing_is_issued_the_cases_that_build_on_it_say_so"),
    ("identity/server", "a_server_that_is_not_who_it_has_to_be_is_told_why_by_grpc"),
];

/// The faults each case is failed by.
fn faults_by_case() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut caught: BTreeMap<_, BTreeSet<_>> =
        straznica_conformance::cases::all().map(|case| (case.id, BTreeSet::new())).collect();
    let mut note = |case: &'static str, fault: String| {
        caught.get_mut(case).unwrap_or_else(|| panic!("no case {case}")).insert(fault);
    };
    for (fault, cases) in FAULTS {
        for (case, _) in *cases {
            note(case, format!("{fault:?}"));
        }
    }
    for (flaw, cases) in soap::FLAWS {
        for (case, _) in *cases {
            note(case, format!("reader of documents {flaw:?}"));
        }
    }
    for (flaw, cases) in grpc::FLAWS {
        for (case, _) in *cases {
            note(case, format!("reader of frames {flaw:?}"));
        }
    }
    for (case, test) in OF_THEIR_OWN {
        note(case, (*test).to_owned());
    }
    caught
}

#[test]
fn every_case_is_failed_by_some_fault() {
    let caught = faults_by_case();
    let never: Vec<&str> = caught.iter().filter(|(_, faults)| faults.is_empty()).map(|(case, _)| *case).collect();
    assert_eq!(never, Vec::<&str>::new());
}

#[test]
fn no_two_cases_are_failed_by_the_very_same_faults() {
    let mut alike: BTreeMap<BTreeSet<String>, Vec<&str>> = BTreeMap::new();
    for (case, faults) in faults_by_case() {
        alike.entry(faults).or_default().push(case);
    }
    // two cases that only ever fail together are one case told twice, and neither says which of two things is wrong
    alike.retain(|_, cases| cases.len() > 1);
    assert!(alike.is_empty(), "{alike:#?}");
}

/// Whether a report tells just this, but for what `…` stands for.
fn tells(got: &str, just: &str) -> bool {
    let mut pieces = just.split('…');
    let Some(rest) = pieces.next().and_then(|first| got.strip_prefix(first)) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    let middle = pieces.try_fold(rest, |rest, piece| rest.split_once(piece).map(|(_, after)| after));
    middle.is_some_and(|rest| rest.ends_with(last))
}

#[test]
fn a_report_is_held_against_all_that_is_expected_of_it() {
    for (got, just, right) in [
        ("ok", "ok", true),
        ("ok_cert_available", "ok", false),
        ("not ok", "ok", false),
        ("XADVONE00001 follows", "XADVONE… follows", true),
        ("XADVONE00001 is missing", "XADVONE… follows", false),
        ("within 20ms, under 7-other", "within …, under …-other", true),
        ("within 20ms, under nothing", "within …, under …-other", false),
    ] {
        assert_eq!(tells(got, just), right, "{got} / {just}");
    }
}

/// What differs between the failures of a run over one binding and those expected.
fn unlike<'a>(failures: impl Iterator<Item = (&'a Entry, &'a str)>, (fault, expected): &Caught) -> Option<String> {
    differs(failures, expected).map(|told| format!("{fault:?}: {told}"))
}

fn differs<'a>(failures: impl Iterator<Item = (&'a Entry, &'a str)>, expected: &[(&str, &str)]) -> Option<String> {
    let failures: Vec<(&str, &str)> = failures.map(|(entry, got)| (entry.case.id, got)).collect();
    let right = |(case, just): &(&str, &str)| failures.iter().any(|(id, got)| id == case && tells(got, just));
    let alike = failures.len() == expected.len() && expected.iter().all(right);
    (!alike).then(|| format!("{failures:#?}"))
}

/// Runs the faults that fall to one of several tests, which go in parallel.
async fn each_fault_of(share: usize, of: usize) {
    let mut wrong = Vec::new();
    for caught in FAULTS.iter().skip(share).step_by(of) {
        let stage = Stage::set(None);
        stage.partner.misbehave(&[caught.0]);
        let report = run_messages(&stage).await;
        wrong.extend(unlike(report.failures(), caught));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn each_fault_fails_the_cases_that_are_about_it_each_for_its_own_reason_and_no_others() {
    each_fault_of(0, 2).await;
}

#[tokio::test]
async fn each_other_fault_fails_the_cases_that_are_about_it_each_for_its_own_reason_and_no_others() {
    each_fault_of(1, 2).await;
}

/// Links made wrongly, which takes a generation that changes something: with the kind of its key, and what is told of `ca/links`.
const LINKS: &[(Mischief, (Algorithm, StandardisedCurve), &str)] = &[
    (
        Mischief::LinkWithNewAlgorithm,
        (Algorithm::EcdsaSha384, StandardisedCurve::P256),
        "the certificates do not hold together: error link_signed_with_new_algorithm …",
    ),
    (
        Mischief::LinkWithoutParameters,
        (Algorithm::EcdsaSha256, StandardisedCurve::P384),
        "the certificates do not hold together: error parameter_change_without_parameters …",
    ),
    (
        Mischief::SpoiltLink,
        (Algorithm::EcdsaSha256, StandardisedCurve::P256),
        "the certificates do not hold together: error signature_invalid …",
    ),
];

#[tokio::test]
async fn a_partner_whose_link_is_made_wrongly_is_told_which_rule_it_breaks() {
    for (wrong, (algorithm, curve), told) in LINKS {
        let stage = Stage::set(None);
        let day = today(stage.target.clock.now());
        stage.partner.with_authority(|cvca| cvca.renew(*algorithm, *curve, day)).unwrap();
        stage.partner.misbehave(&[*wrong]);
        let report =
            straznica_conformance::run(&stage.target, |case| case.id.starts_with("ca/"), |_| {}).await.unwrap();
        let [(entry, got)] = report.failures().collect::<Vec<_>>()[..] else {
            panic!("{wrong:?}: {:?}", failed(&report))
        };
        assert!(entry.case.id == "ca/links" && tells(got, told), "{wrong:?}: {got}");
    }
}

/// Faults about who is let in that the node's own listeners let through to the partner. All of them are met behind a door of its own.
const LET_THROUGH: &[Mischief] = &[Mischief::Forgives("crl_too_old"), Mischief::BelievesCallerId];

/// Faults that the node's own listener keeps from the partner, because it counts the characters of a message itself: they take a door of its own.
const KEPT_FROM_THE_PARTNER: &[(Binding, Mischief)] = &[
    (Binding::Grpc, Mischief::TakesAnyMessageId),
    (Binding::Grpc, Mischief::TakesLongMessageIds),
    (Binding::Grpc, Mischief::TakesAnyMessageIdOfQuestions),
    (Binding::Grpc, Mischief::TakesLongTexts),
];

/// Faults that a binding cannot carry, and why: over it they fail no case.
const NOT_CARRIED: &[(Binding, Mischief, &str)] = &[(
    Binding::Soap,
    Mischief::TakesLongTexts,
    "a document whose text is too long is none to whoever reads it by the schema: no message comes of it that somebody could take",
)];

/// How long is waited for a delivery that does not come.
const IN_VAIN: Duration = Duration::from_millis(1500);

/// Whether a fault is about who is let in, and about nothing else.
fn is_about_identity((_, cases): &Caught) -> bool {
    cases.iter().all(|(id, _)| id.starts_with("identity/"))
}

/// Runs a fault over a real line, with all cases of the groups that have one about it.
async fn on_a_real_line(binding: Binding, caught: &Caught) -> Option<String> {
    let (fault, cases) = caught;
    let about: BTreeSet<Group> = straznica_conformance::cases::all()
        .filter(|case| cases.iter().any(|(id, _)| *id == case.id))
        .map(|case| case.group)
        .collect();
    let mut street = match KEPT_FROM_THE_PARTNER.contains(&(binding, *fault)) {
        true => Street::with_door(binding, None, proper).await,
        false => Street::over(binding).await,
    };
    if cases.iter().any(|(_, told)| told.contains("no answer")) {
        street.target.patience.callback = IN_VAIN;
    }
    street.partner.misbehave(&[*fault]);
    let report = street.run(|case| about.contains(&case.group)).await;
    match NOT_CARRIED.iter().find(|(by, not_carried, _)| (*by, *not_carried) == (binding, *fault)) {
        Some((_, _, why)) => unlike(report.failures(), &(*fault, &[])).map(|told| format!("{told}, although {why}")),
        None => unlike(report.failures(), caught),
    }
}

/// Every fault about messages, and of those about who is let in what the node's listeners let through.
async fn each_fault_on_a_real_line(binding: Binding) {
    let mut wrong = Vec::new();
    for caught in FAULTS.iter().filter(|caught| !is_about_identity(caught) || LET_THROUGH.contains(&caught.0)) {
        wrong.extend(on_a_real_line(binding, caught).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_caught_on_a_real_line_by_grpc_for_the_same_reasons() {
    each_fault_on_a_real_line(Binding::Grpc).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_caught_on_a_real_line_by_soap_for_the_same_reasons() {
    each_fault_on_a_real_line(Binding::Soap).await;
}

/// Each fault about who is let in, in a listener that lets in whom the partner lets in.
async fn each_fault_about_identity(binding: Binding) {
    let mut street = Street::with_door(binding, None, proper).await;
    // how long a case looks on while somebody is let in who was revoked
    street.target.patience.callback = Duration::from_millis(400);
    let mut wrong = Vec::new();
    let mut faults = 0;
    for caught in FAULTS.iter().filter(|caught| is_about_identity(caught)) {
        street.partner.misbehave(&[caught.0]);
        let report = street.run(|case| case.group == Group::Identity).await;
        wrong.extend(unlike(report.failures(), caught));
        faults += 1;
    }
    assert!(wrong.is_empty() && faults > 20, "{faults}: {}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_by_grpc_that_lets_in_whom_it_should_not_is_told_of_each() {
    each_fault_about_identity(Binding::Grpc).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_by_soap_that_lets_in_whom_it_should_not_is_told_of_each() {
    each_fault_about_identity(Binding::Soap).await;
}

/// Runs the cases of a group against a listener whose reader has a flaw. What is wrong with the outcome, if anything.
async fn flawed(flaw: Flaw, expected: &[(&str, &str)]) -> Option<String> {
    let (binding, group) = match flaw {
        Flaw::Document(_) => (Binding::Soap, Group::Soap),
        Flaw::Frame(_) => (Binding::Grpc, Group::Grpc),
    };
    // what is far too long takes its time, and whoever is not careless about length throws it out before anything else
    let about_length = |id: &str| expected.iter().any(|(case, _)| *case == id);
    let wanted = |case: &Case| case.group == group && (!case.id.ends_with("/oversized") || about_length(case.id));
    // what it will never be done with is given little time, and everything else all it needs
    let unfolds = matches!(flaw, Flaw::Document(soap::Flaw::UnfoldsEntities));
    let endless = |case: &Case| unfolds && case.id == "soap/entity-bomb";
    let street = Street::with_door(binding, Some(flaw), proper).await;
    let report = street.run(|case| wanted(case) && !endless(case)).await;
    let mut hung = None;
    if unfolds {
        let street = Street::with_door_and_patience(binding, Some(flaw), proper, line::SHORT_PATIENCE).await;
        hung = Some(street.run(endless).await);
    }
    let failures = report.failures().chain(hung.iter().flat_map(|report| report.failures()));
    differs(failures, expected).map(|told| format!("{flaw:?}: {told}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_careless_reader_of_documents_fails_the_cases_about_that_each_for_its_own_reason() {
    let mut wrong = Vec::new();
    for (flaw, expected) in soap::FLAWS {
        wrong.extend(flawed(Flaw::Document(*flaw), expected).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_careless_reader_of_frames_fails_the_cases_about_that_each_for_its_own_reason() {
    let mut wrong = Vec::new();
    for (flaw, expected) in grpc::FLAWS {
        wrong.extend(flawed(Flaw::Frame(*flaw), expected).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_in_order_passes_every_case_about_lines_behind_a_door_of_its_own() {
    for binding in [Binding::Grpc, Binding::Soap] {
        let street = Street::with_door(binding, None, proper).await;
        let report = street.run(|case| matches!(case.group, Group::Identity | Group::Soap | Group::Grpc)).await;
        assert_eq!(failed(&report), Vec::<String>::new());
        assert!(report.holds() && report.not_applicable().next().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_in_order_passes_every_case_on_real_lines_of_both_bindings() {
    let street = Street::open("2009").await;
    let report = street.run(|_| true).await;
    assert_eq!(failed(&report), Vec::<String>::new());
    let excuses: Vec<_> = report.not_applicable().map(|(entry, why)| (entry.case.id, why)).collect();
    assert_eq!(excuses, []);
    assert!(report.holds());
}

/// Servers that are not who they have to be, over one binding: `identity/server` says why, and no other case fails.
async fn each_server(binding: Binding) {
    let mut wrong = Vec::new();
    for (what, show, told) in SERVERS {
        let street = Street::with_door(binding, None, *show).await;
        let report = street.run(|case| case.group == Group::Identity).await;
        let differs = differs(report.failures(), &[("identity/server", told)]);
        wrong.extend(differs.map(|differs| format!("{what}: {differs}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_who_it_has_to_be_is_told_why_by_grpc() {
    each_server(Binding::Grpc).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_who_it_has_to_be_is_told_why_by_soap() {
    each_server(Binding::Soap).await;
}
