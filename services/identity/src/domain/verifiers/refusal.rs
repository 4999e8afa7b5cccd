//! Why the rules of verifiers refuse a call.

use crate::domain::verification::DocumentKind;

/// A refusal whose text is safe for the caller: it tells nothing of a citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifierRefusal {
    /// The caller's posts do not allow it.
    #[error("the posts of the official do not allow this")]
    NotEntitled,
    /// No official of this institution, or no longer.
    #[error("not an official of this institution")]
    NotAnOfficial,
    /// There is no such institution.
    #[error("no such institution")]
    InstitutionUnknown,
    /// The identifier is taken.
    #[error("there is an institution of this identifier")]
    InstitutionKnown,
    /// The institution is not in the state the call needs.
    #[error("the institution is {0}")]
    InstitutionState(&'static str),
    /// A special service.
    #[error("special services do not ask for documents here")]
    Excluded,
    /// More applications wait than are looked at.
    #[error("too many applications wait for a decision")]
    TooManyApplications,
    /// The same person twice where two are needed.
    #[error("another person has to do this")]
    FourEyes,
    /// Nobody grants or withdraws their own posts, or changes their own logins.
    #[error("nobody changes their own posts")]
    OwnPost,
    /// This identifier or login is on record otherwise.
    #[error("this official or this login is on record otherwise")]
    KnownOtherwise,
    /// Nobody with a post in force.
    #[error("no such official")]
    OfficialUnknown,
    /// The official does not hold this role.
    #[error("the official does not hold this role here")]
    PostUnknown,
    /// The kind is outside its stage of the rollout.
    #[error("{0} is not yet served here")]
    NotYetServed(DocumentKind),
    /// The institution was not approved for it.
    #[error("the institution was not approved for this {0}")]
    NotAgreed(&'static str),
    /// Only services have privileges.
    #[error("the institution is no service")]
    NotAService,
    /// There is no such privilege.
    #[error("no such privilege")]
    PrivilegeUnknown,
    /// The privilege is not in the state the call needs.
    #[error("the privilege is {0}")]
    PrivilegeState(&'static str),
    /// The official may not ask for this without a code.
    #[error("no privilege in force covers this")]
    NoPrivilege,
    /// There is no such review.
    #[error("no such review")]
    ReviewUnknown,
    /// Somebody has closed it.
    #[error("the review is closed")]
    ReviewState,
    /// There is no such alert.
    #[error("no such alert")]
    AlertUnknown,
    /// Somebody has looked into it.
    #[error("the alert is acknowledged")]
    AlertState,
}
