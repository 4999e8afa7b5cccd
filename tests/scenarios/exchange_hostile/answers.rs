//! Answers that come at once and are wrong.

use cvc::chat::Rights;
use cvc::{Algorithm, AuthenticatedRequest, StandardisedCurve};
use exchange::code::RequestCertificateCode as Code;
use straznica_cli::demo::state::BindingName;
use straznica_simulators::partner_state::access::AccessAuthority;
use straznica_simulators::spoc_partner::Mischief::{self, *};
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use straznica_tests::NoMigrations;
use straznica_tests::hostile::{Hostile, House};
use time::Date;

use super::{Again, DAY, Failed, Outcome, TAKEN, comes_to, is_soap, letters, obtained, refused, requests};

/// What the partner does with its CVCA after the node has got its certificates.
type Change = fn(&mut AccessAuthority, Date);

fn nothing(_: &mut AccessAuthority, _: Date) {}

/// The CVCA gets a new key: the answer has to bring the link to it.
pub(super) fn rolls_over(cvca: &mut AccessAuthority, today: Date) {
    cvca.renew(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1, today).unwrap();
}

/// Two new keys, so that a link can be missing between.
pub(super) fn rolls_over_twice(cvca: &mut AccessAuthority, today: Date) {
    rolls_over(cvca, today - time::Duration::days(20));
    rolls_over(cvca, today);
}

/// The CVCA gives up its right to irises.
fn loses_a_right(cvca: &mut AccessAuthority, today: Date) {
    cvca.limit(Rights::inspection(true, false));
    rolls_over(cvca, today);
}

/// The link to the new key is asked for, and with it another certificate.
const NO_LINK: Outcome =
    Outcome { request: ("closed", "answer_refused"), problem: "00002 is held", again: Again::AtOnce };

const fn declined(code: Code, problem: &'static str, again: Again) -> Outcome {
    Outcome { request: ("closed", code.as_str()), problem, again }
}

const ROWS: &[(&str, &[Mischief], Change, Outcome)] = &[
    ("nothing wrong", &[], nothing, TAKEN),
    ("the sequence in another order", &[WrongOrder], nothing, refused("it answers another request")),
    ("no CVCA certificates where none are needed", &[LeavesAuthoritiesOut], nothing, TAKEN),
    ("no CVCA certificates after a rollover", &[LeavesAuthoritiesOut], rolls_over, NO_LINK),
    ("a link left out", &[LinkGap], rolls_over_twice, refused("00002 is not held")),
    ("a link with a spoilt signature", &[SpoiltLink], rolls_over, refused("its signature")),
    ("a DV certificate among the CVCA's", &[GivesOthersToo], nothing, refused("of another state")),
    ("a root of another state among the CVCA's", &[SpeaksForAnotherState], nothing, refused("of another state")),
    ("forty roots of its own", &[FloodsWithRoots], nothing, refused("already wait for officers")),
    ("more certificates than anybody takes", &[GivesTooMany], nothing, refused("1 to 256 certificates")),
    ("no certificate", &[GivesNothing], nothing, refused("1 to 256 certificates")),
    ("garbage for a certificate", &[GivesGarbage], nothing, refused("expected object 7F21")),
    ("another key", &[OtherKey], nothing, refused("its key is not the one in our request")),
    ("another holder reference", &[OtherReference], nothing, refused("it answers another request")),
    ("an authority nobody knows", &[UnknownAuthority], nothing, refused("STRANGER00001 is held")),
    ("expired before it came", &[AlreadyExpired], nothing, refused("it expired on")),
    ("a signature that does not verify", &[WrongSignature], nothing, refused("its signature")),
    ("domain parameters written", &[ParametersWritten], nothing, refused("it carries domain parameters")),
    ("the role of a domestic verifier", &[WrongRole], nothing, refused("its role does not fit")),
    ("valid from another day on", &[NotYetValid], nothing, refused("it is valid only from")),
    // TR-03139 §4.7 binds who issues; a long certificate opens documents as a short one does
    ("valid for a year", &[TooLong], nothing, TAKEN),
    // what the CVCA has not got does not count at the chip either
    ("rights beyond the CVCA's own", &[GrantsBeyondItsOwn], loses_a_right, TAKEN),
    (
        "failure_inner_signature",
        &[Answers(Code::FailureInnerSignature)],
        nothing,
        declined(Code::FailureInnerSignature, "failure_inner_signature", Again::After(DAY.saturating_mul(4))),
    ),
    (
        "failure_outer_signature",
        &[Answers(Code::FailureOuterSignature)],
        nothing,
        declined(Code::FailureOuterSignature, "failure_outer_signature", Again::After(DAY)),
    ),
    (
        "failure_syntax",
        &[Answers(Code::FailureSyntax)],
        nothing,
        declined(Code::FailureSyntax, "failure_syntax", Again::After(DAY.saturating_mul(4))),
    ),
    (
        "failure_request_syntax",
        &[Answers(Code::FailureRequestSyntax)],
        nothing,
        declined(Code::FailureRequestSyntax, "failure_syntax", Again::After(DAY.saturating_mul(4))),
    ),
    (
        "failure_expired",
        &[Answers(Code::FailureExpired)],
        nothing,
        declined(Code::FailureExpired, "failure_expired", Again::After(DAY)),
    ),
    (
        "failure_domain_parameters",
        &[Answers(Code::FailureDomainParameters)],
        nothing,
        declined(Code::FailureDomainParameters, "failure_domain_parameters", Again::After(DAY)),
    ),
    (
        "failure_request_not_accepted",
        &[Answers(Code::FailureRequestNotAccepted)],
        nothing,
        declined(Code::FailureRequestNotAccepted, "failure_request_not_accepted", Again::After(DAY)),
    ),
    (
        "failure_internal_error",
        &[Answers(Code::FailureInternalError)],
        nothing,
        Outcome { request: ("pending", ""), problem: "failure_internal_error", again: Again::AsDelivered },
    ),
];

