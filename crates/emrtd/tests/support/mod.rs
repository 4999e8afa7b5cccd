//! Finds the test vectors that lie beside the project.
#![allow(dead_code, reason = "each test file uses its part")]

use std::fs;

use emrtd::x509::Certificate;
use time::OffsetDateTime;

pub(crate) use straznica_testkit::vectors;

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
