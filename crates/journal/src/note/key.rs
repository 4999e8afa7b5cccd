//! Verifier keys: `<name>+<key id>+<base64 of algorithm and key>` (C2SP signed-note).

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::NoteError;

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// The text of the note itself: the log's own signature.
    Ed25519,
    /// A time and the text: a witness's cosignature (cosignature/v1).
    CosignatureV1,
}

impl Algorithm {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::CosignatureV1 => 4,
        }
    }
}

/// A public key with its name and use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    key: [u8; 32],
}

impl VerifierKey {
    pub(crate) fn new(name: &str, algorithm: Algorithm, key: [u8; 32]) -> Self {
        Self { name: name.to_owned(), algorithm, key }
    }

    /// Name of the key; a log's is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Four bytes that tell keys of one name apart.
    pub(crate) fn id(&self) -> [u8; 4] {
        let bytes = [self.name.as_bytes(), b"\n", &[self.algorithm.byte()], &self.key].concat();
        let hash = digest(&SHA256, &bytes);
        let mut id = [0; 4];
        id.copy_from_slice(&hash.as_ref()[..4]);
        id
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), NoteError> {
        UnparsedPublicKey::new(&ED25519, &self.key).verify(message, signature).map_err(|_| NoteError::BadSignature)
    }
}

/// Whether a text can name a key: no space, no plus sign, nothing invisible.
pub(crate) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 256 && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.algorithm.byte()], self.key.as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::MalformedKey);
        };
        let bytes = STANDARD.decode(key).map_err(|_| NoteError::MalformedKey)?;
        let (algorithm, key) = match bytes.split_first() {
            Some((1, key)) => (Algorithm::Ed25519, key),
            Some((4, key)) => (Algorithm::CosignatureV1, key),
            _ => return Err(NoteError::MalformedKey),
        };
        let key = key.try_into().map_err(|_| NoteError::MalformedKey)?;
        let parsed = Self::new(name, algorithm, key);
        if !is_key_name(name) || hex::encode(parsed.id()) != id {
            return Err(NoteError::MalformedKey);
        }
        Ok(parsed)
    }
}
