//! Local accounts of a test node: password and second factor.
//!
//! Argon2id (RFC 9106) of the password gives 64 bytes. The digest of the first half proves the password; the second half seals what belongs to the account, the
//! second factor's secret, and a citizen's PESEL and names. So the database alone shows neither, and a login is the only time they are open.

use std::{fmt, time::Duration};

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use straznica_types::{Secret, Timestamp, check_name};
use zeroize::Zeroizing;

use super::{
    person::PersonKind,
    sealing::{self, CryptoFailed, KEY_LENGTH},
};

/// Bytes of a salt.
pub(crate) const SALT_LENGTH: usize = 16;
/// OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The name of an account: 1 to 64 of `a-z A-Z 0-9 . _ -`. Also the subject its sessions have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountName(String);

impl AccountName {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        check_name(text).ok().map(|()| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a password has to have: length, and nothing else (NIST SP 800-63B-4 §3.1.1.2).
pub(crate) const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 12..=128;

/// Whether a text may become a password.
pub(crate) fn is_password(text: &str) -> bool {
    PASSWORD_LENGTH.contains(&text.chars().count())
}

/// What a password gives with a salt. Takes tens of milliseconds and 19 MiB, on purpose.
pub(crate) struct Derived(Zeroizing<[u8; 2 * KEY_LENGTH]>);

impl Derived {
    pub(crate) fn of(password: &str, salt: &[u8; SALT_LENGTH]) -> Result<Self, CryptoFailed> {
        let mut bytes = Zeroizing::new([0; 2 * KEY_LENGTH]);
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(bytes.len())).map_err(|_| CryptoFailed)?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(password.as_bytes(), salt, bytes.as_mut())
            .map_err(|_| CryptoFailed)?;
        Ok(Self(bytes))
    }

    /// What the database keeps to know the password by.
    pub(crate) fn verifier(&self) -> [u8; 32] {
        let mut verifier = [0; 32];
        verifier.copy_from_slice(digest(&SHA256, &self.0[..KEY_LENGTH]).as_ref());
        verifier
    }

    /// Whether it is the password, in constant time.
    pub(crate) fn is(&self, verifier: &[u8; 32]) -> bool {
        verify_slices_are_equal(&self.verifier(), verifier).is_ok()
    }

    /// Seals what belongs to an account.
    pub(crate) fn seal(&self, account: &AccountName, member: &str, text: &str) -> Result<Vec<u8>, CryptoFailed> {
        sealing::seal(&self.key(), &place(account, member), text)
    }

    /// What [`Self::seal`] was given.
    pub(crate) fn unseal(&self, account: &AccountName, member: &str, sealed: &[u8]) -> Option<Secret<String>> {
        sealing::unseal(&self.key(), &place(account, member), sealed)
    }

    fn key(&self) -> Zeroizing<[u8; KEY_LENGTH]> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        key.copy_from_slice(&self.0[KEY_LENGTH..]);
        key
    }
}

fn place(account: &AccountName, member: &str) -> String {
    format!("account/{account}/{member}")
}

/// An account as the database holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: AccountName,
    pub(crate) kind: PersonKind,
    pub(crate) salt: [u8; SALT_LENGTH],
    pub(crate) verifier: [u8; 32],
    /// The second factor's secret.
    pub(crate) sealed_factor: Vec<u8>,
    /// A citizen's PESEL and names.
    pub(crate) sealed_citizen: Option<Vec<u8>>,
    /// The last step of time a code of which was accepted.
    pub(crate) last_step: u64,
    /// Why nobody may log in with it, if so.
    pub(crate) locked: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) created_by: String,
}

/// Failures in a row that cost nothing.
const FREE_FAILURES: u32 = 3;
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// How long after this many failures in a row nobody may try again: nothing at first, then doubled each time.
pub(crate) fn pause_after(failures: u32) -> Duration {
    let Some(beyond) = failures.checked_sub(FREE_FAILURES) else { return Duration::ZERO };
    // 2^10 s is above the longest pause already
    Duration::from_secs(1 << beyond.min(10)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_salt_and_opens_only_its_own() {
        let name = AccountName::parse("j.kowalska").unwrap();
        let derived = Derived::of("correct horse battery", &[1; SALT_LENGTH]).unwrap();
        assert!(derived.is(&Derived::of("correct horse battery", &[1; SALT_LENGTH]).unwrap().verifier()));
        assert!(!derived.is(&Derived::of("correct horse batterx", &[1; SALT_LENGTH]).unwrap().verifier()));
        assert!(!derived.is(&Derived::of("correct horse battery", &[2; SALT_LENGTH]).unwrap().verifier()));
        let sealed = derived.seal(&name, "pesel", "02250812345").unwrap();
        assert_eq!(derived.unseal(&name, "pesel", &sealed).unwrap().expose(), "02250812345");
        assert!(derived.unseal(&name, "factor", &sealed).is_none());
        assert!(derived.unseal(&AccountName::parse("other").unwrap(), "pesel", &sealed).is_none());
    }

    #[test]
    fn pauses_grow_and_have_an_end() {
        let pauses: Vec<u64> = (0..16).map(|failures| pause_after(failures).as_secs()).collect();
        assert_eq!(pauses, [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(pause_after(u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn a_password_is_long_and_may_be_anything() {
        for (text, good) in [
            ("zażółć gęślą", true),
            ("12345678901", false),
            (&"a".repeat(128), true),
            (&"a".repeat(129), false),
            ("", false),
        ] {
            assert_eq!(is_password(text), good, "{text}");
        }
    }
}
