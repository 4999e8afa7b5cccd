//! Reading a bundle, in two steps: whose it is, then what is in it.

use std::ops::RangeInclusive;

use emrtd::cms::SignedData;
use emrtd::crypto::HashAlgorithm;
use straznica_types::Timestamp;

use super::cms::DATA;
use super::file::{FORMAT, File, FileItem, digest};
use super::{BundleError, BundleLimits, Digest, Item};
use crate::Country;
use crate::operation::Operation;
use crate::profile::Profile;
use crate::soap::Decoder;

/// A bundle whose signature is that of the certificate it carries. Whether that certificate is the sender's is not known yet.
pub struct Sealed {
    presented: Vec<Vec<u8>>,
    created: Timestamp,
    file: File,
    limits: BundleLimits,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed").field("id", &self.file.id).field("sender", &self.file.sender).finish_non_exhaustive()
    }
}

/// What was in a bundle for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its identifier.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// Who made it.
    pub sender: Country,
    /// Messages and answers, in order.
    pub items: Vec<OpenedItem>,
}

/// One thing that was in a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedItem {
    /// Digest of its envelope, by which an answer names it.
    pub digest: Digest,
    /// The message or answer.
    pub item: Item,
}

impl Sealed {
    /// Takes the file apart and verifies the signature under the certificate it carries.
    ///
    /// # Errors
    /// [`BundleError`]
    pub fn read(bytes: &[u8], limits: BundleLimits) -> Result<Self, BundleError> {
        if bytes.len() > limits.file {
            return Err(BundleError::TooLarge(limits.file));
        }
        let message = SignedData::parse(bytes)?;
        if message.content_type().to_string() != DATA {
            return Err(BundleError::ContentType(message.content_type().to_string()));
        }
        let signer = message.signer_certificate().ok_or(BundleError::NoSigner)?;
        let algorithm = message.verify(&signer, "bundle", &mut Vec::new())?;
        if matches!(algorithm.hash(), HashAlgorithm::Sha1 | HashAlgorithm::Sha224) {
            return Err(BundleError::WeakHash);
        }
        let others = message.certificates().iter().filter(|der| **der != signer.der()).map(|der| der.to_vec());
        let presented = [signer.der().to_vec()].into_iter().chain(others).collect();
        let file: File = serde_json::from_slice(message.content())?;
        if file.format != FORMAT {
            return Err(BundleError::Format(file.format));
        }
        if !is_bundle_id(&file.id) {
            return Err(BundleError::Id);
        }
        let created = file.created.parse().map_err(|_| BundleError::Created)?;
        if file.items.is_empty() || file.items.len() > limits.items {
            return Err(BundleError::Items { found: file.items.len(), limit: limits.items });
        }
        Ok(Self { presented, created, file, limits })
    }

    /// Whom it says it is from; to be held against [`Self::presented`].
    #[must_use]
    pub fn sender(&self) -> Country {
        self.file.sender
    }

    /// The signer's certificate and the others it came with, DER, as [`crate::identity`] judges them. The side is that of a client: the sender
    /// brings it to us.
    #[must_use]
    pub fn presented(&self) -> &[Vec<u8>] {
        &self.presented
    }

    /// Opens a bundle of a sender who was judged, made within `taken`, of which the end is now. `receiver` is who we are, `profile` the sender's.
    ///
    /// # Errors
    /// [`BundleError`]: it is not for us or too old, or something in it cannot be read; then nothing of it counts.
    pub fn open(
        self,
        receiver: Country,
        taken: RangeInclusive<Timestamp>,
        decoder: &Decoder,
        profile: &Profile,
    ) -> Result<Opened, BundleError> {
        if self.file.receiver != receiver {
            return Err(BundleError::OtherReceiver(self.file.receiver));
        }
        if self.created < *taken.start() {
            return Err(BundleError::TooOld(self.created));
        }
        if self.created.millis().saturating_sub(taken.end().millis()) > self.limits.ahead_ms {
            return Err(BundleError::Ahead(self.created));
        }
        let File { id, sender, items, .. } = self.file;
        let items = (1..).zip(items).map(|(number, item)| open_item(number, item, sender, decoder, profile));
        Ok(Opened { id, created: self.created, sender, items: items.collect::<Result<_, _>>()? })
    }
}

/// A bundle's identifier is of our own form and no message's: 1 to 64 visible ASCII characters.
fn is_bundle_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn open_item(
    number: usize,
    item: FileItem,
    sender: Country,
    decoder: &Decoder,
    profile: &Profile,
) -> Result<OpenedItem, BundleError> {
    let digest = digest(&item.envelope)?;
    if digest != item.sha256.0 {
        return Err(BundleError::Digest(number));
    }
    let operation = Operation::ALL.into_iter().find(|operation| operation.as_str() == item.operation);
    let operation = operation.ok_or(BundleError::Operation(number))?;
    let envelope = item.envelope.as_bytes();
    let unreadable = |source| BundleError::Envelope { item: number, source };
    let item = match item.answers {
        None => {
            let message = decoder.request(envelope, Some(operation.as_str()), profile).map_err(unreadable)?.message;
            if message.caller_id() != sender.as_str() {
                return Err(BundleError::OtherCaller(number));
            }
            Item::Message(message)
        }
        Some(answered) => {
            let answer = decoder.answer(envelope, operation, profile).map_err(unreadable)?;
            let answer = answer.map_err(|_| BundleError::Fault(number))?;
            Item::Answer { message_id: answered.message_id, to: answered.sha256.0, answer }
        }
    };
    Ok(OpenedItem { digest, item })
}
