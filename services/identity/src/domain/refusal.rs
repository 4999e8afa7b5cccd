//! Why the rules refuse a call.

use straznica_types::Timestamp;

/// A refusal by the rules of an inspection. Its text is safe for the caller: it names members and dates, never a value of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A member the call needs is empty.
    #[error("{member} is missing")]
    Missing {
        /// JSON pointer to the member of the request.
        member: &'static str,
    },
    /// A member holds what it cannot hold.
    #[error("{member}: {expected} expected")]
    Invalid {
        /// JSON pointer to the member of the request.
        member: &'static str,
        /// What it can hold.
        expected: &'static str,
    },
    /// The bytes of DG3 or DG4 were sent. Fingerprints and iris images never leave the terminal; their digest is enough.
    #[error("data group {data_group} must not leave the terminal: send its digest")]
    BiometricsRefused {
        /// 3 or 4.
        data_group: u8,
    },
    /// A file, or all of them together, is larger than taken.
    #[error("{member} is larger than the {limit} bytes taken")]
    TooLarge {
        /// JSON pointer to the member of the request.
        member: &'static str,
        /// Most bytes taken.
        limit: usize,
    },
    /// The document was read later than it is now.
    #[error("/read_at_ms lies in the future: the terminal's clock is ahead")]
    ReadInFuture,
    /// The document was read too long ago to be judged as one that is present.
    #[error("the document was read more than {minutes} minutes ago")]
    ReadTooLongAgo {
        /// Longest time taken.
        minutes: u64,
    },
    /// No challenge of this id was issued to this terminal.
    #[error("no such challenge was issued to this terminal")]
    ChallengeUnknown,
    /// The challenge was answered before, rightly or wrongly.
    #[error("the challenge has been used")]
    ChallengeUsed,
    /// The challenge was answered too late.
    #[error("the challenge expired at {0}")]
    ChallengeExpired(Timestamp),
    /// There is no such inspection, or it is not this terminal's to see.
    #[error("no such inspection")]
    InspectionUnknown,
    /// Only the terminal that opened the inspection may do this.
    #[error("another terminal opened this inspection")]
    OtherTerminal,
    /// The purpose is not the one the inspection was opened for.
    #[error("the inspection was opened for another purpose")]
    OtherPurpose,
    /// The time for evidence is over.
    #[error("the inspection was open until {0}")]
    InspectionClosed(Timestamp),
    /// The person is with the second line already, or has been.
    #[error("the inspection has been referred")]
    AlreadyReferred,
    /// Nobody sent the person to the second line.
    #[error("the inspection has not been referred")]
    NotReferred,
    /// The second line has decided.
    #[error("the referral has been closed")]
    ReferralClosed,
    /// The comparison of fingerprints has been recorded.
    #[error("a fingerprint result has been recorded")]
    FingerprintsRecorded,
    /// Fingerprints were compared with a DG3 that is not known to be the one the state signed.
    #[error("the digest of data group 3 has not been found to be the one the security object lists")]
    FingerprintsUnverified,
}
