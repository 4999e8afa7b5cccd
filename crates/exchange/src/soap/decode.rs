//! From documents to messages and answers.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::envelope;
use super::error::{Problem, SoapError, shortened};
use super::fault::Fault;
use super::xml::{self, Element};
use crate::code::{Code, GeneralMessageCode, SendCertificatesCode};
use crate::message::{
    Answer, GeneralMessage, GetCaCertificates, GetCaCertificatesAnswer, MAX_BODY, MAX_CERTIFICATE, MAX_CERTIFICATES,
    MAX_SUBJECT, Message, RequestCertificate, RequestCertificateAnswer, SendCertificates,
};
use crate::operation::Operation;
use crate::profile::{Catalogue, Profile};

/// Namespace of the attributes any element of a schema-aware stack may carry.
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Namespace of `xml:lang` and `xml:space`.
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// Longest callerID that is passed on to be refused with failure_syntax, characters.
const MAX_CALLER_ID: usize = 64;

/// Longest messageID that is passed on, characters: what is longer than [`MAX_MESSAGE_ID`](crate::message::MAX_MESSAGE_ID) is refused with failure_syntax.
const LONGEST_MESSAGE_ID: usize = 4_096;

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest document, bytes.
    pub document: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { document: 4 * 1024 * 1024 }
    }
}

/// A request that was read.
#[derive(Clone, Debug)]
pub struct Said {
    /// The message.
    pub message: Message,
    /// The edition it is in, where that is another than the registered one: who asks in it reads its answer in it.
    pub other_edition: Option<Arc<Profile>>,
}

/// Reads documents of every partner: namespaces of all profiles are taken from everybody, so that a partner whose registration lags behind its
/// software is still understood.
#[derive(Clone, Debug)]
pub struct Decoder {
    catalogue: Arc<Catalogue>,
    limits: Limits,
}

impl Decoder {
    /// A decoder of all profiles of a node.
    #[must_use]
    pub const fn new(catalogue: Arc<Catalogue>, limits: Limits) -> Self {
        Self { catalogue, limits }
    }

    /// What is read at most.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// Reads a request of a partner that is registered with `profile`. `action` is the HTTP header SOAPAction as it came, if it came: empty is "see the document" (SOAP 1.1 §6.1.1).
    ///
    /// # Errors
    /// [`SoapError`]: no message came of it; [`SoapError::fault`] is the answer.
    pub fn request(&self, document: &[u8], action: Option<&str>, profile: &Profile) -> Result<Said, SoapError> {
        let element = envelope::open(xml::read(document, self.limits.document)?)?;
        let other_edition = if element.namespace == profile.namespace() {
            None
        } else {
            let other = self.catalogue.of_namespace(&element.namespace);
            Some(Arc::clone(other.ok_or_else(|| element.error(Problem::Namespace(element.label())))?))
        };
        let profile = other_edition.as_deref().unwrap_or(profile);
        let message = match element.name.as_str() {
            "RequestCertificateRequest" => Message::RequestCertificate(request_certificate(&element)?),
            "SendCertificatesRequest" => Message::SendCertificates(send_certificates(&element, profile)?),
            "GetCACertificatesRequest" => Message::GetCaCertificates(get_ca_certificates(&element)?),
            "GeneralMessageRequest" => Message::GeneralMessage(general_message(&element)?),
            _ => return Err(element.error(Problem::NotARequest(element.label()))),
        };
        check_action(action, message.operation())?;
        Ok(Said { message, other_edition })
    }

