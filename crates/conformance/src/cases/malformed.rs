//! RequestCertificate with what is no request, or no message.

use exchange::code::CodeSet;
use exchange::message::{Message, RequestCertificate};

use crate::bench::Bench;
use crate::case::{Case, Group, Obstacle, request};
use crate::request::with_long_length;
use crate::seen::{Expected, Seen};

const UNREADABLE: Expected = request(&["failure_request_syntax", "failure_syntax"]);

pub(super) const CASES: &[Case] = &[
    Group::Request.case(
        "request/garbage",
        "What is no certificate request is malformed",
        "Sixty-four bytes that are nothing",
        UNREADABLE,
        "CSN 36 9791 §6.2; TR-03110-3 §C.2",
        |bench| Box::pin(raw(bench, |_| vec![0xA5; 64])),
    ),
    Group::Request.case(
        "request/empty",
        "Nothing is no certificate request",
        "An empty certificateRequest",
        UNREADABLE,
        "CSN 36 9791 §6.2",
        |bench| Box::pin(raw(bench, |_| Vec::new())),
    ),
    Group::Request.case(
        "request/trailing-bytes",
        "A request ends where it ends",
        "A proper request followed by one more byte",
        UNREADABLE,
        "TR-03110-3 §D.2",
        |bench| {
            Box::pin(raw(bench, |mut proper| {
                proper.push(0);
                proper
            }))
        },
    ),
    Group::Request.case(
        "request/cut-short",
        "Half a request is none",
        "A proper request without its last byte",
        UNREADABLE,
        "TR-03110-3 §D.2",
        |bench| {
            Box::pin(raw(bench, |mut proper| {
                proper.pop();
                proper
            }))
        },
    ),
    Group::Request.case(
        "request/long-length",
        "A request is DER: lengths are as short as they can be",
        "A proper request whose outermost length is written in four bytes",
        UNREADABLE,
        "TR-03110-3 §D.2",
        |bench| Box::pin(raw(bench, |proper| with_long_length(&proper))),
    ),
    Group::Request.case(
        "request/certificate-instead",
        "A certificate is no request",
        "The tester's CVCA certificate as certificateRequest",
        UNREADABLE,
        "TR-03110-3 §C.2",
        |bench| Box::pin(certificate_instead(bench)),
    ),
    Group::Request.case(
        "request/empty-message-id",
        "A request without messageID is malformed",
        "A proper request under an empty messageID",
        request(&["failure_syntax"]),
        "CSN 36 9791 §6.1",
        |bench| Box::pin(named(bench, String::new())),
    ),
    Group::Request.case(
        "request/long-message-id",
        "A messageID nobody can keep is malformed",
        "A proper request under a messageID of 256 characters",
        Expected::NotTaken(CodeSet::RequestCertificate, &["failure_syntax"]),
        "contract of the exchange: 1 to 255 characters",
        |bench| Box::pin(named(bench, bench.long_message_id())),
    ),
    Group::Request.case(
        "request/any-message-id",
        "A messageID is any text",
        "A proper request under a messageID with spaces, a letter that is not ASCII and the signs of XML",
        request(&["ok_cert_available", "ok_reception_ack"]),
        "CSN 36 9791 §6.1 (xs:string)",
        |bench| Box::pin(named(bench, format!(" žádost <&> {} ", bench.message_id()))),
    ),
];

async fn raw(bench: &Bench<'_>, change: impl FnOnce(Vec<u8>) -> Vec<u8> + Send) -> Result<Seen, Obstacle> {
    let proper = bench.proper_request().await?;
    Ok(bench.ask(change(proper)).await.seen)
}

async fn certificate_instead(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let certificate = bench.tester().cvca.current.root.as_der().to_vec();
    Ok(bench.ask(certificate).await.seen)
}

async fn named(bench: &Bench<'_>, message_id: String) -> Result<Seen, Obstacle> {
    let proper = bench.proper_request().await?;
    let message = RequestCertificate { message_id, ..bench.request_message(proper) };
    Ok(Seen::of(&bench.send(&Message::RequestCertificate(message)).await))
}
