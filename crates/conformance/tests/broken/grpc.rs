//! A made-up SPOC's reader of gRPC messages: in order, or careless in one way.

use exchange::code::{RequestCertificateCode, SendCertificatesCode};
use exchange::message::{Answer, MAX_CERTIFICATE, Message, RequestCertificateAnswer};
use prost::Message as _;
use straznica_conformance::frame::Frame;
use straznica_contracts::spoc::v1 as wire;
use straznica_exchange_wire::grpc::convert::{self, Undecodable, kept};

use crate::unread::Unread;

/// What a reader does that it should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Has no limit for messages, only one for fields.
    TakesAnyLength,
    /// Falls over a message that is too long, and is up again a moment later.
    FallsOverLength,
    /// Acknowledges requests before it looks at what they bring.
    AcknowledgesUnread,
    /// Takes what is no message for an empty one.
    ReadsGarbage,
    /// Throws out messages with fields it does not know.
    WantsNoOtherFields,
    /// Takes status_info that is not said for the first of the list.
    TakesNoStatus,
    /// Takes status_info that it does not know for the first of the list.
    TakesAnyStatus,
    /// Answers operations it does not know with an empty message.
    AnswersAnyMethod,
    /// Describes itself to whoever asks.
    DescribesItself,
}

const NO_OPERATION: &str = "no answer: the partner's answer is unreadable: a path of no operation";

/// What each flaw is caught by: the cases that fail, and what is seen in them.
pub(crate) const FLAWS: &[(Flaw, &[(&str, &str)])] = &[
    (Flaw::TakesAnyLength, &[("grpc/oversized", "failure_syntax")]),
    (
        Flaw::FallsOverLength,
        &[(
            "grpc/oversized",
            "GetCACertificates with the proper certificate failed first: no answer: the partner was not reached: …",
        )],
    ),
    (Flaw::AcknowledgesUnread, &[("grpc/longest-request", "ok_reception_ack")]),
    (Flaw::ReadsGarbage, &[("grpc/garbage", "failure_syntax")]),
    (Flaw::WantsNoOtherFields, &[("grpc/unknown-fields", "not processed: gRPC status 3")]),
    (Flaw::TakesNoStatus, &[("grpc/no-status", "ok_received_correctly")]),
    (Flaw::TakesAnyStatus, &[("grpc/unknown-status", "ok_received_correctly")]),
    (Flaw::AnswersAnyMethod, &[("grpc/unknown-method", NO_OPERATION)]),
    (Flaw::DescribesItself, &[("grpc/other-service", NO_OPERATION)]),
];

/// Longest message read.
const LONGEST: usize = 128 << 10;
const SERVICE: &str = "/straznica.spoc.v1.SpocExchange/";

/// The message of a frame.
pub(crate) fn read(flaw: Option<Flaw>, frame: &Frame) -> Result<Message, Unread> {
    let has = |one| flaw == Some(one);
    if frame.message.len() > LONGEST && !has(Flaw::TakesAnyLength) {
        return Err(if has(Flaw::FallsOverLength) { Unread::Fell } else { Unread::Grpc(11) });
    }
    let Some(method) = frame.path.strip_prefix(SERVICE) else {
        return Err(if has(Flaw::DescribesItself) { Unread::Empty } else { Unread::Grpc(12) });
    };
    let operation = match method {
        "RequestCertificate" => kept::REQUEST_CERTIFICATE,
        "SendCertificates" => kept::SEND_CERTIFICATES,
        "GetCaCertificates" => kept::GET_CA_CERTIFICATES,
        "GeneralMessage" => kept::GENERAL_MESSAGE,
        _ => return Err(if has(Flaw::AnswersAnyMethod) { Unread::Empty } else { Unread::Grpc(12) }),
    };
    let message = match convert::decode(operation, &with_status(flaw, operation, &frame.message)) {
        Ok(Some(message)) => message,
        Ok(None) => return Err(Unread::Grpc(12)),
        Err(Undecodable::Code(_)) => {
            return Err(Unread::Answer(Answer::SendCertificates(SendCertificatesCode::FailureSyntax)));
        }
        Err(_) if has(Flaw::ReadsGarbage) => return Err(request_answer(RequestCertificateCode::FailureSyntax)),
        Err(_) => return Err(Unread::Grpc(13)),
    };
    if has(Flaw::WantsNoOtherFields) && convert::encode(&message).1.len() != frame.message.len() {
        return Err(Unread::Grpc(3));
    }
    match &message {
        Message::RequestCertificate(_) if has(Flaw::AcknowledgesUnread) => {
            Err(request_answer(RequestCertificateCode::OkReceptionAck))
        }
        Message::RequestCertificate(request) if request.certificate_request.len() > MAX_CERTIFICATE => {
            Err(request_answer(RequestCertificateCode::FailureSyntax))
        }
        _ => Ok(message),
    }
}

/// The message with the status the flaw sees in it.
fn with_status(flaw: Option<Flaw>, operation: &str, message: &[u8]) -> Vec<u8> {
    let send = (operation == kept::SEND_CERTIFICATES).then(|| wire::SendCertificatesRequest::decode(message));
    let Some(Ok(mut send)) = send else { return message.to_vec() };
    let unsaid = send.status_info == wire::StatusInfo::Unspecified as i32;
    let unknown = wire::StatusInfo::try_from(send.status_info).is_err();
    if unsaid && flaw == Some(Flaw::TakesNoStatus) || unknown && flaw == Some(Flaw::TakesAnyStatus) {
        send.set_status_info(wire::StatusInfo::NewCertAvailableNotification);
    }
    send.encode_to_vec()
}

fn request_answer(code: RequestCertificateCode) -> Unread {
    Unread::Answer(Answer::RequestCertificate(RequestCertificateAnswer::of(code)))
}

/// An answer as a message of the contract.
pub(crate) fn written(answer: Answer) -> Vec<u8> {
    match answer {
        Answer::RequestCertificate(answer) => convert::request_answer_to_wire(answer).encode_to_vec(),
        Answer::SendCertificates(code) => convert::send_answer_to_wire(code).encode_to_vec(),
        Answer::GetCaCertificates(answer) => convert::get_ca_answer_to_wire(answer).encode_to_vec(),
        Answer::GeneralMessage(code) => convert::general_answer_to_wire(code).encode_to_vec(),
    }
}
