//! Signed messages: CMS SignedData (RFC 5652 §5) as security objects, lists and EF.CardSecurity use it.
//!
//! Reading separates the message into the slices it came as; [`SignedData::verify`] checks one signer under one certificate. Who may sign is
//! decided elsewhere: a certificate carried in a message is a candidate, never an anchor.

use std::borrow::Cow;

use time::OffsetDateTime;

use crate::asn1::{Asn1Error, Departures, Oid, Reader, Rules, Tag, Tlv, departures_from_der, encode, parse_time};
use crate::check::{Tolerance, ToleranceCode};
use crate::crypto::{AlgorithmIdentifier, CryptoError, HashAlgorithm, PublicKey, SignatureAlgorithm};
use crate::x509::{Certificate, Name};

/// 1.2.840.113549.1.7.2: signedData
const SIGNED_DATA: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]);
/// signingTime (RFC 5652 §11.3).
const SIGNING_TIME: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05]);
/// 1.2.840.113549.1.9.3: contentType
const CONTENT_TYPE: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03]);
/// 1.2.840.113549.1.9.4: messageDigest
const MESSAGE_DIGEST: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04]);
/// More certificates than any message carries outside its content.
const MAX_CERTIFICATES: usize = 64;

/// Why a message could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CmsError {
    /// Malformed.
    #[error("malformed signed message: {0}")]
    Malformed(#[from] Asn1Error),
    /// An algorithm identifier is malformed.
    #[error("malformed signed message: {0}")]
    Algorithm(#[from] CryptoError),
    /// Some other kind of CMS message.
    #[error("content type {0} is no signed message")]
    NotSignedData(String),
    /// The signed content is not inside.
    #[error("the signed message is detached from its content")]
    NoContent,
    /// Not exactly one signer.
    #[error("the message has {0} signers, not one")]
    Signers(usize),
    /// More certificates than is reasonable.
    #[error("the message carries more than {MAX_CERTIFICATES} certificates")]
    TooManyCertificates,
}

/// Why a signer's signature is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SignatureRefusal {
    /// There are no signed attributes, though the content is not plain data (RFC 5652 §5.3).
    #[error("no signed attributes")]
    NoSignedAttributes,
    /// A signed attribute is missing, doubled or malformed.
    #[error("signed attribute {0} is missing, doubled or malformed")]
    Attribute(&'static str),
    /// The signed content type is not the message's.
    #[error("the signed content type is not the message's")]
    ContentType,
    /// The content's digest is not the signed one.
    #[error("the content's digest is not the signed one")]
    MessageDigest,
    /// The signature or its algorithm.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl SignatureRefusal {
    /// Is this a verdict on the bytes, rather than a limit of this implementation?
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::Crypto(error) if !error.is_refusal())
    }

    /// A short code for evidence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSignedAttributes => "no_signed_attributes",
            Self::Attribute(_) => "malformed_signed_attributes",
            Self::ContentType => "content_type_differs",
            Self::MessageDigest => "message_digest_differs",
            Self::Crypto(error) => error.code(),
        }
    }
}

/// How a signer is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerIdentifier {
    /// By the issuer and serial number of its certificate.
    IssuerAndSerial(Box<Name>, Vec<u8>),
    /// By its key's identifier.
    SubjectKey(Vec<u8>),
}

impl SignerIdentifier {
    /// Reads a SignerIdentifier.
    ///
    /// # Errors
    /// When the element is none.
    pub fn read(element: Tlv<'_>) -> Result<Self, Asn1Error> {
        if element.tag() == Tag::context_primitive(0) {
            return Ok(Self::SubjectKey(element.contents().to_vec()));
        }
        let mut fields = element.expect(Tag::SEQUENCE)?.reader();
        let issuer = Name::read(fields.next()?)?;
        let serial = fields.next()?.integer()?.to_vec();
        fields.finish()?;
        Ok(Self::IssuerAndSerial(Box::new(issuer), serial))
    }

