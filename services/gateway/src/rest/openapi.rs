//! The description of the interface, OpenAPI 3.1. Operations and schemas come from the handlers and the wire types; who may call, how large a
//! body may be and which problems an address answers with come from the authorisation table, so the three cannot drift apart.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use straznica_error::{Class, Code, Problem, common};

use super::routes::{Access, BodySize, Route, Verb, routes};
use crate::error::codes;

/// The parts of the interface, in the order of a border check.
pub(crate) const TAGS: [(&str, &str); 29] = [
    ("inspections", "Is the document genuine? A verdict with every check and the evidence it rests on."),
    (
        "terminal authentication",
        "The certificate chain and the signature that open a chip's fingerprints. Terminals hold no key of their own.",
    ),
    ("trust", "What is trusted of other states' documents."),
    ("terminals", "Administration of terminals, for operators."),
    (
        "partners",
        "States whose SPOC is registered here: registration by two officers, suspension, roots, outages, bundles for e-mail. For operators.",
    ),
    (
        "requests",
        "What other states' document verifiers ask of our CVCA, and who of them is registered. For operators.",
    ),
    (
        "certificates",
        "The national CVCA and its keys, other states' CVCAs, certificates taken in, held, issued and suspended, the calendar of expiries. For operators.",
    ),
    (
        "renewals",
        "Our document verifiers under other states' CVCAs, renewed by themselves, and what is on its way to partners. For operators.",
    ),
    ("messages", "General messages from and to other states. For operators."),
    (
        "one-time codes",
        "Codes by text message, as CAMARA one-time-password-sms has them: a citizen reads one out and so agrees to what the message named. For other authorities' systems.",
    ),
    (
        "sessions",
        "Logging in and out. The session is a cookie of the browser (`__Host-straznica`); what changes something also carries the session's token in X-Csrf-Token.",
    ),
    (
        "verifications",
        "Somebody's identity confirmed by a document in a state register, with their consent each time. For officials who are logged in; X-Institution names the institution where they act for several.",
    ),
    ("citizens", "What a citizen lets be asked for, and who has asked. For the citizen who is logged in."),
    (
        "institutions",
        "Who may ask: institutions, and which kinds of documents are served where. For central administrators.",
    ),
    ("officials", "The people of institutions. For their local administrators."),
    ("notices", "One message to many people, from words two administrators stand behind."),
    ("privileges", "The services' path without a code: proposed by one, granted by another, reviewed by a third."),
    (
        "persons",
        "Who somebody is, as it was stated (Pobyt): names in every script, documents, nationalities, family, each with the days it holds and the moment from which it is known. For officials of the register; X-Purpose says what it is looked at for, X-Case in which case.",
    ),
    (
        "cases",
        "Cases of aliens (sprawy), their stages, deadlines with the reason for each, the worklist in fair order, decisions by two officers. A change names with If-Match the version that was seen. For officials of the register.",
    ),
    (
        "identity documents",
        "Documents that come of cases (TZTC, residence cards, travel documents): issued on blanks, prolonged, lost, returned; and the blanks themselves, each one accounted for by two officers. For officials of the register.",
    ),
    (
        "alerts",
        "Checks of persons of the register against alerts (Schengen Information System): what is found is told with what to do, not with the alert's file; a possible hit is resolved by two officers; what could not be checked is never \"no hit\". For officials of the register.",
    ),
    (
        "consultations",
        "Others are asked before something is decided about an alien (konsultacje, KSK): bodies of this state, other states over the consultation network or on paper, and their silence is an answer. Each term says why it is what it is. For officials of the register.",
    ),
    (
        "questions",
        "What a consulted body is asked: its own questions and of them the least, by when its silence counts as consent, its reply, a longer term. For bodies' systems, by certificate; X-Officer names the body's officer, with whom every look is journalled.",
    ),
    (
        "intakes",
        "Files that come into the register: persons another authority sends, a register that is replaced. Proposed by one officer, started by another, an outcome for every row; and what a source sent held against what is there. For officials of the register.",
    ),
    (
        "retention",
        "How long what is kept of cases is kept, its erasure by two archivists, and holds that keep a case from it. For archivists of the register.",
    ),
    (
        "reading by other authorities",
        "What an authority reads of the register of aliens, by the profile agreed with it: for which purposes, found by what, which fields, how often. For systems of other authorities, by certificate.",
    ),
    ("journal", "Journals, for security officers; every reading is an entry itself."),
    ("accounts", "Local accounts of a test node, for demonstration. For operators."),
    ("description", "The interface described, for people and for programs."),
];

