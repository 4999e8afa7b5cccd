//! The keys of dispatch, and what they are used for: deriving codes, sealing numbers, naming short-lived state.
//!
//! Three uses, three keys: `code-<version>.key` gives, each through HMAC with a label of its own, one key that derives codes and one that seals numbers; `index.key`
//! names values in short-lived state and stands for numbers in fingerprints. Each file has 32 bytes as 64 hexadecimal digits. A new version is a new file: codes on
//! their way keep the version they were made with.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce as SealNonce, RandomizedNonceKey};
use aws_lc_rs::{hmac, rand};
use serde::{Deserialize, Serialize};
use straznica_ephemeral::Key;
use straznica_types::Secret;
use zeroize::Zeroizing;

use crate::domain::{Asking, CodeKey, NONCE_LENGTH, Nonce, OneTimeCode, TransactionId};

const KEY_LENGTH: usize = 32;
const INDEX: &str = "index.key";
/// A number sealed has this length, whatever its own: `+` and fifteen digits, filled up with zero bytes.
const PADDED_NUMBER: usize = 16;
/// Version of what is kept in short-lived state.
const FORMAT: u8 = 1;

/// Where the keys are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysConfig {
    /// Directory with `index.key` and `code-<version>.key`; the highest version is in use.
    pub directory: PathBuf,
    /// Make the keys that are absent. For demonstration and tests; in production keys come from outside.
    #[serde(default)]
    pub create: bool,
}

impl KeysConfig {
    /// Keys in a directory, made when absent: what the embedded mode and tests use.
    pub fn embedded(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), create: true }
    }
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file cannot be read, or not be made.
    #[error("{}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file does not hold 64 hexadecimal digits.
    #[error("{}: 64 hexadecimal digits expected", .0.display())]
    Malformed(PathBuf),
    /// There is no `code-<version>.key`.
    #[error("{}: no code-<version>.key", .0.display())]
    NoCodeKey(PathBuf),
    /// No random bytes for a new key.
    #[error("the random number generator failed")]
    Random,
}

/// What short-lived state holds is not what was put there: another key, another transaction, or other bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("short-lived state holds what was not put there")]
pub struct Unsealable;

/// The keys, ready for use.
pub(crate) struct Keys {
    index: hmac::Key,
    versions: BTreeMap<u32, Version>,
}

struct Version {
    codes: CodeKey,
    seal: RandomizedNonceKey,
}

/// What a code is made of, while its transaction is open.
#[derive(Debug)]
pub(crate) struct OpenCode {
    version: u32,
    nonce: Nonce,
    /// The number; empty where there is nobody.
    pub(crate) destination: Secret<String>,
}

impl Keys {
    /// Reads the keys, making absent ones where the configuration allows that.
    pub(crate) fn open(config: &KeysConfig) -> Result<Self, KeyError> {
        let directory = &config.directory;
        if config.create {
            let failed = |cause| KeyError::File { path: directory.clone(), cause };
            DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
            make_unless_there(&directory.join(INDEX))?;
            if code_keys(directory)?.is_empty() {
                make_unless_there(&directory.join("code-1.key"))?;
            }
        }
        let index = hmac::Key::new(hmac::HMAC_SHA256, read_key(&directory.join(INDEX))?.expose());
        let mut versions = BTreeMap::new();
        for (number, path) in code_keys(directory)? {
            versions.insert(number, Version::of(&read_key(&path)?)?);
        }
        if versions.is_empty() {
            return Err(KeyError::NoCodeKey(directory.clone()));
        }
        Ok(Self { index, versions })
    }