    /// Reads what came in answer to a request: the answer, or a fault.
    ///
    /// # Errors
    /// [`SoapError`]: it is neither.
    pub fn answer(
        &self,
        document: &[u8],
        operation: Operation,
        profile: &Profile,
    ) -> Result<Result<Answer, Fault>, SoapError> {
        let element = envelope::open(xml::read(document, self.limits.document)?)?;
        if let Some(fault) = Fault::read(&element)? {
            return Ok(Err(fault));
        }
        self.check_namespace(&element)?;
        if element.name.strip_suffix("Response") != Some(operation.as_str()) {
            return Err(element.error(Problem::NotTheAnswer { operation, found: element.label() }));
        }
        let mut fields = Fields::of(&element)?;
        let answer = match operation {
            Operation::RequestCertificate => Answer::RequestCertificate(RequestCertificateAnswer {
                certificates: fields.certificates()?,
                result: fields.code("result", profile)?,
            }),
            Operation::SendCertificates => {
                Answer::SendCertificates(fields.code::<SendCertificatesCode>("result", profile)?)
            }
            Operation::GetCaCertificates => Answer::GetCaCertificates(GetCaCertificatesAnswer {
                certificates: fields.certificates()?,
                result: fields.code("result", profile)?,
            }),
            Operation::GeneralMessage => Answer::GeneralMessage(fields.code::<GeneralMessageCode>("result", profile)?),
        };
        fields.end()?;
        Ok(Ok(answer))
    }

    fn check_namespace(&self, element: &Element) -> Result<(), SoapError> {
        if self.catalogue.of_namespace(&element.namespace).is_some() {
            return Ok(());
        }
        Err(element.error(Problem::Namespace(element.label())))
    }
}

/// SOAPAction, quoted or not, names the operation or nothing.
fn check_action(action: Option<&str>, operation: Operation) -> Result<(), SoapError> {
    let Some(action) = action.map(str::trim) else { return Ok(()) };
    let action = action.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(action);
    if action.is_empty() || action == operation.as_str() {
        return Ok(());
    }
    Err(SoapError::new(0, Problem::Action { action: shortened(action), operation }))
}

fn request_certificate(element: &Element) -> Result<RequestCertificate, SoapError> {
    let mut fields = Fields::of(element)?;
    let message = RequestCertificate {
        caller_id: fields.text("callerID", MAX_CALLER_ID)?,
        message_id: fields.text("messageID", LONGEST_MESSAGE_ID)?,
        certificate_request: fields.bytes("certificateRequest")?,
    };
    fields.end()?;
    Ok(message)
}

fn send_certificates(element: &Element, profile: &Profile) -> Result<SendCertificates, SoapError> {
    let mut fields = Fields::of(element)?;
    let message = SendCertificates {
        caller_id: fields.text("callerID", MAX_CALLER_ID)?,
        message_id: fields.optional_text("messageID", LONGEST_MESSAGE_ID)?,
        certificates: fields.certificates()?,
        status_info: fields.code("statusInfo", profile)?,
    };
    fields.end()?;
    Ok(message)
}

fn get_ca_certificates(element: &Element) -> Result<GetCaCertificates, SoapError> {
    let mut fields = Fields::of(element)?;
    let message = GetCaCertificates {
        caller_id: fields.text("callerID", MAX_CALLER_ID)?,
        message_id: fields.text("messageID", LONGEST_MESSAGE_ID)?,
    };
    fields.end()?;
    Ok(message)
}

fn general_message(element: &Element) -> Result<GeneralMessage, SoapError> {
    let mut fields = Fields::of(element)?;
    let message = GeneralMessage {
        caller_id: fields.text("callerID", MAX_CALLER_ID)?,
        message_id: fields.text("messageID", LONGEST_MESSAGE_ID)?,
        subject: fields.text("subject", MAX_SUBJECT)?,
        body: fields.text("body", MAX_BODY)?,
    };
    fields.end()?;
    Ok(message)
}

/// The children of an element, taken in the order of the schema.
struct Fields<'a> {
    parent: &'a Element,
    rest: std::slice::Iter<'a, Element>,
}

impl<'a> Fields<'a> {
    fn of(parent: &'a Element) -> Result<Self, SoapError> {
        parent.no_text()?;
        check_attributes(parent)?;
        Ok(Self { parent, rest: parent.children.iter() })
    }

