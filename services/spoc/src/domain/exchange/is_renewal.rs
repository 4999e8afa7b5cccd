//! When an inspection system of the control centre gets its next certificate (TR-03139 §4.7: a day to a month).

use crate::domain::records::Day;

/// First and last day of the certificate in use under a document verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InUse {
    /// First day.
    pub effective: Day,
    /// Last day.
    pub expires: Day,
}

/// Whether one of `days` days is to be issued under a verifier that ends on `verifier_expires`: when there is none, when half of its validity is over, or
/// `lead_days` before its end; but only when the next would last longer.
#[must_use]
pub fn is_due(in_use: Option<InUse>, verifier_expires: Day, days: u16, lead_days: u16, today: Day) -> bool {
    let Some(InUse { effective, expires }) = in_use else { return true };
    let next_would_end = today.plus(i64::from(days) - 1).min(verifier_expires);
    if next_would_end <= expires {
        return false;
    }
    let day_ms = Day::from_midnight(0).plus(1).midnight();
    let validity = (expires.plus(1).midnight() - effective.midnight()) / day_ms;
    // A single day has no half: the next day's certificate is issued when that day begins, or the day before by the lead.
    today >= effective.plus((validity + 1) / 2) || today >= expires.plus(-i64::from(lead_days).min(validity - 1))
}

#[cfg(test)]
mod tests {
    use super::{InUse, is_due};
    use crate::domain::records::Day;

    fn day(number: i64) -> Day {
        Day::from_midnight(0).plus(number)
    }

    #[test]
    fn the_next_is_issued_at_half_time_or_two_days_ahead_but_not_in_vain() {
        let in_use = |from: i64, to: i64| Some(InUse { effective: day(from), expires: day(to) });
        let cases = [
            ("none held", None, 40, 14, 0, true),
            ("the day it was issued", in_use(0, 13), 40, 14, 0, false),
            ("the day before half-time", in_use(0, 13), 40, 14, 6, false),
            ("half-time", in_use(0, 13), 40, 14, 7, true),
            ("the verifier ends with it", in_use(0, 13), 13, 14, 7, false),
            ("the verifier ends a day later", in_use(0, 13), 14, 14, 7, true),
            ("a day's certificate on its day", in_use(0, 0), 40, 1, 0, false),
            ("a day's certificate on the next", in_use(0, 0), 40, 1, 1, true),
            ("three days, two ahead", in_use(0, 2), 40, 3, 1, true),
            ("expired", in_use(0, 2), 40, 3, 9, true),
        ];
        for (what, in_use, verifier_expires, days, today, expected) in cases {
            assert_eq!(is_due(in_use, day(verifier_expires), days, 2, day(today)), expected, "{what}");
        }
    }
}
