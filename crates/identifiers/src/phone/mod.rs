//! Phone numbers: E.164, with the Polish numbering plan told apart.

mod countries;
mod poland;
mod prefix;
#[cfg(test)]
mod tests;

use straznica_types::Secret;

pub use countries::CallingCode;
pub use poland::PolishRange;
pub use prefix::PhonePrefix;

use crate::InvalidIdentifier;
use crate::secret::confidential;

/// Longest text looked at, with all separators.
const LONGEST_INPUT: usize = 40;
/// ITU-T E.164 §6.2: country code and national number together.
const MOST_DIGITS: usize = 15;
/// No country that can receive messages has shorter national numbers.
const FEWEST_NATIONAL_DIGITS: usize = 4;

/// A phone number in the international form of ITU-T E.164: `+` and up to 15 digits, the first of them an assigned country code.
///
/// Of a Polish number the range is known as the numbering plan has it; of a foreign one the country. Which foreign ranges are mobile differs
/// from state to state and changes often: whoever lets messages go abroad names the prefixes it trusts ([`PhonePrefix`]).
#[derive(Clone)]
pub struct PhoneNumber(Secret<String>);

confidential!(PhoneNumber);

/// Whose number it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneKind {
    /// A Polish number, by its range.
    Polish(PolishRange),
    /// A number of another country or group of countries.
    Foreign(CallingCode),
    /// A number of no country: international freephone, satellites, international premium rate (codes 800 to 979 the ITU gave to services).
    Service(CallingCode),
}

impl PhoneNumber {
    /// From what a person types: `+` or `00` and the whole number, or the nine digits of a Polish one. Spaces, hyphens, dots, slashes and round
    /// brackets between digits do not count.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Form`] for other characters, [`InvalidIdentifier::Plan`] for a country code nobody has or a length its
    /// country (for Poland: nine digits and a known range) does not know.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        let number = international(text)?;
        let digits = &number.expose()[1..];
        if digits.len() > MOST_DIGITS {
            return Err(InvalidIdentifier::Form);
        }
        let code = CallingCode::of(digits).ok_or(InvalidIdentifier::Plan)?;
        let national = &digits[code.digits()..];
        if national.len() < FEWEST_NATIONAL_DIGITS
            || (code == CallingCode::POLAND && PolishRange::of(national).is_none())
        {
            return Err(InvalidIdentifier::Plan);
        }
        Ok(Self(number))
    }

    /// Whose number it is.
    #[must_use]
    pub fn kind(&self) -> PhoneKind {
        let code = self.calling_code();
        if code == CallingCode::POLAND
            && let Some(range) = PolishRange::of(self.national())
        {
            return PhoneKind::Polish(range);
        }
        if code.is_service() { PhoneKind::Service(code) } else { PhoneKind::Foreign(code) }
    }

    /// The country code.
    #[must_use]
    #[expect(clippy::expect_used, reason = "no value is made without looking its country code up")]
    pub fn calling_code(&self) -> CallingCode {
        CallingCode::of(self.digits()).expect("a phone number begins with an assigned country code")
    }

    /// The number without `+` and country code. As personal as the whole.
    #[must_use]
    pub fn national(&self) -> &str {
        &self.digits()[self.calling_code().digits()..]
    }

    /// Country code and the first digits of the national number, e.g. `+48501`: what counts as a range of one operator. Not personal: it is
    /// shared by a million others, or ten thousand in the smallest plans.
    #[must_use]
    pub fn prefix(&self, national_digits: usize) -> PhonePrefix {
        // At least as many digits are kept back as the shortest national numbers have, so that a prefix never is a number.
        let all = self.digits();
        let longest = all.len() - FEWEST_NATIONAL_DIGITS;
        PhonePrefix::of_digits(&all[..(self.calling_code().digits() + national_digits).min(longest)])
    }

    /// Whether the number lies within a prefix.
    #[must_use]
    pub fn starts_with(&self, prefix: &PhonePrefix) -> bool {
        self.expose().starts_with(prefix.as_str())
    }

    fn digits(&self) -> &str {
        &self.expose()[1..]
    }
}

/// `+` and all digits, without separators.
fn international(text: &str) -> Result<Secret<String>, InvalidIdentifier> {
    if text.len() > LONGEST_INPUT {
        return Err(InvalidIdentifier::Form);
    }
    let text = text.trim();
    let (start, rest) = match (text.strip_prefix('+'), text.strip_prefix("00")) {
        (Some(rest), _) | (None, Some(rest)) => ("+", rest),
        (None, None) => ("+48", text),
    };
    let separator = |byte: &u8| matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')');
    // Room for all from the start: a buffer that grows leaves copies behind that nobody wipes.
    let mut number = String::with_capacity(start.len() + rest.len());
    number.push_str(start);
    number.extend(rest.bytes().filter(|byte| !separator(byte)).map(char::from));
    let number = Secret::new(number);
    let well_formed = rest.is_ascii()
        && number.expose().len() > start.len()
        && number.expose().bytes().skip(1).all(|byte| byte.is_ascii_digit());
    well_formed.then_some(number).ok_or(InvalidIdentifier::Form)
}
