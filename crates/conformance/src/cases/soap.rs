//! Documents of the SOAP binding: those that have to be read in whatever form they come, and those that have to be thrown out before anybody acts on
//! them. After each of the latter the target has to serve on.

use exchange::Operation;
use exchange::code::CodeSet;

use crate::bench::Bench;
use crate::case::{Case, Group, Obstacle, Run};
use crate::document::{Document, envelope};
use crate::seen::{Expected, Seen};

const fn thrown_out(
    id: &'static str,
    title: &'static str,
    steps: &'static str,
    source: &'static str,
    run: Run,
) -> Case {
    Group::Soap.case(id, title, steps, Expected::Unprocessed, source, run)
}

const ANSWERED: Expected = Expected::Codes(CodeSet::GetCaCertificates, &["ok_cert_available", "ok_reception_ack"]);
const XML: &str = "W3C XML 1.0; limits of the receiver";
const SOAP: &str = "SOAP 1.1";

pub(super) const CASES: &[Case] = &[
    Group::Soap.case(
        "soap/plain",
        "A document as stacks write it is answered",
        "GetCACertificates with prefixes for envelope and message",
        ANSWERED,
        "CSN 36 9791, WSDL",
        |bench| Box::pin(post(bench, |text| text)),
    ),
    Group::Soap.case(
        "soap/other-prefixes",
        "Prefixes mean nothing, namespaces everything",
        "GetCACertificates with a default namespace for the message and an unusual prefix for the envelope",
        ANSWERED,
        "W3C Namespaces in XML",
        |bench| Box::pin(other_prefixes(bench)),
    ),
    Group::Soap.case(
        "soap/white-space",
        "White space, comments and a byte order mark between elements do not hurt",
        "GetCACertificates indented, with comments, after a byte order mark",
        ANSWERED,
        XML,
        |bench| Box::pin(white_space(bench)),
    ),
    Group::Soap.case(
        "soap/unquoted-action",
        "A soapAction without quotation marks is understood",
        "GetCACertificates with the header SOAPAction unquoted",
        ANSWERED,
        "SOAP 1.1 §6.1.1; facts of other implementations",
        |bench| Box::pin(with_action(bench, "GetCACertificates")),
    ),
    Group::Soap.case(
        "soap/misspelt-notification",
        "The notification is understood as the schema of 2009 spells it",
        "SendCertificates with statusInfo new_cer_available_notification",
        Expected::Codes(CodeSet::SendCertificates, &["ok_received_correctly"]),
        "CSN 36 9791:2009, WSDL",
        |bench| Box::pin(notification(bench, "new_cer_available_notification")),
    ),
    Group::Soap.case(
        "soap/spelt-notification",
        "The notification is understood as the text spells it",
        "SendCertificates with statusInfo new_cert_available_notification",
        Expected::Codes(CodeSet::SendCertificates, &["ok_received_correctly"]),
        "CSN 36 9791:2009; Doc 9303-12 §8",
        |bench| Box::pin(notification(bench, "new_cert_available_notification")),
    ),
    Group::Soap.case(
        "soap/unknown-status",
        "A statusInfo nobody defined is malformed",
        "SendCertificates with statusInfo “maybe”",
        Expected::NotTaken(CodeSet::SendCertificates, &["failure_syntax"]),
        "CSN 36 9791, WSDL",
        |bench| Box::pin(notification(bench, "maybe")),
    ),
    thrown_out(
        "soap/entity-bomb",
        "A document laden with entities is thrown out",
        "GetCACertificates whose messageID is an entity that unfolds to a thousand million characters",
        XML,
        |bench| Box::pin(post(bench, entity_bomb)),
    ),
    thrown_out(
        "soap/external-entity",
        "A document that reads files of the receiver is thrown out",
        "GetCACertificates whose messageID is an external entity, file:///etc/hostname",
        XML,
        |bench| {
            Box::pin(post(bench, |text| {
                let kind = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>";
                with_entity(&text, kind)
            }))
        },
    ),
    thrown_out(
        "soap/document-type",
        "A document with a document type is thrown out, empty as it may be",
        "GetCACertificates after <!DOCTYPE x>",
        SOAP,
        |bench| Box::pin(post(bench, |text| after_declaration(&text, "<!DOCTYPE x>"))),
    ),
    thrown_out(
        "soap/processing-instruction",
        "A document with processing instructions is thrown out",
        "GetCACertificates after <?xml-stylesheet?>",
        SOAP,
        |bench| Box::pin(post(bench, |text| after_declaration(&text, "<?xml-stylesheet href=\"x.xsl\"?>"))),
    ),
    thrown_out(
        "soap/oversized",
        "A document of thirty-two megabytes is thrown out",
        "RequestCertificate with a certificateRequest of twenty-four megabytes",
        XML,
        |bench| Box::pin(oversized(bench)),
    ),
    thrown_out(
        "soap/deep",
        "A document of a thousand levels is thrown out",
        "GetCACertificates with a thousand nested elements",
        XML,
        |bench| {
            Box::pin(post(bench, |text| {
                text.replace(
                    "</spoc:messageID>",
                    &format!("{}{}</spoc:messageID>", "<a>".repeat(1000), "</a>".repeat(1000)),
                )
            }))
        },
    ),
    thrown_out("soap/not-xml", "What is no document is thrown out", "Half a document", XML, |bench| {
        Box::pin(post(bench, |text| text[..text.len() / 2].to_owned()))
    }),
    thrown_out(
        "soap/other-namespace",
        "A message of another namespace is thrown out",
        "GetCACertificates in the namespace urn:example",
        "CSN 36 9791, WSDL",
        |bench| {
            let namespace = bench.line.profile.namespace().to_owned();
            Box::pin(post(bench, move |text| text.replace(&namespace, "urn:example")))
        },
    ),
    thrown_out("soap/two-messages", "A body has one message", "A body with GetCACertificates twice", SOAP, |bench| {
        Box::pin(two_messages(bench))
    }),
    thrown_out(
        "soap/unknown-operation",
        "An operation nobody defined is thrown out",
        "A body with GiveMeEverythingRequest",
        "CSN 36 9791, WSDL",
        |bench| Box::pin(post(bench, |text| text.replace("GetCACertificatesRequest", "GiveMeEverythingRequest"))),
    ),
    thrown_out(
        "soap/version",
        "SOAP 1.2 is another protocol",
        "GetCACertificates in an envelope of SOAP 1.2",
        "SOAP 1.1 §4.1.2",
        |bench| {
            Box::pin(post(bench, |text| {
                text.replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
            }))
        },
    ),
    thrown_out(
        "soap/must-understand",
        "A header that has to be understood and is not stops the message",
        "GetCACertificates with an unknown header, mustUnderstand=1",
        "SOAP 1.1 §4.2.3",
        |bench| {
            Box::pin(post(bench, |text| {
                let header =
                    "<env:Header><x:y xmlns:x=\"urn:example\" env:mustUnderstand=\"1\"/></env:Header><env:Body>";
                text.replace("<env:Body>", header)
            }))
        },
    ),
    thrown_out(
        "soap/wrong-action",
        "soapAction and message speak of the same operation",
        "GetCACertificates under the soapAction RequestCertificate",
        "CSN 36 9791, WSDL: soapAction = operation name",
        |bench| Box::pin(with_action(bench, "\"RequestCertificate\"")),
    ),
    Group::Soap.case(
        "soap/missing-element",
        "A message without one of its elements is malformed",
        "GetCACertificates without messageID",
        Expected::NotTaken(CodeSet::GetCaCertificates, &["failure_syntax"]),
        "CSN 36 9791, WSDL",
        |bench| Box::pin(post(bench, without_message_id)),
    ),
    Group::Soap.case(
        "soap/bad-base64",
        "What is no base64 is no certificate request",
        "RequestCertificate whose certificateRequest is “&amp;%$!”",
        Expected::NotTaken(CodeSet::RequestCertificate, &["failure_syntax", "failure_request_syntax"]),
        "CSN 36 9791, WSDL: base64Binary",
        |bench| Box::pin(bad_base64(bench)),
    ),
    thrown_out(
        "soap/media-type",
        "SOAP is text/xml",
        "GetCACertificates as application/json",
        "SOAP 1.1 §6",
        |bench| Box::pin(media_type(bench)),
    ),
    thrown_out(
        "soap/get",
        "A message is posted",
        "GET of the address, with the message as content",
        "SOAP 1.1 §6",
        |bench| Box::pin(get(bench)),
    ),
];

