//! A transaction: one question to a citizen.

use std::time::Duration;

use straznica_types::Timestamp;

use super::{Asking, Refusal, Subject, TransactionId};

/// Where a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A code may be tried.
    Open,
    /// The citizen said yes: the right one was read out, or the prompt on the phone approved.
    Validated,
    /// As many wrong ones were as may be.
    Exhausted,
    /// The caller ended it, or the citizen refused on the phone.
    Cancelled,
    /// Its time ran out.
    Expired,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Open, Self::Validated, Self::Exhausted, Self::Cancelled, Self::Expired];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Validated => "validated",
            Self::Exhausted => "exhausted",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// How long a code lives: one to ten minutes (NIST SP 800-63B-4 §3.1.3.2: at most ten).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life(Duration);

impl Life {
    /// From seconds; 0 is five minutes.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] outside 60 to 600.
    pub fn from_seconds(seconds: u32) -> Result<Self, Refusal> {
        match seconds {
            0 => Ok(Self(Duration::from_secs(300))),
            60..=600 => Ok(Self(Duration::from_secs(u64::from(seconds)))),
            _ => Err(Refusal::Invalid { member: "/life_seconds", expected: "0, or 60 to 600" }),
        }
    }

    /// The duration.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// In whole minutes, for people: never more than it is.
    #[must_use]
    pub const fn minutes(self) -> u64 {
        self.0.as_secs() / 60
    }
}

/// What the words of a transaction are: they decide whether a repeated call is the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Who asks, and why.
    pub asking: Asking,
    /// Whom it is about.
    pub subject: Subject,
    /// What the citizen reads.
    pub binding_text: String,
    /// Language of the message.
    pub language: String,
}

/// A transaction, as the database knows it: nobody's number, no code, no nonce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Chosen by the caller.
    pub id: TransactionId,
    /// Its words.
    pub bound: Bound,
    /// Where its short-lived state lies: random, so that a second try to open it never meets the remains of the first.
    pub slot: [u8; 16],
    /// Keyed digest of everything the first call said, the phone number included: a repeated call says the same.
    pub fingerprint: String,
    /// Country code and three digits of the number; none where there is nobody to send to.
    pub prefix: Option<String>,
    /// There is nobody to send to, or not to be: it looks like the others and cannot succeed.
    pub dummy: bool,
    /// The caller asked that nobody learn why no message goes out.
    pub concealed: bool,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Until when its code is good.
    pub expires_at: Timestamp,
    /// How often its code was sent again.
    pub resends: u32,
    /// Where it is.
    pub state: State,
    /// When it came there, once it is over.
    pub ended_at: Option<Timestamp>,
}

impl Transaction {
    /// That a code may be tried, or sent again, by this officer of this institution for this purpose. Everybody else is told what they would be told of a
    /// transaction that never was.
    ///
    /// # Errors
    /// [`Refusal::Expired`]; [`Refusal::Failed`] where no attempt is left.
    pub fn open_for(&self, asking: &Asking, now: Timestamp) -> Result<(), Refusal> {
        if self.bound.asking != *asking {
            return Err(Refusal::Expired);
        }
        match self.state {
            State::Exhausted => Err(Refusal::Failed),
            State::Open if now < self.expires_at => Ok(()),
            State::Open | State::Validated | State::Cancelled | State::Expired => Err(Refusal::Expired),
        }
    }
}
