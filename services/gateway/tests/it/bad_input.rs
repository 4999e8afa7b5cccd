//! Whatever is wrong with a request: a clear problem document, nothing passed on, and the gateway keeps answering.

use std::{convert::Infallible, time::Instant};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::json;
use straznica_store::{NoMigrations, on_both_engines};

use super::{border_check::whole_inspection, doubles::INSPECTION, house::House};

/// What is wrong, method, address, headers, body, and the status and code it is refused with.
type Case<'a> = (&'a str, Method, String, Vec<(&'a str, &'a str)>, String, u16, &'a str);

const JSON: (&str, &str) = ("content-type", "application/json");

on_both_engines! {
    NoMigrations;

    async fn a_malformed_request_is_refused_by_kind_and_nothing_is_passed_on(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        let whole = whole_inspection().to_string();
        let truncated = whole[..whole.len() / 2].to_owned();
        let small = "x".repeat(17 * 1024);
        let large = "x".repeat(1024 * 1024 + 1);
        let inspection = format!("/v1/inspections/{INSPECTION}");
        let cases: Vec<Case<'_>> = vec![
            ("truncated", Method::POST, "/v1/inspections".into(), vec![JSON], truncated, 400, "gateway.malformed_json"),
            ("empty", Method::POST, "/v1/inspections".into(), vec![JSON], String::new(), 400, "gateway.malformed_json"),
            ("no JSON", Method::POST, "/v1/inspections".into(), vec![JSON], "<sod/>".into(), 400, "gateway.malformed_json"),
            ("an array", Method::POST, "/v1/inspections".into(), vec![JSON], "[]".into(), 400, "gateway.invalid_members"),
            ("wrong type", Method::POST, "/v1/inspections".into(), vec![("content-type", "text/xml")], whole.clone(), 415, "gateway.unsupported_media_type"),
            ("no type", Method::POST, "/v1/inspections".into(), vec![], whole.clone(), 415, "gateway.unsupported_media_type"),
            ("a body where none is asked for", Method::POST, "/v1/inspections/challenge".into(), vec![], "x".into(), 415, "gateway.unsupported_media_type"),
            ("members where none are asked for", Method::POST, "/v1/inspections/challenge".into(), vec![JSON], "{\"a\":1}".into(), 400, "gateway.invalid_members"),
            ("too large", Method::POST, "/v1/inspections".into(), vec![JSON], large, 413, "gateway.too_large"),
            ("too large for a few members", Method::POST, format!("{inspection}/referral"), vec![JSON], small, 413, "gateway.too_large"),
            ("a key with a space", Method::POST, "/v1/inspections".into(), vec![JSON, ("idempotency-key", "a b")], whole.clone(), 400, "gateway.invalid_header"),
            ("unknown address", Method::GET, "/v2/inspections".into(), vec![], String::new(), 404, "gateway.unknown_route"),
            ("trailing slash", Method::POST, "/v1/inspections/".into(), vec![JSON], whole.clone(), 400, "gateway.invalid_parameter"),
            ("wrong method", Method::DELETE, inspection.clone(), vec![], String::new(), 405, "gateway.method_not_allowed"),
            ("no UUID", Method::GET, "/v1/inspections/417".into(), vec![], String::new(), 400, "gateway.invalid_parameter"),
            ("no UTF-8", Method::GET, "/v1/inspections/%ff".into(), vec![], String::new(), 400, "gateway.invalid_parameter"),
            ("too many references", Method::POST, "/v1/terminal-authentication/chain".into(), vec![JSON],
                json!({"cars": vec!["UTCVCA00005"; 9], "inspectionId": INSPECTION}).to_string(), 400, "gateway.invalid_members"),
            ("no reference", Method::POST, "/v1/terminal-authentication/chain".into(), vec![JSON],
                json!({"cars": [], "inspectionId": INSPECTION}).to_string(), 400, "gateway.invalid_members"),
            ("neither hash nor parts", Method::POST, "/v1/terminal-authentication/signature".into(), vec![JSON],
                json!({"isChr": "PLGATE00017", "inspectionId": INSPECTION}).to_string(), 400, "gateway.invalid_members"),
        ];
        for (what, method, path, headers, body, status, code) in cases {
            println!("{what}");
            // A slash after a collection may also be no address at all; either way it is refused.
            let answer = terminal.send(method, &path, &headers, body).await;
            if what == "trailing slash" && answer.status == 404 {
                answer.problem(404, "gateway.unknown_route");
                continue;
            }
            answer.problem(status, code);
        }
        assert_eq!(house.identity.script.count() + house.spoc.script.count(), 0, "nothing was passed on");
        assert_eq!(terminal.post("/v1/inspections", &whole_inspection()).await.status, 201, "and it keeps answering");
        house.end().await;
    }

    async fn a_missing_officer_or_purpose_is_named(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        for member in ["officer", "purpose", "sod", "readAt", "line"] {
            let mut inspection = whole_inspection();
            inspection.as_object_mut().unwrap().remove(member);
            let problem = terminal.post("/v1/inspections", &inspection).await.problem(400, "gateway.invalid_members");
            assert_eq!(problem["errors"], json!([{"pointer": format!("/{member}"), "detail": "missing"}]));
            assert_eq!(problem["detail"], format!("Look at: {member}."));
        }
        let problem = terminal
            .post(&format!("/v1/inspections/{INSPECTION}/fingerprint-result"), &json!({"result": "match"}))
            .await
            .problem(400, "gateway.invalid_members");
        assert_eq!(problem["errors"][0]["pointer"], "/officer");
        assert_eq!(house.identity.script.count(), 0);
        house.end().await;
    }

    async fn fingerprints_and_irises_are_refused_and_go_no_further(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        for number in ["3", "4"] {
            let mut inspection = whole_inspection();
            inspection["dataGroups"][number] = "ZmluZ2VycHJpbnQ=".into();
            let problem = terminal.post("/v1/inspections", &inspection).await.problem(422, "gateway.biometric_data_group");
            assert_eq!(problem["errors"][0]["pointer"], format!("/dataGroups/{number}"));
            let further = json!({"dataGroups": {number: "ZmluZ2VycHJpbnQ="}});
            let path = format!("/v1/inspections/{INSPECTION}/data-groups");
            terminal.post(&path, &further).await.problem(422, "gateway.biometric_data_group");
        }
        assert_eq!(house.identity.script.count(), 0);
        house.end().await;
    }

    async fn a_hundred_megabytes_are_refused_at_once_and_never_held(database: TestDatabase) {
        const CHUNK: usize = 64 * 1024;
        const CHUNKS: usize = 100 * 1024 * 1024 / CHUNK;
        let (house, terminal) = House::with_terminal(database).await;
        let before = resident_kilobytes();
        for announced in [true, false] {
            let chunk = Bytes::from(vec![b' '; CHUNK]);
            let frames = (0..CHUNKS).map(move |_| Ok::<_, Infallible>(Frame::data(chunk.clone())));
            let body = StreamBody::new(futures::stream::iter(frames));
            let mut request = Request::post("/v1/inspections").header("host", "gateway").header(JSON.0, JSON.1);
            if announced {
                request = request.header("content-length", (CHUNK * CHUNKS).to_string());
            }
            let began = Instant::now();
            let answer = terminal.try_send(request.body(body).unwrap()).await.unwrap();
            answer.problem(413, "gateway.too_large");
            println!("announced {announced}: answered after {:?}", began.elapsed());
        }
        let grown = resident_kilobytes().saturating_sub(before);
        assert!(grown < 40 * 1024, "{grown} kB more are held after 200 MB were sent");
        assert_eq!(house.identity.script.count(), 0);
        assert_eq!(terminal.post("/v1/inspections", &whole_inspection()).await.status, 201);
        house.end().await;
    }

    async fn a_body_that_breaks_off_is_refused_or_dropped_and_the_gateway_keeps_answering(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        let mut stream = terminal.connect().await.unwrap();
        use tokio::io::AsyncWriteExt;
        let head = "POST /v1/inspections HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{\"doc";
        stream.write_all(head.as_bytes()).await.unwrap();
        drop(stream);
        assert_eq!(terminal.post("/v1/inspections", &whole_inspection()).await.status, 201);
        assert_eq!(house.identity.script.count(), 1);
        house.end().await;
    }
}

/// Memory of this process that is in use.
fn resident_kilobytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
