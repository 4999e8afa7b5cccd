//! Signed notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature).

use aws_lc_rs::signature::Ed25519KeyPair;

use crate::KeyError;

/// Signs a log's checkpoints.
pub(crate) struct LogSigner {
    name: String,
    key: Ed25519KeyPair,
}

impl LogSigner {
    pub(crate) fn new(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let key = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Refused)?;
        Ok(Self { name: name.to_owned(), key })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}
