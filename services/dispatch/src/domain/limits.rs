//! How often is too often.

use serde::{Deserialize, Serialize};

/// Limits nothing but time, or a person with a reason, takes back. They are counted in the database: no loss of short-lived state resets them, and no code
/// sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Comparisons a transaction allows.
    pub attempts_per_transaction: u32,
    /// Comparisons about one subject in a day (UTC), rightly or wrongly, over all transactions and officers.
    pub attempts_per_subject_and_day: u32,
    /// Comparisons one officer may ask for in a day, rightly or wrongly. At the next one the officer is locked.
    pub attempts_per_official_and_day: u32,
    /// Wrong codes in a row about one subject, over all days, before the subject is locked (NIST SP 800-63B-4 §3.2.2: at most 100).
    pub failures_in_a_row: u32,
    /// Messages for one subject in a day.
    pub messages_per_subject_and_day: u32,
    /// Messages one officer may cause in a day.
    pub messages_per_official_and_day: u32,
    /// How often a code is sent again.
    pub resends: u32,
    /// Pause before a code is sent again, in seconds.
    pub resend_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts_per_transaction: 5,
            attempts_per_subject_and_day: 20,
            attempts_per_official_and_day: 300,
            failures_in_a_row: 100,
            messages_per_subject_and_day: 12,
            messages_per_official_and_day: 300,
            resends: 3,
            resend_seconds: 30,
        }
    }
}

/// Limits of messages in an hour against pumping: somebody having messages sent to numbers they earn with. Counted in short-lived state, which fails closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimits {
    /// To one number.
    pub number: u32,
    /// To one range: country code and three digits.
    pub prefix: u32,
    /// From one institution.
    pub institution: u32,
    /// To all of Poland.
    pub poland: u32,
    /// To all of any other one country.
    pub foreign_country: u32,
    /// The alarm looks at ranges with at least so many messages in the last hour.
    pub alarm_messages: u32,
    /// It rings when the share of codes used, among those sent in the last hour, is below this percentage of the share of the day before.
    pub alarm_percent: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            number: 6,
            prefix: 5_000,
            institution: 3_000,
            poland: 100_000,
            foreign_country: 500,
            alarm_messages: 40,
            alarm_percent: 50,
        }
    }
}

impl RateLimits {
    /// Whether so many codes used of so many sent in the last hour is a fall against the day before.
    #[must_use]
    pub const fn rings(&self, hour: (u64, u64), day_before: (u64, u64)) -> bool {
        let ((sent, validated), (sent_before, validated_before)) = (hour, day_before);
        if sent < self.alarm_messages as u64 || sent_before == 0 {
            return false;
        }
        // validated / sent < percent / 100 × validated_before / sent_before, without dividing
        validated.saturating_mul(100).saturating_mul(sent_before)
            < validated_before.saturating_mul(self.alarm_percent as u64).saturating_mul(sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alarm_rings_when_far_fewer_codes_are_used_than_the_day_before() {
        let limits = RateLimits::default();
        for (hour, day_before, rings) in [
            ((100, 80), (1_000, 800), false),
            ((100, 41), (1_000, 800), false),
            ((100, 39), (1_000, 800), true),
            ((100, 0), (1_000, 800), true),
            ((39, 0), (1_000, 800), false),
            ((100, 0), (0, 0), false),
            ((100, 0), (1_000, 0), false),
        ] {
            assert_eq!(limits.rings(hour, day_before), rings, "{hour:?} after {day_before:?}");
        }
    }
}
