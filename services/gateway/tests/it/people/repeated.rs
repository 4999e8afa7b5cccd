//! A request said twice under one key.

use http::Method;
use serde_json::{Value, json};
use straznica_contracts::identity::v1::Role;
use straznica_store::{NoMigrations, on_both_engines};

use super::{
    browser::{Account, Browser, PESEL},
    double::ASKER,
};
use crate::it::house::{Answer, House};

const KEY: (&str, &str) = ("idempotency-key", "9b2c-17");

async fn said(browser: &Browser, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    browser.send(Method::POST, path, headers, &body.to_string()).await
}

on_both_engines! {
    NoMigrations;

    async fn what_a_citizen_asked_of_another_is_answered_twice_and_named_nowhere(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::citizen(&house, "a.probna").await;
        let browser = Browser::logged_in(&house, &account).await;
        let body = json!({"pesel": PESEL, "kind": "identity_card"});
        let first = said(&browser, "/v1/citizen/checks", &[KEY], &body).await;
        assert_eq!(first.status, 201, "{first:?}");
        assert!(first.json()["verification"]["bindingText"].as_str().unwrap().starts_with(ASKER));
        let again = said(&browser, "/v1/citizen/checks", &[KEY], &body).await;
        assert_eq!((again.status, again.json()), (first.status, first.json()));
        assert_eq!(house.people.script.count(), 1);
        let kept = house.text("SELECT answer_json AS line FROM idempotency_key").await;
        assert!(!kept.is_empty() && !kept.contains("Anna") && !kept.contains("bindingText"), "{kept}");
        house.end().await;
    }

    async fn for_another_institution_it_is_another_request(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        house.people.knows("j.kowalska", &[("um-a", &[Role::Official]), ("um-b", &[Role::Official])]);
        let browser = Browser::logged_in(&house, &account).await;
        let body = json!({"pesel": PESEL, "kind": "identity_card", "purpose": "office_matter", "case": "OR.1.2026"});
        let opened = said(&browser, "/v1/verifications", &[KEY, ("x-institution", "um-a")], &body).await;
        assert_eq!(opened.status, 201, "{opened:?}");
        let other = said(&browser, "/v1/verifications", &[KEY, ("x-institution", "um-b")], &body).await;
        other.problem(422, "gateway.idempotency_key_reused");
        house.end().await;
    }
}
