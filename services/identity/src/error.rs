//! What can go wrong at identity, and the code of each.

use std::time::Duration;

use emrtd::inspection::{Unreadable, UpdateRefusal};
use sea_orm::DbErr;
use straznica_error::{Class, Code, Coded, FieldError, common};
use straznica_journal::JournalError;
use straznica_store::StoreError;

use crate::domain::verification::VerificationRefusal;
use crate::domain::verifiers::VerifierRefusal;
use crate::domain::{Refusal, UnreadableKept};
use crate::keys::Unopenable;
use crate::store::UnreadableRow;

/// A call that did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The rules of verifications refuse it.
    #[error(transparent)]
    Verification(#[from] VerificationRefusal),
    /// The rules of who may ask refuse it.
    #[error(transparent)]
    Verifier(#[from] VerifierRefusal),
    /// The citizen cannot be asked now, or not at all.
    #[error("dispatch cannot ask the citizen")]
    ChallengeUnavailable {
        /// Whether trying again may help.
        transient: bool,
    },
    /// Somebody else changed the verification at the same moment.
    #[error("the verification was changed by others")]
    VerificationContended,
    /// What is kept of a citizen does not open with the keys of this node.
    #[error(transparent)]
    Unopenable(#[from] Unopenable),
    /// The security object cannot be read at all, so there is nothing to judge.
    #[error("the security object cannot be read: {0}")]
    Unreadable(#[from] Unreadable),
    /// What is kept of a reading does not begin with the inspection's security object: the database was changed by hand.
    #[error("the kept security object is not the inspection's")]
    OtherSecurityObject,
    /// The clock is outside the years of the calendar.
    #[error("the clock is out of range")]
    Clock,
    /// spoc cannot be asked for its trust and what is at hand is too old, or nothing is.
    #[error("the trust of spoc is not at hand")]
    TrustUnavailable,
    /// Others kept changing the same inspection.
    #[error("the inspection was changed by others {attempts} times in a row")]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// No random bytes.
    #[error("the random number generator failed")]
    Random,
    /// A computation broke off: a fault in a library, or the node is going down.
    #[error("a computation off the async threads broke off")]
    Computation(#[source] tokio::task::JoinError),
    /// The node is going down.
    #[error("the node is going down")]
    Closing,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal could not be written, so nothing was changed or shown.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A row that cannot be read.
    #[error(transparent)]
    Row(#[from] UnreadableRow),
    /// Kept evidence that cannot be read.
    #[error(transparent)]
    Kept(#[from] UnreadableKept),
}

impl From<UpdateRefusal> for IdentityError {
    fn from(refusal: UpdateRefusal) -> Self {
        match refusal {
            UpdateRefusal::Unreadable(cause) => Self::Unreadable(cause),
            UpdateRefusal::OtherDocument => Self::OtherSecurityObject,
        }
    }
}

impl From<DbErr> for IdentityError {
    fn from(failure: DbErr) -> Self {
        StoreError::from(failure).into()
    }
}

/// The codes of identity.
pub mod codes {
    use super::{Class, Code};

    /// A member of the request is missing or holds what it cannot hold.
    pub const INVALID_REQUEST: Code =
        Code::new("identity.invalid_request", Class::InvalidArgument, "A member of the request is missing or wrong");
    /// Fingerprints or irises were sent.
    pub const BIOMETRICS_REFUSED: Code = Code::new(
        "identity.biometrics_refused",
        Class::UnprocessableContent,
        "Fingerprints and iris images are not taken: send their digest",
    );
    /// A file is larger than taken.
    pub const FILE_TOO_LARGE: Code =
        Code::new("identity.file_too_large", Class::PayloadTooLarge, "A file is larger than what is taken");
    /// EF.SOD cannot be read.
    pub const SECURITY_OBJECT_UNREADABLE: Code = Code::new(
        "identity.security_object_unreadable",
        Class::UnprocessableContent,
        "The security object cannot be read",
    );
    /// The time of reading is not plausible.
    pub const READING_OUT_OF_TIME: Code =
        Code::new("identity.reading_out_of_time", Class::FailedPrecondition, "The document was not read just now");
    /// The challenge is not this terminal's, was used, or expired.
    pub const CHALLENGE_REFUSED: Code =
        Code::new("identity.challenge_refused", Class::FailedPrecondition, "The challenge cannot be answered");
    /// No such inspection.
    pub const INSPECTION_UNKNOWN: Code =
        Code::new("identity.inspection_unknown", Class::NotFound, "There is no such inspection");
    /// Another terminal's inspection, or another purpose.
    pub const INSPECTION_NOT_YOURS: Code = Code::new(
        "identity.inspection_not_yours",
        Class::PermissionDenied,
        "The inspection was opened by another terminal or for another purpose",
    );
    /// The time for evidence is over.
    pub const INSPECTION_CLOSED: Code =
        Code::new("identity.inspection_closed", Class::FailedPrecondition, "The inspection is closed");
    /// The referral is not in the state the call needs.
    pub const REFERRAL_STATE: Code =
        Code::new("identity.referral_state", Class::FailedPrecondition, "The state of the referral forbids it");
    /// A fingerprint result exists, or there is nothing it could rest on.
    pub const FINGERPRINT_RESULT_REFUSED: Code = Code::new(
        "identity.fingerprint_result_refused",
        Class::FailedPrecondition,
        "The fingerprint result cannot be recorded",
    );
    /// No trust to judge by.
    pub const TRUST_UNAVAILABLE: Code = Code::new(
        "identity.trust_unavailable",
        Class::Unavailable,
        "The trust documents are judged by cannot be reached",
    );
    /// No such verification, or another official's.
    pub const VERIFICATION_UNKNOWN: Code =
        Code::new("identity.verification_unknown", Class::NotFound, "There is no such verification");
    /// The verification has ended, or its time is over.
    pub const VERIFICATION_OVER: Code =
        Code::new("identity.verification_over", Class::FailedPrecondition, "The verification is over");
    /// The verification is not in the stage the call needs.
    pub const VERIFICATION_STATE: Code =
        Code::new("identity.verification_state", Class::FailedPrecondition, "The stage of the verification forbids it");
    /// Others change the same verification.
    pub const VERIFICATION_CONTENDED: Code =
        Code::new("identity.verification_contended", Class::Conflict, "Others are changing the same verification");
    /// The code is not the one that was sent.
    pub const CODE_WRONG: Code =
        Code::new("identity.code_wrong", Class::InvalidArgument, "The code is not the one that was sent");
    /// The last attempt was made.
    pub const NO_ATTEMPT_LEFT: Code =
        Code::new("identity.no_attempt_left", Class::FailedPrecondition, "No attempt is left");
    /// The official has to be unlocked first.
    pub const OFFICIAL_LOCKED: Code =
        Code::new("identity.official_locked", Class::PermissionDenied, "The official is locked");
    /// There is no lock to lift.
    pub const OFFICIAL_NOT_LOCKED: Code =
        Code::new("identity.official_not_locked", Class::FailedPrecondition, "The official is not locked");
    /// There is no lock to lift of the citizen's.
    pub const CODES_NOT_LOCKED: Code =
        Code::new("identity.codes_not_locked", Class::FailedPrecondition, "The citizen's codes are not locked");
    /// Nobody lifts their own lock.
    pub const OWN_LOCK: Code =
        Code::new("identity.own_lock", Class::PermissionDenied, "Officials do not unlock themselves");
    /// Too many messages in a short time.
    pub const TOO_OFTEN: Code =
        Code::new("identity.too_often", Class::TooManyRequests, "Too many messages in a short time");
    /// No codes go to this number.
    pub const PHONE_NOT_SERVED: Code =
        Code::new("identity.phone_not_served", Class::FailedPrecondition, "No codes are sent to this phone number");
    /// The citizen cannot be asked now.
    pub const CHALLENGE_UNAVAILABLE: Code =
        Code::new("identity.challenge_unavailable", Class::Unavailable, "The citizen cannot be asked now");
    /// No register answers for this kind.
    pub const KIND_NOT_SERVED: Code = Code::new(
        "identity.kind_not_served",
        Class::FailedPrecondition,
        "Documents of this kind cannot be confirmed at this node",
    );
    /// The citizen has to confirm a phone first.
    pub const PHONE_MISSING: Code =
        Code::new("identity.phone_missing", Class::FailedPrecondition, "A phone number has to be confirmed first");
    /// No such confirmation of a phone.
    pub const PHONE_PROOF_UNKNOWN: Code =
        Code::new("identity.phone_proof_unknown", Class::NotFound, "There is no such confirmation of a phone number");
    /// The caller's posts do not allow it.
    pub const NOT_ENTITLED: Code =
        Code::new("identity.not_entitled", Class::PermissionDenied, "The posts of the official do not allow this");
    /// Not an official of this institution, or no longer.
    pub const NOT_AN_OFFICIAL: Code =
        Code::new("identity.not_an_official", Class::PermissionDenied, "Not an official of this institution");
    /// No such institution.
    pub const INSTITUTION_UNKNOWN: Code =
        Code::new("identity.institution_unknown", Class::NotFound, "There is no such institution");
    /// The identifier is taken.
    pub const INSTITUTION_KNOWN: Code =
        Code::new("identity.institution_known", Class::Conflict, "There is an institution of this identifier");
    /// The institution is not in the state the call needs.
    pub const INSTITUTION_STATE: Code =
        Code::new("identity.institution_state", Class::FailedPrecondition, "The state of the institution forbids it");
    /// A special service.
    pub const INSTITUTION_EXCLUDED: Code = Code::new(
        "identity.institution_excluded",
        Class::PermissionDenied,
        "Special services do not ask for documents here",
    );
    /// More applications wait than are looked at.
    pub const TOO_MANY_APPLICATIONS: Code = Code::new(
        "identity.too_many_applications",
        Class::TooManyRequests,
        "Too many applications wait for a decision",
    );
    /// Two persons are needed.
    pub const FOUR_EYES: Code =
        Code::new("identity.four_eyes", Class::PermissionDenied, "Another person has to do this");
    /// Nobody changes their own posts.
    pub const OWN_POST: Code =
        Code::new("identity.own_post", Class::PermissionDenied, "Nobody changes their own posts");
    /// An identifier or a login is on record for somebody else.
    pub const OFFICIAL_KNOWN_OTHERWISE: Code = Code::new(
        "identity.official_known_otherwise",
        Class::Conflict,
        "This official or this login is on record otherwise",
    );
    /// Nobody with a post in force.
    pub const OFFICIAL_UNKNOWN: Code =
        Code::new("identity.official_unknown", Class::NotFound, "There is no such official");
    /// The official does not hold the role.
    pub const POST_UNKNOWN: Code =
        Code::new("identity.post_unknown", Class::NotFound, "The official does not hold this role here");
    /// Outside its stage of the rollout.
    pub const KIND_NOT_YET_SERVED: Code = Code::new(
        "identity.kind_not_yet_served",
        Class::FailedPrecondition,
        "Documents of this kind are not yet served here",
    );
    /// The institution was not approved for it.
    pub const NOT_AGREED: Code =
        Code::new("identity.not_agreed", Class::PermissionDenied, "The institution was not approved for this");
    /// Between citizens: whoever asks has to use the service.
    pub const NOT_ACTIVATED: Code = Code::new(
        "identity.not_activated",
        Class::FailedPrecondition,
        "Whoever asks has to have a confirmed phone and an activated document",
    );
    /// Nobody confirms their own document.
    pub const OWN_DOCUMENT: Code =
        Code::new("identity.own_document", Class::FailedPrecondition, "This is the document of the person who asks");
    /// Only services have privileges.
    pub const NOT_A_SERVICE: Code =
        Code::new("identity.not_a_service", Class::FailedPrecondition, "Only services ask without a code");
    /// No such privilege.
    pub const PRIVILEGE_UNKNOWN: Code =
        Code::new("identity.privilege_unknown", Class::NotFound, "There is no such privilege");
    /// The privilege is not in the state the call needs.
    pub const PRIVILEGE_STATE: Code =
        Code::new("identity.privilege_state", Class::FailedPrecondition, "The state of the privilege forbids it");
    /// No privilege in force covers it.
    pub const NO_PRIVILEGE: Code =
        Code::new("identity.no_privilege", Class::PermissionDenied, "No privilege in force covers this");
    /// No such review.
    pub const REVIEW_UNKNOWN: Code = Code::new("identity.review_unknown", Class::NotFound, "There is no such review");
    /// The review is closed.
    pub const REVIEW_STATE: Code =
        Code::new("identity.review_state", Class::FailedPrecondition, "The review is closed");
    /// No such alert.
    pub const ALERT_UNKNOWN: Code = Code::new("identity.alert_unknown", Class::NotFound, "There is no such alert");
    /// The alert is acknowledged.
    pub const ALERT_STATE: Code =
        Code::new("identity.alert_state", Class::FailedPrecondition, "The alert is acknowledged");
    /// Others change the same inspection.
    pub const INSPECTION_CONTENDED: Code =
        Code::new("identity.inspection_contended", Class::Conflict, "Others are changing the same inspection");
}

const fn verification_code(refusal: &VerificationRefusal) -> &'static Code {
    match refusal {
        VerificationRefusal::Unknown => &codes::VERIFICATION_UNKNOWN,
        VerificationRefusal::Ended(_) | VerificationRefusal::Expired => &codes::VERIFICATION_OVER,
        VerificationRefusal::NotNow(_) => &codes::VERIFICATION_STATE,
        VerificationRefusal::CodeWrong => &codes::CODE_WRONG,
        VerificationRefusal::NoAttemptLeft => &codes::NO_ATTEMPT_LEFT,
        VerificationRefusal::OfficialLocked => &codes::OFFICIAL_LOCKED,
        VerificationRefusal::OfficialNotLocked => &codes::OFFICIAL_NOT_LOCKED,
        VerificationRefusal::CodesNotLocked => &codes::CODES_NOT_LOCKED,
        VerificationRefusal::OwnLock => &codes::OWN_LOCK,
        VerificationRefusal::TooOften(_) => &codes::TOO_OFTEN,
        VerificationRefusal::PhoneNotServed => &codes::PHONE_NOT_SERVED,
        VerificationRefusal::KindNotServed(_) => &codes::KIND_NOT_SERVED,
        VerificationRefusal::NoPhone | VerificationRefusal::NotACitizen => &codes::PHONE_MISSING,
        VerificationRefusal::PhoneProofUnknown => &codes::PHONE_PROOF_UNKNOWN,
        VerificationRefusal::NotActivated => &codes::NOT_ACTIVATED,
        VerificationRefusal::OwnDocument => &codes::OWN_DOCUMENT,
    }
}

const fn verifier_code(refusal: VerifierRefusal) -> &'static Code {
    match refusal {
        VerifierRefusal::NotEntitled => &codes::NOT_ENTITLED,
        VerifierRefusal::NotAnOfficial => &codes::NOT_AN_OFFICIAL,
        VerifierRefusal::InstitutionUnknown => &codes::INSTITUTION_UNKNOWN,
        VerifierRefusal::InstitutionKnown => &codes::INSTITUTION_KNOWN,
        VerifierRefusal::InstitutionState(_) => &codes::INSTITUTION_STATE,
        VerifierRefusal::Excluded => &codes::INSTITUTION_EXCLUDED,
        VerifierRefusal::TooManyApplications => &codes::TOO_MANY_APPLICATIONS,
        VerifierRefusal::FourEyes => &codes::FOUR_EYES,
        VerifierRefusal::OwnPost => &codes::OWN_POST,
        VerifierRefusal::KnownOtherwise => &codes::OFFICIAL_KNOWN_OTHERWISE,
        VerifierRefusal::OfficialUnknown => &codes::OFFICIAL_UNKNOWN,
        VerifierRefusal::PostUnknown => &codes::POST_UNKNOWN,
        VerifierRefusal::NotYetServed(_) => &codes::KIND_NOT_YET_SERVED,
        VerifierRefusal::NotAgreed(_) => &codes::NOT_AGREED,
        VerifierRefusal::NotAService => &codes::NOT_A_SERVICE,
        VerifierRefusal::PrivilegeUnknown => &codes::PRIVILEGE_UNKNOWN,
        VerifierRefusal::PrivilegeState(_) => &codes::PRIVILEGE_STATE,
        VerifierRefusal::NoPrivilege => &codes::NO_PRIVILEGE,
        VerifierRefusal::ReviewUnknown => &codes::REVIEW_UNKNOWN,
        VerifierRefusal::ReviewState => &codes::REVIEW_STATE,
        VerifierRefusal::AlertUnknown => &codes::ALERT_UNKNOWN,
        VerifierRefusal::AlertState => &codes::ALERT_STATE,
    }
}

impl Refusal {
    const fn code(&self) -> &'static Code {
        match self {
            Self::Missing { .. } | Self::Invalid { .. } => &codes::INVALID_REQUEST,
            Self::BiometricsRefused { .. } => &codes::BIOMETRICS_REFUSED,
            Self::TooLarge { .. } => &codes::FILE_TOO_LARGE,
            Self::ReadInFuture | Self::ReadTooLongAgo { .. } => &codes::READING_OUT_OF_TIME,
            Self::ChallengeUnknown | Self::ChallengeUsed | Self::ChallengeExpired(_) => &codes::CHALLENGE_REFUSED,
            Self::InspectionUnknown => &codes::INSPECTION_UNKNOWN,
            Self::OtherTerminal | Self::OtherPurpose => &codes::INSPECTION_NOT_YOURS,
            Self::InspectionClosed(_) => &codes::INSPECTION_CLOSED,
            Self::AlreadyReferred | Self::NotReferred | Self::ReferralClosed => &codes::REFERRAL_STATE,
            Self::FingerprintsRecorded | Self::FingerprintsUnverified => &codes::FINGERPRINT_RESULT_REFUSED,
        }
    }

    fn field_errors(&self) -> Vec<FieldError> {
        let (pointer, detail) = match self {
            Self::Missing { member } => (*member, "missing".to_owned()),
            Self::Invalid { member, expected } => (*member, format!("{expected} expected")),
            Self::TooLarge { member, limit } => (*member, format!("at most {limit} bytes are taken")),
            Self::BiometricsRefused { .. } => ("/evidence/data_groups", self.to_string()),
            Self::ReadInFuture | Self::ReadTooLongAgo { .. } => ("/read_at_ms", self.to_string()),
            _ => return Vec::new(),
        };
        vec![FieldError::new(pointer, detail)]
    }
}

impl Coded for IdentityError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Unreadable(_) => &codes::SECURITY_OBJECT_UNREADABLE,
            Self::TrustUnavailable => &codes::TRUST_UNAVAILABLE,
            Self::Contended { .. } => &codes::INSPECTION_CONTENDED,
            Self::Verification(refusal) => verification_code(refusal),
            Self::Verifier(refusal) => verifier_code(*refusal),
            Self::ChallengeUnavailable { transient: true } => &codes::CHALLENGE_UNAVAILABLE,
            Self::VerificationContended => &codes::VERIFICATION_CONTENDED,
            Self::OtherSecurityObject
            | Self::Clock
            | Self::Random
            | Self::Computation(_)
            | Self::Row(_)
            | Self::Kept(_)
            | Self::ChallengeUnavailable { transient: false }
            | Self::Unopenable(_) => &common::INTERNAL,
            Self::Closing => &common::UNAVAILABLE,
            Self::Store(failure) => failure.code(),
            Self::Journal(failure) => failure.code(),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.to_string(),
            Self::Verification(refusal) => refusal.to_string(),
            Self::Verifier(refusal) => refusal.to_string(),
            Self::Unreadable(cause) => cause.to_string(),
            Self::Store(failure) => failure.detail(),
            Self::Journal(failure) => failure.detail(),
            _ => self.code().title.to_owned(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TrustUnavailable | Self::ChallengeUnavailable { transient: true } => Some(Duration::from_secs(5)),
            Self::Verification(VerificationRefusal::TooOften(wait)) => *wait,
            Self::Contended { .. } | Self::VerificationContended => Some(Duration::from_secs(1)),
            Self::Store(failure) => failure.retry_after(),
            Self::Journal(failure) => failure.retry_after(),
            _ => None,
        }
    }

    fn field_errors(&self) -> Vec<FieldError> {
        match self {
            Self::Refused(refusal) => refusal.field_errors(),
            _ => Vec::new(),
        }
    }
}
