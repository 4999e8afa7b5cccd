//! The certificate extensions Doc 9303-12 §7.1 profiles.

use std::net::IpAddr;

use crate::asn1::{Asn1Error, Oid, Reader, Rules, Tag, Tlv};

/// 2.5.29: id-ce
const ID_CE: Oid<'static> = Oid::constant(&[0x55, 0x1D]);
/// 2.23.136.1.1.6.2: documentTypeList
const DOCUMENT_TYPES: Oid<'static> = Oid::constant(&[0x67, 0x81, 0x08, 0x01, 0x01, 0x06, 0x02]);
/// 2.23.136.1.1.6.1: nameChange
const NAME_CHANGE: Oid<'static> = Oid::constant(&[0x67, 0x81, 0x08, 0x01, 0x01, 0x06, 0x01]);

/// 2.23.136.1.1.3: the key signs master lists
const MASTER_LIST_SIGNER: Oid<'static> = Oid::constant(&[0x67, 0x81, 0x08, 0x01, 0x01, 0x03]);
/// 0.4.0.127.0.7.3.11.2.1.2: the key signs defect lists
const DEFECT_LIST_SIGNER: Oid<'static> = Oid::constant(&[0x04, 0x00, 0x7F, 0x00, 0x07, 0x03, 0x0B, 0x02, 0x01, 0x02]);

/// What of a certificate's extensions an inspection needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions {
    /// AuthorityKeyIdentifier: the key identifier.
    pub authority_key: Option<Vec<u8>>,
    /// SubjectKeyIdentifier.
    pub subject_key: Option<Vec<u8>>,
    /// KeyUsage, bit 0 (digitalSignature) being the highest of 16.
    pub key_usage: Option<u16>,
    /// ExtendedKeyUsage, contents octets of each purpose.
    pub extended_key_usage: Option<Vec<Vec<u8>>>,
    /// BasicConstraints: is it a CA, and how many CAs may follow?
    pub basic_constraints: Option<(bool, Option<u64>)>,
    /// The document types its holder may sign, as in the MRZ's document code (Doc 9303-12 §7.1.1.6).
    pub document_types: Option<Vec<String>>,
    /// URIs of revocation lists.
    pub crl_uris: Vec<String>,
    /// SubjectAltName: DNS names, as written. Documents have none; servers do.
    pub dns_names: Vec<String>,
    /// SubjectAltName: IP addresses.
    pub ip_addresses: Vec<IpAddr>,
    /// The issuer said that the name it goes by has changed (Doc 9303-12 §7.1.1.6).
    pub name_change: bool,
    /// Extensions marked critical that are not understood here, or whose contents are malformed.
    pub unknown_critical: Vec<String>,
    /// Extensions that stand there more than once (RFC 5280 §4.2 forbids it); the last of them was taken.
    pub repeated: Vec<String>,
    /// Extensions not marked critical whose contents are malformed: kept apart, since real certificates have them.
    pub malformed: Vec<String>,
}

impl Extensions {
    /// Reads the SEQUENCE OF Extension.
    ///
    /// # Errors
    /// When the sequence itself is malformed; a malformed extension is listed in [`Self::malformed`].
    pub fn read(sequence: Tlv<'_>) -> Result<Self, Asn1Error> {
        let mut found = Self::default();
        let mut seen = Vec::new();
        let mut extensions = sequence.expect(Tag::SEQUENCE)?.reader();
        while let Some(extension) = extensions.next_if_any()? {
            let mut fields = extension.expect(Tag::SEQUENCE)?.reader();
            let oid = fields.next()?.oid()?;
            let critical =
                fields.optional(Tag::BOOLEAN)?.map(|critical| critical.boolean()).transpose()?.unwrap_or(false);
            let value = fields.expect(Tag::OCTET_STRING)?.contents();
            fields.finish()?;
            if seen.contains(&oid) {
                found.repeated.push(oid.to_string());
            }
            seen.push(oid);
            match found.take(oid, value) {
                Ok(true) => {}
                Ok(false) if critical => found.unknown_critical.push(oid.to_string()),
                Ok(false) => {}
                Err(_) if critical => found.unknown_critical.push(oid.to_string()),
                Err(_) => found.malformed.push(oid.to_string()),
            }
        }
        Ok(found)
    }

    /// Does ExtendedKeyUsage name this purpose itself? anyExtendedKeyUsage is another.
    #[must_use]
    pub fn has_purpose(&self, purpose: Oid<'_>) -> bool {
        self.extended_key_usage.iter().flatten().any(|known| known == purpose.contents())
    }

    /// Is the key one for signing lists? Then it signs neither certificates nor documents.
    #[must_use]
    pub fn is_for_lists(&self) -> bool {
        self.has_purpose(MASTER_LIST_SIGNER) || self.has_purpose(DEFECT_LIST_SIGNER)
    }

    /// Is the key one for signing master lists (Doc 9303-12 §9)?
    #[must_use]
    pub fn is_for_master_lists(&self) -> bool {
        self.has_purpose(MASTER_LIST_SIGNER)
    }

    /// Is the key one for signing defect lists (TR-03129-2 §7.2)?
    #[must_use]
    pub fn is_for_defect_lists(&self) -> bool {
        self.has_purpose(DEFECT_LIST_SIGNER)
    }

