//! Consulted bodies at their own systems, by certificate: their questions, their replies, a longer term, and nobody else's.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use straznica_cli::rest::{Answer, RestClient};
use straznica_pki::{Issued, Names, PeerRole};
use straznica_store::{NoMigrations, on_both_engines};
use straznica_types::ManualClock;

use super::office::{Office, done, main_name, refused};

/// A body's system, and who sits at it.
pub(super) struct Body {
    system: RestClient,
    officer: String,
}

pub(super) fn certificate(office: &Office, role: &PeerRole) -> Issued {
    let authority = office.suite.authority().unwrap();
    authority.issue(role, &Names::default(), authority.usual_validity()).unwrap()
}

impl Body {
    pub(super) fn new(office: &Office, name: &str) -> Self {
        let issued = certificate(office, &PeerRole::Consulted(name.to_owned()));
        Self { system: office.suite.rest(&issued).unwrap(), officer: format!("{name}-17") }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        let headers = [("x-officer", self.officer.as_str())];
        self.system.send(Method::GET, &format!("/v1/consultations{path}"), &headers, Bytes::new()).await.unwrap()
    }

    pub(super) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let own = [("x-officer", self.officer.as_str()), ("content-type", "application/json")];
        let headers = [&own[..], headers].concat();
        let path = format!("/v1/consultations{path}");
        self.system.send(Method::POST, &path, &headers, body.to_string().into()).await.unwrap()
    }

    pub(super) async fn questions(&self) -> Vec<Value> {
        done(&self.get("").await)["questions"].as_array().unwrap().clone()
    }

    /// Has nothing against it; tells whether that came too late.
    pub(super) async fn consents(&self, id: &str) -> bool {
        let replied = done(&self.post(&format!("/{id}/reply"), &[], &json!({"reply": "no_objection"})).await);
        replied["late"].as_bool().unwrap()
    }
}

fn opinion(case: &str, person: &str, asked: &[&str]) -> Value {
    let case = case.strip_prefix("/cases/").unwrap();
    json!({"flow": "protection_opinion", "caseId": case, "personId": person, "asked": asked})
}

