//! The line between two states is down, and a verifier's certificate has to be renewed: officers carry files to and fro with `straznica spoc partners
//! bundle`. Whatever comes twice, by file or by line, is done once; a file that is not the partner's, not for us, not whole or not fresh is refused.

use std::fs;
use std::time::Duration;

use exchange::bundle::{Bundle, Item, LARGEST_FILE};
use exchange::code::StatusInfo;
use exchange::message::{GeneralMessage, Message, SendCertificates};
use exchange::profile::Catalogue;
use straznica_cli::demo::state::BindingName;
use straznica_exchange_wire::bundle::sign;
use straznica_exchange_wire::development::{DevelopmentSpoc, SpocKeys};
use straznica_simulators::partner_state::PartnerState;
use straznica_store::Engine;
use straznica_types::{Clock as _, SystemClock, Timestamp};

use super::ledger::Ledger;
use super::node::Node;
use super::pair::{AT_ONCE, Books, CVCA, Dealing, LATER, Pair};

/// The verifier's certificate, of twenty-one days, is to be renewed fourteen days before its end: since yesterday.
const DUE: Dealing = Dealing { days: (21, 20), days_ago: 8, ..AT_ONCE };
const DUE_LATER: Dealing = Dealing { answers: LATER.answers, binding: BindingName::Soap, ..DUE };
const DUE_ON_A_SERVER: Dealing = Dealing { engine: Engine::Postgres, ..DUE };

/// What the verifier asks for.
const NEXT: &str = "PLDVBORDER00002";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Two states whose line is down; the renewal that fell due waits at the first. `None` without a database server.
async fn parted(dealing: Dealing) -> Option<Pair> {
    let mut pair = Box::pin(Pair::at_rest(dealing, true)).await?;
    pair.asker.start_cut_off().await;
    pair.issuer.start_cut_off().await;
    pair.until(|books| waits(&books.asker, "request_certificate")).await;
    let books = pair.books().await;
    assert_eq!((books.asker.held.len(), books.issuer.issued.len()), (1, 1));
    assert!(books.asker.requests.contains_key(NEXT), "{books:#?}");
    let mut shown = String::new();
    for _ in 0..100 {
        shown = pair.asker.reads(0, &["spoc", "renewals", "board", "--country", "UT", "--state", "pending"]);
        if shown.contains("not reached") {
            break;
        }
        tokio::time::sleep(super::node::LOOK).await;
    }
    assert!(shown.contains(NEXT) && shown.contains("not reached"), "{shown}");
    Some(pair)
}

fn waits(ledger: &Ledger, operation: &str) -> bool {
    ledger.letters_in(operation, &["pending"]) == 1
}

/// Writes what waits to a file; the file.
fn exported(node: &Node, country: &str, name: &str) -> String {
    let file = node.file(name);
    let told = node.reads(0, &["spoc", "partners", "bundle", "export", country, "--out", &file]);
    let email = format!("spoc@{}.invalid", country.to_lowercase());
    assert!(told.starts_with(&format!("1 message in {file}, to be sent to {email}.")), "{told}");
    file
}

/// Takes a file in; what was told, and the file with the answers.
fn imported(node: &Node, officer: usize, bundle: &str, name: &str) -> (String, String) {
    let file = node.file(name);
    (node.reads(officer, &["spoc", "partners", "bundle", "import", bundle, "--out", &file]), file)
}

/// A file that is refused: nothing is written, and it is told why.
fn refused(node: &Node, bundle: &str, why: &str) {
    let out = node.file("never.p7m");
    let told = node.refused(0, &["spoc", "partners", "bundle", "import", bundle, "--out", &out]);
    assert!(told.contains(why), "{why}: {told}");
    assert!(!fs::exists(&out).unwrap());
}

/// A file of a general message, as Utopia or somebody else would write it.
fn forged(node: &Node, by: &DevelopmentSpoc, created: Timestamp, name: &str) -> String {
    let message = GeneralMessage {
        caller_id: "UT".to_owned(),
        message_id: name.to_owned(),
        subject: "An exercise".to_owned(),
        body: "Nothing has to be done.".to_owned(),
    };
    let items = vec![Item::Message(Message::GeneralMessage(message))];
    let (sender, receiver) = ("UT".parse().unwrap(), "PL".parse().unwrap());
    let bundle = Bundle { id: name.to_owned(), created, sender, receiver, items };
    let profiles = Catalogue::built_in().unwrap();
    let bytes = sign(&by.material("127.0.0.1").unwrap().client, &bundle, profiles.get("icao").unwrap()).unwrap();
    let file = node.file(name);
    fs::write(&file, bytes).unwrap();
    file
}

