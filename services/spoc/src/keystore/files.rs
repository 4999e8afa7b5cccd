//! Files written whole or not at all, readable by their owner only.

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use straznica_types::Environment;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::KeyStoreError;

/// A key file is far smaller; anything larger is none of ours.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Makes `directory` and what is missing above it, for the owner only.
pub(super) fn make_private_directory(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

/// Writes a new file: temporary name, flushed to the disk, then linked under its own name, then the directory flushed. A crash leaves either no
/// file or all of it; a file that is already there is never replaced.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when `path` exists; else what the file system says.
pub(super) fn write_new(path: &Path, temporary: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = write_and_link(path, temporary, bytes);
    // The temporary name has done its work, whether or not the link was made.
    let removed = fs::remove_file(temporary);
    written?;
    removed?;
    sync_directory_of(path)
}

fn write_and_link(path: &Path, temporary: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::hard_link(temporary, path)
}

/// Reads a file, refusing one larger than a key file can be.
pub(super) fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "larger than a key file can be"));
    }
    Ok(bytes)
}

/// Overwrites and removes a file, then flushes its directory. Overwriting is a courtesy: what protects a key on a journalling file system or
/// a flash disk is that it was never written unencrypted.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let length = fs::metadata(path)?.len().min(MAX_FILE_BYTES);
    let mut file = OpenOptions::new().write(true).open(path)?;
    io::copy(&mut io::repeat(0).take(length), &mut file)?;
    file.sync_all()?;
    fs::remove_file(path)?;
    sync_directory_of(path)
}

/// Checks that the directory `path` is open to its owner alone: in production it has to be, in test a warning is enough.
///
/// # Errors
/// [`KeyStoreError::Exposed`] in production when group or others may do anything with it.
pub(super) fn check_directory(path: &Path, environment: Environment) -> Result<(), KeyStoreError> {
    check(path, &fs::metadata(path)?, 0o700, environment)
}

/// Checks that the file with a secret at `path` is open to its owner alone. What a symbolic link points to counts, since secrets are often mounted that
/// way; and a file of root's that our group may read passes, since that is how an orchestrator hands a secret to a process that is not root.
///
/// # Errors
/// [`KeyStoreError::Exposed`] in production when others may read or write it.
pub(super) fn check_secret(path: &Path, environment: Environment) -> Result<(), KeyStoreError> {
    let file = fs::metadata(path)?;
    let handed_down = file.uid() == 0 && fs::metadata("/proc/self").is_ok_and(|own| own.uid() != 0);
    check(path, &file, if handed_down { 0o640 } else { 0o600 }, environment)
}

fn check(path: &Path, found: &Metadata, widest: u32, environment: Environment) -> Result<(), KeyStoreError> {
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 & !widest == 0 {
        return Ok(());
    }
    match environment {
        Environment::Production => Err(KeyStoreError::Exposed { path: path.to_owned(), mode, widest }),
        Environment::Test => {
            tracing::warn!(path = %path.display(), mode = %format_args!("{mode:03o}"), "open to others than its owner; production refuses this");
            Ok(())
        }
    }
}

/// Reads the key file at `path`.
///
/// # Errors
/// What the file system says, also of a file far larger than a key.
pub(super) fn read_key_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    Ok(Zeroizing::new(read_limited(path)?))
}

/// Reads the key file at `path`, making it of thirty-two random bytes when it is not there.
///
/// # Errors
/// What the file system says.
pub(super) fn read_or_create_key_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    match read_limited(path) {
        Ok(bytes) => Ok(Zeroizing::new(bytes)),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
            let mut key = Zeroizing::new(vec![0; 32]);
            aws_lc_rs::rand::fill(&mut key).map_err(|_| KeyStoreError::Randomness)?;
            // A name of its own: what a crash left behind, or another process writes at this moment, is not in the way.
            match write_new(path, &path.with_extension(format!("{}.new", Uuid::now_v7())), &key) {
                Ok(()) => {
                    tracing::warn!(path = %path.display(), "a key file was made; without it the keys are lost");
                    Ok(key)
                }
                Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => read_key_file(path),
                Err(failure) => Err(failure.into()),
            }
        }
        Err(failure) => Err(failure.into()),
    }
}

fn sync_directory_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => File::open(directory)?.sync_all(),
        // A bare name stands in the working directory.
        Some(_) | None => File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, thread};

    use tempfile::tempdir;

    use super::{read_key_file, read_or_create_key_file};

    #[test]
    fn processes_that_make_the_key_file_at_once_end_up_with_one_key_whatever_a_crash_left_behind() {
        let directory = tempdir().unwrap();
        let path = directory.path().join("keys.kek");
        fs::write(directory.path().join("keys.new"), "half").unwrap();
        let keys = thread::scope(|scope| {
            let makers: Vec<_> = (0..8).map(|_| scope.spawn(|| read_or_create_key_file(&path).unwrap())).collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(keys.iter().all(|key| *key == keys[0] && key.len() == 32));
    }

    #[test]
    fn a_key_file_is_not_read_without_end() {
        assert!(read_key_file("/dev/zero".as_ref()).is_err());
    }
}
