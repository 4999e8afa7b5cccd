//! The four operations and their answers (CSN 36 9791 §6; Doc 9303-12 §8.3).
//!
//! Fields are as they came: a caller that is no country, or an empty message id, is for the application to answer with failure_syntax. The
//! bindings see to the sizes below.

use crate::code::{
    GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode, StatusInfo,
};
use crate::soap::{is_character, is_white_space};

/// Longest message id taken, characters. The schema has `xs:string` for it, of any length.
pub const MAX_MESSAGE_ID: usize = 255;
/// Longest certificate or request taken, bytes (TR-03110-3 §D.2).
pub const MAX_CERTIFICATE: usize = 65_535;
/// Most certificates in one sequence.
pub const MAX_CERTIFICATES: usize = 256;
/// Longest subject of a general message, characters.
pub const MAX_SUBJECT: usize = 256;
/// Longest body of a general message, characters.
pub const MAX_BODY: usize = 65_535;

/// Asks for a DV certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestCertificate {
    /// Country of the sender.
    pub caller_id: String,
    /// Identifier of this message.
    pub message_id: String,
    /// Authenticated request (TR-03110-3 §C.2), DER.
    pub certificate_request: Vec<u8>,
}

/// Answer to [`RequestCertificate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestCertificateAnswer {
    /// Outcome.
    pub result: RequestCertificateCode,
    /// DV certificate, then CVCA certificates; empty but with `ok_cert_available`.
    pub certificates: Vec<Vec<u8>>,
}

/// Delivers certificates, or the news that there will be none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendCertificates {
    /// Country of the sender.
    pub caller_id: String,
    /// The message this answers; none in a notification.
    pub message_id: Option<String>,
    /// What is delivered.
    pub certificates: Vec<Vec<u8>>,
    /// What it is.
    pub status_info: StatusInfo,
}

/// Asks for all current certificates of the other state's CVCAs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetCaCertificates {
    /// Country of the sender.
    pub caller_id: String,
    /// Identifier of this message.
    pub message_id: String,
}

/// Answer to [`GetCaCertificates`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetCaCertificatesAnswer {
    /// Outcome.
    pub result: GetCaCertificatesCode,
    /// By ascending effective date; empty but with `ok_cert_available`.
    pub certificates: Vec<Vec<u8>>,
}

/// A message for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneralMessage {
    /// Country of the sender.
    pub caller_id: String,
    /// Identifier of this message.
    pub message_id: String,
    /// What it is about.
    pub subject: String,
    /// Text.
    pub body: String,
}

/// Any of the four, as a sender keeps it until it is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// RequestCertificate.
    RequestCertificate(RequestCertificate),
    /// SendCertificates.
    SendCertificates(SendCertificates),
    /// GetCACertificates.
    GetCaCertificates(GetCaCertificates),
    /// GeneralMessage.
    GeneralMessage(GeneralMessage),
}

/// The answer to any of the four.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To RequestCertificate.
    RequestCertificate(RequestCertificateAnswer),
    /// To SendCertificates.
    SendCertificates(SendCertificatesCode),
    /// To GetCACertificates.
    GetCaCertificates(GetCaCertificatesAnswer),
    /// To GeneralMessage.
    GeneralMessage(GeneralMessageCode),
}

impl RequestCertificateAnswer {
    /// An answer without certificates.
    #[must_use]
    pub const fn of(result: RequestCertificateCode) -> Self {
        Self { result, certificates: Vec::new() }
    }
}

impl GetCaCertificatesAnswer {
    /// An answer without certificates.
    #[must_use]
    pub const fn of(result: GetCaCertificatesCode) -> Self {
        Self { result, certificates: Vec::new() }
    }
}

/// Whether a message id can be told apart, kept and said again: 1 to [`MAX_MESSAGE_ID`] characters, each one XML can carry, and not white space alone, which a
/// program that indents documents may have made of nothing. `xs:string` preserves white space (XML Schema part 2 §4.3.6): none is taken off, and
/// ids that differ by it are two.
#[must_use]
pub fn is_message_id(text: &str) -> bool {
    (1..=MAX_MESSAGE_ID).contains(&text.chars().count())
        && text.chars().all(is_character)
        && !text.chars().all(is_white_space)
}

#[cfg(test)]
mod tests {
    use super::is_message_id;

    #[test]
    fn a_message_id_is_any_text_xml_can_carry_up_to_its_limit() {
        for id in [
            "1",
            "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77",
            "two words",
            " edges ",
            "line\r\nend\tof",
            "Žluť <&>\"'",
            "\u{1F6C2}",
            "\u{85}",
        ] {
            assert!(is_message_id(id), "{id:?}");
        }
        for id in ["", " ", "\r\n\t ", "nul\0", "bell\u{7}", "\u{fffe}", "\u{ffff}"] {
            assert!(!is_message_id(id), "{id:?}");
        }
        for one in ["x", "ß", "\u{1F6C2}"] {
            assert!(is_message_id(&one.repeat(255)) && !is_message_id(&one.repeat(256)), "{one}");
        }
    }
}
