//! Messages of the gRPC binding that do not fit the contract, and what else must not be on its port.

use exchange::code::CodeSet;

use crate::bench::Bench;
use crate::case::{Case, Group, Obstacle};
use crate::frame::{Frame, field, varint_field};
use crate::seen::{Expected, Seen};

const CONTRACT: &str = "contract straznica.spoc.v1.SpocExchange";

pub(super) const CASES: &[Case] = &[
    Group::Grpc.case(
        "grpc/oversized",
        "A message longer than the contract's limits is thrown out",
        "RequestCertificate with a certificate_request of sixteen megabytes",
        Expected::Unprocessed,
        CONTRACT,
        |bench| Box::pin(oversized(bench)),
    ),
    Group::Grpc.case(
        "grpc/longest-request",
        "A certificate request of more than 65 535 bytes is none",
        "RequestCertificate with a certificate_request of 65 536 bytes",
        Expected::NotTaken(CodeSet::RequestCertificate, &["failure_syntax", "failure_request_syntax"]),
        CONTRACT,
        |bench| Box::pin(longest(bench)),
    ),
    Group::Grpc.case(
        "grpc/garbage",
        "What is no message is thrown out",
        "RequestCertificate with a frame that is no protobuf",
        Expected::Unprocessed,
        CONTRACT,
        |bench| Box::pin(call(bench, "RequestCertificate", vec![0xFF; 16])),
    ),
    Group::Grpc.case(
        "grpc/unknown-fields",
        "Fields of a later version do not hurt",
        "GetCaCertificates with an unknown field",
        Expected::Codes(CodeSet::GetCaCertificates, &["ok_cert_available", "ok_reception_ack"]),
        "Protocol Buffers; the contract's version",
        |bench| Box::pin(unknown_field(bench)),
    ),
    Group::Grpc.case(
        "grpc/no-status",
        "SendCertificates says what it delivers",
        "SendCertificates with status_info STATUS_INFO_UNSPECIFIED",
        Expected::NotTaken(CodeSet::SendCertificates, &["failure_syntax"]),
        CONTRACT,
        |bench| Box::pin(with_status(bench, 0)),
    ),
    Group::Grpc.case(
        "grpc/unknown-status",
        "A status_info nobody defined is malformed",
        "SendCertificates with status_info 99",
        Expected::NotTaken(CodeSet::SendCertificates, &["failure_syntax"]),
        CONTRACT,
        |bench| Box::pin(with_status(bench, 99)),
    ),
    Group::Grpc.case(
        "grpc/unknown-method",
        "An operation nobody defined is thrown out",
        "SpocExchange/GiveMeEverything",
        Expected::Unprocessed,
        CONTRACT,
        |bench| Box::pin(call(bench, "GiveMeEverything", Vec::new())),
    ),
    Group::Grpc.case(
        "grpc/other-service",
        "Nothing else is on the port",
        "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        Expected::Unprocessed,
        CONTRACT,
        |bench| Box::pin(reflection(bench)),
    ),
];

async fn send(bench: &Bench<'_>, frame: Frame) -> Result<Seen, Obstacle> {
    let seen = bench.line.carrier.call(bench.proper, &frame).await;
    bench.still_served().await?;
    Ok(seen)
}

async fn call(bench: &Bench<'_>, method: &'static str, message: Vec<u8>) -> Result<Seen, Obstacle> {
    send(bench, Frame { path: format!("/straznica.spoc.v1.SpocExchange/{method}"), message }).await
}

async fn request_of(bench: &Bench<'_>, size: usize) -> Result<Seen, Obstacle> {
    let mut message = field(1, bench.caller_id().as_bytes());
    message.extend(field(2, bench.message_id().as_bytes()));
    message.extend(field(3, &vec![0x67; size]));
    call(bench, "RequestCertificate", message).await
}

async fn oversized(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    request_of(bench, 16 << 20).await
}

async fn longest(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    request_of(bench, 65_536).await
}

async fn unknown_field(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let mut message = field(1, bench.caller_id().as_bytes());
    message.extend(field(2, bench.message_id().as_bytes()));
    message.extend(field(900, b"of a later version"));
    call(bench, "GetCaCertificates", message).await
}

async fn with_status(bench: &Bench<'_>, status: u64) -> Result<Seen, Obstacle> {
    let mut message = field(1, bench.caller_id().as_bytes());
    for certificate in bench.tester().cvca.certificates() {
        message.extend(field(3, &certificate));
    }
    message.extend(varint_field(4, status));
    call(bench, "SendCertificates", message).await
}

async fn reflection(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo".to_owned();
    send(bench, Frame { path, message: field(7, b"") }).await
}
