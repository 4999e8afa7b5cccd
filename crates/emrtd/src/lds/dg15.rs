//! DG15: the public key of Active Authentication (Doc 9303-10 §4.7.15).

use super::{LdsError, SubjectPublicKeyInfo, file};

/// Reads DG15.
///
/// # Errors
/// [`LdsError`] when the bytes are not DG15.
pub fn parse(bytes: &[u8]) -> Result<SubjectPublicKeyInfo<'_>, LdsError> {
    SubjectPublicKeyInfo::parse(file(bytes, 0x6F)?.reader().only()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..128)) {
            let _ = parse(&bytes);
            let _ = parse(&crate::asn1::encode(crate::asn1::Tag::new(0x6F), &bytes));
        }
    }
}
