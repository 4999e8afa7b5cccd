//! Shifts of the border guard, by which signatures per terminal are counted.

use straznica_types::Timestamp;
use thiserror::Error;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// When shifts begin, as minutes after midnight UTC; at least one, ascending, none twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShiftPlan(Vec<u16>);

/// Why a list of times is no shift plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShiftPlanError {
    /// There is no boundary at all.
    #[error("at least one shift boundary is needed")]
    Empty,
    /// A boundary is not written as HH:MM.
    #[error("shift boundary {0:?} is not a time of day written HH:MM")]
    Malformed(String),
    /// The same boundary appears twice.
    #[error("shift boundary {0:?} appears twice")]
    Repeated(String),
}

impl ShiftPlan {
    /// Reads boundaries written as `HH:MM`, UTC, in any order.
    ///
    /// # Errors
    /// [`ShiftPlanError`] names the boundary at fault.
    pub fn parse<S: AsRef<str>>(boundaries: &[S]) -> Result<Self, ShiftPlanError> {
        let mut minutes = Vec::with_capacity(boundaries.len());
        for boundary in boundaries {
            let text = boundary.as_ref();
            let minute = minute_of_day(text).ok_or_else(|| ShiftPlanError::Malformed(text.to_owned()))?;
            if minutes.contains(&minute) {
                return Err(ShiftPlanError::Repeated(text.to_owned()));
            }
            minutes.push(minute);
        }
        if minutes.is_empty() {
            return Err(ShiftPlanError::Empty);
        }
        minutes.sort_unstable();
        Ok(Self(minutes))
    }

    /// Start of the shift `at` falls into.
    #[must_use]
    pub fn shift_start(&self, at: Timestamp) -> Timestamp {
        let midnight = at.millis().div_euclid(DAY_MS) * DAY_MS;
        let into_day = at.millis() - midnight;
        let offset = |minute: &u16| i64::from(*minute) * MINUTE_MS;
        let today = self.0.iter().rev().map(offset).find(|start| *start <= into_day);
        // Before the day's first boundary, the last shift of the day before still runs.
        let start = today.unwrap_or_else(|| self.0.last().map_or(0, offset) - DAY_MS);
        Timestamp::from_millis(midnight + start)
    }
}

fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |part: &str| match part.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some(u16::from(tens - b'0') * 10 + u16::from(ones - b'0')),
        _ => None,
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, MINUTE_MS, ShiftPlan, ShiftPlanError};
    use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};
    use straznica_types::Timestamp;

    fn at(day: i64, hour: i64, minute: i64) -> Timestamp {
        Timestamp::from_millis(day * DAY_MS + (hour * 60 + minute) * MINUTE_MS)
    }

    #[test]
    fn a_moment_belongs_to_the_shift_that_began_last() {
        let plan = ShiftPlan::parse(&["22:00", "06:00", "14:00"]).unwrap();
        for (moment, start) in [
            (at(3, 6, 0), at(3, 6, 0)),
            (at(3, 13, 59), at(3, 6, 0)),
            (at(3, 14, 0), at(3, 14, 0)),
            (at(3, 23, 30), at(3, 22, 0)),
            (at(4, 5, 59), at(3, 22, 0)),
        ] {
            assert_eq!(plan.shift_start(moment), start);
        }
    }

    #[test]
    fn a_plan_without_or_with_a_malformed_or_a_repeated_boundary_is_refused() {
        assert_eq!(ShiftPlan::parse::<&str>(&[]), Err(ShiftPlanError::Empty));
        for text in ["24:00", "6:00", "06:60", "0600", "", "+1:00"] {
            assert_eq!(ShiftPlan::parse(&[text]), Err(ShiftPlanError::Malformed(text.to_owned())));
        }
        assert_eq!(ShiftPlan::parse(&["06:00", "06:00"]), Err(ShiftPlanError::Repeated("06:00".to_owned())));
    }

    proptest! {
        #[test]
        fn shifts_cover_time_without_gap_or_overlap(
            millis in -DAY_MS * 400..DAY_MS * 40_000,
            plan in proptest::collection::btree_set(0u16..1440, 1..6).prop_map(|set| ShiftPlan(set.into_iter().collect())),
        ) {
            let start = plan.shift_start(Timestamp::from_millis(millis));
            prop_assert!(start.millis() <= millis && millis - start.millis() < DAY_MS);
            prop_assert_eq!(plan.shift_start(start), start);
        }
    }
}
