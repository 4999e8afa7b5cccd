//! The text has not come: the official has it sent again.

use serde_json::json;
use straznica_store::{NoMigrations, on_both_engines};

use super::{Town, done, refused, retry_after, wrong};

on_both_engines! {
    NoMigrations;

    async fn the_same_code_goes_again_after_half_a_minute_three_times_and_no_attempt_comes_back(database: TestDatabase) {
        let town = Town::found(database).await;
        town.join().await;
        let opened = done(&town.ask(&town.official).await);
        let verification = format!("/v1/verifications/{}", opened["verification"]["id"].as_str().unwrap());
        assert_eq!(opened["resend"], json!({"resendAt": "2026-11-22T10:00:30.000Z", "resendsLeft": 3}));
        let code = town.code(2).await;
        for sent in 1..=3 {
            let early = town.resend(&verification).await;
            refused(&early, 429, "identity.too_often");
            assert_eq!(retry_after(&early), 30);
            refused(&town.confirm(&verification, wrong(&code)).await, 400, "identity.code_wrong");
            town.pass(30);
            assert_eq!(done(&town.resend(&verification).await)["resendsLeft"], 3 - sent);
            assert_eq!(town.code(2 + sent).await, code, "whichever text arrives, it is the code");
        }
        town.pass(30);
        refused(&town.resend(&verification).await, 429, "identity.too_often");
        // three attempts in vain, and two are left, however often it was sent
        refused(&town.confirm(&verification, wrong(&code)).await, 400, "identity.code_wrong");
        assert_eq!(done(&town.confirm(&verification, &code).await)["stage"], "approved");
        town.sees_the_document(&verification).await;
        town.outbox_is_quiet().await;
        assert_eq!(town.messages(), 5, "the proof of the phone, the code, and three times again");
        Box::pin(town.end()).await;
    }

    async fn sending_again_gives_no_attempt_back(database: TestDatabase) {
        let town = Town::found(database).await;
        town.join().await;
        let verification = town.open().await;
        let code = town.code(2).await;
        for sent in 0..2 {
            for _ in 0..2 {
                refused(&town.confirm(&verification, wrong(&code)).await, 400, "identity.code_wrong");
            }
            town.pass(30);
            done(&town.resend(&verification).await);
            town.code(3 + sent).await;
        }
        refused(&town.confirm(&verification, wrong(&code)).await, 400, "identity.code_wrong");
        refused(&town.confirm(&verification, &code).await, 409, "identity.no_attempt_left");
        refused(&town.show(&verification).await, 409, "identity.verification_over");
        assert_eq!(town.asked_of_the_register(), 0);
        Box::pin(town.end()).await;
    }
}
