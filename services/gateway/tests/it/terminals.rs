//! Who gets in: certificates, enrolment, suspension, pins, rates.

use std::time::Duration;

use serde_json::json;
use straznica_gateway::config::RateConfig;
use straznica_store::{NoMigrations, on_both_engines};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    border_check::whole_inspection,
    house::{CONTACT, DOMAIN, House, TERMINAL},
};

on_both_engines! {
    NoMigrations;

    async fn a_terminal_calls_from_its_enrolment_to_its_suspension_and_after_its_unlocking(database: TestDatabase) {
        let house = House::new(database).await;
        let (operator, terminal) = (house.operator(), house.caller(&format!("terminal/{TERMINAL}")));
        let problem = terminal.get("/v1/trust/summary").await.problem(403, "gateway.terminal_not_enrolled");
        assert_eq!(problem["detail"], CONTACT);

        let enrolled = operator.post("/v1/terminals", &json!({"terminalId": TERMINAL, "note": "Okęcie, lane 17"})).await;
        assert_eq!(enrolled.status, 201);
        assert_eq!(enrolled.json(), json!({
            "terminalId": TERMINAL, "state": "active", "note": "Okęcie, lane 17",
            "enrolledAt": "2026-05-28T09:30:00.000Z", "enrolledBy": "OP-07",
        }));
        operator.post("/v1/terminals", &json!({"terminalId": TERMINAL})).await.problem(409, "gateway.terminal_already_enrolled");
        assert_eq!(terminal.get("/v1/trust/summary").await.status, 200);

        let (suspension, unlock) = (format!("/v1/terminals/{TERMINAL}/suspension"), format!("/v1/terminals/{TERMINAL}/unlock"));
        operator.post(&unlock, &json!({"reason": "found"})).await.problem(409, "gateway.terminal_not_suspended");
        let suspended = operator.post(&suspension, &json!({"reason": "missing from its lane"})).await.json();
        assert_eq!(suspended["state"], "suspended");
        assert_eq!(suspended["suspension"], json!({"reason": "missing from its lane", "since": "2026-05-28T09:30:00.000Z", "by": "OP-07"}));
        operator.post(&suspension, &json!({"reason": "again"})).await.problem(409, "gateway.terminal_already_suspended");

        for _ in 0..2 {
            let problem = terminal.post("/v1/inspections", &whole_inspection()).await.problem(403, "gateway.terminal_suspended");
            assert_eq!(problem["detail"], CONTACT, "the officer learns whom to call");
        }
        assert_eq!(house.identity.script.count(), 0);

        assert_eq!(operator.post(&unlock, &json!({"reason": "found"})).await.json()["state"], "active");
        assert_eq!(terminal.post("/v1/inspections", &whole_inspection()).await.status, 201);

        for path in ["/v1/terminals/PL-XXX-000/suspension", "/v1/terminals/PL-XXX-000/unlock"] {
            operator.post(path, &json!({"reason": "?"})).await.problem(404, "gateway.unknown_terminal");
        }
        operator.post(&suspension, &json!({})).await.problem(400, "gateway.invalid_members");
        house.end().await;
    }

    async fn a_pinned_terminal_presents_its_own_certificate_and_no_other(database: TestDatabase) {
        let house = House::new(database).await;
        let (own, other) = (house.issue(&format!("terminal/{TERMINAL}")), house.issue(&format!("terminal/{TERMINAL}")));
        let pinned = json!({"terminalId": TERMINAL, "pinnedCertificate": own.identity.fingerprint()});
        let enrolled = house.operator().post("/v1/terminals", &pinned).await.json();
        assert_eq!(enrolled["pinnedCertificate"], own.identity.fingerprint());
        assert_eq!(house.caller_with(&own).get("/v1/trust/summary").await.status, 200);
        house.caller_with(&other).get("/v1/trust/summary").await.problem(403, "gateway.terminal_certificate_differs");
        house.end().await;
    }

    async fn each_kind_of_peer_has_its_own_addresses(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        let operator = house.operator();
        terminal.get("/v1/terminals").await.problem(403, "gateway.wrong_peer");
        terminal.post("/v1/terminals", &json!({"terminalId": "X"})).await.problem(403, "gateway.wrong_peer");
        terminal.post(&format!("/v1/terminals/{TERMINAL}/unlock"), &json!({"reason": "me"})).await.problem(403, "gateway.wrong_peer");
        operator.post("/v1/inspections", &whole_inspection()).await.problem(403, "gateway.wrong_peer");
        operator.get("/v1/trust/summary").await.problem(403, "gateway.wrong_peer");
        for role in ["service/identity", "security-officer/SO-1"] {
            let other = house.caller(role);
            other.get("/v1/trust/summary").await.problem(403, "gateway.wrong_peer");
            other.get("/v1/terminals").await.problem(403, "gateway.wrong_peer");
        }
        assert_eq!(house.identity.script.count() + house.spoc.script.count(), 0);
        house.end().await;
    }

    async fn without_a_valid_certificate_there_is_no_answer_but_a_refusal_by_tls(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        let foreign = straznica_pki::DevelopmentCa::create(DOMAIN, house.clock.shared()).unwrap();
        let forged = foreign.issue_terminal(TERMINAL).unwrap();
        let [chain, key, anchor] = [&forged.certificate, &forged.private_key, house.ca.certificate()].map(str::as_bytes);
        let material = straznica_pki::TlsMaterial::from_pem(chain, key, anchor, None).unwrap();
        let forged = house.caller_with_material(material);
        for (what, caller) in [
            ("none", house.stranger()),
            ("expired", house.expired(&format!("terminal/{TERMINAL}"))),
            ("another authority's", forged),
        ] {
            let request = http::Request::get("/v1/trust/summary").header("host", "gateway");
            let request = request.body(http_body_util::Full::new(bytes::Bytes::new())).unwrap();
            let outcome = caller.try_send(request).await;
            assert!(outcome.is_err(), "{what}: {outcome:?}");
        }
        assert_eq!(terminal.get("/v1/trust/summary").await.status, 200, "and it keeps answering");
        house.end().await;
    }

    async fn terminals_are_listed_a_page_at_a_time(database: TestDatabase) {
        let house = House::new(database).await;
        for id in ["B", "A", "C"] {
            house.enrolled(id).await;
        }
        let operator = house.operator();
        let ids = |page: &serde_json::Value| -> Vec<String> {
            let terminals = page["terminals"].as_array().unwrap();
            terminals.iter().map(|one| one["terminalId"].as_str().unwrap().to_owned()).collect()
        };
        let first = operator.get("/v1/terminals?limit=2").await.json();
        assert_eq!((ids(&first), &first["next"]), (vec!["A".to_owned(), "B".to_owned()], &json!("B")));
        let second = operator.get("/v1/terminals?limit=2&after=B").await.json();
        assert_eq!((ids(&second), &second["next"]), (vec!["C".to_owned()], &json!(null)));
        assert_eq!(ids(&operator.get("/v1/terminals").await.json()).len(), 3);
        for query in ["limit=0", "limit=501", "limit=x", "after=a%20b", "colour=red"] {
            operator.get(&format!("/v1/terminals?{query}")).await.problem(400, "gateway.invalid_parameter");
        }
        house.end().await;
    }

    async fn a_terminal_that_asks_too_often_is_told_when_to_come_back(database: TestDatabase) {
        let slow = |config: &mut straznica_gateway::Config| config.rate = RateConfig { burst: 3, per_second: 1 };
        let house = House::with(database, slow).await;
        let (terminal, neighbour) = (house.enrolled(TERMINAL).await, house.enrolled("PL-WAW-018").await);
        for _ in 0..3 {
            assert_eq!(terminal.get("/v1/trust/summary").await.status, 200);
        }
        let refused = terminal.get("/v1/trust/summary").await;
        refused.problem(429, "gateway.rate_limited");
        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(neighbour.get("/v1/trust/summary").await.status, 200, "others are not held up");
        house.clock.advance(Duration::from_secs(1));
        assert_eq!(terminal.get("/v1/trust/summary").await.status, 200);
        house.end().await;
    }

    async fn who_is_refused_with_a_large_document_in_hand_still_reads_why(database: TestDatabase) {
        let house = House::new(database).await;
        let terminal = house.caller(&format!("terminal/{TERMINAL}"));
        let mut inspection = whole_inspection();
        inspection["dataGroups"]["2"] = "A".repeat(900 * 1024).into();
        let inspection = inspection.to_string();
        let head = format!(
            "POST /v1/inspections HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            inspection.len()
        );
        // As many simple clients do: everything is sent before anything is read.
        for turn in 0..4 {
            let mut stream = terminal.connect().await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            for piece in inspection.as_bytes().chunks(64 * 1024) {
                stream.write_all(piece).await.unwrap_or_else(|failure| panic!("turn {turn}: {failure}"));
                stream.flush().await.unwrap_or_else(|failure| panic!("turn {turn}: {failure}"));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"HTTP/1.1 403");
        }
        house.end().await;
    }
}
