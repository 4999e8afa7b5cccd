//! Every address of people asks identity for one thing, in the name of whoever is logged in, and says what identity answered.

use std::collections::BTreeSet;

use http::Method;
use prost::Message;
use serde_json::{Value, json};
use straznica_contracts::{
    common::v1::CallContext,
    identity::v1::{self as identity, Role, open_verification_request::Criterion},
    sources::v1::DocumentKind,
};
use straznica_store::{NoMigrations, on_both_engines};

use super::{
    administration,
    browser::{Account, Browser, PESEL},
    double::{CANARY, VERIFICATION},
    notices, peer_checks,
};
use crate::it::{doubles::Asked, house::House};

/// Correlation id of every request here.
pub(super) const REQUEST_ID: &str = "0197a3c0-7f1e-7d55-8c1b-2a9f5e0d4b61";

/// One address used once.
pub(super) struct Case {
    pub(super) verb: Method,
    pub(super) path: String,
    pub(super) body: Value,
    pub(super) rpc: &'static str,
    pub(super) request: Vec<u8>,
    pub(super) status: u16,
    pub(super) answer: Value,
}

pub(super) fn case(verb: &str, path: &str, body: Value) -> Case {
    let verb = verb.parse().unwrap();
    Case { verb, path: path.to_owned(), body, rpc: "", request: vec![], status: 0, answer: Value::Null }
}

impl Case {
    /// What identity is to be asked.
    pub(super) fn asks(self, rpc: &'static str, request: &impl Message) -> Self {
        Self { rpc, request: request.encode_to_vec(), ..self }
    }

    /// What the person is to read.
    pub(super) fn answers(self, status: u16, answer: Value) -> Self {
        Self { status, answer, ..self }
    }

    pub(super) async fn is_right(&self, house: &House, browser: &Browser) {
        let name = format!("{} {}", self.verb, self.path);
        house.people.script.take();
        let body = if self.body.is_null() { String::new() } else { self.body.to_string() };
        let answer = browser.send(self.verb.clone(), &self.path, &[("x-request-id", REQUEST_ID)], &body).await;
        assert_eq!(answer.status.as_u16(), self.status, "{name}: {answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store", "{name}");
        match &self.answer {
            Value::Null => assert!(answer.body.is_empty(), "{name}"),
            expected => assert_eq!(&answer.json(), expected, "{name}"),
        }
        let asked = house.people.script.take();
        let [Asked::Exchange(rpc, request)] = &asked[..] else { panic!("{name}: {asked:?}") };
        assert_eq!((*rpc, request), (self.rpc, &self.request), "{name}");
    }

    fn is_at(&self, method: &str, template: &str) -> bool {
        let path = self.path.split('?').next().unwrap();
        let same = |(said, used): (&str, &str)| said == used || said.starts_with('{');
        self.verb.as_str().eq_ignore_ascii_case(method)
            && template.split('/').count() == path.split('/').count()
            && template.split('/').zip(path.split('/')).all(same)
    }
}

/// On whose behalf identity is to be asked: the official as identity knows them.
pub(super) fn official(purpose: &str, case: &str) -> Option<CallContext> {
    Some(CallContext {
        officer: "j.kowalska".to_owned(),
        purpose: purpose.to_owned(),
        case_number: case.to_owned(),
        request_id: REQUEST_ID.to_owned(),
        ..CallContext::default()
    })
}

/// Nobody but the citizen.
pub(super) fn nobody() -> Option<CallContext> {
    Some(CallContext { request_id: REQUEST_ID.to_owned(), ..CallContext::default() })
}

pub(super) fn verification(stage: &str) -> Value {
    json!({
        "id": VERIFICATION,
        "stage": stage,
        "qualifier": "sms",
        "bindingText": "Urząd um-a: dowód osobisty, sprawa urzędowa",
        "openedAt": "2026-05-28T09:30:00.000Z",
        "expiresAt": "2026-05-28T09:35:00.000Z",
    })
}

