//! How fast a link may go: a bucket of tokens at the agreed rate, and a lower rate for as long as the SMSC says it is too fast. Bulk leaves the last token in
//! the bucket, so that a code finds one there and waits for no slot at all.

use std::time::Duration;

use tokio::time::Instant;

use super::message::Class;

/// Longest pause of the timer: with fewer tokens than this holds, fast links would be slowed by its granularity of a millisecond.
const BURST: Duration = Duration::from_millis(10);
/// After being told it is too fast, nothing at all for so long.
const PAUSE: Duration = Duration::from_millis(250);
/// The rate never falls below this share of what was agreed.
const FLOOR: f64 = 1.0 / 64.0;
/// It grows back by this share of what was agreed, each second.
const GROWTH: f64 = 0.05;

/// The pace of one link, in parts.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    agreed: f64,
    rate: f64,
    burst: f64,
    tokens: f64,
    at: Instant,
    paused_until: Option<Instant>,
    slowed_at: Option<Instant>,
}

impl Pace {
    /// At this many parts a second, with the first one of either class free.
    pub(super) fn new(agreed: u32, now: Instant) -> Self {
        let agreed = f64::from(agreed);
        let burst = (agreed * BURST.as_secs_f64()).max(2.0);
        Self { agreed, rate: agreed, burst, tokens: 2.0, at: now, paused_until: None, slowed_at: None }
    }

    /// Takes a token for one part, or says when there will be one.
    pub(super) fn take(&mut self, class: Class, now: Instant) -> Result<(), Instant> {
        self.refill(now);
        if let Some(until) = self.paused_until {
            if now < until {
                return Err(until);
            }
            self.paused_until = None;
        }
        let needed = match class {
            Class::Code => 1.0,
            Class::Bulk => 2.0,
        };
        if self.tokens < needed {
            return Err(now + Duration::from_secs_f64((needed - self.tokens) / self.rate) + Duration::from_micros(1));
        }
        self.tokens -= 1.0;
        Ok(())
    }

    /// Gives a token back that was taken for nothing.
    pub(super) fn give_back(&mut self) {
        self.tokens = (self.tokens + 1.0).min(self.burst);
    }

    /// The SMSC says that a part written at `written` came too fast: half the rate after a pause. All that was written before the last slowing counts
    /// as one such word, or a whole window of them would stop the link for minutes.
    pub(super) fn slow_down(&mut self, written: Instant, now: Instant) {
        if self.slowed_at.is_some_and(|slowed| written <= slowed) {
            return;
        }
        self.refill(now);
        self.rate = (self.rate / 2.0).max(self.agreed * FLOOR);
        self.tokens = 1.0;
        self.slowed_at = Some(now);
        self.paused_until = Some(now + PAUSE);
    }

    /// The present rate as a share of the agreed one, in thousandths.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the share is between 0 and 1")]
    pub(super) fn share(&self) -> u32 {
        (self.rate / self.agreed * 1_000.0).round() as u32
    }

    fn refill(&mut self, now: Instant) {
        let since = self.paused_until.map_or(self.at, |until| self.at.max(until));
        let seconds = now.saturating_duration_since(since).as_secs_f64();
        if seconds > 0.0 {
            self.tokens = (self.tokens + seconds * self.rate).min(self.burst);
            self.rate = (self.rate + self.agreed * GROWTH * seconds).min(self.agreed);
            self.at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many parts go within a span, asked as the session asks.
    fn sent(pace: &mut Pace, class: Class, from: Instant, span: Duration) -> u32 {
        let mut now = from;
        let mut count = 0;
        while now < from + span {
            match pace.take(class, now) {
                Ok(()) => count += 1,
                Err(at) => now = at,
            }
        }
        count
    }

    #[tokio::test]
    async fn the_agreed_rate_is_kept_and_used() {
        let start = Instant::now();
        for rate in [1, 5, 200, 5_000] {
            for class in [Class::Code, Class::Bulk] {
                let count = sent(&mut Pace::new(rate, start), class, start, Duration::from_secs(10));
                let most = rate * 10 + (rate / 100).max(2);
                assert!((rate * 10 - rate / 10..=most).contains(&count), "{class:?} at {rate}/s: {count}");
            }
        }
    }

    #[tokio::test]
    async fn silence_saves_up_no_more_than_a_moment() {
        let start = Instant::now();
        let mut pace = Pace::new(200, start);
        assert_eq!(pace.take(Class::Code, start), Ok(()));
        let later = start + Duration::from_secs(3_600);
        assert_eq!([(); 2].map(|()| pace.take(Class::Code, later)), [Ok(()), Ok(())]);
        assert!(pace.take(Class::Code, later).is_err());
    }

    #[tokio::test]
    async fn behind_any_amount_of_bulk_a_code_finds_a_token() {
        let start = Instant::now();
        let mut pace = Pace::new(200, start);
        let mut now = start;
        for _ in 0..1_000 {
            match pace.take(Class::Bulk, now) {
                Ok(()) => assert_eq!(pace.clone().take(Class::Code, now), Ok(())),
                Err(at) => now = at,
            }
        }
        // It is a token like any other: bulk waits for two, then.
        assert_eq!(pace.take(Class::Code, now), Ok(()));
        let wait = pace.take(Class::Bulk, now).unwrap_err() - now;
        assert!((Duration::from_millis(4)..Duration::from_millis(11)).contains(&wait), "{wait:?}");
    }

    #[tokio::test]
    async fn too_fast_halves_the_rate_once_for_a_whole_window_and_it_grows_back() {
        let start = Instant::now();
        let mut pace = Pace::new(200, start);
        let answered = start + Duration::from_millis(50);
        for written in 0..10 {
            pace.slow_down(start + Duration::from_millis(written), answered);
        }
        assert_eq!(pace.share(), 500);
        assert_eq!(pace.take(Class::Code, answered + Duration::from_millis(1)), Err(answered + PAUSE));
        // What is written afterwards and is still too fast halves it again.
        let again = answered + Duration::from_millis(300);
        pace.slow_down(answered + Duration::from_millis(260), again);
        assert!((250..=253).contains(&pace.share()), "{}", pace.share());
        let grown = sent(&mut pace, Class::Bulk, again, Duration::from_secs(20));
        assert!(pace.share() == 1_000 && (2_000..3_900).contains(&grown), "{grown} at {}", pace.share());
    }

    #[tokio::test]
    async fn the_rate_has_a_floor() {
        let start = Instant::now();
        let mut pace = Pace::new(64, start);
        for second in 0..20 {
            let at = start + Duration::from_millis(second * 2);
            pace.slow_down(at, at + Duration::from_millis(1));
        }
        assert_eq!(pace.share(), 16);
        assert!(sent(&mut pace, Class::Bulk, start + Duration::from_secs(1), Duration::from_secs(3)) >= 3);
    }

    #[tokio::test]
    async fn a_token_given_back_can_be_taken_again() {
        let start = Instant::now();
        let mut pace = Pace::new(1, start);
        assert_eq!([(); 2].map(|()| pace.take(Class::Code, start)), [Ok(()), Ok(())]);
        pace.give_back();
        assert_eq!(pace.take(Class::Code, start), Ok(()));
        assert!(pace.take(Class::Code, start).is_err());
    }
}
