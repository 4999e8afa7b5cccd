//! SIGKILL at every named place of an exchange, on either side: afterwards there is one certificate for each request, held where it was issued for, one
//! answer to each message, and no sequence number given twice.

use std::collections::BTreeSet;

use straznica_cli::demo::state::BindingName;
use straznica_spoc::failpoints::PLACES;
use straznica_store::Engine;

use super::pair::{AT_ONCE, Books, Cause, Dealing, Kill, LATER, Pair, Side};

const BY_OFFICERS: Dealing = Dealing { approval: "two_person", ..LATER };
/// The partner speaks SOAP alone, as the edition of 2009 has it.
const BY_SOAP: Dealing = Dealing { binding: BindingName::Soap, ..LATER };

const fn asker(place: &'static str, cause: Cause) -> Kill {
    Kill { side: Side::Asker, place, cause }
}

const fn issuer(place: &'static str, cause: Cause) -> Kill {
    Kill { side: Side::Issuer, place, cause }
}

/// The state that asks, until its request is answered.
const ASKING: [Kill; 7] = [
    asker("spoc.dv_request.numbered", Cause::Renewal),
    asker("spoc.dv_request.signed", Cause::Renewal),
    asker("spoc.dv_request.written", Cause::Renewal),
    asker("spoc.dv_request.committed", Cause::Renewal),
    asker("spoc.outbox.leased", Cause::Renewal),
    asker("spoc.outbox.answered", Cause::Renewal),
    asker("spoc.outbox.settled", Cause::Renewal),
];

/// The state that asks, from the answer on.
const TAKING: [Kill; 6] = [
    asker("spoc.callback.received", Cause::Renewal),
    asker("spoc.answer.written", Cause::Renewal),
    asker("spoc.answer.committed", Cause::Renewal),
    asker("spoc.callback.taken", Cause::Renewal),
    asker("spoc.inspection_system.signed", Cause::Renewal),
    asker("spoc.inspection_system.committed", Cause::Renewal),
];

/// The state that issues, until the certificate is on record.
const ISSUING: [Kill; 6] = [
    issuer("spoc.request.received", Cause::Renewal),
    issuer("spoc.request.judged", Cause::Renewal),
    issuer("spoc.request.written", Cause::Renewal),
    issuer("spoc.request.committed", Cause::Renewal),
    issuer("spoc.settlement.begun", Cause::Renewal),
    issuer("spoc.settlement.judged", Cause::Renewal),
];

/// The state that issues, from there on.
const ANSWERING: [Kill; 5] = [
    issuer("spoc.settlement.written", Cause::Renewal),
    issuer("spoc.settlement.committed", Cause::Renewal),
    issuer("spoc.outbox.leased", Cause::Renewal),
    issuer("spoc.outbox.answered", Cause::Renewal),
    issuer("spoc.outbox.settled", Cause::Renewal),
];

/// Two officers decide: first and second approval.
const APPROVING: [Kill; 6] = [
    issuer("spoc.approval.written", Cause::Approval),
    issuer("spoc.approval.committed", Cause::Approval),
    issuer("spoc.approval.written:2", Cause::Approval),
    issuer("spoc.approval.committed:2", Cause::Approval),
    issuer("spoc.settlement.judged", Cause::Approval),
    issuer("spoc.settlement.committed", Cause::Approval),
];

/// The CVCA gets a new key, and the state that asks renews by itself.
const ROLLING_OVER: [Kill; 6] = [
    issuer("spoc.rollover.signed", Cause::Rollover),
    issuer("spoc.rollover.written", Cause::Rollover),
    issuer("spoc.rollover.committed", Cause::Rollover),
    asker("spoc.callback.received", Cause::Rollover),
    asker("spoc.renewal.decided", Cause::Rollover),
    asker("spoc.renewal.acted", Cause::Rollover),
];

/// Requests answered at once.
const SYNCHRONOUS: [Kill; 5] = [
    issuer("spoc.request.judged", Cause::Renewal),
    issuer("spoc.request.written", Cause::Renewal),
    issuer("spoc.request.committed", Cause::Renewal),
    asker("spoc.outbox.answered", Cause::Renewal),
    asker("spoc.answer.written", Cause::Renewal),
];

/// Messages for people.
const WRITING: [Kill; 4] = [
    issuer("spoc.message.received", Cause::Message),
    issuer("spoc.message.kept", Cause::Message),
    asker("spoc.outbox.answered", Cause::Message),
    asker("spoc.outbox.settled", Cause::Message),
];

/// States that meet ask each other for their CVCA certificates: one is killed when asked, the other before it answers.
const MEETING: [&str; 2] = ["spoc.ca_certificates.received", "spoc.ca_certificates.committed"];

/// On a server another replica may hold the lease: it has to run out.
const ON_A_SERVER: [Kill; 5] = [
    asker("spoc.dv_request.written", Cause::Renewal),
    asker("spoc.outbox.leased", Cause::Renewal),
    asker("spoc.outbox.answered", Cause::Renewal),
    issuer("spoc.request.written", Cause::Renewal),
    issuer("spoc.settlement.committed", Cause::Renewal),
];

