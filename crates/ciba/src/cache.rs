//! What a provider publishes, kept for a while: its description and its keys.

use std::sync::Arc;
use std::time::Duration;

use straznica_types::{SharedClock, Timestamp};
use tokio::sync::Mutex;

use crate::provider::Ages;

/// One document. Whoever needs it waits for the fetch that is under way instead of beginning another.
#[derive(Debug)]
pub(crate) struct Cache<T> {
    clock: SharedClock,
    ages: Ages,
    held: Mutex<Option<Held<T>>>,
}

#[derive(Debug)]
struct Held<T> {
    document: Arc<T>,
    fetched: Timestamp,
    tried: Timestamp,
}

impl<T> Cache<T> {
    pub(crate) fn new(clock: SharedClock, ages: Ages) -> Self {
        Self { clock, ages, held: Mutex::new(None) }
    }

    /// The document, fetched anew when it is too old or does not `serve`, though not more often than `Ages::pause` allows. One that could not be
    /// renewed stays in use until it is too old for that too.
    pub(crate) async fn get<E, F>(&self, serves: impl Fn(&T) -> bool, fetch: impl FnOnce() -> F) -> Result<Arc<T>, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut held = self.held.lock().await;
        let now = self.clock.now();
        let older = |since: Timestamp, than: Duration| now.saturating_since(since) >= than;
        if let Some(present) = held.as_mut() {
            let wanted = older(present.fetched, self.ages.fresh) || !serves(&present.document);
            if !wanted || !older(present.tried, self.ages.pause) && !older(present.fetched, self.ages.usable) {
                return Ok(present.document.clone());
            }
            present.tried = now;
        }
        match fetch().await {
            Ok(document) => {
                let document = Arc::new(document);
                *held = Some(Held { document: document.clone(), fetched: now, tried: now });
                Ok(document)
            }
            Err(error) => match held.as_ref() {
                Some(present) if !older(present.fetched, self.ages.usable) => Ok(present.document.clone()),
                _ => Err(error),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use straznica_types::ManualClock;

    use super::*;

    const AGES: Ages =
        Ages { fresh: Duration::from_secs(100), usable: Duration::from_secs(1_000), pause: Duration::from_secs(10) };

    struct World {
        clock: ManualClock,
        cache: Cache<usize>,
        fetches: AtomicUsize,
    }

    impl World {
        fn new() -> Self {
            let clock = ManualClock::starting_at(Timestamp::from_seconds(5_000));
            Self { cache: Cache::new(clock.shared(), AGES), clock, fetches: AtomicUsize::new(0) }
        }

        async fn get(&self, least: usize, works: bool) -> Result<usize, ()> {
            let fetch = || async {
                let number = self.fetches.fetch_add(1, Ordering::SeqCst) + 1;
                if works { Ok(number) } else { Err(()) }
            };
            self.cache.get(|document| *document >= least, fetch).await.map(|document| *document)
        }
    }

    #[tokio::test]
    async fn a_document_is_fetched_when_it_is_old_and_no_earlier() {
        let world = World::new();
        assert_eq!(world.get(0, true).await, Ok(1));
        world.clock.advance(Duration::from_secs(99));
        assert_eq!(world.get(0, true).await, Ok(1));
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(world.get(0, true).await, Ok(2));
    }

    #[tokio::test]
    async fn what_does_not_serve_is_fetched_anew_but_not_at_anybodys_pace() {
        let world = World::new();
        assert_eq!(world.get(0, true).await, Ok(1));
        world.clock.advance(Duration::from_secs(9));
        for _ in 0..5 {
            assert_eq!(world.get(9, true).await, Ok(1));
        }
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(world.get(9, true).await, Ok(2));
        assert_eq!(world.fetches.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_provider_that_is_away_is_known_for_a_while_and_not_for_ever() {
        let world = World::new();
        assert_eq!(world.get(0, false).await, Err(()));
        assert_eq!(world.get(0, true).await, Ok(2));
        world.clock.advance(Duration::from_secs(999));
        assert_eq!(world.get(0, false).await, Ok(2));
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(world.get(0, false).await, Err(()));
    }
}
