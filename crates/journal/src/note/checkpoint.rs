//! Checkpoints: origin, size and root of a tree, signed by the log and cosigned by witnesses.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use straznica_types::Timestamp;

use super::key::is_key_name;
use super::{Algorithm, NoteError, VerifierKey};
use crate::encoding::Digest;

/// Most bytes of a signed checkpoint.
pub(super) const NOTE_LIMIT: usize = 16 * 1024;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Leaves of the tree.
    pub size: u64,
    /// Root of the tree.
    pub root: Digest,
}

impl Checkpoint {
    /// The text that is signed.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    fn parse(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.split_terminator('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(NoteError::Malformed("origin, size or root is missing"));
        };
        if lines.next().is_some() {
            return Err(NoteError::Malformed("extension lines are not used by this suite's logs"));
        }
        if !is_key_name(origin) {
            return Err(NoteError::Malformed("the origin cannot name a key"));
        }
        let number: u64 = size.parse().map_err(|_| NoteError::Malformed("the size is no number"))?;
        if number.to_string() != size {
            return Err(NoteError::Malformed("the size is not in its shortest form"));
        }
        let root = STANDARD.decode(root).map_err(|_| NoteError::Malformed("the root is not base64"))?;
        let root = root.try_into().map_err(|_| NoteError::Malformed("the root is not 32 bytes"))?;
        Ok(Self { origin: origin.to_owned(), size: number, root })
    }
}

/// One signature of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine {
    /// Name of the key.
    pub name: String,
    /// Tells keys of one name apart.
    pub key_id: [u8; 4],
    /// The signature; of a cosignature, eight bytes of time before it.
    pub signature: Vec<u8>,
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\u{2014} {} {}", self.name, STANDARD.encode([self.key_id.as_slice(), &self.signature].concat()))
    }
}

impl FromStr for SignatureLine {
    type Err = NoteError;

    fn from_str(line: &str) -> Result<Self, NoteError> {
        let malformed = NoteError::Malformed("a signature line is malformed");
        let (name, signature) =
            line.strip_prefix("\u{2014} ").and_then(|rest| rest.split_once(' ')).ok_or(malformed)?;
        let bytes = STANDARD.decode(signature).map_err(|_| malformed)?;
        let (key_id, signature) = bytes.split_first_chunk::<4>().ok_or(malformed)?;
        if !is_key_name(name) || signature.is_empty() {
            return Err(malformed);
        }
        Ok(Self { name: name.to_owned(), key_id: *key_id, signature: signature.to_vec() })
    }
}

/// A checkpoint with its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// By whom, the log first.
    pub signatures: Vec<SignatureLine>,
}

impl SignedCheckpoint {
    /// Checks that the log whose key this is signed the checkpoint as its own.
    ///
    /// # Errors
    /// When the key is another log's, or its signature is absent or not valid.
    pub fn verify_log(&self, key: &VerifierKey) -> Result<(), NoteError> {
        if key.algorithm() != Algorithm::Ed25519 || key.name() != self.checkpoint.origin {
            return Err(NoteError::NotSigned);
        }
        key.verify(self.checkpoint.text().as_bytes(), &self.by(key)?.signature)
    }

    /// Checks that the witness whose key this is cosigned the checkpoint, and tells when.
    ///
    /// # Errors
    /// When its cosignature is absent or not valid.
    pub fn verify_witness(&self, key: &VerifierKey) -> Result<Timestamp, NoteError> {
        self.checkpoint.verify_cosignature(key, self.by(key)?)
    }

    fn by(&self, key: &VerifierKey) -> Result<&SignatureLine, NoteError> {
        let id = key.id();
        self.signatures.iter().find(|line| line.name == key.name() && line.key_id == id).ok_or(NoteError::NotSigned)
    }
}

impl Checkpoint {
    /// Checks one cosignature over this checkpoint and tells when it was made (whole seconds).
    ///
    /// # Errors
    /// When it is not by this key or not valid.
    pub fn verify_cosignature(&self, key: &VerifierKey, line: &SignatureLine) -> Result<Timestamp, NoteError> {
        if key.algorithm() != Algorithm::CosignatureV1 || line.name != key.name() || line.key_id != key.id() {
            return Err(NoteError::NotSigned);
        }
        let (time, signature) = line.signature.split_first_chunk::<8>().ok_or(NoteError::BadSignature)?;
        let seconds = u64::from_be_bytes(*time);
        key.verify(self.cosigned_text(seconds).as_bytes(), signature)?;
        let millis = i64::try_from(seconds).ok().and_then(|seconds| seconds.checked_mul(1_000));
        Ok(Timestamp::from_millis(millis.ok_or(NoteError::BadSignature)?))
    }

    /// The text a witness signs at a time, seconds since 1970.
    pub(super) fn cosigned_text(&self, seconds: u64) -> String {
        format!("cosignature/v1\ntime {seconds}\n{}", self.text())
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.checkpoint.text())?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl FromStr for SignedCheckpoint {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.len() > NOTE_LIMIT {
            return Err(NoteError::TooLarge);
        }
        let (text, signatures) = note.split_once("\n\n").ok_or(NoteError::Malformed("there is no empty line"))?;
        if signatures.is_empty() || !signatures.ends_with('\n') {
            return Err(NoteError::Malformed("the last line has no end"));
        }
        let checkpoint = Checkpoint::parse(text)?;
        let signatures = signatures.split_terminator('\n').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { checkpoint, signatures })
    }
}
