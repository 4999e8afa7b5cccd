//! Who may ask for documents: institutions, their people, the stages of the rollout, the services' privilege and the watch over it.

mod exclusion;
mod institution;
mod official;
mod privilege;
mod reason;
mod refusal;
mod rollout;
mod unusual;

pub use exclusion::is_special_service;
pub use institution::{Application, Change, InstitutionKind, InstitutionState, Registered, Step};
pub use official::{Login, Logins, Role, RoleHeld, Thumbprint};
pub use privilege::{Privilege, PrivilegeId, PrivilegeState};
pub use reason::Reason;
pub use refusal::VerifierRefusal;
pub use rollout::RolloutStage;
pub use unusual::{Alert, AlertId, AlertLimits, AlertRule, Review, ReviewOutcome, Uses};
