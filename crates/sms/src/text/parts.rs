//! Cutting a text into parts.

use super::gsm;
use super::header::{Concatenation, Reference, ReferenceWidth};

/// More parts a header cannot number.
pub const MAX_PARTS: usize = 255;

/// How the characters of a message are carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// The default alphabet of 3GPP TS 23.038, counted in septets.
    Gsm7,
    /// UTF-16 big-endian, counted in units; a character outside the basic plane takes two. (The standard says UCS-2; handsets read UTF-16.)
    Ucs2,
}

impl Encoding {
    /// Units in a message of one part.
    pub const fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units in each part of a longer message.
    pub const fn each_of_many(self, width: ReferenceWidth) -> usize {
        match (self, width) {
            (Self::Gsm7, ReferenceWidth::Eight) => 153,
            (Self::Gsm7, ReferenceWidth::Sixteen) => 152,
            (Self::Ucs2, ReferenceWidth::Eight) => 67,
            (Self::Ucs2, ReferenceWidth::Sixteen) => 66,
        }
    }

    /// data_coding of SMPP 3.4 §5.2.19: the SMSC's default alphabet, or UCS-2.
    pub const fn data_coding(self) -> u8 {
        match self {
            Self::Gsm7 => 0x00,
            Self::Ucs2 => 0x08,
        }
    }

    /// Units a character takes; UCS-2 knows all.
    fn units(self, character: char) -> usize {
        match self {
            // Chosen only for a text whose every character is in the alphabet.
            Self::Gsm7 => gsm::septets(character).unwrap_or(2),
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

/// A character outside the default alphabet: because of it the message takes UCS-2, and more parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Forcing {
    /// The character.
    pub character: char,
    /// Where it first stands, counted in characters from 0.
    pub at: usize,
}

/// Why a text cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// There is nothing to send.
    #[error("the text is empty")]
    Empty,
    /// More parts than a header can number.
    #[error("the text takes {0} parts, more than {MAX_PARTS}")]
    TooManyParts(usize),
}

/// A text, measured and cut: what a preview shows and what is then sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Parts {
    encoding: Encoding,
    width: ReferenceWidth,
    units: usize,
    pieces: Vec<String>,
    forced_by: Vec<Forcing>,
}

/// Tells the size, not the text.
impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("encoding", &self.encoding)
            .field("units", &self.units)
            .field("count", &self.count())
            .finish_non_exhaustive()
    }
}

/// One part as `submit_sm` carries it.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodedPart {
    /// The header, if any, and the text: 159 or 160 octets of septets, 140 of UCS-2 at most.
    pub octets: Vec<u8>,
    /// Whether a header leads (the UDH indicator of esm_class).
    pub has_header: bool,
    /// What the text is carried in.
    pub encoding: Encoding,
}

/// Tells the size, not the text.
impl std::fmt::Debug for EncodedPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncodedPart")
            .field("octets", &self.octets.len())
            .field("has_header", &self.has_header)
            .field("encoding", &self.encoding)
            .finish()
    }
}

/// Measures a text, chooses the encoding and cuts it; no character is ever cut in two.
///
/// # Errors
/// When there is nothing to send, or too much.
pub fn parts(text: &str, width: ReferenceWidth) -> Result<Parts, TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    let forced_by = forcing(text);
    let encoding = if forced_by.is_empty() { Encoding::Gsm7 } else { Encoding::Ucs2 };
    let units = text.chars().map(|character| encoding.units(character)).sum();
    let capacity = if units <= encoding.single() { encoding.single() } else { encoding.each_of_many(width) };
    let pieces = cut(text, encoding, capacity);
    if pieces.len() > MAX_PARTS {
        return Err(TextError::TooManyParts(pieces.len()));
    }
    Ok(Parts { encoding, width, units, pieces, forced_by })
}

/// Each character outside the default alphabet once, in order.
fn forcing(text: &str) -> Vec<Forcing> {
    let mut found: Vec<Forcing> = Vec::new();
    for (at, character) in text.chars().enumerate() {
        let known = gsm::septets(character).is_some() || found.iter().any(|earlier| earlier.character == character);
        if !known {
            found.push(Forcing { character, at });
        }
    }
    found
}

