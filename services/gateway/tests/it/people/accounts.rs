//! Local accounts: whoever guesses learns nothing and waits longer and longer.

use std::time::{Duration, Instant};

use serde_json::json;
use straznica_store::{NoMigrations, on_both_engines};

use super::browser::{Account, Browser, PASSWORD};
use crate::it::house::House;

on_both_engines! {
    NoMigrations;

    async fn somebody_with_password_and_code_logs_in_and_a_code_counts_once(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        let mut browser = Browser::new(house.visitor());
        let opened = browser.log_in(&account.credentials(&house)).await;
        assert_eq!(opened.status, 201, "{opened:?}");
        assert_eq!(opened.header("cache-control"), "no-store");
        let session = opened.json();
        assert_eq!((&session["kind"], &session["acr"]), (&json!("official"), &json!("urn:straznica:acr:password-and-code")));
        assert_eq!(session["idleUntil"], "2026-05-28T09:45:00.000Z");
        assert_eq!(session["endsAt"], "2026-05-28T17:30:00.000Z");
        assert_eq!(session["roles"], json!(null), "identity knows nobody of that name");
        assert_eq!(browser.get("/v1/session").await.json()["csrfToken"], session["csrfToken"]);

        let again = Browser::new(house.visitor()).log_in(&account.credentials(&house)).await;
        again.problem(401, "gateway.login_refused");
        house.clock.advance(Duration::from_secs(30));
        assert_eq!(Browser::new(house.visitor()).log_in(&account.credentials(&house)).await.status, 201);
        house.end().await;
    }

    async fn whatever_is_wrong_the_same_is_said(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        let good = account.credentials(&house);
        for (member, wrong) in [
            ("account", "nobody-here"),
            ("account", "ktoś ze spacją i zbyt dziwną nazwą"),
            ("password", "another password"),
            ("code", "000000"),
            ("code", "not a code"),
        ] {
            let mut typed = good.clone();
            typed[member] = wrong.into();
            let refused = Browser::new(house.visitor()).log_in(&typed).await.problem(401, "gateway.login_refused");
            assert_eq!(refused["detail"], "Account, password or code is wrong, or the account is locked", "{member}");
            house.clock.advance(Duration::from_secs(3600));
        }
        let lock = house.operator().post("/v1/accounts/j.kowalska/lock", &json!({"reason": "left"})).await;
        assert_eq!(lock.status, 204, "{lock:?}");
        Browser::new(house.visitor()).log_in(&account.credentials(&house)).await.problem(401, "gateway.login_refused");
        house.clock.advance(Duration::from_secs(3600));
        assert_eq!(house.operator().post("/v1/accounts/j.kowalska/unlock", &json!({"reason": "back"})).await.status, 204);
        assert_eq!(Browser::new(house.visitor()).log_in(&account.credentials(&house)).await.status, 201);
        house.end().await;
    }

    async fn an_unknown_name_takes_as_long_as_a_wrong_password(database: TestDatabase) {
        let house = House::people(database).await;
        let mut taken = [Vec::new(), Vec::new()];
        for round in 0..12 {
            let account = Account::official(&house, &format!("account-{round}")).await;
            for (class, name) in [account.name.clone(), format!("nobody-{round}")].into_iter().enumerate() {
                let typed = json!({"account": name, "password": "a wrong password", "code": "123456"});
                let began = Instant::now();
                Browser::new(house.visitor()).log_in(&typed).await.problem(401, "gateway.login_refused");
                taken[class].push(began.elapsed());
            }
        }
        // The work of a password is tens of milliseconds; without it a name would be told by far more than half.
        // The quickest of many: what else the machine does makes the others slower.
        let [known, unknown] = taken.map(|times| times.into_iter().min().unwrap());
        println!("known {known:?}, unknown {unknown:?}");
        assert!(unknown * 2 > known && known * 2 > unknown, "known {known:?}, unknown {unknown:?}");
        house.end().await;
    }

    async fn after_three_attempts_in_vain_each_further_one_costs_a_longer_pause(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        for name in ["j.kowalska", "nobody-here"] {
            let wrong = json!({"account": name, "password": "a wrong password", "code": "123456"});
            for _ in 0..3 {
                Browser::new(house.visitor()).log_in(&wrong).await.problem(401, "gateway.login_refused");
            }
            for pause in [1, 2, 4] {
                let paused = Browser::new(house.visitor()).log_in(&wrong).await;
                paused.problem(429, "gateway.login_paused");
                assert_eq!(paused.header("retry-after"), pause.to_string(), "{name}");
                house.clock.advance(Duration::from_secs(pause));
                Browser::new(house.visitor()).log_in(&wrong).await.problem(401, "gateway.login_refused");
            }
        }
        // Even the right password is not looked at in a pause; after it, it is, and the count begins anew.
        Browser::new(house.visitor()).log_in(&account.credentials(&house)).await.problem(429, "gateway.login_paused");
        house.clock.advance(Duration::from_secs(8));
        assert_eq!(Browser::new(house.visitor()).log_in(&account.credentials(&house)).await.status, 201);
        let wrong = json!({"account": "j.kowalska", "password": PASSWORD, "code": "000000"});
        Browser::new(house.visitor()).log_in(&wrong).await.problem(401, "gateway.login_refused");
        house.end().await;
    }

    async fn of_many_guesses_at_once_a_handful_is_looked_at(database: TestDatabase) {
        let house = House::people(database).await;
        Account::official(&house, "j.kowalska").await;
        let guesses = (0..24).map(|number| {
            let mut browser = Browser::new(house.visitor());
            let typed = json!({"account": "j.kowalska", "password": format!("a wrong password {number}"), "code": "123456"});
            async move { browser.log_in(&typed).await.status.as_u16() }
        });
        let statuses = futures::future::join_all(guesses).await;
        assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 3, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 21, "{statuses:?}");
        house.end().await;
    }

    async fn without_local_accounts_there_are_none(database: TestDatabase) {
        let house = House::new(database).await;
        let typed = json!({"account": "a", "password": PASSWORD, "code": "123456"});
        Browser::new(house.visitor()).log_in(&typed).await.problem(404, "gateway.accounts_off");
        house.operator().get("/v1/accounts").await.problem(404, "gateway.accounts_off");
        house.end().await;
    }

    async fn operators_make_accounts_and_nobody_else_does(database: TestDatabase) {
        let house = House::people(database).await;
        Account::official(&house, "j.kowalska").await;
        Account::citizen(&house, "a.probna").await;
        let made = house.operator().get("/v1/accounts").await.json();
        assert_eq!((&made["accounts"][0]["name"], &made["accounts"][0]["kind"]), (&json!("a.probna"), &json!("citizen")));
        assert_eq!((&made["accounts"][1]["name"], &made["accounts"][1]["madeBy"]), (&json!("j.kowalska"), &json!("OP-07")));
        let twice = json!({"name": "j.kowalska", "password": PASSWORD});
        house.operator().post("/v1/accounts", &twice).await.problem(409, "gateway.account_exists");
        house.operator().post("/v1/accounts/nobody/lock", &json!({"reason": "x"})).await.problem(404, "gateway.unknown_account");
        for (member, value, pointer) in [
            ("name", json!("j kowalska"), "/name"),
            ("password", json!("short"), "/password"),
            ("pesel", json!("1234"), "/pesel"),
            ("surname", json!("a\nb"), "/surname"),
        ] {
            let mut wrong = json!({"name": "new", "password": PASSWORD, "pesel": "99722812346"});
            wrong[member] = value;
            let problem = house.operator().post("/v1/accounts", &wrong).await.problem(400, "gateway.invalid_members");
            assert_eq!(problem["errors"][0]["pointer"], pointer);
        }
        house.visitor().get("/v1/accounts").await.problem(404, "gateway.unknown_route");
        house.enrolled("T-1").await.get("/v1/accounts").await.problem(403, "gateway.wrong_peer");
        house.end().await;
    }

    async fn another_second_factor_takes_the_password_and_ends_what_the_old_one_opened(database: TestDatabase) {
        let house = House::people(database).await;
        let lost = Account::citizen(&house, "a.probna").await;
        let browser = Browser::logged_in(&house, &lost).await;
        let path = "/v1/accounts/a.probna/second-factor";
        let typed = json!({"password": PASSWORD});
        let guess = json!({"password": "a wrong password"});
        let problem = house.operator().post(path, &guess).await.problem(400, "gateway.invalid_members");
        assert_eq!(problem["errors"][0]["pointer"], "/password");
        assert_eq!(browser.get("/v1/session").await.status, 200, "a guess changes nothing");
        let made = house.operator().post(path, &typed).await;
        assert_eq!(made.status, 200, "{made:?}");
        assert_eq!(made.header("cache-control"), "no-store");
        browser.get("/v1/session").await.problem(401, "gateway.not_logged_in");

        let found = Account::of(&made.json());
        assert_eq!(found.name, lost.name);
        Browser::new(house.visitor()).log_in(&lost.credentials(&house)).await.problem(401, "gateway.login_refused");
        let again = Browser::logged_in(&house, &found).await;
        // what is sealed under the password is still there
        assert_eq!(again.get("/v1/citizen/activations").await.status, 200);

        house.operator().post("/v1/accounts/nobody/second-factor", &typed).await.problem(404, "gateway.unknown_account");
        house.enrolled("T-1").await.post(path, &typed).await.problem(403, "gateway.wrong_peer");
        // Guessing costs what it costs at a login, and the count is the same.
        for _ in 0..3 {
            house.operator().post(path, &guess).await.problem(400, "gateway.invalid_members");
        }
        house.operator().post(path, &typed).await.problem(429, "gateway.login_paused");
        Browser::new(house.visitor()).log_in(&found.credentials(&house)).await.problem(429, "gateway.login_paused");
        house.end().await;
    }
}
