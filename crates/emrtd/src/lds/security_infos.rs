//! SecurityInfos: what protocols a chip offers, in DG14, EF.CardAccess and EF.CardSecurity (TR-03110-3 §A.1, Doc 9303-11 §9.2).
//!
//! Each SecurityInfo is `{ protocol OID, required data, optional data }`. Known protocols are typed; an unknown one is
//! kept by its identifier, as the standards ask ("a terminal shall ignore those it does not know"). A known one with
//! other contents than the standard gives it is kept as malformed: it offers nothing, but it does not take the chip's
//! other keys away. What the state signed is decided by the hash of the file, not here.

use super::{LdsError, SubjectPublicKeyInfo, file};
use crate::asn1::{Oid, Reader, Tag, Tlv};

/// More entries than any chip has protocols.
const MAX_ENTRIES: usize = 64;
/// bsi-de protocols smartcard: 0.4.0.127.0.7.2.2
const SMARTCARD: Oid<'static> = Oid::constant(&[0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02]);
/// id-icao-mrtd-security-aaProtocolObject: 2.23.136.1.1.5
const ACTIVE_AUTHENTICATION: Oid<'static> = Oid::constant(&[0x67, 0x81, 0x08, 0x01, 0x01, 0x05]);

/// How two parties agree on a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAgreement {
    /// Diffie-Hellman in a prime field.
    Dh,
    /// Diffie-Hellman on an elliptic curve.
    Ecdh,
}

/// Cipher of the secure channel that results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    /// Two-key triple DES.
    TripleDes,
    /// AES with a key of 128 bits.
    Aes128,
    /// AES with a key of 192 bits.
    Aes192,
    /// AES with a key of 256 bits.
    Aes256,
}

/// How PACE maps the nonce to a generator (Doc 9303-11 §4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaceMapping {
    /// Generic mapping.
    Generic,
    /// Integrated mapping.
    Integrated,
    /// Chip authentication mapping.
    ChipAuthentication,
}

/// One SecurityInfo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityInfo<'a> {
    /// A public key of Chip Authentication: id-PK-DH or id-PK-ECDH.
    ChipAuthenticationPublicKey {
        /// Kind of the key.
        agreement: KeyAgreement,
        /// The key.
        key: SubjectPublicKeyInfo<'a>,
        /// Its number where the chip has several.
        key_id: Option<u64>,
    },
    /// Chip Authentication is offered: id-CA.
    ChipAuthentication {
        /// Key agreement.
        agreement: KeyAgreement,
        /// Channel afterwards.
        cipher: Cipher,
        /// Version of the protocol, 1 to 3.
        version: u64,
        /// The key to be used where there are several.
        key_id: Option<u64>,
    },
    /// Terminal Authentication is asked for: id-TA.
    TerminalAuthentication {
        /// Version of the protocol.
        version: u64,
        /// Where EF.CVCA lies if not at 011C: file identifier.
        ef_cvca: Option<u16>,
    },
    /// Algorithm of Active Authentication with an elliptic curve.
    ActiveAuthentication {
        /// The signature algorithm, one of ecdsa-plain-signatures.
        signature_algorithm: Oid<'a>,
    },
    /// PACE is offered: id-PACE with a cipher.
    Pace {
        /// Key agreement.
        agreement: KeyAgreement,
        /// Mapping.
        mapping: PaceMapping,
        /// Channel afterwards.
        cipher: Cipher,
        /// Version of the protocol.
        version: u64,
        /// Standardised domain parameters, or the number of own ones.
        parameter_id: Option<u64>,
    },
    /// Own domain parameters of PACE.
    PaceDomainParameters {
        /// Key agreement.
        agreement: KeyAgreement,
        /// AlgorithmIdentifier with the parameters, as it stood in the file.
        parameters: Tlv<'a>,
        /// Number of these parameters.
        parameter_id: Option<u64>,
    },
    /// A known protocol whose contents are not what the standard gives it.
    Malformed {
        /// Its identifier.
        protocol: Oid<'a>,
    },
    /// A protocol this crate does not use.
    Other {
        /// Its identifier.
        protocol: Oid<'a>,
    },
}

/// One entry with the bytes it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The entry as it stood in the file: what is compared between EF.CardAccess and DG14.
    pub raw: &'a [u8],
    /// Its protocol.
    pub protocol: Oid<'a>,
    /// Its meaning.
    pub info: SecurityInfo<'a>,
}

