//! Days as they are typed: `YYYY-MM-DD`, and today when none is.

use straznica_types::{Clock, SystemClock};
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// Why a day is none.
#[derive(Debug, thiserror::Error)]
pub enum DayError {
    /// It is not written as a day, or there is no such day.
    #[error("{text} is no day: write it as YYYY-MM-DD, e.g. 2026-05-28")]
    Format {
        /// What was typed.
        text: String,
    },
    /// The machine's clock shows a time no calendar has.
    #[error("the clock of this machine is out of range")]
    Clock,
}

/// The day typed, or today in GMT, by which certificates are dated.
///
/// # Errors
/// When what was typed is no day.
pub fn or_today(text: Option<&str>) -> Result<Date, DayError> {
    let Some(text) = text else {
        let now = i128::from(SystemClock.now().millis()) * 1_000_000;
        return Ok(OffsetDateTime::from_unix_timestamp_nanos(now).map_err(|_| DayError::Clock)?.date());
    };
    Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map_err(|_| DayError::Format { text: text.to_owned() })
}
