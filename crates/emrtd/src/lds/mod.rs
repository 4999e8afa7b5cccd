//! The files of the logical data structure (ICAO Doc 9303-10): their structure, read from untrusted bytes.
//!
//! | file | module |
//! |---|---|
//! | EF.COM | [`com`] |
//! | DG1 | [`dg1`] |
//! | DG2, and the same frame around DG3 and DG4 | [`biometric`] |
//! | DG14, EF.CardAccess | [`security_infos`] |
//! | DG15 | [`dg15`] |
//! | EF.CVCA | [`ef_cvca`] |
//!
//! Nothing here judges a document: a hash is always taken over the raw bytes of a file, never over what is read here.
//! Images and templates are never decoded. Parsers take at most [`MAX_FILE`] bytes and do not panic on any of them.

pub mod biometric;
pub mod com;
pub mod dg1;
pub mod dg15;
pub mod ef_cvca;
pub mod security_infos;
mod spki;

pub use com::Com;
pub use spki::SubjectPublicKeyInfo;

use crate::asn1::{Asn1Error, Reader, Rules, Tag, Tlv};

/// Largest elementary file read, in bytes. Chips address far less; DG2 and DG3 are the largest, some tens of kilobytes.
pub const MAX_FILE: usize = 1024 * 1024;

/// Why bytes are not the file they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LdsError {
    /// The file is longer than [`MAX_FILE`].
    #[error("the file of {0} bytes is longer than any file of a travel document")]
    TooLarge(usize),
    /// The bytes are not the structure the standard gives the file.
    #[error(transparent)]
    Asn1(#[from] Asn1Error),
    /// A field holds a value the standard does not allow.
    #[error("{field} does not hold what {rule} allows")]
    Value {
        /// The field.
        field: &'static str,
        /// The standard and section.
        rule: &'static str,
    },
}

/// Tag of a data group's outermost object, by its number (Doc 9303-10 §3.11.4).
#[must_use]
pub fn data_group_tag(number: u8) -> Option<u8> {
    const TAGS: [u8; 16] =
        [0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70];
    TAGS.get(usize::from(number.checked_sub(1)?)).copied()
}

/// Number of the data group whose outermost object has this tag.
#[must_use]
pub fn data_group_number(tag: u8) -> Option<u8> {
    (1..=16).find(|number| data_group_tag(*number) == Some(tag))
}

/// The one object a file consists of. Files are written by personalisation systems of all ages: BER lengths are read.
fn file(bytes: &[u8], tag: u32) -> Result<Tlv<'_>, LdsError> {
    if bytes.len() > MAX_FILE {
        return Err(LdsError::TooLarge(bytes.len()));
    }
    Ok(Reader::new(bytes, Rules::Ber)?.only()?.expect(Tag::new(tag))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_group_has_the_tag_the_standard_gives_it() {
        for (number, tag) in [(1, 0x61), (2, 0x75), (3, 0x63), (4, 0x76), (5, 0x65), (14, 0x6E), (15, 0x6F), (16, 0x70)]
        {
            assert_eq!(data_group_tag(number), Some(tag));
            assert_eq!(data_group_number(tag), Some(number));
        }
        assert_eq!((data_group_tag(0), data_group_tag(17), data_group_number(0x77)), (None, None, None));
    }

    #[test]
    fn a_file_longer_than_the_limit_is_refused_before_it_is_read() {
        assert_eq!(file(&vec![0x61; MAX_FILE + 1], 0x61).unwrap_err(), LdsError::TooLarge(MAX_FILE + 1));
    }
}
