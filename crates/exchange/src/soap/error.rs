//! What is wrong with a document.

use super::fault::{Fault, FaultCode};
use crate::operation::Operation;

/// A document that is no message, with the place where that showed. For the operator: the peer gets [`Self::fault`].
#[derive(Debug, thiserror::Error)]
#[error("{problem} (at byte {at})")]
pub struct SoapError {
    /// Byte of the document.
    pub at: u64,
    /// What.
    pub problem: Problem,
}

/// Kinds of [`SoapError`]. Names come from the document, cut to a readable length.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Longer than the limit.
    #[error("the document is longer than {0} bytes")]
    TooLong(usize),
    /// UTF-16, another encoding, or no text at all.
    #[error("the document is not UTF-8")]
    NotUtf8,
    /// A character XML 1.0 has no place for.
    #[error("the document contains U+{0:04X}, which XML does not allow")]
    Character(u32),
    /// The parser's verdict.
    #[error("the document is not well-formed: {0}")]
    NotWellFormed(String),
    /// An XML declaration in the wrong place, or of something else than version 1.0 and UTF-8.
    #[error("the XML declaration is not that of XML 1.0 in UTF-8")]
    Declaration,
    /// A document type declaration: never needed, and the way to entity bombs and files.
    #[error("the document has a document type declaration")]
    DocumentType,
    /// A processing instruction; SOAP 1.1 §3 forbids them.
    #[error("the document has a processing instruction")]
    ProcessingInstruction,
    /// An entity beyond the five.
    #[error("the document refers to the entity {0}")]
    Entity(String),
    /// Elements within elements without end.
    #[error("elements are nested deeper than {0}")]
    TooDeep(usize),
    /// More elements than any message has.
    #[error("the document has more than {0} elements")]
    TooManyElements(usize),
    /// More attributes than any element needs.
    #[error("an element has more than {0} attributes")]
    TooManyAttributes(usize),
    /// Something after the root, or a second root.
    #[error("there is something after the end of the envelope")]
    Trailing,
    /// Text between elements.
    #[error("there is text between the elements of {0}")]
    MixedContent(String),
    /// Not an envelope.
    #[error("the root element is {0}, not an envelope")]
    NoEnvelope(String),
    /// An envelope of another SOAP.
    #[error("the envelope is that of another version of SOAP: {0}")]
    Version(String),
    /// A header that its sender insists on.
    #[error("the header {0} has to be understood, and is not")]
    MustUnderstand(String),
    /// No body, or a second one.
    #[error("the envelope is not an optional header and one body")]
    Envelope,
    /// Not exactly one element in the body.
    #[error("the body has {0} elements, not one")]
    BodyElements(usize),
    /// An element of a namespace no profile has.
    #[error("{0} is of no known namespace")]
    Namespace(String),
    /// Not one of the four requests.
    #[error("{0} is no request of the protocol")]
    NotARequest(String),
    /// Not the answer to what was asked.
    #[error("{found} is not the answer to {operation}")]
    NotTheAnswer {
        /// What was asked.
        operation: Operation,
        /// What came.
        found: String,
    },
    /// A child that is missing, or stands elsewhere than the schema says.
    #[error("{parent} has no {expected} where the schema has one")]
    Missing {
        /// The element.
        parent: String,
        /// Its child.
        expected: &'static str,
    },
    /// A child that the schema does not have there.
    #[error("{found} does not belong in {parent} there")]
    Unexpected {
        /// The element.
        parent: String,
        /// The child.
        found: String,
    },
    /// An attribute that the schema does not have.
    #[error("the attribute {0} does not belong there")]
    Attribute(String),
    /// xsi:nil where nothing may be nil.
    #[error("{0} may not be nil")]
    Nil(String),
    /// Not base64, RFC 4648 §4.
    #[error("{0} is not base64")]
    Base64(&'static str),
    /// A field longer than its limit, see [`crate::message`].
    #[error("{field} is longer than {limit}")]
    FieldTooLong {
        /// Which.
        field: &'static str,
        /// Characters or bytes.
        limit: usize,
    },
    /// More certificates than one message may have.
    #[error("there are more than {0} certificates")]
    TooManyCertificates(usize),
    /// A code nobody knows.
    #[error("{0} is none of the protocol's codes")]
    Code(String),
    /// The HTTP header names another operation than the document.
    #[error("SOAPAction says {action}, the document {operation}")]
    Action {
        /// The header.
        action: String,
        /// The document.
        operation: Operation,
    },
}

impl SoapError {
    pub(crate) const fn new(at: u64, problem: Problem) -> Self {
        Self { at, problem }
    }

    /// What the sender is told (SOAP 1.1 §4.4.1): the class of the error and nothing of what was found.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self.problem {
            Problem::Version(_) => Fault::new(FaultCode::VersionMismatch, "SOAP 1.1 is spoken here"),
            Problem::MustUnderstand(_) => Fault::new(FaultCode::MustUnderstand, "a header was not understood"),
            _ => Fault::new(FaultCode::Client, "the message could not be read"),
        }
    }
}

/// A name of the document, cut to a length a log can bear.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    let printable = text.chars().map(|one| if one.is_control() { '\u{FFFD}' } else { one });
    if text.chars().count() <= LONGEST {
        return printable.collect();
    }
    printable.take(LONGEST).chain(['…']).collect()
}
