//! How many messages of one partner are taken in an hour: what it sends is kept, and must not fill the node.

use std::collections::HashMap;

use exchange::Country;
use straznica_types::Timestamp;

const HOUR_MS: i64 = 3_600_000;

/// Whether a message is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// It is.
    Taken,
    /// It is the first of this hour that is not.
    FirstTooMany,
    /// It is not.
    TooMany,
}

/// Messages taken in the hour of each partner, which begins with its first one.
#[derive(Debug, Default)]
pub struct Quota {
    hours: HashMap<(Country, &'static str), Hour>,
}

#[derive(Debug, Clone, Copy)]
struct Hour {
    began: Timestamp,
    taken: u32,
    told: bool,
}

impl Quota {
    /// Counts a message of `partner` of which `most` are taken in an hour. `what` keeps kinds of messages apart.
    pub fn take(&mut self, partner: Country, what: &'static str, most: u32, now: Timestamp) -> Intake {
        let hour = self.hours.entry((partner, what)).or_insert(Hour { began: now, taken: 0, told: false });
        // A clock set back begins a new hour as well.
        if !(0..HOUR_MS).contains(&now.millis().saturating_sub(hour.began.millis())) {
            *hour = Hour { began: now, taken: 0, told: false };
        }
        if hour.taken < most {
            hour.taken += 1;
            return Intake::Taken;
        }
        if std::mem::replace(&mut hour.told, true) { Intake::TooMany } else { Intake::FirstTooMany }
    }
}

#[cfg(test)]
mod tests {
    use super::{HOUR_MS, Intake, Quota};
    use straznica_types::Timestamp;

    #[test]
    fn each_partner_and_kind_has_its_own_hour_and_its_end_is_told_once() {
        let mut quota = Quota::default();
        let mut take =
            |country: &str, what, at| quota.take(country.parse().unwrap(), what, 2, Timestamp::from_millis(at));
        let expected = [Intake::Taken, Intake::Taken, Intake::FirstTooMany, Intake::TooMany];
        assert_eq!([0, 1, 2, 3].map(|at| take("DE", "message", at)), expected);
        assert_eq!(take("FR", "message", 3), Intake::Taken);
        assert_eq!(take("DE", "general_message", 3), Intake::Taken);
        assert_eq!(take("DE", "message", HOUR_MS - 1), Intake::TooMany);
        assert_eq!([0, 1, 2, 3].map(|at| take("DE", "message", HOUR_MS + at)), expected);
        // The clock was an hour ahead.
        assert_eq!(take("DE", "message", 5), Intake::Taken);
    }
}
