//! The private keys of a chip and what it does with them.

use cvc::domain_parameters::StandardisedCurve;
use openssl::bn::{BigNum, BigNumContext};
use openssl::derive::Deriver;
use openssl::ec::{EcKey, PointConversionForm};
use openssl::ecdsa::EcdsaSig;
use openssl::pkey::{PKey, Private};
use openssl::rand::rand_bytes;
use openssl::rsa::{Padding, Rsa};

use super::algorithm::{arc, ec_public_key_info, plain_signature};
use super::{BuilderError, Digest, der};

/// The static key pair of Chip Authentication, on an elliptic curve.
#[derive(Clone)]
pub struct ChipAuthenticationKey {
    curve: StandardisedCurve,
    key: EcKey<Private>,
}

/// What a chip sends to prove its key by PACE with Chip Authentication Mapping (Doc 9303-11 §4.4.3.5).
#[derive(Clone, PartialEq, Eq)]
pub struct MappingProof {
    /// CA_IC, most significant octet first.
    pub chip_authentication_data: Vec<u8>,
    /// The mapping key PK_Map, an uncompressed point.
    pub mapping_public_key: Vec<u8>,
}

impl ChipAuthenticationKey {
    /// A new key.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn generate(curve: StandardisedCurve) -> Result<Self, BuilderError> {
        Ok(Self { curve, key: EcKey::generate(curve.group())? })
    }

    /// A key from PKCS #8, DER; its curve may be written out.
    ///
    /// # Errors
    /// When it is no EC key on a standardised curve.
    pub fn from_pkcs8(der: &[u8], curve: StandardisedCurve) -> Result<Self, BuilderError> {
        let read = PKey::private_key_from_pkcs8(der)?.ec_key()?;
        let mut context = BigNumContext::new()?;
        let point = read.public_key().to_bytes(read.group(), PointConversionForm::UNCOMPRESSED, &mut context)?;
        let public = curve.curve().public_key(&point)?;
        let key = EcKey::from_private_components(curve.group(), read.private_key(), public.public_key())?;
        key.check_key()?;
        Ok(Self { curve, key })
    }

    /// The curve.
    #[must_use]
    pub fn curve(&self) -> StandardisedCurve {
        self.curve
    }

    /// SubjectPublicKeyInfo with the curve written out, as chips have it.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn public_key_info(&self) -> Result<Vec<u8>, BuilderError> {
        ec_public_key_info(self.curve, &self.key, true)
    }

    /// Agrees on a secret with the terminal's ephemeral public key, an uncompressed point: the x coordinate at the
    /// length of the field (TR-03111 §4.3.1).
    ///
    /// # Errors
    /// When the point is not on the curve.
    pub fn agree(&self, ephemeral: &[u8]) -> Result<Vec<u8>, BuilderError> {
        let peer = PKey::from_ec_key(self.curve.curve().public_key(ephemeral)?)?;
        let own = PKey::from_ec_key(self.key.clone())?;
        let mut deriver = Deriver::new(&own)?;
        deriver.set_peer(&peer)?;
        Ok(deriver.derive_to_vec()?)
    }

    /// Maps with a fresh key pair and proves the static key: CA_IC = SK_IC⁻¹ · SK_Map mod n.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn prove_mapping(&self) -> Result<MappingProof, BuilderError> {
        let group = self.curve.group();
        let mut context = BigNumContext::new()?;
        let mapping = EcKey::generate(group)?;
        let mut order = BigNum::new()?;
        group.order(&mut order, &mut context)?;
        let (mut inverse, mut data) = (BigNum::new()?, BigNum::new()?);
        inverse.mod_inverse(self.key.private_key(), &order, &mut context)?;
        data.mod_mul(&inverse, mapping.private_key(), &order, &mut context)?;
        let point = mapping.public_key().to_bytes(group, PointConversionForm::UNCOMPRESSED, &mut context)?;
        Ok(MappingProof { chip_authentication_data: data.to_vec(), mapping_public_key: point })
    }
}

/// The key pair of Active Authentication.
#[derive(Clone)]
pub enum ActiveAuthenticationKey {
    /// Plain ECDSA.
    Ecdsa {
        /// Curve.
        curve: StandardisedCurve,
        /// Hash, named in DG14.
        digest: Digest,
        /// Key.
        key: EcKey<Private>,
    },
    /// ISO/IEC 9796-2 scheme 1.
    Rsa {
        /// Hash, named in the trailer.
        digest: Digest,
        /// Key.
        key: Rsa<Private>,
    },
}

