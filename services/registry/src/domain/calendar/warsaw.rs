//! The clocks of Warsaw: on which day something happened, and when a day is over.

use jiff::{civil, tz};
use straznica_types::{CivilDate, Timestamp};

static WARSAW: tz::TimeZone = tz::get!("Europe/Warsaw");

const SECOND: i64 = 1_000;

/// The day it was in Warsaw.
#[must_use]
pub fn date(at: Timestamp) -> CivilDate {
    // Outside the years the zone is known for, the day is that of UTC.
    let offset = jiff::Timestamp::from_millisecond(at.millis()).map_or(0, |at| WARSAW.to_offset(at).seconds());
    Timestamp::from_millis(at.millis().saturating_add(i64::from(offset) * SECOND)).date()
}

/// The first instant of a day in Warsaw.
#[must_use]
pub fn start_of(date: CivilDate) -> Timestamp {
    local_midnight(date).map_or_else(|| Timestamp::start_of(date), |at| Timestamp::from_millis(at.as_millisecond()))
}

/// The last millisecond of a day in Warsaw.
#[must_use]
pub fn end_of(date: CivilDate) -> Timestamp {
    Timestamp::from_millis(start_of(date.plus_days(1)).millis().saturating_sub(1))
}

fn local_midnight(date: CivilDate) -> Option<jiff::Timestamp> {
    let part = |value: u8| i8::try_from(value).ok();
    let date = civil::Date::new(i16::try_from(date.year()).ok()?, part(date.month())?, part(date.day())?).ok()?;
    WARSAW.to_timestamp(date.to_datetime(civil::Time::midnight())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_the_midnight_of_warsaw_in_summer_and_in_winter() {
        for (day, start) in [
            ("2026-01-15", "2026-01-14T23:00:00Z"),
            ("2026-07-15", "2026-07-14T22:00:00Z"),
            // Clocks go forward at 02:00 on 29 March 2026 and back at 03:00 on 25 October 2026.
            ("2026-03-29", "2026-03-28T23:00:00Z"),
            ("2026-03-30", "2026-03-29T22:00:00Z"),
            ("2026-10-25", "2026-10-24T22:00:00Z"),
            ("2026-10-26", "2026-10-25T23:00:00Z"),
            // Long after the tables of the zone end, by its rule.
            ("2060-07-01", "2060-06-30T22:00:00Z"),
        ] {
            let (day, start): (CivilDate, Timestamp) = (day.parse().unwrap(), start.parse().unwrap());
            assert_eq!(start_of(day), start, "{day}");
            assert_eq!(date(start), day);
            assert_eq!(date(Timestamp::from_millis(start.millis() - 1)), day.plus_days(-1));
            assert_eq!(end_of(day.plus_days(-1)).millis(), start.millis() - 1);
        }
    }

    #[test]
    fn no_instant_is_too_far_away() {
        for at in [i64::MIN, i64::MAX] {
            assert!(!date(Timestamp::from_millis(at)).to_string().is_empty());
        }
        let last = CivilDate::new(9999, 12, 31).unwrap();
        assert!(start_of(last) < end_of(last));
    }
}
