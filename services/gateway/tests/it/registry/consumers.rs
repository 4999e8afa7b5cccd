//! Other authorities at the gateway: by certificate, each question with what was presented, and nothing of the question decided here.

use prost::Message as _;
use serde_json::{Value, json};
use straznica_contracts::registry::v1::{self as registry, read_persons_request::Criterion};
use straznica_error::{Class, Code, Coded};
use straznica_store::{NoMigrations, on_both_engines};

use super::double::PERSON;
use crate::it::{doubles::Asked, house::House};

const READINGS: &str = "/v1/register/readings";

fn question(about: &Value) -> Value {
    json!({"officer": "inspector.7", "purpose": "social_insurance", "case": "ZUS-99/2026", "about": about})
}

/// What registry says of whom asks too often.
#[derive(Debug, thiserror::Error)]
#[error("as many questions were asked as were agreed")]
struct TooOften;

impl Coded for TooOften {
    fn code(&self) -> &'static Code {
        const CODE: Code = Code::new("registry.too_often", Class::TooManyRequests, "As many questions as were agreed");
        &CODE
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        Some(std::time::Duration::from_millis(49_001))
    }
}

on_both_engines! {
    NoMigrations;

    async fn a_question_goes_to_registry_with_what_the_authority_presented(database: TestDatabase) {
        let house = House::new(database).await;
        let issued = house.issue("consumer/POL.zus");
        let zus = house.caller_with(&issued);
        let mut document = registry::AskedDocument::default();
        "FE100200".clone_into(&mut document.number);
        "UKR".clone_into(&mut document.issuer);
        for (about, criterion) in [
            (json!({"personId": PERSON}), Criterion::PersonId(PERSON.to_owned())),
            (json!({"caseNumber": "protection/2026/000017"}), Criterion::CaseNumber("protection/2026/000017".to_owned())),
            (json!({"document": {"number": "FE100200", "issuer": "UKR"}}), Criterion::Document(document)),
        ] {
            house.registry.script.take();
            let answer = zus.post(READINGS, &question(&about)).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let [Asked::Exchange("read_persons", asked)] = &house.registry.script.take()[..] else { panic!("one question") };
            let asked = registry::ReadPersonsRequest::decode(&asked[..]).unwrap();
            assert_eq!(asked.criterion, Some(criterion));
            assert_eq!(asked.presented, issued.presented().unwrap());
            let context = asked.context.unwrap();
            assert_eq!((context.officer.as_str(), context.purpose.as_str()), ("inspector.7", "social_insurance"));
            assert_eq!((context.case_number.as_str(), context.terminal_id.as_str()), ("ZUS-99/2026", ""));
            assert_eq!(context.request_id, answer.header("x-request-id"));
            assert_eq!(answer.json(), json!({
                "persons": [{
                    "personId": PERSON,
                    "facts": [{
                        "field": "nationalities", "fact": {"nationality": {"code": "SYR"}}, "validFrom": "2001-02-03",
                        "source": "passport", "asOf": "2026-05-28T09:30:00.000Z",
                    }],
                    "procedures": [{
                        "caseNumber": "protection/2026/000017", "caseType": "protection", "stage": "merits", "closed": false,
                        "openedAt": "2026-05-28T09:30:00.000Z", "asOf": "2026-05-28T09:30:00.000Z",
                        "decisions": [{"decision": "refugee_status", "issuedAt": "2026-05-28T09:30:00.000Z"}],
                    }],
                }],
                "fields": ["nationalities", "procedures"], "answeredAt": "2026-05-28T09:30:00.000Z",
            }));
        }
        let access = zus.get("/v1/register/access").await;
        assert_eq!((access.status.as_u16(), &access.json()["purposes"][0]["askedBy"]), (200, &json!(["person_id", "document"])));
        house.end().await;
    }

    async fn nobody_else_is_a_consumer(database: TestDatabase) {
        let house = House::new(database).await;
        let body = question(&json!({"personId": PERSON}));
        for role in ["authority/POL.zus", "operator/POL.zus", "terminal/POL.zus", "service/gateway", "consulted/abw"] {
            house.caller(role).post(READINGS, &body).await.problem(403, "gateway.wrong_peer");
            house.caller(role).get("/v1/register/access").await.problem(403, "gateway.wrong_peer");
        }
        // Without a certificate there is no such address.
        house.visitor().post(READINGS, &body).await.problem(404, "gateway.unknown_route");
        // And a consumer is nobody else.
        let zus = house.caller("consumer/POL.zus");
        zus.get("/v1/terminals").await.problem(403, "gateway.wrong_peer");
        zus.post("/v1/one-time-codes/send-code", &json!({})).await.problem(403, "gateway.wrong_peer");
        assert!(house.registry.script.take().is_empty());
        house.end().await;
    }

    async fn what_is_no_question_is_refused_here_and_limits_are_handed_on(database: TestDatabase) {
        let house = House::new(database).await;
        let zus = house.caller("consumer/POL.zus");
        let (malformed, wrong) = ("gateway.malformed_json", "gateway.invalid_members");
        for (about, code) in [
            (json!({}), malformed),
            (json!({"personId": PERSON, "caseNumber": "x"}), malformed),
            (json!({"name": "Kowalska"}), wrong),
            (json!({"document": {"number": "FE100200"}}), wrong),
            (json!({"document": {"number": "FE100200", "issuer": "UKR", "kind": "passport"}}), wrong),
            (json!({"caseNumber": ""}), wrong),
        ] {
            zus.post(READINGS, &question(&about)).await.problem(400, code);
        }
        for member in ["officer", "purpose", "case", "about"] {
            let mut without = question(&json!({"personId": PERSON}));
            without.as_object_mut().unwrap().remove(member);
            zus.post(READINGS, &without).await.problem(400, "gateway.invalid_members");
        }
        assert!(house.registry.script.take().is_empty());
        house.registry.script.refuse(straznica_error::status(&TooOften));
        let refused = zus.post(READINGS, &question(&json!({"personId": PERSON}))).await;
        refused.problem(429, "registry.too_often");
        assert_eq!(refused.header("retry-after"), "50");
        house.end().await;
    }
}
