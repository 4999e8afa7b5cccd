//! The citizen reads out a code, or withdraws.

use serde_json::json;
use straznica_store::{NoMigrations, on_both_engines};

use super::{OFFICE, Town, done, refused, wrong};

on_both_engines! {
    NoMigrations;

    async fn an_official_confirms_an_identity_over_rest_and_the_citizen_reads_who_asked(database: TestDatabase) {
        let town = Town::found(database).await;
        let session = done(&town.official.get("/v1/session").await.unwrap());
        assert_eq!((&session["officer"], &session["roles"][0]["institution"]), (&json!("um-0001"), &json!(OFFICE)));
        town.join().await;
        let verification = town.open().await;
        refused(&town.show(&verification).await, 409, "identity.verification_state");
        assert_eq!(town.asked_of_the_register(), 0, "nobody asked the register before the citizen said yes");
        let code = town.code(2).await;
        refused(&town.confirm(&verification, wrong(&code)).await, 400, "identity.code_wrong");
        let approved = done(&town.confirm(&verification, &code).await);
        assert_eq!((&approved["stage"], &approved["qualifier"]), (&json!("approved"), &json!("sms")));
        let shown = town.sees_the_document(&verification).await;
        assert_eq!((&shown["stale"], &shown["documents"][0]["state"]), (&json!(false), &json!("valid")));
        refused(&town.show(&verification).await, 409, "identity.verification_over");
        assert_eq!(town.asked_of_the_register(), 1, "once");

        let accesses = town.accesses().await;
        let access = &accesses[0];
        assert_eq!((&access["institution"], &access["officer"]), (&json!("Urząd Gminy Próbne"), &json!("um-0001")));
        assert_eq!((&access["stage"], &access["case"]), (&json!("shown"), &json!("OR.5345.1.2026")));
        Box::pin(town.end()).await;
    }

    async fn five_wrong_codes_show_nothing(database: TestDatabase) {
        let town = Town::found(database).await;
        town.join().await;
        let verification = town.open().await;
        let code = town.code(2).await;
        for _ in 0..5 {
            refused(&town.confirm(&verification, wrong(&code)).await, 400, "identity.code_wrong");
        }
        refused(&town.confirm(&verification, &code).await, 409, "identity.no_attempt_left");
        refused(&town.confirm(&verification, &code).await, 409, "identity.verification_over");
        refused(&town.show(&verification).await, 409, "identity.verification_over");
        assert_eq!(town.asked_of_the_register(), 0);
        assert_eq!(town.ends().await, [("locked".to_owned(), String::new())]);
        Box::pin(town.end()).await;
    }

    async fn a_citizen_who_withdraws_meanwhile_is_not_shown(database: TestDatabase) {
        let town = Town::found(database).await;
        town.join().await;
        let agreed = town.open().await;
        done(&town.confirm(&agreed, &town.code(2).await).await);
        let asked = town.open().await;
        let code = town.code(3).await;
        done(&town.citizen.post("/v1/citizen/withdrawals", &json!({"kinds": []})).await.unwrap());
        refused(&town.show(&agreed).await, 409, "identity.verification_over");
        refused(&town.confirm(&asked, &code).await, 409, "identity.verification_over");
        refused(&town.show(&asked).await, 409, "identity.verification_over");
        assert_eq!(town.asked_of_the_register(), 0);
        assert_eq!(town.ends().await, vec![("refused".to_owned(), "withdrawal".to_owned()); 2], "both in vain, both told");
        Box::pin(town.end()).await;
    }
}
