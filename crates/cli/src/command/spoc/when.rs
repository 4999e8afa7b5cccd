//! Days and instants as operators type and read them.

use straznica_types::{CivilDate, Timestamp};

/// A text that is neither a day nor an instant.
#[derive(Debug, thiserror::Error)]
#[error("{0}: a day, e.g. 2027-05-01 (midnight UTC), or an instant, e.g. 2027-05-01T06:00:00Z, is needed")]
pub struct InvalidWhen(String);

/// Milliseconds of an instant, or of midnight UTC at the beginning of a day.
pub(in crate::command) fn read(text: &str) -> Result<i64, InvalidWhen> {
    let day = || text.parse::<CivilDate>().map(Timestamp::start_of);
    let at: Result<Timestamp, _> = text.parse().or_else(|_| day());
    at.map(Timestamp::millis).map_err(|_| InvalidWhen(text.to_owned()))
}

/// The same of what may be absent.
pub(in crate::command) fn read_some(text: Option<&String>) -> Result<Option<i64>, InvalidWhen> {
    text.map(|text| read(text)).transpose()
}

/// To the minute, UTC, e.g. `2027-05-01 06:00`.
pub(in crate::command) fn minute(millis: i64) -> String {
    Timestamp::from_millis(millis).to_string().chars().take(16).collect::<String>().replace('T', " ")
}

/// The same of what may be absent.
pub(in crate::command) fn some_minute(millis: Option<i64>) -> String {
    millis.map(minute).unwrap_or_default()
}

/// The day, UTC.
pub(in crate::command) fn day(millis: i64) -> String {
    Timestamp::from_millis(millis).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_instants_are_read_and_nothing_else() {
        assert_eq!(read("2026-05-28").unwrap(), 1_779_926_400_000);
        assert_eq!(read("2026-05-28T11:30:00+02:00").unwrap(), 1_779_960_600_000);
        for wrong in ["tomorrow", "2026-02-29", "", "1779926400000"] {
            assert!(read(wrong).unwrap_err().to_string().starts_with(wrong), "{wrong}");
        }
        assert_eq!(
            (minute(1_779_960_600_000), day(1_779_960_600_000)),
            ("2026-05-28 09:30".into(), "2026-05-28".into())
        );
    }
}
