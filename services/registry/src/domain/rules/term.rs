//! How long a term is, and in which unit it is counted.

use std::num::NonZeroU16;

use serde::Deserialize;
use straznica_types::{CivilDate, Timestamp};

use crate::domain::calendar::Calendar;

/// A term, in the unit the law counts it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// From moment to moment.
    Hours(NonZeroU16),
    /// Calendar days; that of the event does not count (KPA art. 57 § 1).
    Days(NonZeroU16),
    /// Days on which offices work.
    WorkingDays(NonZeroU16),
    /// Ends on the same day of the week (KPA art. 57 § 2).
    Weeks(NonZeroU16),
    /// Ends on the day of the same number, or the last of a shorter month (KPA art. 57 § 3).
    Months(NonZeroU16),
}

impl Term {
    /// Whether it is counted in hours.
    #[must_use]
    pub const fn in_hours(self) -> bool {
        matches!(self, Self::Hours(_))
    }

    /// The last day of a term that an event of this day begins; of one in hours, the day itself.
    #[must_use]
    pub fn last_day(self, from: CivilDate, calendar: &Calendar) -> CivilDate {
        match self {
            Self::Hours(_) => from,
            Self::Days(days) => from.plus_days(i64::from(days.get())),
            Self::WorkingDays(days) => calendar.plus_working_days(from, days.get()),
            Self::Weeks(weeks) => from.plus_days(7 * i64::from(weeks.get())),
            Self::Months(months) => from.plus_months(i64::from(months.get())),
        }
    }

    /// The last instant of a term in hours that begins at this one; of others, the instant itself.
    #[must_use]
    pub const fn last_instant(self, from: Timestamp) -> Timestamp {
        match self {
            Self::Hours(hours) => Timestamp::from_millis(from.millis().saturating_add(hours.get() as i64 * 3_600_000)),
            _ => from,
        }
    }

    /// Whether it is longer than another of the same unit; `None` where the units cannot be compared.
    pub(super) fn longer_than(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Self::Hours(a), Self::Hours(b))
            | (Self::Days(a), Self::Days(b))
            | (Self::WorkingDays(a), Self::WorkingDays(b))
            | (Self::Weeks(a), Self::Weeks(b))
            | (Self::Months(a), Self::Months(b)) => Some(a > b),
            // No month is shorter than 28 days.
            (Self::Months(months), Self::Days(days)) => Some(u32::from(months.get()) * 28 > u32::from(days.get())),
            _ => None,
        }
    }
}
