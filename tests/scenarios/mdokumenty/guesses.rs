//! Somebody tries codes out, many at a time.

use std::collections::BTreeMap;

use futures::future::join_all;
use straznica_store::{NoMigrations, on_both_engines};

use super::{Town, refused, retry_after, wrong};

const GUESSES: usize = 200;

on_both_engines! {
    NoMigrations;

    async fn of_two_hundred_guesses_at_once_five_are_compared_and_then_the_right_one_is_worth_nothing(database: TestDatabase) {
        let town = Town::found(database).await;
        town.join().await;
        let verification = town.open().await;
        let code = town.code(2).await;
        let guesses = (0..).map(|guess: u32| format!("{guess:06}")).filter(|guess| *guess != code).take(GUESSES);
        let guessed = join_all(guesses.map(|guess| {
            let (town, verification) = (&town, &verification);
            async move { town.confirm(verification, &guess).await }
        }))
        .await;
        let mut told = BTreeMap::<String, usize>::new();
        for answer in &guessed {
            *told.entry(answer.json()["code"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        assert_eq!(told.remove("identity.code_wrong"), Some(5), "{told:?}");
        // Whoever came after the fifth is told that none is left, that it is over, or to look again.
        let turned_away =
            ["identity.no_attempt_left", "identity.verification_over", "identity.verification_contended"];
        assert!(told.keys().all(|code| turned_away.contains(&code.as_str())), "{told:?}");
        assert_eq!(told.values().sum::<usize>(), GUESSES - 5);
        let attempts = "SELECT max(attempts) FROM code_transaction";
        assert_eq!(town.count_at_dispatch(attempts).await, 5, "as dispatch has counted them");
        let journalled = "SELECT count(*) FROM journal WHERE kind = 'code.attempted'";
        assert_eq!(town.count_at_dispatch(journalled).await, 5 + 1, "the proof of the phone was one too");

        refused(&town.confirm(&verification, &code).await, 409, "identity.verification_over");
        refused(&town.resend(&verification).await, 409, "identity.verification_over");
        refused(&town.show(&verification).await, 409, "identity.verification_over");
        assert_eq!(town.asked_of_the_register(), 0);
        assert_eq!(town.ends().await, [("locked".to_owned(), String::new())], "and the citizen reads of it");
        Box::pin(town.end()).await;
    }

    async fn whoever_asks_too_fast_is_stopped_at_the_door(database: TestDatabase) {
        let town = Town::found_with(database, |options| options.config.gateway.rate.burst = 60).await;
        town.join().await;
        let verification = town.open().await;
        let code = town.code(2).await;
        let guesses = (0..GUESSES).map(|_| town.confirm(&verification, wrong(&code)));
        let guessed = join_all(guesses).await;
        let stopped: Vec<_> = guessed.iter().filter(|answer| answer.status.as_u16() == 429).collect();
        // one of sixty was the opening
        assert_eq!(stopped.len(), GUESSES - 59);
        for answer in stopped {
            refused(answer, 429, "gateway.rate_limited");
            assert_eq!(retry_after(answer), 1);
        }
        Box::pin(town.end()).await;
    }
}
