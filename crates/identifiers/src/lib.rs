//! Identifiers people type and registers are asked by: the PESEL, phone numbers, numbers of identity cards and passports, vehicle
//! identification numbers. Pure: no I/O, no clock.
//!
//! It promises that
//! - a value of one of these types is well-formed: length, characters, check digits and dates were looked at when it was made;
//! - it is personal data and behaves so: `Display` and `Debug` print `***`, the memory is wiped when it is dropped, and reading it is a
//!   visible act, `expose()`. Nothing here serialises;
//! - it checks what is published and no more. [`DocumentNumber`] holds the numbers whose structure no rule fixes (driving licence,
//!   registration document, cards of schools and cities): only the register knows which of them exist;
//! - made-up people are told apart: [`Pesel::parse_made_up`] takes births of the 1800s and of the future only, so that no living person's
//!   number gets into a test or a demonstration.
//!
//! A PESEL can change, and one that passes every check here need not have been given to anybody.
//!
//! Start reading in [`Pesel`] and [`PhoneNumber`].

mod document;
mod identity_card;
mod letters;
mod passport;
mod pesel;
mod phone;
mod secret;
mod vin;

pub use document::{DocumentNumber, RegistrationMark};
pub use identity_card::IdentityCardNumber;
pub use passport::PassportNumber;
pub use pesel::{NotMadeUp, Pesel, Sex};
pub use phone::{CallingCode, PhoneKind, PhoneNumber, PhonePrefix, PolishRange};
pub use vin::{CheckDigit, Vin};

/// Why a text is no identifier of its kind. It names no character of it: what was typed may be somebody's number all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum InvalidIdentifier {
    /// Wrong length, or a character that cannot stand where it stands.
    #[error("not of the form of its kind")]
    Form,
    /// The check digit does not belong to the others.
    #[error("the check digit is wrong")]
    CheckDigit,
    /// It names a day the calendar does not have.
    #[error("no such day")]
    Date,
    /// It names a birth after the day it was checked on.
    #[error("a birth in the future")]
    Future,
    /// No such country or range in the numbering plan.
    #[error("not in the numbering plan")]
    Plan,
}
