//! Who may ask for documents: institutions, their people, the stages of the rollout.

mod exclusion;
mod institution;
mod official;
mod reason;
mod refusal;
mod rollout;

pub use exclusion::is_special_service;
pub use institution::{Application, Change, InstitutionKind, InstitutionState, Registered, Step};
pub use official::{Login, Logins, Role, RoleHeld, Thumbprint};
pub use reason::Reason;
pub use refusal::VerifierRefusal;
pub use rollout::RolloutStage;
