//! What goes wrong, told apart by what follows from it.

use std::fmt;

use crate::metadata::MetadataError;

/// Why a provider was not reached, or not heard to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// No connection: name, network or TLS.
    #[error("no connection")]
    Connection,
    /// No whole answer within the time allowed.
    #[error("no answer in time")]
    TimedOut,
    /// The connection ended before the answer did.
    #[error("the connection broke off")]
    Broken,
    /// The answer is longer than anything meant.
    #[error("the answer is too long")]
    TooLarge,
    /// It answered that it is not able to (429 and 5xx), or with something that belongs to no such conversation.
    #[error("HTTP status {0}")]
    Status(u16),
}

/// A provider's error code: at most 64 of `a-z A-Z _ - .`, others become `unreadable`. Free text of providers is not kept: it names people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorCode(String);

impl ErrorCode {
    /// From what a provider said.
    pub fn new(code: &str) -> Self {
        let fits = |octet: u8| octet.is_ascii_alphabetic() || octet == b'_' || octet == b'-' || octet == b'.';
        // Without digits: a number in there would be somebody's.
        let readable = (1..=64).contains(&code.len()) && code.bytes().all(fits);
        Self(if readable { code } else { "unreadable" }.to_owned())
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a question was not taken (CIBA Core 1.0 §13, and what happens on the way there).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// `unknown_user_id`: the provider knows no such phone, or the phone cannot be asked.
    #[error("the provider cannot ask this phone")]
    UnknownUser,
    /// `missing_user_code` or `invalid_user_code`: the citizen has set a code an official is not to hear.
    #[error("the provider demands the citizen's own code")]
    UserCode,
    /// `access_denied`: the citizen, or somebody for them, refused beforehand.
    #[error("refused beforehand")]
    Denied,
    /// `invalid_binding_message`: too long, or with characters the phone has not.
    #[error("the provider refused the text")]
    BindingMessage,
    /// `unauthorized_client`: this client may not ask in this way.
    #[error("the provider does not let this client ask")]
    UnauthorizedClient,
    /// `invalid_client`: the client's authentication was refused.
    #[error("the provider refused the client's authentication")]
    InvalidClient,
    /// `invalid_scope`.
    #[error("the provider refused the scope")]
    InvalidScope,
    /// Another code: `invalid_request`, `expired_login_hint_token` and what providers add.
    #[error("the provider refused: {0}")]
    Refused(ErrorCode),
    /// An answer in none of the forms of the protocol.
    #[error("the provider's answer cannot be read")]
    Unintelligible,
    /// Nothing was sent.
    #[error("the provider was not reached: {0}")]
    NotReached(Unreachable),
    /// It was sent, and no answer came: the phone may ring all the same.
    #[error("no answer whether the phone is asked: {0}")]
    Lost(Unreachable),
    /// The provider's description is not to be had or not to be accepted.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// The class asked for is none of this provider's.
    #[error("no such level of assurance at this provider")]
    Level,
    /// This way works by notification, and the caller gave no token for it.
    #[error("a notification token is needed")]
    NoToken,
    /// The client's key did not sign.
    #[error("the client's key did not sign")]
    Signing,
    /// The system has no random octets.
    #[error("no random octets")]
    Random,
}

/// What follows from an [`AskError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The phone or the provider cannot: use another channel.
    FallBack,
    /// The citizen does not want to: do not ask again.
    Respect,
    /// Our own configuration or text: tell an administrator, and use another channel meanwhile.
    Mend,
}

impl AskError {
    /// What follows.
    pub const fn remedy(&self) -> Remedy {
        match self {
            Self::UnknownUser
            | Self::UserCode
            | Self::Unintelligible
            | Self::NotReached(_)
            | Self::Lost(_)
            | Self::Metadata(MetadataError::Unreachable(_)) => Remedy::FallBack,
            Self::Denied => Remedy::Respect,
            Self::BindingMessage
            | Self::UnauthorizedClient
            | Self::InvalidClient
            | Self::InvalidScope
            | Self::Refused(_)
            | Self::Metadata(_)
            | Self::Level
            | Self::NoToken
            | Self::Signing
            | Self::Random => Remedy::Mend,
        }
    }

