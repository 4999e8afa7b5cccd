//! The header of a key store's directory: whose it is, how its key encryption key is derived, and a value only the right one opens.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};
use straznica_types::Environment;
use uuid::Uuid;

use super::{
    KeyStoreError,
    files::{make_private_directory, read_limited, write_new},
    handle::KeyRole,
    kek::{Derivation, Kek, KekSource, Sealed},
};

const HEADER: &str = "keystore.json";
const VERSION: u32 = 1;
/// What the header seals, to tell a wrong passphrase from a damaged key.
const CHECK: &[u8] = b"straznica key store";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    version: u32,
    environment: Environment,
    derivation: Derivation,
    check: Sealed,
}

/// Opens `directory` as a key store of `environment`, or makes it one when it is empty or absent.
pub(super) fn open_or_create(
    directory: &Path,
    environment: Environment,
    source: &KekSource<'_>,
) -> Result<Kek, KeyStoreError> {
    make_private_directory(directory)?;
    for role in KeyRole::ALL {
        make_private_directory(&directory.join(role.as_str()))?;
    }
    let header = directory.join(HEADER);
    match read_limited(&header) {
        Ok(bytes) => open(&bytes, environment, source),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
            refuse_keys_without_header(directory)?;
            match create(&header, environment, source) {
                // Another replica was quicker.
                Err(KeyStoreError::Io(taken)) if taken.kind() == io::ErrorKind::AlreadyExists => {
                    open(&read_limited(&header)?, environment, source)
                }
                created => created,
            }
        }
        Err(failure) => Err(failure.into()),
    }
}

fn open(bytes: &[u8], environment: Environment, source: &KekSource<'_>) -> Result<Kek, KeyStoreError> {
    let header: Header = serde_json::from_slice(bytes).map_err(|_| KeyStoreError::Header("it is not readable"))?;
    if header.version != VERSION {
        return Err(KeyStoreError::Header("its version is unknown"));
    }
    if header.environment != environment {
        return Err(KeyStoreError::OtherEnvironment { found: header.environment, expected: environment });
    }
    let kek = header.derivation.kek(source)?;
    match kek.open(&context(environment), &header.check) {
        Ok(check) if *check == CHECK => Ok(kek),
        Ok(_) | Err(KeyStoreError::Unsealable) => Err(KeyStoreError::WrongKek),
        Err(failure) => Err(failure),
    }
}

fn create(path: &Path, environment: Environment, source: &KekSource<'_>) -> Result<Kek, KeyStoreError> {
    let derivation = Derivation::for_new_store(source)?;
    let kek = derivation.kek(source)?;
    let check = kek.seal(&context(environment), CHECK)?;
    let header = Header { version: VERSION, environment, derivation, check };
    let bytes = serde_json::to_vec_pretty(&header).map_err(|_| KeyStoreError::Header("it cannot be written"))?;
    write_new(path, &path.with_file_name(format!(".{}.new", Uuid::now_v7())), &bytes)?;
    Ok(kek)
}

/// A header that vanished is no reason to begin afresh among keys it would never open.
fn refuse_keys_without_header(directory: &Path) -> Result<(), KeyStoreError> {
    for role in KeyRole::ALL {
        if fs::read_dir(directory.join(role.as_str()))?.next().is_some() {
            return Err(KeyStoreError::Header("it is missing, but there are keys"));
        }
    }
    Ok(())
}

fn context(environment: Environment) -> Vec<u8> {
    format!("straznica key store {VERSION}\0{environment}").into_bytes()
}
