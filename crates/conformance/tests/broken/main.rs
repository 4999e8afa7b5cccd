//! The kit held against itself: a partner that is in order passes every case, and one that does a single thing wrong fails the cases that are about it,
//! and no others.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail the test")]

mod grpc;
mod line;
mod soap;
mod stage;

use cvc::finding::Code;
use exchange::development::LeafRequest;
use straznica_conformance::{Case, Group, Report};
use straznica_simulators::spoc_partner::Mischief;

use line::Street;
use stage::{Flaws, Stage};

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

/// What a fault is caught by: the cases that fail, by name.
const FAULTS: &[(Mischief, &[&str])] = &[
    (Mischief::Forgives("no_certificate"), &["identity/no-certificate"]),
    (Mischief::Forgives("key_identifier"), &["identity/unregistered-root"]),
    (Mischief::Forgives("no_extended_key_usage"), &["identity/no-usage"]),
    (Mischief::Forgives("extended_key_usage"), &["identity/server-usage", "identity/tls-usage", "identity/any-usage"]),
    (Mischief::Forgives("key_usage"), &["identity/key-usage"]),
    (Mischief::Forgives("weak_key"), &["identity/short-key"]),
    (Mischief::Forgives("expired"), &["identity/expired"]),
    (Mischief::Forgives("not_yet_valid"), &["identity/not-yet-valid"]),
    (Mischief::Forgives("other_country"), &["identity/other-country"]),
    (Mischief::Forgives("several_countries"), &["identity/two-countries"]),
    (Mischief::Forgives("revoked"), &["identity/revoked", "identity/revoked-while-connected"]),
    (Mischief::LooksOnlyOnce, &["identity/revoked-while-connected"]),
    (Mischief::Forgives("crl_too_old"), &["identity/stale-list"]),
    (Mischief::Forgives("crl_expired"), &["identity/overdue-list"]),
    (Mischief::Forgives("crl_from_the_future"), &["identity/list-to-come"]),
    (Mischief::Forgives("no_crl"), &["identity/no-list", "identity/no-distribution-point", "identity/list-of-another"]),
    (Mischief::KnowsNoCsnUsage, &["identity/csn-usage"]),
    (Mischief::KnowsNoIcaoUsage, &["identity/icao-usage"]),
    (
        Mischief::BelievesCallerId,
        &[
            "identity/caller-id-request",
            "identity/caller-id-delivery",
            "identity/caller-id-question",
            "identity/caller-id-general",
            "identity/caller-id-nonsense",
        ],
    ),
    (Mischief::SkipsInnerSignature, &["request/inner-signature"]),
    (Mischief::SkipsOuterSignature, &["request/outer-signature", "repetition/refused-stays-refused"]),
    (Mischief::TakesBareRequests, &["request/no-countersignature"]),
    (Mischief::LetsRequestsVouchForThemselves, &["request/vouching-for-itself"]),
    (Mischief::TakesAnyStatesWord, &["request/other-states-countersignature"]),
    (
        Mischief::TakesStrangersWord,
        &[
            "request/unknown-countersignature",
            "request/other-states-countersignature",
            "delivery/change-untold",
            "delivery/link-with-new-algorithm",
            "delivery/link-gap",
            "delivery/link-spoilt",
            "delivery/root-alone",
            "delivery/other-states-link",
        ],
    ),
    (
        Mischief::ForgetsExpiry,
        &["request/expired-countersigner", "later/signer-expired-at-submission", "later/signer-expired-at-issuance"],
    ),
    (Mischief::ForgetsToCheckAgain, &["later/signer-expired-at-issuance"]),
    (Mischief::MixesHolders, &["request/another-holders-signature"]),
    (Mischief::BlursParameters, &["request/domain-parameters", "request/algorithm", "request/family"]),
    (Mischief::IgnoresTheNamedAuthority, &["request/other-authority", "request/no-authority"]),
    (Mischief::KnowsNoEarlierGeneration, &["request/earlier-generation"]),
    (Mischief::CertifiesKeysTwice, &["request/key-reused"]),
    (Mischief::GivesReferencesTwice, &["request/reference-reused"]),
    (Mischief::IgnoresTheHoldersCountry, &["request/other-country"]),
    (Mischief::IssuesToAnybody, &["request/unregistered-holder"]),
    (
        Mischief::RefusesSuccessors,
        &["request/successive", "later/signer-expired-at-submission", "later/signer-expired-at-issuance"],
    ),
    (Mischief::ReadsLoosely, &["request/trailing-bytes"]),
    (
        Mischief::TakesAnyMessageId,
        &[
            "ca/empty-message-id",
            "ca/long-message-id",
            "request/empty-message-id",
            "request/long-message-id",
            "request/strange-message-id",
        ],
    ),
    (
        Mischief::ForgetsMessages,
        &[
            "repetition/same-message",
            "repetition/at-once",
            "repetition/other-bytes",
            "repetition/other-operation",
            "repetition/first-answer-stands",
            "general/other-text",
            "later/asked-again-after",
        ],
    ),
    (Mischief::KnowsMessagesByIdAlone, &["repetition/other-bytes", "general/other-text"]),
    (
        Mischief::ExpectsEverything,
        &["delivery/unknown-id", "delivery/unknown-id-failure", "delivery/foreign-id", "delivery/answer-without-id"],
    ),
    (Mischief::MixesOriginators, &["delivery/foreign-id"]),
    (
        Mischief::WantsIdsInNotifications,
        &[
            "delivery/notification",
            "delivery/new-generation",
            "delivery/algorithm-switch",
            "delivery/link-without-parameters",
        ],
    ),
    (Mischief::Believes(Code::IssuerUnknown), &["delivery/link-gap", "delivery/other-states-link"]),
    (Mischief::Believes(Code::SignatureInvalid), &["delivery/link-spoilt"]),
    (Mischief::Believes(Code::LinkSignedWithNewAlgorithm), &["delivery/link-with-new-algorithm"]),
    (Mischief::Believes(Code::ParameterChangeWithoutParameters), &["delivery/change-untold"]),
    (Mischief::Believes(Code::SelfSignedNotTrusted), &["delivery/root-alone"]),
    (Mischief::WantsParametersInLinks, &["delivery/link-without-parameters"]),
    (Mischief::KnowsNoSwitch, &["delivery/algorithm-switch"]),
    (
        Mischief::BlursSyntax,
        &[
            "request/no-countersignature",
            "request/garbage",
            "request/empty",
            "request/trailing-bytes",
            "request/cut-short",
            "request/long-length",
            "request/certificate-instead",
        ],
    ),
    (Mischief::SuppliesParameters, &["request/parameters-missing", "request/inner-signature"]),
    (Mischief::AnswersOtherwiseAgain, &["ca/again"]),
    (Mischief::WantsNoIdsInNotifications, &["delivery/notification-with-id"]),
    (Mischief::StumblesOverNothing, &["delivery/notification-of-nothing"]),
    (Mischief::KeepsNoMessages, &["general/taken", "general/any-text", "general/again", "general/other-text"]),
    (Mischief::GivesOthersToo, &["ca/given", "ca/links", "ca/order", "issued/order", "later/new-generation-told"]),
    (Mischief::TakesGarbage, &["delivery/malformed"]),
    (Mischief::TakesAnyStatesLinks, &["delivery/other-states-link"]),
    (Mischief::TakesEmptyMessages, &["general/no-subject", "general/no-message-id", "general/long-body"]),
    (Mischief::RefusesRepetition, &["general/again"]),
    (Mischief::WrongOrder, &["ca/order", "issued/order"]),
    (Mischief::LeavesAuthoritiesOut, &["request/earlier-generation"]),
    (Mischief::LinkGap, &["ca/links", "later/new-generation-told"]),
    (Mischief::TellsNobody, &["later/new-generation-told"]),
    (Mischief::OtherKey, &["issued/key"]),
    (
        Mischief::OtherReference,
        // the reference that was not given vouches for nothing
        &[
            "issued/reference",
            "request/successive",
            "later/signer-expired-at-submission",
            "later/signer-expired-at-issuance",
        ],
    ),
    (Mischief::UnknownAuthority, &["issued/authority", "later/signer-expired-at-issuance"]),
    (Mischief::AlreadyExpired, &["issued/day", "request/successive", "later/signer-expired-at-issuance"]),
    (
        Mischief::TooLong,
        // and so long that the kit's own certificates end before it does
        &[
            "issued/validity",
            "later/signer-expired-at-submission",
            "later/signer-expired-at-issuance",
            "later/new-generation-told",
        ],
    ),
    (Mischief::WrongSignature, &["issued/signature"]),
    (Mischief::ParametersWritten, &["issued/parameters"]),
    (Mischief::WrongRole, &["issued/role"]),
    (Mischief::DeliversOnce, &["later/until-received"]),
    (
        Mischief::AnswersUnderAnotherId,
        &[
            "later/approved",
            "later/declined",
            "later/until-received",
            "later/asked-again-while-waiting",
            "later/asked-again-after",
            "later/signer-expired-at-issuance",
        ],
    ),
    (
        Mischief::DeliversAnotherAgain,
        &["later/until-received", "later/asked-again-while-waiting", "later/asked-again-after"],
    ),
    (Mischief::ChangesItsDelivery, &["later/until-received"]),
    (Mischief::IssuesWhatWasDeclined, &["later/declined"]),
];

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

