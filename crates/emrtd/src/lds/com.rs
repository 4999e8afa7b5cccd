//! EF.COM: the versions of the data structure and the data groups present (Doc 9303-10 §4.6.1).
//!
//! EF.COM is not signed. What counts is the security object; a difference between the two is a finding.

use super::{LdsError, data_group_number, file};
use crate::asn1::Tag;

/// EF.COM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Com {
    /// LDS version, four digits: `0107` is 1.7, `0108` is 1.8.
    pub lds_version: String,
    /// Unicode version, six digits: `040000` is 4.0.0.
    pub unicode_version: String,
    /// Numbers of the data groups listed, in the order of the file.
    pub data_groups: Vec<u8>,
    /// Tags listed that belong to no data group.
    pub unknown_tags: Vec<u8>,
}

impl Com {
    /// Reads EF.COM.
    ///
    /// # Errors
    /// [`LdsError`] when the bytes are not an EF.COM.
    pub fn parse(bytes: &[u8]) -> Result<Self, LdsError> {
        let mut fields = file(bytes, 0x60)?.reader();
        let lds_version = digits(fields.expect(Tag::new(0x5F01))?.contents(), 4, "LDS version")?;
        let unicode_version = digits(fields.expect(Tag::new(0x5F36))?.contents(), 6, "Unicode version")?;
        let tags = fields.expect(Tag::new(0x5C))?.contents();
        fields.finish()?;
        let data_groups = tags.iter().filter_map(|tag| data_group_number(*tag)).collect();
        let unknown_tags = tags.iter().copied().filter(|tag| data_group_number(*tag).is_none()).collect();
        Ok(Self { lds_version, unicode_version, data_groups, unknown_tags })
    }
}

fn digits(contents: &[u8], count: usize, field: &'static str) -> Result<String, LdsError> {
    if contents.len() != count || !contents.iter().all(u8::is_ascii_digit) {
        return Err(LdsError::Value { field, rule: "Doc 9303-10 §4.6.1" });
    }
    Ok(String::from_utf8_lossy(contents).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &[u8] = b"\x60\x16\x5F\x01\x040107\x5F\x36\x06040000\x5C\x04\x61\x75\x6E\x42";

    #[test]
    fn versions_and_data_groups_are_read_and_a_strange_tag_is_told() {
        let com = Com::parse(FILE).unwrap();
        assert_eq!((com.lds_version.as_str(), com.unicode_version.as_str()), ("0107", "040000"));
        assert_eq!(com.data_groups, [1, 2, 14]);
        assert_eq!(com.unknown_tags, [0x42]);
    }

    #[test]
    fn a_version_that_is_no_number_and_bytes_behind_the_file_are_refused() {
        let mut letters = FILE.to_vec();
        letters[5] = b'x';
        assert!(matches!(Com::parse(&letters), Err(LdsError::Value { field: "LDS version", .. })));
        assert!(Com::parse(&[FILE, &[0]].concat()).is_err());
        assert!(Com::parse(&FILE[..FILE.len() - 1]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Com::parse(&bytes);
        }
    }
}
