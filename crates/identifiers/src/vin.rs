//! The vehicle identification number.

use straznica_types::Secret;

use crate::InvalidIdentifier;
use crate::letters::canonical;
use crate::secret::confidential;

const LENGTH: usize = 17;

/// Weights of 49 CFR 565.15(c), the ninth place being the check digit's own.
const WEIGHTS: [u32; LENGTH] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/// A vehicle identification number (ISO 3779): 17 characters out of A-Z and 0-9 without I, O and Q. It leads to the holder of the vehicle, so it
/// is masked as the others are.
#[derive(Clone)]
pub struct Vin(Secret<String>);

confidential!(Vin);

/// What the ninth character says. Only North America makes it a check digit (49 CFR 565.15); elsewhere makers put in what they like, so a
/// mismatch is a hint for the person who typed the number and no ground to refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckDigit {
    /// It is the check digit of the others.
    Matches,
    /// It is not.
    Differs,
}

impl Vin {
    /// Spaces, hyphens and small letters are taken.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Form`].
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        let number = canonical(text, LENGTH, LENGTH, &[])?;
        if number.expose().bytes().any(|byte| matches!(byte, b'I' | b'O' | b'Q')) {
            return Err(InvalidIdentifier::Form);
        }
        Ok(Self(number))
    }

    /// Whether the ninth character is the North American check digit.
    #[must_use]
    pub fn check_digit(&self) -> CheckDigit {
        let sum: u32 = self.expose().bytes().zip(WEIGHTS).map(|(byte, weight)| transliterated(byte) * weight).sum();
        let expected = match sum % 11 {
            10 => b'X',
            digit => b'0' + u8::try_from(digit).unwrap_or(0),
        };
        if self.expose().as_bytes().get(8) == Some(&expected) { CheckDigit::Matches } else { CheckDigit::Differs }
    }
}

/// Table III of 49 CFR 565.15: A-H are 1 to 8, J-R 1 to 9 without those that do not occur, S-Z 2 to 9.
fn transliterated(byte: u8) -> u32 {
    u32::from(match byte {
        b'0'..=b'9' => byte - b'0',
        b'A'..=b'H' => byte - b'A' + 1,
        b'J'..=b'R' => byte - b'J' + 1,
        b'S'..=b'Z' => byte - b'S' + 2,
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_is_told_and_refuses_nothing() {
        // The example everybody computes: seventeen ones check themselves.
        assert_eq!(Vin::parse("1111 1111 1111 1111 1").unwrap().check_digit(), CheckDigit::Matches);
        assert_eq!(Vin::parse("1m8gdm9axkp042788").unwrap().check_digit(), CheckDigit::Matches);
        assert_eq!(Vin::parse("1M8GDM9A1KP042788").unwrap().check_digit(), CheckDigit::Differs);
    }

    #[test]
    fn letters_that_look_like_digits_do_not_occur() {
        for text in
            ["1M8GDM9AXKPO42788", "IM8GDM9AXKP042788", "1M8GDM9AXKP04278Q", "1M8GDM9AXKP04278", "1M8GDM9AXKP0427888"]
        {
            assert_eq!(Vin::parse(text), Err(InvalidIdentifier::Form), "{text}");
        }
    }
}
