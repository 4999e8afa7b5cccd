//! Whatever arrives at the terminals' door, the answer is a problem document that says what to do, nothing is half-written, and the next terminal is
//! served.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use straznica_cli::rest::{Answer, RestClient};
use straznica_pki::{DevelopmentCa, Names, PeerRole, Validity};
use straznica_simulators::terminal::{Reading, Terminal};
use straznica_tests::{Border, OFFICER, TERMINAL};
use straznica_types::SystemClock;

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

fn problem(answer: &Answer) -> Value {
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{answer:?}");
    let problem = answer.json();
    for member in ["type", "title", "detail", "code", "requestId"] {
        assert!(problem[member].is_string(), "{member} is missing in {problem}");
    }
    assert_eq!(problem["status"], answer.status.as_u16());
    problem
}

fn read(border: &Border, number: &str) -> Reading {
    let mut chip = border.partner.passport(number, border.today).unwrap();
    Terminal::connect(&mut chip, false).unwrap().read_document().unwrap()
}

fn request(reading: &Reading, border: &Border) -> Value {
    use base64::{Engine, prelude::BASE64_STANDARD};
    json!({
        "documentRef": "lane 17/1",
        "access": "bac",
        "sod": BASE64_STANDARD.encode(&reading.sod),
        "dataGroups": { "1": BASE64_STANDARD.encode(&reading.data_groups[&1]) },
        "readAt": border.suite.clock().now().to_string(),
        "officer": OFFICER,
        "purpose": "border_check",
        "line": "first",
    })
}

async fn still_serves(terminal: &RestClient) {
    let answer = terminal.get("/v1/trust/summary").await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.json());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_request_gets_a_problem_that_names_what_is_wrong() {
    let border = Border::raise().await;
    let good = request(&read(&border, "UT0000101"), &border);
    let without = |member: &str| {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(member);
        body
    };
    let with = |member: &str, value: Value| {
        let mut body = good.clone();
        body[member] = value;
        body
    };
    let cases: Vec<(&str, Value, u16, &str)> = vec![
        ("officer is missing", without("officer"), 400, "officer"),
        ("purpose is missing", without("purpose"), 400, "purpose"),
        ("an unknown purpose", with("purpose", json!("curiosity")), 400, "purpose"),
        ("a purpose that asks for a case", with("purpose", json!("proceedings")), 400, "case"),
        ("an unknown member", with("colour", json!("red")), 400, "colour"),
        ("a member of the wrong type", with("line", json!(7)), 400, "line"),
        ("no base64", with("sod", json!("not base64!")), 400, "sod"),
        ("a truncated security object", with("sod", json!("dwA=")), 422, "SOD"),
        ("fingerprints", with("dataGroups", json!({ "3": "AAAA" })), 422, "3"),
    ];
    for (name, body, status, names) in cases {
        let answer = border.terminal.post("/v1/inspections", &body).await.unwrap();
        let problem = problem(&answer);
        assert_eq!(answer.status.as_u16(), status, "{name}: {problem}");
        assert!(problem.to_string().contains(names), "{name}: {problem} does not name {names}");
    }
    still_serves(&border.terminal).await;
    border.suite.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_transport_is_refused_without_reading_more_than_the_limit() {
    let border = Border::raise().await;
    let send = async |headers: &[(&str, &str)], path: &str, method: Method, body: Vec<u8>| {
        border.terminal.send(method, path, headers, body.into()).await
    };
    let truncated = send(JSON, "/v1/inspections", Method::POST, b"{\"sod\": \"".to_vec()).await.unwrap();
    assert_eq!(truncated.status, StatusCode::BAD_REQUEST, "{}", problem(&truncated));
    let wrong_type =
        send(&[("content-type", "text/plain")], "/v1/inspections", Method::POST, b"{}".to_vec()).await.unwrap();
    assert_eq!(wrong_type.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{}", problem(&wrong_type));
    let unknown = send(&[], "/v1/nothing", Method::GET, Vec::new()).await.unwrap();
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{}", problem(&unknown));
    let method = send(&[], "/v1/inspections", Method::DELETE, Vec::new()).await.unwrap();
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED, "{}", problem(&method));

    // The gateway may close the connection before it has all; then there is no answer to read, and that is fine too.
    match send(JSON, "/v1/inspections", Method::POST, vec![b' '; 100 << 20]).await {
        Ok(answer) => assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", problem(&answer)),
        Err(error) => assert!(error.to_string().contains("no answer"), "{error}"),
    }
    still_serves(&border.terminal).await;
    border.suite.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_enrolled_terminal_with_a_good_certificate_is_served() {
    let border = Border::raise().await;
    let suite = &border.suite;

    let stranger = suite.terminal_rest("PL-XXX-999").unwrap().get("/v1/trust/summary").await.unwrap();
    assert_eq!(stranger.status, StatusCode::FORBIDDEN, "{}", problem(&stranger));

    let as_operator = border.operator.post("/v1/inspections/challenge", &json!({})).await.unwrap();
    assert_eq!(as_operator.status, StatusCode::FORBIDDEN, "{}", problem(&as_operator));

    let authority = suite.authority().unwrap();
    let now = suite.clock().now();
    let hour = std::time::Duration::from_secs(3600);
    let past = Validity { not_before: now - 2 * hour, not_after: now - hour };
    let expired = authority.issue(&PeerRole::Terminal(TERMINAL.to_owned()), &Names::default(), past).unwrap();
    suite.rest(&expired).unwrap().get("/v1/trust/summary").await.unwrap_err();

    let other = DevelopmentCa::create(authority.trust_domain(), SystemClock::shared()).unwrap();
    let forged = other.issue_terminal(TERMINAL).unwrap();
    suite.rest(&forged).unwrap().get("/v1/trust/summary").await.unwrap_err();

    let path = format!("/v1/terminals/{TERMINAL}/suspension");
    let suspended = border.operator.post(&path, &json!({ "reason": "missing from its lane" })).await.unwrap();
    assert!(suspended.status.is_success(), "{}", suspended.json());
    let refused = border.terminal.get("/v1/trust/summary").await.unwrap();
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(problem(&refused)["detail"].as_str().unwrap().contains("operator"), "it says whom to call");
    let path = format!("/v1/terminals/{TERMINAL}/unlock");
    let unlocked = border.operator.post(&path, &json!({ "reason": "found" })).await.unwrap();
    assert!(unlocked.status.is_success(), "{}", unlocked.json());
    still_serves(&border.terminal).await;
    border.suite.stop().await.unwrap();
}
