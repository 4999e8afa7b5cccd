//! From configuration to a key store.

use std::{path::Path, sync::Arc};

use straznica_types::Environment;
use zeroize::Zeroizing;

use super::{
    FileKeyStore, KekSource, KeyStore, KeyStoreError, Pkcs11KeyStore,
    files::{check_private, read_key_file, read_or_create_key_file},
};
use crate::config::{KeyStoreConfig, KeyStoreKind};

/// Opens the configured key store for `country` in `environment`. Blocks: on a disk, on a device, on a passphrase being stretched.
///
/// # Errors
/// [`KeyStoreError`] when a secret is missing or wrong, the store belongs to the other environment, or what protects the keys is open to others in
/// production.
pub fn open(
    config: &KeyStoreConfig,
    environment: Environment,
    country: &str,
) -> Result<Arc<dyn KeyStore>, KeyStoreError> {
    Ok(match config.kind {
        KeyStoreKind::File => Arc::new(open_files(config, environment)?),
        KeyStoreKind::Pkcs11 => Arc::new(Pkcs11KeyStore::open(&config.pkcs11, config.backup, environment, country)?),
    })
}

fn open_files(config: &KeyStoreConfig, environment: Environment) -> Result<FileKeyStore, KeyStoreError> {
    let opened = match (&config.passphrase, &config.key_file) {
        (Some(passphrase), None) => {
            FileKeyStore::open(&config.directory, environment, &KekSource::Passphrase(passphrase.expose()))
        }
        (None, Some(file)) => with_key(config, environment, &private_key_file(file, environment)?),
        (None, None) if environment == Environment::Test => {
            let file = config.directory.with_extension("kek");
            with_key(config, environment, &read_or_create_key_file(&file)?)
        }
        (None, None) | (Some(_), Some(_)) => Err(KeyStoreError::Secret),
    }?;
    check_private(&config.directory, 0o700, environment)?;
    Ok(opened)
}

fn with_key(config: &KeyStoreConfig, environment: Environment, key: &[u8]) -> Result<FileKeyStore, KeyStoreError> {
    FileKeyStore::open(&config.directory, environment, &KekSource::Raw(key))
}

fn private_key_file(file: &Path, environment: Environment) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    check_private(file, 0o600, environment)?;
    read_key_file(file)
}
