//! The subset of DER that TR-03110-3 D.2 uses: one- and two-byte tags, definite minimal lengths, at most
//! [`MAX_LENGTH`] bytes in all.
//!
//! The reader copies nothing: it hands out positions in the buffer it was given, so a parsed object can be kept as
//! the buffer and a handful of ranges.

use std::ops::Range;

/// The longest object accepted, header included: two length bytes are the most that TR-03110-3 D.2 foresees.
pub const MAX_LENGTH: usize = 65_535;

/// Why bytes are not the object they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlvError {
    /// More than [`MAX_LENGTH`] bytes.
    #[error("longer than 65535 bytes")]
    TooLong,
    /// The data end inside an object.
    #[error("truncated at byte {0}")]
    Truncated(usize),
    /// A length is not in the shortest definite form.
    #[error("length at byte {0} is not in minimal definite form")]
    LengthForm(usize),
    /// Another object was expected here.
    #[error("expected object {expected:02X} at byte {position}")]
    Unexpected {
        /// Tag of the object the standard asks for at this place.
        expected: u16,
        /// Where the object was expected.
        position: usize,
    },
    /// Bytes follow where the object should end.
    #[error("unexpected data at byte {0}")]
    Surplus(usize),
}

/// An object found: where it begins and where its value lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// First byte of the tag.
    pub start: usize,
    /// The value.
    pub value: Range<usize>,
}

impl Element {
    /// The whole object, header and value.
    pub fn whole(&self) -> Range<usize> {
        self.start..self.value.end
    }
}

/// A cursor over the objects of one level.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    /// Begins at the first byte of `bytes`.
    ///
    /// # Errors
    /// [`TlvError::TooLong`] beyond [`MAX_LENGTH`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, TlvError> {
        if bytes.len() > MAX_LENGTH {
            return Err(TlvError::TooLong);
        }
        Ok(Self { bytes, position: 0, end: bytes.len() })
    }

    /// A cursor over what lies inside `element`, an object read from the same buffer.
    pub fn inside(&self, element: &Element) -> Self {
        Self { bytes: self.bytes, position: element.value.start, end: element.value.end.min(self.bytes.len()) }
    }

    /// True when the level is used up.
    pub fn is_empty(&self) -> bool {
        self.position >= self.end
    }

    /// The tag of the next object, if there is one.
    pub fn peek(&self) -> Option<u16> {
        let (first, second) = (self.byte(self.position)?, self.byte(self.position + 1));
        if is_long_tag(first) { Some(u16::from_be_bytes([first, second?])) } else { Some(u16::from(first)) }
    }

    /// Reads the object `tag`.
    ///
    /// # Errors
    /// [`TlvError::Unexpected`] when another or no object comes next, or the form is wrong.
    pub fn expect(&mut self, tag: u16) -> Result<Element, TlvError> {
        if self.peek() != Some(tag) {
            return Err(TlvError::Unexpected { expected: tag, position: self.position });
        }
        let start = self.position;
        let header = start + if tag > 0xFF { 2 } else { 1 };
        let (length, value_start) = self.length(header)?;
        let value_end = value_start + length;
        if value_end > self.end {
            return Err(TlvError::Truncated(self.end));
        }
        self.position = value_end;
        Ok(Element { start, value: value_start..value_end })
    }

    /// Reads whatever object comes next, `None` at the end of the level.
    ///
    /// # Errors
    /// As [`Reader::expect`].
    pub fn any(&mut self) -> Result<Option<Element>, TlvError> {
        if self.is_empty() {
            return Ok(None);
        }
        let tag = self.peek().ok_or(TlvError::Truncated(self.end))?;
        self.expect(tag).map(Some)
    }

    /// Reads the object `tag` if it comes next.
    ///
    /// # Errors
    /// As [`Reader::expect`], when the object comes next.
    pub fn optional(&mut self, tag: u16) -> Result<Option<Element>, TlvError> {
        if self.peek() == Some(tag) { self.expect(tag).map(Some) } else { Ok(None) }
    }

    /// Ends the level.
    ///
    /// # Errors
    /// [`TlvError::Surplus`] when objects are left.
    pub fn finish(self) -> Result<(), TlvError> {
        if self.is_empty() { Ok(()) } else { Err(TlvError::Surplus(self.position)) }
    }

    fn length(&self, at: usize) -> Result<(usize, usize), TlvError> {
        let truncated = TlvError::Truncated(self.end);
        let first = self.byte(at).ok_or(truncated)?;
        match first {
            0..=0x7F => Ok((usize::from(first), at + 1)),
            0x81 => match self.byte(at + 1).ok_or(truncated)? {
                length @ 0x80.. => Ok((usize::from(length), at + 2)),
                _ => Err(TlvError::LengthForm(at)),
            },
            0x82 => {
                let high = self.byte(at + 1).ok_or(truncated)?;
                let low = self.byte(at + 2).ok_or(truncated)?;
                if high == 0 {
                    return Err(TlvError::LengthForm(at));
                }
                Ok((usize::from(u16::from_be_bytes([high, low])), at + 3))
            }
            _ => Err(TlvError::LengthForm(at)),
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        if at < self.end { self.bytes.get(at).copied() } else { None }
    }
}