fn officials() -> Vec<Case> {
    let (institution_id, verification_id) = ("um-a".to_owned(), VERIFICATION.to_owned());
    let at = |rest: &str| format!("/v1/verifications/{VERIFICATION}{rest}");
    let opening = |criterion| {
        let mut request = identity::OpenVerificationRequest::default();
        request.context = official("office_matter", "OR.1.2026");
        request.institution_id = "um-a".to_owned();
        request.criterion = Some(criterion);
        request.kind = DocumentKind::IdentityCard.into();
        request
    };
    let opened = || {
        json!({
            "verification": verification("challenged"),
            "resend": {"resendAt": "2026-05-28T09:30:30.000Z", "resendsLeft": 3},
        })
    };
    let asking = |member: &str, value: &str| {
        let mut body = json!({"kind": "identity_card", "purpose": "office_matter", "case": "OR.1.2026"});
        body[member] = value.into();
        body
    };
    vec![
        case("POST", "/v1/verifications", asking("pesel", PESEL))
            .asks("open_verification", &opening(Criterion::Pesel(PESEL.to_owned())))
            .answers(201, opened()),
        case("POST", "/v1/verifications", asking("phone", "+48501234567"))
            .asks("open_verification", &opening(Criterion::Phone("+48501234567".to_owned())))
            .answers(201, opened()),
        case("GET", &at(""), Value::Null)
            .asks(
                "get_verification",
                &identity::GetVerificationRequest {
                    context: official("", ""),
                    institution_id: institution_id.clone(),
                    verification_id: verification_id.clone(),
                },
            )
            .answers(200, verification("challenged")),
        case("POST", &at("/resend"), json!({}))
            .asks(
                "resend_code",
                &identity::ResendCodeRequest {
                    context: official("", ""),
                    institution_id: institution_id.clone(),
                    verification_id: verification_id.clone(),
                },
            )
            .answers(200, json!({"resendAt": "2026-05-28T09:31:00.000Z", "resendsLeft": 2})),
        case("POST", &at("/code"), json!({"code": "204781"}))
            .asks(
                "confirm_code",
                &identity::ConfirmCodeRequest {
                    context: official("", ""),
                    institution_id: institution_id.clone(),
                    verification_id: verification_id.clone(),
                    code: "204781".to_owned(),
                },
            )
            .answers(200, verification("approved")),
        case("POST", &at("/document"), json!({}))
            .asks(
                "show_document",
                &identity::ShowDocumentRequest {
                    context: official("", ""),
                    institution_id: institution_id.clone(),
                    verification_id: verification_id.clone(),
                },
            )
            .answers(200, shown()),
        case("POST", &at("/cancellation"), json!({}))
            .asks(
                "cancel_verification",
                &identity::CancelVerificationRequest { context: official("", ""), institution_id, verification_id },
            )
            .answers(200, verification("refused")),
    ]
}

pub(super) fn shown() -> Value {
    json!({
        "verification": verification("shown"),
        "outcome": "found",
        "register": "srp",
        "asOf": "2026-05-28T09:30:00.000Z",
        "stale": false,
        "documents": [{
            "kind": "identity_card",
            "state": "valid",
            "number": "ABA300000",
            "issuedOn": "2021-03-01",
            "validUntil": "2031-03-01",
            "source": "SRP",
            "asOf": "2026-05-28T09:30:00.000Z",
            "holder": {"givenNames": "ANNA", "surname": CANARY, "bornOn": "2299-12-28"},
            "photo": "/9j/",
            "details": {"identityCard": {"familyName": "PRÓBNA", "sex": "female", "citizenship": "POL"}},
        }],
    })
}

