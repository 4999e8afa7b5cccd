//! The feed and its followers.

use std::time::Duration;

use futures::StreamExt as _;
use straznica_journal::{Followed, JournalError, advance_follower, follower_position};
use straznica_store::on_both_engines;

use crate::house::{House, Migrations};

on_both_engines! {
    Migrations;

    async fn a_follower_gets_what_there_is_and_then_what_comes(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(6).await;
        let mut tail = Box::pin(house.journal.tail(Followed::default()));
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
        let mut tail = Box::pin(second.tail(Followed::default()));
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
        assert!(matches!(house.journal.events_after(Followed::position(1)).await, Err(JournalError::EventsGone)));
        assert_eq!(house.journal.events_after(Followed::position(2)).await.unwrap()[0].position, 3);
        assert_eq!(house.journal.events_after(Followed::position(0)).await.unwrap()[0].position, 3, "the oldest retained");
        assert!(house.verify().await.valid, "what retention took is no tampering");
        assert_eq!(house.journal.purge_events(kept_from + Duration::from_secs(60)).await.unwrap(), 2);
        house.write(1).await;
        house.sequence_all().await;
        assert_eq!(house.journal.events_after(Followed::position(0)).await.unwrap()[0].position, 5, "positions go on after all are gone");
        assert!(matches!(house.journal.events_after(Followed::position(1)).await, Err(JournalError::EventsGone)));
    }

    async fn a_follower_ahead_of_the_feed_is_told_that_the_feed_was_set_back(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(6).await;
        assert_eq!(house.journal.events_after(Followed::position(2)).await.unwrap(), []);
        for ahead in [3, u64::MAX - 1, u64::MAX] {
            let outcome = house.journal.events_after(Followed::position(ahead)).await;
            assert!(matches!(outcome, Err(JournalError::EventsSetBack)), "{ahead}: {outcome:?}");
        }
    }

    async fn a_follower_of_what_a_backup_took_away_is_refused_also_when_its_position_is_given_anew(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(8).await;
        let feed = house.journal.events_after(Followed::default()).await.unwrap();
        let (kept, lost) = (Followed::from(&feed[1]), Followed::from(&feed[2]));
        // The database comes back as it was after two events.
        house.set_back_to(4, 2).await;
        let refused = house.journal.events_after(lost).await;
        assert!(matches!(refused, Err(JournalError::EventsSetBack)), "{refused:?}");
        assert_eq!(house.journal.events_after(kept).await.unwrap(), []);
        house.fill(8).await;
        let anew = house.journal.events_after(kept).await.unwrap();
        assert_eq!(anew.iter().map(|event| event.position).collect::<Vec<_>>(), [3, 4, 5, 6], "who followed less goes on");
        assert_ne!(anew[0].id, feed[2].id);
        let refused = house.journal.events_after(lost).await;
        assert!(matches!(refused, Err(JournalError::EventsSetBack)), "position 3 is another event now: {refused:?}");
        let swapped = Followed { position: 4, ..kept };
        assert!(matches!(house.journal.events_after(swapped).await, Err(JournalError::EventsSetBack)));
        // What retention took was there all the same.
        house.journal.purge_events(straznica_types::Clock::now(&house.clock) + Duration::from_secs(1)).await.unwrap();
        let last = Followed::from(anew.last().unwrap());
        assert_eq!(house.journal.events_after(last).await.unwrap(), []);
        house.write(1).await;
        house.sequence_all().await;
        assert_eq!(house.journal.events_after(last).await.unwrap()[0].position, 7);
        assert!(matches!(house.journal.events_after(kept).await, Err(JournalError::EventsGone)));
        assert!(matches!(house.journal.events_after(lost).await, Err(JournalError::EventsSetBack)));
    }

    async fn an_effect_happens_once_however_often_the_event_comes(database: TestDatabase) {
        let house = House::open(database).await;
        let store = house.store();
        assert_eq!(follower_position(store.reader(), "service/spoc").await.unwrap(), Followed::default());
        for (position, accepted) in [(1, true), (1, false), (3, true), (2, false), (3, false), (4, true)] {
            let followed = Followed { position, event: Some(uuid::Uuid::from_u128(position.into())) };
            let outcome: Result<(), JournalError> =
                store.write_tx(async |transaction| advance_follower(transaction, "service/spoc", followed).await).await;
            assert_eq!(outcome.is_ok(), accepted, "{position}: {outcome:?}");
        }
        let fourth = Followed { position: 4, event: Some(uuid::Uuid::from_u128(4)) };
        assert_eq!(follower_position(store.reader(), "service/spoc").await.unwrap(), fourth);
        assert_eq!(follower_position(store.reader(), "service/other").await.unwrap(), Followed::default());
    }
}