async fn every_row(binding: BindingName, database: TestDatabase) {
    let house = Box::pin(House::raise(binding, &database)).await;
    let mut failed = Failed::default();
    for (row, (name, wrongs, change, outcome)) in ROWS.iter().enumerate() {
        // over SOAP so many are no answer that could be read: see the lines
        if *wrongs == [GivesTooMany] && binding == BindingName::Soap {
            continue;
        }
        let row = async {
            let today = house.today();
            let hostile = house.meet(&letters(row), nothing).await;
            hostile.partner().with_authority(|cvca| change(cvca, today));
            hostile.partner().misbehave(wrongs);
            house.subscribe(&hostile).await;
            house.turn().await;
            comes_to(&house, &hostile, name, told(&hostile, wrongs, *outcome)).await;
        };
        failed.row(name, Box::pin(row)).await;
    }
    for (country, name, wrongs, problem) in RENEWALS {
        failed.row(name, Box::pin(renewed(&house, country, name, wrongs, problem))).await;
    }
    Box::pin(house.leave(&database)).await;
    failed.are_none();
}

/// What the answer to a renewal has wrong, and what the request ends with.
const RENEWALS: &[(&str, &str, &[Mischief], &str)] = &[
    ("YR", "a renewal", &[], ""),
    ("YS", "a renewal with another key", &[OtherKey], "answer_refused"),
    ("YT", "a renewal declined", &[Answers(Code::FailureRequestNotAccepted)], "failure_request_not_accepted"),
];

/// The certificate there is vouches for the next one, and opens documents until that is there, whatever comes instead.
async fn renewed(house: &House, country: &str, name: &str, wrongs: &[Mischief], cause: &str) {
    let hostile = house.meet(country, nothing).await;
    house.subscribe(&hostile).await;
    house.turn().await;
    let first = house.subscription(&hostile).await.dv_chr;
    assert!(!first.is_empty(), "{name}: {:#?}", house.letters(&hostile).await);
    hostile.partner().misbehave(wrongs);
    house.renew_now(&hostile).await;
    house.turn().await;
    let (_, request) = requests(&hostile).pop().unwrap();
    assert_eq!(AuthenticatedRequest::parse(request.as_slice()).unwrap().outer_car().to_string(), first, "{name}");
    if !cause.is_empty() {
        let (subscription, renewals) = (house.subscription(&hostile).await, house.renewals(&hostile).await);
        assert_eq!(
            (renewals[0].state.as_str(), renewals[0].cause.as_str()),
            ("closed", cause),
            "{name}: {renewals:#?}"
        );
        assert_eq!(subscription.dv_chr, first, "{name}");
        assert!(house.chain(&hostile.root()).await.is_some(), "{name}: documents open meanwhile");
        hostile.mend();
        house.pass(DAY);
        house.renew_now(&hostile).await;
        house.turn().await;
    }
    assert_ne!(house.subscription(&hostile).await.dv_chr, first, "{name}");
    obtained(house, &hostile, name).await;
}

/// The outcome in the words of the partner's edition: that of 2009 has no failure_expired, for instance.
fn told(hostile: &Hostile, wrongs: &[Mischief], outcome: Outcome) -> Outcome {
    let profile = hostile.station.profile();
    match wrongs {
        [Answers(code)] if is_soap(hostile) && outcome.request.0 == "closed" && profile.told_as(*code) != *code => {
            let code = profile.told_as(*code).as_str();
            Outcome { request: ("closed", code), problem: code, ..outcome }
        }
        _ => outcome,
    }
}

on_both_engines! {
    NoMigrations;

    async fn wrong_answers_by_grpc_are_not_taken(database: TestDatabase) {
        Box::pin(every_row(BindingName::Grpc, database)).await;
    }

    async fn wrong_answers_by_soap_are_not_taken(database: TestDatabase) {
        Box::pin(every_row(BindingName::Soap, database)).await;
    }
}