on_both_engines! {
    NoMigrations;

    async fn a_body_sees_its_own_questions_and_replies_once(database: TestDatabase) {
        let office = Office::found(database).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let person = officer.registers(&[main_name("Іванова", "Ivanova"), json!({"nationality": {"code": "RUS"}})]).await;
        let (case, number) = officer.opens(&[&person], "application_registered", "2026-04-20T08:00:00Z").await;
        let officer = officer.on(&number);
        for event in ["application_forwarded", "merits_opened"] {
            officer.records(&case, &json!({"event": event, "at": "2026-04-20T08:00:00Z"})).await;
        }
        let opened = done(&officer.make("/consultations", &opinion(&case, &person, &["abw", "sg"])).await);
        let id = opened["consultationId"].as_str().unwrap();

        let (abw, police) = (Body::new(&office, "abw"), Body::new(&office, "police"));
        let questions = abw.questions().await;
        assert_eq!(questions.len(), 1);
        let question = &questions[0];
        assert_eq!((&question["consultationId"], &question["state"]), (&json!(id), &json!("open")));
        assert_eq!((&question["subject"]["surname"], &question["subject"]["nationality"]), (&json!("Ivanova"), &json!("RUS")));
        // Thirty days, and what silence means is told before it speaks.
        let deadline = &question["deadline"];
        assert_eq!((&deadline["lastDay"], &deadline["state"]), (&json!("2026-05-20"), &json!("running")));
        assert!(deadline["says"]["en"].as_str().unwrap().contains("counts as met"), "{deadline}");
        assert_eq!(deadline["why"][0]["kind"], "counted", "{deadline}");
        // Nothing of who else was asked, nor of the case.
        for other in ["\"sg\"", "caseId", "personId", number.as_str()] {
            assert!(!question.to_string().contains(other), "{other}: {question}");
        }

        assert_eq!(police.questions().await.len(), 0);
        refused(&police.get(&format!("/{id}")).await, 404, "registry.not_found");
        let none = json!({"reply": "no_objection"});
        refused(&police.post(&format!("/{id}/reply"), &[], &none).await, 404, "registry.not_found");

        let reply = format!("/{id}/reply");
        // An objection says the class of its grounds, and nothing else has any.
        refused(&abw.post(&reply, &[], &json!({"reply": "objection"})).await, 400, "registry.invalid_request");
        let groundless = json!({"reply": "no_objection", "grounds": "alert"});
        refused(&abw.post(&reply, &[], &groundless).await, 400, "registry.invalid_request");
        let objection = json!({"reply": "objection", "grounds": "state_security", "reference": "ABW-1/2026"});
        let key = [("idempotency-key", "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")];
        for _ in 0..2 {
            // An answer that was lost is given again.
            assert_eq!(done(&abw.post(&reply, &key, &objection).await), json!({"late": false}));
        }
        refused(&abw.post(&reply, &[], &none).await, 409, "registry.not_now");
        assert_eq!(abw.questions().await.len(), 0);
        let shown = done(&abw.get(&format!("/{id}")).await);
        assert_eq!((&shown["state"], &shown["reply"]["reply"], &shown["reply"]["reference"]), (&json!("replied"), &json!("objection"), &json!("ABW-1/2026")));

        let shown = done(&officer.get(&format!("/consultations/{id}")).await);
        let entry = shown["entries"].as_array().unwrap().iter().find(|entry| entry["event"] == "replied").unwrap();
        assert_eq!((&entry["by"], &entry["grounds"]), (&json!("consulted/abw/abw-17"), &json!("state_security")));
        assert_eq!(shown["questions"][0]["objects"], true);

        // Each look is on record, with the body's officer and by way of the gateway.
        let issued = office.suite.authority().unwrap().issue_security_officer("SO-1").unwrap();
        let security = office.suite.rest(&issued).unwrap();
        for (kind, looks) in [("consultation.inbox_read", 3), ("consultation.question_read", 1), ("consultation.replied", 1)] {
            let search = json!({"journal": "registry", "purpose": "audit", "kind": kind});
            let found = done(&security.post("/v1/journal/searches", &search).await.unwrap());
            let entries = found["entries"].as_array().unwrap();
            assert_eq!(entries.len(), looks, "{kind}: {found}");
            let by_abw = |entry: &&Value| entry["officer"] == "abw-17" && entry["actor"] == "service/gateway";
            assert!(entries.iter().any(|entry| by_abw(&entry)), "{kind}: {found}");
        }
        office.end().await;
    }

    async fn nobody_is_a_body_without_its_certificate_nor_where_the_gateway_may_not_speak_for_it(database: TestDatabase) {
        let clock = ManualClock::starting_at("2026-04-20T08:00:00Z".parse().unwrap());
        let office = Office::found_with(database, clock, |options| {
            options.config.registry.consultation.rest_bodies.retain(|body| body.as_str() != "abw");
        }).await;
        // ABW comes to the registry itself.
        refused(&Body::new(&office, "abw").get("").await, 403, "registry.not_this_body");
        refused(&Body::new(&office, "nobody").get("").await, 403, "registry.not_this_body");
        let police = Body::new(&office, "police");
        assert!(police.questions().await.is_empty());
        for role in [PeerRole::Operator("OP-07".to_owned()), PeerRole::Authority("abw".to_owned()), PeerRole::Service("registry".to_owned())] {
            let system = office.suite.rest(&certificate(&office, &role)).unwrap();
            refused(&Body { system, officer: "police-17".to_owned() }.get("").await, 403, "gateway.wrong_peer");
        }
        // A body's certificate opens nothing else, and a body's officer has a name.
        let issued = certificate(&office, &PeerRole::Consulted("police".to_owned()));
        let system = office.suite.rest(&issued).unwrap();
        refused(&system.get("/v1/terminals").await.unwrap(), 403, "gateway.wrong_peer");
        refused(&system.get("/v1/registry/consultations").await.unwrap(), 401, "gateway.not_logged_in");
        refused(&system.get("/v1/consultations").await.unwrap(), 400, "gateway.invalid_header");
        refused(&Body { system, officer: "Jan Kowalski".to_owned() }.get("").await, 400, "gateway.invalid_header");
        // Where nobody shows a certificate there is no such address.
        let open = office.suite.people_rest().unwrap();
        refused(&open.get("/v1/consultations").await.unwrap(), 404, "gateway.unknown_route");
        office.end().await;
    }
}
