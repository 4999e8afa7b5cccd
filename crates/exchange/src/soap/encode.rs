//! From messages and answers to documents.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ENVELOPE;
use super::xml;
use crate::message::{Answer, Message};
use crate::operation::Operation;
use crate::profile::Profile;

/// A text that XML has no way to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} contains U+{character:04X}, which XML cannot carry")]
pub struct Unspeakable {
    /// Field of the message.
    pub field: &'static str,
    /// The character.
    pub character: u32,
}

/// Writes a request as a partner's profile spells it.
///
/// # Errors
/// [`Unspeakable`] when a text contains a control character.
pub fn request(message: &Message, profile: &Profile) -> Result<String, Unspeakable> {
    let mut body = Body::new(message.operation(), "Request", profile);
    match message {
        Message::RequestCertificate(message) => {
            body.text("callerID", &message.caller_id)?;
            body.text("messageID", &message.message_id)?;
            body.element("certificateRequest", &STANDARD.encode(&message.certificate_request));
        }
        Message::SendCertificates(message) => {
            body.text("callerID", &message.caller_id)?;
            if let Some(id) = &message.message_id {
                body.text("messageID", id)?;
            }
            body.certificates(&message.certificates);
            body.element("statusInfo", profile.spell(message.status_info));
        }
        Message::GetCaCertificates(message) => {
            body.text("callerID", &message.caller_id)?;
            body.text("messageID", &message.message_id)?;
        }
        Message::GeneralMessage(message) => {
            body.text("callerID", &message.caller_id)?;
            body.text("messageID", &message.message_id)?;
            body.text("subject", &message.subject)?;
            body.text("body", &message.body)?;
        }
    }
    Ok(body.end())
}

/// Writes an answer as a partner's profile spells it; a code the partner does not know becomes the one it is told instead.
#[must_use]
pub fn answer(answer: &Answer, profile: &Profile) -> String {
    let mut body = Body::new(answer.operation(), "Response", profile);
    match answer {
        Answer::RequestCertificate(answer) => {
            body.certificates(&answer.certificates);
            body.element("result", profile.spell(answer.result));
        }
        Answer::SendCertificates(code) => body.element("result", profile.spell(*code)),
        Answer::GetCaCertificates(answer) => {
            body.certificates(&answer.certificates);
            body.element("result", profile.spell(answer.result));
        }
        Answer::GeneralMessage(code) => body.element("result", profile.spell(*code)),
    }
    body.end()
}

/// A document being written.
struct Body {
    document: String,
    /// Of the element in the body.
    name: String,
}

impl Body {
    fn new(operation: Operation, suffix: &str, profile: &Profile) -> Self {
        let name = format!("{operation}{suffix}");
        let document = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
            <soap:Envelope xmlns:soap=\"{ENVELOPE}\"><soap:Body><{name} xmlns=\"{}\">",
            profile.namespace(),
        );
        Self { document, name }
    }

    /// An element whose content needs no escaping.
    fn element(&mut self, name: &str, content: &str) {
        // Writing to a String cannot fail.
        let _ = write!(self.document, "<{name}>{content}</{name}>");
    }

    fn text(&mut self, field: &'static str, text: &str) -> Result<(), Unspeakable> {
        if let Some(one) = text.chars().find(|one| !xml::is_character(*one)) {
            return Err(Unspeakable { field, character: u32::from(one) });
        }
        self.element(field, &escaped(text));
        Ok(())
    }

    fn certificates(&mut self, certificates: &[Vec<u8>]) {
        if certificates.is_empty() {
            return;
        }
        self.document.push_str("<certificateSequence>");
        for certificate in certificates {
            self.element("certificate", &STANDARD.encode(certificate));
        }
        self.document.push_str("</certificateSequence>");
    }

    fn end(self) -> String {
        let Self { mut document, name } = self;
        let _ = write!(document, "</{name}></soap:Body></soap:Envelope>");
        document
    }
}

/// Text as content of an element. A carriage return has to be spelt out, or the reader takes it for a line end (XML 1.0 §2.11).
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['<', '>', '&', '\r', '"']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for one in text.chars() {
        match one {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}
