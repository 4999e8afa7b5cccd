//! A certificate: parsed once, kept with its original bytes.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use time::OffsetDateTime;

use super::{Extensions, Name};
use crate::asn1::{Asn1Error, Reader, Rules, Tag, parse_time};
use crate::check::{Tolerance, ToleranceCode};
use crate::crypto::{AlgorithmIdentifier, CryptoError, HashAlgorithm, PublicKey, SignatureAlgorithm};

/// The longest certificate read, in bytes.
const MAX_CERTIFICATE: usize = 64 * 1024;

/// The SHA-256 of a certificate, by which anchors are pinned. Written as 64 hexadecimal digits; colons and spaces are read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = CertificateError;

    fn from_str(text: &str) -> Result<Self, CertificateError> {
        let digits: Vec<u8> = text
            .chars()
            .filter(|character| !matches!(character, ':' | ' '))
            .map(|character| character.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()
            .ok_or(CertificateError::Fingerprint)?;
        if digits.len() != 64 {
            return Err(CertificateError::Fingerprint);
        }
        let mut octets = [0; 32];
        for (octet, pair) in octets.iter_mut().zip(digits.chunks_exact(2)) {
            *octet = pair.iter().fold(0, |sum, digit| sum << 4 | digit);
        }
        Ok(Self(octets))
    }
}

/// Why bytes are not a certificate, or one is not what it is taken for.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// Malformed.
    #[error("malformed certificate: {0}")]
    Malformed(#[from] Asn1Error),
    /// An algorithm identifier or key is malformed, or a hash could not be computed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// Longer than any certificate has reason to be.
    #[error("a certificate of {0} bytes is over the limit")]
    TooLarge(usize),
    /// Not 64 hexadecimal digits.
    #[error("a fingerprint is the SHA-256 in 64 hexadecimal digits")]
    Fingerprint,
}

struct Parsed {
    der: Vec<u8>,
    tbs: Range<usize>,
    spki: Range<usize>,
    algorithm: Range<usize>,
    inner_algorithm: Range<usize>,
    signature: Range<usize>,
    serial: Vec<u8>,
    issuer: Name,
    subject: Name,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    extensions: Extensions,
    fingerprint: Fingerprint,
    key: OnceLock<(PublicKey, Vec<Tolerance>)>,
}

/// A certificate (RFC 5280 §4.1). Cheap to clone.
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

