//! Errors of the service and each one's code.

use std::time::Duration;

use exchange::Country;
use straznica_error::{Class, Code, Coded, FieldError};
use straznica_exchange_wire::bundle::SignBundleError;
use straznica_journal::JournalError;
use straznica_store::StoreError;
use thiserror::Error;

use crate::{
    domain::{
        environment::SpecimenInProduction,
        exchange::{
            holder::HolderRefusal, policy::Rule, processing::Refusal, registration::RegistrationRefusal,
            root::RootRefusal, subject::TemplateError,
        },
        inspection_grant::GrantRefusal,
        sequence::SequenceExhausted,
        two_officers::SameOfficer,
    },
    keystore::KeyStoreError,
    timewatch::Doubt,
};

macro_rules! codes {
    ($($name:ident = $id:literal, $class:ident, $title:literal;)*) => {
        $(const $name: Code = Code::new(concat!("spoc.", $id), Class::$class, $title);)*
        /// Every code spoc answers with.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    FIELD_MISSING = "field_missing", InvalidArgument, "A field the call needs is missing or malformed";
    OFFICER_NOT_CALLER = "officer_not_caller", PermissionDenied, "The officer named is not the one whose certificate calls";
    SECOND_OFFICER_REQUIRED = "second_officer_required", FailedPrecondition, "A second officer has to confirm this";
    INSPECTION_UNKNOWN = "inspection_unknown", NotFound, "No such inspection is open";
    INSPECTION_CONFLICT = "inspection_conflict", AlreadyExists, "The inspection was reported before with other particulars";
    INSPECTION_NOT_YOURS = "inspection_not_yours", PermissionDenied, "The inspection is not this terminal's and officer's";
    INSPECTION_TOO_OLD = "inspection_too_old", FailedPrecondition, "The inspection was opened too long ago";
    SHIFT_LIMIT = "shift_limit_reached", TooManyRequests, "The terminal has used up its signatures of this shift";
    BUSY = "busy", Unavailable, "Too many signatures are waiting";
    LIST_TOO_LARGE = "list_too_large", PayloadTooLarge, "The list is larger than configured";
    LIST_UNREADABLE = "list_unreadable", UnprocessableContent, "The file cannot be read as what it should be";
    LIST_NOT_VOUCHED = "list_not_vouched", FailedPrecondition, "No confirmed anchor vouches for the signer";
    LIST_OUTDATED = "list_outdated", Conflict, "A newer one is already held";
    LIST_ABSENT = "list_absent", NotFound, "None has been imported yet";
    ANCHOR_UNKNOWN = "anchor_unknown", NotFound, "No such anchor has been proposed";
    CERTIFICATE_UNREADABLE = "certificate_unreadable", UnprocessableContent, "The certificate cannot be read";
    CERTIFICATE_REFUSED = "certificate_refused", UnprocessableContent, "The certificate breaks a rule";
    CERTIFICATE_CONFLICT = "certificate_conflict", Conflict, "Another certificate with the same references is held";
    CERTIFICATE_UNKNOWN = "certificate_unknown", NotFound, "No such certificate is held";
    REQUEST_UNKNOWN = "request_unknown", NotFound, "No open request of ours has this holder reference";
    CVCA_UNKNOWN = "cvca_unknown", NotFound, "No usable certificate of this CVCA is held";
    NATIONAL_CVCA = "national_cvca", FailedPrecondition, "The national CVCA is not in the state this needs";
    DV_MISSING = "dv_missing", FailedPrecondition, "No valid DV certificate with its key is held under this CVCA";
    HOLDER_UNKNOWN = "holder_unknown", NotFound, "No document verifier is registered under this name";
    HOLDER_REGISTERED = "holder_registered", AlreadyExists, "A document verifier is registered under this name";
    HOLDER_REFUSED = "holder_refused", UnprocessableContent, "The holder cannot be registered like this";
    PROPOSAL_REPLACED = "proposal_replaced", FailedPrecondition, "What is proposed now is not what was seen";
    NOTHING_PROPOSED = "nothing_proposed", NotFound, "Nothing is proposed under this name";
    APPLICATION_UNKNOWN = "application_unknown", NotFound, "No such request of another state is on record";
    ALREADY_DECIDED = "already_decided", FailedPrecondition, "The request does not wait any more";
    REQUEST_REFUSED = "request_refused", FailedPrecondition, "The request breaks a rule";
    POLICY = "policy", FailedPrecondition, "The certificate policy forbids this";
    SUBSCRIPTION_UNKNOWN = "subscription_unknown", NotFound, "No subscription to this CVCA is kept";
    LETTER_UNKNOWN = "letter_unknown", NotFound, "No such message to a partner is on the delivery board";
    OVERTAKEN = "overtaken", Conflict, "Another one was made at the same time";
    SEQUENCE_EXHAUSTED = "sequence_exhausted", FailedPrecondition, "The holder's sequence numbers are used up";
    SEQUENCE_LOWER = "sequence_lower", FailedPrecondition, "A higher sequence number of the holder was given already";
    SEQUENCE_DOUBTFUL = "sequence_doubtful", FailedPrecondition, "The number looks like a slip";
    PARTNER_UNKNOWN = "partner_unknown", NotFound, "No such partner is registered";
    PARTNER_STATE = "partner_state", FailedPrecondition, "The partner is not in the state this needs";
    PARTNER_REFUSED = "partner_refused", UnprocessableContent, "The partner cannot be registered like this";
    PROPOSAL_UNKNOWN = "proposal_unknown", NotFound, "No such proposal is open";
    FINGERPRINT_MISMATCH = "fingerprint_mismatch", FailedPrecondition, "The fingerprints typed are not those proposed";
    ROOT_REFUSED = "root_refused", UnprocessableContent, "The root certificate breaks a rule";
    ROOT_UNKNOWN = "root_unknown", NotFound, "No root of the partner has this fingerprint";
    ROOT_HELD = "root_held", AlreadyExists, "The root is confirmed already";
    OUTAGE_UNKNOWN = "outage_unknown", NotFound, "No such outage is entered";
    MESSAGE_UNKNOWN = "message_unknown", NotFound, "No such message is kept";
    TEMPLATE = "template", InvalidArgument, "The template cannot be filled in";
    NO_CREDENTIALS = "no_credentials", FailedPrecondition, "The exchange with other states is not configured on this node";
    CRL_REFUSED = "crl_refused", UnprocessableContent, "The revocation list is refused";
    BUNDLE_REFUSED = "bundle_refused", UnprocessableContent, "The bundle is refused";
    ENVIRONMENT = "other_environment", FailedPrecondition, "The material belongs to the other environment";
    RESTORED = "restored", FailedPrecondition, "The node was started on a restored database, so nothing is issued";
    CLOCK_IN_DOUBT = "clock_in_doubt", Unavailable, "The node's clock is in doubt, so nothing is issued";
    KEY_STORE = "key_store", Internal, "The key store failed";
    INTERNAL = "internal", Internal, "A fault inside spoc";
}

/// What can go wrong in a use case of spoc.
#[derive(Debug, Error)]
pub enum SpocError {
    /// A field is missing or malformed.
    #[error("{field}: {reason}")]
    Field {
        /// Name of the field as in the contract, e.g. `context.officer`.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The context names an officer other than the peer.
    #[error("the officer named is not the caller")]
    OfficerNotCaller,
    /// The same officer cannot do both halves.
    #[error("{0} ({rule})", rule = Rule::TwoOfficers)]
    SameOfficer(#[from] SameOfficer),
    /// Nothing is known about the inspection.
    #[error("no such inspection is open")]
    InspectionUnknown,
    /// The inspection was reported before, differently.
    #[error("the inspection was reported before with other particulars")]
    InspectionConflict,
    /// The inspection does not allow it.
    #[error(transparent)]
    Grant(#[from] GrantRefusal),
    /// The terminal's signatures of the shift are used up.
    #[error("the terminal has used up its signatures of this shift")]
    ShiftLimit,
    /// Signing is saturated.
    #[error("too many signatures are waiting")]
    Busy,
    /// A list is larger than configured.
    #[error("the list has {length} bytes, {limit} are allowed")]
    ListTooLarge {
        /// Its length.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// A list or certificate of the document trust store cannot be read.
    #[error("unreadable: {0}")]
    ListUnreadable(String),
    /// Nobody two officers agreed on vouches for it.
    #[error("no confirmed anchor vouches for it: {0}")]
    NotVouched(String),
    /// A newer one is held.
    #[error("a newer one is already held")]
    Outdated,
    /// None has been imported.
    #[error("none has been imported yet")]
    ListAbsent,
    /// No such anchor.
    #[error("no such anchor has been proposed")]
    AnchorUnknown,
    /// A CV certificate cannot be parsed.
    #[error("certificate {position}: {reason}")]
    CertificateUnreadable {
        /// Its position in the request, from zero.
        position: usize,
        /// The parser's finding.
        reason: String,
    },
    /// A CV certificate breaks a rule.
    #[error("{holder}: {reason} ({rule})")]
    CertificateRefused {
        /// Its holder reference.
        holder: String,
        /// The rule it breaks.
        rule: Rule,
        /// How.
        reason: String,
    },
    /// Other bytes are held under the same references.
    #[error("another certificate {chr} issued by {car} is held")]
    CertificateConflict {
        /// Its certification authority reference.
        car: String,
        /// Its holder reference.
        chr: String,
    },
    /// No such certificate.
    #[error("no such certificate is held")]
    CertificateUnknown,
    /// The certificate answers no request of ours.
    #[error("no open request of ours has the holder reference {0}")]
    RequestUnknown(String),
    /// No usable CVCA certificate.
    #[error("no usable certificate of the CVCA {0} is held")]
    CvcaUnknown(String),
    /// The national CVCA is missing, or exists already.
    #[error("the national CVCA {0}")]
    NationalCvca(&'static str),
    /// No DV certificate to issue under.
    #[error("no valid DV certificate with its key is held under {0}")]
    DvMissing(String),
    /// No such holder.
    #[error("no document verifier is registered as {0}")]
    HolderUnknown(String),
    /// There is one already.
    #[error("{0} is registered; propose a change")]
    HolderRegistered(String),
    /// A holder cannot be registered like this.
    #[error("{0} ({rule})", rule = .0.rule())]
    HolderRefused(#[from] HolderRefusal),
    /// Another proposal took the place of the one an officer saw.
    #[error("what is proposed for {0} now is not what was seen: look at it again")]
    ProposalReplaced(String),
    /// Nothing to confirm.
    #[error("nothing is proposed for {0}")]
    NothingProposed(String),
    /// No such request of another state.
    #[error("no such request is on record")]
    ApplicationUnknown,
    /// The request was decided before.
    #[error("the request does not wait any more")]
    AlreadyDecided,
    /// A request of our own verifier breaks a rule.
    #[error(transparent)]
    RequestRefused(#[from] Refusal),
    /// The certificate policy forbids it.
    #[error("{0}")]
    Policy(String),
    /// No such subscription.
    #[error("there is no subscription to {0}")]
    SubscriptionUnknown(String),
    /// No such message on the delivery board.
    #[error("no such message to a partner is on the delivery board")]
    LetterUnknown,
    /// Somebody else did the same, or changed what it rests on, at the same time.
    #[error("another one was made at the same time")]
    Overtaken,
    /// Sequence numbers are used up.
    #[error(transparent)]
    SequenceExhausted(#[from] SequenceExhausted),
    /// A sequence is raised and never lowered.
    #[error("{asked} lies before {last}, which was given already: a sequence is raised and never lowered")]
    SequenceLower {
        /// The reference it was to be raised to.
        asked: String,
        /// The one given last.
        last: String,
    },
    /// A sequence raised to what looks like a slip.
    #[error("{asked} is doubtful: {why}; say that it is meant, if it is")]
    SequenceDoubtful {
        /// The reference it was to be raised to.
        asked: String,
        /// Why.
        why: String,
    },
    /// No such partner.
    #[error("no partner {0} is registered")]
    PartnerUnknown(Country),
    /// The partner's state does not allow it.
    #[error("the partner {country} is not {needed}")]
    PartnerState {
        /// The partner.
        country: Country,
        /// The state it would have to be in.
        needed: &'static str,
    },
    /// A partner cannot be registered like this.
    #[error("{0} ({rule})", rule = .0.rule())]
    Registration(#[from] RegistrationRefusal),
    /// No such proposal.
    #[error("no such proposal is open")]
    ProposalUnknown,
    /// Somebody compared something else than was proposed.
    #[error("the fingerprints typed are not those proposed ({rule})", rule = Rule::RegisteredFingerprints)]
    FingerprintMismatch,
    /// A root breaks a rule.
    #[error("{0} ({rule})", rule = .0.rule())]
    Root(#[from] RootRefusal),
    /// No such root.
    #[error("no root of the partner has this fingerprint")]
    RootUnknown,
    /// Two officers have agreed on it before.
    #[error("the root {0} is confirmed already")]
    RootHeld(String),
    /// No such outage.
    #[error("no such outage is entered")]
    OutageUnknown,
    /// No such message.
    #[error("no such message is kept")]
    MessageUnknown,
    /// A template's parameters do not fit.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Nothing to prove this node's identity to partners with.
    #[error("the exchange with other states is not configured on this node")]
    NoCredentials,
    /// A bundle that is not a partner's, or cannot be read.
    #[error("the bundle is refused: {reason} ({rule})")]
    BundleRefused {
        /// The rule it breaks.
        rule: Rule,
        /// How.
        reason: String,
    },
    /// A revocation list that is not a partner's, does not count, or is older than what is held.
    #[error("the revocation list is refused: {reason} ({rule})")]
    CrlRefused {
        /// The rule it breaks.
        rule: Rule,
        /// How.
        reason: String,
    },
    /// A bundle could not be signed.
    #[error("the bundle could not be signed")]
    SignBundle(#[from] SignBundleError),
    /// Material of the other environment.
    #[error("{0} ({rule})", rule = Rule::Environment)]
    OtherEnvironment(#[from] SpecimenInProduction),
    /// The node's clock is in doubt: what it would date might lock chips for good.
    #[error("the node's clock is in doubt: {0}")]
    ClockInDoubt(#[from] Doubt),
    /// The database is of the day before: numbers, requests and certificates may have been given since that it does not know.
    #[error("the node was started on a restored database (spoc.restored): nothing is issued, requested or deleted")]
    Restored,
    /// The key store failed.
    #[error("the key store failed")]
    KeyStore(#[from] KeyStoreError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// The journal failed.
    #[error("the journal failed")]
    Journal(#[from] JournalError),
    /// A row of the database cannot be what this program wrote.
    #[error("the database holds something unreadable: {0}")]
    Corrupt(String),
    /// A task ended abnormally.
    #[error("a task of the service ended abnormally")]
    TaskFailed(#[from] tokio::task::JoinError),
}

impl SpocError {
    /// A field is missing or malformed.
    #[must_use]
    pub const fn field(field: &'static str, reason: &'static str) -> Self {
        Self::Field { field, reason }
    }

    /// The certificate of `holder` breaks `rule`.
    pub fn refused(holder: impl ToString, rule: Rule, reason: impl ToString) -> Self {
        Self::CertificateRefused { holder: holder.to_string(), rule, reason: reason.to_string() }
    }

    /// The rule by which something that came, or was entered, is refused: the same would be refused again. `None` for what failed on the way.
    #[must_use]
    pub const fn rule(&self) -> Option<Rule> {
        match self {
            Self::CertificateRefused { rule, .. }
            | Self::BundleRefused { rule, .. }
            | Self::CrlRefused { rule, .. } => Some(*rule),
            Self::CertificateUnreadable { .. } => Some(Rule::ReceivedForm),
            Self::CertificateConflict { .. } => Some(Rule::ReceivedReference),
            Self::RequestUnknown(_) | Self::Field { .. } => Some(Rule::Answer),
            Self::OtherEnvironment(_) => Some(Rule::Environment),
            Self::RequestRefused(refusal) => Some(refusal.rule),
            Self::HolderRefused(refusal) => Some(refusal.rule()),
            Self::Registration(refusal) => Some(refusal.rule()),
            Self::Root(refusal) => Some(refusal.rule()),
            Self::SameOfficer(_) => Some(Rule::TwoOfficers),
            Self::FingerprintMismatch => Some(Rule::RegisteredFingerprints),
            _ => None,
        }
    }
}

impl SpocError {
    /// Whether nothing failed: this node holds back whatever is dated or numbered for a while ([`crate::app::App::doubt`]), and goes on, or another one does, as soon
    /// as that is over. Such a time is no attempt and is followed by no pause.
    pub(crate) const fn is_held_back(&self) -> bool {
        matches!(self, Self::ClockInDoubt(_) | Self::Restored)
    }
}

impl Coded for SpocError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Field { .. } => &FIELD_MISSING,
            Self::OfficerNotCaller => &OFFICER_NOT_CALLER,
            Self::SameOfficer(_) => &SECOND_OFFICER_REQUIRED,
            Self::InspectionUnknown => &INSPECTION_UNKNOWN,
            Self::InspectionConflict => &INSPECTION_CONFLICT,
            Self::Grant(GrantRefusal::TooOld | GrantRefusal::NotYetOpen) => &INSPECTION_TOO_OLD,
            Self::Grant(_) => &INSPECTION_NOT_YOURS,
            Self::ShiftLimit => &SHIFT_LIMIT,
            Self::Busy => &BUSY,
            Self::ListTooLarge { .. } => &LIST_TOO_LARGE,
            Self::ListUnreadable(_) => &LIST_UNREADABLE,
            Self::NotVouched(_) => &LIST_NOT_VOUCHED,
            Self::Outdated => &LIST_OUTDATED,
            Self::ListAbsent => &LIST_ABSENT,
            Self::AnchorUnknown => &ANCHOR_UNKNOWN,
            Self::CertificateUnreadable { .. } => &CERTIFICATE_UNREADABLE,
            Self::CertificateRefused { .. } => &CERTIFICATE_REFUSED,
            Self::CertificateConflict { .. } => &CERTIFICATE_CONFLICT,
            Self::CertificateUnknown => &CERTIFICATE_UNKNOWN,
            Self::RequestUnknown(_) => &REQUEST_UNKNOWN,
            Self::CvcaUnknown(_) => &CVCA_UNKNOWN,
            Self::NationalCvca(_) => &NATIONAL_CVCA,
            Self::DvMissing(_) => &DV_MISSING,
            Self::HolderUnknown(_) => &HOLDER_UNKNOWN,
            Self::HolderRegistered(_) => &HOLDER_REGISTERED,
            Self::HolderRefused(_) => &HOLDER_REFUSED,
            Self::ProposalReplaced(_) => &PROPOSAL_REPLACED,
            Self::NothingProposed(_) => &NOTHING_PROPOSED,
            Self::ApplicationUnknown => &APPLICATION_UNKNOWN,
            Self::AlreadyDecided => &ALREADY_DECIDED,
            Self::RequestRefused(_) => &REQUEST_REFUSED,
            Self::Policy(_) => &POLICY,
            Self::SubscriptionUnknown(_) => &SUBSCRIPTION_UNKNOWN,
            Self::LetterUnknown => &LETTER_UNKNOWN,
            Self::Overtaken => &OVERTAKEN,
            Self::SequenceExhausted(_) => &SEQUENCE_EXHAUSTED,
            Self::SequenceLower { .. } => &SEQUENCE_LOWER,
            Self::SequenceDoubtful { .. } => &SEQUENCE_DOUBTFUL,
            Self::PartnerUnknown(_) => &PARTNER_UNKNOWN,
            Self::PartnerState { .. } => &PARTNER_STATE,
            Self::Registration(_) => &PARTNER_REFUSED,
            Self::ProposalUnknown => &PROPOSAL_UNKNOWN,
            Self::FingerprintMismatch => &FINGERPRINT_MISMATCH,
            Self::Root(_) => &ROOT_REFUSED,
            Self::RootUnknown => &ROOT_UNKNOWN,
            Self::RootHeld(_) => &ROOT_HELD,
            Self::OutageUnknown => &OUTAGE_UNKNOWN,
            Self::MessageUnknown => &MESSAGE_UNKNOWN,
            Self::Template(_) => &TEMPLATE,
            Self::NoCredentials => &NO_CREDENTIALS,
            Self::CrlRefused { .. } => &CRL_REFUSED,
            Self::BundleRefused { .. } => &BUNDLE_REFUSED,
            Self::OtherEnvironment(_) => &ENVIRONMENT,
            Self::ClockInDoubt(_) => &CLOCK_IN_DOUBT,
            Self::Restored => &RESTORED,
            Self::KeyStore(_) => &KEY_STORE,
            Self::Store(cause) => cause.code(),
            Self::Journal(cause) => cause.code(),
            Self::SignBundle(_) | Self::Corrupt(_) | Self::TaskFailed(_) => &INTERNAL,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Store(cause) => cause.detail(),
            Self::Journal(cause) => cause.detail(),
            // What these say is for the log.
            Self::KeyStore(_) | Self::SignBundle(_) | Self::Corrupt(_) | Self::TaskFailed(_) => {
                self.code().title.to_owned()
            }
            _ => self.to_string(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy => Some(Duration::from_secs(1)),
            Self::ClockInDoubt(_) => Some(Duration::from_secs(60)),
            Self::Store(cause) => cause.retry_after(),
            Self::Journal(cause) => cause.retry_after(),
            _ => None,
        }
    }

    fn field_errors(&self) -> Vec<FieldError> {
        match self {
            Self::Field { field, reason } => {
                vec![FieldError { pointer: format!("/{}", field.replace('.', "/")), detail: (*reason).to_owned() }]
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn every_code_has_its_own_name() {
        let mut names: Vec<_> = CODES.iter().map(|code| code.id).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CODES.len());
    }
}
