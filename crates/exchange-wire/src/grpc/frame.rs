//! A unary call as gRPC over HTTP/2 writes it, seen from the client.
//!
//! Written here and not left to tonic's client, because what went wrong has to be told apart with certainty (was the message sent? did the partner refuse
//! us, or break off, or answer nonsense?), and because that client panics on a malformed status of the peer's.

use bytes::{BufMut as _, Bytes, BytesMut};
use exchange::message::{Answer, Message};
use exchange::operation::Operation;
use http::HeaderMap;
use prost::Message as _;
use straznica_contracts::spoc::v1 as wire;
use tonic::Code;

use super::convert::{self, NoCode};
use crate::error::{CallError, FaultOf};

/// Flag and length before a message.
pub(super) const PREFIX: usize = 5;
/// Longest text of a fault kept, characters.
const MAX_TEXT: usize = 200;

/// Why an answer is not one of the contract.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("no status")]
    NoStatus,
    #[error("not exactly one message")]
    NotOneMessage,
    #[error("the message is compressed, which was not offered")]
    Compressed,
    #[error("the message is malformed")]
    Message(#[from] prost::DecodeError),
    #[error(transparent)]
    Code(#[from] NoCode),
}

impl From<Unreadable> for CallError {
    fn from(why: Unreadable) -> Self {
        Self::Unreadable(why.into())
    }
}

/// The path of the operation and the message behind its prefix.
pub(super) fn request(message: &Message) -> (&'static str, Bytes) {
    let (_, message_bytes) = convert::encode(message);
    let path = match message.operation() {
        Operation::RequestCertificate => "/straznica.spoc.v1.SpocExchange/RequestCertificate",
        Operation::SendCertificates => "/straznica.spoc.v1.SpocExchange/SendCertificates",
        Operation::GetCaCertificates => "/straznica.spoc.v1.SpocExchange/GetCaCertificates",
        Operation::GeneralMessage => "/straznica.spoc.v1.SpocExchange/GeneralMessage",
    };
    let mut body = BytesMut::with_capacity(PREFIX + message_bytes.len());
    body.put_u8(0);
    // A message is a certificate or a few hundred of them: far below four gigabytes.
    body.put_u32(u32::try_from(message_bytes.len()).unwrap_or(u32::MAX));
    body.extend_from_slice(&message_bytes);
    (path, body.freeze())
}

/// The status of a call, from the trailers or, when nothing else came, from the headers.
pub(super) fn check_status(headers: &HeaderMap) -> Result<(), CallError> {
    let status = headers.get("grpc-status").ok_or(Unreadable::NoStatus)?;
    let code = Code::from_bytes(status.as_bytes());
    let fault_of = match code {
        Code::Ok => return Ok(()),
        Code::Unauthenticated => return Err(CallError::RefusedByPeer),
        // What another message would be spared.
        Code::InvalidArgument
        | Code::NotFound
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::PermissionDenied
        | Code::Unimplemented => FaultOf::Sender,
        _ => FaultOf::Receiver,
    };
    let text = headers.get("grpc-message").map(|text| readable(text.as_bytes())).unwrap_or_default();
    Err(CallError::Fault { fault_of, code: format!("{code:?}"), text })
}

/// The one answer in a body.
pub(super) fn answer(operation: Operation, body: &[u8]) -> Result<Answer, CallError> {
    let (prefix, message) = body.split_first_chunk::<PREFIX>().ok_or(Unreadable::NotOneMessage)?;
    let [compressed, length @ ..] = *prefix;
    if compressed != 0 {
        return Err(Unreadable::Compressed.into());
    }
    if usize::try_from(u32::from_be_bytes(length)).ok() != Some(message.len()) {
        return Err(Unreadable::NotOneMessage.into());
    }
    Ok(read(operation, message)?)
}

fn read(operation: Operation, message: &[u8]) -> Result<Answer, Unreadable> {
    Ok(match operation {
        Operation::RequestCertificate => {
            let answer = wire::RequestCertificateResponse::decode(message)?;
            Answer::RequestCertificate(convert::request_answer_from_wire(answer)?)
        }
        Operation::SendCertificates => {
            let answer = wire::SendCertificatesResponse::decode(message)?;
            Answer::SendCertificates(convert::send_answer_from_wire(answer)?)
        }
        Operation::GetCaCertificates => {
            let answer = wire::GetCaCertificatesResponse::decode(message)?;
            Answer::GetCaCertificates(convert::get_ca_answer_from_wire(answer)?)
        }
        Operation::GeneralMessage => {
            let answer = wire::GeneralMessageResponse::decode(message)?;
            Answer::GeneralMessage(convert::general_answer_from_wire(answer)?)
        }
    })
}

/// grpc-message: percent-encoded UTF-8. What cannot be read is shown as well as it can be.
fn readable(encoded: &[u8]) -> String {
    let mut octets = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((&octet, after)) = rest.split_first() {
        let escaped = (octet == b'%').then(|| after.split_at_checked(2)).flatten();
        let decoded = escaped.and_then(|(digits, after)| {
            let digits = std::str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, after))
        });
        let (octet, after) = decoded.unwrap_or((octet, after));
        octets.push(octet);
        rest = after;
    }
    let text = String::from_utf8_lossy(&octets);
    text.chars().take(MAX_TEXT).map(|one| if one.is_control() { ' ' } else { one }).collect()
}

