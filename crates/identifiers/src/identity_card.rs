//! The number of the Polish identity card.

use straznica_types::Secret;

use crate::InvalidIdentifier;
use crate::letters::{canonical, letters_then_digits, weighted_sum};
use crate::secret::confidential;

/// The fourth character, the check digit, has a weight as well: the whole sum is then a multiple of ten.
const WEIGHTS: [u32; 9] = [7, 3, 1, 9, 7, 3, 1, 7, 3];

/// Series and number of the Polish identity card: three letters, the check digit, five digits (`ABA 300000`), since 2001.
#[derive(Clone)]
pub struct IdentityCardNumber(Secret<String>);

confidential!(IdentityCardNumber);

impl IdentityCardNumber {
    /// Spaces, hyphens and small letters are taken.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Form`], [`InvalidIdentifier::CheckDigit`].
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        let number = canonical(text, 9, 9, &[])?;
        if !letters_then_digits(number.expose(), 3) {
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
    fn the_specimen_of_the_rule_is_read_and_its_neighbours_are_not() {
        assert_eq!(IdentityCardNumber::parse("aba 300000").unwrap().expose(), "ABA300000");
        for (text, expected) in [
            ("ABA400000", InvalidIdentifier::CheckDigit),
            ("ABB300000", InvalidIdentifier::CheckDigit),
            ("AB3000000", InvalidIdentifier::Form),
            ("ABA30000", InvalidIdentifier::Form),
            ("ABA3000000", InvalidIdentifier::Form),
            ("ABAA00000", InvalidIdentifier::Form),
            ("ĄBA30000", InvalidIdentifier::Form),
            ("", InvalidIdentifier::Form),
        ] {
            assert_eq!(IdentityCardNumber::parse(text), Err(expected), "{text}");
        }
    }
}
