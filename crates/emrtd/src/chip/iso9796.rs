//! Message recovery of ISO/IEC 9796-2 digital signature scheme 1, as Active Authentication with RSA uses it.
//!
//! `F = 6A ‖ M1 ‖ H(M1 ‖ M2) ‖ trailer`. M1 is chosen by the chip and travels inside the signature, M2 is the
//! challenge. The trailer is `BC` (SHA-1 is implied) or `xx CC`, where xx names the hash.

use openssl::bn::{BigNum, BigNumContext};
use openssl::error::ErrorStack;
use openssl::memcmp;
use openssl::pkey::Public;
use openssl::rsa::Rsa;

use crate::crypto::{CryptoError, HashAlgorithm};

/// What recovery gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Recovery {
    /// The signature is good; by this hash.
    Good(HashAlgorithm),
    /// The signature is not good, and what shows it.
    Bad(&'static str),
}

/// Verifies `signature` under `key` over the recovered part and `challenge`.
pub(super) fn verify(key: &Rsa<Public>, signature: &[u8], challenge: &[u8]) -> Result<Recovery, CryptoError> {
    let length = usize::try_from(key.size()).unwrap_or(0);
    if signature.len() != length {
        return Ok(Recovery::Bad("response_length"));
    }
    let Some(message) = open(key, signature)? else {
        return Ok(Recovery::Bad("response_not_below_modulus"));
    };
    let mut representative = vec![0; length - message.len()];
    representative.extend(message);

    let (body, digest) = match representative.as_slice() {
        [body @ .., 0xBC] => (body, HashAlgorithm::Sha1),
        [body @ .., hash_identifier, 0xCC] => {
            let digest = match hash_identifier {
                0x33 => HashAlgorithm::Sha1,
                0x34 => HashAlgorithm::Sha256,
                0x35 => HashAlgorithm::Sha512,
                0x36 => HashAlgorithm::Sha384,
                0x38 => HashAlgorithm::Sha224,
                // Others exist in ISO/IEC 10118-3, but Doc 9303-11 §6.1.2.1 allows none; and a forger could make one up.
                _ => return Ok(Recovery::Bad("hash_of_trailer")),
            };
            (body, digest)
        }
        _ => return Ok(Recovery::Bad("trailer")),
    };
    let Some(recovered) = after_header(body) else {
        return Ok(Recovery::Bad("header"));
    };
    let Some((first_part, expected)) = recovered.split_at_checked(recovered.len().wrapping_sub(digest.length())) else {
        return Ok(Recovery::Bad("too_short_for_its_hash"));
    };
    let actual = digest.digest(&[first_part, challenge].concat())?;
    if actual.len() == expected.len() && memcmp::eq(&actual, expected) {
        return Ok(Recovery::Good(digest));
    }
    Ok(Recovery::Bad("hash"))
}

/// `s^e mod n`, or `n` minus that: ISO/IEC 9796-2 lets the signer send the smaller of both. The representative ends in
/// the nibble C, which tells them apart. `None` when s ≥ n.
fn open(key: &Rsa<Public>, signature: &[u8]) -> Result<Option<Vec<u8>>, ErrorStack> {
    let signature = BigNum::from_slice(signature)?;
    if signature >= *key.n() {
        return Ok(None);
    }
    let mut opened = BigNum::new()?;
    let mut context = BigNumContext::new()?;
    opened.mod_exp(&signature, key.e(), key.n(), &mut context)?;
    let plain = opened.to_vec();
    if plain.last().is_some_and(|last| last & 0x0F == 0x0C) {
        return Ok(Some(plain));
    }
    let mut complement = BigNum::new()?;
    complement.checked_sub(key.n(), &opened)?;
    Ok(Some(complement.to_vec()))
}

/// The header `6A`, or `6B BB … BA` where padding was needed; its bit 5 says that part of the message is elsewhere,
/// which holds for every challenge.
fn after_header(body: &[u8]) -> Option<&[u8]> {
    match body {
        [0x6A, rest @ ..] => Some(rest),
        [0x6B, padded @ ..] => {
            let filler = padded.iter().take_while(|octet| **octet == 0xBB).count();
            padded.get(filler..)?.strip_prefix(&[0xBA])
        }
        _ => None,
    }
}
