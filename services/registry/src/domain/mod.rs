//! The rules of the register: pure, synchronous, free of generated types.

pub mod calendar;
mod caller;
pub mod clock;
pub mod course;
pub mod file;
pub mod person;
mod purpose;
mod refusal;
pub mod rules;

pub use caller::{CallerClaims, Mandate};
pub use purpose::{Purpose, Purposes, PurposesError};
pub use refusal::Refusal;

straznica_types::typed_id! {
    /// A person of the register.
    pub struct PersonId;
}

straznica_types::typed_id! {
    /// One statement about a person.
    pub struct StatementId;
}

straznica_types::typed_id! {
    /// A case.
    pub struct CaseId;
}

straznica_types::typed_id! {
    /// A decision in a case, from its draft on.
    pub struct DecisionId;
}

#[cfg(test)]
mod story;