/// A set of SecurityInfos.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityInfos<'a> {
    entries: Vec<Entry<'a>>,
}

impl<'a> SecurityInfos<'a> {
    /// Reads DG14.
    ///
    /// # Errors
    /// [`LdsError`] when the bytes are not DG14.
    pub fn from_dg14(bytes: &'a [u8]) -> Result<Self, LdsError> {
        Self::from_set(file(bytes, 0x6E)?.reader().only()?)
    }

    /// Reads EF.CardAccess, or the content EF.CardSecurity signs: the bare set.
    ///
    /// # Errors
    /// [`LdsError`] when the bytes are not such a set.
    pub fn from_card_access(bytes: &'a [u8]) -> Result<Self, LdsError> {
        Self::from_set(file(bytes, Tag::SET.identifier())?)
    }

    fn from_set(set: Tlv<'a>) -> Result<Self, LdsError> {
        let mut reader = set.expect(Tag::SET)?.reader();
        let mut entries = Vec::new();
        while let Some(element) = reader.next_if_any()? {
            if entries.len() == MAX_ENTRIES {
                return Err(LdsError::Value { field: "SecurityInfos", rule: "a sane number of entries" });
            }
            entries.push(entry(element)?);
        }
        Ok(Self { entries })
    }

    /// All entries in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// The public keys of Chip Authentication with their numbers.
    pub fn chip_authentication_keys(
        &self,
    ) -> impl Iterator<Item = (KeyAgreement, SubjectPublicKeyInfo<'a>, Option<u64>)> + '_ {
        self.entries.iter().filter_map(|entry| match entry.info {
            SecurityInfo::ChipAuthenticationPublicKey { agreement, key, key_id } => Some((agreement, key, key_id)),
            _ => None,
        })
    }

    /// The signature algorithm of Active Authentication, if the file names one.
    #[must_use]
    pub fn active_authentication_algorithm(&self) -> Option<Oid<'a>> {
        self.entries.iter().find_map(|entry| match entry.info {
            SecurityInfo::ActiveAuthentication { signature_algorithm } => Some(signature_algorithm),
            _ => None,
        })
    }

    /// Protocols whose entries are malformed.
    pub fn malformed(&self) -> impl Iterator<Item = Oid<'a>> + '_ {
        self.entries.iter().filter_map(|entry| match entry.info {
            SecurityInfo::Malformed { protocol } => Some(protocol),
            _ => None,
        })
    }

    /// Is there an entry of Chip Authentication, a key or the protocol, that is malformed?
    #[must_use]
    pub fn has_malformed_chip_authentication(&self) -> bool {
        self.malformed().any(|protocol| matches!(protocol.below(SMARTCARD), Some([1 | 3, ..])))
    }

    /// Entries of `card_access` that this set, read from DG14, does not hold byte for byte. DG14 repeats, signed, what
    /// EF.CardAccess says unsigned (Doc 9303-11 §9.2.11); one missing here may have been planted on the way.
    #[must_use]
    pub fn missing_from_card_access<'b>(&self, card_access: &SecurityInfos<'b>) -> Vec<Oid<'b>> {
        let held = |wanted: &Entry<'_>| self.entries.iter().any(|own| own.raw == wanted.raw);
        card_access.entries.iter().filter(|wanted| !held(wanted)).map(|wanted| wanted.protocol).collect()
    }
}

