//! When a message that was not delivered is sent again: pauses double up to a limit and are jittered, so that the nodes of a state that
//! comes back are not all met by the same second.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use uuid::Uuid;

/// Pauses between attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses {
    /// Before the second attempt.
    pub first: Duration,
    /// Longest, jitter apart.
    pub longest: Duration,
    /// By how much each may be shorter or longer, per cent.
    pub jitter_percent: u8,
}

impl Pauses {
    /// The pause after the `attempts`th attempt at the message `id`. The jitter is drawn from the message and the attempt: every replica comes to
    /// the same, and a test does too.
    #[must_use]
    pub fn after(&self, id: Uuid, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(20);
        let pause = self.first.saturating_mul(1 << doublings).min(self.longest);
        let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        // At most the pause itself either way.
        let span = millis / 100 * u64::from(self.jitter_percent.min(100));
        let jittered = millis - span + draw(id, attempts) % (2 * span + 1);
        Duration::from_millis(jittered)
    }
}

fn draw(id: Uuid, attempts: u32) -> u64 {
    let mut bytes = id.as_bytes().to_vec();
    bytes.extend(attempts.to_be_bytes());
    let drawn = digest(&SHA256, &bytes);
    drawn.as_ref().iter().take(6).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use uuid::Uuid;

    use super::Pauses;

    const PAUSES: Pauses =
        Pauses { first: Duration::from_secs(30), longest: Duration::from_secs(3600), jitter_percent: 20 };

    #[test]
    fn pauses_double_up_to_the_longest() {
        let even = Pauses { jitter_percent: 0, ..PAUSES };
        let seconds = [1, 2, 3, 7, 8, 9, 1_000_000].map(|attempts| even.after(Uuid::nil(), attempts).as_secs());
        assert_eq!(seconds, [30, 60, 120, 1920, 3600, 3600, 3600]);
    }

    #[test]
    fn two_messages_do_not_come_back_together() {
        let pause = |id| PAUSES.after(Uuid::from_u128(id), 5);
        assert!((1..10).any(|id| pause(id) != pause(0)));
        assert_eq!(pause(7), pause(7));
    }

    proptest! {
        #[test]
        fn the_jitter_stays_within_its_share(id in any::<u128>(), attempts in any::<u32>(), percent in any::<u8>()) {
            let pauses = Pauses { jitter_percent: percent, ..PAUSES };
            let even = Pauses { jitter_percent: 0, ..PAUSES }.after(Uuid::from_u128(id), attempts);
            let pause = pauses.after(Uuid::from_u128(id), attempts);
            let share = u32::from(percent.min(100));
            prop_assert!(pause >= even * (100 - share) / 100 && pause <= even * (100 + share) / 100);
            prop_assert_eq!(pause, pauses.after(Uuid::from_u128(id), attempts));
        }
    }
}
