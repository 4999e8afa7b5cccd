//! What a network does to messages.

use std::time::Duration;

/// How bad it is. The same seed does the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weather {
    /// From which chance follows.
    pub seed: u64,
    /// Of a hundred messages, so many are lost.
    pub lost: u8,
    /// Of a hundred that are not, so many come twice.
    pub repeated: u8,
    /// The longest a message takes; each takes its own time, so later ones overtake earlier ones.
    pub longest: Duration,
}

impl Weather {
    /// Everything arrives, once, at once.
    #[must_use]
    pub const fn fair() -> Self {
        Self { seed: 1, lost: 0, repeated: 0, longest: Duration::ZERO }
    }

    /// A third is lost, a third comes twice, and what comes may take a day and a half.
    #[must_use]
    pub const fn storm(seed: u64) -> Self {
        Self { seed, lost: 33, repeated: 33, longest: Duration::from_secs(36 * 3_600) }
    }

    pub(super) fn copies(&self, chance: &mut Chance) -> u8 {
        if chance.of_hundred(self.lost) {
            return 0;
        }
        1 + u8::from(chance.of_hundred(self.repeated))
    }

    pub(super) fn delay(&self, chance: &mut Chance) -> Duration {
        let longest = u64::try_from(self.longest.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(chance.next() % longest.saturating_add(1))
    }
}

/// Chance that repeats itself: SplitMix64.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn of_hundred(&mut self, so_many: u8) -> bool {
        self.next() % 100 < u64::from(so_many)
    }
}
