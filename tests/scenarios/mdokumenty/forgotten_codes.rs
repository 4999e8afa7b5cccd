//! Short-lived state dies between the question and the answer: nothing gets in, and what was forgotten stays forgotten.

use std::time::{Duration, Instant};

use straznica_ephemeral::testing::PrivateRedis;
use straznica_store::{NoMigrations, on_both_engines};

use super::{Town, done, refused, retry_after};

on_both_engines! {
    NoMigrations;

    async fn a_redis_killed_between_question_and_answer_lets_nobody_in(database: TestDatabase) {
        let Some(mut redis) = PrivateRedis::start().await else { return };
        let ephemeral = redis.config();
        let town = Town::found_with(database, |options| options.config.dispatch.ephemeral = ephemeral).await;
        town.join().await;
        let verification = town.open().await;
        let code = town.code(2).await;
        town.outbox_is_quiet().await;

        redis.kill().await;
        let begun = Instant::now();
        for answer in [
            town.confirm(&verification, &code).await,
            town.resend(&verification).await,
            town.ask(&town.official).await,
        ] {
            refused(&answer, 503, "identity.challenge_unavailable");
            assert_eq!(retry_after(&answer), 5);
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "said in time: {:?}", begun.elapsed());
        refused(&town.show(&verification).await, 409, "identity.verification_state");
        assert_eq!(town.look(&verification).await["stage"], "challenged");

        // It comes back and knows nothing. The right code is none any more.
        redis.restart().await;
        let mut answer = town.confirm(&verification, &code).await;
        for _ in 0..100 {
            if answer.status.as_u16() != 503 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            answer = town.confirm(&verification, &code).await;
        }
        refused(&answer, 409, "identity.verification_over");
        refused(&town.show(&verification).await, 409, "identity.verification_state");
        assert_eq!((town.messages(), town.asked_of_the_register()), (2, 0));

        // The citizen is asked anew.
        let verification = town.open().await;
        done(&town.confirm(&verification, &town.code(3).await).await);
        town.sees_the_document(&verification).await;
        Box::pin(town.end()).await;
    }
}