    /// Does it name this certificate? The attributes of the issuer may stand in another order, as in Malaysia's documents.
    #[must_use]
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial(issuer, serial) => {
                serial == certificate.serial() && issuer.matches_in_any_order(certificate.issuer())
            }
            Self::SubjectKey(key) => certificate.extensions().subject_key.as_ref() == Some(key),
        }
    }

    /// What had to be overlooked for it to name this certificate.
    fn tolerance(&self, certificate: &Certificate, at: &'static str) -> Option<Tolerance> {
        let Self::IssuerAndSerial(issuer, _) = self else { return None };
        if issuer.der() == certificate.issuer().der() {
            return None;
        }
        let form = if issuer.matches(certificate.issuer()) { "form" } else { "order" };
        // The digest tells string types apart, which the printed name does not.
        let digest =
            HashAlgorithm::Sha256.digest(issuer.der()).map_or_else(|_| String::new(), |digest| crate::hex(&digest));
        let detail = format!("same attributes in another {form}: {issuer} (SHA-256 {digest})");
        Some(Tolerance::new(ToleranceCode::SignerNameOrder, at, detail))
    }
}

/// One signer.
#[derive(Debug, Clone)]
struct SignerInfo<'a> {
    version: u64,
    identifier: SignerIdentifier,
    digest_algorithm: AlgorithmIdentifier<'a>,
    signed_attributes: Option<Tlv<'a>>,
    signature_algorithm: AlgorithmIdentifier<'a>,
    signature: Cow<'a, [u8]>,
    has_unsigned_attributes: bool,
}

/// A signed message with its one signer.
#[derive(Debug, Clone)]
pub struct SignedData<'a> {
    version: u64,
    digest_algorithms: Vec<AlgorithmIdentifier<'a>>,
    content_type: Oid<'a>,
    content: Cow<'a, [u8]>,
    certificates: Vec<&'a [u8]>,
    has_crls: bool,
    signer: SignerInfo<'a>,
    departures: Departures,
}

impl<'a> SignedData<'a> {
    /// Reads a ContentInfo holding SignedData.
    ///
    /// # Errors
    /// [`CmsError`]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, CmsError> {
        let departures = departures_from_der(bytes)?;
        let mut info = Reader::new(bytes, Rules::Ber)?.only()?.expect(Tag::SEQUENCE)?.reader();
        let kind = info.next()?.oid()?;
        if kind != SIGNED_DATA {
            return Err(CmsError::NotSignedData(kind.to_string()));
        }
        let mut fields = info.expect(Tag::context(0))?.reader().only()?.expect(Tag::SEQUENCE)?.reader();
        info.finish()?;

