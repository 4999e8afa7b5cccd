//! The register is down, slow of mind, or back: what the official sees, and what the citizen's yes is worth meanwhile.

use std::time::Duration;

use serde_json::json;
use straznica_simulators::registers::Fault;
use straznica_store::{NoMigrations, on_both_engines};

use super::{Town, done, refused};

impl Town {
    /// The official is told that there is no answer now; the yes stands.
    async fn sees_no_answer(&self, verification: &str, retry_after: Option<u64>) {
        let shown = done(&self.show(verification).await);
        assert_eq!((&shown["outcome"], &shown["register"]), (&json!("register_unavailable"), &json!("srp")));
        assert_eq!((&shown["documents"], shown.get("asOf")), (&json!([]), None), "nothing of the document");
        assert_eq!(shown.get("retryAfterSeconds"), retry_after.map(|seconds| json!(seconds)).as_ref());
        assert_eq!(shown["verification"]["stage"], "approved");
    }
}

on_both_engines! {
    NoMigrations;

    async fn a_register_that_is_down_shows_nothing_and_leaves_the_citizens_yes(database: TestDatabase) {
        let town = Town::found(database).await;
        town.join().await;
        let verification = town.open().await;
        done(&town.confirm(&verification, &town.code(2).await).await);
        town.register.simulator.script(Some(Fault::Down));
        town.sees_no_answer(&verification, Some(30)).await;
        town.register.simulator.script(Some(Fault::Broken));
        town.sees_no_answer(&verification, None).await;
        assert_eq!(town.look(&verification).await["stage"], "approved");
        assert_eq!(town.ends().await, [("approved".to_owned(), "sms".to_owned())]);

        town.register.simulator.script(None);
        town.pass(30);
        let shown = town.sees_the_document(&verification).await;
        assert_eq!(shown["stale"], false);
        refused(&town.show(&verification).await, 409, "identity.verification_over");
        assert_eq!(town.ends().await, [("shown".to_owned(), "sms".to_owned())]);
        Box::pin(town.end()).await;
    }

    async fn a_yes_does_not_outlive_its_time_because_the_register_was_down(database: TestDatabase) {
        let town = Town::found(database).await;
        town.join().await;
        let verification = town.open().await;
        done(&town.confirm(&verification, &town.code(2).await).await);
        town.register.simulator.script(Some(Fault::Down));
        town.sees_no_answer(&verification, Some(30)).await;
        town.register.simulator.script(None);
        town.pass(300);
        refused(&town.show(&verification).await, 409, "identity.verification_over");
        assert_eq!(town.asked_of_the_register(), 1, "only while it was down");
        Box::pin(town.end()).await;
    }

    async fn an_old_answer_is_shown_as_old(database: TestDatabase) {
        let town = Town::found(database).await;
        town.join().await;
        let verification = town.open().await;
        done(&town.confirm(&verification, &town.code(2).await).await);
        town.register.simulator.script(Some(Fault::Stale(Duration::from_secs(7_200))));
        let shown = town.sees_the_document(&verification).await;
        assert_eq!((&shown["stale"], &shown["asOf"]), (&json!(true), &json!("2026-11-22T08:00:00.000Z")));
        assert_eq!(shown["verification"]["stage"], "shown");
        Box::pin(town.end()).await;
    }
}
