//! Beginnings of phone numbers: what policies are made of.

use std::fmt;
use std::str::FromStr;

use super::CallingCode;
use crate::InvalidIdentifier;

/// `+`, a country code and perhaps more digits: `+48`, `+4850`, `+380`. It stands for many numbers, so it prints.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhonePrefix(String);

impl PhonePrefix {
    /// Longest prefix: beyond it too few numbers share one.
    const MOST_DIGITS: usize = 11;

    /// `+` and up to 11 digits, the first of them an assigned country code.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Form`], [`InvalidIdentifier::Plan`].
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        let digits = text.strip_prefix('+').ok_or(InvalidIdentifier::Form)?;
        if digits.is_empty() || digits.len() > Self::MOST_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidIdentifier::Form);
        }
        CallingCode::of(digits).ok_or(InvalidIdentifier::Plan)?;
        Ok(Self(text.to_owned()))
    }

    pub(super) fn of_digits(digits: &str) -> Self {
        Self(format!("+{digits}"))
    }

    /// The text, with its `+`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhonePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PhonePrefix {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, InvalidIdentifier> {
        Self::parse(text)
    }
}