    /// A keyed digest of parts, for names and fingerprints.
    pub(crate) fn digest(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.index);
        for part in std::iter::once(&label.as_bytes()).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.sign().as_ref());
        digest
    }

    /// Where something about something lies in short-lived state.
    pub(crate) fn place(&self, part: &'static str, about: &[&[u8]]) -> Key {
        Key::new(part, &self.digest(part, about))
    }

    /// Draws a nonce, and seals it with the number for short-lived state: what the store holds names nobody. `None` when there is no randomness.
    pub(crate) fn draw(&self, transaction: TransactionId, destination: &str) -> Option<Secret<Vec<u8>>> {
        let (version, keys) = self.versions.last_key_value()?;
        let nonce = Nonce::random()?;
        let mut number = Vec::with_capacity(PADDED_NUMBER + AES_256_GCM.tag_len());
        number.extend_from_slice(destination.as_bytes());
        number.resize(PADDED_NUMBER, 0);
        // The number is overwritten by its ciphertext in place: no copy is left behind.
        let sealed_with = keys.seal.seal_in_place_append_tag(Aad::from(transaction.uuid()), &mut number).ok()?;
        let mut kept = vec![FORMAT];
        kept.extend_from_slice(&version.to_be_bytes());
        kept.extend_from_slice(nonce.expose());
        kept.extend_from_slice(sealed_with.as_ref());
        kept.extend_from_slice(&number);
        Some(Secret::new(kept))
    }

    /// Seals what must not lie open in the database: for one transaction, and one use of the label. `None` when there is no randomness.
    pub(crate) fn seal(&self, label: &str, transaction: TransactionId, mut plain: Vec<u8>) -> Option<Vec<u8>> {
        let (version, keys) = self.versions.last_key_value()?;
        let sealed_with = keys.seal.seal_in_place_append_tag(labelled(label, transaction), &mut plain).ok()?;
        let mut sealed = vec![FORMAT];
        sealed.extend_from_slice(&version.to_be_bytes());
        sealed.extend_from_slice(sealed_with.as_ref());
        sealed.extend_from_slice(&plain);
        Some(sealed)
    }

    /// Reads back what [`Self::seal`] made for the same label and transaction.
    pub(crate) fn unseal(
        &self,
        label: &str,
        transaction: TransactionId,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let (format, rest) = sealed.split_first_chunk::<1>().ok_or(Unsealable)?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or(Unsealable)?;
        let (sealed_with, rest) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unsealable)?;
        let keys =
            self.versions.get(&u32::from_be_bytes(*version)).filter(|_| *format == [FORMAT]).ok_or(Unsealable)?;
        let mut plain = Zeroizing::new(rest.to_vec());
        let nonce = SealNonce::assume_unique_for_key(*sealed_with);
        let length =
            keys.seal.open_in_place(nonce, labelled(label, transaction), &mut plain).map_err(|_| Unsealable)?.len();
        plain.truncate(length);
        Ok(plain)
    }

    /// Reads back what [`Self::draw`] made for the same transaction.
    pub(crate) fn read(&self, transaction: TransactionId, kept: &[u8]) -> Result<OpenCode, Unsealable> {
        let (format, rest) = kept.split_first_chunk::<1>().ok_or(Unsealable)?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or(Unsealable)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(Unsealable)?;
        let (sealed_with, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unsealable)?;
        let version = u32::from_be_bytes(*version);
        let keys = self.versions.get(&version).filter(|_| *format == [FORMAT]).ok_or(Unsealable)?;
        let mut number = Zeroizing::new(sealed.to_vec());
        let opened = keys
            .seal
            .open_in_place(SealNonce::assume_unique_for_key(*sealed_with), Aad::from(transaction.uuid()), &mut number)
            .map_err(|_| Unsealable)?;
        let end = opened.iter().position(|byte| *byte == 0).unwrap_or(opened.len());
        let destination = std::str::from_utf8(&opened[..end]).map_err(|_| Unsealable)?.to_owned();
        Ok(OpenCode { version, nonce: Nonce::from_bytes(*nonce), destination: Secret::new(destination) })
    }

    /// The code, for whoever asks: another officer, institution or purpose than the one it was sent for has another code.
    pub(crate) fn code(
        &self,
        open: &OpenCode,
        transaction: TransactionId,
        asking: &Asking,
    ) -> Result<OneTimeCode, Unsealable> {
        let keys = self.versions.get(&open.version).ok_or(Unsealable)?;
        Ok(keys.codes.code(&open.nonce, transaction, asking, open.destination.expose()))
    }
}

/// What a sealed value belongs to. A number is sealed for its transaction alone, so no label of this kind opens one.
fn labelled(label: &str, transaction: TransactionId) -> Aad<Vec<u8>> {
    let mut about = label.as_bytes().to_vec();
    about.push(0);
    about.extend_from_slice(transaction.uuid().as_bytes());
    Aad::from(about)
}

impl Version {
    fn of(key: &Secret<[u8; KEY_LENGTH]>) -> Result<Self, KeyError> {
        let master = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
        let derived = |label: &str| {
            let mut bytes = [0; KEY_LENGTH];
            bytes.copy_from_slice(hmac::sign(&master, label.as_bytes()).as_ref());
            Secret::new(bytes)
        };
        let codes = CodeKey::new(derived("straznica dispatch code").expose());
        let seal = RandomizedNonceKey::new(&AES_256_GCM, derived("straznica dispatch number").expose())
            .map_err(|_| KeyError::Random)?;
        Ok(Self { codes, seal })
    }
}

/// `code-<version>.key` files of a directory.
fn code_keys(directory: &Path) -> Result<BTreeMap<u32, PathBuf>, KeyError> {
    let failed = |cause| KeyError::File { path: directory.to_owned(), cause };
    let mut keys = BTreeMap::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let version = name.strip_prefix("code-").and_then(|rest| rest.strip_suffix(".key"));
        if let Some(version) = version.and_then(|version| version.parse().ok()) {
            keys.insert(version, path);
        }
    }
    Ok(keys)
}

fn read_key(path: &Path) -> Result<Secret<[u8; KEY_LENGTH]>, KeyError> {
    let failed = |cause| KeyError::File { path: path.to_owned(), cause };
    let mut text = Zeroizing::new(String::with_capacity(1_024));
    File::open(path).map_err(failed)?.take(1_024).read_to_string(&mut text).map_err(failed)?;
    let mut key = [0; KEY_LENGTH];
    hex::decode_to_slice(text.trim(), &mut key).map_err(|_| KeyError::Malformed(path.to_owned()))?;
    Ok(Secret::new(key))
}

