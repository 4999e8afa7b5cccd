//! SOAP faults (SOAP 1.1 §4.4): only for what never became a message. Everything else is a `result`.

use super::ENVELOPE;
use super::encode::escaped;
use super::error::{Problem, SoapError, shortened};
use super::xml::Element;

/// Classes of faults (SOAP 1.1 §4.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCode {
    /// An envelope of another version.
    VersionMismatch,
    /// A header that had to be understood and was not.
    MustUnderstand,
    /// The message is at fault.
    Client,
    /// The receiver is.
    Server,
}

impl FaultCode {
    const ALL: [Self; 4] = [Self::VersionMismatch, Self::MustUnderstand, Self::Client, Self::Server];

    /// The name in the envelope's namespace.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VersionMismatch => "VersionMismatch",
            Self::MustUnderstand => "MustUnderstand",
            Self::Client => "Client",
            Self::Server => "Server",
        }
    }
}

/// A fault, ours or a partner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Class; a partner's unknown one counts as [`FaultCode::Server`], since that rules nothing out.
    pub code: FaultCode,
    /// Text. A partner's is cut to a readable length.
    pub text: String,
}

impl Fault {
    /// A fault with a text of ours.
    #[must_use]
    pub fn new(code: FaultCode, text: &str) -> Self {
        Self { code, text: text.to_owned() }
    }

    /// The document that tells of it.
    #[must_use]
    pub fn encode(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
            <soap:Envelope xmlns:soap=\"{ENVELOPE}\"><soap:Body><soap:Fault><faultcode>soap:{}</faultcode>\
            <faultstring>{}</faultstring></soap:Fault></soap:Body></soap:Envelope>",
            self.code.as_str(),
            escaped(&self.text),
        )
    }

    /// Reads the only element of a body, if it is a fault. Stacks differ in qualifying its children and in their order.
    pub(super) fn read(element: &Element) -> Result<Option<Self>, SoapError> {
        if !element.is(ENVELOPE, "Fault") {
            return Ok(None);
        }
        let child = |name: &str| element.children.iter().find(|child| child.name == name);
        let Some(code) = child("faultcode") else {
            return Err(element.error(Problem::Missing { parent: element.label(), expected: "faultcode" }));
        };
        // Dotted subclasses (§4.4.1) and prefixes are the sender's; the class is what counts.
        let class = code.text.trim().rsplit(':').next().unwrap_or_default();
        let class = class.split('.').next().unwrap_or_default();
        let code = FaultCode::ALL.into_iter().find(|one| one.as_str() == class).unwrap_or(FaultCode::Server);
        let text = child("faultstring").map_or(String::new(), |text| shortened(text.text.trim()));
        Ok(Some(Self { code, text }))
    }
}