const TITLE: &str = "Strażnica gateway";
const INTRODUCTION: &str = "The door for the Border Guard's terminals, its operators, other authorities' systems, officials and citizens. \
    A terminal names itself by its client certificate (TLS 1.3, mutual); it must be enrolled by an operator and not suspended. \
    Members are camelCase, bytes are base64 with padding, instants are RFC 3339; a member nobody knows is refused. \
    Every refusal is a problem document (RFC 9457) with a stable code and the correlation id, which a caller may choose with X-Request-Id. \
    Fingerprints and irises never leave the terminal.";

/// The document.
pub(crate) fn document() -> Value {
    let (_, collected) = super::interface().split_for_parts();
    // The assembled document holds nothing JSON cannot say.
    let collected = serde_json::to_value(&collected).unwrap_or_default();
    let mut paths = object(collected.get("paths"));
    let mut schemas = object(collected.pointer("/components/schemas"));
    schemas.insert("Problem".to_owned(), problem_schema());
    schemas.insert("ProblemField".to_owned(), problem_field_schema());
    exclusive_modes(&mut schemas);
    for route in routes() {
        let method = method_of(route);
        if let Some(operation) = paths.get_mut(route.path).and_then(|item| item.get_mut(method)) {
            complete(operation, route);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": "1",
            "description": INTRODUCTION,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "/", "description": "This gateway"}],
        "tags": TAGS.map(|(name, description)| json!({"name": name, "description": description})),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "examples": problem_examples(),
            "parameters": {"XRequestId": request_id_parameter()},
            "headers": {
                "XRequestId": {"description": "The correlation id of this request.", "schema": {"type": "string", "format": "uuid"}},
                "RetryAfter": {"description": "Seconds until a repetition may succeed.", "schema": {"type": "integer", "minimum": 1}},
            },
            "securitySchemes": {
                "terminal": {"type": "mutualTLS", "description": "Certificate of an enrolled terminal: spiffe://<trust domain>/terminal/<id>."},
                "operator": {"type": "mutualTLS", "description": "Certificate of an operator: spiffe://<trust domain>/operator/<id>."},
                "securityOfficer": {"type": "mutualTLS", "description": "Certificate of a security officer: spiffe://<trust domain>/security-officer/<id>."},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-straznica", "description": "The session of a person, as a login sets it."},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-Csrf-Token", "description": "The session's token, as a login and GET /v1/session give it."},
                "consumer": {"type": "mutualTLS", "description": "Certificate of an authority that reads the register of aliens: spiffe://<trust domain>/consumer/<state>.<name>, the state in three letters."},
                "authority": {"type": "mutualTLS", "description": "Certificate of another authority's system: spiffe://<trust domain>/authority/<institution>."},
                "consulted": {"type": "mutualTLS", "description": "Certificate of a consulted body's system: spiffe://<trust domain>/consulted/<body>."},
            },
        },
    })
}

/// `get` or `post`, as the document writes it.
pub(crate) fn method_of(route: &Route) -> &'static str {
    match route.verb {
        Verb::Get => "get",
        Verb::Post => "post",
    }
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Adds what the table knows to an operation.
fn complete(operation: &mut Value, route: &Route) {
    let Some(operation) = operation.as_object_mut() else { return };
    match route.access {
        Access::Anyone => operation.insert("security".to_owned(), json!([])),
        Access::Terminal => operation.insert("security".to_owned(), json!([{"terminal": []}])),
        Access::Operator => operation.insert("security".to_owned(), json!([{"operator": []}])),
        Access::SecurityOfficer => operation.insert("security".to_owned(), json!([{"securityOfficer": []}])),
        Access::Authority => operation.insert("security".to_owned(), json!([{"authority": []}])),
        Access::Consulted => operation.insert("security".to_owned(), json!([{"consulted": []}])),
        Access::Consumer => operation.insert("security".to_owned(), json!([{"consumer": []}])),
        Access::Newcomer => operation.insert("security".to_owned(), json!([])),
        Access::Person | Access::Citizen | Access::Roles(_) => {
            let needed =
                if route.verb == Verb::Get { json!([{"session": []}]) } else { json!([{"session": [], "csrf": []}]) };
            operation.insert("security".to_owned(), needed)
        }
    };
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        parameters.push(json!({"$ref": "#/components/parameters/XRequestId"}));
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for response in responses.values_mut() {
        if let Some(response) = response.as_object_mut() {
            let headers = response.entry("headers").or_insert_with(|| json!({}));
            headers["X-Request-Id"] = json!({"$ref": "#/components/headers/XRequestId"});
        }
    }
    for (status, codes) in problems(route) {
        responses.insert(status.to_string(), problem_response(status, &codes));
    }
}

