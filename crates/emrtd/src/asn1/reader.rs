//! The walk over elements: tags, lengths, slices.

use std::fmt;

use super::{Asn1Error, MAX_DEPTH, MAX_INPUT};

/// Which encoding rules of X.690 hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// Distinguished encoding: definite lengths in their shortest form.
    Der,
    /// Basic encoding: indefinite and padded lengths are read.
    Ber,
}

/// The identifier octets of an element, most significant first: `0x30`, `0x7F61`, `0x5F1F`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u32);

impl Tag {
    /// BOOLEAN
    pub const BOOLEAN: Self = Self(0x01);
    /// INTEGER
    pub const INTEGER: Self = Self(0x02);
    /// BIT STRING
    pub const BIT_STRING: Self = Self(0x03);
    /// OCTET STRING
    pub const OCTET_STRING: Self = Self(0x04);
    /// NULL
    pub const NULL: Self = Self(0x05);
    /// OBJECT IDENTIFIER
    pub const OID: Self = Self(0x06);
    /// ENUMERATED
    pub const ENUMERATED: Self = Self(0x0A);
    /// UTF8String
    pub const UTF8_STRING: Self = Self(0x0C);
    /// PrintableString
    pub const PRINTABLE_STRING: Self = Self(0x13);
    /// UTCTime
    pub const UTC_TIME: Self = Self(0x17);
    /// GeneralizedTime
    pub const GENERALIZED_TIME: Self = Self(0x18);
    /// SEQUENCE, SEQUENCE OF
    pub const SEQUENCE: Self = Self(0x30);
    /// SET, SET OF
    pub const SET: Self = Self(0x31);

    /// A tag from its identifier octets.
    #[must_use]
    pub const fn new(identifier: u32) -> Self {
        Self(identifier)
    }

    /// `[number]`, constructed (explicit, or implicit of a constructed type). Numbers up to 30.
    #[must_use]
    pub const fn context(number: u8) -> Self {
        Self(0xA0 | (number & 0x1F) as u32)
    }

    /// `[number]`, primitive (implicit of a primitive type). Numbers up to 30.
    #[must_use]
    pub const fn context_primitive(number: u8) -> Self {
        Self(0x80 | (number & 0x1F) as u32)
    }

    /// The identifier octets as one number.
    #[must_use]
    pub const fn identifier(self) -> u32 {
        self.0
    }

    /// Does the element hold elements?
    #[must_use]
    pub const fn is_constructed(self) -> bool {
        let mut first = self.0;
        while first > 0xFF {
            first >>= 8;
        }
        first & 0x20 != 0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LengthForm {
    Shortest,
    Padded,
    Indefinite,
}

/// One element, borrowed from the input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    tag: Tag,
    raw: &'a [u8],
    contents: &'a [u8],
    form: LengthForm,
    rules: Rules,
}

impl<'a> Tlv<'a> {
    /// The tag.
    #[must_use]
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// The whole encoding as it stood in the input: identifier, length, contents, and the end mark of an indefinite length.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The contents octets.
    #[must_use]
    pub fn contents(&self) -> &'a [u8] {
        self.contents
    }

    /// The rules this element was read under.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// Was the length indefinite?
    #[must_use]
    pub fn is_indefinite(&self) -> bool {
        self.form == LengthForm::Indefinite
    }

    /// Was the length definite but longer than need be?
    #[must_use]
    pub fn is_padded(&self) -> bool {
        self.form == LengthForm::Padded
    }

    /// A reader over the contents, under the rules this element was read with.
    #[must_use]
    pub fn reader(&self) -> Reader<'a> {
        Reader { rest: self.contents, rules: self.rules }
    }

    /// This element, if it has the tag.
    ///
    /// # Errors
    /// [`Asn1Error::UnexpectedTag`]
    pub fn expect(self, expected: Tag) -> Result<Self, Asn1Error> {
        if self.tag != expected {
            return Err(Asn1Error::UnexpectedTag { expected, found: self.tag });
        }
        Ok(self)
    }
}

/// Contents may be personal data: they are not printed.
impl fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tlv").field("tag", &self.tag).field("length", &self.contents.len()).finish_non_exhaustive()
    }
}

/// Walks the elements of one level.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
    rules: Rules,
}

impl<'a> Reader<'a> {
    /// A reader over untrusted bytes.
    ///
    /// # Errors
    /// [`Asn1Error::TooLarge`]
    pub fn new(input: &'a [u8], rules: Rules) -> Result<Self, Asn1Error> {
        if input.len() > MAX_INPUT {
            return Err(Asn1Error::TooLarge(input.len()));
        }
        Ok(Self { rest: input, rules })
    }

    /// The single element of the input in DER, with nothing after it.
    ///
    /// # Errors
    /// When it is not that.
    pub fn single_der(input: &'a [u8], tag: Tag) -> Result<Tlv<'a>, Asn1Error> {
        Self::new(input, Rules::Der)?.only()?.expect(tag)
    }

    /// Has everything been read?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The tag of the next element, if there is one and it is well formed.
    #[must_use]
    pub fn peek(&self) -> Option<Tag> {
        read_tag(self.rest).ok().map(|(tag, _)| tag)
    }

    /// The next element, or `None` at the end.
    ///
    /// # Errors
    /// When the bytes are not an element.
    pub fn next_if_any(&mut self) -> Result<Option<Tlv<'a>>, Asn1Error> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (element, rest) = read_element(self.rest, self.rules)?;
        self.rest = rest;
        Ok(Some(element))
    }

