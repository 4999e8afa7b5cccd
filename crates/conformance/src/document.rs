//! Documents of the SOAP binding written by hand, so that they can be wrong.

use exchange::{Operation, soap};

/// What goes over the line as it stands.
#[derive(Clone, Debug)]
pub struct Document {
    /// The operation whose answer is expected.
    pub operation: Operation,
    /// HTTP method.
    pub method: &'static str,
    /// Content-Type.
    pub media_type: &'static str,
    /// SOAPAction, with its quotation marks.
    pub action: String,
    /// Content.
    pub text: String,
}

impl Document {
    /// A document as it should be sent.
    #[must_use]
    pub fn of(operation: Operation, text: String) -> Self {
        let action = format!("\"{}\"", operation.as_str());
        Self { operation, method: "POST", media_type: soap::MEDIA_TYPE, action, text }
    }
}

/// A request with these fields. The envelope's prefix is `env`, the message's `spoc`.
#[must_use]
pub fn envelope(operation: Operation, namespace: &str, fields: &str) -> String {
    let element = format!("spoc:{}Request", operation.as_str());
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <env:Envelope xmlns:env=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:spoc=\"{namespace}\">\
         <env:Body><{element}>{fields}</{element}></env:Body></env:Envelope>"
    )
}