fn citizens() -> Vec<Case> {
    let pesel = PESEL.to_owned();
    let activation = json!({"kind": "identity_card", "activatedAt": "2026-05-28T09:30:00.000Z"});
    vec![
        case("POST", "/v1/citizen/phone", json!({"phone": "501234567"}))
            .asks(
                "register_phone",
                &identity::RegisterPhoneRequest {
                    context: nobody(),
                    pesel: pesel.clone(),
                    phone: "501234567".to_owned(),
                },
            )
            .answers(
                200,
                json!({
                    "proofId": VERIFICATION, "expiresAt": "2026-05-28T09:35:00.000Z", "resendAt": "2026-05-28T09:30:30.000Z",
                }),
            ),
        case("POST", "/v1/citizen/phone/confirmation", json!({"proofId": VERIFICATION, "code": "204781"}))
            .asks(
                "confirm_phone",
                &identity::ConfirmPhoneRequest {
                    context: nobody(),
                    pesel: pesel.clone(),
                    proof_id: VERIFICATION.to_owned(),
                    code: "204781".to_owned(),
                },
            )
            .answers(204, Value::Null),
        case("GET", "/v1/citizen/activations", Value::Null)
            .asks("get_activations", &identity::GetActivationsRequest { context: nobody(), pesel: pesel.clone() })
            .answers(200, json!({"phoneConfirmed": true, "activations": [activation]})),
        case("POST", "/v1/citizen/activations", json!({"kinds": ["identity_card", "city_card"]}))
            .asks(
                "activate_documents",
                &identity::ActivateDocumentsRequest {
                    context: nobody(),
                    pesel: pesel.clone(),
                    kinds: vec![DocumentKind::IdentityCard.into(), DocumentKind::CityCard.into()],
                },
            )
            .answers(200, json!({"activations": [activation]})),
        case("POST", "/v1/citizen/withdrawals", json!({"kinds": []}))
            .asks(
                "withdraw_documents",
                &identity::WithdrawDocumentsRequest { context: nobody(), pesel: pesel.clone(), kinds: vec![] },
            )
            .answers(200, json!({"activations": []})),
        case("GET", "/v1/citizen/codes/lock", Value::Null)
            .asks("get_code_lock", &identity::GetCodeLockRequest { context: nobody(), pesel: pesel.clone() })
            .answers(200, json!({"lockedSince": "2026-05-28T09:30:00.000Z"})),
        case("POST", "/v1/citizen/codes/lock/lifting", json!({}))
            .asks("lift_code_lock", &identity::LiftCodeLockRequest { context: nobody(), pesel: pesel.clone() })
            .answers(204, Value::Null),
        case("GET", "/v1/citizen/accesses?before=2026-05-28T09:30:00.000Z", Value::Null)
            .asks(
                "list_accesses",
                &identity::ListAccessesRequest { context: nobody(), pesel, before_ms: super::double::AT },
            )
            .answers(
                200,
                json!({"accesses": [{
                    "verification": VERIFICATION,
                    "at": "2026-05-28T09:30:00.000Z",
                    "institution": "Urząd um-a",
                    "officer": "um-0001",
                    "purpose": "office_matter",
                    "legalBasis": "Act, Article 1",
                    "case": "OR.1.2026",
                    "kind": "identity_card",
                    "stage": "shown",
                    "qualifier": "sms",
                    "byOneself": false,
                }]}),
            ),
    ]
}

fn cases() -> Vec<Case> {
    let administration_cases = administration::cases();
    let others = peer_checks::cases().into_iter().chain(administration_cases).chain(notices::cases());
    officials().into_iter().chain(citizens()).chain(others).collect()
}

#[test]
fn every_address_of_people_is_tried() {
    let document = straznica_gateway::openapi();
    let cases = cases();
    let mut untried = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let of_people = operation["security"][0].get("session").is_some()
                && !path.starts_with("/v1/session")
                && !path.starts_with("/v1/registry/")
                && !path.contains("/journal/");
            if of_people && !cases.iter().any(|case| case.is_at(method, path)) {
                untried.insert(format!("{method} {path}"));
            }
        }
    }
    assert!(untried.is_empty(), "{untried:?}");
}