fn cut(text: &str, encoding: Encoding, capacity: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for character in text.chars() {
        let units = encoding.units(character);
        if used + units > capacity {
            pieces.push(String::new());
            used = 0;
        }
        used += units;
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    pieces
}

impl Parts {
    /// How the text is carried.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Septets or UTF-16 units of the whole text, headers not counted.
    pub const fn units(&self) -> usize {
        self.units
    }

    /// How many parts are sent and billed: 1 to [`MAX_PARTS`].
    pub fn count(&self) -> usize {
        self.pieces.len()
    }

    /// The text of each part.
    pub fn pieces(&self) -> &[String] {
        &self.pieces
    }

    /// What makes the message UCS-2, each character once where it first stands; empty for the default alphabet.
    pub fn forced_by(&self) -> &[Forcing] {
        &self.forced_by
    }

    /// The parts for the wire. `counter` becomes the reference of a message of several; it goes round at its width.
    pub fn encode(&self, counter: u32) -> Vec<EncodedPart> {
        let reference = Reference::from_counter(self.width, counter);
        let total = u8::try_from(self.pieces.len()).unwrap_or(u8::MAX);
        let has_header = total > 1;
        (1..=total)
            .zip(&self.pieces)
            .map(|(number, piece)| {
                let mut octets =
                    if has_header { Concatenation { reference, total, number }.header() } else { Vec::new() };
                octets.extend(encode_piece(self.encoding, piece));
                EncodedPart { octets, has_header, encoding: self.encoding }
            })
            .collect()
    }
}

fn encode_piece(encoding: Encoding, piece: &str) -> Vec<u8> {
    match encoding {
        // `None` is for characters outside the alphabet; `parts` chose this encoding because there are none.
        Encoding::Gsm7 => gsm::encode(piece).unwrap_or_default(),
        Encoding::Ucs2 => piece.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

/// The text of a message's octets after the header; what is no character shows as U+FFFD.
pub fn decode(encoding: Encoding, octets: &[u8]) -> String {
    match encoding {
        Encoding::Gsm7 => gsm::decode(octets),
        Encoding::Ucs2 => {
            let (pairs, odd) = octets.as_chunks::<2>();
            let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
            let mut text: String =
                char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            if !odd.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::split_header;
    use super::*;

    fn measured(text: &str) -> (Encoding, usize, usize) {
        let parts = parts(text, ReferenceWidth::Eight).unwrap();
        (parts.encoding(), parts.units(), parts.count())
    }

    #[test]
    fn parts_are_counted_as_the_operator_bills_them() {
        use Encoding::{Gsm7, Ucs2};
        for (text, expected) in [
            ("a".repeat(160), (Gsm7, 160, 1)),
            ("a".repeat(161), (Gsm7, 161, 2)),
            ("a".repeat(306), (Gsm7, 306, 2)),
            ("a".repeat(307), (Gsm7, 307, 3)),
            ("€".repeat(80), (Gsm7, 160, 1)),
            ("€".repeat(81), (Gsm7, 162, 2)),
            // 76 euros fill 152 of 153 septets: the escape is not parted from what it escapes.
            ("€".repeat(153), (Gsm7, 306, 3)),
            ("ł".repeat(70), (Ucs2, 70, 1)),
            ("ł".repeat(71), (Ucs2, 71, 2)),
            ("ł".repeat(134), (Ucs2, 134, 2)),
            ("ł".repeat(135), (Ucs2, 135, 3)),
            ("😀".repeat(35), (Ucs2, 70, 1)),
            ("😀".repeat(36), (Ucs2, 72, 2)),
            // 33 pairs fill 66 of 67 units: none is parted.
            ("😀".repeat(67), (Ucs2, 134, 3)),
        ] {
            let what: String = text.chars().take(3).collect();
            assert_eq!(measured(&text), expected, "{what}… × {}", text.chars().count());
        }
    }

    #[test]
    fn a_wide_reference_takes_one_unit_more_of_each_part() {
        for (text, eight, sixteen) in [("a".repeat(306), 2, 3), ("a".repeat(304), 2, 2), ("ł".repeat(134), 2, 3)] {
            assert_eq!(parts(&text, ReferenceWidth::Eight).unwrap().count(), eight);
            assert_eq!(parts(&text, ReferenceWidth::Sixteen).unwrap().count(), sixteen);
        }
    }

    #[test]
    fn the_preview_says_which_characters_force_ucs2_and_where() {
        let parts = parts("Termin „nowy” – 5 maja, „ważny”", ReferenceWidth::Eight).unwrap();
        let forcing: Vec<(char, usize)> = parts.forced_by().iter().map(|f| (f.character, f.at)).collect();
        assert_eq!(forcing, [('„', 7), ('”', 12), ('–', 14), ('ż', 27)]);
    }

    #[test]
    fn nothing_and_too_much_cannot_be_sent() {
        assert_eq!(parts("", ReferenceWidth::Eight), Err(TextError::Empty));
        assert_eq!(parts(&"a".repeat(153 * 255), ReferenceWidth::Eight).unwrap().count(), MAX_PARTS);
        assert_eq!(parts(&"a".repeat(153 * 255 + 1), ReferenceWidth::Eight), Err(TextError::TooManyParts(256)));
    }

    #[test]
    fn ucs2_is_big_endian_and_what_is_no_character_shows() {
        let parts = parts("zł😀", ReferenceWidth::Eight).unwrap();
        assert_eq!(hex::encode(&parts.encode(0)[0].octets), "007a0142d83dde00");
        assert_eq!(decode(Encoding::Ucs2, &[0xD8, 0x3D, 0x00, 0x41, 0x42]), "\u{FFFD}A\u{FFFD}");
    }

    #[test]
    fn a_part_prints_its_size_and_not_its_text() {
        let part = &parts("kod 123456", ReferenceWidth::Eight).unwrap().encode(0)[0];
        assert_eq!(format!("{part:?}"), "EncodedPart { octets: 10, has_header: false, encoding: Gsm7 }");
    }

    /// Mostly the default alphabet, else anything.
    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof!["[a-zA-Z0-9 €{}|^~@\n]{1,700}", "[ąćęłńóśźża-z😀€ ]{1,400}", "\\PC{1,300}"]
    }

    proptest! {
        #[test]
        fn parts_joined_by_their_headers_are_the_text(text in any_text(), counter: u32, wide: bool) {
            let width = if wide { ReferenceWidth::Sixteen } else { ReferenceWidth::Eight };
            let measured = parts(&text, width).unwrap();
            let encoded = measured.encode(counter);
            prop_assert_eq!(encoded.len(), measured.count());
            let mut joined = String::new();
            for (index, part) in encoded.iter().enumerate() {
                let octets = if part.has_header {
                    let (concatenation, text) = split_header(&part.octets).unwrap();
                    let concatenation = concatenation.unwrap();
                    prop_assert_eq!(concatenation.reference, Reference::from_counter(width, counter));
                    prop_assert_eq!(usize::from(concatenation.total), encoded.len());
                    prop_assert_eq!(usize::from(concatenation.number), index + 1);
                    text
                } else {
                    prop_assert_eq!(encoded.len(), 1);
                    &part.octets[..]
                };
                // A pair or an escape cut in two would decode to a replacement or a space.
                joined += &decode(part.encoding, octets);
                let header = part.octets.len() - octets.len();
                let octets_on_air = match part.encoding {
                    Encoding::Gsm7 => (header * 8).div_ceil(7) + octets.len(),
                    Encoding::Ucs2 => header + octets.len(),
                };
                let room = if part.encoding == Encoding::Gsm7 { 160 } else { 140 };
                prop_assert!(octets_on_air <= room);
            }
            prop_assert_eq!(joined, text);
        }

        #[test]
        fn ucs2_is_taken_only_when_something_forces_it(text in any_text()) {
            let parts = parts(&text, ReferenceWidth::Eight).unwrap();
            prop_assert_eq!(parts.encoding() == Encoding::Gsm7, gsm::encode(&text).is_some());
            prop_assert_eq!(parts.encoding() == Encoding::Gsm7, parts.forced_by().is_empty());
        }

        #[test]
        fn no_octets_make_the_decoder_panic(octets: Vec<u8>) {
            let _ = decode(Encoding::Ucs2, &octets);
        }
    }
}
