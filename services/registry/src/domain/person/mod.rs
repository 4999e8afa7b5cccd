//! Who somebody is: statements, each with the days on which it holds and the moment from which it is known.
//!
//! A statement is never changed. Correcting one, ending it or withdrawing it makes another that replaces it; so what was known at any moment follows from the statements
//! recorded by then, and nothing else. [`known`] answers it, [`plan`] turns changes into statements.

mod change;
mod fact;
mod statement;

pub(crate) use change::named;
pub use change::{Change, New, plan};
pub(crate) use fact::words;
pub use fact::{
    Birth, BirthDate, Country, Fact, FactKind, FamilyLink, FamilyRelation, Name, NameKind, PlacedAt, Sex,
    TravelDocument, Vulnerability,
};
pub use statement::{Statement, Validity, known, valid_on};
