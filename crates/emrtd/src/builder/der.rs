//! A writer of DER, as much of it as certificates and signed data need.

use openssl::asn1::Asn1Object;
use time::{Date, OffsetDateTime};

use super::BuilderError;
use crate::asn1::{Tag, encode};

/// A SEQUENCE of these parts.
#[must_use]
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    encode(Tag::SEQUENCE, &parts.concat())
}

/// SET OF: DER sorts the elements by their encoding (X.690 §11.6).
#[must_use]
pub fn set_of(mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    encode(Tag::SET, &elements.concat())
}

/// An object identifier given as dotted decimal.
///
/// # Errors
/// When it is none.
pub fn oid(dotted: &str) -> Result<Vec<u8>, BuilderError> {
    Ok(encode(Tag::OID, Asn1Object::from_str(dotted)?.as_slice()))
}

/// A non-negative INTEGER from its octets, leading zeros of no account.
#[must_use]
pub fn integer(magnitude: &[u8]) -> Vec<u8> {
    let zeros = magnitude.iter().take_while(|octet| **octet == 0).count();
    let digits = magnitude.get(zeros..).unwrap_or_default();
    let sign = digits.first().is_none_or(|first| first & 0x80 != 0);
    let mut contents = if sign { vec![0] } else { Vec::new() };
    contents.extend_from_slice(digits);
    encode(Tag::INTEGER, &contents)
}

/// A small INTEGER.
#[must_use]
pub fn number(value: u32) -> Vec<u8> {
    integer(&value.to_be_bytes())
}

/// An OCTET STRING.
#[must_use]
pub fn octet_string(contents: &[u8]) -> Vec<u8> {
    encode(Tag::OCTET_STRING, contents)
}

/// A BIT STRING of whole octets.
#[must_use]
pub fn bit_string(contents: &[u8]) -> Vec<u8> {
    encode(Tag::BIT_STRING, &[&[0], contents].concat())
}

/// A PrintableString.
#[must_use]
pub fn printable(text: &str) -> Vec<u8> {
    encode(Tag::PRINTABLE_STRING, text.as_bytes())
}

/// A UTF8String.
#[must_use]
pub fn utf8(text: &str) -> Vec<u8> {
    encode(Tag::UTF8_STRING, text.as_bytes())
}

/// `[number]`, constructed.
#[must_use]
pub fn context(number: u8, contents: &[u8]) -> Vec<u8> {
    encode(Tag::context(number), contents)
}

/// `[number]`, primitive.
#[must_use]
pub fn context_primitive(number: u8, contents: &[u8]) -> Vec<u8> {
    encode(Tag::context_primitive(number), contents)
}

/// Time of X.509 (RFC 5280 §4.1.2.5): UTCTime until 2049, GeneralizedTime afterwards.
#[must_use]
pub fn time(at: OffsetDateTime) -> Vec<u8> {
    let text = generalized(at);
    if (1950..2050).contains(&at.year()) {
        return encode(Tag::UTC_TIME, text.get(2..).unwrap_or_default().as_bytes());
    }
    encode(Tag::GENERALIZED_TIME, text.as_bytes())
}

/// `YYYYMMDDHHMMSSZ`
#[must_use]
pub fn generalized(at: OffsetDateTime) -> String {
    let (date, clock) = (at.date(), at.time());
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    )
}

/// The first second of a day, UTC.
#[must_use]
pub fn start_of(day: Date) -> OffsetDateTime {
    day.midnight().assume_utc()
}

/// The last second of a day, UTC.
#[must_use]
pub fn end_of(day: Date) -> OffsetDateTime {
    start_of(day) + time::Duration::seconds(86_399)
}