/// The problems of an address, by HTTP status.
pub(crate) fn problems(route: &Route) -> BTreeMap<u16, Vec<&'static Code>> {
    let mut all: Vec<&'static Code> = vec![&common::INTERNAL];
    if route.path.contains('{') {
        all.push(&codes::INVALID_PARAMETER);
    }
    if route.body != BodySize::None {
        all.extend([
            &codes::MALFORMED_JSON,
            &codes::INVALID_MEMBERS,
            &codes::BODY_BROKEN,
            &codes::TOO_LARGE,
            &codes::UNSUPPORTED_MEDIA_TYPE,
        ]);
    }
    match route.access {
        Access::Anyone => {}
        Access::Terminal => all.extend([
            &codes::NO_CERTIFICATE,
            &codes::WRONG_PEER,
            &codes::NOT_ENROLLED,
            &codes::SUSPENDED,
            &codes::OTHER_CERTIFICATE,
            &codes::RATE_LIMITED,
            &common::UNAVAILABLE,
        ]),
        Access::Operator => all.extend([&codes::NO_CERTIFICATE, &codes::WRONG_PEER, &common::UNAVAILABLE]),
        Access::Authority | Access::Consulted | Access::Consumer | Access::SecurityOfficer => {
            all.extend([&codes::NO_CERTIFICATE, &codes::WRONG_PEER, &codes::RATE_LIMITED, &common::UNAVAILABLE])
        }
        Access::Newcomer => all.extend([&codes::RATE_LIMITED, &codes::CROSS_SITE, &common::UNAVAILABLE]),
        Access::Person | Access::Citizen | Access::Roles(_) => {
            all.extend([&codes::NOT_LOGGED_IN, &codes::RATE_LIMITED, &common::UNAVAILABLE]);
            if route.verb != Verb::Get {
                all.extend([&codes::CSRF_TOKEN, &codes::CROSS_SITE]);
            }
        }
    }
    if let Access::Newcomer | Access::Person | Access::Citizen | Access::Roles(_) = route.access {
        // where the device is a terminal
        all.extend([&codes::NOT_ENROLLED, &codes::SUSPENDED, &codes::OTHER_CERTIFICATE]);
    }
    match route.access {
        Access::Citizen => all.push(&codes::ROLE_MISSING),
        Access::Roles(_) => all.extend([&codes::ROLE_MISSING, &codes::WHICH_INSTITUTION]),
        _ => {}
    }
    if route.upstream {
        all.push(&common::DEADLINE_EXCEEDED);
    }
    all.extend(route.problems);
    let mut by_status: BTreeMap<u16, Vec<&'static Code>> = BTreeMap::new();
    for code in all {
        let of_status = by_status.entry(code.class.http().as_u16()).or_default();
        if !of_status
            .iter()
            .any(|known| std::ptr::eq(*known, code) || (known.id == code.id && known.title == code.title))
        {
            of_status.push(code);
        }
    }
    by_status
}

fn problem_response(status: u16, codes: &[&Code]) -> Value {
    let description: Vec<_> = codes.iter().map(|code| code.title).collect();
    let mut headers = json!({"X-Request-Id": {"$ref": "#/components/headers/XRequestId"}});
    if [Class::TooManyRequests, Class::Unavailable, Class::DeadlineExceeded].iter().any(|class| class.http() == status)
    {
        headers["Retry-After"] = json!({"$ref": "#/components/headers/RetryAfter"});
    }
    let examples: Map<String, Value> = codes
        .iter()
        .filter(|code| !code.id.is_empty())
        .map(|code| (code.id.to_owned(), json!({"$ref": format!("#/components/examples/{}", code.id)})))
        .collect();
    let mut content = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
    if !examples.is_empty() {
        content["examples"] = Value::Object(examples);
    }
    json!({
        "description": format!("{}.", description.join(". ")),
        "headers": headers,
        "content": {Problem::MEDIA_TYPE: content},
    })
}

/// One example of a problem for each code.
fn problem_examples() -> Map<String, Value> {
    let codes = routes().flat_map(|route| problems(route).into_values().flatten());
    codes.filter(|code| !code.id.is_empty()).map(|code| (code.id.to_owned(), problem_example(code))).collect()
}