fn is_long_tag(first: u8) -> bool {
    first & 0x1F == 0x1F
}

/// Appends the object `tag` with `value` to `out`, the length in minimal form.
///
/// # Errors
/// [`TlvError::TooLong`] when `value` exceeds [`MAX_LENGTH`].
pub fn write(out: &mut Vec<u8>, tag: u16, value: &[u8]) -> Result<(), TlvError> {
    let length = u16::try_from(value.len()).map_err(|_| TlvError::TooLong)?;
    let [high, low] = tag.to_be_bytes();
    if high != 0 {
        out.push(high);
    }
    out.push(low);
    let [high, low] = length.to_be_bytes();
    match (high, low) {
        (0, 0..=0x7F) => out.push(low),
        (0, _) => out.extend([0x81, low]),
        _ => out.extend([0x82, high, low]),
    }
    out.extend_from_slice(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{MAX_LENGTH, Reader, TlvError, write};

    #[test]
    fn objects_of_every_length_form_come_back_as_they_were_written() {
        for length in [0, 1, 127, 128, 255, 256, 65_000] {
            let value = vec![0xA5; length];
            let mut out = Vec::new();
            write(&mut out, 0x7F21, &value).unwrap();
            let mut reader = Reader::new(&out).unwrap();
            let element = reader.expect(0x7F21).unwrap();
            assert_eq!(out[element.value.clone()], value);
            assert_eq!(element.whole(), 0..out.len());
            reader.finish().unwrap();
        }
    }

    #[test]
    fn lengths_not_in_minimal_definite_form_are_refused() {
        for bytes in [&[0x42, 0x80][..], &[0x42, 0x81, 0x01, 0], &[0x42, 0x82, 0, 0xFF], &[0x42, 0x83, 0, 0, 1, 0]] {
            let mut reader = Reader::new(bytes).unwrap();
            assert_eq!(reader.expect(0x42), Err(TlvError::LengthForm(1)), "{bytes:02X?}");
        }
    }

    #[test]
    fn an_object_may_not_reach_beyond_the_one_that_holds_it() {
        let bytes = [0x65, 0x02, 0x42, 0x05, 1, 2, 3, 4, 5];
        let mut reader = Reader::new(&bytes).unwrap();
        let outer = reader.expect(0x65).unwrap();
        let mut inner = reader.inside(&outer);
        assert_eq!(inner.expect(0x42), Err(TlvError::Truncated(4)));
    }

    #[test]
    fn more_than_65535_bytes_are_refused_unread_and_unwritten() {
        let bytes = vec![0; MAX_LENGTH + 1];
        assert_eq!(Reader::new(&bytes).unwrap_err(), TlvError::TooLong);
        assert_eq!(write(&mut Vec::new(), 0x42, &bytes), Err(TlvError::TooLong));
    }
}
