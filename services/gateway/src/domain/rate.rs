//! Token bucket: so many requests at once, so many a second after that.

use std::time::Duration;

use straznica_types::Timestamp;

/// Thousandths of a token: whole numbers only, so that nothing is lost by rounding.
const TOKEN: u64 = 1000;

/// How much a terminal may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Requests at once. At least 1.
    pub(crate) burst: u32,
    /// Requests a second in the long run. At least 1.
    pub(crate) per_second: u32,
}

/// One terminal's bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    thousandths: u64,
    filled_at: Timestamp,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn full(allowance: Allowance, now: Timestamp) -> Self {
        Self { thousandths: u64::from(allowance.burst) * TOKEN, filled_at: now }
    }

    /// Takes one token, or says how long to wait for it.
    pub(crate) fn take(&mut self, allowance: Allowance, now: Timestamp) -> Result<(), Duration> {
        self.fill(allowance, now);
        if self.thousandths >= TOKEN {
            self.thousandths -= TOKEN;
            return Ok(());
        }
        let missing = TOKEN - self.thousandths;
        // per_second tokens a second are per_second thousandths a millisecond
        Err(Duration::from_millis(missing.div_ceil(u64::from(allowance.per_second.max(1)))))
    }

    /// A full bucket remembers nothing and may be forgotten.
    pub(crate) fn is_full(&mut self, allowance: Allowance, now: Timestamp) -> bool {
        self.fill(allowance, now);
        self.thousandths >= u64::from(allowance.burst) * TOKEN
    }

    fn fill(&mut self, allowance: Allowance, now: Timestamp) {
        let elapsed = u64::try_from(now.saturating_since(self.filled_at).as_millis()).unwrap_or(u64::MAX);
        let gained = elapsed.saturating_mul(u64::from(allowance.per_second));
        self.thousandths = self.thousandths.saturating_add(gained).min(u64::from(allowance.burst) * TOKEN);
        self.filled_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWANCE: Allowance = Allowance { burst: 3, per_second: 2 };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_779_960_600_000 + millis)
    }

    #[test]
    fn a_burst_is_let_through_and_then_the_wait_is_told() {
        let mut bucket = Bucket::full(ALLOWANCE, at(0));
        for _ in 0..3 {
            assert_eq!(bucket.take(ALLOWANCE, at(0)), Ok(()));
        }
        assert_eq!(bucket.take(ALLOWANCE, at(0)), Err(Duration::from_millis(500)));
        assert_eq!(bucket.take(ALLOWANCE, at(499)), Err(Duration::from_millis(1)));
        assert_eq!(bucket.take(ALLOWANCE, at(500)), Ok(()));
    }

    #[test]
    fn a_rested_bucket_is_full_and_no_fuller() {
        let mut bucket = Bucket::full(ALLOWANCE, at(0));
        assert_eq!(bucket.take(ALLOWANCE, at(0)), Ok(()));
        assert!(!bucket.is_full(ALLOWANCE, at(499)));
        assert!(bucket.is_full(ALLOWANCE, at(86_400_000)));
        for _ in 0..3 {
            assert_eq!(bucket.take(ALLOWANCE, at(86_400_000)), Ok(()));
        }
        assert!(bucket.take(ALLOWANCE, at(86_400_000)).is_err());
    }

    #[test]
    fn a_clock_set_back_neither_gives_nor_takes() {
        let mut bucket = Bucket::full(ALLOWANCE, at(1000));
        for _ in 0..3 {
            assert_eq!(bucket.take(ALLOWANCE, at(1000)), Ok(()));
        }
        assert!(bucket.take(ALLOWANCE, at(0)).is_err());
        assert_eq!(bucket.take(ALLOWANCE, at(500)), Ok(()));
    }
}