    /// May the key sign certificates?
    #[must_use]
    pub fn may_sign_certificates(&self) -> bool {
        self.key_usage.is_none_or(|usage| usage & 0x0400 != 0)
    }

    /// May the key sign revocation lists?
    #[must_use]
    pub fn may_sign_crls(&self) -> bool {
        self.key_usage.is_none_or(|usage| usage & 0x0200 != 0)
    }

    /// May the key sign data?
    #[must_use]
    pub fn may_sign_data(&self) -> bool {
        self.key_usage.is_none_or(|usage| usage & 0x8000 != 0)
    }

    /// Takes one extension in; false when it is not one of those understood.
    fn take(&mut self, oid: Oid<'_>, value: &[u8]) -> Result<bool, Asn1Error> {
        let content = || Reader::new(value, Rules::Ber)?.only();
        if oid == DOCUMENT_TYPES {
            self.document_types = Some(document_types(content()?)?);
            return Ok(true);
        }
        if oid == NAME_CHANGE {
            self.name_change = true;
            return Ok(true);
        }
        match oid.below(ID_CE) {
            Some([14]) => self.subject_key = Some(content()?.expect(Tag::OCTET_STRING)?.contents().to_vec()),
            Some([15]) => {
                let (octets, _) = content()?.bit_string()?;
                let octet = |at: usize| u16::from(octets.get(at).copied().unwrap_or(0));
                self.key_usage = Some(octet(0) << 8 | octet(1));
            }
            Some([19]) => {
                let mut fields = content()?.expect(Tag::SEQUENCE)?.reader();
                let authority =
                    fields.optional(Tag::BOOLEAN)?.map(|value| value.boolean()).transpose()?.unwrap_or(false);
                let path_length = fields.optional(Tag::INTEGER)?.map(|value| value.u64()).transpose()?;
                fields.finish()?;
                self.basic_constraints = Some((authority, path_length));
            }
            Some([31]) => self.crl_uris = crl_uris(content()?)?,
            Some([35]) => {
                let mut fields = content()?.expect(Tag::SEQUENCE)?.reader();
                let key = fields.optional(Tag::context_primitive(0))?;
                self.authority_key = key.map(|key| key.contents().to_vec());
            }
            Some([37]) => {
                let mut purposes = Vec::new();
                let mut fields = content()?.expect(Tag::SEQUENCE)?.reader();
                while let Some(purpose) = fields.next_if_any()? {
                    purposes.push(purpose.oid()?.contents().to_vec());
                }
                self.extended_key_usage = Some(purposes);
            }
            Some([17]) => self.take_subject_names(value),
            // Private key usage period, issuer's alternative names, policies: of no bearing on an inspection (Doc 9303-12 table 6).
            Some([16 | 18 | 32]) => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Takes the names of SubjectAltName by which a server is known. Documents' certificates carry all kinds of things here, which have no bearing
    /// on an inspection (Doc 9303-12 table 6), so what cannot be read is no fault: it is a name that matches no host.
    fn take_subject_names(&mut self, value: &[u8]) {
        let Ok(sequence) = Reader::new(value, Rules::Ber).and_then(Reader::only) else { return };
        let Ok(sequence) = sequence.expect(Tag::SEQUENCE) else { return };
        let mut names = sequence.reader();
        while let Ok(Some(name)) = names.next_if_any() {
            let octets = name.contents();
            if name.tag() == Tag::context_primitive(2) {
                self.dns_names.extend(std::str::from_utf8(octets).map(str::to_owned));
            } else if name.tag() == Tag::context_primitive(7) {
                self.ip_addresses.extend(ip_address(octets));
            }
        }
    }
}

/// iPAddress: four octets or sixteen (RFC 5280 §4.2.1.6).
fn ip_address(octets: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from).ok();
    four.or_else(|| <[u8; 16]>::try_from(octets).map(IpAddr::from).ok())
}

/// DocumentTypeListSyntax: version 0 and a SET OF text.
fn document_types(element: Tlv<'_>) -> Result<Vec<String>, Asn1Error> {
    let mut fields = element.expect(Tag::SEQUENCE)?.reader();
    fields.next()?.u64()?;
    let mut types = Vec::new();
    let mut set = fields.expect(Tag::SET)?.reader();
    while let Some(document_type) = set.next_if_any()? {
        let text = std::str::from_utf8(document_type.contents()).map_err(|_| Asn1Error::BadValue("document type"))?;
        types.push(text.to_owned());
    }
    Ok(types)
}

/// The URIs of all distribution points' full names.
fn crl_uris(element: Tlv<'_>) -> Result<Vec<String>, Asn1Error> {
    let mut uris = Vec::new();
    let mut points = element.expect(Tag::SEQUENCE)?.reader();
    while let Some(point) = points.next_if_any()? {
        let Some(name) = point.expect(Tag::SEQUENCE)?.reader().optional(Tag::context(0))? else { continue };
        let Some(full_name) = name.reader().optional(Tag::context(0))? else { continue };
        let mut names = full_name.reader();
        while let Some(name) = names.next_if_any()? {
            if name.tag() == Tag::context_primitive(6) {
                uris.push(String::from_utf8_lossy(name.contents()).into_owned());
            }
        }
    }
    Ok(uris)
}
