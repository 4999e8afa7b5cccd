//! UTCTime and GeneralizedTime.

use time::{Date, Duration, Month, OffsetDateTime, Time};

use super::{Asn1Error, Tag, Tlv};

const MALFORMED: Asn1Error = Asn1Error::BadValue("time");

/// UTCTime (YY below 50 is 20YY, RFC 5280 §4.1.2.5.1) or GeneralizedTime. Seconds may be missing and an offset may stand in
/// the place of Z, as in some older certificates; fractions are ignored.
///
/// # Errors
/// When the element is neither or not a date of the calendar.
pub fn parse_time(element: &Tlv<'_>) -> Result<OffsetDateTime, Asn1Error> {
    let text = std::str::from_utf8(element.contents()).map_err(|_| MALFORMED)?;
    let (year, rest) = match element.tag() {
        Tag::UTC_TIME => {
            let year = digits(text, 0, 2)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..).ok_or(MALFORMED)?)
        }
        Tag::GENERALIZED_TIME => (digits(text, 0, 4)?, text.get(4..).ok_or(MALFORMED)?),
        found => return Err(Asn1Error::UnexpectedTag { expected: Tag::UTC_TIME, found }),
    };
    let zone_at = rest.find(['Z', '+', '-']).ok_or(MALFORMED)?;
    let (clock, zone) = rest.split_at(zone_at);
    let clock = clock.split_once(['.', ',']).map_or(clock, |(whole, _)| whole);
    let second = match clock.len() {
        8 => 0,
        10 => digits(clock, 8, 10)?,
        _ => return Err(MALFORMED),
    };
    let month =
        u8::try_from(digits(clock, 0, 2)?).ok().and_then(|month| Month::try_from(month).ok()).ok_or(MALFORMED)?;
    let date = Date::from_calendar_date(year, month, octet(digits(clock, 2, 4)?)?).map_err(|_| MALFORMED)?;
    let time = Time::from_hms(octet(digits(clock, 4, 6)?)?, octet(digits(clock, 6, 8)?)?, octet(second)?)
        .map_err(|_| MALFORMED)?;
    date.with_time(time).assume_utc().checked_sub(offset(zone)?).ok_or(MALFORMED)
}

fn offset(zone: &str) -> Result<Duration, Asn1Error> {
    if zone == "Z" {
        return Ok(Duration::ZERO);
    }
    if zone.len() != 5 {
        return Err(MALFORMED);
    }
    let minutes = i64::from(digits(zone, 1, 3)?) * 60 + i64::from(digits(zone, 3, 5)?);
    Ok(Duration::minutes(if zone.starts_with('-') { -minutes } else { minutes }))
}

fn digits(text: &str, from: usize, to: usize) -> Result<i32, Asn1Error> {
    let part = text.get(from..to).ok_or(MALFORMED)?;
    if !part.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(MALFORMED);
    }
    part.parse().map_err(|_| MALFORMED)
}

fn octet(value: i32) -> Result<u8, Asn1Error> {
    u8::try_from(value).map_err(|_| MALFORMED)
}

#[cfg(test)]
mod tests {
    use super::super::{Reader, Rules, encode};
    use super::*;

    fn parse(tag: Tag, text: &str) -> Result<i64, Asn1Error> {
        let encoded = encode(tag, text.as_bytes());
        parse_time(&Reader::new(&encoded, Rules::Der).unwrap().only().unwrap()).map(OffsetDateTime::unix_timestamp)
    }

    #[test]
    fn times_of_the_field_are_read() {
        let midnight_2026 = 1_767_225_600;
        for (tag, text, offset) in [
            (Tag::UTC_TIME, "260101000000Z", 0),
            (Tag::UTC_TIME, "2601010000Z", 0),
            (Tag::UTC_TIME, "260101010000+0100", 0),
            (Tag::GENERALIZED_TIME, "20260101000001Z", 1),
            (Tag::GENERALIZED_TIME, "20260101000001.5Z", 1),
            (Tag::GENERALIZED_TIME, "20251231230000-0100", 0),
        ] {
            assert_eq!(parse(tag, text), Ok(midnight_2026 + offset), "{text}");
        }
        assert!(parse(Tag::UTC_TIME, "500101000000Z").unwrap() < 0);
    }

    #[test]
    fn impossible_times_are_refused() {
        for text in
            ["260230000000Z", "26013100000Z", "260131250000Z", "260131000000", "2601310000é0Z", "+60131000000Z", ""]
        {
            assert!(parse(Tag::UTC_TIME, text).is_err(), "{text}");
        }
    }
}
