//! An official asks more often than a day's work explains, is locked, and somebody else unlocks them with a reason.

use serde_json::{Value, json};
use straznica_cli::suite::SuiteOptions;
use straznica_store::{NoMigrations, on_both_engines};

use super::{OFFICE, Town, done, log_in, official, refused, wrong};

impl Town {
    /// What the office's administrator reads about an official.
    async fn official_on_list(&self, local: &straznica_cli::person::Person, officer: &str) -> Value {
        let list = done(&local.get(&format!("/v1/institutions/{OFFICE}/officials")).await.unwrap());
        let officials = list["officials"].as_array().unwrap();
        officials.iter().find(|one| one["officer"] == officer).unwrap().clone()
    }
}

on_both_engines! {
    NoMigrations;

    async fn an_official_past_the_days_limit_is_locked_until_the_administrator_says_why_not(database: TestDatabase) {
        let town = Town::found_with(database, |options| options.config.identity.verification.official_daily = 2).await;
        town.join().await;
        let (security_account, _) = official(&town.suite, "um-0010").await;
        town.grant(&town.central[0], OFFICE, "um-0010", "security_officer").await;
        let (local_account, _) = official(&town.suite, "um-0011").await;
        town.grant(&town.central[0], OFFICE, "um-0011", "local_administrator").await;
        for _ in 0..2 {
            town.open().await;
        }
        assert_eq!(town.official_on_list(&town.local, "um-0001").await["locked"], false);
        for _ in 0..2 {
            refused(&town.ask(&town.official).await, 403, "identity.official_locked");
        }
        town.code(3).await;
        town.outbox_is_quiet().await;
        assert_eq!(town.messages(), 3, "the citizen hears nothing of the third");

        // The next day changes nothing; everybody logs in anew.
        town.pass(86_400);
        let local = log_in(&town.suite, &local_account).await;
        let locked = town.log_in(&town.official_account).await;
        refused(&town.ask(&locked).await, 403, "identity.official_locked");
        assert_eq!(town.official_on_list(&local, "um-0001").await["locked"], true);

        let path = format!("/v1/institutions/{OFFICE}/officials/um-0001/unlock");
        let why = json!({"reason": "collection of documents, day of open doors"});
        refused(&locked.post(&path, &why).await.unwrap(), 403, "gateway.role_missing");
        refused(&local.post(&path, &json!({"reason": ""})).await.unwrap(), 400, "gateway.invalid_members");
        refused(&local.post(&path, &json!({})).await.unwrap(), 400, "gateway.invalid_members");
        refused(&town.ask(&locked).await, 403, "identity.official_locked");
        done(&local.post(&path, &why).await.unwrap());
        refused(&local.post(&path, &why).await.unwrap(), 409, "identity.official_not_locked");
        assert_eq!(done(&town.ask(&locked).await)["verification"]["stage"], "challenged");
        assert_eq!(town.official_on_list(&local, "um-0001").await["locked"], false);

        // Why stands in the journal, for the security officer.
        let security = log_in(&town.suite, &security_account).await;
        let search = json!({
            "journal": "identity", "officer": "um-0011", "kind": "official.unlocked", "purpose": "quarterly_review",
        });
        let path = format!("/v1/institutions/{OFFICE}/journal/searches");
        let found = done(&security.post(&path, &search).await.unwrap());
        let entries = found["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "{found}");
        assert_eq!(entries[0]["detail"]["official"], "um-0001");
        assert_eq!(entries[0]["detail"]["reason"], why["reason"]);
        Box::pin(town.end()).await;
    }

    async fn an_official_who_has_tried_too_many_codes_is_shown_as_locked_and_unlocked_the_same_way(database: TestDatabase) {
        // The proof of the phone, when the citizen joined, is not the official's.
        let few = |options: &mut SuiteOptions| options.config.dispatch.limits.attempts_per_official_and_day = 4;
        let town = Town::found_with(database, few).await;
        town.join().await;
        let verification = town.open().await;
        let code = town.code(2).await;
        for _ in 0..4 {
            refused(&town.confirm(&verification, wrong(&code)).await, 400, "identity.code_wrong");
        }
        refused(&town.confirm(&verification, &code).await, 403, "identity.official_locked");
        refused(&town.ask(&town.official).await, 403, "identity.official_locked");
        assert_eq!(town.official_on_list(&town.local, "um-0001").await["locked"], true);
        town.pass(86_400);
        let (local, official) = (town.log_in(&town.local_account).await, town.log_in(&town.official_account).await);
        refused(&town.ask(&official).await, 403, "identity.official_locked");
        let path = format!("/v1/institutions/{OFFICE}/officials/um-0001/unlock");
        done(&local.post(&path, &json!({"reason": "a keyboard with a broken key"})).await.unwrap());
        assert_eq!(town.official_on_list(&local, "um-0001").await["locked"], false);
        assert_eq!(done(&town.ask(&official).await)["verification"]["stage"], "challenged");
        Box::pin(town.end()).await;
    }
}
