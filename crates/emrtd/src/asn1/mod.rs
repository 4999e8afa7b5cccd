//! ASN.1 as travel documents use it: DER, and the BER of the field where the standards or real documents need it.
//!
//! Passive authentication hashes bytes as they were signed, so nothing here copies or re-encodes: every element keeps the slice it was
//! read from ([`Tlv::raw`]). A [`Reader`] walks one level; it never recurses. Untrusted input is bounded by [`MAX_INPUT`] and
//! [`MAX_DEPTH`] and cannot make it panic.
//!
//! Under [`Rules::Der`] an indefinite or padded length is refused; under [`Rules::Ber`] it is read and can be reported
//! with [`departures_from_der`] (New Zealand's security objects are BER with indefinite lengths).

mod oid;
mod reader;
mod time;
mod value;

pub use oid::Oid;
pub use reader::{Reader, Rules, Tag, Tlv};
pub use time::parse_time;

/// The largest input read, in bytes. Real master lists are below 1 MiB, DG2 below 64 KiB.
pub const MAX_INPUT: usize = 16 * 1024 * 1024;

/// The deepest nesting followed when the end of an indefinite-length element is looked for.
pub const MAX_DEPTH: usize = 32;

/// Why bytes are not the ASN.1 that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Asn1Error {
    /// The input is longer than [`MAX_INPUT`].
    #[error("input of {0} bytes is over the limit of {MAX_INPUT}")]
    TooLarge(usize),
    /// Elements are nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The input ends inside an element.
    #[error("input ends inside an element")]
    Truncated,
    /// The identifier octets are malformed or longer than four octets.
    #[error("malformed tag")]
    BadTag,
    /// The length octets are malformed, reserved, or longer than four octets.
    #[error("malformed length")]
    BadLength,
    /// The length is not in its shortest form (X.690 §10.1), and DER was asked for.
    #[error("length not in its shortest form")]
    PaddedLength,
    /// The length is indefinite (X.690 §8.1.3.6), and DER was asked for.
    #[error("indefinite length")]
    IndefiniteLength,
    /// Another element was expected here.
    #[error("expected tag {expected}, found {found}")]
    UnexpectedTag {
        /// The tag the structure calls for.
        expected: Tag,
        /// The tag that is there.
        found: Tag,
    },
    /// The structure is complete, but more bytes follow.
    #[error("{0} bytes follow the end of the structure")]
    TrailingData(usize),
    /// An element's contents are not a value of its type.
    #[error("malformed {0}")]
    BadValue(&'static str),
}

/// One element with the given identifier and contents, in DER.
#[must_use]
pub fn encode(tag: Tag, contents: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(contents.len() + 6);
    let identifier = tag.identifier().to_be_bytes();
    let skip = identifier.iter().take(3).take_while(|octet| **octet == 0).count();
    out.extend(identifier.iter().skip(skip));
    if let Ok(short @ 0..=0x7F) = u8::try_from(contents.len()) {
        out.push(short);
    } else {
        let length = contents.len().to_be_bytes();
        let zeros = length.iter().take_while(|octet| **octet == 0).count();
        let octets = length.len() - zeros;
        out.push(0x80 | u8::try_from(octets).unwrap_or(8));
        out.extend(length.iter().skip(zeros));
    }
    out.extend_from_slice(contents);
    out
}

/// What keeps an encoding from being DER.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Departures {
    /// Some length is indefinite.
    pub indefinite_length: bool,
    /// Some length is longer than it need be.
    pub padded_length: bool,
}

