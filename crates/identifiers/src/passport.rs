//! The number of the Polish passport.

use straznica_types::Secret;

use crate::InvalidIdentifier;
use crate::letters::{canonical, letters_then_digits, weighted_sum};
use crate::secret::confidential;

/// The third character, the check digit, has a weight as well: the whole sum is then a multiple of ten.
const WEIGHTS: [u32; 9] = [7, 3, 9, 1, 7, 3, 1, 7, 3];

/// Series and number of the Polish passport: two letters, the check digit, six digits (`ZS 0000177`).
#[derive(Clone)]
pub struct PassportNumber(Secret<String>);

confidential!(PassportNumber);

impl PassportNumber {
    /// Spaces, hyphens and small letters are taken.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Form`], [`InvalidIdentifier::CheckDigit`].
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        let number = canonical(text, 9, 9, &[])?;
        if !letters_then_digits(number.expose(), 2) {
            return Err(InvalidIdentifier::Form);
        }
        if !weighted_sum(number.expose(), &WEIGHTS).is_multiple_of(10) {
            return Err(InvalidIdentifier::CheckDigit);
        }
        Ok(Self(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specimen_is_read_and_its_neighbours_are_not() {
        assert_eq!(PassportNumber::parse("zs 0000177").unwrap().expose(), "ZS0000177");
        for (text, expected) in [
            ("ZS1000177", InvalidIdentifier::CheckDigit),
            ("ZS0000178", InvalidIdentifier::CheckDigit),
            ("SZ0000177", InvalidIdentifier::CheckDigit),
            ("ZSA000177", InvalidIdentifier::Form),
            ("ZS000017", InvalidIdentifier::Form),
        ] {
            assert_eq!(PassportNumber::parse(text), Err(expected), "{text}");
        }
    }
}
