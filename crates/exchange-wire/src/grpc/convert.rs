//! Messages and codes of the exchange ⇄ those of the contract straznica.spoc.v1.SpocExchange.
//!
//! The protobuf form of a message is also how it is kept until it is delivered, whichever binding carries it: [`encode`] and [`decode`].

use exchange::{
    code::{GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode, StatusInfo},
    message::{
        GeneralMessage, GetCaCertificates, GetCaCertificatesAnswer, Message, RequestCertificate,
        RequestCertificateAnswer, SendCertificates,
    },
};
use prost::Message as _;
use straznica_contracts::spoc::v1 as wire;

/// A code is unspecified, or one this contract does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} holds no code of the contract: {number}")]
pub struct NoCode {
    /// The field.
    pub field: &'static str,
    /// What it holds.
    pub number: i32,
}

/// Bytes that are not a message kept by [`encode`].
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    /// Not protobuf of the operation's request.
    #[error("not the message it should be")]
    Protobuf(#[from] prost::DecodeError),
    /// A code is missing.
    #[error(transparent)]
    Code(#[from] NoCode),
}

/// Declares the two directions of a code.
macro_rules! codes {
    ($($(#[$about:meta])* $code:ident <=> $wire:ident as $field:literal, $to:ident, $from:ident { $($variant:ident,)* })*) => { $(
        $(#[$about])*
        /// As the contract has it.
        #[must_use]
        pub const fn $to(code: $code) -> wire::$wire {
            match code {
                $($code::$variant => wire::$wire::$variant,)*
            }
        }

        $(#[$about])*
        /// From the contract's number.
        ///
        /// # Errors
        /// [`NoCode`] for an unspecified or unknown one.
        pub fn $from(number: i32) -> Result<$code, NoCode> {
            match wire::$wire::try_from(number) {
                $(Ok(wire::$wire::$variant) => Ok($code::$variant),)*
                Ok(wire::$wire::Unspecified) | Err(_) => Err(NoCode { field: $field, number }),
            }
        }
    )* };
}

codes! {
    /// Outcome of RequestCertificate.
    RequestCertificateCode <=> RequestCertificateResult as "result", request_result_to_wire, request_result_from_wire {
        OkCertAvailable,
        OkReceptionAck,
        FailureInnerSignature,
        FailureOuterSignature,
        FailureSyntax,
        FailureRequestSyntax,
        FailureExpired,
        FailureDomainParameters,
        FailureRequestNotAccepted,
        FailureInternalError,
    }

    /// What SendCertificates delivers.
    StatusInfo <=> StatusInfo as "status_info", status_info_to_wire, status_info_from_wire {
        NewCertAvailableNotification,
        OkCertAvailable,
        FailureInnerSignature,
        FailureOuterSignature,
        FailureSyntax,
        FailureRequestNotAccepted,
        FailureInternalError,
        FailureCertificate,
    }

    /// Outcome of SendCertificates.
    SendCertificatesCode <=> SendCertificatesResult as "result", send_result_to_wire, send_result_from_wire {
        OkReceivedCorrectly,
        FailureSyntax,
        FailureMessageIdUnknown,
        FailureInternalError,
    }

    /// Outcome of GetCACertificates.
    GetCaCertificatesCode <=> GetCaCertificatesResult as "result", ca_result_to_wire, ca_result_from_wire {
        OkCertAvailable,
        OkReceptionAck,
        FailureRequestNotAccepted,
        FailureSyntax,
        FailureInternalError,
    }

    /// Outcome of GeneralMessage.
    GeneralMessageCode <=> GeneralMessageResult as "result", general_result_to_wire, general_result_from_wire {
        Ok,
        FailureSyntax,
        FailureInternalError,
    }
}

/// RequestCertificate as the contract has it.
#[must_use]
pub fn request_to_wire(message: RequestCertificate) -> wire::RequestCertificateRequest {
    let RequestCertificate { caller_id, message_id, certificate_request } = message;
    wire::RequestCertificateRequest { caller_id, message_id, certificate_request }
}

/// RequestCertificate from the contract.
#[must_use]
pub fn request_from_wire(message: wire::RequestCertificateRequest) -> RequestCertificate {
    let wire::RequestCertificateRequest { caller_id, message_id, certificate_request } = message;
    RequestCertificate { caller_id, message_id, certificate_request }
}

/// Answer to RequestCertificate as the contract has it.
#[must_use]
pub fn request_answer_to_wire(answer: RequestCertificateAnswer) -> wire::RequestCertificateResponse {
    wire::RequestCertificateResponse {
        result: request_result_to_wire(answer.result).into(),
        certificate_sequence: answer.certificates,
    }
}

/// Answer to RequestCertificate from the contract.
///
/// # Errors
/// [`NoCode`] without a result.
pub fn request_answer_from_wire(answer: wire::RequestCertificateResponse) -> Result<RequestCertificateAnswer, NoCode> {
    let result = request_result_from_wire(answer.result)?;
    Ok(RequestCertificateAnswer { result, certificates: answer.certificate_sequence })
}

/// SendCertificates as the contract has it.
#[must_use]
pub fn send_to_wire(message: SendCertificates) -> wire::SendCertificatesRequest {
    wire::SendCertificatesRequest {
        caller_id: message.caller_id,
        message_id: message.message_id,
        certificate_sequence: message.certificates,
        status_info: status_info_to_wire(message.status_info).into(),
    }
}

/// SendCertificates from the contract.
///
/// # Errors
/// [`NoCode`] without a status.
pub fn send_from_wire(message: wire::SendCertificatesRequest) -> Result<SendCertificates, NoCode> {
    Ok(SendCertificates {
        status_info: status_info_from_wire(message.status_info)?,
        caller_id: message.caller_id,
        message_id: message.message_id,
        certificates: message.certificate_sequence,
    })
}

/// Answer to SendCertificates as the contract has it.
#[must_use]
pub fn send_answer_to_wire(code: SendCertificatesCode) -> wire::SendCertificatesResponse {
    wire::SendCertificatesResponse { result: send_result_to_wire(code).into() }
}

/// Answer to SendCertificates from the contract.
///
/// # Errors
/// [`NoCode`] without a result.
pub fn send_answer_from_wire(answer: wire::SendCertificatesResponse) -> Result<SendCertificatesCode, NoCode> {
    send_result_from_wire(answer.result)
}

/// GetCACertificates as the contract has it.
#[must_use]
pub fn get_ca_to_wire(message: GetCaCertificates) -> wire::GetCaCertificatesRequest {
    let GetCaCertificates { caller_id, message_id } = message;
    wire::GetCaCertificatesRequest { caller_id, message_id }
}

/// GetCACertificates from the contract.
#[must_use]
pub fn get_ca_from_wire(message: wire::GetCaCertificatesRequest) -> GetCaCertificates {
    let wire::GetCaCertificatesRequest { caller_id, message_id } = message;
    GetCaCertificates { caller_id, message_id }
}

/// Answer to GetCACertificates as the contract has it.
#[must_use]
pub fn get_ca_answer_to_wire(answer: GetCaCertificatesAnswer) -> wire::GetCaCertificatesResponse {
    wire::GetCaCertificatesResponse {
        result: ca_result_to_wire(answer.result).into(),
        certificate_sequence: answer.certificates,
    }
}

/// Answer to GetCACertificates from the contract.
///
/// # Errors
/// [`NoCode`] without a result.
pub fn get_ca_answer_from_wire(answer: wire::GetCaCertificatesResponse) -> Result<GetCaCertificatesAnswer, NoCode> {
    let result = ca_result_from_wire(answer.result)?;
    Ok(GetCaCertificatesAnswer { result, certificates: answer.certificate_sequence })
}

/// GeneralMessage as the contract has it.
#[must_use]
pub fn general_to_wire(message: GeneralMessage) -> wire::GeneralMessageRequest {
    let GeneralMessage { caller_id, message_id, subject, body } = message;
    wire::GeneralMessageRequest { caller_id, message_id, subject, body }
}

/// GeneralMessage from the contract.
#[must_use]
pub fn general_from_wire(message: wire::GeneralMessageRequest) -> GeneralMessage {
    let wire::GeneralMessageRequest { caller_id, message_id, subject, body } = message;
    GeneralMessage { caller_id, message_id, subject, body }
}

/// Answer to GeneralMessage as the contract has it.
#[must_use]
pub fn general_answer_to_wire(code: GeneralMessageCode) -> wire::GeneralMessageResponse {
    wire::GeneralMessageResponse { result: general_result_to_wire(code).into() }
}

/// Answer to GeneralMessage from the contract.
///
/// # Errors
/// [`NoCode`] without a result.
pub fn general_answer_from_wire(answer: wire::GeneralMessageResponse) -> Result<GeneralMessageCode, NoCode> {
    general_result_from_wire(answer.result)
}

/// Names of the operations where messages are kept.
pub mod kept {
    /// RequestCertificate.
    pub const REQUEST_CERTIFICATE: &str = "request_certificate";
    /// SendCertificates.
    pub const SEND_CERTIFICATES: &str = "send_certificates";
    /// GetCACertificates.
    pub const GET_CA_CERTIFICATES: &str = "get_ca_certificates";
    /// GeneralMessage.
    pub const GENERAL_MESSAGE: &str = "general_message";
}

/// The operation's name and the message's protobuf form, to be kept. The same message gives the same bytes.
#[must_use]
pub fn encode(message: &Message) -> (&'static str, Vec<u8>) {
    match message.clone() {
        Message::RequestCertificate(message) => (kept::REQUEST_CERTIFICATE, request_to_wire(message).encode_to_vec()),
        Message::SendCertificates(message) => (kept::SEND_CERTIFICATES, send_to_wire(message).encode_to_vec()),
        Message::GetCaCertificates(message) => (kept::GET_CA_CERTIFICATES, get_ca_to_wire(message).encode_to_vec()),
        Message::GeneralMessage(message) => (kept::GENERAL_MESSAGE, general_to_wire(message).encode_to_vec()),
    }
}

/// Reads what [`encode`] wrote; `None` for the name of no operation.
///
/// # Errors
/// [`Undecodable`] when the bytes are not the operation's message.
pub fn decode(operation: &str, bytes: &[u8]) -> Result<Option<Message>, Undecodable> {
    let message = match operation {
        kept::REQUEST_CERTIFICATE => {
            Message::RequestCertificate(request_from_wire(wire::RequestCertificateRequest::decode(bytes)?))
        }
        kept::SEND_CERTIFICATES => {
            Message::SendCertificates(send_from_wire(wire::SendCertificatesRequest::decode(bytes)?)?)
        }
        kept::GET_CA_CERTIFICATES => {
            Message::GetCaCertificates(get_ca_from_wire(wire::GetCaCertificatesRequest::decode(bytes)?))
        }
        kept::GENERAL_MESSAGE => {
            Message::GeneralMessage(general_from_wire(wire::GeneralMessageRequest::decode(bytes)?))
        }
        _ => return Ok(None),
    };
    Ok(Some(message))
}

#[cfg(test)]
mod tests {
    use super::{
        NoCode, ca_result_from_wire, ca_result_to_wire, decode, encode, general_result_from_wire,
        general_result_to_wire, request_result_from_wire, request_result_to_wire, send_result_from_wire,
        send_result_to_wire, status_info_from_wire, status_info_to_wire,
    };
    use exchange::code::{
        GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode, StatusInfo,
    };
    use exchange::message::{GeneralMessage, GetCaCertificates, Message, RequestCertificate, SendCertificates};

    #[test]
    fn every_code_has_the_contracts_name_and_comes_back() {
        for code in RequestCertificateCode::ALL {
            let there = request_result_to_wire(*code);
            let name = there.as_str_name().strip_prefix("REQUEST_CERTIFICATE_RESULT_").unwrap();
            assert_eq!(name, code.as_str().to_uppercase());
            assert_eq!(request_result_from_wire(there.into()), Ok(*code));
        }
        for code in StatusInfo::ALL {
            let there = status_info_to_wire(*code);
            assert_eq!(there.as_str_name().strip_prefix("STATUS_INFO_").unwrap(), code.as_str().to_uppercase());
            assert_eq!(status_info_from_wire(there.into()), Ok(*code));
        }
        for code in SendCertificatesCode::ALL {
            assert_eq!(send_result_from_wire(send_result_to_wire(*code).into()), Ok(*code));
        }
        for code in GetCaCertificatesCode::ALL {
            assert_eq!(ca_result_from_wire(ca_result_to_wire(*code).into()), Ok(*code));
        }
        for code in GeneralMessageCode::ALL {
            assert_eq!(general_result_from_wire(general_result_to_wire(*code).into()), Ok(*code));
        }
    }

    #[test]
    fn an_unspecified_or_unknown_code_is_refused() {
        for number in [0, 99, -1] {
            assert_eq!(request_result_from_wire(number), Err(NoCode { field: "result", number }));
            assert_eq!(status_info_from_wire(number), Err(NoCode { field: "status_info", number }));
            assert_eq!(send_result_from_wire(number), Err(NoCode { field: "result", number }));
            assert_eq!(ca_result_from_wire(number), Err(NoCode { field: "result", number }));
            assert_eq!(general_result_from_wire(number), Err(NoCode { field: "result", number }));
        }
    }

    #[test]
    fn a_message_that_is_kept_comes_back_as_it_was() {
        let id = || "0197156e-3c5b-7d2a-9c11-0242ac120002".to_owned();
        let caller_id = || "PL".to_owned();
        let messages = [
            Message::RequestCertificate(RequestCertificate {
                caller_id: caller_id(),
                message_id: id(),
                certificate_request: vec![0x67, 0],
            }),
            Message::SendCertificates(SendCertificates {
                caller_id: caller_id(),
                message_id: None,
                certificates: vec![vec![1], vec![2]],
                status_info: StatusInfo::NewCertAvailableNotification,
            }),
            Message::GetCaCertificates(GetCaCertificates { caller_id: caller_id(), message_id: id() }),
            Message::GeneralMessage(GeneralMessage {
                caller_id: caller_id(),
                message_id: id(),
                subject: "DV not compliant".to_owned(),
                body: "…".to_owned(),
            }),
        ];
        for message in messages {
            let (operation, bytes) = encode(&message);
            assert_eq!(decode(operation, &bytes).unwrap(), Some(message));
        }
        assert_eq!(decode("other", &[]).unwrap(), None);
        assert!(decode("send_certificates", &[]).is_err(), "a status is needed");
        assert!(decode("general_message", &[0xff]).is_err());
    }
}
