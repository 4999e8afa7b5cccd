//! Text that only somebody else's secret opens: AES-256-GCM, bound to where it stands.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use straznica_types::Secret;
use zeroize::Zeroizing;

/// Bytes of a key.
pub(crate) const KEY_LENGTH: usize = 32;
/// Version of the sealed form, so that another one can follow.
const VERSION: u8 = 1;

/// Random bytes could not be had, or a text could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic library failed")]
pub(crate) struct CryptoFailed;

/// Seals `text` under `key` for the place `context` names.
pub(crate) fn seal(key: &[u8; KEY_LENGTH], context: &str, text: &str) -> Result<Vec<u8>, CryptoFailed> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| CryptoFailed)?;
    // The text is overwritten by its ciphertext in place: no copy is left behind.
    let mut buffer = Vec::with_capacity(text.len() + AES_256_GCM.tag_len());
    buffer.extend_from_slice(text.as_bytes());
    let nonce = key.seal_in_place_append_tag(Aad::from(context), &mut buffer).map_err(|_| CryptoFailed)?;
    let mut sealed = vec![VERSION];
    sealed.extend_from_slice(nonce.as_ref());
    sealed.extend_from_slice(&buffer);
    Ok(sealed)
}

/// What [`seal`] was given; nothing under another key, for another place, or after a change.
pub(crate) fn unseal(key: &[u8; KEY_LENGTH], context: &str, sealed: &[u8]) -> Option<Secret<String>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).ok()?;
    let (version, rest) = sealed.split_first()?;
    let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN)?;
    if *version != VERSION {
        return None;
    }
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let opened = key.open_in_place(nonce, Aad::from(context), &mut buffer).ok()?;
    std::str::from_utf8(opened).ok().map(|text| Secret::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_opens_under_its_key_in_its_place_and_unchanged() {
        let sealed = seal(&[7; KEY_LENGTH], "account/a", "02250812345").unwrap();
        assert_eq!(unseal(&[7; KEY_LENGTH], "account/a", &sealed).unwrap().expose(), "02250812345");
        assert!(unseal(&[8; KEY_LENGTH], "account/a", &sealed).is_none());
        assert!(unseal(&[7; KEY_LENGTH], "account/b", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(unseal(&[7; KEY_LENGTH], "account/a", &changed).is_none(), "byte {at}");
            assert!(unseal(&[7; KEY_LENGTH], "account/a", &sealed[..at]).is_none(), "cut at {at}");
        }
        assert_ne!(seal(&[7; KEY_LENGTH], "account/a", "02250812345").unwrap(), sealed);
    }
}
