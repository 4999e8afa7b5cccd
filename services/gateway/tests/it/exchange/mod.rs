//! The exchange with other states, as operators meet it over REST: every address asks spoc for one thing, in the operator's name, and
//! says what spoc answered.

mod double;
mod issuing;
mod national_pki;
mod partners;

use std::collections::BTreeSet;

use http::Method;
use prost::Message;
use serde_json::Value;
use straznica_contracts::common::v1::CallContext;
use straznica_error::{Class, Code, Coded};
use straznica_store::{NoMigrations, on_both_engines};

use super::{
    doubles::Asked,
    house::{Answer, Caller, House},
};

/// Correlation id of every request here.
const REQUEST_ID: &str = "0197a3c0-7f1e-7d55-8c1b-2a9f5e0d4b61";

/// One address used once.
struct Case {
    verb: Method,
    path: String,
    body: Value,
    rpc: &'static str,
    request: Vec<u8>,
    status: u16,
    answer: Value,
}

fn case(verb: &str, path: &str, body: Value) -> Case {
    let verb = verb.parse().unwrap();
    Case { verb, path: path.to_owned(), body, rpc: "", request: vec![], status: 0, answer: Value::Null }
}

impl Case {
    /// What spoc is to be asked.
    fn asks(self, rpc: &'static str, request: &impl Message) -> Self {
        Self { rpc, request: request.encode_to_vec(), ..self }
    }

    /// What the operator is to read.
    fn answers(self, status: u16, answer: Value) -> Self {
        Self { status, answer, ..self }
    }

    async fn send(&self, caller: &Caller, headers: &[(&str, &str)]) -> Answer {
        let body = if self.body.is_null() { String::new() } else { self.body.to_string() };
        let mut all = vec![("x-request-id", REQUEST_ID)];
        if !self.body.is_null() {
            all.push(("content-type", "application/json"));
        }
        all.extend_from_slice(headers);
        caller.send(self.verb.clone(), &self.path, &all, body).await
    }

    fn name(&self) -> String {
        format!("{} {}", self.verb, self.path)
    }

    /// Whether an address of the description is this one's.
    fn is_at(&self, method: &str, template: &str) -> bool {
        let path = self.path.split('?').next().unwrap();
        let same = |(said, used): (&str, &str)| said == used || said.starts_with('{');
        self.verb.as_str().eq_ignore_ascii_case(method)
            && template.split('/').count() == path.split('/').count()
            && template.split('/').zip(path.split('/')).all(same)
    }
}

/// On whose behalf spoc is to be asked: the operator the certificate names.
fn context() -> Option<CallContext> {
    Some(CallContext {
        officer: "OP-07".to_owned(),
        purpose: "exchange_administration".to_owned(),
        request_id: REQUEST_ID.to_owned(),
        ..CallContext::default()
    })
}

fn cases() -> Vec<Case> {
    partners::cases().into_iter().chain(issuing::cases()).chain(national_pki::cases()).collect()
}

#[derive(Debug, thiserror::Error)]
#[error("the same officer")]
struct SameOfficer;

impl Coded for SameOfficer {
    fn code(&self) -> &'static Code {
        const CODE: Code =
            Code::new("spoc.second_officer_required", Class::FailedPrecondition, "A second officer is needed");
        &CODE
    }
}

#[test]
fn every_address_of_the_exchange_is_tried() {
    let document = straznica_gateway::openapi();
    let cases = cases();
    let mut untried = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/v1/spoc")) {
        for method in item.as_object().unwrap().keys() {
            if !cases.iter().any(|case| case.is_at(method, path)) {
                untried.insert(format!("{method} {path}"));
            }
        }
    }
    assert!(untried.is_empty(), "{untried:#?}");
}