#[cfg(test)]
mod tests {
    use exchange::code::{GeneralMessageCode, SendCertificatesCode};
    use exchange::message::GetCaCertificates;

    use super::*;

    #[test]
    fn a_status_tells_whose_fault_it_was() {
        let status = |code: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-status", code.parse().unwrap());
            headers.insert("grpc-message", "no%20such%0Amethod %C5%9B %zz %".parse().unwrap());
            headers.insert("grpc-status-details-bin", "!".parse().unwrap());
            check_status(&headers)
        };
        assert!(status("0").is_ok());
        assert!(matches!(status("16"), Err(CallError::RefusedByPeer)));
        let Err(CallError::Fault { fault_of: FaultOf::Sender, code, text }) = status("12") else { panic!() };
        assert_eq!((code.as_str(), text.as_str()), ("Unimplemented", "no such method ś %zz %"));
        for code in ["2", "13", "14", "99", "x"] {
            assert!(matches!(status(code), Err(CallError::Fault { fault_of: FaultOf::Receiver, .. })), "{code}");
        }
        assert!(matches!(check_status(&HeaderMap::new()), Err(CallError::Unreadable(_))));
    }

    #[test]
    fn an_answer_is_exactly_one_message_with_a_result() {
        let good = [0, 0, 0, 0, 2, 8, 1];
        let expected = Answer::SendCertificates(SendCertificatesCode::OkReceivedCorrectly);
        assert_eq!(answer(Operation::SendCertificates, &good).unwrap(), expected);
        assert_eq!(answer(Operation::GeneralMessage, &good).unwrap(), Answer::GeneralMessage(GeneralMessageCode::Ok));
        for (body, why) in [
            (&[][..], "nothing"),
            (&[0, 0, 0, 0], "half a prefix"),
            (&[1, 0, 0, 0, 2, 8, 1], "compressed"),
            (&[0, 0, 0, 0, 3, 8, 1], "too short"),
            (&[0, 0, 0, 0, 2, 8, 1, 0], "too long"),
            (&[0, 0, 0, 0, 0], "no result"),
            (&[0, 0, 0, 0, 2, 8, 99], "an unknown result"),
            (&[0, 0, 0, 0, 1, 0xFF], "no protobuf"),
        ] {
            assert!(matches!(answer(Operation::SendCertificates, body), Err(CallError::Unreadable(_))), "{why}");
        }
    }

    #[test]
    fn a_request_carries_its_length() {
        let message = GetCaCertificates { caller_id: "UT".into(), message_id: "1".into() };
        let (path, body) = request(&Message::GetCaCertificates(message));
        assert_eq!(path, "/straznica.spoc.v1.SpocExchange/GetCaCertificates");
        assert_eq!(&body[..], [0, 0, 0, 0, 7, 10, 2, b'U', b'T', 18, 1, b'1']);
    }
}
