//! The two keys of a service's journal: it signs its own checkpoints, and as a witness it cosigns others'.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use straznica_types::{Secret, Timestamp};

use super::key::is_key_name;
use super::{Algorithm, Checkpoint, SignatureLine, SignedCheckpoint, VerifierKey};
use crate::KeyError;

/// Signs this log's checkpoints.
pub(crate) struct LogSigner {
    key: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl LogSigner {
    pub(crate) fn new(origin: &str, seed: &Secret<[u8; 32]>) -> Result<Self, KeyError> {
        let (key, verifier) = key_pair(origin, Algorithm::Ed25519, seed.expose())?;
        Ok(Self { key, verifier })
    }

    /// The key that verifies what this one signs; its name is the log's origin.
    pub(crate) fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(crate) fn sign(&self, checkpoint: Checkpoint) -> SignedCheckpoint {
        let signature = self.key.sign(checkpoint.text().as_bytes()).as_ref().to_vec();
        let line = SignatureLine { name: self.verifier.name().to_owned(), key_id: self.verifier.id(), signature };
        SignedCheckpoint { checkpoint, signatures: vec![line] }
    }
}

/// Cosigns other logs' checkpoints.
pub(crate) struct WitnessSigner {
    key: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl WitnessSigner {
    /// The witness of the service whose log is `origin`. Its key is derived from the log's seed, so that one file is kept and yet no key serves two
    /// uses.
    pub(crate) fn new(origin: &str, seed: &Secret<[u8; 32]>) -> Result<Self, KeyError> {
        let derivation = hmac::Key::new(hmac::HMAC_SHA256, seed.expose());
        let tag = hmac::sign(&derivation, b"straznica/journal-witness-key/v1");
        let mut derived = [0; 32];
        derived.copy_from_slice(tag.as_ref());
        let derived = Secret::new(derived);
        let (key, verifier) = key_pair(&format!("{origin}/witness"), Algorithm::CosignatureV1, derived.expose())?;
        Ok(Self { key, verifier })
    }

    pub(crate) fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Cosigns at a time of whole seconds.
    pub(crate) fn cosign(&self, checkpoint: &Checkpoint, at: Timestamp) -> SignatureLine {
        let seconds = u64::try_from(at.millis() / 1_000).unwrap_or(0);
        let signature = self.key.sign(checkpoint.cosigned_text(seconds).as_bytes());
        SignatureLine {
            name: self.verifier.name().to_owned(),
            key_id: self.verifier.id(),
            signature: [seconds.to_be_bytes().as_slice(), signature.as_ref()].concat(),
        }
    }
}

fn key_pair(name: &str, algorithm: Algorithm, seed: &[u8; 32]) -> Result<(Ed25519KeyPair, VerifierKey), KeyError> {
    if !is_key_name(name) {
        return Err(KeyError::Origin);
    }
    let key = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Refused)?;
    let mut public = [0; 32];
    public.copy_from_slice(key.public_key().as_ref());
    let verifier = VerifierKey::new(name, algorithm, public);
    Ok((key, verifier))
}
