//! A code and a yes hold for five minutes.

use std::time::Duration;

use straznica_store::{NoMigrations, on_both_engines};

use super::{Town, done, refused};

on_both_engines! {
    NoMigrations;

    async fn five_minutes_end_the_code_and_the_yes_alike(database: TestDatabase) {
        let town = Town::found(database).await;
        town.join().await;
        let (agreed, asked) = (town.open().await, town.open().await);
        let (first, second) = (town.code(2).await, town.code(3).await);
        town.pass(299);
        // the texts came in either order
        let mut approved = false;
        for code in [&first, &second] {
            approved |= town.confirm(&agreed, code).await.status.is_success();
        }
        assert!(approved, "in the last second");
        town.pass(1);
        refused(&town.show(&agreed).await, 409, "identity.verification_over");
        for code in [&first, &second] {
            refused(&town.confirm(&asked, code).await, 409, "identity.verification_over");
        }
        refused(&town.resend(&asked).await, 409, "identity.verification_over");
        assert_eq!(town.asked_of_the_register(), 0);

        // A register asked at the last moment may still answer; after a minute it is written down that nobody did.
        town.pass(60);
        let expired = vec![("expired".to_owned(), String::new()); 2];
        for _ in 0..300 {
            if town.ends().await == expired {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(town.ends().await, expired);

        let verification = town.open().await;
        done(&town.confirm(&verification, &town.code(4).await).await);
        town.sees_the_document(&verification).await;
        Box::pin(town.end()).await;
    }
}