        let version = fields.next()?.u64()?;
        let digest_algorithms = read_all(fields.expect(Tag::SET)?, |element| Ok(AlgorithmIdentifier::read(element)?))?;
        let mut encapsulated = fields.expect(Tag::SEQUENCE)?.reader();
        let content_type = encapsulated.next()?.oid()?;
        let content = encapsulated.optional(Tag::context(0))?.ok_or(CmsError::NoContent)?.reader().only()?;
        encapsulated.finish()?;
        if !matches!(content.tag().identifier(), 0x04 | 0x24) {
            return Err(Asn1Error::UnexpectedTag { expected: Tag::OCTET_STRING, found: content.tag() }.into());
        }
        let content = content.octets()?;
        let certificates = match fields.optional(Tag::context(0))? {
            Some(set) => read_all(set, |element| Ok(element.raw()))?,
            None => Vec::new(),
        };
        if certificates.len() > MAX_CERTIFICATES {
            return Err(CmsError::TooManyCertificates);
        }
        let has_crls = fields.optional(Tag::context(1))?.is_some();
        let mut signers = read_all(fields.expect(Tag::SET)?, SignerInfo::read)?;
        fields.finish()?;
        let (Some(signer), true) = (signers.pop(), signers.is_empty()) else {
            return Err(CmsError::Signers(signers.len()));
        };
        Ok(Self { version, digest_algorithms, content_type, content, certificates, has_crls, signer, departures })
    }

    /// The type of the signed content.
    #[must_use]
    pub fn content_type(&self) -> Oid<'a> {
        self.content_type
    }

    /// The signed content.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// The certificates it carries, as they stand there. Candidates, not anchors.
    #[must_use]
    pub fn certificates(&self) -> &[&'a [u8]] {
        &self.certificates
    }

    /// How the signer is named.
    #[must_use]
    pub fn signer(&self) -> &SignerIdentifier {
        &self.signer.identifier
    }

    /// The digest algorithms announced, for evidence.
    #[must_use]
    pub fn announced_digests(&self) -> String {
        let mut names: Vec<String> = self
            .digest_algorithms
            .iter()
            .map(|algorithm| {
                HashAlgorithm::from_oid(algorithm.oid)
                    .map_or_else(|_| algorithm.oid.to_string(), |hash| hash.to_string())
            })
            .collect();
        names.sort();
        names.join(",")
    }

    /// The certificate carried inside that the signer's identifier names.
    #[must_use]
    pub fn signer_certificate(&self) -> Option<Certificate> {
        let mut carried = self.certificates.iter().filter_map(|der| Certificate::parse(der).ok());
        carried.find(|certificate| self.signer.identifier.names(certificate))
    }

    /// When the signer says it signed; to be believed once [`Self::verify`] has found the signature good.
    #[must_use]
    pub fn signing_time(&self) -> Option<OffsetDateTime> {
        parse_time(&attribute(&self.signer.signed_attributes?, SIGNING_TIME)?).ok()
    }

    /// What the signature is over: the signed attributes as a SET OF, as they were delivered.
    #[must_use]
    pub fn signed_message(&self) -> Option<Vec<u8>> {
        self.signer.signed_attributes.map(|attributes| encode(Tag::SET, attributes.contents()))
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signer.signature
    }

    /// Verifies the signer's signature under a certificate's key, and the content against the signed digest. The caller has
    /// chosen the certificate; what had to be tolerated is added to `tolerances` as seen `at` a place.
    ///
    /// # Errors
    /// [`SignatureRefusal`]
    pub fn verify(
        &self,
        certificate: &Certificate,
        at: &'static str,
        tolerances: &mut Vec<Tolerance>,
    ) -> Result<SignatureAlgorithm, SignatureRefusal> {
        let hash = self.signer.digest_algorithm.hash()?;
        let mut used = self.tolerances(at, hash);
        used.extend(self.signer.identifier.tolerance(certificate, at));
        let algorithm = SignatureAlgorithm::read(&self.signer.signature_algorithm, Some(hash), at, &mut used)?;
        if algorithm.hash() != hash {
            let detail = format!("digest {hash}, signature over {}", algorithm.hash());
            used.push(Tolerance::new(ToleranceCode::DigestAlgorithmMismatch, at, detail));
        }
        let attributes = self.signer.signed_attributes.ok_or(SignatureRefusal::NoSignedAttributes)?;
        self.check_attributes(&attributes, hash)?;
        let key = certificate.key_for("ds_certificate", &mut used)?;
        self.verify_attributes(&attributes, &algorithm, key, at, &mut used)?;
        tolerances.append(&mut used);
        Ok(algorithm)
    }

    /// contentType and messageDigest, each once (RFC 5652 §11.1, §11.2).
    fn check_attributes(&self, attributes: &Tlv<'_>, hash: HashAlgorithm) -> Result<(), SignatureRefusal> {
        let content_type = attribute(attributes, CONTENT_TYPE).ok_or(SignatureRefusal::Attribute("contentType"))?;
        let content_type = content_type.oid().map_err(|_| SignatureRefusal::Attribute("contentType"))?;
        if content_type != self.content_type {
            return Err(SignatureRefusal::ContentType);
        }
        let digest = attribute(attributes, MESSAGE_DIGEST).ok_or(SignatureRefusal::Attribute("messageDigest"))?;
        let digest = digest.expect(Tag::OCTET_STRING).map_err(|_| SignatureRefusal::Attribute("messageDigest"))?;
        if digest.contents() != hash.digest(&self.content)? {
            return Err(SignatureRefusal::MessageDigest);
        }
        Ok(())
    }

    /// The signature is over the attributes as a SET OF in DER, whatever stands in the message (RFC 5652 §5.4). What was signed is
    /// tried first as it stands, then put in DER's order.
    fn verify_attributes(
        &self,
        attributes: &Tlv<'_>,
        algorithm: &SignatureAlgorithm,
        key: &PublicKey,
        at: &'static str,
        used: &mut Vec<Tolerance>,
    ) -> Result<(), SignatureRefusal> {
        let as_delivered = encode(Tag::SET, attributes.contents());
        let mut elements =
            read_all(*attributes, |element| Ok(element.raw())).map_err(|_| SignatureRefusal::Attribute("set"))?;
        elements.sort_unstable();
        let in_order = encode(Tag::SET, &elements.concat());
        let verified = algorithm.verify(key, &as_delivered, &self.signer.signature, at, used);
        if as_delivered == in_order {
            return Ok(verified?);
        }
        if matches!(verified, Err(CryptoError::BadSignature)) {
            algorithm.verify(key, &in_order, &self.signer.signature, at, used)?;
            used.push(Tolerance::new(
                ToleranceCode::CmsSignedAttributesNotDer,
                at,
                "delivered out of order, signed in order",
            ));
            return Ok(());
        }
        verified?;
        used.push(Tolerance::new(ToleranceCode::CmsSignedAttributesNotDer, at, "signed out of order"));
        Ok(())
    }

    /// Departures of the message's form from its standard, whoever signed it.
    fn tolerances(&self, at: &'static str, hash: HashAlgorithm) -> Vec<Tolerance> {
        let mut found = Vec::new();
        let mut add = |code, detail: String| found.push(Tolerance::new(code, at, detail));
        if self.departures.indefinite_length {
            add(ToleranceCode::BerIndefiniteLength, "indefinite length".to_owned());
        }
        if self.departures.padded_length {
            add(ToleranceCode::BerPaddedLength, "length not in its shortest form".to_owned());
        }
        if self.version != 3 {
            add(ToleranceCode::CmsVersion, format!("SignedData version {}", self.version));
        }
        let expected = match self.signer.identifier {
            SignerIdentifier::IssuerAndSerial(..) => 1,
            SignerIdentifier::SubjectKey(_) => 3,
        };
        if self.signer.version != expected {
            add(ToleranceCode::CmsVersion, format!("SignerInfo version {}", self.signer.version));
        }
        if !matches!(self.digest_algorithms.as_slice(), [only] if only.oid == hash.oid()) {
            add(ToleranceCode::CmsDigestAlgorithms, format!("announced {}, used {hash}", self.announced_digests()));
        }
        for algorithm in &self.digest_algorithms {
            if algorithm.has_parameters() {
                add(ToleranceCode::AlgorithmParameters, format!("{} with parameters", algorithm.oid));
            }
        }
        if self.signer.has_unsigned_attributes {
            add(ToleranceCode::CmsUnsignedAttributes, "not used".to_owned());
        }
        if self.certificates.len() > 1 {
            add(ToleranceCode::CmsFurtherCertificates, format!("{} certificates", self.certificates.len()));
        }
        if self.has_crls {
            add(ToleranceCode::CmsRevocationLists, "not used".to_owned());
        }
        found
    }
}