    /// The next child, if it is the one of this name in the parent's namespace.
    fn next_if(&mut self, name: &str) -> Result<Option<&'a Element>, SoapError> {
        let Some(next) = self.rest.as_slice().first().filter(|next| next.is(&self.parent.namespace, name)) else {
            return Ok(None);
        };
        self.rest.next();
        check_attributes(next)?;
        Ok(Some(next))
    }

    fn next(&mut self, name: &'static str) -> Result<&'a Element, SoapError> {
        let next = self.next_if(name)?;
        next.ok_or_else(|| self.here(Problem::Missing { parent: self.parent.label(), expected: name }))
    }

    /// An error at the next child, or at the parent if there is none.
    fn here(&self, problem: Problem) -> SoapError {
        self.rest.as_slice().first().unwrap_or(self.parent).error(problem)
    }

    fn text(&mut self, name: &'static str, limit: usize) -> Result<String, SoapError> {
        text_of(self.next(name)?, name, limit)
    }

    fn optional_text(&mut self, name: &'static str, limit: usize) -> Result<Option<String>, SoapError> {
        self.next_if(name)?.map(|element| text_of(element, name, limit)).transpose()
    }

    fn bytes(&mut self, name: &'static str) -> Result<Vec<u8>, SoapError> {
        bytes_of(self.next(name)?, name)
    }

    /// certificateSequence, which has at least one certificate if it is there; of an empty one we make none.
    fn certificates(&mut self) -> Result<Vec<Vec<u8>>, SoapError> {
        let Some(sequence) = self.next_if("certificateSequence")? else { return Ok(Vec::new()) };
        if sequence.children.len() > MAX_CERTIFICATES {
            return Err(sequence.error(Problem::TooManyCertificates(MAX_CERTIFICATES)));
        }
        let mut fields = Fields::of(sequence)?;
        let mut certificates = Vec::with_capacity(sequence.children.len());
        while let Some(certificate) = fields.next_if("certificate")? {
            certificates.push(bytes_of(certificate, "certificate")?);
        }
        fields.end()?;
        Ok(certificates)
    }

    fn code<C: Code>(&mut self, name: &'static str, profile: &Profile) -> Result<C, SoapError> {
        let element = self.next(name)?;
        no_children(element)?;
        let word = element.text.trim_matches(xml::is_white_space);
        profile.read(word).ok_or_else(|| element.error(Problem::Code(shortened(word))))
    }

    fn end(mut self) -> Result<(), SoapError> {
        match self.rest.next() {
            None => Ok(()),
            Some(left) => Err(left.error(Problem::Unexpected { parent: self.parent.label(), found: left.label() })),
        }
    }
}

fn text_of(element: &Element, field: &'static str, limit: usize) -> Result<String, SoapError> {
    no_children(element)?;
    if element.text.chars().count() > limit {
        return Err(element.error(Problem::FieldTooLong { field, limit }));
    }
    Ok(element.text.clone())
}

/// base64Binary: RFC 4648 §4 with white space anywhere (XML Schema part 2 §3.2.16).
fn bytes_of(element: &Element, field: &'static str) -> Result<Vec<u8>, SoapError> {
    no_children(element)?;
    let digits: String = element.text.chars().filter(|one| !xml::is_white_space(*one)).collect();
    let bytes = STANDARD.decode(digits).map_err(|_| element.error(Problem::Base64(field)))?;
    if bytes.len() > MAX_CERTIFICATE {
        return Err(element.error(Problem::FieldTooLong { field, limit: MAX_CERTIFICATE }));
    }
    Ok(bytes)
}

fn no_children(element: &Element) -> Result<(), SoapError> {
    match element.children.first() {
        None => Ok(()),
        Some(child) => Err(child.error(Problem::Unexpected { parent: element.label(), found: child.label() })),
    }
}

/// The schema has no attributes; stacks add those of XML Schema (`xsi:type`), of XML, and of other standards in their own namespaces.
fn check_attributes(element: &Element) -> Result<(), SoapError> {
    for attribute in &element.attributes {
        let nil = attribute.namespace == SCHEMA_INSTANCE && attribute.name == "nil";
        if nil && matches!(attribute.value.trim(), "1" | "true") {
            return Err(element.error(Problem::Nil(element.label())));
        }
        if attribute.namespace != SCHEMA_INSTANCE && attribute.namespace != XML {
            return Err(element.error(Problem::Attribute(shortened(&attribute.name))));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
