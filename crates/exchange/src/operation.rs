//! The four operations by their standard names.

use std::fmt;

use crate::message::{Answer, Message};

/// What a message asks for (CSN 36 9791 §6; Doc 9303-12 §8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// RequestCertificate.
    RequestCertificate,
    /// SendCertificates.
    SendCertificates,
    /// GetCACertificates.
    GetCaCertificates,
    /// GeneralMessage.
    GeneralMessage,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 4] =
        [Self::RequestCertificate, Self::SendCertificates, Self::GetCaCertificates, Self::GeneralMessage];

    /// The standard's name, which is the soapAction too.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RequestCertificate => "RequestCertificate",
            Self::SendCertificates => "SendCertificates",
            Self::GetCaCertificates => "GetCACertificates",
            Self::GeneralMessage => "GeneralMessage",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Message {
    /// What it asks for.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::RequestCertificate(_) => Operation::RequestCertificate,
            Self::SendCertificates(_) => Operation::SendCertificates,
            Self::GetCaCertificates(_) => Operation::GetCaCertificates,
            Self::GeneralMessage(_) => Operation::GeneralMessage,
        }
    }

    /// Whom it says it is from.
    #[must_use]
    pub fn caller_id(&self) -> &str {
        match self {
            Self::RequestCertificate(message) => &message.caller_id,
            Self::SendCertificates(message) => &message.caller_id,
            Self::GetCaCertificates(message) => &message.caller_id,
            Self::GeneralMessage(message) => &message.caller_id,
        }
    }
}

impl Answer {
    /// What it answers.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::RequestCertificate(_) => Operation::RequestCertificate,
            Self::SendCertificates(_) => Operation::SendCertificates,
            Self::GetCaCertificates(_) => Operation::GetCaCertificates,
            Self::GeneralMessage(_) => Operation::GeneralMessage,
        }
    }
}
