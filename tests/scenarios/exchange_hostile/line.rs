//! Lines over which no answer comes, or none that can be read.

use std::fmt::Write as _;

use exchange::Binding;
use exchange::code::RequestCertificateCode;
use exchange::message::{Answer, RequestCertificateAnswer};
use exchange::soap::encode_answer;
use straznica_cli::demo::state::BindingName;
use straznica_simulators::spoc_partner::Mischief::LosesAnswers;
use straznica_simulators::spoc_partner::station::{End, Line, Reply};
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use straznica_tests::NoMigrations;
use straznica_tests::hostile::{Hostile, House};

use super::{Again, Failed, Outcome, comes_to, is_soap, letters, requests};

/// More than a node takes in one answer.
const TOO_MUCH: usize = 5 * 1024 * 1024;

/// What the line does, what is told of it over gRPC, and what over SOAP; empty where it is of the other binding.
type Row = (&'static str, fn(&Hostile) -> Line, &'static str, &'static str);

const ROWS: &[Row] = &[
    ("closed at once", |_| Line::Closes, "was not reached", "was not reached"),
    ("silent", |_| Line::Silent, "was not reached", "was not reached"),
    ("stalls in the middle", |it| cut_short(it, End::Stalls), "did not answer in time", "did not answer in time"),
    ("breaks in the middle", |it| cut_short(it, End::Breaks), "the connection broke", "the connection broke"),
    ("sent elsewhere", |it| elsewhere(it, 307), "HTTP status 307", "HTTP status 307"),
    ("moved for good", |it| elsewhere(it, 301), "HTTP status 301", "HTTP status 301"),
    ("out of service", |_| status(503), "HTTP status 503", "HTTP status 503"),
    ("does not know us", |_| status(401), "refuses our certificate", "refuses our certificate"),
    ("nothing", |it| whole(it, Vec::new()), "unreadable", "unreadable"),
    ("garbage", |it| whole(it, vec![0xA5; 300]), "unreadable", "unreadable"),
    ("five megabytes", |it| whole(it, vec![b' '; TOO_MUCH]), "longer than", "longer than"),
    ("a code nobody knows", unknown_code, "unreadable", "unreadable"),
    ("a message without its prefix", |_| Line::Replies(Reply::frame(vec![0x08, 0x01])), "unreadable", ""),
    ("two messages", |_| Line::Replies(Reply::frame([0, 0, 0, 0, 2, 8, 1].repeat(2))), "unreadable", ""),
    ("compressed", |_| Line::Replies(Reply::frame(vec![1, 0, 0, 0, 2, 8, 1])), "unreadable", ""),
    ("a status instead", |_| Line::Replies(Reply::frame(Vec::new()).ending(End::Status(13))), "a fault of the", ""),
    ("a fault instead", |it| document(it, FAULT), "", "a fault of the receiver"),
    ("a document type", |it| document(it, &laughing(1)), "", "unreadable"),
    ("entities of entities", |it| document(it, &laughing(9)), "", "unreadable"),
    ("elements without end", |it| document(it, &"<a>".repeat(100_000)), "", "unreadable"),
    ("the answer to something else", other_operation, "", "unreadable"),
    ("of another namespace", |it| written(it, it.station.profile().namespace(), "urn:example"), "", "unreadable"),
    (
        "an envelope of SOAP 1.2",
        |it| written(it, ENVELOPE, "http://www.w3.org/2003/05/soap-envelope"),
        "",
        "unreadable",
    ),
    ("a header to be understood", |it| written(it, "<soap:Body>", HEADER), "", "unreadable"),
    ("a processing instruction", |it| written(it, "?>", "?><?xml-stylesheet href=\"x.xsl\"?>"), "", "unreadable"),
    ("two answers in one document", two_answers, "", "unreadable"),
    ("no result", |it| written(it, "<result>ok_cert_available</result>", ""), "", "unreadable"),
    ("no base64", |it| written(it, "<certificate>", "<certificate>&amp;%$!"), "", "unreadable"),
];

const FAULT: &str = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>"#;

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const HEADER: &str = r#"<soap:Header><x:y xmlns:x="urn:example" soap:mustUnderstand="1"/></soap:Header><soap:Body>"#;

/// An answer that could be read, and holds no certificate any CVCA signed, but for what is changed in it.
fn written(hostile: &Hostile, from: &str, to: &str) -> Line {
    let text = readable(hostile);
    assert!(text.contains(from), "{from} in {text}");
    document(hostile, &text.replacen(from, to, 1))
}

fn readable(hostile: &Hostile) -> String {
    let (result, certificates) = (RequestCertificateCode::OkCertAvailable, vec![vec![0xA5; 100]]);
    let answer = Answer::RequestCertificate(RequestCertificateAnswer { result, certificates });
    encode_answer(&answer, hostile.station.profile())
}

fn two_answers(hostile: &Hostile) -> Line {
    let text = readable(hostile);
    let body = text.split_once("<soap:Body>").and_then(|(_, rest)| rest.split_once("</soap:Body>"));
    let (answer, _) = body.expect("a body");
    document(hostile, &text.replace(answer, &answer.repeat(2)))
}

/// The answer this partner's binding has for these bytes.
fn whole(hostile: &Hostile, body: Vec<u8>) -> Line {
    Line::Replies(if is_soap(hostile) { Reply::document(body) } else { Reply::message(&body) })
}

fn document(_: &Hostile, text: &str) -> Line {
    Line::Replies(Reply::document(text))
}

fn status(status: u16) -> Line {
    Line::Replies(Reply::status(status, Vec::new()))
}

/// To the partner's own port, where a visit would be counted.
fn elsewhere(hostile: &Hostile, status: u16) -> Line {
    Line::Replies(Reply::status(status, vec![("location", hostile.station.url())]))
}

fn cut_short(hostile: &Hostile, end: End) -> Line {
    let reply = match is_soap(hostile) {
        true => Reply::document("<?xml version=\"1.0\"?><s:Envelope"),
        false => Reply::frame(vec![0, 0, 0, 1, 0, 8, 1]),
    };
    Line::Replies(reply.ending(end))
}

fn unknown_code(hostile: &Hostile) -> Line {
    if !is_soap(hostile) {
        // field 1, a varint: ninety-nine
        return Line::Replies(Reply::message(&[0x08, 99]));
    }
    let known = RequestCertificateCode::FailureSyntax;
    let answer = Answer::RequestCertificate(RequestCertificateAnswer::of(known));
    let text = encode_answer(&answer, hostile.station.profile()).replace(known.as_str(), "failure_of_imagination");
    assert!(text.contains("imagination"));
    document(hostile, &text)
}

fn other_operation(hostile: &Hostile) -> Line {
    let answer = Answer::GeneralMessage(exchange::code::GeneralMessageCode::Ok);
    document(hostile, &encode_answer(&answer, hostile.station.profile()))
}

/// Ten to the power of `depth` words, told in a few lines.
fn laughing(depth: u32) -> String {
    let mut entities = "<!ENTITY l0 \"ha\">".to_owned();
    for level in 1..=depth {
        let inner = format!("&l{};", level - 1).repeat(10);
        write!(entities, "<!ENTITY l{level} \"{inner}\">").unwrap();
    }
    format!("<?xml version=\"1.0\"?><!DOCTYPE e [{entities}]>{}", FAULT.replace(">no<", &format!(">&l{depth};<")))
}

async fn every_row(binding: BindingName, database: TestDatabase) {
    let house = Box::pin(House::raise(binding, &database)).await;
    let mut failed = Failed::default();
    for (row, (name, line, grpc, soap)) in ROWS.iter().enumerate() {
        let problem = if Binding::from(binding) == Binding::Grpc { grpc } else { soap };
        if problem.is_empty() {
            continue;
        }
        let row = async {
            let hostile = house.meet(&letters(row), |_, _| ()).await;
            hostile.station.set_line(line(&hostile));
            let before = hostile.station.visits();
            house.subscribe(&hostile).await;
            house.turn().await;
            assert_eq!(hostile.station.visits() - before, 1, "{name}: tried once, and nowhere else");
            let outcome = Outcome { request: ("pending", ""), problem, again: Again::AsDelivered };
            comes_to(&house, &hostile, name, outcome).await;
        };
        failed.row(name, Box::pin(row)).await;
    }
    failed.row("lost on the way", Box::pin(lost_on_the_way(&house))).await;
    failed.row("away for days", Box::pin(away_for_days(&house))).await;
    failed.row("unreadable for a day", Box::pin(unreadable_for_a_day(&house))).await;
    Box::pin(house.leave(&database)).await;
    failed.are_none();
}

/// The partner issues, and its answer is lost: the same message again gets the same certificate, which is the only one.
async fn lost_on_the_way(house: &House) {
    let hostile = house.meet("YE", |_, _| ()).await;
    hostile.partner().misbehave(&[LosesAnswers]);
    house.subscribe(&hostile).await;
    house.turn().await;
    let outcome = Outcome { request: ("pending", ""), problem: "the connection broke", again: Again::AsDelivered };
    comes_to(house, &hostile, "an answer lost on the way", outcome).await;
    assert_eq!((requests(&hostile).len(), hostile.partner().issued()), (2, 1));
}

/// A line that stays dead is tried ever more seldom, an hour apart at most, and the first try after it lives again succeeds.
async fn away_for_days(house: &House) {
    let hostile = house.meet("YF", |_, _| ()).await;
    hostile.station.set_line(Line::Closes);
    house.subscribe(&hostile).await;
    house.turn().await;
    let before = hostile.station.visits();
    for _ in 0..3 * 24 {
        house.clock.advance(super::HOUR);
        house.state.suite.turn().await.unwrap();
    }
    let tries = hostile.station.visits() - before;
    // an hour apart, give or take a fifth: sometimes an hour passes without
    assert!((40..=72).contains(&tries), "{tries}");
    assert!(house.subscription(&hostile).await.problem.contains("was not reached"));
    hostile.mend();
    house.pass(2 * super::HOUR);
    house.turn().await;
    super::obtained(house, &hostile, "after three days").await;
}

/// A partner that has seen a message gives it the same answer each time. If that cannot be read, the question ends after a day, and another one is asked
/// the day after.
async fn unreadable_for_a_day(house: &House) {
    let hostile = house.meet("YM", |_, _| ()).await;
    hostile.station.set_line(whole(&hostile, vec![0xA5; 300]));
    house.subscribe(&hostile).await;
    house.turn().await;
    assert_eq!(house.renewals(&hostile).await[0].state, "pending");
    house.pass(super::DAY);
    house.turn().await;
    let outcome = Outcome {
        request: ("closed", "answer_refused"),
        problem: "the partner's answer is unreadable",
        again: Again::After(super::DAY),
    };
    comes_to(house, &hostile, "unreadable for a day", outcome).await;
}

on_both_engines! {
    NoMigrations;

    async fn broken_lines_by_grpc_bring_nothing(database: TestDatabase) {
        Box::pin(every_row(BindingName::Grpc, database)).await;
    }

    async fn broken_lines_by_soap_bring_nothing(database: TestDatabase) {
        Box::pin(every_row(BindingName::Soap, database)).await;
    }
}
