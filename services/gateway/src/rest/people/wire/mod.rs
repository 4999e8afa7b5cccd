//! The JSON of the people's room. What a document says is borrowed from the answer it came in, written once and wiped.

pub(super) mod accounts;
pub(super) mod citizens;
pub(super) mod codes;
pub(super) mod details;
pub(super) mod documents;
pub(super) mod institutions;
pub(super) mod journal;
pub(super) mod kind;
pub(super) mod notices;
pub(super) mod officials;
pub(super) mod privileges;
pub(super) mod sessions;
pub(super) mod verifications;

use straznica_types::Secret;

use crate::error::GatewayError;

/// Whom somebody asks for: exactly one of the two numbers, as what `pesel` or `phone` makes of it.
fn one_of<T>(
    numbers: (Option<&Secret<String>>, Option<&Secret<String>>),
    pesel: impl FnOnce(String) -> T,
    phone: impl FnOnce(String) -> T,
) -> Result<T, GatewayError> {
    match numbers {
        (Some(number), None) => Ok(pesel(number.expose().clone())),
        (None, Some(number)) => Ok(phone(number.expose().clone())),
        (None, None) => Err(GatewayError::member("/pesel", "missing, and phone too: one of them")),
        (Some(_), Some(_)) => Err(GatewayError::member("/phone", "not beside pesel: one of them")),
    }
}
