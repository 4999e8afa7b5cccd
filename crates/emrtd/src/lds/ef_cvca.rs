//! EF.CVCA: the certification authority references the chip trusts (TR-03110-3 §A.7.2.4).
//!
//! 36 bytes: one or two objects `42`, the newest first, the rest filled with zeros.

use super::LdsError;
use crate::asn1::{Reader, Rules, Tag};

/// Length of the file in bytes.
pub const LENGTH: usize = 36;

const RULE: &str = "TR-03110-3 §A.7.2.4";

/// The references of EF.CVCA, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EfCvca {
    /// The newest trust point's reference, ISO 8859-1 as in the certificate's CAR.
    pub newest: Vec<u8>,
    /// The previous one's, while the chip still accepts it.
    pub previous: Option<Vec<u8>>,
}

impl EfCvca {
    /// Reads the file.
    ///
    /// # Errors
    /// [`LdsError`] when it holds no reference, more than two, or anything but zeros behind them.
    pub fn parse(bytes: &[u8]) -> Result<Self, LdsError> {
        if bytes.len() > LENGTH {
            return Err(LdsError::TooLarge(bytes.len()));
        }
        let mut reader = Reader::new(bytes, Rules::Der)?;
        let newest = reference(reader.expect(Tag::new(0x42))?.contents())?;
        let previous = reader.optional(Tag::new(0x42))?.map(|second| reference(second.contents())).transpose()?;
        if reader.rest().iter().any(|filler| *filler != 0) {
            return Err(LdsError::Value { field: "EF.CVCA filler", rule: RULE });
        }
        Ok(Self { newest, previous })
    }

    /// Writes the file, or `None` when a reference is longer than 16 bytes or empty.
    #[must_use]
    pub fn encode(&self) -> Option<[u8; LENGTH]> {
        let mut file = [0; LENGTH];
        let mut rest = file.as_mut_slice();
        for reference in std::iter::once(&self.newest).chain(&self.previous) {
            let length = u8::try_from(reference.len()).ok().filter(|length| (1..=16).contains(length))?;
            let (object, after) = rest.split_at_mut_checked(reference.len() + 2)?;
            object.first_mut().map(|tag| *tag = 0x42)?;
            object.get_mut(1).map(|octet| *octet = length)?;
            object.get_mut(2..)?.copy_from_slice(reference);
            rest = after;
        }
        Some(file)
    }

    /// Both references, newest first.
    pub fn references(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.newest.as_slice()).chain(self.previous.as_deref())
    }
}

fn reference(contents: &[u8]) -> Result<Vec<u8>, LdsError> {
    if contents.is_empty() || contents.len() > 16 {
        return Err(LdsError::Value { field: "certification authority reference", rule: RULE });
    }
    Ok(contents.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_is_read_again_newest_first() {
        for previous in [None, Some(b"UTCVCA00001".to_vec())] {
            let file = EfCvca { newest: b"UTCVCA00002".to_vec(), previous };
            assert_eq!(EfCvca::parse(&file.encode().unwrap()).unwrap(), file);
        }
        let longest = EfCvca { newest: vec![b'A'; 16], previous: Some(vec![b'B'; 16]) };
        assert_eq!(EfCvca::parse(&longest.encode().unwrap()).unwrap(), longest);
        assert!(EfCvca { newest: vec![b'A'; 17], previous: None }.encode().is_none());
    }

    #[test]
    fn an_empty_file_a_third_reference_and_garbage_are_refused() {
        assert!(EfCvca::parse(&[0; LENGTH]).is_err());
        assert!(EfCvca::parse(b"\x42\x01A\x42\x01B\x42\x01C").is_err());
        assert!(EfCvca::parse(b"\x42\x01A\x00\x01").is_err());
        assert!(EfCvca::parse(b"\x42\x00").is_err());
        assert!(EfCvca::parse(&[0x42; LENGTH + 1]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = EfCvca::parse(&bytes);
        }
    }
}