/// On both sides of every commit of an exchange, where a server keeps the record and the partner speaks SOAP.
const BY_SOAP_ON_A_SERVER: [Kill; 7] = [
    asker("spoc.dv_request.written", Cause::Renewal),
    asker("spoc.outbox.answered", Cause::Renewal),
    asker("spoc.callback.received", Cause::Renewal),
    asker("spoc.answer.committed", Cause::Renewal),
    issuer("spoc.request.written", Cause::Renewal),
    issuer("spoc.request.committed", Cause::Renewal),
    issuer("spoc.settlement.committed", Cause::Renewal),
];

/// Requests answered at once: the certificate is issued, and the answer has not left or is not kept. The state that asks sends the same message again,
/// under its identifier, and gets that certificate.
const AT_ONCE_BY_SOAP: [Kill; 3] = [
    issuer("spoc.request.committed", Cause::Renewal),
    asker("spoc.outbox.answered", Cause::Renewal),
    asker("spoc.answer.written", Cause::Renewal),
];

/// The same where a server keeps the record: just before the commit, and just after it.
const AT_ONCE_ON_A_SERVER: [Kill; 2] =
    [issuer("spoc.request.written", Cause::Renewal), issuer("spoc.request.committed", Cause::Renewal)];

async fn survive(dealing: Dealing, kills: &[Kill]) {
    let Some(mut pair) = Box::pin(Pair::found(dealing, true)).await else { return };
    for kill in kills {
        pair.survives(kill).await;
    }
    pair.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_may_die_until_the_request_is_answered() {
    Box::pin(survive(LATER, &ASKING)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_may_die_while_taking_the_answer() {
    Box::pin(survive(LATER, &TAKING)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_issues_may_die_until_the_certificate_is_on_record() {
    Box::pin(survive(LATER, &ISSUING)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_issues_may_die_while_answering() {
    Box::pin(survive(LATER, &ANSWERING)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_issues_may_die_between_two_officers() {
    Box::pin(survive(BY_OFFICERS, &APPROVING)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_may_die_while_a_cvca_gets_a_new_key() {
    Box::pin(survive(LATER, &ROLLING_OVER)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_may_die_when_requests_are_answered_at_once() {
    Box::pin(survive(AT_ONCE, &SYNCHRONOUS)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_may_die_while_people_write_to_each_other() {
    Box::pin(survive(LATER, &WRITING)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_may_die_on_a_database_server() {
    let dealing = Dealing { engine: Engine::Postgres, ..LATER };
    Box::pin(survive(dealing, &ON_A_SERVER)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_by_soap_may_die_until_the_request_is_answered() {
    Box::pin(survive(BY_SOAP, &ASKING)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_by_soap_may_die_while_taking_the_answer() {
    Box::pin(survive(BY_SOAP, &TAKING)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_issues_by_soap_may_die_until_the_certificate_is_on_record() {
    Box::pin(survive(BY_SOAP, &ISSUING)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_issues_by_soap_may_die_while_answering() {
    Box::pin(survive(BY_SOAP, &ANSWERING)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_may_die_by_soap_on_a_database_server() {
    let dealing = Dealing { engine: Engine::Postgres, ..BY_SOAP };
    Box::pin(survive(dealing, &BY_SOAP_ON_A_SERVER)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_may_die_when_requests_are_answered_at_once_by_soap() {
    let dealing = Dealing { binding: BindingName::Soap, ..AT_ONCE };
    Box::pin(survive(dealing, &AT_ONCE_BY_SOAP)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_may_die_when_requests_are_answered_at_once_on_a_database_server() {
    for binding in [BindingName::Grpc, BindingName::Soap] {
        let dealing = Dealing { engine: Engine::Postgres, binding, ..AT_ONCE };
        Box::pin(survive(dealing, &AT_ONCE_ON_A_SERVER)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_may_die_while_they_meet() {
    let mut pair = Box::pin(Pair::found(LATER, false)).await.unwrap();
    let marks = [pair.asker.start(Some(MEETING[0])).await, pair.issuer.start(Some(MEETING[1])).await];
    // Whoever is asked first stops; the other one is not answered then, and its turn comes when it asks again.
    pair.wait_for(&marks[1]).await;
    pair.issuer.start(None).await;
    pair.wait_for(&marks[0]).await;
    pair.asker.start(None).await;
    let met = |books: &Books| {
        books.are_settled()
            && books.asker.foreign_cvcas == books.issuer.own_cvcas
            && books.issuer.foreign_cvcas == books.asker.own_cvcas
    };
    pair.until(met).await;
    let books = pair.books().await;
    assert_eq!((books.asker.own_cvcas.len(), books.issuer.own_cvcas.len()), (1, 1));
    pair.check(&books);
    pair.end();
}

#[test]
fn no_place_is_left_out() {
    let groups: [&[Kill]; 8] =
        [&ASKING, &TAKING, &ISSUING, &ANSWERING, &APPROVING, &ROLLING_OVER, &SYNCHRONOUS, &WRITING];
    let places = groups.iter().copied().flatten().map(|kill| kill.place).chain(MEETING);
    let killed_at: BTreeSet<&str> = places.map(|place| place.split(':').next().unwrap_or(place)).collect();
    let listed: BTreeSet<&str> = PLACES.iter().map(|place| place.name).collect();
    assert_eq!(killed_at, listed);
}