impl<'a> SignerInfo<'a> {
    fn read(element: Tlv<'a>) -> Result<Self, CmsError> {
        let mut fields = element.expect(Tag::SEQUENCE)?.reader();
        let version = fields.next()?.u64()?;
        let identifier = SignerIdentifier::read(fields.next()?)?;
        let digest_algorithm = AlgorithmIdentifier::read(fields.next()?)?;
        let signed_attributes = fields.optional(Tag::context(0))?;
        let signature_algorithm = AlgorithmIdentifier::read(fields.next()?)?;
        let signature = fields.next()?;
        if !matches!(signature.tag().identifier(), 0x04 | 0x24) {
            return Err(Asn1Error::UnexpectedTag { expected: Tag::OCTET_STRING, found: signature.tag() }.into());
        }
        let has_unsigned_attributes = fields.optional(Tag::context(1))?.is_some();
        fields.finish()?;
        Ok(Self {
            version,
            identifier,
            digest_algorithm,
            signed_attributes,
            signature_algorithm,
            signature: signature.octets()?,
            has_unsigned_attributes,
        })
    }
}

/// The one value of the one attribute of this type.
fn attribute<'a>(attributes: &Tlv<'a>, wanted: Oid<'_>) -> Option<Tlv<'a>> {
    let mut found = None;
    let mut elements = attributes.reader();
    while let Some(element) = elements.next_if_any().ok()? {
        let mut fields = element.expect(Tag::SEQUENCE).ok()?.reader();
        if fields.next().ok()?.oid().ok()? != wanted {
            continue;
        }
        let value = fields.expect(Tag::SET).ok()?.reader().only().ok()?;
        if fields.finish().is_err() || found.replace(value).is_some() {
            return None;
        }
    }
    found
}

fn read_all<'a, T>(set: Tlv<'a>, read: impl Fn(Tlv<'a>) -> Result<T, CmsError>) -> Result<Vec<T>, CmsError> {
    let mut elements = set.reader();
    let mut all = Vec::new();
    while let Some(element) = elements.next_if_any()? {
        all.push(read(element)?);
    }
    Ok(all)
}
