//! Finds the test vectors that lie beside the project.
#![allow(dead_code, reason = "each test file uses its part")]

use std::fs;
use std::path::PathBuf;

use emrtd::x509::Certificate;
use time::OffsetDateTime;

/// The folder of vectors, or a line that says the test is skipped. Absence fails where the vectors are called for.
pub(crate) fn vectors() -> Option<PathBuf> {
    let told = std::env::var_os("STRAZNICA_VECTORS");
    let needed = told.is_some() || std::env::var("CI").is_ok_and(|value| value == "true");
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = told.map_or_else(|| PathBuf::from(beside), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(!needed, "vectors not found at {}", folder.display());
    println!("skipped: vectors not found at {}", folder.display());
    None
}

/// A vector's bytes.
pub(crate) fn read(path: &str) -> Vec<u8> {
    let path = vectors().unwrap().join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A certificate in DER or PEM.
pub(crate) fn certificate(path: &str) -> Certificate {
    Certificate::parse(&der(&read(path))).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What is inside PEM, or the bytes themselves.
pub(crate) fn der(bytes: &[u8]) -> Vec<u8> {
    if bytes.starts_with(b"-----BEGIN") {
        return openssl::x509::X509::from_pem(bytes).unwrap().to_der().unwrap();
    }
    bytes.to_vec()
}

/// A time from seconds since 1970.
pub(crate) fn at(date: time::Date) -> OffsetDateTime {
    date.with_hms(12, 0, 0).unwrap().assume_utc()
}
