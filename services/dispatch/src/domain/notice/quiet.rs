//! Quiet hours, in Poland's time.
//!
//! Poland's time is UTC+1, and UTC+2 from the last Sunday of March to the last Sunday of October, both at 01:00 UTC (Directive 2000/84/EC).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use straznica_types::{CivilDate, Timestamp};

const HOUR: Duration = Duration::from_secs(3_600);

/// When nobody is written to for something that can wait: from one whole hour of the day, Poland's time, until another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Hours")]
pub struct QuietHours {
    /// From this hour, 0 to 23.
    from: u8,
    /// Until this hour, 0 to 23; of the next day where it is the smaller one. The same as `from`: it is never quiet.
    until: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    from: u8,
    until: u8,
}

/// These are no hours of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("quiet hours begin and end at a whole hour, 0 to 23")]
pub struct NotHours;

impl TryFrom<Hours> for QuietHours {
    type Error = NotHours;

    fn try_from(hours: Hours) -> Result<Self, NotHours> {
        Self::new(hours.from, hours.until)
    }
}

impl Default for QuietHours {
    fn default() -> Self {
        Self { from: 20, until: 8 }
    }
}

impl QuietHours {
    /// From one hour until another, 0 to 23.
    ///
    /// # Errors
    /// [`NotHours`].
    pub const fn new(from: u8, until: u8) -> Result<Self, NotHours> {
        if from < 24 && until < 24 { Ok(Self { from, until }) } else { Err(NotHours) }
    }

    /// Until when it is quiet; `None` when it is not.
    #[must_use]
    pub fn until(self, now: Timestamp) -> Option<Timestamp> {
        let (from, until) = (i64::from(self.from), i64::from(self.until));
        let local = now + offset(now);
        let date = local.date();
        let hour = (local.seconds() - Timestamp::start_of(date).seconds()).div_euclid(3_600);
        let within_a_day = from < until;
        let quiet =
            if within_a_day { (from..until).contains(&hour) } else { from != until && (hour >= from || hour < until) };
        let ends_on = if !within_a_day && hour >= from { date.plus_days(1) } else { date };
        if !quiet {
            return None;
        }
        let end = utc(Timestamp::start_of(ends_on) + HOUR * u32::from(self.until));
        // Where the hour between two quiet times is skipped in spring, it stays quiet.
        Some(self.until(end).unwrap_or(end))
    }
}

/// When it is so late in Poland. What is skipped in spring is the moment of the change; of what comes twice in autumn, the first.
fn utc(local: Timestamp) -> Timestamp {
    let in_summer = local - HOUR * 2;
    if offset(in_summer) == HOUR * 2 { in_summer } else { local - HOUR }
}

/// What Poland's time is ahead of UTC.
fn offset(at: Timestamp) -> Duration {
    let year = at.date().year();
    let summer = change(year, 3) <= at && at < change(year, 10);
    if summer { HOUR * 2 } else { HOUR }
}

/// The last Sunday of a month of 31 days, 01:00 UTC.
fn change(year: i64, month: u8) -> Timestamp {
    let Some(last) = CivilDate::new(year, month, 31) else { return Timestamp::from_millis(0) };
    // 1970-01-01 was a Thursday.
    let since_sunday = (last.days_since_epoch() + 4).rem_euclid(7);
    Timestamp::start_of(last.plus_days(-since_sunday)) + HOUR
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn nobody_is_written_to_between_eight_in_the_evening_and_eight_in_the_morning() {
        for (now, until) in [
            // Winter: UTC+1.
            ("2026-11-22T18:59:59Z", None),
            ("2026-11-22T19:00:00Z", Some("2026-11-23T07:00:00Z")),
            ("2026-11-23T06:59:59Z", Some("2026-11-23T07:00:00Z")),
            ("2026-11-23T07:00:00Z", None),
            // Summer: UTC+2.
            ("2026-07-01T17:59:59Z", None),
            ("2026-07-01T18:00:00Z", Some("2026-07-02T06:00:00Z")),
            ("2026-07-02T06:00:00Z", None),
            // The nights the time changes: 29 March and 25 October 2026.
            ("2026-03-28T20:00:00Z", Some("2026-03-29T06:00:00Z")),
            ("2026-03-29T05:59:59Z", Some("2026-03-29T06:00:00Z")),
            ("2026-03-29T06:00:00Z", None),
            ("2026-10-24T20:00:00Z", Some("2026-10-25T07:00:00Z")),
            ("2026-10-25T06:59:59Z", Some("2026-10-25T07:00:00Z")),
            ("2026-10-25T07:00:00Z", None),
            // Midnight of the year.
            ("2026-12-31T23:30:00Z", Some("2027-01-01T07:00:00Z")),
        ] {
            assert_eq!(QuietHours::default().until(at(now)), until.map(at), "{now}");
        }
    }

    #[test]
    fn quiet_hours_may_lie_within_a_day_or_not_be() {
        let noon = QuietHours::new(12, 14).unwrap();
        assert_eq!(noon.until(at("2026-11-22T10:59:59Z")), None);
        assert_eq!(noon.until(at("2026-11-22T11:00:00Z")), Some(at("2026-11-22T13:00:00Z")));
        assert_eq!(noon.until(at("2026-11-22T13:00:00Z")), None);
        for hour in 0..24 {
            let never = QuietHours::new(8, 8).unwrap();
            assert_eq!(never.until(at("2026-11-22T00:00:00Z") + HOUR * hour), None);
        }
        assert_eq!(QuietHours::new(24, 8), Err(NotHours));
        assert_eq!(QuietHours::new(8, 24), Err(NotHours));
    }

    #[test]
    fn an_hour_that_is_skipped_ends_the_quiet_when_the_time_changes() {
        // On 29 March 2026, 02:00 to 03:00 are not there.
        let until_two = QuietHours::new(20, 2).unwrap();
        assert_eq!(until_two.until(at("2026-03-29T00:30:00Z")), Some(at("2026-03-29T01:00:00Z")));
        assert_eq!(until_two.until(at("2026-03-29T01:00:00Z")), None);
    }

    #[test]
    fn whoever_waits_until_it_is_said_not_to_be_quiet_finds_it_so() {
        // Around a change in spring, one in autumn, and a day without.
        for day in ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z", "2026-06-30T12:00:00Z"] {
            for (from, until) in (0..24).flat_map(|from| (0..24).map(move |until| (from, until))) {
                let hours = QuietHours::new(from, until).unwrap();
                for half in 0..72 {
                    let now = at(day) + HOUR / 2 * half;
                    let Some(end) = hours.until(now) else { continue };
                    assert!(now < end && end <= now + HOUR * 47, "{now} {hours:?}");
                    assert_eq!(hours.until(end), None, "{now} {hours:?}");
                    assert!(hours.until(end - Duration::from_millis(1)).is_some(), "{now} {hours:?}");
                }
            }
        }
    }
}
