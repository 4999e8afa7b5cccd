//! A point in time and the civil day it falls on.

use std::{
    fmt,
    ops::{Add, Sub},
    str::FromStr,
    time::Duration,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const MILLIS_PER_SECOND: i64 = 1_000;
const MILLIS_PER_DAY: i64 = 86_400 * MILLIS_PER_SECOND;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
///
/// Serialises as the whole number; displays and parses as RFC 3339 with milliseconds and `Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(0);

    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the epoch; saturates at the ends of the range.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MILLIS_PER_SECOND))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded towards the past.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(MILLIS_PER_SECOND)
    }

    /// How long ago `earlier` was; zero if it lies in the future.
    pub fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The UTC day this point in time falls on.
    pub const fn date(self) -> CivilDate {
        CivilDate::from_days_since_epoch(self.0.div_euclid(MILLIS_PER_DAY))
    }

    /// Midnight UTC at the beginning of a day.
    pub const fn start_of(date: CivilDate) -> Self {
        Self(date.days_since_epoch().saturating_mul(MILLIS_PER_DAY))
    }
}

/// Saturates at the end of the range.
impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(duration)))
    }
}

/// Saturates at the beginning of the range.
impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(duration)))
    }
}

fn millis_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// RFC 3339, UTC, milliseconds: `2026-05-28T09:30:00.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_day = self.0.rem_euclid(MILLIS_PER_DAY);
        let (seconds, millis) = (of_day / MILLIS_PER_SECOND, of_day % MILLIS_PER_SECOND);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z", self.date())
    }
}

/// Accepts what RFC 3339 §5.6 allows: any offset, any number of fraction digits (beyond milliseconds they are cut off). A leap second
/// counts as the first second of the next minute.
impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let (date, rest) = text.split_once(['T', 't', ' ']).ok_or(InvalidTimestamp)?;
        let date: CivilDate = date.parse()?;
        let offset_at = rest.find(['Z', 'z', '+', '-']).ok_or(InvalidTimestamp)?;
        let (time, offset) = rest.split_at(offset_at);
        let (time, fraction) = time.split_once('.').map_or((time, None), |(time, fraction)| (time, Some(fraction)));
        let [hour, minute, second] = time.split(':').collect::<Vec<_>>()[..] else { return Err(InvalidTimestamp) };
        let (hour, minute, second) = (two_digits(hour, 23)?, two_digits(minute, 59)?, two_digits(second, 60)?);
        let millis = fraction.map_or(Ok(0), millis_of_fraction)?;
        let local = ((hour * 60 + minute) * 60 + second) * MILLIS_PER_SECOND + millis;
        let utc = local - offset_minutes(offset)? * 60 * MILLIS_PER_SECOND;
        Ok(Self(Self::start_of(date).0.saturating_add(utc)))
    }
}

fn two_digits(text: &str, max: i64) -> Result<i64, InvalidTimestamp> {
    digits(text, 2).filter(|value| *value <= max).ok_or(InvalidTimestamp)
}

fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn millis_of_fraction(fraction: &str) -> Result<i64, InvalidTimestamp> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidTimestamp);
    }
    let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
    digits(&padded, 3).ok_or(InvalidTimestamp)
}

fn offset_minutes(text: &str) -> Result<i64, InvalidTimestamp> {
    let sign = match text.as_bytes().first() {
        Some(b'Z' | b'z') if text.len() == 1 => return Ok(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return Err(InvalidTimestamp),
    };
    let (hours, minutes) = text.get(1..).and_then(|text| text.split_once(':')).ok_or(InvalidTimestamp)?;
    Ok(sign * (two_digits(hours, 23)? * 60 + two_digits(minutes, 59)?))
}

/// A text that is no RFC 3339 date or date-time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date or time")]
pub struct InvalidTimestamp;

/// A day of the proleptic Gregorian calendar. Orders by time; displays and parses as `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilDate {
    year: i64,
    month: u8,
    day: u8,
}

impl CivilDate {
    /// `None` for a day the calendar does not have, or a year outside 0 to 9999.
    pub const fn new(year: i64, month: u8, day: u8) -> Option<Self> {
        if year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) {
            return None;
        }
        Some(Self { year, month, day })
    }

    /// Year of the common era.
    pub const fn year(self) -> i64 {
        self.year
    }

    /// 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Days since 1970-01-01; negative before.
    pub const fn days_since_epoch(self) -> i64 {
        // Count in years that begin in March, so that the leap day is the last of its year: 146 097 days make 400 of them, and the days
        // before month m (March = 0) are (153 m + 2) / 5.
        let month = self.month as i64;
        let year = if month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + self.day as i64 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The day so many days after 1970-01-01.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "day is in 1..=31 and month in 1..=12")]
    pub const fn from_days_since_epoch(days: i64) -> Self {
        let shifted = days.saturating_add(719_468);
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u8;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 } as u8;
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        Self { year, month, day }
    }

    /// The day so many days later (earlier when negative).
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self::from_days_since_epoch(self.days_since_epoch().saturating_add(days))
    }

    /// The day so many months later (earlier when negative): of the same number, or the last of a month that is too short for it.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a remainder by 12 is in 0..=11")]
    pub const fn plus_months(self, months: i64) -> Self {
        let index = (self.year * 12 + self.month as i64 - 1).saturating_add(months);
        let (year, month) = (index.div_euclid(12), index.rem_euclid(12) as u8 + 1);
        let last = days_in(year, month);
        Self { year, month, day: if self.day < last { self.day } else { last } }
    }

    /// The day of the week.
    pub const fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday.
        match self.days_since_epoch().rem_euclid(7) {
            0 => Weekday::Thursday,
            1 => Weekday::Friday,
            2 => Weekday::Saturday,
            3 => Weekday::Sunday,
            4 => Weekday::Monday,
            5 => Weekday::Tuesday,
            _ => Weekday::Wednesday,
        }
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weekday {
    /// The first (ISO 8601).
    Monday,
    /// The second.
    Tuesday,
    /// The third.
    Wednesday,
    /// The fourth.
    Thursday,
    /// The fifth.
    Friday,
    /// The sixth.
    Saturday,
    /// The seventh.
    Sunday,
}

