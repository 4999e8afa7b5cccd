//! DG1: the machine readable zone inside the chip (Doc 9303-10 §4.7.1).

use time::Date;

use super::{LdsError, file};
use crate::asn1::{Asn1Error, Tag};
use crate::mrz::{Mrz, MrzError};

/// Why DG1 could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Dg1Error {
    /// The file is not built as DG1.
    #[error(transparent)]
    File(#[from] LdsError),
    /// Its content is no machine readable zone.
    #[error(transparent)]
    Mrz(#[from] MrzError),
}

impl From<Asn1Error> for Dg1Error {
    fn from(error: Asn1Error) -> Self {
        Self::File(error.into())
    }
}

/// Reads the zone of DG1; `at` is the day of the check, see [`Mrz::parse`].
///
/// # Errors
/// [`Dg1Error`] when the bytes are not DG1 or do not hold a zone.
pub fn parse(bytes: &[u8], at: Date) -> Result<Mrz, Dg1Error> {
    let mut fields = file(bytes, 0x61)?.reader();
    let zone = fields.expect(Tag::new(0x5F1F))?.contents();
    fields.finish()?;
    let rule = "Doc 9303-10 §4.7.1";
    let text = std::str::from_utf8(zone).map_err(|_| LdsError::Value { field: "machine readable zone", rule })?;
    if text.chars().any(char::is_whitespace) {
        return Err(LdsError::Value { field: "machine readable zone", rule }.into());
    }
    Ok(Mrz::parse(text, at)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::encode;
    use proptest::prelude::*;
    use time::macros::date;

    const AT: Date = date!(2026 - 11 - 22);
    const ZONE: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";

    fn dg1(zone: &[u8]) -> Vec<u8> {
        encode(Tag::new(0x61), &encode(Tag::new(0x5F1F), zone))
    }

    #[test]
    fn the_zone_of_a_passport_is_read() {
        assert_eq!(parse(&dg1(ZONE.as_bytes()), AT).unwrap().document_number(), "L898902C3");
    }

    #[test]
    fn line_breaks_inside_dg1_are_refused_although_a_reader_may_send_them() {
        let broken = format!("{}\n{}", &ZONE[..44], &ZONE[44..]);
        assert!(matches!(parse(&dg1(broken.as_bytes()), AT), Err(Dg1Error::File(LdsError::Value { .. }))));
    }

    #[test]
    fn another_data_group_or_a_short_zone_is_refused() {
        assert!(matches!(parse(&encode(Tag::new(0x75), &[]), AT), Err(Dg1Error::File(LdsError::Asn1(_)))));
        assert!(matches!(parse(&dg1(&ZONE.as_bytes()[..87]), AT), Err(Dg1Error::Mrz(MrzError::Length(87)))));
        assert!(matches!(parse(&dg1(&[0xFF; 88]), AT), Err(Dg1Error::File(LdsError::Value { .. }))));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..128)) {
            let _ = parse(&bytes, AT);
            let _ = parse(&dg1(&bytes), AT);
        }
    }
}