/// Posts a question for CA certificates after `change`, and makes sure that the target serves on.
async fn post(bench: &Bench<'_>, change: impl FnOnce(String) -> String + Send) -> Result<Seen, Obstacle> {
    let text = change(question(bench));
    send(bench, Document::of(Operation::GetCaCertificates, text)).await
}

async fn send(bench: &Bench<'_>, document: Document) -> Result<Seen, Obstacle> {
    let seen = bench.line.carrier.post(bench.proper, &document).await;
    bench.still_served().await?;
    Ok(seen)
}

fn question(bench: &Bench<'_>) -> String {
    let id = bench.message_id();
    let fields = format!("<spoc:callerID>{}</spoc:callerID><spoc:messageID>{id}</spoc:messageID>", bench.caller_id());
    envelope(Operation::GetCaCertificates, bench.line.profile.namespace(), &fields)
}

async fn other_prefixes(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    post(bench, |text| {
        text.replace("env:", "S11:")
            .replace("xmlns:env", "xmlns:S11")
            .replace("spoc:", "")
            .replace("xmlns:spoc", "xmlns")
    })
    .await
}

async fn white_space(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    post(bench, |text| format!("\u{feff}{}", text.replace("><", ">\r\n\t<!-- between -->\n<"))).await
}

async fn with_action(bench: &Bench<'_>, action: &str) -> Result<Seen, Obstacle> {
    let document = Document::of(Operation::GetCaCertificates, question(bench));
    send(bench, Document { action: action.to_owned(), ..document }).await
}

