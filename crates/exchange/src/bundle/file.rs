//! The content of a bundle: JSON around envelopes.

use emrtd::crypto::HashAlgorithm;
use serde::{Deserialize, Serialize};

use super::{Bundle, BundleError, Digest, Item};
use crate::Country;
use crate::message::Message;
use crate::profile::Profile;
use crate::soap::{encode_answer, encode_request};

/// Name of the format and its version.
pub(super) const FORMAT: &str = "straznica.spoc.bundle.v1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) format: String,
    pub(super) id: String,
    /// RFC 3339, UTC.
    pub(super) created: String,
    pub(super) sender: Country,
    pub(super) receiver: Country,
    pub(super) items: Vec<FileItem>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileItem {
    /// The standard's name.
    pub(super) operation: String,
    /// What it answers, if it is an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answers: Option<Answered>,
    /// Of the envelope, hexadecimal.
    pub(super) sha256: Hex,
    /// The SOAP envelope.
    pub(super) envelope: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answered {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) message_id: Option<String>,
    pub(super) sha256: Hex,
}

/// A digest as 64 hexadecimal digits, so that two people can compare it.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Hex(pub(super) Digest);

impl From<Hex> for String {
    fn from(Hex(digest): Hex) -> Self {
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Not 64 hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("expected 64 hexadecimal digits")]
pub(super) struct NotADigest;

impl TryFrom<String> for Hex {
    type Error = NotADigest;

    fn try_from(text: String) -> Result<Self, NotADigest> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let pairs = text.as_bytes().chunks(2).map(|pair| match *pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        });
        let bytes: Vec<u8> = pairs.collect::<Option<_>>().ok_or(NotADigest)?;
        bytes.try_into().map(Self).map_err(|_| NotADigest)
    }
}

pub(super) fn write(bundle: &Bundle, profile: &Profile) -> Result<Vec<u8>, BundleError> {
    let items = bundle.items.iter().map(|item| write_item(item, profile)).collect::<Result<_, _>>()?;
    let file = File {
        format: FORMAT.to_owned(),
        id: bundle.id.clone(),
        created: bundle.created.to_string(),
        sender: bundle.sender,
        receiver: bundle.receiver,
        items,
    };
    Ok(serde_json::to_vec_pretty(&file)?)
}

fn write_item(item: &Item, profile: &Profile) -> Result<FileItem, BundleError> {
    let (operation, envelope, answers) = match item {
        Item::Message(message) => (message.operation(), encode_request(message, profile)?, None),
        Item::Answer { message_id, to, answer } => {
            let answers = Answered { message_id: message_id.clone(), sha256: Hex(*to) };
            (answer.operation(), encode_answer(answer, profile), Some(answers))
        }
    };
    Ok(FileItem { operation: operation.as_str().to_owned(), answers, sha256: Hex(digest(&envelope)?), envelope })
}

/// The digest by which an answer names a message (of a partner's profile).
///
/// # Errors
/// [`BundleError`] when XML has no way to carry it.
pub fn digest_of(message: &Message, profile: &Profile) -> Result<Digest, BundleError> {
    digest(&encode_request(message, profile)?)
}

/// SHA-256.
pub(super) fn digest(envelope: &str) -> Result<Digest, BundleError> {
    let digest = HashAlgorithm::Sha256.digest(envelope.as_bytes()).map_err(emrtd::cms::CmsError::from)?;
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&digest);
    Ok(bytes)
}