/// Writes a fresh key beside its place and links it in: a second process that does the same at this moment either wins or finds the whole key.
fn make_unless_there(path: &Path) -> Result<(), KeyError> {
    if path.exists() {
        return Ok(());
    }
    let failed = |cause| KeyError::File { path: path.to_owned(), cause };
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    rand::fill(key.as_mut()).map_err(|_| KeyError::Random)?;
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(failed)?;
    let written = file.write_all(Zeroizing::new(hex::encode(key.as_ref())).as_bytes()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| match std::fs::hard_link(&draft, path) {
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    });
    std::fs::remove_file(&draft).map_err(failed)?;
    linked.map_err(failed)
}

#[cfg(test)]
mod tests {
    use straznica_types::{OfficerId, SystemClock};

    use super::*;
    use crate::domain::Institution;

    fn asking() -> Asking {
        Asking {
            officer: OfficerId::parse("j.kowalska").unwrap(),
            institution: Institution::parse("um-lodz").unwrap(),
            purpose: "identity_confirmation".to_owned(),
        }
    }

    #[test]
    fn what_is_kept_is_read_back_for_its_own_transaction_only() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(&KeysConfig::embedded(folder.path())).unwrap();
        let [id, other] = [(); 2].map(|()| TransactionId::generate(&SystemClock));
        let kept = keys.draw(id, "+48501234567").unwrap();
        assert_eq!(keys.read(id, kept.expose()).unwrap().destination.expose(), "+48501234567");
        assert_eq!(keys.read(other, kept.expose()).unwrap_err(), Unsealable);
        for at in (0..kept.expose().len()).filter(|at| !(5..21).contains(at)) {
            let mut changed = kept.expose().clone();
            changed[at] ^= 1;
            assert_eq!(keys.read(id, &changed).unwrap_err(), Unsealable, "byte {at}");
        }
        for length in 0..kept.expose().len() {
            assert_eq!(keys.read(id, &kept.expose()[..length]).unwrap_err(), Unsealable, "{length} bytes");
        }
        let nobody = keys.draw(id, "").unwrap();
        assert_eq!(nobody.expose().len(), kept.expose().len(), "nobody looks like somebody");
    }

    #[test]
    fn a_new_version_leaves_codes_on_their_way_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let config = KeysConfig::embedded(folder.path());
        let before = Keys::open(&config).unwrap();
        let id = TransactionId::generate(&SystemClock);
        let kept = before.draw(id, "+48501234567").unwrap();
        let sent = before.code(&before.read(id, kept.expose()).unwrap(), id, &asking()).unwrap();
        std::fs::write(folder.path().join("code-2.key"), "5a".repeat(32)).unwrap();
        let after = Keys::open(&config).unwrap();
        let open = after.read(id, kept.expose()).unwrap();
        assert!(after.code(&open, id, &asking()).unwrap().is(&sent));
        assert_eq!(after.draw(id, "").unwrap().expose()[1..5], [0, 0, 0, 2]);
        // Without the old key its codes are gone, not wrong.
        std::fs::remove_file(folder.path().join("code-1.key")).unwrap();
        assert_eq!(Keys::open(&config).unwrap().read(id, kept.expose()).unwrap_err(), Unsealable);
    }

    #[test]
    fn what_is_sealed_for_one_use_of_one_transaction_opens_for_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(&KeysConfig::embedded(folder.path())).unwrap();
        let [id, other] = [(); 2].map(|()| TransactionId::generate(&SystemClock));
        let sealed = keys.seal("prompt", id, b"r-1".to_vec()).unwrap();
        assert_eq!(**keys.unseal("prompt", id, &sealed).unwrap(), *b"r-1");
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        for (label, id, sealed) in [
            ("prompt", other, &sealed[..]),
            ("number", id, &sealed),
            ("prompt", id, &changed),
            ("prompt", id, &sealed[..4]),
        ] {
            assert_eq!(keys.unseal(label, id, sealed).unwrap_err(), Unsealable, "{label}");
        }
    }

    #[test]
    fn keys_that_are_absent_or_malformed_stop_the_service() {
        let folder = tempfile::tempdir().unwrap();
        let config = KeysConfig { directory: folder.path().to_owned(), create: false };
        assert!(matches!(Keys::open(&config), Err(KeyError::File { .. })));
        std::fs::write(folder.path().join(INDEX), "00".repeat(32)).unwrap();
        assert!(matches!(Keys::open(&config), Err(KeyError::NoCodeKey(_))));
        std::fs::write(folder.path().join("code-1.key"), "00".repeat(31)).unwrap();
        assert!(matches!(Keys::open(&config), Err(KeyError::Malformed(_))));
    }
}
