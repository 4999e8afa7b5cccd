//! The commands of an inspection system, in the order TR-03110-1 §3 prescribes for a passport.
//!
//! Steps, not one call: between them the terminal asks others — the identity service for a verdict and a challenge, the
//! control centre for a chain and a signature. The terminal itself holds no key but the ephemeral one of Chip
//! Authentication.
//!
//! 1. [`Terminal::connect`], [`Terminal::read_document`]
//! 2. [`Terminal::active_authentication`], [`Terminal::chip_authentication`]
//! 3. [`Terminal::trusted_authorities`] → chain → [`Terminal::present_chain`]
//! 4. [`Terminal::signature_input`] → signature → [`Terminal::authenticate`]
//! 5. [`Terminal::read_fingerprints`]
//!
//! [`Terminal::connect_with_mapping`] takes the place of the first and of Chip Authentication where the chip offers PACE
//! with Chip Authentication Mapping.

use std::collections::BTreeMap;

use cvc::certificate::Certificate;
use cvc::domain_parameters::StandardisedCurve;
use cvc::reference::{Reference, ReferenceError};
use emrtd::chip::pace_cam;
use emrtd::cms::{CmsError, SignedData};
use emrtd::crypto::{CryptoError, HashAlgorithm, PublicKey};
use emrtd::inspection::CheckResult;
use emrtd::lds::LdsError;
use emrtd::lds::ef_cvca::EfCvca;
use emrtd::lds::security_infos::{KeyAgreement, SecurityInfos};
use openssl::bn::BigNumContext;
use openssl::derive::Deriver;
use openssl::ec::{EcKey, PointConversionForm};
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::rand::rand_bytes;

use crate::chip::{Access, Chip, File, Status, compressed, same_tag, session_key, session_tag};

