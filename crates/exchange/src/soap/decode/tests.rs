use std::sync::Arc;

use proptest::prelude::*;

use super::{Decoder, Limits};
use crate::code::{
    GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode, StatusInfo,
};
use crate::message::{
    Answer, GeneralMessage, GetCaCertificates, GetCaCertificatesAnswer, Message, RequestCertificate,
    RequestCertificateAnswer, SendCertificates,
};
use crate::operation::Operation;
use crate::profile::{Catalogue, Profile};
use crate::soap::{Fault, FaultCode, Problem, SoapError, encode_answer, encode_request};

const CSN: &str = "http://namespaces.unmz.cz/csn369791";

fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::built_in().unwrap())
}

fn profile(name: &str) -> Arc<Profile> {
    catalogue().get(name).unwrap().clone()
}

fn decoder() -> Decoder {
    Decoder::new(catalogue(), Limits::default())
}

fn read(document: impl AsRef<[u8]>) -> Result<Message, SoapError> {
    decoder().request(document.as_ref(), None, &profile("2009")).map(|said| said.message)
}

fn problem(document: impl AsRef<[u8]>) -> Problem {
    read(document).unwrap_err().problem
}

/// An envelope of 2009 around a body.
fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
        xmlns:p=\"{CSN}\"><s:Body>{body}</s:Body></s:Envelope>"
    )
}

const GET: &str = "<p:GetCACertificatesRequest><p:callerID>CZ</p:callerID><p:messageID>m-1</p:messageID>\
    </p:GetCACertificatesRequest>";

fn get() -> Message {
    Message::GetCaCertificates(GetCaCertificates { caller_id: "CZ".to_owned(), message_id: "m-1".to_owned() })
}

#[test]
fn what_stacks_do_differently_is_all_the_same_message() {
    let plain = envelope(GET);
    let default_namespace = format!(
        "<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'>\n<Header/>\n <Body>\r\n\
        <GetCACertificatesRequest xmlns='{CSN}'><!-- to Brno -->\n<callerID>C<![CDATA[Z]]></callerID>\n\
        <messageID>m&#45;<!-- -->1</messageID></GetCACertificatesRequest></Body></Envelope>\n<!-- end -->"
    );
    let header = plain.replace(
        "<s:Body>",
        "<s:Header><w:Security xmlns:w=\"urn:w\" s:mustUnderstand=\"0\"/>\
        <w:For xmlns:w=\"urn:w\" s:mustUnderstand=\"1\" s:actor=\"urn:someone-else\"/></s:Header><s:Body>",
    );
    let typed = plain.replace(
        "<p:callerID>",
        "<p:callerID xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"xs:string\" xml:lang=\"cs\">",
    );
    let icao = plain.replace(CSN, "http://namespaces.icao.int/lds2");
    let marked = format!("\u{FEFF}{plain}");
    let encoded = plain.replace("<s:Body>", "<s:Body s:encodingStyle=\"\">");
    for document in [plain, default_namespace, header, typed, icao, marked, encoded] {
        assert_eq!(read(&document).unwrap(), get(), "{document}");
    }
}

#[test]
fn a_message_in_another_edition_than_the_registered_one_says_so_and_is_read_by_that() {
    let document = |registered: &str, namespace: &str, status: &str| {
        let text = format!(
            "<p:SendCertificatesRequest><p:callerID>CZ</p:callerID><p:messageID>m-1</p:messageID><p:statusInfo>{status}</p:statusInfo></p:SendCertificatesRequest>"
        );
        let document = envelope(&text).replace(CSN, namespace);
        let said = decoder().request(document.as_bytes(), None, &profile(registered));
        said.map(|said| said.other_edition.map(|other| other.name().to_owned()))
    };
    let icao = "http://namespaces.icao.int/lds2";
    assert_eq!(document("2009", CSN, "failure_syntax").unwrap(), None);
    assert_eq!(document("icao", icao, "failure_syntax").unwrap(), None);
    assert_eq!(document("2009", icao, "failure_syntax").unwrap().as_deref(), Some("icao"));
    assert_eq!(document("icao", CSN, "failure_syntax").unwrap().as_deref(), Some("2009"));
    // Of two editions of one namespace the registered one counts.
    assert_eq!(document("2018", CSN, "failure_syntax").unwrap(), None);
}

