//! The rules of the register: pure, synchronous, free of generated types.

pub mod alerts;
pub mod blank;
pub mod calendar;
mod caller;
pub mod clock;
pub mod consultation;
pub mod consumer;
pub mod course;
pub mod document;
pub mod file;
pub mod finding;
pub mod intake;
pub mod merge;
pub mod person;
mod purpose;
mod refusal;
pub mod retention;
pub mod rules;
pub mod ruling;
pub mod scn;

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
    /// Two persons who are taken for one.
    pub struct MergeId;
}

straznica_types::typed_id! {
    /// A decision in a case, from its draft on.
    pub struct DecisionId;
}

straznica_types::typed_id! {
    /// An erasure.
    pub struct ErasureId;
}

straznica_types::typed_id! {
    /// What keeps a case from being erased.
    pub struct HoldId;
}

straznica_types::typed_id! {
    /// A document that came of a case.
    pub struct DocumentId;
}

straznica_types::typed_id! {
    /// What was proposed to be done with blanks.
    pub struct BlankOrderId;
}

straznica_types::typed_id! {
    /// A version of a decision's text.
    pub struct TextId;
}

straznica_types::typed_id! {
    /// A record of how a decision was served.
    pub struct ServiceId;
}

straznica_types::typed_id! {
    /// A file that comes in.
    pub struct IntakeId;
}

straznica_types::typed_id! {
    /// A case or consultation as another register kept it.
    pub struct FormerRecordId;
}

straznica_types::typed_id! {
    /// A consultation.
    pub struct ConsultationId;
}

straznica_types::typed_id! {
    /// A check against alerts.
    pub struct AlertCheckId;
}

straznica_types::typed_id! {
    /// An alert that matched, in one check.
    pub struct AlertFindingId;
}

straznica_types::typed_id! {
    /// What two officers say of a possible hit.
    pub struct AlertResolutionId;
}

straznica_types::typed_id! {
    /// What was recorded with the state that entered an alert.
    pub struct AlertConsultationId;
}

#[cfg(test)]
mod story;
