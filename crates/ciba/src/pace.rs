//! How often a provider is asked whether the citizen has answered (CIBA Core 1.0 §7.3 and §11).

use std::time::Duration;

use crate::channel::Look;
use crate::error::Unreachable;

/// What `slow_down` adds (CIBA Core 1.0 §11).
const SLOWER: Duration = Duration::from_secs(5);

/// The longest pause silence leads to.
const LONGEST: Duration = Duration::from_secs(60);

/// The pause before the next look, after all looks so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pause: Duration,
}

impl Pace {
    /// Begins with the interval of an [`Asked`](crate::Asked).
    pub const fn new(interval: Duration) -> Self {
        Self { pause: interval }
    }

    /// The pause before the next look.
    pub const fn pause(self) -> Duration {
        self.pause
    }

    /// After a look: five seconds more for good when the provider says so, twice as long (up to a minute) when it does not answer in time, as
    /// RFC 8628 §3.5 advises.
    pub fn after(&mut self, look: &Look) {
        match look {
            Look::SlowDown => self.pause += SLOWER,
            Look::NotReached(Unreachable::TimedOut | Unreachable::Status(_)) => {
                self.pause = (self.pause * 2).clamp(self.pause, LONGEST.max(self.pause));
            }
            Look::Pending | Look::NotReached(_) | Look::Ended(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_to_slow_down_it_stays_slower() {
        let mut pace = Pace::new(Duration::from_secs(5));
        for (look, seconds) in [
            (Look::Pending, 5),
            (Look::SlowDown, 10),
            (Look::Pending, 10),
            (Look::SlowDown, 15),
            (Look::NotReached(Unreachable::Connection), 15),
            (Look::NotReached(Unreachable::TimedOut), 30),
            (Look::NotReached(Unreachable::Status(503)), 60),
            (Look::NotReached(Unreachable::TimedOut), 60),
            (Look::SlowDown, 65),
            (Look::NotReached(Unreachable::TimedOut), 65),
        ] {
            pace.after(&look);
            assert_eq!(pace.pause(), Duration::from_secs(seconds), "{look:?}");
        }
    }
}
