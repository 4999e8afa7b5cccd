//! Sessions end by themselves, by their owner and by a lock; nobody else's request passes for theirs.

use std::time::Duration;

use http::Method;
use prost::Message as _;
use serde_json::json;
use straznica_contracts::identity::v1::{OpenVerificationRequest, Role};
use straznica_store::{NoMigrations, on_both_engines};

use super::{
    browser::{Account, Browser, PESEL},
    double::VERIFICATION,
};
use crate::it::{doubles::Asked, house::House};

const MINUTE: Duration = Duration::from_secs(60);

/// An official of one office, logged in.
async fn official(house: &House) -> Browser {
    let account = Account::official(house, "j.kowalska").await;
    house.people.knows("j.kowalska", &[("um-a", &[Role::Official])]);
    Browser::logged_in(house, &account).await
}

on_both_engines! {
    NoMigrations;

    async fn a_session_ends_after_a_quarter_of_an_hour_of_rest(database: TestDatabase) {
        let house = House::people(database).await;
        let browser = official(&house).await;
        house.clock.advance(MINUTE * 14);
        assert_eq!(browser.get("/v1/session").await.json()["idleUntil"], "2026-05-28T09:59:00.000Z");
        house.clock.advance(MINUTE * 14);
        assert_eq!(browser.get("/v1/session").await.status, 200);
        house.clock.advance(MINUTE * 15);
        browser.get("/v1/session").await.problem(401, "gateway.not_logged_in");
        house.end().await;
    }

    async fn a_session_ends_after_eight_hours_of_work(database: TestDatabase) {
        let house = House::people(database).await;
        let browser = official(&house).await;
        for _ in 0..47 {
            house.clock.advance(MINUTE * 10);
            assert_eq!(browser.get("/v1/session").await.status, 200);
        }
        house.clock.advance(MINUTE * 10);
        browser.get("/v1/session").await.problem(401, "gateway.not_logged_in");
        house.end().await;
    }

    async fn whoever_logs_out_is_out(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        let first = Browser::logged_in(&house, &account).await;
        house.clock.advance(MINUTE);
        let second = Browser::logged_in(&house, &account).await;
        house.clock.advance(MINUTE);
        let third = Browser::logged_in(&house, &account).await;
        let out = first.post("/v1/session/end", &json!({})).await;
        assert_eq!(out.status, 204, "{out:?}");
        assert!(out.header("set-cookie").starts_with("__Host-straznica=; ") && out.header("set-cookie").ends_with("Max-Age=0"));
        first.get("/v1/session").await.problem(401, "gateway.not_logged_in");
        assert_eq!(second.get("/v1/session").await.status, 200);
        assert_eq!(second.post("/v1/session/end-everywhere", &json!({})).await.status, 204);
        for browser in [second, third] {
            browser.get("/v1/session").await.problem(401, "gateway.not_logged_in");
        }
        house.end().await;
    }

    async fn a_login_gives_a_new_id_and_ends_the_old_one(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        let old = Browser::logged_in(&house, &account).await;
        house.clock.advance(MINUTE);
        let mut new = old.clone();
        assert_eq!(new.log_in(&account.credentials(&house)).await.status, 201);
        assert_ne!(new.cookie, old.cookie);
        assert_eq!(new.get("/v1/session").await.status, 200);
        old.get("/v1/session").await.problem(401, "gateway.not_logged_in");

        // An id somebody else put into the browser is not taken over.
        let mut planted = Browser::new(house.visitor());
        planted.cookie = format!("__Host-straznica={}", "A".repeat(43));
        house.clock.advance(MINUTE);
        let planted_cookie = planted.cookie.clone();
        assert_eq!(planted.log_in(&account.credentials(&house)).await.status, 201);
        assert_ne!(planted.cookie, planted_cookie);
        house.end().await;
    }

    async fn a_request_without_the_sessions_token_changes_nothing(database: TestDatabase) {
        let house = House::people(database).await;
        let browser = official(&house).await;
        let cancel = format!("/v1/verifications/{VERIFICATION}/cancellation");
        let other = "u3fNnGmm1qJ5bq6iRkqXbQ2mVjEw2Jr8b0m7cX1aYtE";
        for (header, code) in [
            (("x-csrf-token", ""), "gateway.csrf_token"),
            (("x-csrf-token", "x"), "gateway.csrf_token"),
            (("x-csrf-token", other), "gateway.csrf_token"),
            (("sec-fetch-site", "cross-site"), "gateway.cross_site"),
            (("sec-fetch-site", "same-site"), "gateway.cross_site"),
        ] {
            browser.send(Method::POST, &cancel, &[header], "{}").await.problem(403, code);
        }
        assert_eq!(house.people.script.count(), 0);
        assert_eq!(browser.send(Method::POST, &cancel, &[("sec-fetch-site", "same-origin")], "{}").await.status, 200);
        let login = json!({"account": "a", "password": "b", "code": "c"}).to_string();
        let forged = Browser::new(house.visitor());
        forged.send(Method::POST, "/v1/sessions/password", &[("sec-fetch-site", "cross-site")], &login).await.problem(403, "gateway.cross_site");
        house.end().await;
    }

    async fn whoever_makes_up_sessions_is_counted_by_where_they_are(database: TestDatabase) {
        let house = House::with(database, |config| {
            config.people.accounts.enabled = true;
            (config.rate.burst, config.rate.per_second) = (4, 1);
        })
        .await;
        let account = Account::official(&house, "j.kowalska").await;
        let browser = Browser::logged_in(&house, &account).await;
        assert_eq!(browser.get("/v1/session").await.status, 200);
        let made_up = |letter: &str| Browser {
            cookie: format!("__Host-straznica={}", letter.repeat(42) + "A"),
            ..Browser::new(house.visitor())
        };
        for letter in ["A", "B"] {
            made_up(letter).get("/v1/session").await.problem(401, "gateway.not_logged_in");
        }
        made_up("C").get("/v1/session").await.problem(429, "gateway.rate_limited");
        assert_eq!(browser.get("/v1/session").await.status, 200, "nobody pays for it who is logged in");
        house.end().await;
    }

    async fn every_address_of_people_needs_a_session(database: TestDatabase) {
        let house = House::people(database).await;
        let document = straznica_gateway::openapi();
        let mut tried = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if operation["security"][0].get("session").is_none() {
                    continue;
                }
                tried += 1;
                let path = path.replace("{id}", VERIFICATION);
                let stranger = Browser::new(house.visitor());
                let refused = stranger.send(method.to_uppercase().parse().unwrap(), &path, &[], "{}").await;
                refused.problem(401, "gateway.not_logged_in");
            }
        }
        assert!(tried > 12, "{tried}");
        assert_eq!(house.people.script.count(), 0);
        house.end().await;
    }

    async fn a_lock_and_a_withdrawn_right_count_from_the_next_request_on(database: TestDatabase) {
        let house = House::people(database).await;
        let browser = official(&house).await;
        let path = format!("/v1/verifications/{VERIFICATION}");
        assert_eq!(browser.get(&path).await.status, 200);
        house.people.forgets("j.kowalska");
        browser.get(&path).await.problem(403, "gateway.role_missing");
        house.people.knows("j.kowalska", &[("um-a", &[Role::LocalAdministrator])]);
        browser.get(&path).await.problem(403, "gateway.role_missing");
        house.people.knows("j.kowalska", &[("um-a", &[Role::Official])]);
        assert_eq!(browser.get(&path).await.status, 200);
        house.operator().post("/v1/accounts/j.kowalska/lock", &json!({"reason": "left"})).await;
        browser.get(&path).await.problem(401, "gateway.not_logged_in");
        house.end().await;
    }

    async fn a_session_over_a_client_certificate_counts_over_that_one_alone(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        let mut at_terminal = Browser::new(house.enrolled("T-1").await);
        assert_eq!(at_terminal.log_in(&account.credentials(&house)).await.status, 201);
        assert_eq!(at_terminal.get("/v1/session").await.status, 200);
        for elsewhere in [house.caller("terminal/T-1"), house.enrolled("T-2").await, house.visitor()] {
            let stolen = Browser { caller: elsewhere, ..at_terminal.clone() };
            stolen.get("/v1/session").await.problem(401, "gateway.not_logged_in");
        }
        house.clock.advance(MINUTE);
        let at_home = Browser::logged_in(&house, &account).await;
        let stolen = Browser { caller: at_terminal.caller.clone(), ..at_home };
        stolen.get("/v1/session").await.problem(401, "gateway.not_logged_in");

        let body = json!({"pesel": PESEL, "kind": "identity_card", "purpose": "office_matter", "case": "OR.1.2026"});
        house.people.knows("j.kowalska", &[("um-a", &[Role::Official])]);
        assert_eq!(at_terminal.post("/v1/verifications", &body).await.status, 201);
        let [Asked::Exchange("open_verification", asked)] = &house.people.script.take()[..] else { panic!("not asked") };
        let asked = OpenVerificationRequest::decode(&asked[..]).unwrap();
        assert_eq!(asked.context.as_ref().unwrap().terminal_id, "T-1", "the device is told with the person");

        house.operator().post("/v1/terminals/T-1/suspension", &json!({"reason": "missing"})).await;
        at_terminal.get("/v1/session").await.problem(403, "gateway.terminal_suspended");
        house.end().await;
    }

    async fn logins_and_logouts_are_journalled(database: TestDatabase) {
        use sea_orm::{ConnectionTrait, Statement};
        let house = House::people(database).await;
        let browser = official(&house).await;
        browser.post("/v1/session/end", &json!({})).await;
        let wrong = json!({"account": "j.kowalska", "password": "a wrong password", "code": "123456"});
        Browser::new(house.visitor()).log_in(&wrong).await;
        let reader = house.database.store().reader();
        let sql = "SELECT kind AS line FROM journal ORDER BY row_number";
        let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        let kinds: Vec<String> = rows.iter().map(|row| row.try_get("", "line").unwrap()).collect();
        assert_eq!(kinds, ["account.made", "session.opened", "session.ended", "session.refused"]);
        house.end().await;
    }
}
