//! What can go wrong with a token.

use std::path::PathBuf;

use cryptoki::{
    context::Function,
    error::{Error as CallError, RvError},
};
use thiserror::Error;

use crate::keystore::KeyHandle;

/// What can go wrong with a token of PKCS#11. No text carries a PIN.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The module does not load or does not initialise.
    #[error("the PKCS#11 module {path} cannot be used")]
    Module {
        /// Its file.
        path: PathBuf,
        /// What the loader or the module says.
        source: CallError,
    },
    /// No token answers to the configured name.
    #[error("no initialised token is {0}")]
    Absent(String),
    /// Several tokens do: a label is not unique by itself.
    #[error("{found} tokens are {name}; name the slot instead")]
    NotUnique {
        /// What was asked for.
        name: String,
        /// How many there are.
        found: usize,
    },
    /// The configuration names a token by nothing, or by two things.
    #[error("exactly one of label and slot names a token, exactly one of pin and pin_file opens it")]
    Choice,
    /// The token refused the PIN. It is not tried again before the node is started anew: repeating is how tokens are locked.
    #[error("the token refused the PIN, which is not tried again before a restart")]
    PinRefused,
    /// One more wrong PIN would lock the token, so none is tried.
    #[error("the token has one try of the PIN left: log in by its own tool first, with the right one")]
    PinLastTry,
    /// The token is locked.
    #[error("the token's PIN is locked")]
    PinLocked,
    /// All sessions stayed in use for too long.
    #[error("no session of the token became free in time")]
    Busy,
    /// The login was lost between two calls.
    #[error("the token no longer regards the node as logged in")]
    LoggedOut,
    /// The token holds two keys of one name.
    #[error("the token holds more than one key {0}")]
    NotOneKey(KeyHandle),
    /// An object has the key's identifier and another label than the one its node wrote.
    #[error("the token's object {0} is not labelled as the key it should be")]
    Label(KeyHandle),
    /// The token gives no value of an attribute every key has.
    #[error("the token gives no {0} of a key")]
    Attribute(&'static str),
    /// The key's curve is not the one asked for, by its object identifier.
    #[error("the token's key lies on another curve than the one asked for")]
    OtherCurve,
    /// Only standardised curves have an object identifier, by which a token knows them.
    #[error("a token makes keys over standardised curves only")]
    ExplicitParameters,
    /// The token did not keep to what a private key was to be protected by.
    #[error("the token made a private key that can be read, or leave it, against the rule")]
    Unprotected,
    /// The signature of a new key does not verify under its public half.
    #[error("the first signature of a new key does not verify")]
    FirstSignature,
    /// A lock was left behind by a call that ended abnormally.
    #[error("an earlier call ended abnormally")]
    Poisoned,
    /// The module returned an error.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl TokenError {
    /// Whether the session, the login or the device was lost, so that a new session may well succeed.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            Self::LoggedOut => true,
            Self::Call(CallError::Pkcs11(code, _)) => matches!(
                code,
                RvError::SessionHandleInvalid
                    | RvError::SessionClosed
                    | RvError::UserNotLoggedIn
                    | RvError::DeviceRemoved
                    | RvError::DeviceError
                    | RvError::TokenNotPresent
                    | RvError::TokenNotRecognized
                    | RvError::SlotIdInvalid
                    | RvError::CryptokiNotInitialized
            ),
            _ => false,
        }
    }

    /// Whether the same may succeed when it is begun anew in another session: tokens that work on objects for several at once fail at one now and then.
    pub(super) fn is_momentary(&self) -> bool {
        let of_the_moment = |code: &RvError| matches!(code, RvError::GeneralError | RvError::FunctionFailed);
        self.is_stale_handle() || matches!(self, Self::Call(CallError::Pkcs11(code, _)) if of_the_moment(code))
    }

    /// Whether a key or object is not where it was the last time.
    pub(super) fn is_stale_handle(&self) -> bool {
        matches!(self, Self::Call(CallError::Pkcs11(RvError::KeyHandleInvalid | RvError::ObjectHandleInvalid, _)))
    }

    /// What a failed login means.
    pub(super) fn of_login(failure: CallError) -> Self {
        match failure {
            CallError::Pkcs11(RvError::PinLocked, Function::Login) => Self::PinLocked,
            CallError::Pkcs11(
                RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange | RvError::PinExpired,
                Function::Login,
            ) => Self::PinRefused,
            other => Self::Call(other),
        }
    }
}
