//! Why the rules refuse a call.

use std::time::Duration;

/// A refusal by the rules of one-time codes and bulk notices. Its text is safe for the caller: it names members, never a value.
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
    /// The code is not the one that was sent.
    #[error("the code is not the one that was sent")]
    InvalidCode,
    /// There is no such transaction for this officer, institution and purpose, or its code is used, cancelled or too old.
    #[error("the transaction is not, or no longer, open")]
    Expired,
    /// As many codes were tried as may be.
    #[error("no attempt is left")]
    Failed,
    /// As many codes were sent as may be.
    #[error("no more codes are sent for this transaction, person or officer")]
    CodesExceeded,
    /// No messages are sent to this kind of number.
    #[error("no codes are sent to this kind of number")]
    NumberNotAllowed,
    /// No messages are sent to this number at present.
    #[error("no codes are sent to this number")]
    NumberBlocked,
    /// Too often: later.
    #[error("too many codes in a short time")]
    Rate {
        /// When it may succeed, where that is known.
        after: Option<Duration>,
    },
    /// The officer has to be unlocked first.
    #[error("the officer is locked")]
    OfficialLocked,
    /// The transaction was opened with other words.
    #[error("a transaction of this id was opened with other words")]
    TransactionExists,
    /// A text of a template is none.
    #[error("/texts/{language}: {problem}")]
    Words {
        /// Tag of the language.
        language: String,
        /// What is wrong: names of places, no value.
        problem: String,
    },
    /// There is no such version of the template, or nobody approved it.
    #[error("there is no such version of the template, or it is not approved")]
    TemplateUnknown,
    /// Nobody approves their own proposal.
    #[error("a proposal is approved by another officer")]
    OwnProposal,
    /// There is no such notice.
    #[error("there is no such notice")]
    NoticeUnknown,
    /// The notice is not where this can be done.
    #[error("the notice is {0}")]
    NoticeState(&'static str),
    /// The notice was created with other words.
    #[error("a notice of this id was created with other words")]
    NoticeExists,
    /// A recipient cannot be written to like this.
    #[error("recipient {at} of the page: {member}: {expected} expected")]
    Recipient {
        /// Place in the page, from 0.
        at: usize,
        /// Member of the recipient.
        member: &'static str,
        /// What it can hold.
        expected: &'static str,
    },
    /// A recipient was added with other words.
    #[error("recipient {at} of the page: one of this reference was added with other words")]
    RecipientExists {
        /// Place in the page, from 0.
        at: usize,
    },
    /// There are as many as may be.
    #[error("there are as many {0} as may be")]
    TooMany(&'static str),
}