#[test]
fn each_malformed_document_is_refused_for_its_own_reason() {
    let bomb = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>{}",
        envelope(&GET.replace("m-1", "&b;")).replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", ""),
    );
    let external = bomb.replace("<!ENTITY a \"aaaaaaaaaa\">", "<!ENTITY a SYSTEM \"file:///etc/passwd\">");
    assert_eq!(problem(bomb), Problem::DocumentType);
    assert_eq!(problem(external), Problem::DocumentType);
    assert_eq!(problem(envelope(&GET.replace("m-1", "&b;"))), Problem::Entity("b".to_owned()));
    assert_eq!(
        problem(envelope(&GET.replace("<p:callerID>", "<p:callerID x=\"&b;\">"))),
        Problem::Entity("b".to_owned())
    );
    assert_eq!(problem(envelope(&format!("<?go now?>{GET}"))), Problem::ProcessingInstruction);
    assert_eq!(problem(envelope(&GET.replace(CSN, "")).replace(CSN, "urn:x")), {
        Problem::Namespace("GetCACertificatesRequest {urn:x}".to_owned())
    });
    assert_eq!(problem(envelope(&GET.replace("p:", ""))), {
        Problem::Namespace("GetCACertificatesRequest {}".to_owned())
    });
    assert_eq!(problem(envelope(&format!("{GET}{GET}"))), Problem::BodyElements(2));
    assert_eq!(problem(envelope("")), Problem::BodyElements(0));
    assert_eq!(problem(format!("{}<more/>", envelope(GET))), Problem::Trailing);
    assert_eq!(problem(format!("{} more", envelope(GET))), Problem::Trailing);
    assert_eq!(problem(envelope(GET).replace("</s:Envelope>", "<s:Body/></s:Envelope>")), Problem::Envelope);
    assert_eq!(problem(envelope(GET).replace("s:Body", "s:Buddy")), Problem::Envelope);
    assert_eq!(problem(GET), Problem::NotWellFormed("the prefix p is not declared".to_owned()));
    let soap_1_2 =
        envelope(GET).replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope");
    assert_eq!(problem(soap_1_2), Problem::Version("1.2".to_owned()));
    let insisting = "<s:Header><w:Security xmlns:w=\"urn:w\" s:mustUnderstand=\"1\"/></s:Header><s:Body>";
    assert_eq!(problem(envelope(GET).replace("<s:Body>", insisting)), {
        Problem::MustUnderstand("Security {urn:w}".to_owned())
    });
    assert_eq!(problem(envelope(&GET.replace("<p:messageID>", "text<p:messageID>"))), {
        Problem::MixedContent(format!("GetCACertificatesRequest {{{CSN}}}"))
    });
    assert_eq!(problem(envelope(GET).replace("UTF-8", "ISO-8859-2")), Problem::Declaration);
    assert_eq!(problem(envelope(GET).replace("version=\"1.0\"", "version=\"1.1\"")), Problem::Declaration);
    assert_eq!(problem(format!(" {}", envelope(GET))), Problem::Declaration);
    assert_eq!(problem(envelope(&GET.replace("m-1", "m\u{1}"))), Problem::Character(1));
    assert_eq!(problem(envelope(&GET.replace("m-1", "m&#1;"))), Problem::Character(1));
    assert!(matches!(problem(envelope(&GET.replace("</p:messageID>", ""))), Problem::NotWellFormed(_)));
    assert!(matches!(problem(envelope(&GET.replace("m-1", "m & n"))), Problem::NotWellFormed(_)));
    assert!(matches!(problem(&envelope(GET)[..200]), Problem::NotWellFormed(_)));
    assert!(matches!(problem(""), Problem::NotWellFormed(_)));
    assert!(matches!(problem(GET.replace("p:", "")), Problem::NoEnvelope(_)));
}

