//! A made-up SPOC's reader of SOAP documents: in order, or careless in one way.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use exchange::code::RequestCertificateCode;
use exchange::message::{Answer, Message, RequestCertificate, RequestCertificateAnswer};
use exchange::profile::Profile;
use exchange::soap::{Decoder, Fault, FaultCode, MEDIA_TYPE};
use straznica_conformance::callbacks::decoder;
use straznica_conformance::document::{Document, envelope};

use crate::unread::Unread;

/// What a reader does that it should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Finds the envelope by the prefixes most stacks write.
    KnowsUsualPrefixes,
    /// Finds the message only in the default namespace.
    KnowsNoPrefix,
    /// Takes the byte order mark for text.
    StumblesOverByteOrderMarks,
    /// Takes a soapAction without quotation marks for none it knows.
    WantsQuotedActions,
    /// Knows the notification only as the text spells it.
    KnowsNoSchemaSpelling,
    /// Knows the notification only as the schema of 2009 spells it.
    KnowsNoTextSpelling,
    /// Takes a statusInfo it does not know for the first of the list.
    TakesAnyStatus,
    /// Leaves document types and the entities they declare out.
    DropsEntities,
    /// Unfolds entities, however much they come to.
    UnfoldsEntities,
    /// Puts in what external entities name.
    ReadsFiles,
    /// Throws out only document types that declare something.
    ForgivesEmptyDocumentTypes,
    /// Leaves processing instructions out.
    ForgivesInstructions,
    /// Reads documents of any length.
    TakesAnyLength,
    /// Reads the beginning of a field that is too long.
    CutsOffWhatIsTooLong,
    /// Falls over a document that is too long, and is up again a moment later.
    FallsOverLength,
    /// Leaves elements out that it does not know, however deep.
    SkipsUnknownElements,
    /// Closes what was left open.
    MendsDocuments,
    /// Does not look at the message's namespace.
    ReadsAnyNamespace,
    /// Answers the first of two messages.
    TakesTheFirstOfTwo,
    /// Takes soapAction's word for an element it does not know.
    GuessesOperations,
    /// Does not look at the envelope's namespace.
    TakesAnyVersion,
    /// Does not look at headers.
    SkipsHeaders,
    /// Does not look at soapAction.
    SkipsActions,
    /// Makes a messageID up where there is none.
    InventsMessageIds,
    /// Fails on what is no base64, instead of saying so.
    StumblesOverBase64,
    /// Does not look at the media type.
    TakesAnyMediaType,
    /// Does not look at the method.
    TakesAnyMethod,
}

/// What each flaw is caught by: the cases that fail, and what is seen in them.
pub(crate) const FLAWS: &[(Flaw, &[(&str, &str)])] = &[
    (Flaw::KnowsUsualPrefixes, &[("soap/other-prefixes", "not processed: Client")]),
    (
        Flaw::KnowsNoPrefix,
        &[
            ("soap/plain", "not processed: Client"),
            ("soap/white-space", "not processed: Client"),
            ("soap/unquoted-action", "not processed: Client"),
            ("soap/misspelt-notification", "not processed: Client"),
            ("soap/spelt-notification", "not processed: Client"),
        ],
    ),
    (Flaw::StumblesOverByteOrderMarks, &[("soap/white-space", "not processed: Client")]),
    (Flaw::WantsQuotedActions, &[("soap/unquoted-action", "not processed: Client")]),
    (Flaw::KnowsNoSchemaSpelling, &[("soap/misspelt-notification", "not processed: Client")]),
    (Flaw::KnowsNoTextSpelling, &[("soap/spelt-notification", "not processed: Client")]),
    (Flaw::TakesAnyStatus, &[("soap/unknown-status", "ok_received_correctly")]),
    (
        Flaw::DropsEntities,
        &[
            ("soap/entity-bomb", "ok_cert_available"),
            ("soap/external-entity", "ok_cert_available"),
            ("soap/document-type", "ok_cert_available"),
        ],
    ),
    (
        Flaw::UnfoldsEntities,
        &[
            ("soap/entity-bomb", "no answer: not answered in time"),
            ("soap/document-type", "ok_cert_available"),
            // the entity is nothing to it, the document type neither
            ("soap/external-entity", "ok_cert_available"),
        ],
    ),
    (Flaw::ReadsFiles, &[("soap/external-entity", "ok_cert_available"), ("soap/document-type", "ok_cert_available")]),
    (Flaw::ForgivesEmptyDocumentTypes, &[("soap/document-type", "ok_cert_available")]),
    (Flaw::ForgivesInstructions, &[("soap/processing-instruction", "ok_cert_available")]),
    (Flaw::TakesAnyLength, &[("soap/oversized", "failure_request_syntax")]),
    (Flaw::CutsOffWhatIsTooLong, &[("soap/oversized", "failure_request_syntax")]),
    (
        Flaw::FallsOverLength,
        &[(
            "soap/oversized",
            "GetCACertificates with the proper certificate failed first: no answer: the partner was not reached: …",
        )],
    ),
    (Flaw::SkipsUnknownElements, &[("soap/deep", "ok_cert_available")]),
    (Flaw::MendsDocuments, &[("soap/not-xml", "failure_syntax")]),
    (Flaw::ReadsAnyNamespace, &[("soap/other-namespace", "ok_cert_available")]),
    (Flaw::TakesTheFirstOfTwo, &[("soap/two-messages", "ok_cert_available")]),
    (Flaw::GuessesOperations, &[("soap/unknown-operation", "ok_cert_available")]),
    (Flaw::TakesAnyVersion, &[("soap/version", "ok_cert_available")]),
    (Flaw::SkipsHeaders, &[("soap/must-understand", "ok_cert_available")]),
    (Flaw::SkipsActions, &[("soap/wrong-action", "ok_cert_available")]),
    (Flaw::InventsMessageIds, &[("soap/missing-element", "ok_cert_available")]),
    (Flaw::StumblesOverBase64, &[("soap/bad-base64", "failure_internal_error")]),
    (Flaw::TakesAnyMediaType, &[("soap/media-type", "ok_cert_available")]),
    (Flaw::TakesAnyMethod, &[("soap/get", "ok_cert_available")]),
];

