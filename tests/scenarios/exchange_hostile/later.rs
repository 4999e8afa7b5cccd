//! Answers that come later: never, early, twice, changed, or for somebody else.

use exchange::Binding;
use exchange::code::{RequestCertificateCode, SendCertificatesCode as Code, StatusInfo};
use exchange::message::{Answer, Message, RequestCertificate, SendCertificates};
use straznica_cli::demo::state::BindingName;
use straznica_exchange_wire::{Application as _, CallError, Caller, FaultOf};
use straznica_simulators::spoc_partner::Mischief::{self, *};
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use straznica_tests::NoMigrations;
use straznica_tests::hostile::{Hostile, House};

use super::{Again, DAY, Failed, Outcome, TAKEN, comes_to, is_soap, letters, obtained, refused};

const ACKNOWLEDGED: Outcome = Outcome { request: ("acknowledged", ""), problem: "", again: Again::After(DAY) };

/// What the partner does after it has acknowledged: the answers it gets to what it sends.
const ROWS: &[(&str, &[Mischief], Outcome)] = &[
    (
        "acknowledged and never answered",
        &[NeverAnswers],
        Outcome { again: Again::After(DAY.saturating_mul(8)), ..ACKNOWLEDGED },
    ),
    ("answered before it was acknowledged", &[AcknowledgesFirst, CallsBackFirst], TAKEN),
    (
        "wrong, and before it was acknowledged",
        &[AcknowledgesFirst, CallsBackFirst, OtherKey],
        refused("its key is not the one in our request"),
    ),
    ("later, with another key", &[AcknowledgesFirst, OtherKey], refused("its key is not the one in our request")),
    ("later, with a spoilt signature", &[AcknowledgesFirst, WrongSignature], refused("its signature")),
    ("later, garbage", &[AcknowledgesFirst, GivesGarbage], refused("expected object 7F21")),
    ("later, in another order", &[AcknowledgesFirst, WrongOrder], refused("it answers another request")),
    ("later, with the root of another state", &[AcknowledgesFirst, SpeaksForAnotherState], refused("of another state")),
    ("later, properly, and then something else", &[AcknowledgesFirst, DeliversAnotherAgain], TAKEN),
];

async fn every_row(binding: BindingName, database: TestDatabase) {
    let house = Box::pin(House::raise(binding, &database)).await;
    let mut failed = Failed::default();
    for (row, (name, wrongs, outcome)) in ROWS.iter().enumerate() {
        let row = async {
            let hostile = asked(&house, &letters(row), wrongs).await;
            for _ in 0..3 {
                hostile.station.deliver().await;
            }
            house.turn().await;
            comes_to(&house, &hostile, name, *outcome).await;
        };
        failed.row(name, Box::pin(row)).await;
    }
    failed.row("declined later", Box::pin(declined_later(&house))).await;
    failed.row("answers to nothing asked", Box::pin(what_answers_nothing_asked(&house))).await;
    failed.row("a second certificate", Box::pin(a_second_certificate_changes_nothing(&house))).await;
    failed.row("a better certificate", Box::pin(a_better_certificate_after_a_bad_one_is_taken(&house))).await;
    Box::pin(house.leave(&database)).await;
    failed.are_none();
}

/// A partner that was asked for a certificate.
async fn asked(house: &House, country: &str, wrongs: &[Mischief]) -> Hostile {
    let hostile = house.meet(country, |_, _| ()).await;
    hostile.partner().misbehave(wrongs);
    house.subscribe(&hostile).await;
    house.turn().await;
    hostile
}

/// The request it got last.
fn request(hostile: &Hostile) -> RequestCertificate {
    let heard = hostile.station.heard();
    let last = heard.iter().rev().find_map(|message| match message {
        Message::RequestCertificate(request) => Some(request.clone()),
        _ => None,
    });
    last.expect("it was asked")
}

/// What it would answer, given properly: another certificate each time.
async fn issue(hostile: &Hostile, request: &RequestCertificate) -> Vec<Vec<u8>> {
    hostile.partner().misbehave(&[ForgetsMessages, GivesReferencesTwice, CertifiesKeysTwice]);
    let caller = Caller { country: "PL".parse().unwrap(), binding: Binding::Grpc, presented: Vec::new() };
    let answer = hostile.partner().request_certificate(&caller, request.clone()).await;
    assert_eq!(answer.result, RequestCertificateCode::OkCertAvailable);
    answer.certificates
}

/// Sends certificates to the node. Its answer; what is no message at all over SOAP is as good as answered with failure_syntax.
pub(super) async fn send(
    hostile: &Hostile,
    id: Option<&str>,
    status_info: StatusInfo,
    certificates: &[Vec<u8>],
) -> Code {
    let message = SendCertificates {
        caller_id: hostile.country.to_string(),
        message_id: id.map(str::to_owned),
        certificates: certificates.to_vec(),
        status_info,
    };
    match hostile.station.way().send(&Message::SendCertificates(message)).await {
        Ok(Answer::SendCertificates(code)) => code,
        Err(CallError::Fault { fault_of: FaultOf::Sender, .. }) => Code::FailureSyntax,
        other => panic!("{other:?}"),
    }
}