#[test]
fn other_encodings_than_utf_8_are_refused() {
    let utf_16 = |bom: bool| -> Vec<u8> {
        let text: Vec<u16> = envelope(GET).encode_utf16().collect();
        let mark: &[u16] = if bom { &[0xFEFF] } else { &[] };
        mark.iter().chain(&text).flat_map(|unit| unit.to_le_bytes()).collect()
    };
    assert_eq!(problem(utf_16(true)), Problem::NotUtf8);
    assert_eq!(problem(utf_16(false)), Problem::NotUtf8);
    assert_eq!(problem(b"<a>\xFF</a>"), Problem::NotUtf8);
}

#[test]
fn the_schema_is_held_to() {
    let request = "<p:RequestCertificateRequest><p:callerID>CZ</p:callerID><p:messageID>m</p:messageID>\
        <p:certificateRequest>Z4I=</p:certificateRequest></p:RequestCertificateRequest>";
    assert!(read(envelope(request)).is_ok());
    let label = format!("RequestCertificateRequest {{{CSN}}}");
    let missing = |expected| Problem::Missing { parent: label.clone(), expected };
    for (from, to, expected) in [
        ("<p:callerID>CZ</p:callerID>", "", missing("callerID")),
        ("<p:certificateRequest>Z4I=</p:certificateRequest>", "", missing("certificateRequest")),
        (
            "<p:callerID>CZ</p:callerID><p:messageID>m</p:messageID>",
            "<p:messageID>m</p:messageID><p:callerID>CZ</p:callerID>",
            missing("callerID"),
        ),
        ("p:callerID", "callerID", missing("callerID")),
        (
            "</p:RequestCertificateRequest>",
            "<p:extra/></p:RequestCertificateRequest>",
            Problem::Unexpected { parent: label.clone(), found: format!("extra {{{CSN}}}") },
        ),
        ("Z4I=", "Z4I", Problem::Base64("certificateRequest")),
        ("Z4I=", "Z4J=", Problem::Base64("certificateRequest")),
        ("Z4I=", "Z4-_", Problem::Base64("certificateRequest")),
        ("<p:messageID>m<", "<p:messageID lang=\"cs\">m<", Problem::Attribute("lang".to_owned())),
        (
            "<p:messageID>m<",
            "<p:messageID xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\">m<",
            Problem::Nil(format!("messageID {{{CSN}}}")),
        ),
        ("RequestCertificateRequest", "RequestCertificateResponse", {
            Problem::NotARequest(format!("RequestCertificateResponse {{{CSN}}}"))
        }),
    ] {
        assert_eq!(problem(envelope(&request.replace(from, to))), expected, "{to}");
    }
    let spread = read(envelope(&request.replace("Z4I=", "\n Z4\tI\r\n= "))).unwrap();
    let Message::RequestCertificate(spread) = spread else { panic!("{spread:?}") };
    assert_eq!(spread.certificate_request, [0x67, 0x82]);
}

#[test]
fn a_message_id_is_read_as_it_was_written() {
    // White space of xs:string is preserved; a line end is one line feed, unless it is spelt out (XML 1.0 §2.11).
    for (written, read_as) in [
        (" two  words ", " two  words "),
        ("a\r\nb\rc\td", "a\nb\nc\td"),
        ("a&#13;b&#32;", "a\rb "),
        ("&lt;&amp;&gt;<![CDATA[ <x/> ]]>", "<&> <x/> "),
        ("Žluť\u{1F6C2}\u{85}\u{2028}", "Žluť\u{1F6C2}\u{85}\u{2028}"),
        ("", ""),
    ] {
        let message = read(envelope(&GET.replace("m-1", written))).unwrap();
        let Message::GetCaCertificates(message) = message else { panic!("{message:?}") };
        assert_eq!(message.message_id, read_as, "{written:?}");
    }
    assert_eq!(problem(envelope(&GET.replace("m-1", "a\u{7}"))), Problem::Character(7));
}