/// Why a step did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// The chip refused a command.
    #[error("{command} was refused with {status}")]
    Refused {
        /// The command.
        command: &'static str,
        /// The status word.
        status: Status,
    },
    /// A file is not what it should be.
    #[error(transparent)]
    File(#[from] LdsError),
    /// A certificate of the chain is none.
    #[error(transparent)]
    Certificate(#[from] cvc::error::ParseError),
    /// A reference in EF.CVCA is none.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// There is no key for Diffie-Hellman on an elliptic curve in DG14.
    #[error("the chip offers no key this terminal can use")]
    NoChipKey,
    /// EF.CardSecurity is no signed message.
    #[error("EF.CardSecurity: {0}")]
    CardSecurity(#[from] CmsError),
    /// The chip's key is malformed or not on a standardised curve, or a hash could not be computed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// A step before this one is missing.
    #[error("{0} comes first")]
    OutOfOrder(&'static str),
    /// The cryptographic library failed.
    #[error("cryptographic library: {0}")]
    Library(#[from] ErrorStack),
}

/// What a terminal has read before Terminal Authentication.
#[derive(Clone)]
pub struct Reading {
    /// The zone as the optical reader saw it.
    pub optical_mrz: String,
    /// EF.CardAccess.
    pub card_access: Option<Vec<u8>>,
    /// EF.COM.
    pub com: Option<Vec<u8>>,
    /// EF.SOD.
    pub sod: Vec<u8>,
    /// Data groups the chip gave: of 1, 2, 14 and 15 those it has.
    pub data_groups: BTreeMap<u8, Vec<u8>>,
    /// Data groups it refused, with the status word.
    pub unreadable: Vec<(u8, u16)>,
}

/// What the terminal can say about Chip Authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChipAuthenticationReport {
    /// Did the chip follow to the new keys?
    pub succeeded: bool,
    /// SubjectPublicKeyInfo of the key used, as DG14 holds it.
    pub chip_public_key: Vec<u8>,
    /// Its number in DG14.
    pub key_id: Option<u64>,
}

/// What the terminal can say about PACE with Chip Authentication Mapping.
#[derive(Clone, PartialEq, Eq)]
pub struct MappingReport {
    /// Is the mapping key the chip's number times a key of EF.CardSecurity?
    pub succeeded: bool,
    /// EF.CardSecurity; its signature is for the inspection to verify.
    pub card_security: Vec<u8>,
    /// CA_IC, decrypted.
    pub chip_authentication_data: Vec<u8>,
    /// The chip's key of the mapping, an uncompressed point.
    pub mapping_public_key: Vec<u8>,
}

/// The parts a control centre signs, or hashes and signs, for Terminal Authentication (TR-03110-3 §B.3).
#[derive(Clone, PartialEq, Eq)]
pub struct SignatureInput {
    /// CHR of the terminal certificate whose key must sign.
    pub is_chr: Reference,
    /// ID_PICC.
    pub id_picc: Vec<u8>,
    /// r_PICC.
    pub challenge: [u8; 8],
    /// Comp(PK_PCD).
    pub compressed_key: Vec<u8>,
}

impl SignatureInput {
    /// The bytes under the signature.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        [self.id_picc.as_slice(), &self.challenge, &self.compressed_key].concat()
    }
}

/// A terminal with a document on its reader.
pub struct Terminal<'c> {
    chip: &'c mut Chip,
    id_picc: Vec<u8>,
    compressed_key: Option<Vec<u8>>,
    is_chr: Option<Reference>,
}

impl<'c> Terminal<'c> {
    /// Opens a channel by BAC with the number the optical reader saw, or by PACE.
    ///
    /// # Errors
    /// When the chip refuses the password.
    pub fn connect(chip: &'c mut Chip, pace: bool) -> Result<Self, TerminalError> {
        let number = chip.printed_document_number().to_owned();
        let access = if pace { Access::Pace } else { Access::Bac { document_number: &number } };
        let id_picc = chip.open_channel(access).map_err(refused("open channel"))?;
        Ok(Self { chip, id_picc, compressed_key: None, is_chr: None })
    }

    /// Opens a channel by PACE with Chip Authentication Mapping on brainpoolP256r1 and checks the chip's proof. That the
    /// proof is wrong is a result, not an error.
    ///
    /// # Errors
    /// When the chip does not offer it, or has no readable EF.CardSecurity.
    pub fn connect_with_mapping(chip: &'c mut Chip) -> Result<(Self, MappingReport), TerminalError> {
        let group = StandardisedCurve::BrainpoolP256r1.group();
        let ephemeral = EcKey::generate(group)?;
        let mut context = BigNumContext::new()?;
        let point = ephemeral.public_key().to_bytes(group, PointConversionForm::UNCOMPRESSED, &mut context)?;
        let access = Access::PaceCam { ephemeral: &point };
        let id_picc = chip.open_channel(access).map_err(refused("open channel"))?;
        let proof = chip.mapping_proof().map_err(refused("read the mapping proof"))?;
        let card_security = chip.read(File::CardSecurity).map_err(refused("read EF.CardSecurity"))?;
        let judged = pace_cam::verify(
            true,
            SignedData::parse(&card_security)?.content(),
            Some(&proof.chip_authentication_data),
            Some(&proof.mapping_public_key),
        );
        let report = MappingReport {
            succeeded: judged.result == CheckResult::Successful,
            card_security,
            chip_authentication_data: proof.chip_authentication_data,
            mapping_public_key: proof.mapping_public_key,
        };
        Ok((Self { chip, id_picc, compressed_key: compressed(&point), is_chr: None }, report))
    }

    /// Reads everything that is open without Terminal Authentication.
    ///
    /// # Errors
    /// When the chip gives no EF.SOD.
    pub fn read_document(&self) -> Result<Reading, TerminalError> {
        let mut data_groups = BTreeMap::new();
        let mut unreadable = Vec::new();
        for number in [1, 2, 14, 15] {
            match self.chip.read(File::DataGroup(number)) {
                Ok(content) => {
                    data_groups.insert(number, content);
                }
                Err(Status::FILE_NOT_FOUND) => {}
                Err(status) => unreadable.push((number, status.0)),
            }
        }
        Ok(Reading {
            optical_mrz: self.chip.optical_mrz().to_owned(),
            card_access: self.chip.read(File::CardAccess).ok(),
            com: self.chip.read(File::Com).ok(),
            sod: self.chip.read(File::Sod).map_err(refused("read EF.SOD"))?,
            data_groups,
            unreadable,
        })
    }

    /// Sends a challenge for Active Authentication and brings back the answer.
    ///
    /// # Errors
    /// When the chip does not offer it.
    pub fn active_authentication(&self, challenge: &[u8; 8]) -> Result<Vec<u8>, TerminalError> {
        self.chip.internal_authenticate(challenge).map_err(refused("INTERNAL AUTHENTICATE"))
    }

    /// Chip Authentication version 1 with the key of DG14. That the chip did not follow to the new keys is a result, not
    /// an error.
    ///
    /// # Errors
    /// When the chip has no usable key in DG14 or refuses the command.
    pub fn chip_authentication(&mut self) -> Result<ChipAuthenticationReport, TerminalError> {
        let dg14 = self.chip.read(File::DataGroup(14)).map_err(refused("read EF.DG14"))?;
        let infos = SecurityInfos::from_dg14(&dg14)?;
        let (_, spki, key_id) = infos
            .chip_authentication_keys()
            .find(|(agreement, _, _)| *agreement == KeyAgreement::Ecdh)
            .ok_or(TerminalError::NoChipKey)?;
        let PublicKey::Ec(curve, chip_key) = spki.key("dg14", &mut Vec::new())? else {
            return Err(TerminalError::NoChipKey);
        };

        let ephemeral = EcKey::generate(curve.group())?;
        let mut context = BigNumContext::new()?;
        let point = ephemeral.public_key().to_bytes(curve.group(), PointConversionForm::UNCOMPRESSED, &mut context)?;
        let chip_key = PKey::from_ec_key(chip_key)?;
        let own = PKey::from_ec_key(ephemeral)?;
        let mut deriver = Deriver::new(&own)?;
        deriver.set_peer(&chip_key)?;
        let expected_key = session_key(&deriver.derive_to_vec()?)?;

        self.chip.chip_authentication(&point).map_err(refused("MSE:Set KAT"))?;
        let mut nonce = [0; 8];
        rand_bytes(&mut nonce)?;
        let tag = self.chip.echo_under_session_key(&nonce).map_err(refused("first command under new keys"))?;
        let succeeded = same_tag(&tag, &session_tag(&expected_key, &nonce)?);
        self.compressed_key = compressed(&point);
        Ok(ChipAuthenticationReport { succeeded, chip_public_key: spki.raw.to_vec(), key_id })
    }

    /// References in EF.CVCA, newest first: what a chain must lead to.
    ///
    /// # Errors
    /// When the file is refused or malformed.
    pub fn trusted_authorities(&self) -> Result<Vec<Reference>, TerminalError> {
        let file = self.chip.read(File::Cvca).map_err(refused("read EF.CVCA"))?;
        let file = EfCvca::parse(&file)?;
        file.references().map(|reference| Ok(Reference::from_bytes(reference)?)).collect()
    }

    /// Has the chip verify a chain, links first and the terminal's certificate last: MSE:Set DST and PSO:Verify
    /// Certificate for each, MSE:Set AT for the last.
    ///
    /// # Errors
    /// When the chip refuses a certificate.
    pub fn present_chain(&mut self, chain: &[Vec<u8>]) -> Result<(), TerminalError> {
        for bytes in chain {
            let certificate = Certificate::parse(bytes.as_slice())?;
            let car = certificate.car();
            self.chip.set_digital_signature_template(car.as_bytes()).map_err(refused("MSE:Set DST"))?;
            self.chip.verify_certificate(bytes).map_err(refused("PSO:Verify Certificate"))?;
            self.is_chr = Some(certificate.chr());
        }
        let chr = self.is_chr.ok_or(TerminalError::OutOfOrder("a chain"))?;
        self.chip.set_authentication_template(chr.as_bytes()).map_err(refused("MSE:Set AT"))
    }

    /// Asks the chip for a challenge and puts together what has to be signed.
    ///
    /// # Errors
    /// [`TerminalError::OutOfOrder`] before Chip Authentication and a chain.
    pub fn signature_input(&mut self) -> Result<SignatureInput, TerminalError> {
        let compressed_key = self.compressed_key.clone().ok_or(TerminalError::OutOfOrder("Chip Authentication"))?;
        let is_chr = self.is_chr.ok_or(TerminalError::OutOfOrder("a chain"))?;
        let challenge = self.chip.get_challenge().map_err(refused("GET CHALLENGE"))?;
        Ok(SignatureInput { is_chr, id_picc: self.id_picc.clone(), challenge, compressed_key })
    }

    /// EXTERNAL AUTHENTICATE with the control centre's signature.
    ///
    /// # Errors
    /// When the chip does not accept it.
    pub fn authenticate(&mut self, signature: &[u8]) -> Result<(), TerminalError> {
        self.chip.external_authenticate(signature).map_err(refused("EXTERNAL AUTHENTICATE"))
    }

    /// Reads DG3, which never leaves the terminal, and its SHA-256 digest, which does.
    ///
    /// # Errors
    /// When the chip keeps it closed.
    pub fn read_fingerprints(&self) -> Result<Fingerprints, TerminalError> {
        let content = self.chip.read(File::DataGroup(3)).map_err(refused("read EF.DG3"))?;
        Ok(Fingerprints { content })
    }
}

/// DG3 in the terminal's memory. It is not printed, and its bytes are not handed out.
pub struct Fingerprints {
    content: Vec<u8>,
}

impl Fingerprints {
    /// The digest a terminal sends on, by the hash of the security object.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn digest(&self, algorithm: HashAlgorithm) -> Result<Vec<u8>, TerminalError> {
        Ok(algorithm.digest(&self.content)?)
    }

    /// Number of templates.
    ///
    /// # Errors
    /// When the bytes are no DG3.
    pub fn count(&self) -> Result<usize, TerminalError> {
        Ok(emrtd::lds::biometric::parse_dg3(&self.content)?.len())
    }
}

impl std::fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fingerprints(***)")
    }
}

/// ID_PICC may be the document number.
impl std::fmt::Debug for SignatureInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignatureInput").field("is_chr", &self.is_chr).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for MappingReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MappingReport").field("succeeded", &self.succeeded).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Terminal<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("chip", &self.chip).field("is_chr", &self.is_chr).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading")
            .field("data_groups", &self.data_groups.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

fn refused(command: &'static str) -> impl Fn(Status) -> TerminalError {
    move |status| TerminalError::Refused { command, status }
}
