//! Electronic machine readable travel documents: is this passport genuine?
//!
//! A chip delivers files; a state signed their hashes. This crate reads the files (ICAO Doc 9303-10), verifies the signature and its
//! issuer (Doc 9303-11 §5, Doc 9303-12), checks whether the chip is the one the files were written for, and gathers everything into an
//! [`inspection`](inspection): every check with its result and the evidence it used, and a verdict by a profile (BSI TR-03135).
//!
//! What it promises
//! - Hashes are computed over the bytes the chip delivered, never over something re-encoded.
//! - Real documents depart from the standards. What is accepted all the same is reported as a *tolerance*, never silently.
//! - A state is trusted because an anchor pinned beforehand vouches for it, and the store remembers which list vouched for what.
//! - No input makes it panic, and no evidence carries personal data: no names, no document numbers, no images.
//!
//! What it refuses: certificates taken for anchors because a message carried them, elliptic curves described by anything less than their
//! full parameter set, a data group the security object does not list.
//!
//! Where to start reading: [`presentation`] is what a terminal hands over, [`inspection::inspect`] what is done with it, [`trust`] what it
//! is judged by, [`lists`] where that trust comes from.

pub mod asn1;
pub mod builder;
mod check;
pub mod chip;
pub mod cms;
pub mod country;
pub mod crypto;
pub mod inspection;
pub mod lds;
pub mod lists;
pub mod mrz;
pub mod presentation;
pub mod report;
pub mod sod;
pub mod trust;
pub mod x509;

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