/// Every failure that can be told later, what the subscription says of it, and when the node asks again.
async fn declined_later(house: &House) {
    let rows = [
        (StatusInfo::FailureInnerSignature, Again::After(4 * DAY)),
        (StatusInfo::FailureOuterSignature, Again::After(DAY)),
        (StatusInfo::FailureSyntax, Again::After(4 * DAY)),
        (StatusInfo::FailureCertificate, Again::After(DAY)),
        (StatusInfo::FailureRequestNotAccepted, Again::After(DAY)),
        (StatusInfo::FailureInternalError, Again::After(super::HOUR)),
    ];
    for (row, (status, again)) in rows.into_iter().enumerate() {
        let hostile = asked(house, &letters(40 + row), &[NeverAnswers]).await;
        let request = request(&hostile);
        assert_eq!(send(&hostile, Some(&request.message_id), status, &[]).await, Code::OkReceivedCorrectly);
        assert_eq!(send(&hostile, Some(&request.message_id), status, &[]).await, Code::OkReceivedCorrectly, "repeated");
        house.turn().await;
        // the edition of 2009 has no failure_certificate
        let told = if is_soap(&hostile) { hostile.station.profile().told_as(status) } else { status }.as_str();
        let outcome = Outcome { request: ("closed", told), problem: told, again };
        comes_to(house, &hostile, status.as_str(), outcome).await;
    }
}

/// Deliveries under ids of nobody and of others, and such whose fields do not go together, change nothing: the request keeps waiting for its answer.
async fn what_answers_nothing_asked(house: &House) {
    let [hostile, neighbour] = [asked(house, "YA", &[NeverAnswers]).await, asked(house, "YB", &[NeverAnswers]).await];
    let (mine, theirs) = (request(&hostile), request(&neighbour));
    let certificates = issue(&hostile, &mine).await;
    let (ok, own) = (StatusInfo::OkCertAvailable, Some(mine.message_id.as_str()));
    let too_long = "x".repeat(256);
    for (name, id, status, sent, expected) in [
        ("an id nobody gave", Some("nobody-asked"), ok, &certificates[..], Code::FailureMessageIdUnknown),
        (
            "the id of another partner's request",
            Some(&*theirs.message_id),
            ok,
            &certificates,
            Code::FailureMessageIdUnknown,
        ),
        (
            "a refusal of another partner's request",
            Some(&*theirs.message_id),
            StatusInfo::FailureSyntax,
            &[],
            Code::FailureMessageIdUnknown,
        ),
        ("no id", None, ok, &certificates, Code::FailureSyntax),
        ("another id nobody gave", Some("no id, with spaces"), ok, &certificates, Code::FailureMessageIdUnknown),
        ("an id that is too long", Some(&*too_long), ok, &certificates, Code::FailureSyntax),
        ("no certificates", own, ok, &[], Code::FailureSyntax),
        ("certificates with a refusal", own, StatusInfo::FailureCertificate, &certificates, Code::FailureSyntax),
    ] {
        assert_eq!(send(&hostile, id, status, sent).await, expected, "{name}");
        for partner in [&hostile, &neighbour] {
            let renewals = house.renewals(partner).await;
            assert_eq!((renewals.len(), renewals[0].state.as_str()), (1, "acknowledged"), "{name}: {renewals:#?}");
        }
    }
    assert_eq!(send(&hostile, own, ok, &certificates).await, Code::OkReceivedCorrectly, "the answer itself");
    hostile.mend();
    house.turn().await;
    obtained(house, &hostile, "after answers to nothing").await;
    house.part_from(&neighbour).await;
}

/// The first certificate for a request counts; another one, and a refusal after it, get the same answer and have no effect.
async fn a_second_certificate_changes_nothing(house: &House) {
    let hostile = asked(house, "YC", &[NeverAnswers]).await;
    let request = request(&hostile);
    let id = Some(request.message_id.as_str());
    let [first, second] = [issue(&hostile, &request).await, issue(&hostile, &request).await];
    assert_ne!(first[0], second[0]);
    assert_eq!(send(&hostile, id, StatusInfo::OkCertAvailable, &first).await, Code::OkReceivedCorrectly);
    house.turn().await;
    let held = house.chain(&hostile.root()).await;
    assert_eq!(held.as_ref(), Some(&first[0]));
    assert_eq!(send(&hostile, id, StatusInfo::OkCertAvailable, &second).await, Code::OkReceivedCorrectly);
    assert_eq!(send(&hostile, id, StatusInfo::FailureCertificate, &[]).await, Code::OkReceivedCorrectly);
    house.turn().await;
    assert_eq!(house.chain(&hostile.root()).await, held, "what is held stays");
    hostile.mend();
    obtained(house, &hostile, "after a second certificate").await;
}

/// A request whose answer was refused can still be fulfilled by a better one.
async fn a_better_certificate_after_a_bad_one_is_taken(house: &House) {
    let hostile = asked(house, "YD", &[NeverAnswers]).await;
    let request = request(&hostile);
    let id = Some(request.message_id.as_str());
    let good = issue(&hostile, &request).await;
    let mut bad = good.clone();
    *bad[0].last_mut().unwrap() ^= 1;
    assert_eq!(send(&hostile, id, StatusInfo::OkCertAvailable, &bad).await, Code::FailureSyntax);
    house.turn().await;
    assert!(house.subscription(&hostile).await.problem.contains("its signature"));
    assert_eq!(house.chain(&hostile.root()).await, None);
    assert_eq!(send(&hostile, id, StatusInfo::OkCertAvailable, &good).await, Code::OkReceivedCorrectly);
    hostile.mend();
    house.turn().await;
    obtained(house, &hostile, "after a better certificate").await;
}

on_both_engines! {
    NoMigrations;

    async fn wrong_answers_later_by_grpc_are_not_taken(database: TestDatabase) {
        Box::pin(every_row(BindingName::Grpc, database)).await;
    }

    async fn wrong_answers_later_by_soap_are_not_taken(database: TestDatabase) {
        Box::pin(every_row(BindingName::Soap, database)).await;
    }
}