#[test]
fn what_is_too_large_is_refused() {
    let small = Decoder::new(catalogue(), Limits { document: 100 });
    let error = small.request(envelope(GET).as_bytes(), None, &profile("2009")).unwrap_err();
    assert_eq!(error.problem, Problem::TooLong(100));
    let long = |length| envelope(&GET.replace("m-1", &"m".repeat(length)));
    assert!(read(long(4_096)).is_ok(), "longer than any that is taken: to be answered failure_syntax");
    assert_eq!(problem(long(4_097)), Problem::FieldTooLong { field: "messageID", limit: 4_096 });
    let deep = format!("{}{}", "<a>".repeat(20_000), "</a>".repeat(20_000));
    assert_eq!(problem(envelope(&deep)), Problem::TooDeep(16));
    assert_eq!(problem(envelope(&"<a/>".repeat(2_000))), Problem::TooManyElements(1024));
    let attributes: String = (0..40).map(|number| format!(" a{number}=\"\"")).collect();
    assert_eq!(problem(envelope(&format!("<a{attributes}/>"))), Problem::TooManyAttributes(32));
    let namespaces: String = (0..400).map(|number| format!(" xmlns:a{number}=\"urn:a\"")).collect();
    assert!(matches!(problem(envelope(&format!("<a{namespaces}/>"))), Problem::TooManyAttributes(_)));
    let sequence = |count| {
        envelope(&format!(
            "<p:SendCertificatesRequest><p:callerID>CZ</p:callerID><p:certificateSequence>{}</p:certificateSequence>\
            <p:statusInfo>ok_cert_available</p:statusInfo></p:SendCertificatesRequest>",
            "<p:certificate>fyE=</p:certificate>".repeat(count)
        ))
    };
    assert!(read(sequence(256)).is_ok());
    assert_eq!(problem(sequence(257)), Problem::TooManyCertificates(256));
    let long = envelope(&format!(
        "<p:RequestCertificateRequest><p:callerID>CZ</p:callerID><p:messageID>m</p:messageID>\
        <p:certificateRequest>{}</p:certificateRequest></p:RequestCertificateRequest>",
        "A".repeat(65_536 / 3 * 4 + 8)
    ));
    assert_eq!(problem(long), Problem::FieldTooLong { field: "certificateRequest", limit: 65_535 });
}

#[test]
fn a_document_of_attributes_alone_takes_no_longer_than_another() {
    // Looking every attribute up among all others would take hours.
    let attributes: String = (0..300_000).map(|number| format!(" a{number}=''")).collect();
    assert_eq!(problem(envelope(&format!("<a{attributes}/>"))), Problem::TooManyAttributes(32));
    let text = "&lt;".repeat(900_000);
    let document = envelope(&GET.replace("m-1", &text));
    assert_eq!(problem(document), Problem::FieldTooLong { field: "messageID", limit: 4_096 });
}

#[test]
fn an_error_names_its_place() {
    let document = envelope(&GET.replace("m-1", "&b;"));
    let error = read(&document).unwrap_err();
    assert_eq!(error.at, document.find("&b;").unwrap() as u64);
    assert!(error.to_string().starts_with("the document refers to the entity b (at byte "));
}

#[test]
fn the_peer_is_told_the_class_of_an_error_alone() {
    let fault = |document: String| read(document).unwrap_err().fault();
    assert_eq!(fault(envelope("<a/>")).code, FaultCode::Client);
    assert_eq!(fault(envelope(GET).replace("/soap/envelope/", "/soap/other/")).code, FaultCode::VersionMismatch);
    let insisting = "<s:Header><x s:mustUnderstand=\"true\"/></s:Header><s:Body>";
    assert_eq!(fault(envelope(GET).replace("<s:Body>", insisting)).code, FaultCode::MustUnderstand);
    assert!(!fault(envelope("<secret/>")).encode().contains("secret"));
}

#[test]
fn the_header_may_say_nothing_or_the_operation() {
    let read = |action| decoder().request(envelope(GET).as_bytes(), action, &profile("2009"));
    for action in [None, Some(""), Some("\"\""), Some("GetCACertificates"), Some("\"GetCACertificates\"")] {
        assert_eq!(read(action).unwrap().message, get(), "{action:?}");
    }
    for action in ["GeneralMessage", "\"getcacertificates\"", "\"GetCACertificates"] {
        assert!(matches!(read(Some(action)).unwrap_err().problem, Problem::Action { .. }), "{action}");
    }
}

