//! SOAP 1.1 documents of the SPOC protocol (CSN 36 9791; Doc 9303-12 §8): document/literal, elements qualified, no encoding style.
//!
//! - [`Decoder`] reads what a stranger may have written. XML is cut down to what a message needs: UTF-8, no document type, no processing
//!   instruction, the five entities every XML has and no others, and limits on bytes, depth, elements and attributes. Within that it is lenient
//!   where stacks differ (prefixes, white space, comments, headers nobody has to understand) and strict where the schema speaks: elements in their
//!   order, base64 without garbage, no element twice.
//! - [`encode_request`] and [`encode_answer`] write messages as a partner's [`Profile`](crate::Profile) spells them, [`wsdl`] the
//!   description of the interface.
//! - A message that cannot be read is answered by a [`Fault`] that says little; what exactly was wrong and at which byte is in the [`SoapError`], for
//!   the operator.

mod decode;
mod encode;
mod envelope;
mod error;
mod fault;
mod wsdl;
mod xml;

pub use decode::{Decoder, Limits, Said};
pub use encode::{Unspeakable, answer as encode_answer, request as encode_request};
pub use error::{Problem, SoapError};
pub use fault::{Fault, FaultCode};
pub use wsdl::wsdl;
pub use xml::is_character;
pub(crate) use xml::is_white_space;

/// Namespace of SOAP 1.1 envelopes.
pub(crate) const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Media type of SOAP 1.1 over HTTP.
pub const MEDIA_TYPE: &str = "text/xml; charset=utf-8";