impl Certificate {
    /// Reads a certificate in DER, or in the BER some states write.
    ///
    /// # Errors
    /// [`CertificateError`] when the bytes are none, or something follows.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE {
            return Err(CertificateError::TooLarge(der.len()));
        }
        let range = |part: &[u8]| {
            // Every part is borrowed from `der`, so the distance is one within it.
            let start = part.as_ptr().addr() - der.as_ptr().addr();
            start..start + part.len()
        };
        let mut outer = Reader::new(der, Rules::Ber)?.only()?.expect(Tag::SEQUENCE)?.reader();
        let tbs = outer.expect(Tag::SEQUENCE)?;
        let algorithm = AlgorithmIdentifier::read(outer.next()?)?;
        let signature = outer.next()?.bit_string_octets()?;
        outer.finish()?;

        let mut fields = tbs.reader();
        if let Some(version) = fields.optional(Tag::context(0))?
            && version.reader().only()?.u64()? > 2
        {
            return Err(Asn1Error::BadValue("certificate version").into());
        }
        let serial = fields.next()?.integer()?.to_vec();
        let inner_algorithm = AlgorithmIdentifier::read(fields.next()?)?;
        let issuer = Name::read(fields.next()?)?;
        let mut validity = fields.expect(Tag::SEQUENCE)?.reader();
        let not_before = parse_time(&validity.next()?)?;
        let not_after = parse_time(&validity.next()?)?;
        validity.finish()?;
        let subject = Name::read(fields.next()?)?;
        let spki = fields.expect(Tag::SEQUENCE)?;
        fields.optional(Tag::context_primitive(1))?;
        fields.optional(Tag::context_primitive(2))?;
        let extensions = match fields.optional(Tag::context(3))? {
            Some(extensions) => Extensions::read(extensions.reader().only()?)?,
            None => Extensions::default(),
        };
        fields.finish()?;

        let digest = HashAlgorithm::Sha256.digest(der)?;
        let fingerprint = Fingerprint(digest.try_into().unwrap_or_default());
        Ok(Self(Arc::new(Parsed {
            der: der.to_vec(),
            tbs: range(tbs.raw()),
            spki: range(spki.raw()),
            algorithm: range(algorithm.raw),
            inner_algorithm: range(inner_algorithm.raw),
            signature: range(signature),
            serial,
            issuer,
            subject,
            not_before,
            not_after,
            extensions,
            fingerprint,
            key: OnceLock::new(),
        })))
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.0.der.get(range.clone()).unwrap_or_default()
    }

    /// The whole certificate as it was read.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The signed part.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.slice(&self.0.tbs)
    }

    /// The SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        self.slice(&self.0.spki)
    }

    /// The signature over [`Self::tbs`].
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.slice(&self.0.signature)
    }

    /// The serial number's contents octets.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.0.serial
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// Whose it is.
    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.0.subject
    }

    /// The beginning of its validity.
    #[must_use]
    pub fn not_before(&self) -> OffsetDateTime {
        self.0.not_before
    }

    /// The end of its validity.
    #[must_use]
    pub fn not_after(&self) -> OffsetDateTime {
        self.0.not_after
    }

    /// Its extensions.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }

    /// Its SHA-256.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// Is `at` within its validity?
    #[must_use]
    pub fn is_valid_at(&self, at: OffsetDateTime) -> bool {
        (self.0.not_before..=self.0.not_after).contains(&at)
    }

    /// Do issuer and subject name the same, as in a root or a link between two keys of one name?
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.0.issuer.matches_in_any_order(&self.0.subject)
    }

    /// Is it a root, by name and key identifier? Its signature is not verified by this.
    #[must_use]
    pub fn claims_to_be_root(&self) -> bool {
        let extensions = self.extensions();
        let own_key = match (&extensions.authority_key, &extensions.subject_key) {
            (Some(authority), Some(subject)) => authority == subject,
            _ => true,
        };
        self.is_self_issued() && own_key
    }

    /// Its public key, with what was tolerated in reading it.
    ///
    /// # Errors
    /// When the key is malformed or not of a kind that is computed here.
    pub fn public_key(&self) -> Result<&(PublicKey, Vec<Tolerance>), CryptoError> {
        if let Some(key) = self.0.key.get() {
            return Ok(key);
        }
        let mut tolerances = Vec::new();
        let key = PublicKey::read(self.spki(), "", &mut tolerances)?;
        Ok(self.0.key.get_or_init(|| (key, tolerances)))
    }

    /// The public key, adding to `tolerances` what reading it took, as seen `at` a place.
    ///
    /// # Errors
    /// As [`Self::public_key`].
    pub fn key_for(&self, at: &'static str, tolerances: &mut Vec<Tolerance>) -> Result<&PublicKey, CryptoError> {
        let (key, used) = self.public_key()?;
        tolerances.extend(used.iter().map(|tolerance| Tolerance::new(tolerance.code, at, tolerance.detail.clone())));
        Ok(key)
    }

    /// The algorithm of the signature on it.
    ///
    /// # Errors
    /// When the algorithm is not known, or the one outside is not the one inside (RFC 5280 §4.1.1.2).
    pub fn signature_algorithm(
        &self,
        at: &'static str,
        tolerances: &mut Vec<Tolerance>,
    ) -> Result<SignatureAlgorithm, CryptoError> {
        let identifier =
            |range: &Range<usize>| AlgorithmIdentifier::read(Reader::new(self.slice(range), Rules::Ber)?.only()?);
        let (inside, outside) = (identifier(&self.0.inner_algorithm)?, identifier(&self.0.algorithm)?);
        let algorithm = SignatureAlgorithm::read(&outside, None, at, tolerances)?;
        if inside.raw != outside.raw {
            // Only NULL against nothing is a matter of form; a contradiction speaks against the certificate, known algorithm or not.
            if SignatureAlgorithm::read(&inside, None, at, &mut Vec::new()).ok() != Some(algorithm) {
                return Err(CryptoError::MalformedParameters(outside.oid.to_string()));
            }
            tolerances.push(Tolerance::new(
                ToleranceCode::AlgorithmParameters,
                at,
                "inner and outer algorithm differ in form",
            ));
        }
        Ok(algorithm)
    }

    /// Is it signed by its own key?
    ///
    /// # Errors
    /// As [`Self::verify_signature`].
    pub fn verify_own_signature(&self) -> Result<SignatureAlgorithm, CryptoError> {
        let (key, _) = self.public_key()?;
        self.verify_signature(key, "certificate", &mut Vec::new())
    }

    /// Is it signed by this key?
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`] when not; others when that could not be found out.
    pub fn verify_signature(
        &self,
        issuer: &PublicKey,
        at: &'static str,
        tolerances: &mut Vec<Tolerance>,
    ) -> Result<SignatureAlgorithm, CryptoError> {
        let algorithm = self.signature_algorithm(at, tolerances)?;
        algorithm.verify(issuer, self.tbs(), self.signature(), at, tolerances)?;
        Ok(algorithm)
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.0.subject)
            .field("fingerprint", &self.0.fingerprint)
            .finish()
    }
}
