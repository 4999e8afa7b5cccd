//! A check, its result, its evidence; a tolerance.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is checked. Written in JSON as `sod_signature`, `dg1_hash`, …
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "Cow<'static, str>", try_from = "String")]
pub enum CheckName {
    /// The signature over EF.SOD: content type, message digest, signature under the document signer's key.
    SodSignature,
    /// The document signer's certificate is signed by a country signing CA of the trust store.
    DsSignature,
    /// The document signer's certificate is within its validity.
    DsValidity,
    /// The document signer's certificate is not on its issuer's revocation list.
    DsRevocation,
    /// The country signing CA's certificate is within its validity.
    CscaValidity,
    /// The country signing CA's certificate is not on its own revocation list.
    CscaRevocation,
    /// The states of DG1, of the document signer and of the country signing CA agree.
    IssuingState,
    /// The document signer may sign this type of document (Doc 9303-12 §7.1.1.6).
    DocumentType,
    /// A data group's hash is the one the security object lists.
    DataGroupHash(u8),
    /// EF.COM lists the data groups the security object does.
    ComConsistency,
    /// The document has not expired.
    DocumentExpiry,
    /// The machine readable zone seen optically is the one in DG1.
    OpticalMrz,
    /// EF.CardAccess agrees with DG14.
    CardAccess,
    /// Active Authentication.
    ActiveAuthentication,
    /// Chip Authentication version 1.
    ChipAuthentication,
    /// PACE with Chip Authentication Mapping.
    PaceCam,
    /// The chip is the one the files were written for: one of the three protocols before succeeded.
    ChipAuthenticity,
}

impl CheckName {
    const PLAIN: [(Self, &'static str); 16] = [
        (Self::SodSignature, "sod_signature"),
        (Self::DsSignature, "ds_signature"),
        (Self::DsValidity, "ds_validity"),
        (Self::DsRevocation, "ds_revocation"),
        (Self::CscaValidity, "csca_validity"),
        (Self::CscaRevocation, "csca_revocation"),
        (Self::IssuingState, "issuing_state"),
        (Self::DocumentType, "document_type"),
        (Self::ComConsistency, "com_consistency"),
        (Self::DocumentExpiry, "document_expiry"),
        (Self::OpticalMrz, "optical_mrz"),
        (Self::CardAccess, "card_access"),
        (Self::ActiveAuthentication, "active_authentication"),
        (Self::ChipAuthentication, "chip_authentication"),
        (Self::PaceCam, "pace_cam"),
        (Self::ChipAuthenticity, "chip_authenticity"),
    ];

    /// The name in reports and profiles.
    #[must_use]
    pub fn as_str(self) -> Cow<'static, str> {
        if let Self::DataGroupHash(number) = self {
            return Cow::Owned(format!("dg{number}_hash"));
        }
        Cow::Borrowed(Self::PLAIN.iter().find(|(check, _)| *check == self).map_or("", |(_, name)| name))
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_str())
    }
}

impl From<CheckName> for Cow<'static, str> {
    fn from(check: CheckName) -> Self {
        check.as_str()
    }
}

/// There is no check of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no check is called {0:?}")]
pub struct UnknownCheck(pub String);

impl FromStr for CheckName {
    type Err = UnknownCheck;

    fn from_str(name: &str) -> Result<Self, UnknownCheck> {
        if let Some((check, _)) = Self::PLAIN.iter().find(|(_, plain)| *plain == name) {
            return Ok(*check);
        }
        let number =
            name.strip_prefix("dg").and_then(|rest| rest.strip_suffix("_hash")).and_then(|number| number.parse().ok());
        match number {
            Some(number @ 1..=16) => Ok(Self::DataGroupHash(number)),
            _ => Err(UnknownCheck(name.to_owned())),
        }
    }
}

impl TryFrom<String> for CheckName {
    type Error = UnknownCheck;

    fn try_from(name: String) -> Result<Self, UnknownCheck> {
        name.parse()
    }
}

/// The outcome of a check (TR-03135-1 §3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    /// Done, and good.
    Successful,
    /// Done, and not good.
    Failed,
    /// Could not be decided: something it needs is missing.
    Undetermined,
    /// The document does not have the feature.
    NotSupported,
    /// Begun and broken off, as when the chip refused a file.
    Aborted,
}

/// What a check used, in words and values fit for a record: digests, dates, names of certificates. Never personal data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Evidence(pub BTreeMap<String, String>);

impl Evidence {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more piece.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.add(key, value);
        self
    }

    /// Adds a piece.
    pub fn add(&mut self, key: &str, value: impl fmt::Display) {
        self.0.insert(key.to_owned(), value.to_string());
    }

    /// The value under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

/// One check with its result and the evidence it used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was checked.
    pub check: CheckName,
    /// How it ended.
    pub result: CheckResult,
    /// What it used.
    pub evidence: Evidence,
}

