//! A specimen document: all files of its chip, signed, and the keys the chip holds.

use std::collections::BTreeMap;

use cvc::domain_parameters::StandardisedCurve;
use openssl::ec::EcKey;
use openssl::rsa::Rsa;
use time::Date;

use super::algorithm::digest_identifier;
use super::chip_keys::{ActiveAuthenticationKey, ChipAuthenticationKey, ChipKeys, security_infos};
use super::csca::{DocumentSigner, State};
use super::data_groups::{self, Holder, Zone};
use super::{BuilderError, Digest, cms, der};
use crate::asn1::{Tag, encode};

/// Version of the LDS security object (Doc 9303-10 §4.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LdsVersion {
    /// Version 0 with LDS 1.7: no version inside the signature.
    V0,
    /// Version 1 with LDS 1.8: the version is signed.
    V1,
}

/// Which Active Authentication a chip offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActiveAuthenticationChoice {
    /// None: no DG15.
    None,
    /// Plain ECDSA.
    Ecdsa(StandardisedCurve, Digest),
    /// ISO/IEC 9796-2 scheme 1 with a modulus of so many bits.
    Rsa(u32, Digest),
}

/// A description of a document to be issued, with defaults that make a passport of today.
#[derive(Clone, Debug)]
pub struct Personalisation {
    holder: Holder,
    document_number: String,
    expires: Date,
    document_code: String,
    card: bool,
    digest: Digest,
    lds_version: LdsVersion,
    chip_authentication: Option<StandardisedCurve>,
    active_authentication: ActiveAuthenticationChoice,
    chip_authentication_mapping: bool,
    issuing_state: Option<String>,
    omit_from_security_object: Vec<u8>,
}

impl Personalisation {
    /// A passport booklet: TD3, Chip and Active Authentication on brainpoolP256r1, hashes by SHA-256, LDS 1.7.
    #[must_use]
    pub fn passport(holder: Holder, document_number: &str, expires: Date) -> Self {
        Self {
            holder,
            document_number: document_number.into(),
            expires,
            document_code: "P".into(),
            card: false,
            digest: Digest::Sha256,
            lds_version: LdsVersion::V0,
            chip_authentication: Some(StandardisedCurve::BrainpoolP256r1),
            active_authentication: ActiveAuthenticationChoice::Ecdsa(
                StandardisedCurve::BrainpoolP256r1,
                Digest::Sha256,
            ),
            chip_authentication_mapping: false,
            issuing_state: None,
            omit_from_security_object: Vec::new(),
        }
    }

    /// An identity card: TD1, otherwise like a passport.
    #[must_use]
    pub fn identity_card(holder: Holder, document_number: &str, expires: Date) -> Self {
        Self { card: true, document_code: "ID".into(), ..Self::passport(holder, document_number, expires) }
    }

    /// Another document code.
    #[must_use]
    pub fn document_code(mut self, code: &str) -> Self {
        self.document_code = code.into();
        self
    }

    /// Another hash for the data groups.
    #[must_use]
    pub fn digest(mut self, digest: Digest) -> Self {
        self.digest = digest;
        self
    }

    /// Another version of the security object.
    #[must_use]
    pub fn lds_version(mut self, version: LdsVersion) -> Self {
        self.lds_version = version;
        self
    }

    /// Chip Authentication on another curve, or none.
    #[must_use]
    pub fn chip_authentication(mut self, curve: Option<StandardisedCurve>) -> Self {
        self.chip_authentication = curve;
        self
    }

    /// Another Active Authentication, or none.
    #[must_use]
    pub fn active_authentication(mut self, choice: ActiveAuthenticationChoice) -> Self {
        self.active_authentication = choice;
        self
    }

    /// The chip also offers PACE with Chip Authentication Mapping and has an EF.CardSecurity.
    #[must_use]
    pub fn chip_authentication_mapping(mut self) -> Self {
        self.chip_authentication_mapping = true;
        self
    }

    /// The zone names another issuing state than the one whose signer signs: a wrong-state document.
    #[must_use]
    pub fn claiming_issuing_state(mut self, icao: &str) -> Self {
        self.issuing_state = Some(icao.into());
        self
    }

    /// The security object does not list this data group, although the chip has it.
    #[must_use]
    pub fn unlisted(mut self, data_group: u8) -> Self {
        self.omit_from_security_object.push(data_group);
        self
    }

    /// Makes the chip's keys, writes all files and has the security object signed.
    ///
    /// # Errors
    /// [`BuilderError`] when a value does not fit the document or the cryptographic library fails.
    pub fn issue(self, state: &State, signer: &DocumentSigner) -> Result<SpecimenDocument, BuilderError> {
        let chip_keys = self.generate_keys()?;
        let zone = data_groups::zone(&Zone {
            holder: &self.holder,
            document_code: &self.document_code,
            issuing_state: self.issuing_state.as_deref().unwrap_or(&state.icao),
            document_number: &self.document_number,
            expires: self.expires,
            card: self.card,
        })?;
        let pace = self.pace_infos()?;
        let infos = security_infos(&chip_keys, &pace)?;

        let mut groups = BTreeMap::from([
            (1, data_groups::dg1(&zone)),
            (2, data_groups::dg2()),
            (3, data_groups::dg3(&self.document_number)),
            (14, data_groups::group(14, &der::set_of(infos.clone()))),
        ]);
        if let Some(key) = &chip_keys.active_authentication {
            groups.insert(15, data_groups::group(15, &key.public_key_info()?));
        }
        let security_object = self.security_object(&groups)?;
        let sod = cms::signed_data("2.23.136.1.1.1", &security_object, &signer.0, &[], None)?;
        let card_security = if self.chip_authentication_mapping {
            let content = der::set_of(infos);
            Some(cms::signed_data("0.4.0.127.0.7.3.2.1", &content, &signer.0, &[], None)?)
        } else {
            None
        };
        let lds_version = if self.lds_version == LdsVersion::V0 { "0107" } else { "0108" };
        Ok(SpecimenDocument {
            mrz: zone,
            document_number: self.document_number,
            sod: encode(Tag::new(0x77), &sod),
            com: data_groups::com(lds_version, groups.keys().copied()),
            data_groups: groups,
            card_access: der::set_of(pace),
            card_security,
            chip_keys,
        })
    }

