//! A prompt: the same question, asked on the citizen's phone.

use std::time::Duration;

use straznica_types::Timestamp;

use super::TransactionId;

/// Where a prompt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptState {
    /// Nobody was asked yet.
    Wanted,
    /// The provider is being asked: from here on the phone may ring. Nobody is asked twice.
    Asking,
    /// The provider has taken the question.
    Asked,
    /// The citizen approved, and it counted.
    Approved,
    /// The citizen refused, and it counted.
    Refused,
    /// It came to nothing.
    Unanswered,
}

impl PromptState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Wanted, Self::Asking, Self::Asked, Self::Approved, Self::Refused, Self::Unanswered];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Asking => "asking",
            Self::Asked => "asked",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Unanswered => "unanswered",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// Why a prompt came to nothing. The text message does the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// There was nobody to ask, or not to be.
    Nobody,
    /// The provider does not know the phone, or it cannot be asked.
    CannotBeAsked,
    /// The provider was not reached, or not heard to the end.
    NotReached,
    /// Nobody answered in time.
    NoAnswer,
    /// There was an answer, and it cannot be believed.
    NotBelieved,
    /// The provider refused our request, or our own configuration does not fit: an administrator's matter.
    Misconfigured,
    /// The process died while it asked, or what is needed to look is gone.
    Lost,
    /// The transaction had ended by then.
    TooLate,
}

impl Silence {
    /// The name it has in the database, the journal and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::CannotBeAsked => "cannot_be_asked",
            Self::NotReached => "not_reached",
            Self::NoAnswer => "no_answer",
            Self::NotBelieved => "not_believed",
            Self::Misconfigured => "misconfigured",
            Self::Lost => "lost",
            Self::TooLate => "too_late",
        }
    }
}

/// A prompt, as the database knows it: nobody's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Of this transaction; it has one at most.
    pub transaction: TransactionId,
    /// The provider, by its name in the configuration.
    pub phone: String,
    /// Where it is.
    pub state: PromptState,
    /// What the provider took, once it has.
    pub question: Option<Question>,
    /// How the provider is recognised when it notifies: the name its token goes by, and the token's digest.
    pub bell: Option<(String, [u8; 32])>,
}

/// A question a provider has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The provider's name for it and the nonce of its answer, sealed.
    pub sealed: Vec<u8>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Until when an answer is of use.
    pub expires_at: Timestamp,
    /// The least pause before the next look.
    pub interval: Duration,
}

/// How a transaction stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has answered.
    Pending,
    /// The citizen said yes.
    Approved {
        /// When that was written down.
        at: Timestamp,
        /// On the phone, and as surely as the provider says; otherwise with the code.
        acr: Option<String>,
    },
    /// The citizen said no, on the phone.
    Refused,
    /// Its time ran out.
    Expired,
    /// No attempt is left, or the caller ended it.
    Over,
}
