//! When a form without a delivery notification is sent again.

use std::time::Duration;

use straznica_types::Timestamp;

/// When a form is sent again, and from when on it counts as lost: it is sent again at doubling intervals, so that nobody who is down for a while is overloaded when they are back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResendRule {
    /// After the first sending.
    pub first: Duration,
    /// The longest interval.
    pub longest: Duration,
    /// Sendings, after which it is left to people.
    pub most: u32,
    /// Older than this without a notification, it is reported.
    pub overdue: Duration,
}

impl ResendRule {
    /// When it is sent again after having been sent so often; `None`: not by itself.
    #[must_use]
    pub fn next(&self, sent: u32, now: Timestamp) -> Option<Timestamp> {
        if sent >= self.most {
            return None;
        }
        let doubled = 1_u32.checked_shl(sent.saturating_sub(1)).unwrap_or(u32::MAX);
        Some(now + self.first.saturating_mul(doubled).min(self.longest))
    }
}