fn problem_example(code: &Code) -> Value {
    json!({
        "summary": code.title,
        "value": {
            "type": code.urn(),
            "title": code.title,
            "status": code.class.http().as_u16(),
            "detail": code.title,
            "code": code.id,
            "requestId": "0197a3c0-7f1e-7d55-8c1b-2a9f5e0d4b61",
        },
    })
}

fn request_id_parameter() -> Value {
    json!({
        "name": "X-Request-Id",
        "in": "header",
        "required": false,
        "description": "Correlation id, a UUID, chosen by the caller; made here when absent or no UUID. It is returned and stands in every log line, trace and \
            journal entry of the request.",
        "schema": {"type": "string", "format": "uuid"},
        "example": "0197a3c0-7f1e-7d55-8c1b-2a9f5e0d4b61",
    })
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "A refusal or failure (RFC 9457).",
        "required": ["type", "title", "status", "detail", "code", "requestId"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": "`urn:straznica:problem:<code>`.", "example": "urn:straznica:problem:gateway.invalid_members"},
            "title": {"type": "string", "description": "The code in words.", "example": codes::INVALID_MEMBERS.title},
            "status": {"type": "integer", "description": "HTTP status.", "example": 400},
            "detail": {"type": "string", "description": "What happened this time. Never repeats what was sent.", "example": "Look at: officer."},
            "code": {"type": "string", "description": "Stable code, `<service>.<what happened>`.", "example": "gateway.invalid_members"},
            "requestId": {"type": "string", "format": "uuid", "description": "Correlation id, to be quoted when asking for help.", "example": "0197a3c0-7f1e-7d55-8c1b-2a9f5e0d4b61"},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemField"}, "description": "Which members of the request are wrong."},
        },
    })
}

fn problem_field_schema() -> Value {
    json!({
        "type": "object",
        "description": "One wrong member of a request.",
        "required": ["pointer", "detail"],
        "properties": {
            "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) into the request.", "example": "/officer"},
            "detail": {"type": "string", "description": "What is wrong with it.", "example": "missing"},
        },
    })
}

/// What the derive cannot say: a signature is over the hash or over the parts.
fn exclusive_modes(schemas: &mut Map<String, Value>) {
    if let Some(signature) = schemas.get_mut("SignatureRequest") {
        signature["oneOf"] = json!([{"required": ["hash"]}, {"required": ["idPicc", "challenge", "hashPk"]}]);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rest::page::example_of;

    fn operations(document: &Value) -> Vec<(String, String, &Value)> {
        let paths = document["paths"].as_object().unwrap();
        paths
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().iter();
                methods.map(|(method, operation)| (method.clone(), path.clone(), operation))
            })
            .collect()
    }

    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_address_has_a_row_in_the_table_and_every_row_an_address() {
        let document = document();
        let served: BTreeSet<_> = operations(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
        let listed: BTreeSet<_> = routes().map(|route| (method_of(route).to_owned(), route.path.to_owned())).collect();
        assert_eq!(served, listed);
        assert_eq!(listed.len(), routes().count(), "a row is there twice");
    }

    #[test]
    fn every_operation_says_what_it_is_who_may_and_what_it_refuses() {
        let document = document();
        for (method, path, operation) in operations(&document) {
            let place = format!("{method} {path}");
            for member in ["summary", "operationId"] {
                assert!(operation[member].as_str().is_some_and(|text| !text.is_empty()), "{place}: {member}");
            }
            let tag = operation["tags"][0].as_str().unwrap();
            assert!(TAGS.iter().any(|(known, _)| *known == tag), "{place}: {tag}");
            assert!(operation["security"].is_array(), "{place}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2') || status.starts_with('3')), "{place}");
            for (status, response) in responses {
                assert!(!response["description"].as_str().unwrap().is_empty(), "{place} {status}");
                assert!(response["headers"]["X-Request-Id"].is_object(), "{place} {status}");
                let is_problem = response["content"].get(Problem::MEDIA_TYPE).is_some();
                assert_eq!(is_problem, status.parse::<u16>().unwrap() >= 400, "{place} {status}");
            }
        }
    }

    #[test]
    fn every_schema_and_member_is_described_and_has_an_example() {
        let document = document();
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            assert!(schema["description"].as_str().is_some_and(|text| !text.is_empty()), "{name} is not described");
            for (member, property) in schema["properties"].as_object().into_iter().flatten() {
                let described = property["description"].as_str().is_some_and(|text| !text.is_empty())
                    || property["oneOf"].as_array().into_iter().flatten().any(|one| one["description"].is_string());
                assert!(described, "{name}.{member} is not described");
                assert!(!example_of(&document, property, 0).is_null(), "{name}.{member} has no example");
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100);
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }
}