    /// The next element.
    ///
    /// # Errors
    /// [`Asn1Error::Truncated`] at the end; others when the bytes are not an element.
    #[expect(
        clippy::should_implement_trait,
        reason = "fallible: an iterator would hide the difference between the end and an error"
    )]
    pub fn next(&mut self) -> Result<Tlv<'a>, Asn1Error> {
        self.next_if_any()?.ok_or(Asn1Error::Truncated)
    }

    /// The next element, which must have this tag.
    ///
    /// # Errors
    /// [`Asn1Error::UnexpectedTag`], and those of [`Self::next`].
    pub fn expect(&mut self, tag: Tag) -> Result<Tlv<'a>, Asn1Error> {
        self.next()?.expect(tag)
    }

    /// The next element if it has this tag.
    ///
    /// # Errors
    /// When there is such an element and it is malformed.
    pub fn optional(&mut self, tag: Tag) -> Result<Option<Tlv<'a>>, Asn1Error> {
        if self.peek() != Some(tag) {
            return Ok(None);
        }
        self.next_if_any()
    }

    /// The next element, which must be the last one.
    ///
    /// # Errors
    /// [`Asn1Error::TrailingData`], and those of [`Self::next`].
    pub fn only(mut self) -> Result<Tlv<'a>, Asn1Error> {
        let element = self.next()?;
        self.finish()?;
        Ok(element)
    }

    /// Says that the structure is complete.
    ///
    /// # Errors
    /// [`Asn1Error::TrailingData`] when it is not.
    pub fn finish(self) -> Result<(), Asn1Error> {
        if self.rest.is_empty() { Ok(()) } else { Err(Asn1Error::TrailingData(self.rest.len())) }
    }
}

fn read_tag(input: &[u8]) -> Result<(Tag, &[u8]), Asn1Error> {
    let (&first, mut rest) = input.split_first().ok_or(Asn1Error::Truncated)?;
    let mut identifier = u32::from(first);
    if first & 0x1F != 0x1F {
        return Ok((Tag(identifier), rest));
    }
    for position in 0..3 {
        let (&octet, after) = rest.split_first().ok_or(Asn1Error::Truncated)?;
        if position == 0 && octet == 0x80 {
            return Err(Asn1Error::BadTag);
        }
        identifier = identifier << 8 | u32::from(octet);
        rest = after;
        if octet & 0x80 == 0 {
            return Ok((Tag(identifier), rest));
        }
    }
    Err(Asn1Error::BadTag)
}

/// What the length octets say.
enum Length {
    Definite { octets: usize, padded: bool },
    Indefinite,
}

fn read_length(input: &[u8]) -> Result<(Length, &[u8]), Asn1Error> {
    let (&first, rest) = input.split_first().ok_or(Asn1Error::Truncated)?;
    match first {
        0..=0x7F => Ok((Length::Definite { octets: usize::from(first), padded: false }, rest)),
        0x80 => Ok((Length::Indefinite, rest)),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7F)).ok_or(Asn1Error::Truncated)?;
            let octets = digits.iter().fold(0_usize, |octets, digit| octets << 8 | usize::from(*digit));
            let padded = octets < 0x80 || digits.first() == Some(&0);
            Ok((Length::Definite { octets, padded }, rest))
        }
        _ => Err(Asn1Error::BadLength),
    }
}

fn read_element(input: &[u8], rules: Rules) -> Result<(Tlv<'_>, &[u8]), Asn1Error> {
    let (tag, after_tag) = read_tag(input)?;
    let (length, body) = read_length(after_tag)?;
    let (contents, rest, form) = match length {
        Length::Definite { padded: true, .. } if rules == Rules::Der => return Err(Asn1Error::PaddedLength),
        Length::Definite { octets, padded } => {
            let (contents, rest) = body.split_at_checked(octets).ok_or(Asn1Error::Truncated)?;
            (contents, rest, if padded { LengthForm::Padded } else { LengthForm::Shortest })
        }
        Length::Indefinite if rules == Rules::Der => return Err(Asn1Error::IndefiniteLength),
        Length::Indefinite if !tag.is_constructed() => return Err(Asn1Error::BadLength),
        Length::Indefinite => {
            let (contents, rest) = split_at_end_of_contents(body)?;
            (contents, rest, LengthForm::Indefinite)
        }
    };
    let raw = input.get(..input.len() - rest.len()).ok_or(Asn1Error::Truncated)?;
    Ok((Tlv { tag, raw, contents, form, rules }, rest))
}

/// Finds the end mark that closes an indefinite length opened just before `body`.
fn split_at_end_of_contents(body: &[u8]) -> Result<(&[u8], &[u8]), Asn1Error> {
    let mut open = 1_usize;
    let mut rest = body;
    loop {
        if let Some(after) = rest.strip_prefix(&[0, 0]) {
            open -= 1;
            if open == 0 {
                let contents = body.get(..body.len() - rest.len()).ok_or(Asn1Error::Truncated)?;
                return Ok((contents, after));
            }
            rest = after;
            continue;
        }
        let (tag, after_tag) = read_tag(rest)?;
        let (length, after) = read_length(after_tag)?;
        rest = match length {
            Length::Definite { octets, .. } => after.get(octets..).ok_or(Asn1Error::Truncated)?,
            Length::Indefinite if !tag.is_constructed() => return Err(Asn1Error::BadLength),
            Length::Indefinite if open >= MAX_DEPTH => return Err(Asn1Error::TooDeep),
            Length::Indefinite => {
                open += 1;
                after
            }
        };
    }
}