/// Walks one element and all constructed elements in it and says where its lengths depart from DER.
///
/// # Errors
/// When the bytes are not well-formed BER, exactly one element, or are nested deeper than [`MAX_DEPTH`].
pub fn departures_from_der(input: &[u8]) -> Result<Departures, Asn1Error> {
    let mut found = Departures::default();
    let mut open = vec![Reader::new(input, Rules::Ber)?];
    while let Some(level) = open.last_mut() {
        let Some(element) = level.next_if_any()? else {
            open.pop();
            continue;
        };
        found.indefinite_length |= element.is_indefinite();
        found.padded_length |= element.is_padded();
        if element.tag().is_constructed() {
            if open.len() >= MAX_DEPTH {
                return Err(Asn1Error::TooDeep);
            }
            open.push(element.reader());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn der(bytes: &[u8]) -> Result<Tlv<'_>, Asn1Error> {
        Reader::new(bytes, Rules::Der)?.only()
    }

    fn ber(bytes: &[u8]) -> Result<Tlv<'_>, Asn1Error> {
        Reader::new(bytes, Rules::Ber)?.only()
    }

    #[test]
    fn malformed_headers_are_refused_each_with_its_own_error() {
        let table: &[(&[u8], Asn1Error)] = &[
            (&[], Asn1Error::Truncated),
            (&[0x30], Asn1Error::Truncated),
            (&[0x30, 0x01], Asn1Error::Truncated),
            (&[0x30, 0x81, 0x05], Asn1Error::PaddedLength),
            (&[0x30, 0x82, 0x00, 0x81], Asn1Error::PaddedLength),
            (&[0x30, 0x80, 0x00, 0x00], Asn1Error::IndefiniteLength),
            (&[0x30, 0xFF], Asn1Error::BadLength),
            (&[0x30, 0x85, 1, 0, 0, 0, 0], Asn1Error::BadLength),
            (&[0x1F, 0x80, 0x01, 0x00], Asn1Error::BadTag),
            (&[0x1F, 0xFF, 0xFF, 0xFF, 0x01, 0x00], Asn1Error::BadTag),
            (&[0x05, 0x00, 0x00], Asn1Error::TrailingData(1)),
        ];
        for (bytes, error) in table {
            assert_eq!(der(bytes).map(|_| ()), Err(*error), "{bytes:02X?}");
        }
    }

    #[test]
    fn an_indefinite_element_keeps_its_whole_encoding_and_its_bare_contents() {
        let bytes = [0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 0xAA, 0x04, 0x01, 0xBB, 0x00, 0x00, 0x00, 0x00];
        let outer = ber(&bytes).unwrap();
        assert_eq!(outer.raw(), bytes);
        assert_eq!(outer.contents(), &bytes[2..12]);
        let string = outer.reader().next().unwrap();
        assert_eq!(string.octets().unwrap().as_ref(), [0xAA, 0xBB]);
        assert!(departures_from_der(&bytes).unwrap().indefinite_length);
    }

    #[test]
    fn an_indefinite_primitive_element_is_refused() {
        assert_eq!(ber(&[0x04, 0x80, 0x00, 0x00]).map(|_| ()), Err(Asn1Error::BadLength));
    }

    #[test]
    fn nesting_beyond_the_limit_is_refused() {
        let deep: Vec<u8> = [0x30, 0x80].repeat(MAX_DEPTH + 2);
        assert_eq!(ber(&deep).map(|_| ()), Err(Asn1Error::TooDeep));
    }

    #[test]
    fn two_octet_tags_of_the_logical_data_structure_are_read() {
        let element = der(&[0x7F, 0x61, 0x03, 0x02, 0x01, 0x01]).unwrap();
        assert_eq!(element.tag(), Tag::new(0x7F61));
        assert!(element.tag().is_constructed());
        assert_eq!(encode(element.tag(), element.contents()), element.raw());
    }

    #[test]
    fn encoding_uses_the_shortest_length_at_every_border() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let encoded = encode(Tag::OCTET_STRING, &vec![7; length]);
            assert_eq!(der(&encoded).unwrap().contents().len(), length);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = departures_from_der(&bytes);
            if let Ok(mut reader) = Reader::new(&bytes, Rules::Ber) {
                while let Ok(Some(element)) = reader.next_if_any() {
                    prop_assert!(element.raw().len() >= element.contents().len());
                    let _ = (element.octets(), element.oid(), element.integer(), element.bit_string(), element.boolean(), element.u64());
                    let _ = parse_time(&element);
                }
            }
        }
    }
}