fn entry(element: Tlv<'_>) -> Result<Entry<'_>, LdsError> {
    let mut fields = element.expect(Tag::SEQUENCE)?.reader();
    let protocol = fields.next()?.oid()?;
    let info = info(protocol, fields).unwrap_or(SecurityInfo::Malformed { protocol });
    Ok(Entry { raw: element.raw(), protocol, info })
}

fn info<'a>(protocol: Oid<'a>, mut fields: Reader<'a>) -> Result<SecurityInfo<'a>, LdsError> {
    if protocol == ACTIVE_AUTHENTICATION {
        version(&mut fields, 1..=1, "ActiveAuthenticationInfo version")?;
        let signature_algorithm = fields.next()?.oid()?;
        fields.finish()?;
        return Ok(SecurityInfo::ActiveAuthentication { signature_algorithm });
    }
    let arcs = protocol.below(SMARTCARD).unwrap_or_default();
    match *arcs {
        [1, kind @ (1 | 2)] => {
            let key = SubjectPublicKeyInfo::parse(fields.next()?)?;
            let key_id = optional_number(&mut fields)?;
            fields.finish()?;
            Ok(SecurityInfo::ChipAuthenticationPublicKey { agreement: agreement(kind), key, key_id })
        }
        [2] => {
            let version = version(&mut fields, 1..=2, "TerminalAuthenticationInfo version")?;
            let ef_cvca = fields.next_if_any()?.map(file_identifier).transpose()?;
            fields.finish()?;
            Ok(SecurityInfo::TerminalAuthentication { version, ef_cvca })
        }
        [3, kind @ (1 | 2), cipher @ 1..=4] => {
            let version = version(&mut fields, 1..=3, "ChipAuthenticationInfo version")?;
            let key_id = optional_number(&mut fields)?;
            fields.finish()?;
            let cipher = cipher_of(cipher);
            Ok(SecurityInfo::ChipAuthentication { agreement: agreement(kind), cipher, version, key_id })
        }
        [4, kind @ (1..=4 | 6), cipher @ 1..=4] => {
            let version = version(&mut fields, 1..=2, "PACEInfo version")?;
            let parameter_id = optional_number(&mut fields)?;
            fields.finish()?;
            let (agreement, mapping) = pace(kind);
            Ok(SecurityInfo::Pace { agreement, mapping, cipher: cipher_of(cipher), version, parameter_id })
        }
        [4, kind @ (1..=4 | 6)] => {
            let parameters = fields.expect(Tag::SEQUENCE)?;
            let parameter_id = optional_number(&mut fields)?;
            fields.finish()?;
            Ok(SecurityInfo::PaceDomainParameters { agreement: pace(kind).0, parameters, parameter_id })
        }
        _ => Ok(SecurityInfo::Other { protocol }),
    }
}

fn agreement(arc: u8) -> KeyAgreement {
    if arc == 1 { KeyAgreement::Dh } else { KeyAgreement::Ecdh }
}

fn cipher_of(arc: u8) -> Cipher {
    match arc {
        1 => Cipher::TripleDes,
        2 => Cipher::Aes128,
        3 => Cipher::Aes192,
        _ => Cipher::Aes256,
    }
}

fn pace(arc: u8) -> (KeyAgreement, PaceMapping) {
    match arc {
        1 => (KeyAgreement::Dh, PaceMapping::Generic),
        2 => (KeyAgreement::Ecdh, PaceMapping::Generic),
        3 => (KeyAgreement::Dh, PaceMapping::Integrated),
        4 => (KeyAgreement::Ecdh, PaceMapping::Integrated),
        _ => (KeyAgreement::Ecdh, PaceMapping::ChipAuthentication),
    }
}

fn version(
    fields: &mut Reader<'_>,
    allowed: std::ops::RangeInclusive<u64>,
    field: &'static str,
) -> Result<u64, LdsError> {
    let version = fields.expect(Tag::INTEGER)?.u64()?;
    if !allowed.contains(&version) {
        return Err(LdsError::Value { field, rule: "TR-03110-3 §A.1" });
    }
    Ok(version)
}

fn optional_number(fields: &mut Reader<'_>) -> Result<Option<u64>, LdsError> {
    Ok(fields.optional(Tag::INTEGER)?.map(|element| element.u64()).transpose()?)
}

/// `FileID ::= SEQUENCE { fid OCTET STRING (SIZE(2)), sfid OCTET STRING (SIZE(1)) OPTIONAL }`
fn file_identifier(element: Tlv<'_>) -> Result<u16, LdsError> {
    let mut fields = element.expect(Tag::SEQUENCE)?.reader();
    let identifier = fields.expect(Tag::OCTET_STRING)?.contents();
    fields.optional(Tag::OCTET_STRING)?;
    fields.finish()?;
    let octets: [u8; 2] = identifier
        .try_into()
        .map_err(|_| LdsError::Value { field: "EF.CVCA file identifier", rule: "TR-03110-3 §A.1.1" })?;
    Ok(u16::from_be_bytes(octets))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::encode;
    use proptest::prelude::*;

    fn sequence(parts: &[&[u8]]) -> Vec<u8> {
        encode(Tag::SEQUENCE, &parts.concat())
    }

    fn smartcard(arcs: &[u8]) -> Vec<u8> {
        encode(Tag::OID, &[SMARTCARD.contents(), arcs].concat())
    }

    const ONE: &[u8] = &[0x02, 0x01, 0x01];
    const TWO: &[u8] = &[0x02, 0x01, 0x02];

    fn set(entries: &[&[u8]]) -> Vec<u8> {
        encode(Tag::SET, &entries.concat())
    }

    #[test]
    fn every_protocol_of_the_standard_is_told_apart() {
        let ta = sequence(&[&smartcard(&[2]), ONE]);
        let ca = sequence(&[&smartcard(&[3, 2, 4]), TWO, ONE]);
        let pace = sequence(&[&smartcard(&[4, 6, 2]), TWO, &[0x02, 0x01, 0x0D]]);
        let aa = sequence(&[&encode(Tag::OID, ACTIVE_AUTHENTICATION.contents()), ONE, &smartcard(&[9])]);
        let other = sequence(&[&smartcard(&[6]), &[0x05, 0x00]]);
        let bytes = set(&[&ta, &ca, &pace, &aa, &other]);
        let infos = SecurityInfos::from_card_access(&bytes).unwrap();
        let read: Vec<_> = infos.entries().iter().map(|entry| entry.info).collect();
        assert_eq!(read[0], SecurityInfo::TerminalAuthentication { version: 1, ef_cvca: None });
        assert_eq!(
            read[1],
            SecurityInfo::ChipAuthentication {
                agreement: KeyAgreement::Ecdh,
                cipher: Cipher::Aes256,
                version: 2,
                key_id: Some(1)
            }
        );
        assert_eq!(
            read[2],
            SecurityInfo::Pace {
                agreement: KeyAgreement::Ecdh,
                mapping: PaceMapping::ChipAuthentication,
                cipher: Cipher::Aes128,
                version: 2,
                parameter_id: Some(13)
            }
        );
        assert!(matches!(read[3], SecurityInfo::ActiveAuthentication { .. }));
        assert!(matches!(read[4], SecurityInfo::Other { .. }));
    }

    #[test]
    fn an_entry_of_card_access_that_dg14_lacks_is_named() {
        let weak = sequence(&[&smartcard(&[4, 2, 1]), TWO]);
        let strong = sequence(&[&smartcard(&[4, 2, 4]), TWO]);
        let (access, group) = (set(&[&weak, &strong]), encode(Tag::new(0x6E), &set(&[&strong])));
        let dg14 = SecurityInfos::from_dg14(&group).unwrap();
        let missing = dg14
            .missing_from_card_access(&SecurityInfos::from_card_access(&access).unwrap())
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        assert_eq!(missing, ["0.4.0.127.0.7.2.2.4.2.1"]);
        assert!(dg14.missing_from_card_access(&dg14).is_empty());
    }

    #[test]
    fn a_malformed_entry_offers_nothing_and_leaves_the_others_readable() {
        let version_nine = sequence(&[&smartcard(&[3, 2, 4]), &[0x02, 0x01, 0x09]]);
        let extra_field = sequence(&[&smartcard(&[2]), ONE, ONE]);
        let good = sequence(&[&smartcard(&[4, 2, 2]), TWO]);
        let bytes = set(&[&version_nine, &extra_field, &good]);
        let infos = SecurityInfos::from_card_access(&bytes).unwrap();
        let malformed: Vec<_> = infos.malformed().map(|protocol| protocol.to_string()).collect();
        assert_eq!(malformed, ["0.4.0.127.0.7.2.2.3.2.4", "0.4.0.127.0.7.2.2.2"]);
        assert!(matches!(infos.entries()[2].info, SecurityInfo::Pace { .. }));
    }

    #[test]
    fn what_is_no_set_of_entries_and_too_many_of_them_are_refused() {
        let ta = sequence(&[&smartcard(&[2]), ONE]);
        assert!(SecurityInfos::from_card_access(&set(&[ta.as_slice(); 64])).is_ok());
        assert!(SecurityInfos::from_card_access(&set(&[ta.as_slice(); 65])).is_err());
        assert!(SecurityInfos::from_card_access(&set(&[ONE])).is_err());
        assert!(SecurityInfos::from_card_access(&set(&[&sequence(&[ONE])])).is_err());
        assert!(SecurityInfos::from_dg14(&set(&[&ta])).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..96), arcs in proptest::collection::vec(0u8..8, 1..4)) {
            let _ = SecurityInfos::from_dg14(&bytes);
            let _ = SecurityInfos::from_card_access(&set(&[&sequence(&[&smartcard(&arcs), &bytes])]));
        }
    }
}