/// Longest document read, and longest that a careless reader unfolds.
const LONGEST: usize = 4 << 20;
const SCHEMA_SPELLING: &str = ">new_cer_available_notification<";
const TEXT_SPELLING: &str = ">new_cert_available_notification<";

/// The reader.
pub(crate) struct Reader {
    decoder: Decoder,
    profile: Arc<Profile>,
    flaw: Option<Flaw>,
}

/// The document is at fault.
fn fault(why: &str) -> Unread {
    Unread::Fault(Fault::new(FaultCode::Client, why))
}

impl Reader {
    pub(crate) fn new(profile: Arc<Profile>, flaw: Option<Flaw>) -> Self {
        Self { decoder: decoder(&profile).unwrap(), profile, flaw }
    }

    /// The message of a document that `country` posted.
    pub(crate) fn read(&self, country: &str, document: &Document) -> Result<Message, Unread> {
        let mut document = document.clone();
        let long = document.text.len() > LONGEST;
        match self.flaw {
            Some(Flaw::FallsOverLength) if long => return Err(Unread::Fell),
            Some(Flaw::CutsOffWhatIsTooLong) if long => {
                document.text = replace_content(&document.text, "spoc:certificateRequest", "QUJD");
            }
            Some(Flaw::TakesAnyLength) if long => return Ok(whole_request(&document.text)),
            _ if long => return Err(Unread::Http(413)),
            Some(flaw) => self.mistake(flaw, country, &mut document)?,
            None => {}
        }
        if document.method != "POST" {
            return Err(Unread::Http(405));
        }
        if document.media_type != MEDIA_TYPE {
            return Err(Unread::Http(415));
        }
        let read = self.decoder.request(document.text.as_bytes(), Some(&document.action), &self.profile);
        read.map(|said| said.message).map_err(|error| Unread::Fault(error.fault()))
    }

