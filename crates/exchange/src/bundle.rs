//! The e-mail fallback: messages for one partner in one signed file, for when the line between two SPOCs is down (TR-03139; the registration has an
//! address for it).
//!
//! The file is a CMS SignedData (RFC 5652, DER, content type data) by the SPOC client certificate's key; any CMS tool takes it apart. Its content is a
//! small JSON object: who sends to whom, when, and each message as the very SOAP envelope the SOAP binding would carry, with its SHA-256. An
//! envelope is what every edition defines and what a partner without this software can read or type in by hand; the JSON around it
//! needs no schema and no signature of its own.
//!
//! - Writing: [`Bundle::draft`], then a signature over [`Draft::to_be_signed`], by a key in a file ([`Bundle::sign`]) or in a token, then
//!   [`Draft::finish`].
//! - Reading: [`Sealed::read`] checks the form and the signature under the certificate the file carries. Who that is, [`crate::identity`] judges on
//!   [`Sealed::presented`]. Then [`Sealed::open`] reads the messages for us, not older than an age.
//!
//! A bundle read twice changes nothing, since its messages have identifiers and are answered like those that came by line. Answers travel back in a
//! bundle too and name what they answer.

mod cms;
mod file;
mod open;

use openssl::pkey::{HasPrivate, PKeyRef};
use straznica_types::Timestamp;

pub use cms::{BundleAlgorithm, Draft};
pub use file::digest_of;
pub use open::{Opened, OpenedItem, Sealed};

use crate::Country;
use crate::message::{Answer, Message};
use crate::profile::Profile;
use crate::soap::{SoapError, Unspeakable};

/// Longest file, bytes.
pub const LARGEST_FILE: usize = 8 * 1024 * 1024;

/// Limits of what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundleLimits {
    /// Longest file, bytes.
    pub file: usize,
    /// Most messages and answers in one.
    pub items: usize,
    /// How far the partner's clock may be ahead of ours, milliseconds.
    pub ahead_ms: i64,
}

impl Default for BundleLimits {
    fn default() -> Self {
        const MINUTE: i64 = 60_000;
        Self { file: LARGEST_FILE, items: 256, ahead_ms: 10 * MINUTE }
    }
}

/// What is put into a file for a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Unique identifier: 1 to 64 visible ASCII characters.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// Who makes it.
    pub sender: Country,
    /// Whom it is for.
    pub receiver: Country,
    /// Messages and answers, in order.
    pub items: Vec<Item>,
}

/// SHA-256 of an envelope.
pub type Digest = [u8; 32];

/// One thing in a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A message of the sender's.
    Message(Message),
    /// The sender's answer to a message of the receiver's.
    Answer {
        /// Identifier of that message; a notification may have none.
        message_id: Option<String>,
        /// Digest of its envelope in the bundle it came in.
        to: Digest,
        /// The answer.
        answer: Answer,
    },
}

/// Why a bundle cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Longer than the limit.
    #[error("the file is longer than {0} bytes")]
    TooLarge(usize),
    /// No signed message.
    #[error("the file is no signed message: {0}")]
    Cms(#[from] emrtd::cms::CmsError),
    /// The signed content is of another type than data.
    #[error("the signed content is of type {0}, not data")]
    ContentType(String),
    /// The certificate of the signer is not in the file.
    #[error("the file does not carry its signer's certificate")]
    NoSigner,
    /// The signature is not the signer's, or not over this content.
    #[error("the signature is refused: {0}")]
    Signature(#[from] emrtd::cms::SignatureRefusal),
    /// SHA-1 and shorter.
    #[error("the signature is over a weak hash")]
    WeakHash,
    /// The certificate given to sign with, or its name, cannot be read.
    #[error("the certificate to sign with cannot be read: {0}")]
    Certificate(#[from] emrtd::x509::CertificateError),
    /// Something could not be encoded.
    #[error("the file cannot be encoded: {0}")]
    Encoding(#[from] emrtd::builder::BuilderError),
    /// The key is of a kind no bundle is signed with.
    #[error("the key can sign no bundle")]
    Key,
    /// OpenSSL could not sign.
    #[error("the bundle could not be signed: {0}")]
    Signing(#[from] openssl::error::ErrorStack),
    /// The moment it was made is beyond the calendar.
    #[error("the moment it was made is beyond the calendar")]
    Calendar(#[from] time::error::ComponentRange),
    /// The content is not what this format has.
    #[error("the content is no bundle: {0}")]
    Content(#[from] serde_json::Error),
    /// A version of the format nobody here knows.
    #[error("the format {0:?} is not known here")]
    Format(String),
    /// The identifier is empty, too long or not printable.
    #[error("the bundle's identifier is not 1 to 64 visible characters")]
    Id,
    /// No time as RFC 3339 writes it.
    #[error("the time it was made is not readable")]
    Created,
    /// More than the limit, or nothing.
    #[error("the bundle has {found} items; 1 to {limit} are taken")]
    Items {
        /// How many there are.
        found: usize,
        /// How many are taken.
        limit: usize,
    },
    /// For somebody else.
    #[error("the bundle is for {0}")]
    OtherReceiver(Country),
    /// Too old to be taken.
    #[error("the bundle was made at {0}, which is too long ago")]
    TooOld(Timestamp),
    /// From the future.
    #[error("the bundle was made at {0}, which is yet to come")]
    Ahead(Timestamp),
    /// The digest in the list is another.
    #[error("item {0}: the digest is not that of the envelope")]
    Digest(usize),
    /// An operation of no known name.
    #[error("item {0}: no such operation")]
    Operation(usize),
    /// The envelope cannot be read.
    #[error("item {item}: {source}")]
    Envelope {
        /// Which, from 1.
        item: usize,
        /// Why.
        source: SoapError,
    },
    /// A fault in place of an answer.
    #[error("item {0}: a fault is no answer")]
    Fault(usize),
    /// A message of another state than the bundle's sender.
    #[error("item {0}: the message is not the sender's")]
    OtherCaller(usize),
    /// A message with a text XML cannot carry.
    #[error(transparent)]
    Unspeakable(#[from] Unspeakable),
}

impl Bundle {
    /// Prepares the file, up to its signature. `chain` is the certificate of the key that will sign and those between it and the root, DER.
    ///
    /// # Errors
    /// [`BundleError`] when a message cannot be written or a certificate not read.
    pub fn draft(
        &self,
        profile: &Profile,
        chain: &[Vec<u8>],
        algorithm: BundleAlgorithm,
    ) -> Result<Draft, BundleError> {
        Draft::new(&file::write(self, profile)?, self.created, chain, algorithm)
    }

    /// Makes the file with a key at hand.
    ///
    /// # Errors
    /// [`BundleError`]
    pub fn sign<T: HasPrivate>(
        &self,
        profile: &Profile,
        chain: &[Vec<u8>],
        key: &PKeyRef<T>,
    ) -> Result<Vec<u8>, BundleError> {
        let algorithm = BundleAlgorithm::of(key).ok_or(BundleError::Key)?;
        let draft = self.draft(profile, chain, algorithm)?;
        let signature = algorithm.sign(key, draft.to_be_signed())?;
        draft.finish(&signature)
    }
}

#[cfg(test)]
mod tests;
