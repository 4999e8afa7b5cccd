//! Files named on the command line: read whole, within a limit, with errors that name the file; written once, and never over another.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Largest file read: real master lists stay below two megabytes.
pub const LIMIT: u64 = 32 << 20;

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system says why.
    #[error("{}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file to write exists already, or cannot be written.
    #[error("{}: {source}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// More than may be read.
    #[error("{}: larger than {} MiB", path.display(), limit >> 20)]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// The most, in bytes.
        limit: u64,
    },
}

/// Reads a file of at most [`LIMIT`] bytes.
///
/// # Errors
/// When it cannot be read or is larger.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    read_up_to(path, LIMIT)
}

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// When it cannot be read or is larger.
pub fn read_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let failed = |source| FileError::Read { path: path.to_owned(), source };
    let mut content = Vec::new();
    File::open(path).map_err(failed)?.take(limit.saturating_add(1)).read_to_end(&mut content).map_err(failed)?;
    if content.len() as u64 > limit {
        return Err(FileError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(content)
}

/// A file made before spoc is asked for what it is to hold: a request whose file cannot be written would be a key for nothing, and one already
/// sent to a partner is not written over. Given up, it is removed again.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    file: std::fs::File,
    filled: bool,
}

impl Draft {
    /// Makes the file, which must not exist.
    ///
    /// # Errors
    /// When it does, or cannot be made.
    pub fn create(path: PathBuf) -> Result<Self, FileError> {
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => Ok(Self { path, file, filled: false }),
            Err(source) => Err(FileError::Write { path, source }),
        }
    }

    /// Writes what it is for, and gives its name.
    ///
    /// # Errors
    /// When it cannot be written; spoc holds what it was to carry.
    pub fn fill(mut self, content: &[u8]) -> Result<PathBuf, FileError> {
        let written = self.file.write_all(content).and_then(|()| self.file.sync_all());
        self.filled = true;
        written.map_err(|source| FileError::Write { path: self.path.clone(), source })?;
        Ok(self.path.clone())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.filled
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            eprintln!("straznica: {} is empty and could not be removed: {error}", self.path.display());
        }
    }
}

/// A file in a form nobody knows.
#[derive(Debug, thiserror::Error)]
#[error("{}: text, but neither hexadecimal nor base64 nor PEM", .0.display())]
pub struct UnknownForm(pub PathBuf);

/// Undoes the text forms people pass files around in: hexadecimal, base64, PEM. Binary content stays as it is.
///
/// # Errors
/// When it is text of another kind.
pub fn decode(path: &Path, content: Vec<u8>) -> Result<Vec<u8>, UnknownForm> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let is_text = content.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    if content.is_empty() || !is_text {
        return Ok(content);
    }
    let lines = content.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.starts_with(b"-----"));
    let digits: Vec<u8> = lines.flatten().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    hex::decode(&digits)
        .ok()
        .or_else(|| BASE64_STANDARD.decode(&digits).ok())
        .ok_or_else(|| UnknownForm(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::decode;

    #[test]
    fn hexadecimal_base64_and_pem_give_the_bytes_of_the_binary_file() {
        let der = [0x30, 0x03, 0x02, 0x01, 0xff];
        for text in [
            &der[..],
            b"30030201FF\n",
            b"30 03 02 01\nff",
            b"MAMCAf8=\n",
            b"-----BEGIN CERTIFICATE-----\nMAMC\nAf8=\n-----END CERTIFICATE-----\n",
        ] {
            assert_eq!(decode(Path::new("f"), text.to_vec()).unwrap(), der);
        }
        decode(Path::new("f"), b"a letter to the ministry!".to_vec()).unwrap_err();
    }
}
