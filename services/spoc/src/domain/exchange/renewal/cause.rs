//! Why a request brought no certificate.

/// Why a request brought no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// failure_inner_signature
    InnerSignature,
    /// failure_outer_signature
    OuterSignature,
    /// failure_syntax, failure_request_syntax
    Syntax,
    /// failure_expired
    Expired,
    /// failure_domain_parameters
    DomainParameters,
    /// failure_request_not_accepted
    NotAccepted,
    /// failure_certificate
    Certificate,
    /// failure_internal_error, told after the request had been acknowledged, or again and again until it was given up
    InternalError,
    /// The certificate that came was refused here.
    AnswerRefused,
    /// An operator withdrew the request.
    Cancelled,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 10] = [
        Self::InnerSignature,
        Self::OuterSignature,
        Self::Syntax,
        Self::Expired,
        Self::DomainParameters,
        Self::NotAccepted,
        Self::Certificate,
        Self::InternalError,
        Self::AnswerRefused,
        Self::Cancelled,
    ];

    /// The standard's word, or ours where it has none.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InnerSignature => "failure_inner_signature",
            Self::OuterSignature => "failure_outer_signature",
            Self::Syntax => "failure_syntax",
            Self::Expired => "failure_expired",
            Self::DomainParameters => "failure_domain_parameters",
            Self::NotAccepted => "failure_request_not_accepted",
            Self::Certificate => "failure_certificate",
            Self::InternalError => "failure_internal_error",
            Self::AnswerRefused => "answer_refused",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads [`Self::as_str`], and the code that says the same of the request alone.
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        match text {
            "failure_request_syntax" => Some(Self::Syntax),
            text => Self::ALL.into_iter().find(|cause| cause.as_str() == text),
        }
    }

    /// The partner did not accept who vouches for the request.
    pub(super) const fn is_of_the_signer(self) -> bool {
        matches!(self, Self::OuterSignature | Self::Expired | Self::Certificate)
    }

    /// The CVCA may have a key we have not seen. A partner of the 2009 edition says failure_request_not_accepted for failure_domain_parameters; an answer is
    /// refused here when a link that leads to its issuer is missing.
    pub(super) const fn may_be_of_the_cvca(self) -> bool {
        matches!(self, Self::DomainParameters | Self::NotAccepted | Self::Certificate | Self::AnswerRefused)
    }
}
