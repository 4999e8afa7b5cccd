//! What can go wrong with short-lived state.

use redis::RedisError;
use straznica_error::{Class, Code, Coded};

/// Short-lived state that could not be read or changed. What was asked for may have happened all the same.
#[derive(Debug, thiserror::Error)]
pub enum EphemeralError {
    /// The configuration cannot be used.
    #[error("the configuration of the short-lived state cannot be used: {0}")]
    Configuration(&'static str),
    /// The server does not answer, refuses, or answers with an error.
    #[error("the short-lived state is unavailable")]
    Unavailable(#[source] Cause),
    /// The value is larger than what is kept.
    #[error("the value is larger than what is kept")]
    TooLarge,
}

/// Why it is unavailable.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// What the driver says.
    #[error(transparent)]
    Server(#[from] RedisError),
    /// No answer in time.
    #[error("no answer within {0:?}")]
    Patience(std::time::Duration),
    /// An answer no operation here has.
    #[error("an unexpected answer")]
    Answer,
    /// Too many values live in this process.
    #[error("no room for another value")]
    Full,
}

/// What callers are told.
pub mod codes {
    use super::{Class, Code};

    /// Short-lived state cannot be reached: nothing that depends on it is done.
    pub const UNAVAILABLE: Code =
        Code::new("ephemeral.unavailable", Class::Unavailable, "Short-lived state is unavailable");
    /// A mistake in the program or in its configuration.
    pub const FAULT: Code = Code::new("ephemeral.fault", Class::Internal, "A fault inside the suite");
}

impl Coded for EphemeralError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unavailable(_) => &codes::UNAVAILABLE,
            Self::Configuration(_) | Self::TooLarge => &codes::FAULT,
        }
    }
}
