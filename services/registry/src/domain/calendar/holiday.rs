//! Holidays: a day of the year, or one that moves with Easter, in the years in which the law had it.

use serde::Deserialize;
use straznica_types::CivilDate;
use toml::Spanned;

use crate::domain::rules::{Act, Basis, Place, RawBasis, RuleError, Source, Text};

/// A day off by statute.
#[derive(Debug, Clone)]
pub struct Holiday {
    /// Its name in the file.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// Where the law says so.
    pub basis: Basis,
    day: Day,
    from: i64,
    to: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    OfYear { month: u8, day: u8 },
    AfterEaster(i64),
}

impl Holiday {
    /// Whether it is this day.
    #[must_use]
    pub fn is_on(&self, date: CivilDate) -> bool {
        let held = date.year() >= self.from && self.to.is_none_or(|to| date.year() <= to);
        held && match self.day {
            Day::OfYear { month, day } => date.month() == month && date.day() == day,
            Day::AfterEaster(days) => easter(date.year()).is_some_and(|easter| easter.plus_days(days) == date),
        }
    }
}

/// Easter Sunday of the Gregorian calendar (the rule of Meeus, Jones and Butcher).
fn easter(year: i64) -> Option<CivilDate> {
    let golden = year % 19;
    let (century, of_century) = (year / 100, year % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let of_march = epact + weekday - 7 * late + 114;
    let part = |value| u8::try_from(value).ok();
    CivilDate::new(year, part(of_march / 31)?, part(of_march % 31 + 1)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    acts: std::collections::BTreeMap<String, Act>,
    holiday: Vec<RawHoliday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHoliday {
    id: Spanned<String>,
    title: Text,
    basis: RawBasis,
    /// `MM-DD`.
    day: Option<Spanned<String>>,
    /// Days after Easter Sunday.
    after_easter: Option<i64>,
    /// The first year.
    from: i64,
    /// The last year.
    to: Option<i64>,
}

pub(super) fn parse(file: &str, text: &str) -> Result<Vec<Holiday>, RuleError> {
    let source = Source::new(file, text);
    let raw: RawFile = source.read()?;
    let mut holidays: Vec<Holiday> = Vec::with_capacity(raw.holiday.len());
    for raw_holiday in raw.holiday {
        let place = source.place(&raw_holiday.id);
        let id = raw_holiday.id.into_inner();
        if holidays.iter().any(|holiday| holiday.id == id) {
            return Err(RuleError::Twice { place, what: "holiday", id });
        }
        if raw_holiday.to.is_some_and(|to| to < raw_holiday.from) {
            return Err(RuleError::EndsBeforeItBegins { place, id });
        }
        let day = match (raw_holiday.day, raw_holiday.after_easter) {
            (Some(day), None) => day_of_year(&day, &source)?,
            (None, Some(days)) => Day::AfterEaster(days),
            _ => return Err(RuleError::OneOf { place, id, members: "day, after_easter" }),
        };
        let basis = raw_holiday.basis.check(&raw.acts, &source)?;
        holidays.push(Holiday { title: raw_holiday.title, basis, day, from: raw_holiday.from, to: raw_holiday.to, id });
    }
    Ok(holidays)
}

fn day_of_year(day: &Spanned<String>, source: &Source<'_>) -> Result<Day, RuleError> {
    let wrong = |place: Place| RuleError::NoDayOfYear { place, text: day.get_ref().clone() };
    // A leap year has every day of the year.
    let date: CivilDate = format!("2024-{}", day.get_ref()).parse().map_err(|_| wrong(source.place(day)))?;
    Ok(Day::OfYear { month: date.month(), day: date.day() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_is_where_almanacs_have_it() {
        for date in [
            "1961-04-02",
            "1990-04-15",
            "2000-04-23",
            "2008-03-23",
            "2011-04-24",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2030-04-21",
            "2038-04-25",
        ] {
            let expected: CivilDate = date.parse().unwrap();
            assert_eq!(easter(expected.year()), Some(expected));
        }
    }
}