    fn generate_keys(&self) -> Result<ChipKeys, BuilderError> {
        let chip_authentication = self.chip_authentication.map(ChipAuthenticationKey::generate).transpose()?;
        let active_authentication = match self.active_authentication {
            ActiveAuthenticationChoice::None => None,
            ActiveAuthenticationChoice::Ecdsa(curve, digest) => {
                Some(ActiveAuthenticationKey::Ecdsa { curve, digest, key: EcKey::generate(curve.group())? })
            }
            ActiveAuthenticationChoice::Rsa(bits, digest) => {
                Some(ActiveAuthenticationKey::Rsa { digest, key: Rsa::generate(bits)? })
            }
        };
        if self.chip_authentication_mapping && chip_authentication.is_none() {
            return Err(BuilderError::Unfit("Chip Authentication Mapping without a chip key"));
        }
        Ok(ChipKeys { chip_authentication, active_authentication })
    }

    /// PACE as EF.CardAccess offers it: generic mapping with AES-128 on brainpoolP256r1 (parameter 13), and the chip
    /// authentication mapping on the chip key's own curve.
    fn pace_infos(&self) -> Result<Vec<Vec<u8>>, BuilderError> {
        let entry = |arcs: &str, parameter: u8| -> Result<Vec<u8>, BuilderError> {
            let oid = der::oid(&format!("0.4.0.127.0.7.2.2.4.{arcs}"))?;
            Ok(der::sequence(&[&oid, &der::number(2), &der::number(u32::from(parameter))]))
        };
        let mut infos = vec![entry("2.2", 13)?];
        if let Some(curve) = self.chip_authentication.filter(|_| self.chip_authentication_mapping) {
            infos.push(entry("6.2", curve.id())?);
        }
        Ok(infos)
    }

    fn security_object(&self, groups: &BTreeMap<u8, Vec<u8>>) -> Result<Vec<u8>, BuilderError> {
        let mut hashes = Vec::new();
        for (number, group) in groups {
            if !self.omit_from_security_object.contains(number) {
                let hash = der::octet_string(&self.digest.digest(group)?);
                hashes.extend(der::sequence(&[&der::number(u32::from(*number)), &hash]));
            }
        }
        let hashes = encode(Tag::SEQUENCE, &hashes);
        let algorithm = digest_identifier(self.digest);
        Ok(match self.lds_version {
            LdsVersion::V0 => der::sequence(&[&der::number(0), &algorithm, &hashes]),
            LdsVersion::V1 => {
                let version = der::sequence(&[&der::printable("0108"), &der::printable("040000")]);
                der::sequence(&[&der::number(1), &algorithm, &hashes, &version])
            }
        })
    }
}

/// A specimen: files as a terminal reads them, and what only the chip knows.
#[derive(Clone)]
pub struct SpecimenDocument {
    /// The machine readable zone as printed, lines joined by line breaks.
    pub mrz: String,
    /// Document number.
    pub document_number: String,
    /// EF.SOD.
    pub sod: Vec<u8>,
    /// EF.COM.
    pub com: Vec<u8>,
    /// Data groups by number: 1, 2, 3, 14 and, with Active Authentication, 15.
    pub data_groups: BTreeMap<u8, Vec<u8>>,
    /// EF.CardAccess.
    pub card_access: Vec<u8>,
    /// EF.CardSecurity, where the chip offers Chip Authentication Mapping.
    pub card_security: Option<Vec<u8>>,
    /// The chip's private keys.
    pub chip_keys: ChipKeys,
}

impl SpecimenDocument {
    /// The same files in another chip: everything can be copied but the private keys.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn cloned_into_another_chip(&self) -> Result<Self, BuilderError> {
        Ok(Self { chip_keys: self.chip_keys.regenerated()?, ..self.clone() })
    }

    /// The same document with one bit of a data group changed; the security object stays as it was signed.
    ///
    /// # Errors
    /// [`BuilderError::Unfit`] when the document has no such data group.
    pub fn with_altered(&self, data_group: u8) -> Result<Self, BuilderError> {
        let mut altered = self.clone();
        let last = altered.data_groups.get_mut(&data_group).and_then(|group| group.last_mut());
        *last.ok_or(BuilderError::Unfit("data group"))? ^= 1;
        Ok(altered)
    }
}

/// What is in a document is its holder's.
impl std::fmt::Debug for SpecimenDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpecimenDocument")
            .field("data_groups", &self.data_groups.keys().collect::<Vec<_>>())
            .field("chip_keys", &self.chip_keys)
            .finish_non_exhaustive()
    }
}
