//! Dates of CV certificates: six unpacked BCD digits YYMMDD, GMT, 2000 to 2099 (TR-03110-3 D.2.1.3).

use time::{Date, Month};

/// Why six bytes are no date, or a date has no such form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// Not six bytes of one digit each.
    #[error("a date is six unpacked BCD digits")]
    Digits,
    /// No such day.
    #[error("no such day in the calendar")]
    Calendar,
    /// Outside the years 2000 to 2099.
    #[error("the year is outside 2000 to 2099")]
    Century,
}

/// Reads the value of a date object.
///
/// # Errors
/// [`DateError`] for anything but six digits that name a day.
pub fn decode(bytes: &[u8]) -> Result<Date, DateError> {
    let digits: [u8; 6] = bytes.try_into().map_err(|_| DateError::Digits)?;
    if digits.iter().any(|digit| *digit > 9) {
        return Err(DateError::Digits);
    }
    let [y1, y2, m1, m2, d1, d2] = digits;
    let month = Month::try_from(m1 * 10 + m2).map_err(|_| DateError::Calendar)?;
    let year = 2000 + i32::from(y1 * 10 + y2);
    Date::from_calendar_date(year, month, d1 * 10 + d2).map_err(|_| DateError::Calendar)
}

/// Writes the value of a date object.
///
/// # Errors
/// [`DateError::Century`] outside 2000 to 2099.
pub fn encode(date: Date) -> Result<[u8; 6], DateError> {
    let year = u8::try_from(date.year() - 2000).map_err(|_| DateError::Century)?;
    if year > 99 {
        return Err(DateError::Century);
    }
    let (month, day) = (u8::from(date.month()), date.day());
    Ok([year / 10, year % 10, month / 10, month % 10, day / 10, day % 10])
}

#[cfg(test)]
mod tests {
    use super::{DateError, decode, encode};
    use time::macros::date;

    #[test]
    fn the_first_and_last_day_of_the_century_come_back() {
        for day in [date!(2000 - 01 - 01), date!(2024 - 02 - 29), date!(2099 - 12 - 31)] {
            assert_eq!(decode(&encode(day).unwrap()), Ok(day));
        }
        assert_eq!(encode(date!(2100 - 01 - 01)), Err(DateError::Century));
        assert_eq!(encode(date!(1999 - 12 - 31)), Err(DateError::Century));
    }

    #[test]
    fn what_names_no_day_is_refused() {
        for (bytes, error) in [
            (&[2, 4, 0, 1, 0][..], DateError::Digits),
            (&[2, 4, 0, 1, 0, 10], DateError::Digits),
            (b"240101", DateError::Digits),
            (&[2, 4, 1, 3, 0, 1], DateError::Calendar),
            (&[2, 3, 0, 2, 2, 9], DateError::Calendar),
            (&[2, 4, 0, 0, 0, 1], DateError::Calendar),
        ] {
            assert_eq!(decode(bytes), Err(error), "{bytes:?}");
        }
    }
}
