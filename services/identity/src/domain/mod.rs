//! The rules of inspections, in [`verification`] of identity confirmed through registers, and in [`verifiers`] of who may ask: pure, synchronous, free of generated types.

mod border_alerts;
mod caller;
mod challenge;
mod evidence;
mod fingerprints;
mod inspection;
mod judgement;
mod kept;
mod purpose;
mod reading;
mod referral;
mod refusal;
pub mod verification;
pub mod verifiers;

pub use border_alerts::{AlertCheckId, AlertsResult, AlertsStep, BorderAlerts, BothTexts, FoundAlert, Unchecked};
pub use caller::{CallerClaims, CaseNumber, Mission};
pub use challenge::{CHALLENGE_LENGTH, Challenge};
pub use evidence::{ActiveAnswer, ChipProof, Evidence, EvidenceParts, SizeLimits};
pub use fingerprints::FingerprintResult;
pub use inspection::{FingerprintRecord, Inspection, Line, SessionTimes, Timing};
pub use judgement::{mark_unconfirmed, presentation, verdict_name};
pub use kept::{ActiveAuthentication, KeptEvidence, KeptFile, UnreadableKept};
pub use purpose::{Purpose, Purposes, PurposesError};
pub use reading::{Reading, ReadingParts};
pub use referral::{Referral, ReferralClosure, ReferralOutcome};
pub use refusal::Refusal;