on_both_engines! {
    NoMigrations;

    async fn every_address_asks_spoc_in_the_operators_name_and_says_what_it_answered(database: TestDatabase) {
        let house = House::new(database).await;
        let operator = house.operator();
        for case in cases() {
            let answer = case.send(&operator, &[]).await;
            assert_eq!(answer.status.as_u16(), case.status, "{}: {answer:?}", case.name());
            if case.answer.is_null() {
                assert!(answer.body.is_empty(), "{}", case.name());
            } else {
                assert_eq!(answer.json(), case.answer, "{}", case.name());
            }
            let asked = house.spoc.script.take();
            let Asked::Exchange(rpc, request) = &asked[0] else { panic!("{}: {asked:?}", case.name()) };
            assert_eq!((*rpc, request), (case.rpc, &case.request), "{}", case.name());
        }
        house.end().await;
    }

    async fn nobody_but_an_operator_uses_the_exchange(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        let security_officer = house.caller("security-officer/SO-1");
        for case in cases() {
            case.send(&terminal, &[]).await.problem(403, "gateway.wrong_peer");
            case.send(&security_officer, &[]).await.problem(403, "gateway.wrong_peer");
            case.send(&house.visitor(), &[]).await.problem(404, "gateway.unknown_route");
        }
        assert_eq!(house.spoc.script.count(), 0);
        house.end().await;
    }

    async fn what_spoc_refuses_is_refused_with_its_code(database: TestDatabase) {
        let house = House::new(database).await;
        let operator = house.operator();
        for case in cases() {
            house.spoc.script.refuse(straznica_error::status(&SameOfficer));
            case.send(&operator, &[]).await.problem(409, "spoc.second_officer_required");
        }
        house.end().await;
    }

    async fn what_is_made_under_a_key_is_made_once(database: TestDatabase) {
        let house = House::new(database).await;
        let (operator, other) = (house.operator(), house.caller("operator/OP-11"));
        let key = |key| [("idempotency-key", key)];
        let made: Vec<_> = cases().into_iter().filter(|case| case.status == 201).collect();
        assert!(made.len() >= 13);
        let names: Vec<_> = (0..made.len()).map(|place| format!("key-{place}")).collect();
        for (case, name) in made.iter().zip(&names) {
            let first = case.send(&operator, &key(name.as_str())).await;
            let calls = house.spoc.script.take().len();
            let again = case.send(&operator, &key(name.as_str())).await;
            assert_eq!((first.status, &first.body), (again.status, &again.body), "{}", case.name());
            assert_eq!((first.header("location"), house.spoc.script.count()), (again.header("location"), 0), "{}", case.name());
            case.send(&other, &key(name.as_str())).await;
            assert_eq!(house.spoc.script.take().len(), calls, "keys are each operator's own");
        }
        // the same key and body elsewhere is another request
        let (holders, changes) = ("/v1/spoc/holders", "/v1/spoc/holder-changes");
        let find = |path: &str| made.iter().find(|case| case.path == path).unwrap();
        find(holders).send(&operator, &key("z")).await;
        find(changes).send(&operator, &key("z")).await.problem(422, "gateway.idempotency_key_reused");
        house.end().await;
    }

    async fn the_calendar_is_given_to_programs_that_keep_calendars(database: TestDatabase) {
        let house = House::new(database).await;
        let answer = house.operator().send(Method::GET, "/v1/spoc/calendar", &[("accept", "text/calendar")], "").await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/calendar; charset=utf-8"));
        assert_eq!(answer.header("vary"), "accept");
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.contains("SUMMARY:DV certificate PLDV00007 expires\r\n"), "{text}");
        house.end().await;
    }

    async fn a_wrong_member_is_named_before_spoc_is_asked(database: TestDatabase) {
        let house = House::new(database).await;
        let operator = house.operator();
        for case in cases().iter().filter(|case| case.body.is_object() && !case.path.ends_with("/bundles")) {
            let mut wrong = case.body.clone();
            wrong["colour"] = "red".into();
            let problem = operator.post(&case.path, &wrong).await.problem(400, "gateway.invalid_members");
            assert_eq!(problem["errors"][0]["pointer"], "/colour", "{}", case.name());
        }
        let long = format!("/v1/spoc/partners/{}", "U".repeat(65));
        operator.get(&long).await.problem(400, "gateway.invalid_parameter");
        for query in ["requests?colour=red", "deliveries?limit=0", "deliveries?limit=501"] {
            operator.get(&format!("/v1/spoc/{query}")).await.problem(400, "gateway.invalid_parameter");
        }
        assert_eq!(house.spoc.script.count(), 0);
        house.end().await;
    }
}
