//! Around a message: Envelope, an optional Header, one Body (SOAP 1.1 §4).

use super::ENVELOPE;
use super::error::{Problem, SoapError, shortened};
use super::xml::{Attribute, Element};

/// Namespace of SOAP 1.2 envelopes.
const ENVELOPE_1_2: &str = "http://www.w3.org/2003/05/soap-envelope";
/// Actor that stands for whoever receives the message next (§4.2.2): us.
const NEXT: &str = "http://schemas.xmlsoap.org/soap/actor/next";

/// Opens the envelope: the only element of its body.
pub(super) fn open(root: Element) -> Result<Element, SoapError> {
    if root.name != "Envelope" {
        return Err(root.error(Problem::NoEnvelope(root.label())));
    }
    if root.namespace != ENVELOPE {
        let version = if root.namespace == ENVELOPE_1_2 { "1.2".to_owned() } else { shortened(&root.namespace) };
        return Err(root.error(Problem::Version(version)));
    }
    root.no_text()?;
    let at = root.at;
    let mut children = root.children.into_iter().peekable();
    if let Some(header) = children.next_if(|child| child.is(ENVELOPE, "Header")) {
        check_header(&header)?;
    }
    let body = children.next().filter(|child| child.is(ENVELOPE, "Body"));
    // SOAP 1.1 §4 lets further elements follow the body; nobody sends any, and a second body must not be overlooked.
    let (Some(body), None) = (body, children.next()) else {
        return Err(SoapError::new(at, Problem::Envelope));
    };
    body.no_text()?;
    let (at, count) = (body.at, body.children.len());
    let mut elements = body.children.into_iter();
    match (elements.next(), elements.next()) {
        (Some(element), None) => Ok(element),
        _ => Err(SoapError::new(at, Problem::BodyElements(count))),
    }
}

/// No header is known here, so one that has to be understood by us is refused.
fn check_header(header: &Element) -> Result<(), SoapError> {
    header.no_text()?;
    for entry in &header.children {
        let attribute = |name: &str| {
            let of_soap = |one: &&Attribute| one.namespace == ENVELOPE && one.name == name;
            entry.attributes.iter().find(of_soap).map(|one| one.value.trim())
        };
        let for_us = matches!(attribute("actor"), None | Some("" | NEXT));
        if for_us && matches!(attribute("mustUnderstand"), Some("1" | "true")) {
            return Err(entry.error(Problem::MustUnderstand(entry.label())));
        }
    }
    Ok(())
}
