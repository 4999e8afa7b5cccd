//! Signed notes and what is written in them: checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature).
//!
//! A note is a text, an empty line, and signature lines: an em dash, the name of a key, and base64 of four bytes of key id and the signature.

mod checkpoint;
mod key;
mod signer;

pub use checkpoint::{Checkpoint, SignatureLine, SignedCheckpoint};
pub use key::{Algorithm, VerifierKey};
pub(crate) use signer::{LogSigner, WitnessSigner};

/// Why a note, a key or a signature in it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Larger than any checkpoint needs to be.
    #[error("the note is larger than {} bytes", checkpoint::NOTE_LIMIT)]
    TooLarge,
    /// Not the form of a signed checkpoint.
    #[error("the note is not a signed checkpoint: {0}")]
    Malformed(&'static str),
    /// Not the form of a verifier key.
    #[error("the verifier key is malformed")]
    MalformedKey,
    /// No signature by this key.
    #[error("the note carries no signature by this key")]
    NotSigned,
    /// The signature is not valid.
    #[error("the signature on the note is not valid")]
    BadSignature,
}

#[cfg(test)]
mod tests;
