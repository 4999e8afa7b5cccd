//! Answer codes by their standard names (CSN 36 9791 §6; Doc 9303-12 §8.3).

use serde::Deserialize;

/// One of the five sets a code belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeSet {
    /// [`RequestCertificateCode`].
    RequestCertificate,
    /// [`StatusInfo`].
    StatusInfo,
    /// [`SendCertificatesCode`].
    SendCertificates,
    /// [`GetCaCertificatesCode`].
    GetCaCertificates,
    /// [`GeneralMessageCode`].
    GeneralMessage,
}

impl CodeSet {
    /// Every set.
    pub const ALL: [Self; 5] = [
        Self::RequestCertificate,
        Self::StatusInfo,
        Self::SendCertificates,
        Self::GetCaCertificates,
        Self::GeneralMessage,
    ];

    /// The standard's words in this set.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        fn all<C: Code>() -> Vec<&'static str> {
            C::all().iter().map(|code| code.name()).collect()
        }
        match self {
            Self::RequestCertificate => all::<RequestCertificateCode>(),
            Self::StatusInfo => all::<StatusInfo>(),
            Self::SendCertificates => all::<SendCertificatesCode>(),
            Self::GetCaCertificates => all::<GetCaCertificatesCode>(),
            Self::GeneralMessage => all::<GeneralMessageCode>(),
        }
    }
}

/// What the five sets share, for what treats their codes alike: profiles, and the spelling on the wire.
pub trait Code: Copy + Eq + std::hash::Hash + std::fmt::Debug + std::fmt::Display + Send + Sync + 'static {
    /// Which set.
    const SET: CodeSet;

    /// Every code of the set.
    fn all() -> &'static [Self];

    /// The standard's word.
    fn name(self) -> &'static str;
}

/// Declares an enumeration whose variants have a name on the wire.
macro_rules! codes {
    ($(#[$about:meta])* $name:ident of $set:ident { $($(#[$what:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$what])* $variant,)*
        }

        impl $name {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The standard's word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// Reads [`Self::as_str`].
            #[must_use]
            pub fn from_name(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }

        impl Code for $name {
            const SET: CodeSet = CodeSet::$set;

            fn all() -> &'static [Self] {
                Self::ALL
            }

            fn name(self) -> &'static str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

codes! {
    /// Outcome of RequestCertificate.
    RequestCertificateCode of RequestCertificate {
        /// The certificate is in the answer.
        OkCertAvailable = "ok_cert_available",
        /// The answer will come by SendCertificates.
        OkReceptionAck = "ok_reception_ack",
        /// The request is not signed by its own key.
        FailureInnerSignature = "failure_inner_signature",
        /// Nobody known vouches for the request.
        FailureOuterSignature = "failure_outer_signature",
        /// The message is malformed.
        FailureSyntax = "failure_syntax",
        /// The certificate request is malformed (Doc 9303-12).
        FailureRequestSyntax = "failure_request_syntax",
        /// The vouching certificate has expired (Doc 9303-12).
        FailureExpired = "failure_expired",
        /// Algorithm or parameters are not the CVCA's (Doc 9303-12).
        FailureDomainParameters = "failure_domain_parameters",
        /// Policy or a person declined.
        FailureRequestNotAccepted = "failure_request_not_accepted",
        /// Nothing was decided.
        FailureInternalError = "failure_internal_error",
    }
}

codes! {
    /// What SendCertificates delivers.
    StatusInfo of StatusInfo {
        /// The sender's CVCA has new certificates. The 2009 schema spells it `new_cer_available_notification`.
        NewCertAvailableNotification = "new_cert_available_notification",
        /// What was asked for.
        OkCertAvailable = "ok_cert_available",
        /// The request was not signed by its own key.
        FailureInnerSignature = "failure_inner_signature",
        /// Nobody known vouched for the request.
        FailureOuterSignature = "failure_outer_signature",
        /// The message was malformed.
        FailureSyntax = "failure_syntax",
        /// Policy or a person declined.
        FailureRequestNotAccepted = "failure_request_not_accepted",
        /// The sender failed.
        FailureInternalError = "failure_internal_error",
        /// The request cannot be fulfilled any more (Doc 9303-12).
        FailureCertificate = "failure_certificate",
    }
}

codes! {
    /// Outcome of SendCertificates.
    SendCertificatesCode of SendCertificates {
        /// Taken.
        OkReceivedCorrectly = "ok_received_correctly",
        /// The message or a certificate is malformed.
        FailureSyntax = "failure_syntax",
        /// No message with this id awaits an answer.
        FailureMessageIdUnknown = "failure_messageID_unknown",
        /// Nothing was taken.
        FailureInternalError = "failure_internal_error",
    }
}

codes! {
    /// Outcome of GetCACertificates.
    GetCaCertificatesCode of GetCaCertificates {
        /// The certificates are in the answer.
        OkCertAvailable = "ok_cert_available",
        /// They will come by SendCertificates.
        OkReceptionAck = "ok_reception_ack",
        /// Not given (edition of 2009).
        FailureRequestNotAccepted = "failure_request_not_accepted",
        /// The message is malformed (Doc 9303-12).
        FailureSyntax = "failure_syntax",
        /// Nothing was decided.
        FailureInternalError = "failure_internal_error",
    }
}

codes! {
    /// Outcome of GeneralMessage.
    GeneralMessageCode of GeneralMessage {
        /// Kept for people to read.
        Ok = "ok",
        /// The message is malformed (Doc 9303-12).
        FailureSyntax = "failure_syntax",
        /// Nothing was kept.
        FailureInternalError = "failure_internal_error",
    }
}

#[cfg(test)]
mod tests {
    use super::{GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode, StatusInfo};

    #[test]
    fn every_code_reads_back_from_its_name() {
        assert!(
            RequestCertificateCode::ALL.iter().all(|one| RequestCertificateCode::from_name(one.as_str()) == Some(*one))
        );
        assert!(StatusInfo::ALL.iter().all(|one| StatusInfo::from_name(one.as_str()) == Some(*one)));
        assert!(
            SendCertificatesCode::ALL.iter().all(|one| SendCertificatesCode::from_name(one.as_str()) == Some(*one))
        );
        assert!(
            GetCaCertificatesCode::ALL.iter().all(|one| GetCaCertificatesCode::from_name(one.as_str()) == Some(*one))
        );
        assert!(GeneralMessageCode::ALL.iter().all(|one| GeneralMessageCode::from_name(one.as_str()) == Some(*one)));
        assert_eq!(RequestCertificateCode::from_name("OK_CERT_AVAILABLE"), None);
    }
}
