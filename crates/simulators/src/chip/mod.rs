//! The chip of a travel document, from the terminal's side of the antenna.

mod files;
mod status;
mod trust;

use cvc::certificate::Certificate;
use cvc::chat::Rights;
use cvc::public_key::PublicKey;
use cvc::reference::Reference;
use emrtd::builder::{
    ActiveAuthenticationKey, BuilderError, ChipAuthenticationKey, ChipKeys, MappingProof, SpecimenDocument,
};
use emrtd::lds::dg1;
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::memcmp;
use openssl::rand::rand_bytes;
use time::Date;

pub use files::File;
pub use status::{Response, Status};
use trust::{Authority, TrustMemory};

/// Why a chip cannot be personalised.
#[derive(Debug, thiserror::Error)]
pub enum PersonalisationError {
    /// The trust point is no CV certificate.
    #[error("trust point: {0}")]
    TrustPoint(#[from] cvc::error::ParseError),
    /// Its key is unusable.
    #[error("trust point: {0}")]
    Key(#[from] cvc::error::KeyError),
    /// It is not a self-signed certificate of an authority for inspection systems.
    #[error("a trust point is a self-signed CVCA certificate for inspection systems")]
    NotAnAuthority,
    /// The document's own zone cannot be read.
    #[error("document: {0}")]
    Document(#[from] emrtd::lds::dg1::Dg1Error),
    /// The cryptographic library failed.
    #[error("cryptographic library: {0}")]
    Library(#[from] ErrorStack),
}

/// How the terminal opened the channel; the password itself was checked before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access<'a> {
    /// Basic Access Control with the document number and its check digit (dates are not modelled).
    Bac {
        /// Document number field with fillers and check digit, as printed.
        document_number: &'a str,
    },
    /// PACE with the card access number or the zone as password. Terminal Authentication is then bound to the chip's
    /// ephemeral key (dynamic binding, TR-03110-1).
    Pace,
    /// PACE with Chip Authentication Mapping: as PACE, and the chip proves its key at once, see [`Chip::mapping_proof`].
    /// Terminal Authentication then takes the terminal's ephemeral key of PACE (Doc 9303-11 §4.4.3.5).
    PaceCam {
        /// The terminal's ephemeral public key, an uncompressed point on the curve of the chip's key.
        ephemeral: &'a [u8],
    },
}

/// What a session with a terminal has reached. Gone when the document leaves the reader.
#[derive(Default)]
struct Session {
    /// ID_PICC, once a channel is open.
    id_picc: Option<Vec<u8>>,
    /// Chip authentication data of PACE with mapping.
    mapping_proof: Option<MappingProof>,
    /// After Chip Authentication: the terminal's compressed ephemeral key and the session key.
    chip_authentication: Option<ChipAuthenticationSession>,
    /// The authority MSE:Set DST selected.
    selected: Option<Authority>,
    /// The certificate verified last.
    verified: Option<Authority>,
    /// The terminal MSE:Set AT selected.
    terminal: Option<Authority>,
    /// A challenge given out and not used.
    challenge: Option<[u8; 8]>,
    /// Rights after Terminal Authentication.
    rights: Option<Rights>,
}

struct ChipAuthenticationSession {
    compressed_key: Vec<u8>,
    session_key: Vec<u8>,
}

/// A chip: files, private keys, and what it remembers between sessions (date and trust points).
pub struct Chip {
    document: SpecimenDocument,
    keys: ChipKeys,
    printed_number: String,
    memory: TrustMemory,
    session: Session,
}

impl Chip {
    /// Puts a document into a chip that trusts `trust_point`, a self-signed CVCA certificate, and believes the day to be
    /// `personalised_on`.
    ///
    /// # Errors
    /// [`PersonalisationError`] when the trust point is none or the document's zone is unreadable.
    pub fn personalise(
        document: SpecimenDocument,
        trust_point: &[u8],
        personalised_on: Date,
    ) -> Result<Self, PersonalisationError> {
        let dg1 = document.data_groups.get(&1).map(Vec::as_slice).unwrap_or_default();
        let printed_number = dg1::parse(dg1, personalised_on)?.document_number_with_check_digit();
        let memory = TrustMemory::new(&Certificate::parse(trust_point)?, personalised_on)?;
        let keys = document.chip_keys.clone();
        Ok(Self { document, keys, printed_number, memory, session: Session::default() })
    }

    /// Takes the document from the reader: the session is over, date and trust points stay.
    pub fn leave_reader(&mut self) {
        self.session = Session::default();
    }

    /// The chip's idea of today.
    #[must_use]
    pub fn current_date(&self) -> Date {
        self.memory.current_date()
    }

    /// References of the trust points, newest first.
    #[must_use]
    pub fn trust_points(&self) -> Vec<Reference> {
        self.memory.references()
    }

    /// The printed machine readable zone, as an optical reader sees it.
    #[must_use]
    pub fn optical_mrz(&self) -> &str {
        &self.document.mrz
    }

    /// The document number as printed, with fillers and check digit: the password of Basic Access Control.
    #[must_use]
    pub fn printed_document_number(&self) -> &str {
        &self.printed_number
    }

    /// Opens a channel and tells the terminal ID_PICC, which both know from it: the document number for BAC, the
    /// compressed ephemeral key of the chip for PACE.
    ///
    /// # Errors
    /// 6300 when the password is wrong, 6985 when the chip does not offer the protocol, 6A80 for a point that is none.
    pub fn open_channel(&mut self, access: Access<'_>) -> Response<Vec<u8>> {
        self.session = Session::default();
        let id_picc = match access {
            Access::Bac { document_number } if document_number == self.printed_number => {
                document_number.as_bytes().to_vec()
            }
            Access::Bac { .. } => return Err(Status::VERIFICATION_FAILED),
            Access::Pace => random::<32>()?.to_vec(),
            Access::PaceCam { ephemeral } => {
                self.agree_with_mapping(ephemeral)?;
                random::<32>()?.to_vec()
            }
        };
        self.session.id_picc = Some(id_picc.clone());
        Ok(id_picc)
    }

    fn agree_with_mapping(&mut self, ephemeral: &[u8]) -> Response<()> {
        let key = self.keys.chip_authentication.as_ref().filter(|_| self.document.card_security.is_some());
        let key = key.ok_or(Status::CONDITIONS_NOT_SATISFIED)?;
        // The key agreement of PACE itself is assumed; what matters afterwards is the terminal's key and the proof.
        key.agree(ephemeral).map_err(|_| Status::WRONG_DATA)?;
        let compressed_key = compressed(ephemeral).ok_or(Status::WRONG_DATA)?;
        let session_key = random::<32>()?.to_vec();
        self.session.mapping_proof = Some(key.prove_mapping().map_err(failure)?);
        self.session.chip_authentication = Some(ChipAuthenticationSession { compressed_key, session_key });
        Ok(())
    }

    /// What the chip sent to prove its key while the channel was set up.
    ///
    /// # Errors
    /// 6985 when the channel was opened otherwise.
    pub fn mapping_proof(&self) -> Response<MappingProof> {
        self.session.mapping_proof.clone().ok_or(Status::CONDITIONS_NOT_SATISFIED)
    }

    /// SELECT and READ BINARY of a whole file. EF.CardAccess is free, DG3 and DG4 need Terminal Authentication with the
    /// right for each, everything else an open channel.
    ///
    /// # Errors
    /// 6982 without access, 6A82 when there is no such file.
    pub fn read(&self, file: File) -> Response<Vec<u8>> {
        if file != File::CardAccess && self.session.id_picc.is_none() {
            return Err(Status::SECURITY_STATUS_NOT_SATISFIED);
        }
        let open = match file {
            File::DataGroup(3) => self.opened_by(Rights::dg3),
            File::DataGroup(4) => self.opened_by(Rights::dg4),
            _ => true,
        };
        if !open {
            return Err(Status::SECURITY_STATUS_NOT_SATISFIED);
        }
        let content = match file {
            File::CardAccess => Some(&self.document.card_access),
            File::CardSecurity => self.document.card_security.as_ref(),
            File::Com => Some(&self.document.com),
            File::Sod => Some(&self.document.sod),
            File::DataGroup(number) => self.document.data_groups.get(&number),
            File::Cvca => return self.memory.ef_cvca().ok_or(Status::FILE_NOT_FOUND),
        };
        content.cloned().ok_or(Status::FILE_NOT_FOUND)
    }

    fn opened_by(&self, right: impl Fn(&Rights) -> Option<bool>) -> bool {
        self.session.chip_authentication.is_some() && self.session.rights.as_ref().and_then(right) == Some(true)
    }

    /// INTERNAL AUTHENTICATE: Active Authentication.
    ///
    /// # Errors
    /// 6982 without a channel, 6985 when the chip does not offer it.
    pub fn internal_authenticate(&self, challenge: &[u8; 8]) -> Response<Vec<u8>> {
        self.need_channel()?;
        let key: &ActiveAuthenticationKey =
            self.keys.active_authentication.as_ref().ok_or(Status::CONDITIONS_NOT_SATISFIED)?;
        key.answer(challenge).map_err(failure)
    }

    /// MSE:Set KAT with the terminal's ephemeral public key, an uncompressed point: Chip Authentication version 1. From
    /// then on the session runs under new keys, see [`Chip::echo_under_session_key`]. Rights of an earlier Terminal
    /// Authentication are lost.
    ///
    /// # Errors
    /// 6982 without a channel, 6985 when the chip does not offer it, 6A80 for a point that is none.
    pub fn chip_authentication(&mut self, ephemeral: &[u8]) -> Response<()> {
        self.need_channel()?;
        let key: &ChipAuthenticationKey =
            self.keys.chip_authentication.as_ref().ok_or(Status::CONDITIONS_NOT_SATISFIED)?;
        let secret = key.agree(ephemeral).map_err(|_| Status::WRONG_DATA)?;
        let compressed_key = compressed(ephemeral).ok_or(Status::WRONG_DATA)?;
        let session_key = session_key(&secret).map_err(|_| Status::EXECUTION_ERROR)?;
        let id_picc = self.session.id_picc.take();
        let chip_authentication = Some(ChipAuthenticationSession { compressed_key, session_key });
        self.session = Session { id_picc, chip_authentication, ..Session::default() };
        Ok(())
    }

    /// Stands for the first command under the new keys: the chip's tag over `nonce`. A chip without the private key of
    /// DG14 cannot give it, and a terminal that cannot check it would not notice.
    ///
    /// # Errors
    /// 6985 before Chip Authentication.
    pub fn echo_under_session_key(&self, nonce: &[u8; 8]) -> Response<Vec<u8>> {
        let session = self.session.chip_authentication.as_ref().ok_or(Status::CONDITIONS_NOT_SATISFIED)?;
        session_tag(&session.session_key, nonce).map_err(|_| Status::EXECUTION_ERROR)
    }

    /// MSE:Set DST: selects the key that is to verify the next certificate, a trust point or the one verified last.
    ///
    /// # Errors
    /// 6982 without a channel, 6A88 when the chip knows no such key.
    pub fn set_digital_signature_template(&mut self, car: &[u8]) -> Response<()> {
        self.need_channel()?;
        let known = self.session.verified.as_ref().filter(|verified| verified.reference.as_bytes() == car).cloned();
        self.session.selected =
            Some(known.or_else(|| self.memory.trust_point(car)).ok_or(Status::REFERENCED_DATA_NOT_FOUND)?);
        Ok(())
    }

    /// PSO:Verify Certificate under the selected key.
    ///
    /// # Errors
    /// 6985 when no key is selected, 6A80 when it is no certificate, 6A88 when it names another authority, 6300 when a rule
    /// of TR-03110-3 §2 or the signature does not hold.
    pub fn verify_certificate(&mut self, certificate: &[u8]) -> Response<()> {
        let issuer = self.session.selected.take().ok_or(Status::CONDITIONS_NOT_SATISFIED)?;
        let certificate = Certificate::parse(certificate).map_err(|_| Status::WRONG_DATA)?;
        self.session.verified = Some(self.memory.accept(&certificate, &issuer)?);
        Ok(())
    }

    /// MSE:Set AT: selects the terminal certificate verified last for Terminal Authentication.
    ///
    /// # Errors
    /// 6A88 when that is not the certificate verified last, or it is no terminal's.
    pub fn set_authentication_template(&mut self, chr: &[u8]) -> Response<()> {
        let terminal = self
            .session
            .verified
            .as_ref()
            .filter(|verified| verified.is_terminal() && verified.reference.as_bytes() == chr)
            .ok_or(Status::REFERENCED_DATA_NOT_FOUND)?;
        self.session.terminal = Some(terminal.clone());
        Ok(())
    }

    /// GET CHALLENGE: r_PICC, good for one EXTERNAL AUTHENTICATE.
    ///
    /// # Errors
    /// 6982 without a channel.
    pub fn get_challenge(&mut self) -> Response<[u8; 8]> {
        self.need_channel()?;
        let challenge = random::<8>()?;
        self.session.challenge = Some(challenge);
        Ok(challenge)
    }

    /// EXTERNAL AUTHENTICATE: the terminal's signature over `ID_PICC ‖ r_PICC ‖ Comp(PK_PCD)` (TR-03110-3 §B.3).
    ///
    /// # Errors
    /// 6985 without Chip Authentication, selected terminal or challenge, 6300 when the signature does not verify.
    pub fn external_authenticate(&mut self, signature: &[u8]) -> Response<()> {
        let challenge = self.session.challenge.take();
        let session = &self.session;
        let (Some(id_picc), Some(agreed), Some(terminal), Some(challenge)) =
            (&session.id_picc, &session.chip_authentication, &session.terminal, challenge)
        else {
            return Err(Status::CONDITIONS_NOT_SATISFIED);
        };
        let message = [id_picc.as_slice(), &challenge, &agreed.compressed_key].concat();
        let key: &PublicKey = &terminal.key;
        key.verify(&message, signature).map_err(|_| Status::VERIFICATION_FAILED)?;
        self.session.rights = Some(terminal.rights);
        Ok(())
    }

    /// What the terminal may do since it authenticated itself.
    #[must_use]
    pub fn effective_rights(&self) -> Option<Rights> {
        self.session.rights
    }

    fn need_channel(&self) -> Response<()> {
        self.session.id_picc.as_ref().map(|_| ()).ok_or(Status::SECURITY_STATUS_NOT_SATISFIED)
    }
}

/// What is in a chip is its holder's.
impl std::fmt::Debug for Chip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chip")
            .field("current_date", &self.memory.current_date())
            .field("trust_points", &self.memory.references())
            .finish_non_exhaustive()
    }
}

/// Comp() of an uncompressed point: its x coordinate at the length of the field (TR-03110-3 §A.2.2.3).
pub(crate) fn compressed(point: &[u8]) -> Option<Vec<u8>> {
    match point {
        [4, coordinates @ ..] if coordinates.len().is_multiple_of(2) => {
            coordinates.get(..coordinates.len() / 2).map(<[u8]>::to_vec)
        }
        _ => None,
    }
}

/// KDF of TR-03110-3 §A.2.3 for the MAC key: hash over secret and counter 2.
pub(crate) fn session_key(secret: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    Ok(hash(MessageDigest::sha256(), &[secret, &[0, 0, 0, 2]].concat())?.to_vec())
}

/// A tag under the session key, in place of the MAC of secure messaging.
pub(crate) fn session_tag(key: &[u8], nonce: &[u8; 8]) -> Result<Vec<u8>, ErrorStack> {
    let inner = hash(MessageDigest::sha256(), &[key, nonce].concat())?;
    Ok(hash(MessageDigest::sha256(), &[key, &inner].concat())?.to_vec())
}

/// Compares tags without telling by time where they differ.
pub(crate) fn same_tag(one: &[u8], two: &[u8]) -> bool {
    one.len() == two.len() && memcmp::eq(one, two)
}

fn random<const LENGTH: usize>() -> Response<[u8; LENGTH]> {
    let mut octets = [0; LENGTH];
    rand_bytes(&mut octets).map_err(|_| Status::EXECUTION_ERROR)?;
    Ok(octets)
}

fn failure(_: BuilderError) -> Status {
    Status::EXECUTION_ERROR
}
