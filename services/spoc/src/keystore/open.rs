//! From configuration to a key store.

use std::{path::Path, sync::Arc};

use straznica_types::Environment;
use zeroize::Zeroizing;

use super::{
    FileKeyStore, KekSource, KeyStore, KeyStoreError, Pkcs11KeyStore,
    files::{check_directory, check_secret, read_key_file, read_or_create_key_file},
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
    check_directory(&config.directory, environment)?;
    Ok(opened)
}

fn with_key(config: &KeyStoreConfig, environment: Environment, key: &[u8]) -> Result<FileKeyStore, KeyStoreError> {
    FileKeyStore::open(&config.directory, environment, &KekSource::Raw(key))
}

fn private_key_file(file: &Path, environment: Environment) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    check_secret(file, environment)?;
    read_key_file(file)
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::PermissionsExt,
    };

    use straznica_types::Environment;

    use super::{KeyStoreError, open};
    use crate::config::KeyStoreConfig;

    #[test]
    fn production_refuses_keys_and_secrets_that_others_may_reach_and_test_warns() {
        let place = tempfile::tempdir().unwrap();
        for (environment, name) in [(Environment::Production, "production"), (Environment::Test, "test")] {
            let (directory, secret) = (place.path().join(name), place.path().join(format!("{name}.kek")));
            fs::write(&secret, [7; 32]).unwrap();
            let config = KeyStoreConfig {
                directory: directory.clone(),
                key_file: Some(secret.clone()),
                ..KeyStoreConfig::default()
            };
            let with = |of_directory: u32, of_secret: u32| {
                if directory.exists() {
                    fs::set_permissions(&directory, Permissions::from_mode(of_directory)).unwrap();
                }
                fs::set_permissions(&secret, Permissions::from_mode(of_secret)).unwrap();
                open(&config, environment, "PL").map(drop)
            };
            // The first makes the directory.
            for (of_directory, of_secret) in [(0o700, 0o600), (0o700, 0o400)] {
                with(of_directory, of_secret).unwrap();
            }
            for (of_directory, of_secret) in
                [(0o700, 0o640), (0o700, 0o604), (0o700, 0o602), (0o750, 0o600), (0o701, 0o600), (0o770, 0o600)]
            {
                let outcome = with(of_directory, of_secret);
                match environment {
                    Environment::Test => outcome.unwrap(),
                    Environment::Production => {
                        assert!(
                            matches!(outcome, Err(KeyStoreError::Exposed { .. })),
                            "{of_directory:o} {of_secret:o}"
                        );
                    }
                }
            }
        }
    }
}