/// A file of Utopia's, of so many messages as long as messages may be.
fn of_length(node: &Node, by: &DevelopmentSpoc, messages: usize, name: &str) -> (String, usize) {
    let message = |place: usize| {
        Item::Message(Message::SendCertificates(SendCertificates {
            caller_id: "UT".to_owned(),
            message_id: Some(format!("{name}-{place}")),
            certificates: vec![vec![0x7f; 8_192]; 100],
            status_info: StatusInfo::OkCertAvailable,
        }))
    };
    let (sender, receiver) = ("UT".parse().unwrap(), "PL".parse().unwrap());
    let items = (0..messages).map(message).collect();
    let bundle = Bundle { id: name.to_owned(), created: SystemClock.now(), sender, receiver, items };
    let profiles = Catalogue::built_in().unwrap();
    let bytes = sign(&by.material("127.0.0.1").unwrap().client, &bundle, profiles.get("icao").unwrap()).unwrap();
    let file = node.file(name);
    fs::write(&file, &bytes).unwrap();
    (file, bytes.len())
}

/// The same file with one bit of its signature another.
fn tampered(node: &Node, bundle: &str) -> String {
    let mut bytes = fs::read(bundle).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let file = node.file("tampered.p7m");
    fs::write(&file, bytes).unwrap();
    file
}

/// A traveller's passport, which trusts Utopia's CVCA, is opened with the certificate that came by mail.
async fn opens_with_the_next(pair: &Pair) {
    let roots: Vec<Vec<u8>> = pair.books().await.issuer.own_cvcas.into_iter().collect();
    let today = time::OffsetDateTime::now_utc().date();
    let mut utopia = PartnerState::utopia(today).unwrap();
    utopia.entrust(roots);
    let mut passport = utopia.passport("L898902C3", today).unwrap();
    let opened = pair.asker.lane().open(&mut passport).await.unwrap();
    assert_eq!(opened.verifier, NEXT);
}

fn has_the_next(books: &Books) -> bool {
    books.asker.held.contains_key(NEXT) && books.asker.systems.iter().any(|(_, car)| car == NEXT)
}

/// The line comes back: nothing is done a second time.
async fn meets_again(pair: &mut Pair) {
    pair.issuer.start_mended().await;
    pair.asker.start_mended().await;
    pair.until(|books| books.are_settled() && has_the_next(books)).await;
    let books = pair.books().await;
    assert_eq!((books.asker.held.len(), books.issuer.issued.len()), (2, 2), "{books:#?}");
    pair.check(&books);
}