const fn days_in(year: i64, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for CivilDate {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let [year, month, day] = text.split('-').collect::<Vec<_>>()[..] else { return Err(InvalidTimestamp) };
        let year = digits(year, 4).ok_or(InvalidTimestamp)?;
        let (month, day) = (two_digits(month, 12)?, two_digits(day, 31)?);
        let small = |value: i64| u8::try_from(value).map_err(|_| InvalidTimestamp);
        Self::new(year, small(month)?, small(day)?).ok_or(InvalidTimestamp)
    }
}

/// As the text `YYYY-MM-DD`.
impl Serialize for CivilDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CivilDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::custom("not a day of the form YYYY-MM-DD"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn timestamps_display_as_rfc_3339() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_779_960_600_123, "2026-05-28T09:30:00.123Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).to_string(), text);
            assert_eq!(text.parse(), Ok(Timestamp::from_millis(millis)));
        }
    }

    #[test]
    fn offsets_and_fractions_of_rfc_3339_are_understood() {
        let at = Timestamp::from_millis(1_779_960_600_000);
        for text in ["2026-05-28T11:30:00+02:00", "2026-05-28t09:30:00z", "2026-05-28T05:00:00.0009-04:30"] {
            assert_eq!(text.parse(), Ok(at), "{text}");
        }
        assert_eq!("2026-05-28T09:30:00.5Z".parse(), Ok(at + Duration::from_millis(500)));
        assert_eq!("2016-12-31T23:59:60Z".parse::<Timestamp>(), "2017-01-01T00:00:00Z".parse());
    }

    #[test]
    fn what_is_no_date_time_is_refused() {
        for text in [
            "",
            "2026-05-28",
            "2026-05-28T09:30:00",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-05-28T24:00:00Z",
            "2026-05-28T09:30:00.Z",
            "2026-05-28T09:30:00+0200",
            "2026-05-28T09:30:00Zulu",
            "+026-05-28T09:30:00Z",
            "2026-05-28T09:30:00ż",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(InvalidTimestamp), "{text}");
        }
    }

    #[test]
    fn the_future_is_no_time_ago() {
        let (early, late) = (Timestamp::from_millis(1_000), Timestamp::from_millis(2_500));
        assert_eq!(late.saturating_since(early), Duration::from_millis(1_500));
        assert_eq!(early.saturating_since(late), Duration::ZERO);
    }

    #[test]
    fn months_keep_the_number_of_the_day_where_the_month_has_it() {
        for (from, months, to) in [
            ("2026-01-31", 1, "2026-02-28"),
            ("2024-01-31", 1, "2024-02-29"),
            ("2026-08-31", 6, "2027-02-28"),
            ("2026-02-28", 6, "2026-08-28"),
            ("2026-11-30", 15, "2028-02-29"),
            ("2026-03-31", -1, "2026-02-28"),
            ("2026-12-15", 1, "2027-01-15"),
        ] {
            assert_eq!(day(from).plus_months(months), day(to), "{from} + {months}");
        }
    }

    #[test]
    fn days_have_the_name_the_calendar_on_the_wall_gives_them() {
        for (date, weekday) in [
            ("1969-12-31", Weekday::Wednesday),
            ("1970-01-01", Weekday::Thursday),
            ("2000-01-01", Weekday::Saturday),
            ("2024-02-29", Weekday::Thursday),
            ("2026-11-22", Weekday::Sunday),
            ("2026-11-23", Weekday::Monday),
            ("2026-11-24", Weekday::Tuesday),
            ("2026-11-27", Weekday::Friday),
        ] {
            assert_eq!(day(date).weekday(), weekday, "{date}");
        }
    }

    #[test]
    fn a_day_is_a_text_in_json() {
        assert_eq!(serde_json::to_string(&day("2026-02-28")).unwrap(), "\"2026-02-28\"");
        assert_eq!(serde_json::from_str::<CivilDate>("\"2026-02-28\"").unwrap(), day("2026-02-28"));
        assert!(serde_json::from_str::<CivilDate>("\"2026-02-29\"").is_err());
    }

    fn day(text: &str) -> CivilDate {
        text.parse().unwrap()
    }

    proptest! {
        #[test]
        fn every_day_from_year_0_to_9999_survives_the_conversion(days in -719_528_i64..=2_932_896) {
            let date = CivilDate::from_days_since_epoch(days);
            prop_assert_eq!(date.days_since_epoch(), days);
            prop_assert_eq!(CivilDate::new(date.year(), date.month(), date.day()), Some(date));
            prop_assert!(date < date.plus_days(1));
        }

        #[test]
        fn every_timestamp_of_the_common_era_parses_as_it_displays(millis in -62_167_219_200_000_i64..=253_402_300_799_999) {
            let at = Timestamp::from_millis(millis);
            prop_assert_eq!(at.to_string().parse(), Ok(at));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            let _ = text.parse::<Timestamp>();
        }

        #[test]
        fn the_whole_range_can_be_displayed(millis: i64) {
            prop_assert!(!Timestamp::from_millis(millis).to_string().is_empty());
        }
    }
}