#[test]
fn faults_of_other_stacks_are_read() {
    for (fault, code, text) in [
        ("<faultcode>s:Client</faultcode><faultstring>no</faultstring>", FaultCode::Client, "no"),
        (
            "<faultstring xml:lang=\"en\">no</faultstring><faultcode>Server.Database</faultcode>",
            FaultCode::Server,
            "no",
        ),
        ("<s:faultcode>s:MustUnderstand</s:faultcode><detail><x/></detail>", FaultCode::MustUnderstand, ""),
        ("<faultcode>acme:Odd</faultcode>", FaultCode::Server, ""),
    ] {
        let document = envelope(&format!("<s:Fault>{fault}</s:Fault>"));
        let read = decoder().answer(document.as_bytes(), Operation::GeneralMessage, &profile("2009")).unwrap();
        assert_eq!(read, Err(Fault::new(code, text)), "{fault}");
    }
    let ours = Fault::new(FaultCode::Client, "a < b & c");
    let read = decoder().answer(ours.encode().as_bytes(), Operation::GeneralMessage, &profile("2009")).unwrap();
    assert_eq!(read, Err(ours));
}

#[test]
fn the_answer_to_something_else_is_no_answer() {
    let document = encode_answer(&Answer::GeneralMessage(GeneralMessageCode::Ok), &profile("2009"));
    let error = decoder().answer(document.as_bytes(), Operation::SendCertificates, &profile("2009")).unwrap_err();
    assert!(matches!(error.problem, Problem::NotTheAnswer { operation: Operation::SendCertificates, .. }), "{error}");
    let odd = document.replace(">ok<", ">fine<");
    let error = decoder().answer(odd.as_bytes(), Operation::GeneralMessage, &profile("2009")).unwrap_err();
    assert_eq!(error.problem, Problem::Code("fine".to_owned()));
}

#[test]
fn an_answer_to_a_partner_of_2009_uses_its_words() {
    let answer = Answer::RequestCertificate(RequestCertificateAnswer::of(RequestCertificateCode::FailureExpired));
    let document = encode_answer(&answer, &profile("2009"));
    assert!(document.contains("<result>failure_outer_signature</result>") && document.contains(CSN), "{document}");
    let document = encode_answer(&answer, &profile("icao"));
    assert!(document.contains("<result>failure_expired</result>"), "{document}");
    assert!(document.contains("http://namespaces.icao.int/lds2"), "{document}");
}

fn text() -> impl Strategy<Value = String> {
    // Everything XML can carry, with its special characters often.
    proptest::collection::vec(
        prop_oneof![
            proptest::sample::select(vec!['<', '>', '&', '"', '\'', '\r', '\n', '\t', ' ', ']', ';', '#']),
            any::<char>().prop_filter("XML", |one| crate::soap::xml::is_character(*one)),
        ],
        0..60,
    )
    .prop_map(|text| text.into_iter().collect())
}

fn certificates() -> impl Strategy<Value = Vec<Vec<u8>>> {
    proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..5)
}