on_both_engines! {
    NoMigrations;

    async fn officials_ask_identity_in_their_own_name(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        house.people.knows("j.kowalska", &[("um-a", &[Role::Official])]);
        let browser = Browser::logged_in(&house, &account).await;
        for case in officials() {
            case.is_right(&house, &browser).await;
        }
        for case in citizens() {
            let refused = browser.send(case.verb.clone(), &case.path, &[], &case.body.to_string()).await;
            refused.problem(403, "gateway.role_missing");
        }
        house.end().await;
    }

    async fn citizens_ask_for_themselves_and_for_nobody_else(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::citizen(&house, "a.probna").await;
        let browser = Browser::logged_in(&house, &account).await;
        for case in citizens().into_iter().chain(peer_checks::cases()) {
            case.is_right(&house, &browser).await;
        }
        for case in officials() {
            let refused = browser.send(case.verb.clone(), &case.path, &[], &case.body.to_string()).await;
            refused.problem(403, "gateway.role_missing");
        }
        let other = json!({"kinds": [], "pesel": "99722812346"});
        browser.post("/v1/citizen/withdrawals", &other).await.problem(400, "gateway.invalid_members");
        house.end().await;
    }

    async fn an_official_of_two_offices_says_for_which_one(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        house.people.knows("j.kowalska", &[("um-a", &[Role::Official]), ("um-b", &[Role::Official]), ("um-c", &[Role::SecurityOfficer])]);
        let browser = Browser::logged_in(&house, &account).await;
        let path = format!("/v1/verifications/{VERIFICATION}");
        browser.get(&path).await.problem(400, "gateway.which_institution");
        browser.send(Method::GET, &path, &[("x-institution", "um-c")], "").await.problem(403, "gateway.role_missing");
        assert_eq!(browser.send(Method::GET, &path, &[("x-institution", "um-b")], "").await.status, 200);
        let asked = house.people.script.take();
        let [Asked::Exchange(_, request)] = &asked[..] else { panic!("{asked:?}") };
        assert_eq!(identity::GetVerificationRequest::decode(&request[..]).unwrap().institution_id, "um-b");
        house.end().await;
    }

    async fn what_is_asked_twice_under_one_key_is_asked_once_and_what_is_shown_never_again(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        house.people.knows("j.kowalska", &[("um-a", &[Role::Official])]);
        let browser = Browser::logged_in(&house, &account).await;
        let body = json!({"pesel": PESEL, "kind": "identity_card", "purpose": "office_matter", "case": "OR.1.2026"});
        let key = ("idempotency-key", "key-1");
        let open = |body: &Value| {
            let (browser, body) = (browser.clone(), body.to_string());
            async move { browser.send(Method::POST, "/v1/verifications", &[key], &body).await }
        };
        let first = open(&body).await;
        assert_eq!(open(&body).await.body, first.body);
        assert_eq!(house.people.script.count(), 1);
        let mut other = body.clone();
        other["pesel"] = "99722812353".into();
        open(&other).await.problem(422, "gateway.idempotency_key_reused");
        let document = format!("/v1/verifications/{VERIFICATION}/document");
        for _ in 0..2 {
            assert_eq!(browser.send(Method::POST, &document, &[key], "{}").await.status, 200);
        }
        assert_eq!(house.people.script.count(), 3, "what shows data is not replayed");
        house.end().await;
    }

    async fn exactly_one_of_pesel_and_phone_is_asked_by(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        house.people.knows("j.kowalska", &[("um-a", &[Role::Official])]);
        let browser = Browser::logged_in(&house, &account).await;
        let body = json!({"kind": "identity_card", "purpose": "office_matter", "case": "OR.1.2026"});
        let problem = browser.post("/v1/verifications", &body).await.problem(400, "gateway.invalid_members");
        assert_eq!(problem["errors"][0]["pointer"], "/pesel");
        let mut both = body.clone();
        both["pesel"] = PESEL.into();
        both["phone"] = "501234567".into();
        let problem = browser.post("/v1/verifications", &both).await.problem(400, "gateway.invalid_members");
        assert_eq!(problem["errors"][0]["pointer"], "/phone");
        assert!(!problem.to_string().contains(PESEL));
        for member in ["purpose", "case", "kind"] {
            let mut short = body.clone();
            short["pesel"] = PESEL.into();
            short.as_object_mut().unwrap().remove(member);
            let problem = browser.post("/v1/verifications", &short).await.problem(400, "gateway.invalid_members");
            assert_eq!(problem["errors"][0]["pointer"], format!("/{member}"));
        }
        assert_eq!(house.people.script.count(), 0);
        house.end().await;
    }

    async fn a_register_that_cannot_be_asked_is_said_so(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        house.people.knows("j.kowalska", &[("um-a", &[Role::Official])]);
        let browser = Browser::logged_in(&house, &account).await;
        house.people.down();
        let answer = browser.post(&format!("/v1/verifications/{VERIFICATION}/document"), &json!({})).await.json();
        assert_eq!(answer["outcome"], "register_unavailable");
        assert_eq!((&answer["retryAfterSeconds"], &answer["documents"]), (&json!(30), &json!([])));
        house.end().await;
    }
}
