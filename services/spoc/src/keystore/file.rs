//! The key store in encrypted files.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use cvc::{
    algorithm::Algorithm,
    private_key::{PrivateKey, SignError, Signer},
    public_key::PublicKey,
};
use serde::{Deserialize, Serialize};
use straznica_types::Environment;
use uuid::Uuid;

use super::{
    GeneratedKey, KekSource, KeyHandle, KeyKind, KeyRole, KeyStore, KeyStoreError, directory,
    files::{read_limited, remove, write_new},
    kek::{Kek, Sealed},
};

const VERSION: u32 = 1;
/// Most keys that stay open. A node signs with few: those of its inspection systems, its verifiers, its CVCA.
const OPEN: usize = 64;

/// One file a key: `<directory>/<role>/<uuid>.key`, JSON around the sealed PKCS#8 key. A key that was used stays open in memory, beside the key that
/// opens it, for as long as its file is there: unsealing it and working out its public half anew costs more than the signature.
#[derive(Debug)]
pub struct FileKeyStore {
    directory: PathBuf,
    environment: Environment,
    kek: Kek,
    open: Mutex<HashMap<KeyHandle, Arc<PrivateKey>>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    version: u32,
    algorithm: Algorithm,
    sealed: Sealed,
}

impl FileKeyStore {
    /// Opens `directory` as a key store of `environment`, or makes it one when it is empty or absent. Blocks for about a tenth of a second while a key
    /// encryption key is derived from a passphrase.
    ///
    /// # Errors
    /// [`KeyStoreError::WrongKek`] when the secret is not the store's, [`KeyStoreError::OtherEnvironment`] when the store belongs to the other
    /// environment, or what the file system says.
    pub fn open(directory: &Path, environment: Environment, source: &KekSource<'_>) -> Result<Self, KeyStoreError> {
        let kek = directory::open_or_create(directory, environment, source)?;
        Ok(Self { directory: directory.to_owned(), environment, kek, open: Mutex::default() })
    }

    fn path(&self, handle: &KeyHandle) -> PathBuf {
        self.directory.join(handle.role().as_str()).join(format!("{}.key", handle.id().hyphenated()))
    }

    /// What a key is bound to: another role, name, algorithm or environment opens nothing.
    fn context(&self, handle: &KeyHandle, algorithm: Algorithm) -> Vec<u8> {
        format!("straznica key {VERSION}\0{}\0{handle}\0{algorithm}", self.environment).into_bytes()
    }

    /// The key, open. Another replica may have destroyed it: without its file there is no key.
    fn key(&self, handle: &KeyHandle) -> Result<Arc<PrivateKey>, KeyStoreError> {
        if !self.path(handle).try_exists()? {
            self.forget(handle);
            return Err(KeyStoreError::Unknown(handle.clone()));
        }
        if let Some(open) = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(handle) {
            return Ok(Arc::clone(open));
        }
        let key = Arc::new(self.load(handle)?);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= OPEN {
            open.clear();
        }
        open.insert(handle.clone(), Arc::clone(&key));
        Ok(key)
    }

    fn forget(&self, handle: &KeyHandle) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(handle);
    }

    fn load(&self, handle: &KeyHandle) -> Result<PrivateKey, KeyStoreError> {
        let bytes = read_limited(&self.path(handle)).map_err(|failure| unknown_or(handle, failure))?;
        let file: KeyFile =
            serde_json::from_slice(&bytes).map_err(|_| KeyStoreError::Header("a key file is not readable"))?;
        if file.version != VERSION {
            return Err(KeyStoreError::Header("a key file's version is unknown"));
        }
        let pkcs8 = self.kek.open(&self.context(handle, file.algorithm), &file.sealed)?;
        Ok(PrivateKey::from_pkcs8(file.algorithm, &pkcs8)?)
    }
}

impl KeyStore for FileKeyStore {
    fn generate(&self, role: KeyRole, kind: &KeyKind) -> Result<GeneratedKey, KeyStoreError> {
        if kind.algorithm().is_weak() {
            return Err(SignError::WeakAlgorithm(kind.algorithm()).into());
        }
        let key = kind.generate()?;
        let public_key = key.public_key().clone();
        let handle = KeyHandle::new(role, Uuid::now_v7());
        let algorithm = public_key.algorithm();
        let sealed = self.kek.seal(&self.context(&handle, algorithm), &key.to_pkcs8()?)?;
        let file = KeyFile { version: VERSION, algorithm, sealed };
        let bytes =
            serde_json::to_vec_pretty(&file).map_err(|_| KeyStoreError::Header("a key file cannot be written"))?;
        let path = self.path(&handle);
        write_new(&path, &path.with_extension("new"), &bytes)?;
        Ok(GeneratedKey { handle, public_key })
    }

    fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyStoreError> {
        Ok(self.key(handle)?.public_key().clone())
    }

    fn sign_digest(&self, handle: &KeyHandle, digest: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        Ok(self.key(handle)?.sign_digest(digest)?)
    }

    fn delete(&self, handle: &KeyHandle) -> Result<(), KeyStoreError> {
        self.forget(handle);
        remove(&self.path(handle)).map_err(|failure| unknown_or(handle, failure))
    }

    fn list(&self, role: KeyRole) -> Result<Vec<KeyHandle>, KeyStoreError> {
        let mut handles = Vec::new();
        for entry in fs::read_dir(self.directory.join(role.as_str()))? {
            // Temporary files of a key being written at this moment, and what an operator left here, are no keys.
            let name = entry?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(".key"));
            handles.extend(id.and_then(|id| format!("{role}/{id}").parse::<KeyHandle>().ok()));
        }
        Ok(handles)
    }
}

fn unknown_or(handle: &KeyHandle, failure: io::Error) -> KeyStoreError {
    if failure.kind() == io::ErrorKind::NotFound { KeyStoreError::Unknown(handle.clone()) } else { failure.into() }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    use cvc::{algorithm::Algorithm, domain_parameters::StandardisedCurve};
    use straznica_types::Environment;
    use tempfile::tempdir;

    use super::{FileKeyStore, OPEN};
    use crate::keystore::{KekSource, KeyHandle, KeyKind, KeyRole, KeyStore, KeyStoreError};

    const RAW: KekSource<'static> = KekSource::Raw(&[7; 32]);

    fn open(directory: &Path) -> FileKeyStore {
        FileKeyStore::open(directory, Environment::Test, &RAW).unwrap()
    }

    fn ec() -> KeyKind {
        KeyKind::Ec { algorithm: Algorithm::EcdsaSha256, parameters: StandardisedCurve::BrainpoolP256r1.into() }
    }

    fn file_of(directory: &Path, handle: &KeyHandle) -> std::path::PathBuf {
        directory.join(format!("{handle}.key"))
    }

    #[test]
    fn a_key_survives_a_restart_and_signs_what_its_public_half_verifies() {
        let directory = tempdir().unwrap();
        let kinds = [ec(), KeyKind::Rsa { algorithm: Algorithm::RsaPssSha256, bits: 2048 }];
        for kind in kinds {
            let made = open(directory.path()).generate(KeyRole::InspectionSystem, &kind).unwrap();
            let reopened = open(directory.path());
            assert_eq!(reopened.public_key(&made.handle).unwrap(), made.public_key);
            let signature = reopened.sign_digest(&made.handle, &[9; 32]).unwrap();
            made.public_key.verify_digest(&[9; 32], &signature).unwrap();
            assert!(matches!(reopened.sign_digest(&made.handle, &[9; 31]), Err(KeyStoreError::Sign(_))));
        }
    }

    #[test]
    fn a_key_that_another_replica_destroyed_signs_no_more() {
        let directory = tempdir().unwrap();
        let (here, there) = (open(directory.path()), open(directory.path()));
        let made = here.generate(KeyRole::InspectionSystem, &ec()).unwrap();
        for store in [&here, &there] {
            store.sign_digest(&made.handle, &[9; 32]).unwrap();
        }
        there.delete(&made.handle).unwrap();
        for store in [&here, &there] {
            assert!(matches!(store.sign_digest(&made.handle, &[9; 32]), Err(KeyStoreError::Unknown(_))));
            assert!(matches!(store.public_key(&made.handle), Err(KeyStoreError::Unknown(_))));
        }
    }

    #[test]
    fn more_keys_than_stay_open_all_sign() {
        let directory = tempdir().unwrap();
        let store = open(directory.path());
        let made: Vec<_> = (0..OPEN + 2).map(|_| store.generate(KeyRole::InspectionSystem, &ec()).unwrap()).collect();
        for one in made.iter().chain(&made) {
            let signature = store.sign_digest(&one.handle, &[9; 32]).unwrap();
            one.public_key.verify_digest(&[9; 32], &signature).unwrap();
            assert!(store.open.lock().unwrap().len() <= OPEN);
        }
    }

    #[test]
    fn keys_are_their_owners_alone_and_stand_in_the_directory_of_their_role() {
        let directory = tempdir().unwrap();
        let store = open(directory.path());
        for role in KeyRole::ALL {
            let handle = store.generate(role, &ec()).unwrap().handle;
            let path = file_of(directory.path(), &handle);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let parent = path.parent().unwrap();
            assert_eq!(parent.file_name().unwrap().to_str(), Some(role.as_str()));
            assert_eq!(fs::metadata(parent).unwrap().permissions().mode() & 0o777, 0o700);
            assert_eq!(fs::read_dir(parent).unwrap().count(), 1, "no temporary file stays behind");
        }
    }

    #[test]
    fn a_wrong_secret_or_the_other_environment_opens_nothing_and_says_so() {
        let directory = tempdir().unwrap();
        open(directory.path());
        let attempt = |environment, source: KekSource<'_>| {
            FileKeyStore::open(directory.path(), environment, &source).unwrap_err()
        };
        assert!(matches!(attempt(Environment::Test, KekSource::Raw(&[8; 32])), KeyStoreError::WrongKek));
        assert!(matches!(
            attempt(Environment::Test, KekSource::Raw(&[7; 31])),
            KeyStoreError::KeyFileLength { found: 31 }
        ));
        assert!(matches!(attempt(Environment::Test, KekSource::Passphrase("x")), KeyStoreError::KekKind { .. }));
        assert!(matches!(attempt(Environment::Production, RAW), KeyStoreError::OtherEnvironment { .. }));
        // Whoever edits the header's environment finds the seal bound to the other one.
        let header = directory.path().join("keystore.json");
        let forged = fs::read_to_string(&header).unwrap().replace("\"test\"", "\"production\"");
        fs::write(&header, forged).unwrap();
        assert!(matches!(attempt(Environment::Production, RAW), KeyStoreError::WrongKek));
    }

    #[test]
    fn a_passphrase_opens_what_it_made_and_another_does_not() {
        let directory = tempdir().unwrap();
        let with =
            |passphrase| FileKeyStore::open(directory.path(), Environment::Test, &KekSource::Passphrase(passphrase));
        let handle = with("correct horse").unwrap().generate(KeyRole::DocumentVerifier, &ec()).unwrap().handle;
        assert!(with("correct horse").unwrap().public_key(&handle).is_ok());
        assert!(matches!(with("Correct horse"), Err(KeyStoreError::WrongKek)));
    }

    #[test]
    fn a_key_file_altered_or_moved_to_another_name_or_role_does_not_open() {
        let directory = tempdir().unwrap();
        let store = open(directory.path());
        let one = store.generate(KeyRole::InspectionSystem, &ec()).unwrap().handle;
        let two = store.generate(KeyRole::DocumentVerifier, &ec()).unwrap().handle;
        fs::copy(file_of(directory.path(), &one), file_of(directory.path(), &two)).unwrap();
        assert!(matches!(store.public_key(&two), Err(KeyStoreError::Unsealable)));
        let path = file_of(directory.path(), &one);
        let altered = fs::read_to_string(&path).unwrap().replace("id-TA-ECDSA-SHA-256", "id-TA-ECDSA-SHA-384");
        fs::write(&path, altered).unwrap();
        assert!(matches!(store.public_key(&one), Err(KeyStoreError::Unsealable)));
    }

    #[test]
    fn a_deleted_key_is_unknown_and_a_store_without_its_header_is_not_begun_afresh() {
        let directory = tempdir().unwrap();
        let store = open(directory.path());
        let gone = store.generate(KeyRole::InspectionSystem, &ec()).unwrap().handle;
        store.delete(&gone).unwrap();
        assert!(matches!(store.sign_digest(&gone, &[0; 32]), Err(KeyStoreError::Unknown(_))));
        assert!(matches!(store.delete(&gone), Err(KeyStoreError::Unknown(_))));
        store.generate(KeyRole::NationalCvca, &ec()).unwrap();
        fs::remove_file(directory.path().join("keystore.json")).unwrap();
        let refusal = FileKeyStore::open(directory.path(), Environment::Test, &RAW).unwrap_err();
        assert!(matches!(refusal, KeyStoreError::Header(_)));
    }

    #[test]
    fn no_private_key_shows_in_what_is_printed_or_written() {
        let directory = tempdir().unwrap();
        let store = open(directory.path());
        let handle = store.generate(KeyRole::InspectionSystem, &ec()).unwrap().handle;
        assert!(!format!("{store:?} {RAW:?}").contains("7, 7"));
        let pkcs8 = store.load(&handle).unwrap().to_pkcs8().unwrap();
        let file = fs::read_to_string(file_of(directory.path(), &handle)).unwrap();
        assert!(!file.contains(&hex::encode(&pkcs8[pkcs8.len() - 16..])));
    }
}