fn message() -> impl Strategy<Value = Message> {
    let id = text;
    prop_oneof![
        (text(), id(), proptest::collection::vec(any::<u8>(), 0..300)).prop_map(|(caller_id, message_id, bytes)| {
            Message::RequestCertificate(RequestCertificate { caller_id, message_id, certificate_request: bytes })
        }),
        (text(), proptest::option::of(id()), certificates(), proptest::sample::select(StatusInfo::ALL)).prop_map(
            |(caller_id, message_id, certificates, status_info)| {
                Message::SendCertificates(SendCertificates { caller_id, message_id, certificates, status_info })
            }
        ),
        (text(), id()).prop_map(|(caller_id, message_id)| {
            Message::GetCaCertificates(GetCaCertificates { caller_id, message_id })
        }),
        (text(), id(), text(), text()).prop_map(|(caller_id, message_id, subject, body)| {
            Message::GeneralMessage(GeneralMessage { caller_id, message_id, subject, body })
        }),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        (certificates(), proptest::sample::select(RequestCertificateCode::ALL)).prop_map(|(certificates, result)| {
            Answer::RequestCertificate(RequestCertificateAnswer { result, certificates })
        }),
        proptest::sample::select(SendCertificatesCode::ALL).prop_map(Answer::SendCertificates),
        (certificates(), proptest::sample::select(GetCaCertificatesCode::ALL)).prop_map(|(certificates, result)| {
            Answer::GetCaCertificates(GetCaCertificatesAnswer { result, certificates })
        }),
        proptest::sample::select(GeneralMessageCode::ALL).prop_map(Answer::GeneralMessage),
    ]
}

/// A message or answer with its codes as the partner is told them.
fn told(message: Message, profile: &Profile) -> Message {
    match message {
        Message::SendCertificates(message) => {
            Message::SendCertificates(SendCertificates { status_info: profile.told_as(message.status_info), ..message })
        }
        other => other,
    }
}

fn told_answer(answer: Answer, profile: &Profile) -> Answer {
    match answer {
        Answer::RequestCertificate(answer) => {
            Answer::RequestCertificate(RequestCertificateAnswer { result: profile.told_as(answer.result), ..answer })
        }
        Answer::SendCertificates(code) => Answer::SendCertificates(profile.told_as(code)),
        Answer::GetCaCertificates(answer) => {
            Answer::GetCaCertificates(GetCaCertificatesAnswer { result: profile.told_as(answer.result), ..answer })
        }
        Answer::GeneralMessage(code) => Answer::GeneralMessage(profile.told_as(code)),
    }
}

proptest! {
    #[test]
    fn a_message_reads_back_as_it_was_written(message in message(), name in proptest::sample::select(vec!["2009", "icao", "2018"])) {
        let profile = profile(name);
        let document = encode_request(&message, &profile).unwrap();
        let action = message.operation().as_str();
        let read = decoder().request(document.as_bytes(), Some(action), &profile).unwrap();
        prop_assert_eq!(read.message, told(message, &profile));
        prop_assert!(read.other_edition.is_none());
    }

    #[test]
    fn an_answer_reads_back_as_it_was_told(answer in answer(), name in proptest::sample::select(vec!["2009", "icao", "2018"])) {
        let profile = profile(name);
        let document = encode_answer(&answer, &profile);
        let read = decoder().answer(document.as_bytes(), answer.operation(), &profile).unwrap().unwrap();
        prop_assert_eq!(read, told_answer(answer, &profile));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(bytes);
    }

    #[test]
    fn no_changed_message_makes_it_panic(
        message in message(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut document = encode_request(&message, &profile("2009")).unwrap().into_bytes();
        for (place, byte) in changes {
            let place = place.index(document.len());
            document[place] = byte;
        }
        let _ = read(&document);
        let _ = decoder().answer(&document, message.operation(), &profile("icao"));
        document.truncate(cut.index(document.len()));
        let _ = read(&document);
    }

    #[test]
    fn no_markup_makes_it_panic(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "<", ">", "/", "<a", "<a>", "</a>", "<a/>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<!DOCTYPE", "&", "&amp;", "&#x", ";",
        "xmlns=", "xmlns:a=", "'", "\"", "=", " ", "a:", "<?xml version=\"1.0\"?>", "\u{FEFF}", "\u{0}",
    ]), 0..40)) {
        let _ = read(pieces.concat());
    }
}

#[test]
fn a_text_xml_cannot_say_is_not_sent() {
    let message = Message::GeneralMessage(GeneralMessage {
        caller_id: "PL".to_owned(),
        message_id: "m".to_owned(),
        subject: "s".to_owned(),
        body: "a\u{0}b".to_owned(),
    });
    let refused = encode_request(&message, &profile("2009")).unwrap_err();
    assert_eq!(refused.to_string(), "body contains U+0000, which XML cannot carry");
}