impl ActiveAuthenticationKey {
    /// SubjectPublicKeyInfo for DG15.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn public_key_info(&self) -> Result<Vec<u8>, BuilderError> {
        match self {
            Self::Ecdsa { curve, key, .. } => ec_public_key_info(*curve, key, true),
            Self::Rsa { key, .. } => Ok(key.public_key_to_der()?),
        }
    }

    /// The signature algorithm DG14 names, for a key on an elliptic curve.
    pub(super) fn algorithm_oid(&self) -> Option<String> {
        match self {
            Self::Ecdsa { digest, .. } => Some(format!("0.4.0.127.0.7.1.1.4.1.{}", arc(*digest))),
            Self::Rsa { .. } => None,
        }
    }

    /// The answer to INTERNAL AUTHENTICATE (Doc 9303-11 §6.1).
    ///
    /// # Errors
    /// When the cryptographic library fails, or the RSA key is too short for its hash.
    pub fn answer(&self, challenge: &[u8; 8]) -> Result<Vec<u8>, BuilderError> {
        match self {
            Self::Ecdsa { curve, digest, key } => {
                plain_signature(&EcdsaSig::sign(&digest.digest(challenge)?, key)?, *curve)
            }
            Self::Rsa { digest, key } => recoverable_signature(key, *digest, challenge),
        }
    }
}

/// `(6A ‖ M1 ‖ H(M1 ‖ challenge) ‖ trailer)^d mod n` with M1 random, filling the modulus.
fn recoverable_signature(key: &Rsa<Private>, digest: Digest, challenge: &[u8]) -> Result<Vec<u8>, BuilderError> {
    let trailer: &[u8] = match digest {
        Digest::Sha1 => &[0xBC],
        Digest::Sha224 => &[0x38, 0xCC],
        Digest::Sha256 => &[0x34, 0xCC],
        Digest::Sha384 => &[0x36, 0xCC],
        Digest::Sha512 => &[0x35, 0xCC],
    };
    let length = usize::try_from(key.size()).unwrap_or(0);
    let first_part = length
        .checked_sub(1 + digest.length() + trailer.len())
        .filter(|length| *length > 0)
        .ok_or(BuilderError::Unfit("the hash in an RSA key of this length"))?;
    let mut nonce = vec![0; first_part];
    rand_bytes(&mut nonce)?;
    let hash = digest.digest(&[&nonce, challenge].concat())?;
    let representative = [&[0x6A], nonce.as_slice(), &hash, trailer].concat();
    let mut signature = vec![0; length];
    key.private_encrypt(&representative, &mut signature, Padding::NONE)?;
    Ok(signature)
}

/// All private keys of a chip.
#[derive(Clone)]
pub struct ChipKeys {
    /// Chip Authentication.
    pub chip_authentication: Option<ChipAuthenticationKey>,
    /// Active Authentication.
    pub active_authentication: Option<ActiveAuthenticationKey>,
}

impl ChipKeys {
    /// Other keys of the same kinds: what a copied chip has, since it cannot copy these.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn regenerated(&self) -> Result<Self, BuilderError> {
        let chip_authentication =
            self.chip_authentication.as_ref().map(|key| ChipAuthenticationKey::generate(key.curve)).transpose()?;
        let active_authentication = match &self.active_authentication {
            None => None,
            Some(ActiveAuthenticationKey::Ecdsa { curve, digest, .. }) => Some(ActiveAuthenticationKey::Ecdsa {
                curve: *curve,
                digest: *digest,
                key: EcKey::generate(curve.group())?,
            }),
            Some(ActiveAuthenticationKey::Rsa { digest, key }) => {
                Some(ActiveAuthenticationKey::Rsa { digest: *digest, key: Rsa::generate(key.size() * 8)? })
            }
        };
        Ok(Self { chip_authentication, active_authentication })
    }
}

impl std::fmt::Debug for ChipKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChipKeys")
            .field("chip_authentication", &self.chip_authentication.is_some())
            .field("active_authentication", &self.active_authentication.is_some())
            .finish()
    }
}

/// DG14 of these keys; `pace` entries are repeated from EF.CardAccess.
pub(super) fn security_infos(keys: &ChipKeys, pace: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, BuilderError> {
    let mut entries = pace.to_vec();
    if let Some(key) = &keys.chip_authentication {
        entries.push(der::sequence(&[&der::oid("0.4.0.127.0.7.2.2.1.2")?, &key.public_key_info()?]));
        entries.push(der::sequence(&[&der::oid("0.4.0.127.0.7.2.2.3.2.2")?, &der::number(1)]));
        entries.push(der::sequence(&[&der::oid("0.4.0.127.0.7.2.2.2")?, &der::number(1)]));
    }
    if let Some(algorithm) = keys.active_authentication.as_ref().and_then(ActiveAuthenticationKey::algorithm_oid) {
        entries.push(der::sequence(&[&der::oid("2.23.136.1.1.5")?, &der::number(1), &der::oid(&algorithm)?]));
    }
    Ok(entries)
}
