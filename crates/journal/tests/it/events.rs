//! The feed and its followers.

use std::time::Duration;

use futures::StreamExt as _;
use straznica_journal::{JournalError, advance_follower, follower_position};
use straznica_store::on_both_engines;

use crate::house::{House, Migrations};

on_both_engines! {
    Migrations;

    async fn a_follower_gets_what_there_is_and_then_what_comes(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(6).await;
        let mut tail = Box::pin(house.journal.tail(0));
        let mut positions = Vec::new();
        for _ in 0..2 {
            positions.push(tail.next().await.unwrap().unwrap().position);
        }
        house.write(1).await;
        assert!(tokio::time::timeout(Duration::from_millis(50), tail.next()).await.is_err(), "not numbered, not told");
        house.sequence_all().await;
        let next = tokio::time::timeout(Duration::from_secs(5), tail.next()).await.unwrap();
        positions.push(next.unwrap().unwrap().position);
        assert_eq!(positions, [1, 2, 3]);
    }

    async fn a_follower_hears_of_what_another_replica_numbered(database: TestDatabase) {
        let house = House::open(database).await;
        let second = house.another_replica().await;
        let mut tail = Box::pin(second.tail(0));
        house.write(1).await;
        house.sequence_all().await;
        let next = tokio::time::timeout(Duration::from_secs(5), tail.next()).await.unwrap();
        assert_eq!(next.unwrap().unwrap().position, 1);
    }

    async fn a_follower_away_longer_than_events_are_kept_is_told(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(6).await;
        house.clock.advance(Duration::from_secs(60));
        let kept_from = straznica_types::Clock::now(&house.clock);
        house.fill(6).await;
        assert_eq!(house.journal.purge_events(kept_from).await.unwrap(), 2);
        assert!(matches!(house.journal.events_after(1).await, Err(JournalError::EventsGone)));
        assert_eq!(house.journal.events_after(2).await.unwrap()[0].position, 3);
        assert_eq!(house.journal.events_after(0).await.unwrap()[0].position, 3, "the oldest retained");
        assert!(house.verify().await.valid, "what retention took is no tampering");
        assert_eq!(house.journal.purge_events(kept_from + Duration::from_secs(60)).await.unwrap(), 2);
        house.write(1).await;
        house.sequence_all().await;
        assert_eq!(house.journal.events_after(0).await.unwrap()[0].position, 5, "positions go on after all are gone");
        assert!(matches!(house.journal.events_after(1).await, Err(JournalError::EventsGone)));
    }

    async fn a_follower_ahead_of_the_feed_is_told_that_the_feed_was_set_back(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(6).await;
        assert_eq!(house.journal.events_after(2).await.unwrap(), []);
        for ahead in [3, u64::MAX - 1, u64::MAX] {
            let outcome = house.journal.events_after(ahead).await;
            assert!(matches!(outcome, Err(JournalError::EventsGone)), "{ahead}: {outcome:?}");
        }
    }

    async fn an_effect_happens_once_however_often_the_event_comes(database: TestDatabase) {
        let house = House::open(database).await;
        let store = house.store();
        assert_eq!(follower_position(store.reader(), "service/spoc").await.unwrap(), 0);
        for (position, accepted) in [(1, true), (1, false), (3, true), (2, false), (3, false), (4, true)] {
            let outcome: Result<(), JournalError> =
                store.write_tx(async |transaction| advance_follower(transaction, "service/spoc", position).await).await;
            assert_eq!(outcome.is_ok(), accepted, "{position}: {outcome:?}");
        }
        assert_eq!(follower_position(store.reader(), "service/spoc").await.unwrap(), 4);
        assert_eq!(follower_position(store.reader(), "service/other").await.unwrap(), 0);
    }
}
