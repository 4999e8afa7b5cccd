//! Somebody tries codes out, many at a time.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::json;
use straznica_cli::rest::Answer;
use straznica_cli::suite::SuiteOptions;
use straznica_simulators::registers::made_up_people;
use straznica_store::{NoMigrations, on_both_engines};

use super::{PHONE, Town, done, refused, retry_after, wrong};

const GUESSES: usize = 200;

fn word(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

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

    /// A person is counted under one name however they are asked for. If what is used up by PESEL showed by phone, it would tell that both are one person's.
    async fn what_is_used_up_of_a_person_tells_nobody_that_there_is_one(database: TestDatabase) {
        let few = |options: &mut SuiteOptions| {
            options.config.dispatch.limits.attempts_per_subject_and_day = 6;
            options.config.dispatch.limits.messages_per_subject_and_day = 4;
        };
        let town = Town::found_with(database, few).await;
        town.join().await;
        let mut heard = Vec::new();
        let stranger = &made_up_people(town.suite.clock().now().date()).unwrap()[1];
        let known = [json!({"pesel": town.holder.pesel.expose()}), json!({"phone": PHONE})];
        let nobody = [json!({"pesel": stranger.pesel.expose()}), json!({"phone": "+48511222333"})];
        for [by_pesel, by_phone] in [known, nobody] {
            let mut told = Vec::new();
            for whom in [&by_pesel, &by_pesel, &by_phone, &by_phone] {
                let asked = Town::ask_about(&town.official, whom.clone()).await;
                told.push(word(&asked));
                let verification = format!("/v1/verifications/{}", done(&asked)["verification"]["id"].as_str().unwrap());
                for _ in 0..4 {
                    told.push(word(&town.confirm(&verification, "000000").await));
                }
                town.pass(31);
                told.push(word(&town.resend(&verification).await));
            }
            heard.push(told);
        }
        assert_eq!(heard[0], heard[1]);
        Box::pin(town.end()).await;
    }

    /// After too many wrong codes in a row none is taken any more. Officials hear of a wrong code and cannot lift it: only the citizen, logged in, sees it and can.
    async fn whoever_is_locked_for_wrong_codes_lets_codes_be_taken_again(database: TestDatabase) {
        let town = Town::found_with(database, |options| options.config.dispatch.limits.failures_in_a_row = 5).await;
        town.join().await;
        let lock = "/v1/citizen/codes/lock";
        let lifting = format!("{lock}/lifting");
        assert_eq!(done(&town.citizen.get(lock).await.unwrap()), json!({}));
        refused(&town.citizen.post(&lifting, &json!({})).await.unwrap(), 409, "identity.codes_not_locked");
        let verification = town.open().await;
        let code = town.code(2).await;
        for _ in 0..5 {
            refused(&town.confirm(&verification, wrong(&code)).await, 400, "identity.code_wrong");
        }
        town.pass(60);
        let verification = town.open().await;
        refused(&town.confirm(&verification, "000000").await, 400, "identity.code_wrong");
        town.outbox_is_quiet().await;
        assert_eq!(town.messages(), 2, "nothing is sent to whoever is locked");

        refused(&town.official.get(lock).await.unwrap(), 403, "gateway.role_missing");
        refused(&town.official.post(&lifting, &json!({})).await.unwrap(), 403, "gateway.role_missing");
        assert!(done(&town.citizen.get(lock).await.unwrap())["lockedSince"].is_string());
        done(&town.citizen.post(&lifting, &json!({})).await.unwrap());
        refused(&town.citizen.post(&lifting, &json!({})).await.unwrap(), 409, "identity.codes_not_locked");

        town.pass(60);
        let verification = town.open().await;
        let code = town.code(3).await;
        assert_eq!(done(&town.confirm(&verification, &code).await)["stage"], "approved");
        town.sees_the_document(&verification).await;
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