    /// From a code of CIBA Core 1.0 §13.
    pub(crate) fn of_code(code: &str) -> Self {
        match code {
            "unknown_user_id" => Self::UnknownUser,
            "missing_user_code" | "invalid_user_code" => Self::UserCode,
            "access_denied" => Self::Denied,
            "invalid_binding_message" => Self::BindingMessage,
            "unauthorized_client" => Self::UnauthorizedClient,
            "invalid_client" => Self::InvalidClient,
            "invalid_scope" => Self::InvalidScope,
            other => Self::Refused(ErrorCode::new(other)),
        }
    }
}

/// Why an answer is no approval, though it may have been meant as one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// No ID token where there has to be one, or an answer in none of the forms of the protocol.
    #[error("the answer cannot be read")]
    Unintelligible,
    /// The provider answered with an error that is neither pending nor final for the citizen: `invalid_grant` after an answer that was lost, `invalid_client`, …
    #[error("the provider refused to answer: {0}")]
    Refused(ErrorCode),
    /// It is longer than an answer may be, and was not read.
    #[error("the answer is too long")]
    TooLarge,
    /// The provider's description or keys are not to be had, so the answer, which may be given once only, was not believed.
    #[error("the provider's keys are not to be had: {0}")]
    NoKeys(MetadataError),
    /// Our own key did not sign what fetches the answer.
    #[error("the client's key did not sign")]
    Signing,
    /// Not a JWS in compact form, or its claims are none.
    #[error("the ID token is malformed")]
    Malformed,
    /// Signed with an algorithm that is not allowed, or with none.
    #[error("the ID token is not signed with an allowed algorithm")]
    Algorithm,
    /// The provider's key set has no such key.
    #[error("the ID token is signed with a key the provider does not publish")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature of the ID token is wrong")]
    Signature,
    /// Of another issuer.
    #[error("the ID token is of another issuer")]
    Issuer,
    /// For another client.
    #[error("the ID token is for another client")]
    Audience,
    /// Over.
    #[error("the ID token is over")]
    Expired,
    /// Issued in the future, or before the question.
    #[error("the ID token was issued at another time")]
    IssuedAt,
    /// Without a subject, or with one out of bounds.
    #[error("the ID token names no subject")]
    Subject,
    /// Weaker than asked, unknown, or not said.
    #[error("the level of assurance is not the one asked for")]
    Level,
    /// Authenticated before the question, in the future, or not said when.
    #[error("the citizen was not authenticated for this question")]
    NotFresh,
    /// For another question.
    #[error("the ID token answers another question")]
    OtherQuestion,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_specification_has_its_consequence() {
        for (code, error, remedy) in [
            ("unknown_user_id", AskError::UnknownUser, Remedy::FallBack),
            ("missing_user_code", AskError::UserCode, Remedy::FallBack),
            ("invalid_user_code", AskError::UserCode, Remedy::FallBack),
            ("access_denied", AskError::Denied, Remedy::Respect),
            ("invalid_binding_message", AskError::BindingMessage, Remedy::Mend),
            ("unauthorized_client", AskError::UnauthorizedClient, Remedy::Mend),
            ("invalid_client", AskError::InvalidClient, Remedy::Mend),
            ("invalid_scope", AskError::InvalidScope, Remedy::Mend),
            ("invalid_request", AskError::Refused(ErrorCode::new("invalid_request")), Remedy::Mend),
        ] {
            assert_eq!((AskError::of_code(code), AskError::of_code(code).remedy()), (error, remedy), "{code}");
        }
    }

    #[test]
    fn what_a_provider_says_in_free_text_is_not_repeated() {
        for code in ["no user 48600100200", "48600100200", "", "zażółć", &"a".repeat(65)] {
            assert_eq!(ErrorCode::new(code).as_str(), "unreadable");
        }
        assert_eq!(AskError::of_code("48600100200").to_string(), "the provider refused: unreadable");
    }
}
