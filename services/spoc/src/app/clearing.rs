//! When what was kept long enough is cleared away: four times a day, and as soon as the clock is trusted.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use straznica_types::Timestamp;

use super::{App, exchange::retention, repository};
use crate::error::SpocError;

/// How long after a round the next one comes.
const BETWEEN_ROUNDS: Duration = Duration::from_secs(6 * 3600);

/// The rounds of one replica.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    /// When the last one was made to its end.
    last: Mutex<Option<Timestamp>>,
}

impl Rounds {
    /// Makes a round if one is due. While the clock is in doubt, as it is after every start until its sources have been asked, the round waits, and that is no
    /// failure: the watch over the clock tells of the doubt. One that failed is made again at the next look.
    ///
    /// # Errors
    /// [`SpocError`]
    pub(crate) async fn look(&self, app: &App) -> Result<(), SpocError> {
        let now = app.clock.now();
        if !self.is_due(now) || app.doubt().is_err() {
            return Ok(());
        }
        let (messages, certificates) = (retention::run(app).await, repository::run(app).await);
        messages.and(certificates)?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        Ok(())
    }

    /// A clock that was put back says nothing about the last round.
    fn is_due(&self, now: Timestamp) -> bool {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_none_or(|last| now < last || now >= last + BETWEEN_ROUNDS)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use std::{sync::Arc, time::Duration};

    use sea_orm::{ActiveModelTrait, IntoActiveModel};
    use straznica_store::on_both_engines;

    use super::Rounds;
    use crate::{
        Migrations,
        app::App,
        jobs,
        store::entity::inbound_message,
        testing::House,
        timewatch::tests::{Answer, Server},
    };

    const HOUR: Duration = Duration::from_secs(3600);

    /// An answer to a message that came long ago.
    async fn old_answer(app: &App, message_id: &str) {
        let row = inbound_message::Model {
            caller: "DE".to_owned(),
            message_id: message_id.to_owned(),
            operation: "general_message".to_owned(),
            sha256: "00".repeat(32),
            answer: Vec::new(),
            code: "ok".to_owned(),
            rule: None,
            received_at: 0,
        };
        let insert = async |tx: &_| {
            row.clone().into_active_model().insert(tx).await.map_err(straznica_store::StoreError::from)?;
            Ok::<_, crate::SpocError>(())
        };
        app.store.write_tx(insert).await.unwrap();
    }

    /// The job's next look.
    async fn look(app: &Arc<App>) {
        let job = jobs::all(app).into_iter().find(|job| job.name() == "spoc_retention").unwrap();
        job.turn().await.unwrap();
    }

    on_both_engines! { Migrations;
        async fn the_first_round_waits_for_the_clock_and_comes_with_the_first_look_after_it_is_trusted(database: TestDatabase) {
            let mut house = House::new(database);
            let server = Server::new(&house.clock, Answer::Ahead(0)).await;
            house.config.time_watch.sources = vec![server.address.to_string()];
            let app = house.app().await;
            old_answer(&app, "m-1").await;
            look(&app).await;
            assert_eq!(house.answers().await.len(), 1, "the clock was not compared with anything yet");
            app.time_watch.look().await;
            look(&app).await;
            assert!(house.answers().await.is_empty());
        }

        async fn a_round_comes_six_hours_after_the_last_and_a_clock_put_back_delays_none(database: TestDatabase) {
            let house = House::new(database);
            let app = house.app().await;
            let rounds = Rounds::default();
            rounds.look(&app).await.unwrap();
            old_answer(&app, "m-1").await;
            for (passed, left) in [(Duration::ZERO, 1), (HOUR * 5, 1), (HOUR, 0)] {
                house.clock.advance(passed);
                rounds.look(&app).await.unwrap();
                assert_eq!(house.answers().await.len(), left, "{passed:?}");
            }
            old_answer(&app, "m-2").await;
            house.clock.set(app.clock.now() - HOUR * 48);
            rounds.look(&app).await.unwrap();
            assert!(house.answers().await.is_empty());
        }
    }
}
