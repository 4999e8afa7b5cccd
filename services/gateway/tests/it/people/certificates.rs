//! Officials whom identity knows by a client certificate.

use serde_json::json;
use straznica_contracts::identity::v1::Role;
use straznica_store::{NoMigrations, on_both_engines};

use super::browser::Browser;
use crate::it::house::House;

on_both_engines! {
    NoMigrations;

    async fn an_official_known_by_a_certificate_logs_in_with_it_alone(database: TestDatabase) {
        let house = House::new(database).await;
        house.enrolled("source-17").await;
        let issued = house.issue("terminal/source-17");
        let thumbprint = issued.identity.fingerprint();
        let mut browser = Browser::new(house.caller_with(&issued));
        browser.post("/v1/sessions/certificate", &json!({})).await.problem(401, "gateway.login_refused");
        house.people.knows_login(&thumbprint, "um-0001", &[("um-a", &[Role::Official])]);
        let opened = browser.post("/v1/sessions/certificate", &json!({})).await;
        assert_eq!(opened.status, 201, "{opened:?}");
        assert_eq!((&opened.json()["officer"], &opened.json()["acr"]), (&json!("um-0001"), &json!("urn:straznica:acr:certificate")));
        browser.keep(&opened);
        assert_eq!(browser.get("/v1/session").await.status, 200);
        let stolen = Browser { caller: house.caller("terminal/source-17"), ..browser.clone() };
        stolen.get("/v1/session").await.problem(401, "gateway.not_logged_in");
        house.end().await;
    }

    async fn without_a_certificate_nobody_logs_in_by_one(database: TestDatabase) {
        let house = House::new(database).await;
        Browser::new(house.visitor()).post("/v1/sessions/certificate", &json!({})).await.problem(401, "gateway.no_certificate");
        house.end().await;
    }
}