#[test]
fn every_case_is_failed_by_some_fault() {
    let mut caught: Vec<&str> = FAULTS.iter().flat_map(|(_, cases)| cases.iter().copied()).collect();
    caught.extend(soap::FLAWS.iter().flat_map(|(_, cases)| cases.iter().map(|(case, _)| *case)));
    caught.extend(grpc::FLAWS.iter().flat_map(|(_, cases)| cases.iter().map(|(case, _)| *case)));
    // these two have tests of their own
    caught.extend(["request/initial", "identity/server"]);
    let never: Vec<&str> =
        straznica_conformance::cases::all().filter(|case| !caught.contains(&case.id)).map(|case| case.id).collect();
    assert_eq!(never, Vec::<&str>::new());
}

/// Runs the faults that fall to one of several tests, which go in parallel.
async fn each_fault_of(share: usize, of: usize) {
    let mut wrong = Vec::new();
    for (fault, expected) in FAULTS.iter().skip(share).step_by(of) {
        let stage = Stage::set(None);
        stage.partner.misbehave(&[*fault]);
        let report = run_messages(&stage).await;
        let mut names: Vec<&str> = report.failures().map(|(entry, _)| entry.case.id).collect();
        names.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        if names != expected {
            wrong.push(format!("{fault:?}: {:#?}", failed(&report)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn each_fault_fails_the_cases_that_are_about_it_and_no_others() {
    each_fault_of(0, 2).await;
}

#[tokio::test]
async fn each_other_fault_fails_the_cases_that_are_about_it_and_no_others() {
    each_fault_of(1, 2).await;
}

/// Runs the cases of a group against readers with a flaw. What is wrong with the outcome, if anything.
async fn flawed(profile: Option<&str>, flaws: Flaws, group: Group, expected: &[(&str, &str)]) -> Option<String> {
    let stage = Stage::set_with(profile, flaws);
    let report = straznica_conformance::run(&stage.target, |case| case.group == group, |_| {}).await.unwrap();
    let failures: Vec<(&str, &str)> = report.failures().map(|(entry, got)| (entry.case.id, got)).collect();
    let told = |(case, seen): &(&str, &str)| failures.iter().any(|(id, got)| id == case && got.starts_with(seen));
    let right = failures.len() == expected.len() && expected.iter().all(told);
    (!right).then(|| format!("{flaws:?}: {failures:#?}"))
}

#[tokio::test]
async fn a_careless_reader_of_documents_fails_the_cases_about_that_each_for_its_own_reason() {
    let mut wrong = Vec::new();
    for (flaw, expected) in soap::FLAWS {
        let flaws = Flaws { soap: Some(*flaw), grpc: None };
        wrong.extend(flawed(Some("icao"), flaws, Group::Soap, expected).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_careless_reader_of_frames_fails_the_cases_about_that_each_for_its_own_reason() {
    let mut wrong = Vec::new();
    for (flaw, expected) in grpc::FLAWS {
        let flaws = Flaws { soap: None, grpc: Some(*flaw) };
        wrong.extend(flawed(None, flaws, Group::Grpc, expected).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_in_order_passes_every_case_on_real_lines_of_both_bindings() {
    let street = Street::open("2009", |_| {}).await;
    let report = street.run(|_| true).await;
    assert_eq!(failed(&report), Vec::<String>::new());
    let excuses: Vec<_> = report.not_applicable().map(|(entry, why)| (entry.case.id, why)).collect();
    assert_eq!(excuses, []);
    assert!(report.holds());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_who_it_has_to_be_is_not_recognised() {
    for change in [
        (|leaf| leaf.purposes = None) as fn(&mut LeafRequest),
        |leaf| leaf.purposes = Some(vec!["1.2.203.7064.1.1.369791.1".to_owned(), "1.3.6.1.5.5.7.3.1".to_owned()]),
        |leaf| leaf.hosts = vec!["elsewhere.test".to_owned()],
        |leaf| leaf.countries = vec!["XX".to_owned()],
        |leaf| leaf.crl_uris = Some(Vec::new()),
    ] {
        let street = Street::open("icao", change).await;
        let report = street.run(|case| case.group == Group::Identity).await;
        let mut names: Vec<&str> = report.failures().map(|(entry, _)| entry.case.id).collect();
        names.dedup();
        assert_eq!(names, ["identity/server"]);
    }
}
