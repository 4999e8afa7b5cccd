//! Days, as the law of Poland counts them: which are off (Act of 18 January 1951 on days off work), where a day begins and ends (Europe/Warsaw).

mod holiday;
pub mod warsaw;

use straznica_types::{CivilDate, Weekday};

pub use holiday::Holiday;

use super::rules::RuleError;

/// The days off, by the years in which they held.
#[derive(Debug, Clone)]
pub struct Calendar {
    holidays: Vec<Holiday>,
}

/// Why a day is no working day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayOff {
    /// Not a day off by statute, but no term ends on it (KPA art. 57 § 4).
    Saturday,
    /// A day off by statute.
    Sunday,
    /// The id of the holiday.
    Holiday(String),
}

impl Calendar {
    /// Reads the file of holidays; `file` is what errors call it.
    ///
    /// # Errors
    /// [`RuleError`], naming file and line.
    pub fn parse(file: &str, text: &str) -> Result<Self, RuleError> {
        Ok(Self { holidays: holiday::parse(file, text)? })
    }

    /// The holidays built into the program.
    ///
    /// # Errors
    /// None that its tests would let through.
    pub fn built_in() -> Result<Self, RuleError> {
        Self::parse("holidays.toml", include_str!("../../../rules/holidays.toml"))
    }

    /// Why this day is off; `None` for a working day.
    #[must_use]
    pub fn day_off(&self, date: CivilDate) -> Option<DayOff> {
        let holiday = self.holidays.iter().find(|holiday| holiday.is_on(date));
        match (holiday, date.weekday()) {
            (Some(holiday), _) => Some(DayOff::Holiday(holiday.id.clone())),
            (None, Weekday::Saturday) => Some(DayOff::Saturday),
            (None, Weekday::Sunday) => Some(DayOff::Sunday),
            _ => None,
        }
    }

    /// Whether offices work that day.
    #[must_use]
    pub fn is_working(&self, date: CivilDate) -> bool {
        self.day_off(date).is_none()
    }

    /// This day, or the first working day after it.
    #[must_use]
    pub fn working_from(&self, date: CivilDate) -> CivilDate {
        let mut date = date;
        while !self.is_working(date) {
            date = date.plus_days(1);
        }
        date
    }

    /// The working day that comes so many working days after this one.
    #[must_use]
    pub fn plus_working_days(&self, date: CivilDate, days: u16) -> CivilDate {
        (0..days).fold(date, |date, _| self.working_from(date.plus_days(1)))
    }

    /// The holidays, in the order of the file.
    #[must_use]
    pub fn holidays(&self) -> &[Holiday] {
        &self.holidays
    }
}

#[cfg(test)]
mod tests;
