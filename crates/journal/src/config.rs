//! What a service's journal needs to know, and the two keys it holds.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use straznica_types::Secret;

use crate::note::LogSigner;
use crate::{KeyError, VerifierKey};

const SIGNING_KEY: &str = "signing.key";

/// Journal of one service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalConfig {
    /// Name of the log in its checkpoints (C2SP tlog-checkpoint: a schema-less URL), e.g. `spoc.straz.example/journal`. Never changes: another
    /// name is another log.
    pub origin: String,
    /// Directory with `signing.key` (Ed25519 seed) and `pseudonym.key` (HMAC-SHA-256), each 32 bytes as 64 hexadecimal digits.
    pub key_directory: PathBuf,
    /// Make the keys that are absent. For demonstration and tests; in production keys come from outside, or a wiped volume would silently begin
    /// with new ones.
    #[serde(default)]
    pub create_keys: bool,
    /// How entries are numbered.
    #[serde(default)]
    pub sequencer: SequencerConfig,
    /// How long events are kept for whoever follows them, in days.
    #[serde(default = "event_days")]
    pub event_days: u32,
}

const fn event_days() -> u32 {
    90
}

/// How entries are numbered and put into the tree.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SequencerConfig {
    /// Pause between two looks for new entries, milliseconds.
    pub every_ms: u64,
    /// How long the sequencer of a dead replica blocks the next one, milliseconds.
    pub lease_ms: u64,
    /// Most entries taken at once.
    pub batch: u32,
}

impl Default for SequencerConfig {
    fn default() -> Self {
        Self { every_ms: 200, lease_ms: 10_000, batch: 1_000 }
    }
}

impl JournalConfig {
    /// Journal named `origin` with keys in `key_directory`, made when absent: what the embedded mode and tests use.
    pub fn embedded(origin: impl Into<String>, key_directory: impl Into<PathBuf>) -> Self {
        Self {
            origin: origin.into(),
            key_directory: key_directory.into(),
            create_keys: true,
            sequencer: SequencerConfig::default(),
            event_days: event_days(),
        }
    }

    /// The key that verifies the log's checkpoints, from the signing key's file: what [`verify_database`](crate::verify::verify_database) needs.
    ///
    /// # Errors
    /// When the file cannot be read; none is made here.
    pub fn verifier_key(&self) -> Result<VerifierKey, KeyError> {
        let seed = read_key(&self.key_directory.join(SIGNING_KEY))?;
        Ok(LogSigner::new(&self.origin, &seed)?.verifier().clone())
    }

    pub(crate) fn keys(&self) -> Result<Keys, KeyError> {
        Ok(Keys { signing: self.key(SIGNING_KEY)?, pseudonym: self.key("pseudonym.key")? })
    }

    fn key(&self, name: &str) -> Result<Secret<[u8; KEY_LENGTH]>, KeyError> {
        key_file(&self.key_directory, name, self.create_keys)
    }
}

/// A key out of a file of `directory`: 32 bytes as 64 hexadecimal digits. `create` makes the one that is absent. For a service's other keys beside the
/// journal's, kept in the same way.
///
/// # Errors
/// When the file cannot be read or made, or holds something else.
pub fn key_file(directory: &Path, name: &str, create: bool) -> Result<Secret<[u8; KEY_LENGTH]>, KeyError> {
    let path = directory.join(name);
    match read_key(&path) {
        Err(KeyError::Unreadable { cause, .. }) if cause.kind() == ErrorKind::NotFound && create => {
            create_key(directory, &path)?;
            read_key(&path)
        }
        outcome => outcome,
    }
}

/// Bytes of a key.
pub const KEY_LENGTH: usize = 32;

pub(crate) struct Keys {
    pub(crate) signing: Secret<[u8; KEY_LENGTH]>,
    pub(crate) pseudonym: Secret<[u8; KEY_LENGTH]>,
}

fn read_key(path: &Path) -> Result<Secret<[u8; KEY_LENGTH]>, KeyError> {
    let unreadable = |cause| KeyError::Unreadable { path: path.to_owned(), cause };
    let mut file = OpenOptions::new().read(true).open(path).map_err(unreadable)?.take(1_024);
    let mut content = String::new();
    file.read_to_string(&mut content).map_err(unreadable)?;
    let text = Secret::new(content);
    let mut key = [0; KEY_LENGTH];
    hex::decode_to_slice(text.expose().trim(), &mut key).map_err(|_| KeyError::Malformed { path: path.to_owned() })?;
    Ok(Secret::new(key))
}

/// Writes a fresh key beside its place and links it in: a second process that does the same at this moment either wins or finds the whole key.
fn create_key(directory: &Path, path: &Path) -> Result<(), KeyError> {
    let unwritable = |cause| KeyError::Unwritable { path: path.to_owned(), cause };
    std::fs::create_dir_all(directory).map_err(unwritable)?;
    let mut fresh = [0; KEY_LENGTH];
    aws_lc_rs::rand::fill(&mut fresh).map_err(|_| KeyError::NoRandomness)?;
    let key = Secret::new(fresh);
    let draft = path.with_extension(format!("draft-{}", uuid::Uuid::now_v7().simple()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut file| {
        let text = Secret::new(hex::encode(key.expose()));
        file.write_all(text.expose().as_bytes())?;
        file.sync_all()
    });
    let linked = written.and_then(|()| match std::fs::hard_link(&draft, path) {
        Err(exists) if exists.kind() == ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    });
    let removed = std::fs::remove_file(&draft);
    linked.and(removed).map_err(unwritable)
}
