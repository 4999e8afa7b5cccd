//! Why the rules of verifications refuse a call.

use std::time::Duration;

use super::DocumentKind;

/// A refusal whose text is safe for the caller: it tells nothing of the citizen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerificationRefusal {
    /// There is no such verification, or it is another official's.
    #[error("no such verification")]
    Unknown,
    /// It has ended, one way or the other.
    #[error("the verification has ended: {0}")]
    Ended(&'static str),
    /// Its time is over.
    #[error("the time of the verification is over")]
    Expired,
    /// The stage does not allow it.
    #[error("the verification is {0}: this cannot be done now")]
    NotNow(&'static str),
    /// The code is not the one that was sent. Said as well where none was.
    #[error("the code is not the one that was sent")]
    CodeWrong,
    /// No attempt is left.
    #[error("no attempt is left")]
    NoAttemptLeft,
    /// The official has used up the day's verifications, or was locked before.
    #[error("the official is locked: a local administrator can unlock")]
    OfficialLocked,
    /// Nobody is locked.
    #[error("the official is not locked")]
    OfficialNotLocked,
    /// No codes are withheld from this citizen.
    #[error("codes are compared for this citizen: there is no lock to lift")]
    CodesNotLocked,
    /// Nobody lifts their own lock.
    #[error("an official cannot unlock themselves")]
    OwnLock,
    /// Nothing more is sent for now.
    #[error("too many messages in a short time")]
    TooOften(Option<Duration>),
    /// No codes go to this number.
    #[error("no codes are sent to this phone number")]
    PhoneNotServed,
    /// No register of this node answers for this kind.
    #[error("{0} cannot be confirmed at this node")]
    KindNotServed(DocumentKind),
    /// The citizen has no confirmed phone, and codes go there.
    #[error("a phone number has to be confirmed first")]
    NoPhone,
    /// No such confirmation of a phone is under way.
    #[error("no such confirmation of a phone number")]
    PhoneProofUnknown,
    /// Between citizens: whoever asks has to use the service.
    #[error("whoever asks has to have a confirmed phone and an activated document")]
    NotActivated,
    /// Nobody confirms their own document.
    #[error("this is the document of the person who asks")]
    OwnDocument,
    /// The private pages are for those who use the service.
    #[error("this person does not use the service")]
    NotACitizen,
}
