//! Values planted in requests, sessions and documents are looked for in everything the gateway leaves behind.

use serde_json::json;
use straznica_contracts::identity::v1::Role;
use straznica_store::{Engine, NoMigrations, testing::TestDatabase};
use straznica_testkit::canary::{Lines, finds, finds_alone};

use super::{
    browser::{Account, Browser, PASSWORD, PESEL},
    double::{CANARY, VERIFICATION},
};
use crate::it::house::House;

const PHONE: &str = "+48501234567";
const CODE: &str = "918273";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_found_in_database_journal_or_log() {
    let lines = Lines::of_this_process();

    let database = TestDatabase::fresh::<NoMigrations>(Engine::Sqlite).await.unwrap();
    let file = database.config().url.expose().trim_start_matches("sqlite://").to_owned();
    let house = House::people(database).await;
    let official = Account::official(&house, "j.kowalska").await;
    house.people.knows("j.kowalska", &[("um-a", &[Role::Official])]);
    let citizen = Account::citizen(&house, "a.probna").await;
    let at_counter = Browser::logged_in(&house, &official).await;
    let at_home = Browser::logged_in(&house, &citizen).await;
    for (member, value) in [("pesel", PESEL), ("phone", PHONE)] {
        let mut body = json!({"kind": "identity_card", "purpose": "office_matter", "case": "OR.1.2026"});
        body[member] = value.into();
        let keyed = [("idempotency-key", member)];
        let opened = at_counter.send(http::Method::POST, "/v1/verifications", &keyed, &body.to_string()).await;
        assert_eq!(opened.status, 201);
        // and what is wrong is not repeated either
        body["kind"] = value.into();
        at_counter.post("/v1/verifications", &body).await.problem(400, "gateway.invalid_members");
    }
    let at = |rest: &str| format!("/v1/verifications/{VERIFICATION}{rest}");
    assert_eq!(at_counter.post(&at("/code"), &json!({"code": CODE})).await.status, 200);
    let shown = at_counter.post(&at("/document"), &json!({})).await;
    assert!(finds(&shown.body, CANARY), "the document is shown");
    assert_eq!(at_home.post("/v1/citizen/phone", &json!({"phone": PHONE})).await.status, 200);
    let proof = json!({"proofId": VERIFICATION, "code": CODE});
    assert_eq!(at_home.post("/v1/citizen/phone/confirmation", &proof).await.status, 204);
    assert_eq!(at_home.get("/v1/citizen/accesses").await.status, 200);
    let typed = json!({"account": PESEL, "password": PASSWORD, "code": CODE});
    Browser::new(house.visitor()).log_in(&typed).await.problem(401, "gateway.login_refused");

    let secrets = [&at_counter, &at_home].map(|browser| browser.cookie.split_once('=').unwrap().1.to_owned());
    let tokens = [at_counter.csrf.clone(), at_home.csrf.clone()];
    house.end().await;
    let mut left = lines.so_far();
    assert!(left.len() > 10_000, "there is a log");
    for suffix in ["", "-wal", "-shm"] {
        left.extend(std::fs::read(format!("{file}{suffix}")).unwrap_or_default());
    }
    let mut planted = vec![PESEL, PHONE, CANARY, PASSWORD, "ABA300000", "Anna Maria"];
    planted.extend(secrets.iter().chain(&tokens).map(String::as_str));
    for value in planted {
        assert!(!finds(&left, value), "{value} was left behind");
    }
    assert!(!finds_alone(&left, CODE), "a code was left behind");
}