async fn notification(bench: &Bench<'_>, status: &str) -> Result<Seen, Obstacle> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let certificates: String = bench
        .tester()
        .cvca
        .certificates()
        .iter()
        .map(|der| format!("<spoc:certificate>{}</spoc:certificate>", BASE64_STANDARD.encode(der)))
        .collect();
    let fields = format!(
        "<spoc:callerID>{}</spoc:callerID><spoc:certificateSequence>{certificates}</spoc:certificateSequence>\
         <spoc:statusInfo>{status}</spoc:statusInfo>",
        bench.caller_id()
    );
    let text = envelope(Operation::SendCertificates, bench.line.profile.namespace(), &fields);
    send(bench, Document::of(Operation::SendCertificates, text)).await
}

/// Ten levels of entities, each ten times the one before.
fn entity_bomb(text: String) -> String {
    let mut kind = "<!DOCTYPE x [<!ENTITY a0 \"x\">".to_owned();
    for level in 1..10 {
        kind += &format!("<!ENTITY a{level} \"{}\">", format!("&a{};", level - 1).repeat(10));
    }
    with_entity(&text, &format!("{kind}<!ENTITY e \"&a9;\">]>"))
}

/// The document with a document type, and the entity `e` in its messageID.
fn with_entity(text: &str, kind: &str) -> String {
    after_declaration(&text.replace("</spoc:messageID>", "&e;</spoc:messageID>"), kind)
}

fn after_declaration(text: &str, what: &str) -> String {
    text.replacen("?>", &format!("?>{what}"), 1)
}

fn without_message_id(text: String) -> String {
    match (text.find("<spoc:messageID>"), text.find("</spoc:messageID>")) {
        (Some(from), Some(to)) => format!("{}{}", &text[..from], &text[to + "</spoc:messageID>".len()..]),
        _ => text,
    }
}

fn request_text(bench: &Bench<'_>, base64: &str) -> String {
    let (caller, id) = (bench.caller_id(), bench.message_id());
    let fields = format!(
        "<spoc:callerID>{caller}</spoc:callerID><spoc:messageID>{id}</spoc:messageID>\
         <spoc:certificateRequest>{base64}</spoc:certificateRequest>"
    );
    envelope(Operation::RequestCertificate, bench.line.profile.namespace(), &fields)
}

async fn oversized(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let text = request_text(bench, &"QUJD".repeat(8 << 20));
    send(bench, Document::of(Operation::RequestCertificate, text)).await
}

async fn two_messages(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    post(bench, |text| match (text.find("<env:Body>"), text.find("</env:Body>")) {
        (Some(from), Some(to)) => {
            let message = text[from + "<env:Body>".len()..to].to_owned();
            format!("{}{message}{}", &text[..to], &text[to..])
        }
        _ => text,
    })
    .await
}

async fn bad_base64(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let text = request_text(bench, "&amp;%$!");
    send(bench, Document::of(Operation::RequestCertificate, text)).await
}

async fn media_type(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let document = Document::of(Operation::GetCaCertificates, question(bench));
    send(bench, Document { media_type: "application/json", ..document }).await
}

async fn get(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let document = Document::of(Operation::GetCaCertificates, question(bench));
    send(bench, Document { method: "GET", ..document }).await
}