    /// What the flaw makes of a document, or of the reader.
    fn mistake(&self, flaw: Flaw, country: &str, document: &mut Document) -> Result<(), Unread> {
        let text = document.text.as_str();
        let replaced = |from: &str, to: &str| Ok(text.replace(from, to));
        let refused = |when: bool, why| if when { Err(fault(why)) } else { Ok(text.to_owned()) };
        let read = match flaw {
            Flaw::KnowsUsualPrefixes => {
                let usual = ["<env:Envelope", "<soap:Envelope", "<soapenv:Envelope"];
                refused(!usual.iter().any(|begin| text.contains(begin)), "no envelope")
            }
            Flaw::KnowsNoPrefix => refused(text.contains("<spoc:"), "no message"),
            Flaw::StumblesOverByteOrderMarks => refused(text.starts_with('\u{feff}'), "text before the root"),
            Flaw::WantsQuotedActions => refused(!document.action.starts_with('"'), "no such action"),
            Flaw::KnowsNoSchemaSpelling => refused(text.contains(SCHEMA_SPELLING), "no such statusInfo"),
            Flaw::KnowsNoTextSpelling => refused(text.contains(TEXT_SPELLING), "no such statusInfo"),
            Flaw::TakesAnyStatus => replaced(">maybe<", TEXT_SPELLING),
            Flaw::DropsEntities => unfolded(text, |_| Some(String::new())),
            Flaw::UnfoldsEntities => {
                unfolded(text, |entity| Some(entity.value.to_owned()).filter(|_| !entity.external))
            }
            Flaw::ReadsFiles => {
                let content =
                    |uri: &str| std::fs::read_to_string(uri.trim_start_matches("file://")).unwrap_or_default();
                match text.matches("<!ENTITY").count() {
                    // what unfolds is not unfolded by this one
                    2.. => Ok(text.to_owned()),
                    _ => unfolded(text, |entity| entity.external.then(|| content(entity.value).trim().to_owned())),
                }
            }
            Flaw::ForgivesEmptyDocumentTypes => replaced("<!DOCTYPE x>", ""),
            Flaw::ForgivesInstructions => Ok(without(text, "<?xml-stylesheet", "?>")),
            Flaw::TakesAnyLength | Flaw::CutsOffWhatIsTooLong | Flaw::FallsOverLength => Ok(text.to_owned()),
            Flaw::SkipsUnknownElements => Ok(text.replace("<a>", "").replace("</a>", "")),
            Flaw::MendsDocuments if text.ends_with("Envelope>") => Ok(text.to_owned()),
            Flaw::MendsDocuments => {
                let fields = format!("<spoc:callerID>{country}</spoc:callerID><spoc:messageID/>");
                Ok(envelope(document.operation, self.profile.namespace(), &fields))
            }
            Flaw::ReadsAnyNamespace => replaced("\"urn:example\"", &format!("\"{}\"", self.profile.namespace())),
            Flaw::TakesTheFirstOfTwo => Ok(first_message(text)),
            Flaw::GuessesOperations => {
                let named = document.action.trim_matches('"');
                replaced("GiveMeEverythingRequest", &format!("{named}Request"))
            }
            Flaw::TakesAnyVersion => {
                replaced("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/")
            }
            Flaw::SkipsHeaders => Ok(without(text, "<env:Header>", "</env:Header>")),
            Flaw::SkipsActions => {
                document.action.clear();
                return Ok(());
            }
            Flaw::InventsMessageIds => match text.contains("messageID") || text.contains("statusInfo") {
                true => Ok(text.to_owned()),
                false => replaced("</spoc:callerID>", "</spoc:callerID><spoc:messageID>invented</spoc:messageID>"),
            },
            Flaw::StumblesOverBase64 if text.contains("&amp;%$!") => {
                let failed = RequestCertificateAnswer::of(RequestCertificateCode::FailureInternalError);
                Err(Unread::Answer(Answer::RequestCertificate(failed)))
            }
            Flaw::StumblesOverBase64 => Ok(text.to_owned()),
            Flaw::TakesAnyMediaType => {
                document.media_type = MEDIA_TYPE;
                return Ok(());
            }
            Flaw::TakesAnyMethod => {
                document.method = "POST";
                return Ok(());
            }
        };
        document.text = read?;
        Ok(())
    }
}

/// The text without what lies between two marks, and without them.
fn without(text: &str, from: &str, to: &str) -> String {
    match text.split_once(from).and_then(|(before, rest)| Some((before, rest.split_once(to)?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => text.to_owned(),
    }
}

/// What a request is to a reader that knows no limits, of documents or of fields.
fn whole_request(text: &str) -> Message {
    let content = |element: &str| {
        let (open, close) = (format!("<spoc:{element}>"), format!("</spoc:{element}>"));
        text.split_once(&open).and_then(|(_, rest)| Some(rest.split_once(&close)?.0)).unwrap_or_default()
    };
    Message::RequestCertificate(RequestCertificate {
        caller_id: content("callerID").to_owned(),
        message_id: content("messageID").to_owned(),
        certificate_request: BASE64_STANDARD.decode(content("certificateRequest")).unwrap(),
    })
}

fn replace_content(text: &str, element: &str, content: &str) -> String {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    match text.split_once(&open).and_then(|(before, rest)| Some((before, rest.split_once(&close)?.1))) {
        Some((before, after)) => format!("{before}{open}{content}{close}{after}"),
        None => text.to_owned(),
    }
}

fn first_message(text: &str) -> String {
    let close = "</spoc:GetCACertificatesRequest>";
    match text.split_once(close) {
        Some((first, _)) => format!("{first}{close}</env:Body></env:Envelope>"),
        None => text.to_owned(),
    }
}

/// An entity as a document type declares it.
struct Entity<'a> {
    name: &'a str,
    value: &'a str,
    external: bool,
}

/// The document without its document type, its entities replaced by what `content` makes of them; nothing is made of those it does not know.
fn unfolded(text: &str, content: impl Fn(&Entity<'_>) -> Option<String>) -> Result<String, Unread> {
    let Some((before, rest)) = text.split_once("<!DOCTYPE x") else { return Ok(text.to_owned()) };
    let (declared, after) = match rest.starts_with('>') {
        true => ("", &rest[1..]),
        false => rest.split_once("]>").unwrap_or(("", rest)),
    };
    let entities = declared.split("<!ENTITY ").skip(1).filter_map(|one| {
        let (name, rest) = one.split_once(' ')?;
        Some(Entity { name, value: rest.split('"').nth(1)?, external: rest.starts_with("SYSTEM") })
    });
    let known: Vec<_> = entities.map(|one| (format!("&{};", one.name), content(&one).unwrap_or_default())).collect();
    let mut read = format!("{before}{after}");
    while let Some((reference, value)) = known.iter().find(|(reference, _)| read.contains(reference)) {
        read = read.replace(reference, value);
        if read.len() > LONGEST {
            return Err(Unread::Busy);
        }
    }
    Ok(read)
}