async fn renewed_by_mail(dealing: Dealing) {
    let Some(mut pair) = Box::pin(parted(dealing)).await else { return };
    let today = || SystemClock.now().date().to_string();
    let before = today();
    let request = exported(&pair.asker, "UT", "for-utopia.p7m");
    let after = today();
    let board = pair.asker.reads(0, &["spoc", "renewals", "board", "--country", "UT", "--state", "pending"]);
    let days = board.matches(&before).count() + if after == before { 0 } else { board.matches(&after).count() };
    assert!(board.contains("MAILED (UTC)") && days >= 2, "it is told to have left: {board}");

    refused(&pair.issuer, &tampered(&pair.issuer, &request), "the bundle is refused: the signature is refused");
    refused(&pair.asker, &request, "PL is not registered");
    assert_eq!(pair.books().await.issuer.issued.len(), 1, "nothing was issued for what was refused");

    let (told, answers) = imported(&pair.issuer, 0, &request, "for-poland.p7m");
    assert!(told.contains("from PL\n") && told.contains("ok_cert_available"), "{told}");
    let (again, _) = imported(&pair.issuer, 1, &request, "for-poland-again.p7m");
    assert!(
        again.contains("This file was taken in before, by OP-07 ") && again.contains("ok_cert_available"),
        "{again}"
    );
    let books = pair.books().await;
    assert_eq!((books.issuer.issued.len(), books.asker.held.len()), (2, 1), "one certificate, and it is on its way");

    refused(&pair.asker, &tampered(&pair.asker, &answers), "the signature is refused");
    refused(&pair.issuer, &answers, "UT is not registered");
    let (told, nothing) = imported(&pair.asker, 0, &answers, "nothing.p7m");
    assert!(told.contains("from UT\n") && told.contains("ok_cert_available"), "{told}");
    assert!(told.contains("nothing to answer; no file was written") && !fs::exists(nothing).unwrap(), "{told}");
    pair.until(has_the_next).await;
    opens_with_the_next(&pair).await;
    let history = pair.asker.reads(0, &["spoc", "renewals", "history", CVCA]);
    assert!(history.lines().any(|line| line.contains(NEXT) && line.contains("fulfilled")), "{history}");
    let (told, _) = imported(&pair.asker, 1, &answers, "nothing.p7m");
    assert!(told.contains("taken in before, by OP-07") && told.contains("nobody waits for such an answer"), "{told}");
    let told =
        pair.asker.reads(0, &["spoc", "partners", "bundle", "export", "UT", "--out", &pair.asker.file("none.p7m")]);
    assert_eq!(told.trim(), "nothing waits for UT; no file was written");

    meets_again(&mut pair).await;
    pair.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verifier_is_renewed_by_mail_while_the_line_is_down() {
    Box::pin(renewed_by_mail(DUE)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verifier_is_renewed_by_mail_on_a_database_server() {
    Box::pin(renewed_by_mail(DUE_ON_A_SERVER)).await;
}

/// A partner that acknowledges first, by SOAP: its certificate follows in a file of its own, and our receipt in a fourth.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_comes_later_comes_by_mail_as_well() {
    let mut pair = Box::pin(parted(DUE_LATER)).await.unwrap();
    let request = exported(&pair.asker, "UT", "request.p7m");
    let (told, receipt) = imported(&pair.issuer, 0, &request, "receipt.p7m");
    assert!(told.contains("ok_reception_ack"), "{told}");
    pair.until(|books| waits(&books.issuer, "send_certificates")).await;
    let certificate = exported(&pair.issuer, "PL", "certificate.p7m");

    let (told, _) = imported(&pair.asker, 0, &receipt, "nothing.p7m");
    assert!(told.contains("ok_reception_ack"), "{told}");
    let shown = pair.asker.reads(0, &["spoc", "renewals", "board", "--state", "acknowledged"]);
    assert!(shown.contains(NEXT), "{shown}");
    let (told, received) = imported(&pair.asker, 0, &certificate, "received.p7m");
    assert!(told.contains("send_certificates") && told.contains("ok_received_correctly"), "{told}");
    pair.until(has_the_next).await;
    opens_with_the_next(&pair).await;
    let (told, _) = imported(&pair.issuer, 0, &received, "nothing.p7m");
    assert!(told.contains("ok_received_correctly"), "{told}");
    assert!(pair.books().await.issuer.is_quiet());

    meets_again(&mut pair).await;
    pair.end();
}

/// The request came by mail, and the line is back before the answer left: the same request, now by line, is answered with the same certificate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_comes_back_first_brings_the_certificate_that_was_mailed() {
    let mut pair = Box::pin(parted(DUE)).await.unwrap();
    let request = exported(&pair.asker, "UT", "for-utopia.p7m");
    let (_, answers) = imported(&pair.issuer, 0, &request, "for-poland.p7m");
    meets_again(&mut pair).await;
    opens_with_the_next(&pair).await;
    let (told, _) = imported(&pair.asker, 0, &answers, "nothing.p7m");
    assert!(told.contains("unexpected") && !told.contains("taken in before"), "{told}");
    let books = pair.books().await;
    pair.check(&books);
    pair.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_the_partners_or_not_fresh_is_refused() {
    let pair = Box::pin(parted(DUE)).await.unwrap();
    let (poland, now) = (&pair.asker, SystemClock.now());
    let theirs = pair.issuer.authority();
    let stranger = DevelopmentSpoc::start("UT".parse().unwrap(), SpocKeys::P256, SystemClock::shared()).await.unwrap();
    refused(poland, &forged(poland, &stranger, now, "stranger"), "the bundle is refused: ");
    refused(poland, &forged(poland, theirs, now - DAY * 15, "stale"), "which is too long ago");
    refused(poland, &forged(poland, theirs, now + DAY, "early"), "which is yet to come");
    let text = poland.file("text.p7m");
    fs::write(&text, "Dear colleagues, please find our request below.").unwrap();
    refused(poland, &text, "text.p7m");
    refused(poland, &poland.file("absent.p7m"), "absent.p7m");
    assert!(pair.books().await.asker.messages.is_empty());

    let (longer, length) = of_length(poland, theirs, 8, "longer");
    assert!(length > LARGEST_FILE, "{length}");
    refused(poland, &longer, "larger than 8 MiB");
    let (long, length) = of_length(poland, theirs, 7, "long");
    assert!((7 << 20..=LARGEST_FILE).contains(&length), "{length}");
    let (told, _) = imported(poland, 0, &long, "long-answers.p7m");
    assert_eq!(told.matches("failure_messageID_unknown").count(), 7, "every message of it was read: {told}");

    let (told, _) = imported(poland, 0, &forged(poland, theirs, now - DAY * 13, "theirs"), "answers.p7m");
    assert!(told.contains("general_message"), "the same file, in time and theirs: {told}");
    assert_eq!(pair.books().await.asker.messages.len(), 1);
    let there = poland.file("answers.p7m");
    let told = poland.refused(0, &["spoc", "partners", "bundle", "import", &poland.file("theirs"), "--out", &there]);
    assert!(told.contains("answers.p7m"), "a file that exists is not written over: {told}");
    pair.end();
}
