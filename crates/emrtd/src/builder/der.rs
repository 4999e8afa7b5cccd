//! A writer of DER, as much of it as certificates and signed data need.

use openssl::asn1::Asn1Object;
use time::{Date, OffsetDateTime};

use super::BuilderError;
use crate::asn1::{Tag, encode};

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    encode(Tag::SEQUENCE, &parts.concat())
}

/// SET OF: DER sorts the elements by their encoding (X.690 §11.6).
pub(super) fn set_of(mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    encode(Tag::SET, &elements.concat())
}

/// An object identifier given as dotted decimal.
pub(super) fn oid(dotted: &str) -> Result<Vec<u8>, BuilderError> {
    Ok(encode(Tag::OID, Asn1Object::from_str(dotted)?.as_slice()))
}

/// A non-negative INTEGER from its octets, leading zeros of no account.
pub(super) fn integer(magnitude: &[u8]) -> Vec<u8> {
    let zeros = magnitude.iter().take_while(|octet| **octet == 0).count();
    let digits = magnitude.get(zeros..).unwrap_or_default();
    let sign = digits.first().is_none_or(|first| first & 0x80 != 0);
    let mut contents = if sign { vec![0] } else { Vec::new() };
    contents.extend_from_slice(digits);
    encode(Tag::INTEGER, &contents)
}

pub(super) fn number(value: u32) -> Vec<u8> {
    integer(&value.to_be_bytes())
}

pub(super) fn octet_string(contents: &[u8]) -> Vec<u8> {
    encode(Tag::OCTET_STRING, contents)
}

/// A BIT STRING of whole octets.
pub(super) fn bit_string(contents: &[u8]) -> Vec<u8> {
    encode(Tag::BIT_STRING, &[&[0], contents].concat())
}

pub(super) fn printable(text: &str) -> Vec<u8> {
    encode(Tag::PRINTABLE_STRING, text.as_bytes())
}

pub(super) fn utf8(text: &str) -> Vec<u8> {
    encode(Tag::UTF8_STRING, text.as_bytes())
}

/// `[number]`, constructed.
pub(super) fn context(number: u8, contents: &[u8]) -> Vec<u8> {
    encode(Tag::context(number), contents)
}

/// `[number]`, primitive.
pub(super) fn context_primitive(number: u8, contents: &[u8]) -> Vec<u8> {
    encode(Tag::context_primitive(number), contents)
}

/// Time of X.509 (RFC 5280 §4.1.2.5): UTCTime until 2049, GeneralizedTime afterwards.
pub(super) fn time(at: OffsetDateTime) -> Vec<u8> {
    let text = generalized(at);
    if (1950..2050).contains(&at.year()) {
        return encode(Tag::UTC_TIME, text.get(2..).unwrap_or_default().as_bytes());
    }
    encode(Tag::GENERALIZED_TIME, text.as_bytes())
}

/// `YYYYMMDDHHMMSSZ`
pub(super) fn generalized(at: OffsetDateTime) -> String {
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
pub(super) fn start_of(day: Date) -> OffsetDateTime {
    day.midnight().assume_utc()
}

/// The last second of a day, UTC.
pub(super) fn end_of(day: Date) -> OffsetDateTime {
    start_of(day) + time::Duration::seconds(86_399)
}
