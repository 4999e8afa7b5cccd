//! What verification has to say: each finding names the rule it rests on.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::reference::Reference;

/// Whether a finding stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Accepted, but reported: a tolerance or a weakness.
    Warning,
    /// Not valid.
    Error,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $code:ident = $name:literal, $severity:ident, $rule:literal;)+) => {
        /// What was found. The names are stable; other programs read them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $code,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code,)+];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// Whether it stands in the way, unless the caller's policy says otherwise.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$code => Severity::$severity,)+ }
            }

            /// The rule: standard and section.
            pub const fn rule(self) -> &'static str {
                match self { $(Self::$code => $rule,)+ }
            }
        }
    };
}

codes! {
    /// The certificate that signed is neither trusted nor presented: the chain cannot be decided.
    IssuerUnknown = "issuer_unknown", Error, "TR-03110-3 2.5";
    /// The certificate that signed was presented and is itself refused.
    IssuerRefused = "issuer_refused", Error, "TR-03110-3 2.5";
    /// The certificate that signed has no right to issue this role.
    IssuerRole = "issuer_role", Error, "TR-03110-3 2";
    /// The signature of a self-signed certificate is not its own.
    SelfSignatureInvalid = "self_signature_invalid", Error, "TR-03110-3 C.1.8";
    /// The signature is not the issuer's.
    SignatureInvalid = "signature_invalid", Error, "TR-03110-3 C.1.8";
    /// A link certificate is signed with its own new algorithm, not with the previous one.
    LinkSignedWithNewAlgorithm = "link_signed_with_new_algorithm", Error, "TR-03110-3 2.4";
    /// A self-signed certificate without domain parameters, or a key with none to inherit.
    ParametersMissing = "parameters_missing", Error, "TR-03110-3 D.3.3";
    /// A document verifier or terminal certificate carries domain parameters.
    ParametersNotAllowed = "parameters_not_allowed", Error, "TR-03110-3 D.3.3";
    /// A link certificate changes the domain parameters without carrying them.
    ParameterChangeWithoutParameters = "parameter_change_without_parameters", Error, "TR-03110-3 D.3.3";
    /// The domain parameters do not hold up.
    ParametersInvalid = "parameters_invalid", Error, "TR-03110-3 A.7.4.2";
    /// The public point does not lie on the curve.
    PointNotOnCurve = "point_not_on_curve", Error, "TR-03111";
    /// The public key is unusable for another reason.
    KeyInvalid = "key_invalid", Error, "TR-03110-3 D.3";
    /// Algorithm, domain parameters or size differ from the issuer's; only a link certificate switches.
    AlgorithmMismatch = "algorithm_mismatch", Error, "TR-03110-3 2.3";
    /// The terminal type differs along the chain.
    TerminalTypeMismatch = "terminal_type_mismatch", Error, "TR-03110-3 2.7";
    /// A document verifier or terminal certificate has expired.
    Expired = "expired", Error, "TR-03110-3 2.5.1";
    /// The certificate is not valid yet.
    NotYetValid = "not_yet_valid", Error, "TR-03110-3 2.4";
    /// The expiration date lies before the effective date.
    DatesReversed = "dates_reversed", Error, "TR-03110-3 2.4";
    /// Another certificate is known by the same authority and holder references, with another key.
    ConflictingCertificate = "conflicting_certificate", Error, "TR-03139 4.3";
    /// A certificate offered as a trust point is no CVCA certificate.
    TrustPointRole = "trust_point_role", Error, "TR-03110-3 2.6";
    /// More than one terminal is presented: it is not clear which is to be verified.
    SeveralTargets = "several_targets", Error, "TR-03110-3 2.5";
    /// No certificate is presented.
    NothingPresented = "nothing_presented", Error, "TR-03110-3 2.5";
    /// The validity is longer than the policy allows.
    ValidityTooLong = "validity_too_long", Warning, "TR-03139 4.7";
    /// The validity is shorter than the policy allows.
    ValidityTooShort = "validity_too_short", Warning, "TR-03139 4.7";
    /// A certificate has the key of an earlier one: each certificate gets a new key pair.
    KeyReused = "key_reused", Warning, "TR-03139 4.3";
    /// A trust point is a link certificate whose own signature cannot be checked.
    TrustPointUnverified = "trust_point_unverified", Warning, "TR-03110-3 2.5";
    /// A CVCA or link certificate has expired; a chip still accepts the link, and nothing but links under it. An error where
    /// it signed the document verifier.
    CvcaExpired = "cvca_expired", Warning, "TR-03110-3 2.5.1";
    /// A self-signed certificate is presented that no trust point leads to.
    SelfSignedNotTrusted = "self_signed_not_trusted", Warning, "TR-03110-3 2.5";
    /// A certificate is presented that the chain does not need.
    NotOnPath = "not_on_path", Warning, "TR-03110-3 2.5";
    /// The algorithm hashes with SHA-1.
    WeakHash = "weak_hash", Warning, "TR-03116-2";
    /// A bit reserved for future use is set in the authorisation.
    ReservedRights = "reserved_rights", Warning, "TR-03110-4 2";
    /// A curve coefficient is not written at minimal length.
    PaddedCoefficient = "padded_coefficient", Warning, "TR-03110-3 D.2.1.1";
    /// Domain parameters that equal no standardised set.
    ExplicitParameters = "explicit_parameters", Warning, "TR-03110-3 A.7.4.2";
    /// An RSA key of another size than 1024, 1280, 1536, 2048 or 3072 bits, or with an exponent of more than 32.
    KeySize = "key_size", Warning, "TR-03110-3 A.7.3.2";
    /// A country in a reference is not written in capital letters.
    CountryForm = "country_form", Warning, "TR-03110-3 A.7.1";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One finding about one certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was found.
    pub code: Code,
    /// Whether it stands in the way.
    pub severity: Severity,
    /// Holder reference of the certificate, where the finding is about one.
    pub certificate: Option<Reference>,
    /// In words, with the rule.
    pub detail: String,
}

impl Finding {
    /// A finding about a certificate; the rule is added to the detail.
    pub fn new(code: Code, certificate: Reference, detail: impl fmt::Display) -> Self {
        Self {
            code,
            severity: code.severity(),
            certificate: Some(certificate),
            detail: format!("{detail} ({})", code.rule()),
        }
    }

    /// A finding about the whole set.
    pub fn general(code: Code, detail: impl fmt::Display) -> Self {
        Self { code, severity: code.severity(), certificate: None, detail: format!("{detail} ({})", code.rule()) }
    }

    /// The same with another severity, as a policy asks.
    #[must_use]
    pub fn with_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// True when it stands in the way.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.is_error() { "error" } else { "warning" };
        match &self.certificate {
            Some(chr) => write!(f, "{severity} {} [{chr}]: {}", self.code, self.detail),
            None => write!(f, "{severity} {}: {}", self.code, self.detail),
        }
    }
}