impl Check {
    /// A check from its parts.
    #[must_use]
    pub fn new(check: CheckName, result: CheckResult, evidence: Evidence) -> Self {
        Self { check, result, evidence }
    }
}

/// How a check ended, before it is put under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The result.
    pub result: CheckResult,
    /// What was used.
    pub evidence: Evidence,
    /// What was tolerated on the way.
    pub tolerances: Vec<Tolerance>,
}

impl Outcome {
    /// An outcome without tolerances.
    #[must_use]
    pub fn new(result: CheckResult, evidence: Evidence) -> Self {
        Self { result, evidence, tolerances: Vec::new() }
    }

    /// An outcome whose evidence is a reason, as a short code in snake case.
    #[must_use]
    pub fn because(result: CheckResult, reason: &str) -> Self {
        Self::new(result, Evidence::new().with("reason", reason))
    }
}

/// A departure from the standards that was accepted, as some state's documents need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToleranceCode {
    /// Lengths are indefinite (X.690 §8.1.3.6) where DER is called for.
    BerIndefiniteLength,
    /// Lengths are not in their shortest form.
    BerPaddedLength,
    /// The CMS version is not the one its contents call for (RFC 5652 §5.1, §5.3).
    CmsVersion,
    /// The list of digest algorithms does not hold exactly the signers' (RFC 5652 §5.1).
    CmsDigestAlgorithms,
    /// The signed attributes were signed in an order or encoding that is not DER (RFC 5652 §5.4).
    CmsSignedAttributesNotDer,
    /// The message carries unsigned attributes.
    CmsUnsignedAttributes,
    /// The message carries certificates that are not the signer's.
    CmsFurtherCertificates,
    /// The message carries revocation lists; they are not used.
    CmsRevocationLists,
    /// The signer is named by the same attributes in another order than in its certificate.
    SignerNameOrder,
    /// The identifier of the signature algorithm is not one of a signature: the digest algorithm completed it.
    SignatureAlgorithmIncomplete,
    /// The parameters of an algorithm are not as its standard has them.
    AlgorithmParameters,
    /// The hash in the signature algorithm is not the one of the digest algorithm.
    DigestAlgorithmMismatch,
    /// An ECDSA signature is plain r‖s where DER was announced.
    EcdsaPlainForDer,
    /// An ECDSA signature is DER where plain r‖s was announced.
    EcdsaDerForPlain,
    /// A curve is described by explicit parameters; they equal a named curve in full.
    ExplicitEcParameters,
    /// A number of a public key has leading zeros beyond DER's.
    PaddedInteger,
    /// The certificate names no authority key (RFC 5280 §4.2.1.1).
    MissingAuthorityKeyIdentifier,
    /// The certificate names no subject key (RFC 5280 §4.2.1.2).
    MissingSubjectKeyIdentifier,
    /// Issuer and subject name differ in order, case or string type only.
    IssuerNameForm,
    /// The issuer was found by key identifier though its name is another one.
    IssuerNameMismatch,
    /// The issuer was found by name though the key identifiers differ.
    KeyIdentifierMismatch,
    /// The path is longer than the issuer's path length constraint allows.
    PathLengthExceeded,
    /// The issuer is known by a link certificate only; its own signature was not checked.
    LinkCertificateAnchor,
    /// The signature uses SHA-1.
    WeakHash,
    /// The security object lacks the outer tag 77.
    SodWithoutTag,
    /// Bytes follow the end of a file.
    TrailingBytes,
    /// The issuer's key usage or basic constraints are not those of a CA.
    CaAttributes,
    /// The signer's key usage or extended key usage is not the one for this purpose.
    SignerAttributes,
    /// The version of the LDS security object and its contents do not go together.
    LdsVersion,
}

/// A tolerance that was used, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tolerance {
    /// Which rule was relaxed.
    pub code: ToleranceCode,
    /// Where: `sod`, `ds_certificate`, `csca_certificate`, …
    pub at: Cow<'static, str>,
    /// The particulars.
    pub detail: String,
}

impl Tolerance {
    /// A tolerance from its parts.
    #[must_use]
    pub fn new(code: ToleranceCode, at: &'static str, detail: impl Into<String>) -> Self {
        Self { code, at: Cow::Borrowed(at), detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_check_reads_back_as_the_check() {
        let hashes = (1..=16).map(CheckName::DataGroupHash);
        for check in CheckName::PLAIN.iter().map(|(check, _)| *check).chain(hashes) {
            assert_eq!(check.as_str().parse(), Ok(check));
            let json = serde_json::to_string(&check).unwrap();
            assert_eq!(serde_json::from_str::<CheckName>(&json).unwrap(), check);
        }
        for name in ["", "dg0_hash", "dg17_hash", "dg_hash", "sod"] {
            assert!(name.parse::<CheckName>().is_err(), "{name}");
        }
    }
}
