//! The canonical encodings behind every digest in the tree, version 1.
//!
//! Everything is SHA-256. Texts and byte strings are preceded by their length in bytes (32 bits, big-endian), numbers are 64 bits big-endian, UUIDs
//! and digests stand as they are. Each encoding begins with a text of its own, so no encoding can pass for another.
//!
//! | encoding | begins with | then |
//! |---|---|---|
//! | payload | `straznica/journal-payload/v1` | salt (32 bytes), subject, case number, detail (JSON as stored) |
//! | event | `straznica/journal-event/v1` | full name of the message, the message |
//! | entry | `straznica/journal-entry/v1` | entry id (16 bytes), time (milliseconds UTC), actor, terminal, officer, purpose, request id, kind, legal basis, payload digest (32 bytes), then `00`, or `01` and the event digest (32 bytes) |
//!
//! The leaf of an entry is the RFC 6962 leaf hash of its encoding: SHA-256(`00` ‖ encoding). The payload enters by its salted digest only: without
//! the salt, which is erased with it, nobody can test guesses against the tree.

use aws_lc_rs::digest::{Context, SHA256};
use uuid::Uuid;

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// Bytes of salt before a payload.
pub const SALT_LENGTH: usize = 32;

/// The parts of an entry that its leaf covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafFields<'a> {
    /// Id of the entry.
    pub entry_id: Uuid,
    /// When, milliseconds UTC.
    pub at_ms: i64,
    /// The peer that called.
    pub actor: &'a str,
    /// Terminal.
    pub terminal: &'a str,
    /// Officer.
    pub officer: &'a str,
    /// Purpose.
    pub purpose: &'a str,
    /// Correlation id.
    pub request_id: &'a str,
    /// What was done.
    pub kind: &'a str,
    /// Act and article.
    pub legal_basis: &'a str,
    /// [`payload_digest`] of the payload.
    pub payload_digest: Digest,
    /// [`event_digest`] of the event published with it.
    pub event_digest: Option<Digest>,
}

/// Salted digest of the erasable part of an entry. No subject is the empty text.
pub fn payload_digest(salt: &[u8; SALT_LENGTH], subject: &str, case_number: &str, detail: &str) -> Digest {
    let mut encoder = Encoder::begin(&[], "straznica/journal-payload/v1");
    encoder.fixed(salt);
    encoder.variable(subject.as_bytes());
    encoder.variable(case_number.as_bytes());
    encoder.variable(detail.as_bytes());
    encoder.finish()
}

/// Digest of an event.
pub fn event_digest(type_name: &str, payload: &[u8]) -> Digest {
    let mut encoder = Encoder::begin(&[], "straznica/journal-event/v1");
    encoder.variable(type_name.as_bytes());
    encoder.variable(payload);
    encoder.finish()
}

/// Leaf hash of an entry.
pub fn leaf_hash(fields: &LeafFields<'_>) -> Digest {
    let mut encoder = Encoder::begin(&[0], "straznica/journal-entry/v1");
    encoder.fixed(fields.entry_id.as_bytes());
    encoder.fixed(&fields.at_ms.to_be_bytes());
    for text in [
        fields.actor,
        fields.terminal,
        fields.officer,
        fields.purpose,
        fields.request_id,
        fields.kind,
        fields.legal_basis,
    ] {
        encoder.variable(text.as_bytes());
    }
    encoder.fixed(&fields.payload_digest);
    match &fields.event_digest {
        None => encoder.fixed(&[0]),
        Some(digest) => {
            encoder.fixed(&[1]);
            encoder.fixed(digest);
        }
    }
    encoder.finish()
}

struct Encoder(Context);

impl Encoder {
    fn begin(prefix: &[u8], domain: &str) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(prefix);
        context.update(domain.as_bytes());
        Self(context)
    }

    fn fixed(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn variable(&mut self, bytes: &[u8]) {
        // What is stored was checked against limits far below 4 GiB; anything longer in a tampered export is told apart by the saturated length.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.0.update(&length.to_be_bytes());
        self.0.update(bytes);
    }

    fn finish(self) -> Digest {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.0.finish().as_ref());
        digest
    }
}
