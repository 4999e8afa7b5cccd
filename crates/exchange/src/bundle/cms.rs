//! The signature around a bundle: SignedData with one signer (RFC 5652 §5).

use emrtd::asn1::{Tag, encode};
use emrtd::builder::der;
use emrtd::cms::SignedData;
use emrtd::crypto::HashAlgorithm;
use emrtd::x509::Certificate;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{HasPrivate, Id, PKeyRef};
use openssl::sign::Signer;
use straznica_types::Timestamp;
use time::OffsetDateTime;

use super::BundleError;

/// id-data (RFC 5652 §4).
pub(super) const DATA: &str = "1.2.840.113549.1.7.1";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";

/// How a bundle is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleAlgorithm {
    /// ECDSA with SHA-256, the signature in DER.
    EcdsaSha256,
    /// ECDSA with SHA-384, the signature in DER.
    EcdsaSha384,
    /// ECDSA with SHA-512, the signature in DER.
    EcdsaSha512,
    /// RSA PKCS #1 v1.5 with SHA-256.
    RsaSha256,
}

impl BundleAlgorithm {
    /// The one that suits a key.
    #[must_use]
    pub fn of<T: HasPrivate>(key: &PKeyRef<T>) -> Option<Self> {
        match (key.id(), key.bits()) {
            (Id::RSA, _) => Some(Self::RsaSha256),
            (Id::EC, ..=320) => Some(Self::EcdsaSha256),
            (Id::EC, ..=384) => Some(Self::EcdsaSha384),
            (Id::EC, _) => Some(Self::EcdsaSha512),
            _ => None,
        }
    }

    pub(super) fn sign<T: HasPrivate>(self, key: &PKeyRef<T>, message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let digest = match self {
            Self::EcdsaSha256 | Self::RsaSha256 => MessageDigest::sha256(),
            Self::EcdsaSha384 => MessageDigest::sha384(),
            Self::EcdsaSha512 => MessageDigest::sha512(),
        };
        Signer::new(digest, key)?.sign_oneshot_to_vec(message)
    }

    const fn hash(self) -> HashAlgorithm {
        match self {
            Self::EcdsaSha256 | Self::RsaSha256 => HashAlgorithm::Sha256,
            Self::EcdsaSha384 => HashAlgorithm::Sha384,
            Self::EcdsaSha512 => HashAlgorithm::Sha512,
        }
    }

    fn identifier(self) -> Result<Vec<u8>, BundleError> {
        // RFC 5758 §3.2: no parameters with ECDSA; RFC 8017 §A.2.4: NULL with RSA.
        let (oid, parameters) = match self {
            Self::EcdsaSha256 => ("1.2.840.10045.4.3.2", Vec::new()),
            Self::EcdsaSha384 => ("1.2.840.10045.4.3.3", Vec::new()),
            Self::EcdsaSha512 => ("1.2.840.10045.4.3.4", Vec::new()),
            Self::RsaSha256 => ("1.2.840.113549.1.1.11", encode(Tag::NULL, &[])),
        };
        Ok(der::sequence(&[&der::oid(oid)?, &parameters]))
    }
}

/// A bundle that only lacks its signature.
#[derive(Debug)]
pub struct Draft {
    content: Vec<u8>,
    certificates: Vec<Vec<u8>>,
    /// issuerAndSerialNumber of the signer.
    signer: Vec<u8>,
    algorithm: BundleAlgorithm,
    /// Signed attributes in DER's order, without a tag.
    attributes: Vec<u8>,
    to_be_signed: Vec<u8>,
}

impl Draft {
    pub(super) fn new(
        content: &[u8],
        created: Timestamp,
        chain: &[Vec<u8>],
        algorithm: BundleAlgorithm,
    ) -> Result<Self, BundleError> {
        let own = Certificate::parse(chain.first().ok_or(BundleError::NoSigner)?)?;
        let signer = der::sequence(&[own.issuer().der(), &encode(Tag::INTEGER, own.serial())]);
        let digest = algorithm.hash().digest(content).map_err(emrtd::cms::CmsError::from)?;
        let at = OffsetDateTime::from_unix_timestamp(created.seconds())?;
        let mut attributes = [
            attribute(CONTENT_TYPE, der::oid(DATA)?)?,
            attribute(MESSAGE_DIGEST, der::octet_string(&digest))?,
            attribute(SIGNING_TIME, der::time(at))?,
        ];
        attributes.sort();
        let attributes = attributes.concat();
        // Signed as a SET OF, sent under [0] (RFC 5652 §5.4).
        let to_be_signed = encode(Tag::SET, &attributes);
        Ok(Self {
            content: content.to_vec(),
            certificates: chain.to_vec(),
            signer,
            algorithm,
            attributes,
            to_be_signed,
        })
    }

    /// What the signature has to be over.
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.to_be_signed
    }

    /// The file. The signature is verified: what leaves can be read.
    ///
    /// # Errors
    /// [`BundleError::Signature`] when it is another key's or over something else.
    pub fn finish(self, signature: &[u8]) -> Result<Vec<u8>, BundleError> {
        let hash = encode(Tag::OID, self.algorithm.hash().oid().contents());
        let hash = der::sequence(&[&hash]);
        let signer = der::sequence(&[
            &der::number(1),
            &self.signer,
            &hash,
            &der::context(0, &self.attributes),
            &self.algorithm.identifier()?,
            &der::octet_string(signature),
        ]);
        let own = self.certificates.first().ok_or(BundleError::NoSigner)?;
        let own = Certificate::parse(own)?;
        let mut certificates = self.certificates;
        certificates.sort();
        let signed_data = der::sequence(&[
            &der::number(1),
            &der::set_of(vec![hash]),
            &der::sequence(&[&der::oid(DATA)?, &der::context(0, &der::octet_string(&self.content))]),
            &der::context(0, &certificates.concat()),
            &der::set_of(vec![signer]),
        ]);
        let file = der::sequence(&[&der::oid(SIGNED_DATA)?, &der::context(0, &signed_data)]);
        SignedData::parse(&file)?.verify(&own, "bundle", &mut Vec::new())?;
        Ok(file)
    }
}

fn attribute(oid: &str, value: Vec<u8>) -> Result<Vec<u8>, BundleError> {
    Ok(der::sequence(&[&der::oid(oid)?, &der::set_of(vec![value])]))
}
