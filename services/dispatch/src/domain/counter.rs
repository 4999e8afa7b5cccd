//! What is counted of an officer or a subject in a day, and the lock that comes of too much of it. A day begins at midnight UTC; a replica whose clock is behind
//! counts for the day that has begun.

use straznica_types::{CivilDate, Timestamp};

/// Counts of one officer or one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// The day counted for, since 1970-01-01.
    pub day: i64,
    /// Messages that day.
    pub messages: u32,
    /// Comparisons that day, right or wrong.
    pub attempts: u32,
    /// Wrong codes since the last right one, over all days; of subjects only.
    pub failures_in_a_row: u32,
    /// Since when it is locked.
    pub locked_at: Option<Timestamp>,
}

/// What something counted met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// It is counted.
    Within,
    /// There is a lock.
    Locked,
    /// As many were counted that day as may be.
    Spent,
}

impl Counter {
    /// Of somebody never counted before.
    #[must_use]
    pub fn new(today: CivilDate) -> Self {
        Self { day: today.days_since_epoch(), messages: 0, attempts: 0, failures_in_a_row: 0, locked_at: None }
    }

    fn turn_to(&mut self, today: CivilDate) {
        let today = today.days_since_epoch();
        if self.day < today {
            (self.day, self.messages, self.attempts) = (today, 0, 0);
        }
    }

    /// Counts a message an officer causes.
    pub fn message_by(&mut self, today: CivilDate, limit: u32) -> Counted {
        if self.locked_at.is_some() { Counted::Locked } else { self.message_about(today, limit) }
    }

    /// Counts a message about a subject. A lock does not matter: whether there is one must not show.
    pub fn message_about(&mut self, today: CivilDate, limit: u32) -> Counted {
        self.turn_to(today);
        if self.messages >= limit {
            return Counted::Spent;
        }
        self.messages += 1;
        Counted::Within
    }

    /// Counts a comparison an officer asks for. The one too many locks; tells so by [`Counted::Spent`], and afterwards by [`Counted::Locked`].
    pub fn attempt_by(&mut self, now: Timestamp, limit: u32) -> Counted {
        if self.locked_at.is_some() {
            return Counted::Locked;
        }
        self.turn_to(now.date());
        if self.attempts >= limit {
            self.locked_at = Some(now);
            return Counted::Spent;
        }
        self.attempts += 1;
        Counted::Within
    }

    /// Counts a comparison about a subject, as if it were wrong until [`Counter::forgive`].
    pub fn attempt_about(&mut self, today: CivilDate, limit: u32) -> Counted {
        self.turn_to(today);
        if self.attempts >= limit {
            return Counted::Spent;
        }
        self.attempts += 1;
        self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        if self.locked_at.is_some() { Counted::Locked } else { Counted::Within }
    }

    /// Locks where so many were wrong in a row; tells whether this is new.
    pub fn lock_after(&mut self, failures: u32, now: Timestamp) -> bool {
        let locks = self.locked_at.is_none() && self.failures_in_a_row >= failures;
        if locks {
            self.locked_at = Some(now);
        }
        locks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_millis(day * 86_400_000 + 5)
    }

    #[test]
    fn exactly_the_limit_is_let_through_each_day_and_a_clock_that_is_behind_changes_nothing() {
        let mut counter = Counter::new(at(10).date());
        for (day, met) in [
            (10, Counted::Within),
            (10, Counted::Within),
            (10, Counted::Spent),
            (9, Counted::Spent),
            (11, Counted::Within),
            (10, Counted::Within),
            (11, Counted::Spent),
        ] {
            assert_eq!(counter.message_about(at(day).date(), 2), met, "day {day}");
        }
    }

    #[test]
    fn the_officers_attempt_too_many_locks_and_stays_locked_the_next_day() {
        let mut counter = Counter::new(at(10).date());
        assert_eq!(counter.attempt_by(at(10), 1), Counted::Within);
        assert_eq!(counter.attempt_by(at(10), 1), Counted::Spent);
        assert_eq!(counter.locked_at, Some(at(10)));
        assert_eq!(counter.attempt_by(at(11), 1), Counted::Locked);
        assert_eq!(counter.message_by(at(11).date(), 9), Counted::Locked);
    }

    #[test]
    fn wrong_codes_in_a_row_are_counted_over_days_and_lock_once() {
        let mut counter = Counter::new(at(10).date());
        for day in 10..14 {
            assert_eq!(counter.attempt_about(at(day).date(), 5), Counted::Within);
        }
        assert!(!counter.lock_after(5, at(14)));
        assert!(counter.lock_after(4, at(14)));
        assert!(!counter.lock_after(4, at(14)));
        assert_eq!(counter.attempt_about(at(14).date(), 5), Counted::Locked, "counted all the same");
        assert_eq!((counter.attempts, counter.failures_in_a_row), (1, 5));
    }
}
