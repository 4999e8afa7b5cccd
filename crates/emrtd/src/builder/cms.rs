//! CMS SignedData (RFC 5652) with one signer, as EF.SOD, EF.CardSecurity and the lists are built.

use time::OffsetDateTime;

use super::algorithm::{SigningKey, digest_identifier};
use super::{BuilderError, Digest, der};
use crate::asn1::{Tag, encode};

/// Who signs: key, certificate, and how the certificate is named.
#[derive(Clone, Debug)]
pub(super) struct Signatory {
    pub(super) key: SigningKey,
    pub(super) certificate: Vec<u8>,
    /// Name of the issuer, DER.
    pub(super) issuer: Vec<u8>,
    /// Serial number, DER INTEGER.
    pub(super) serial: Vec<u8>,
}

impl Signatory {
    /// IssuerAndSerialNumber
    pub(super) fn issuer_and_serial(&self) -> Vec<u8> {
        der::sequence(&[&self.issuer, &self.serial])
    }
}

/// ContentInfo around SignedData of version 3 with the signer's certificate, `further` certificates, and signed
/// attributes: content type, message digest and, for lists, the time.
pub(super) fn signed_data(
    content_type: &str,
    content: &[u8],
    signatory: &Signatory,
    further: &[&[u8]],
    signing_time: Option<OffsetDateTime>,
) -> Result<Vec<u8>, BuilderError> {
    let digest = signatory.key.algorithm().digest();
    let content_type = der::oid(content_type)?;
    let attributes = signed_attributes(&content_type, content, digest, signing_time)?;
    let signature = signatory.key.sign(&encode(Tag::SET, &attributes))?;
    let digest = digest_identifier(digest);
    let signer = der::sequence(&[
        &der::number(1),
        &signatory.issuer_and_serial(),
        &digest,
        &der::context(0, &attributes),
        &signatory.key.algorithm().identifier()?,
        &der::octet_string(&signature),
    ]);
    let mut certificates = vec![signatory.certificate.clone()];
    certificates.extend(further.iter().map(|certificate| certificate.to_vec()));
    certificates.sort();
    let signed_data = der::sequence(&[
        &der::number(3),
        &der::set_of(vec![digest]),
        &der::sequence(&[&content_type, &der::context(0, &der::octet_string(content))]),
        &der::context(0, &certificates.concat()),
        &der::set_of(vec![signer]),
    ]);
    Ok(der::sequence(&[&der::oid("1.2.840.113549.1.7.2")?, &der::context(0, &signed_data)]))
}

/// The attributes in DER's order, without a tag: SET OF when signed, `[0]` when sent (RFC 5652 §5.4).
fn signed_attributes(
    content_type: &[u8],
    content: &[u8],
    digest: Digest,
    signing_time: Option<OffsetDateTime>,
) -> Result<Vec<u8>, BuilderError> {
    let attribute = |oid: &str, value: Vec<u8>| -> Result<Vec<u8>, BuilderError> {
        Ok(der::sequence(&[&der::oid(oid)?, &der::set_of(vec![value])]))
    };
    let mut attributes = vec![
        attribute("1.2.840.113549.1.9.3", content_type.to_vec())?,
        attribute("1.2.840.113549.1.9.4", der::octet_string(&digest.digest(content)?))?,
    ];
    if let Some(at) = signing_time {
        attributes.push(attribute("1.2.840.113549.1.9.5", der::time(at))?);
    }
    attributes.sort();
    Ok(attributes.concat())
}
