//! Which row feeds the node what a case of the conformance kit is about, from the other side: the kit plays a partner that asks, rows one that answers and
//! calls back. A request made wrongly has the refusal of it for its other side; where there is none, it is said why.

use std::collections::{BTreeMap, BTreeSet};

/// Where a case's other side is.
enum Other {
    /// In this file of rows, under this name.
    Row(&'static str, &'static str),
    /// Nowhere, and why.
    Nowhere(&'static str),
}

use Other::{Nowhere, Row};

const NAMELESS: Other = Nowhere("an answer does not say whose it is: the server's certificate does");
const ANY_KEY: Other =
    Nowhere("servers are judged by what judges them in identity/server, and that is held to such keys");
const ANY_STACK: Other =
    Nowhere("read by the reader of requests, which the kit and the units of exchange::soap hold to it");
const NO_STATUS_INFO: Other =
    Nowhere("an answer has no statusInfo: what a partner delivers is the kit's own direction");

const OTHER_SIDES: &[(&str, Other)] = &[
    ("identity/server", Row("identity", "for another host")),
    ("identity/csn-usage", Row("identity", "of one edition")),
    ("identity/icao-usage", Row("identity", "of one edition")),
    ("identity/no-certificate", Nowhere("a server of TLS always shows a certificate")),
    ("identity/unregistered-root", Row("identity", "of a root nobody registered")),
    ("identity/no-usage", Row("identity", "for no purpose")),
    ("identity/server-usage", Row("identity", "for clients alone")),
    ("identity/tls-usage", Row("identity", "for web servers")),
    ("identity/any-usage", Row("identity", "for any purpose")),
    ("identity/key-usage", ANY_KEY),
    ("identity/short-key", ANY_KEY),
    ("identity/expired", Row("identity", "expired")),
    ("identity/not-yet-valid", Row("identity", "of the day after tomorrow")),
    ("identity/other-country", Row("identity", "of another country")),
    ("identity/two-countries", Row("identity", "of two countries")),
    ("identity/caller-id-request", NAMELESS),
    ("identity/caller-id-delivery", NAMELESS),
    ("identity/caller-id-question", NAMELESS),
    ("identity/caller-id-general", NAMELESS),
    ("identity/caller-id-nonsense", NAMELESS),
    ("identity/revoked", Row("identity", "revoked")),
    ("identity/revoked-while-connected", Row("identity", "revoked")),
    ("identity/stale-list", Row("identity", "with a list of 91 days that is not due again yet")),
    ("identity/overdue-list", Row("identity", "with a list of yesterday that is due again already")),
    ("identity/list-to-come", Row("identity", "with a list of tomorrow")),
    ("identity/no-list", Row("identity", "without a list")),
    ("identity/no-distribution-point", Row("identity", "without a place of its list")),
    ("identity/list-of-another", Row("identity", "with a list that a namesake signed")),
    ("identity/list-spoilt", Row("identity", "with a list whose signature is spoilt")),
    ("request/initial", Row("answers", "nothing wrong")),
    ("request/successive", Row("answers", "a renewal")),
    ("request/inner-signature", Row("answers", "failure_inner_signature")),
    ("request/outer-signature", Row("answers", "failure_outer_signature")),
    ("request/no-countersignature", Row("answers", "failure_outer_signature")),
    ("request/vouching-for-itself", Row("answers", "failure_outer_signature")),
    ("request/other-states-countersignature", Row("answers", "failure_outer_signature")),
    ("request/unknown-countersignature", Row("answers", "failure_outer_signature")),
    ("request/another-holders-signature", Row("answers", "failure_outer_signature")),
    ("request/expired-countersigner", Row("answers", "failure_expired")),
    ("request/domain-parameters", Row("answers", "failure_domain_parameters")),
    ("request/algorithm", Row("answers", "failure_domain_parameters")),
    ("request/family", Row("answers", "failure_domain_parameters")),
    ("request/parameters-missing", Row("answers", "failure_request_syntax")),
    ("request/other-authority", Row("answers", "failure_request_not_accepted")),
    ("request/no-authority", Row("answers", "failure_request_not_accepted")),
    ("request/earlier-generation", Row("answers", "no CVCA certificates after a rollover")),
    ("request/key-reused", Row("answers", "failure_request_not_accepted")),
    ("request/reference-reused", Row("answers", "failure_request_not_accepted")),
    ("request/other-country", Row("answers", "failure_request_not_accepted")),
    ("request/unregistered-holder", Row("answers", "failure_request_not_accepted")),
    ("request/garbage", Row("answers", "failure_request_syntax")),
    ("request/empty", Row("answers", "failure_request_syntax")),
    ("request/trailing-bytes", Row("answers", "failure_request_syntax")),
    ("request/cut-short", Row("answers", "failure_request_syntax")),
    ("request/long-length", Row("answers", "failure_request_syntax")),
    ("request/certificate-instead", Row("answers", "failure_request_syntax")),
    ("request/empty-message-id", Row("answers", "failure_syntax")),
    ("request/long-message-id", Row("answers", "failure_syntax")),
    ("request/any-message-id", Row("answers", "nothing wrong")),
    ("issued/key", Row("answers", "another key")),
    ("issued/reference", Row("answers", "another holder reference")),
    ("issued/authority", Row("answers", "an authority nobody knows")),
    ("issued/day", Row("answers", "valid from another day on")),
    ("issued/validity", Row("answers", "valid for a year")),
    ("issued/signature", Row("answers", "a signature that does not verify")),
    ("issued/parameters", Row("answers", "domain parameters written")),
    ("issued/role", Row("answers", "the role of a domestic verifier")),
    ("issued/order", Row("answers", "the sequence in another order")),
    ("ca/given", Row("authorities", "a root of another state")),
    ("ca/links", Row("authorities", "the newest link alone")),
    ("ca/order", Row("authorities", "the sequence reversed")),
    ("ca/again", Nowhere("who asks sends a question again only while it has no answer that it could read")),
    ("ca/empty-message-id", Row("authorities", "not understood")),
    ("ca/long-message-id", Row("authorities", "not understood")),
    ("repetition/same-message", Row("line", "lost on the way")),
    ("repetition/at-once", Nowhere("who asks sends a message to one partner at a time")),
    ("repetition/other-bytes", Row("later", "a second certificate")),
    ("repetition/other-operation", Row("line", "the answer to something else")),
    ("repetition/refused-stays-refused", Row("later", "a better certificate")),
    ("repetition/first-answer-stands", Row("later", "a second certificate")),
    ("delivery/unknown-id", Row("later", "an id nobody gave")),
    ("delivery/unknown-id-failure", Row("later", "a refusal of another partner's request")),
    ("delivery/foreign-id", Row("later", "the id of another partner's request")),
    ("delivery/answer-without-id", Row("later", "no id")),
    ("delivery/notification", Row("authorities", "sent unasked")),
    ("delivery/notification-with-id", Row("authorities", "with an id, which news need not have")),
    ("delivery/notification-of-nothing", Row("authorities", "nothing")),
    ("delivery/malformed", Row("authorities", "garbage")),
    ("delivery/new-generation", Row("authorities", "sent unasked")),
    ("delivery/algorithm-switch", Row("authorities", "a link signed with the new algorithm")),
    ("delivery/link-with-new-algorithm", Row("authorities", "a link signed with the new algorithm")),
    ("delivery/link-without-parameters", Row("authorities", "sent unasked")),
    ("delivery/change-untold", Row("authorities", "new domain parameters not told in the link")),
    ("delivery/link-gap", Row("authorities", "a link whose issuer is not held")),
    ("delivery/link-spoilt", Row("authorities", "a link with a spoilt signature")),
    ("delivery/root-alone", Row("authorities", "forty roots")),
    ("delivery/other-states-link", Row("authorities", "another state's link")),
    ("general/taken", Row("people", "taken")),
    ("general/again", Row("people", "not kept")),
    ("general/any-text", Row("people", "letters it cannot read")),
    ("general/other-text", Nowhere("an officer's message gets an id of its own")),
    ("general/no-subject", Nowhere("no officer can send one")),
    ("general/no-message-id", Nowhere("no officer can send one")),
    ("general/long-body", Nowhere("no officer can send one")),
    ("later/approved", Row("later", "answered before it was acknowledged")),
    ("later/declined", Row("later", "declined later")),
    ("later/until-received", Row("later", "declined later")),
    ("later/asked-again-while-waiting", Row("later", "acknowledged and never answered")),
    ("later/asked-again-after", Row("later", "later, properly, and then something else")),
    ("later/signer-expired-at-submission", Row("answers", "failure_expired")),
    ("later/signer-expired-at-issuance", Row("later", "declined later")),
    ("later/new-generation-told", Row("authorities", "sent unasked")),
    ("soap/plain", Row("answers", "nothing wrong")),
    ("soap/other-prefixes", ANY_STACK),
    ("soap/white-space", ANY_STACK),
    ("soap/unquoted-action", Nowhere("an answer has no soapAction")),
    ("soap/wrong-action", Row("line", "the answer to something else")),
    ("soap/misspelt-notification", NO_STATUS_INFO),
    ("soap/spelt-notification", NO_STATUS_INFO),
    ("soap/unknown-status", Row("line", "a code nobody knows")),
    ("soap/entity-bomb", Row("line", "entities of entities")),
    ("soap/external-entity", Row("line", "a document type")),
    ("soap/document-type", Row("line", "a document type")),
    ("soap/processing-instruction", Row("line", "a processing instruction")),
    ("soap/oversized", Row("line", "five megabytes")),
    ("soap/deep", Row("line", "elements without end")),
    ("soap/not-xml", Row("line", "garbage")),
    ("soap/other-namespace", Row("line", "of another namespace")),
    ("soap/two-messages", Row("line", "two answers in one document")),
    ("soap/unknown-operation", Row("line", "the answer to something else")),
    ("soap/version", Row("line", "an envelope of SOAP 1.2")),
    ("soap/must-understand", Row("line", "a header to be understood")),
    ("soap/missing-element", Row("line", "no result")),
    ("soap/bad-base64", Row("line", "no base64")),
    (
        "soap/media-type",
        Nowhere("the document tells whether it is an answer: partners' stacks label faults and answers variously"),
    ),
    ("soap/get", Nowhere("an answer has no method")),
    ("grpc/oversized", Row("line", "five megabytes")),
    ("grpc/longest-request", Row("answers", "more certificates than anybody takes")),
    ("grpc/garbage", Row("line", "garbage")),
    ("grpc/unknown-fields", Nowhere("read by the contract's generated code on either side, which the kit holds to it")),
    ("grpc/no-status", Row("line", "nothing")),
    ("grpc/unknown-status", Row("line", "a code nobody knows")),
    ("grpc/unknown-method", Row("line", "a status instead")),
    ("grpc/other-service", Nowhere("who asks offers no services")),
];

/// The files of rows.
const FILES: [(&str, &str); 6] = [
    ("answers", include_str!("answers.rs")),
    ("authorities", include_str!("authorities.rs")),
    ("identity", include_str!("identity.rs")),
    ("later", include_str!("later.rs")),
    ("line", include_str!("line.rs")),
    ("people", include_str!("people.rs")),
];

#[test]
fn every_case_of_the_kit_has_another_side_or_a_reason_why_not() {
    let told: BTreeSet<&str> = OTHER_SIDES.iter().map(|(case, _)| *case).collect();
    assert_eq!(told.len(), OTHER_SIDES.len(), "each once");
    let cases: BTreeSet<&str> = straznica_conformance::cases::all().map(|case| case.id).collect();
    assert_eq!(told, cases);
    let files = BTreeMap::from(FILES);
    for (case, other) in OTHER_SIDES {
        match other {
            Row(file, name) => {
                assert!(files[file].contains(&format!("\"{name}\"")), "{case}: no row {name:?} in {file}")
            }
            Nowhere(why) => assert!(!why.is_empty(), "{case}"),
        }
    }
}
