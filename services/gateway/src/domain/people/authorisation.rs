//! A login under way at a provider: what the browser holds between leaving and coming back.
//!
//! The browser holds 32 random bytes in a cookie of its own. State, nonce and the verifier of PKCE (RFC 7636) come from them, each by HMAC-SHA-256 with a label
//! of its own. So nothing is stored, nobody fills a table by beginning logins, and an answer is taken only in the browser that asked.

use std::{fmt, time::Duration};

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac, rand};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use straznica_types::{Secret, Timestamp, check_name};
use zeroize::Zeroizing;

use super::sealing::CryptoFailed;

const SEED_LENGTH: usize = 32;
/// Longer nobody types a password.
const LIFE: Duration = Duration::from_secs(600);

/// A login that was begun.
pub(crate) struct Authorisation {
    seed: Zeroizing<[u8; SEED_LENGTH]>,
    provider: String,
    begun_at: Timestamp,
}

impl fmt::Debug for Authorisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorisation({})", self.provider)
    }
}

impl Authorisation {
    /// Begins one.
    pub(crate) fn begin(provider: &str, now: Timestamp) -> Result<Self, CryptoFailed> {
        let mut seed = Zeroizing::new([0; SEED_LENGTH]);
        rand::fill(seed.as_mut()).map_err(|_| CryptoFailed)?;
        Ok(Self { seed, provider: provider.to_owned(), begun_at: now })
    }

    /// As the cookie carries it.
    pub(crate) fn parse(cookie: &str) -> Option<Self> {
        // a name may hold dots
        let (seed, rest) = cookie.split_once('.')?;
        let (millis, provider) = rest.split_once('.')?;
        check_name(provider).ok()?;
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(seed).ok()?);
        let mut seed = Zeroizing::new([0; SEED_LENGTH]);
        if bytes.len() != SEED_LENGTH {
            return None;
        }
        seed.copy_from_slice(&bytes);
        Some(Self { seed, provider: provider.to_owned(), begun_at: Timestamp::from_millis(millis.parse().ok()?) })
    }

    /// For the cookie.
    pub(crate) fn to_cookie(&self) -> Secret<String> {
        let seed = Secret::new(BASE64_URL_SAFE_NO_PAD.encode(self.seed.as_ref()));
        Secret::new(format!("{}.{}.{}", seed.expose(), self.begun_at.millis(), self.provider))
    }

    /// Whether it was begun at this provider, and not long ago.
    pub(crate) fn is_open(&self, provider: &str, now: Timestamp) -> bool {
        self.provider == provider && self.begun_at <= now && now.saturating_since(self.begun_at) < LIFE
    }

    /// How long the browser keeps it.
    pub(crate) const fn life() -> Duration {
        LIFE
    }

    pub(crate) fn state(&self) -> String {
        self.derive("state")
    }

    /// Whether the answer is to this question, in constant time.
    pub(crate) fn is_state(&self, told: &str) -> bool {
        verify_slices_are_equal(self.state().as_bytes(), told.as_bytes()).is_ok()
    }

    pub(crate) fn nonce(&self) -> String {
        self.derive("nonce")
    }

    /// 43 characters, the fewest RFC 7636 §4.1 takes, of 256 bits.
    pub(crate) fn pkce_verifier(&self) -> String {
        self.derive("pkce")
    }

    fn derive(&self, label: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.seed.as_ref());
        BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, label.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_779_960_600_000);

    #[test]
    fn the_browser_that_asked_is_known_again_for_ten_minutes() {
        let begun = Authorisation::begin("pz.test", NOW).unwrap();
        let back = Authorisation::parse(begun.to_cookie().expose()).unwrap();
        assert!(back.is_state(&begun.state()));
        assert_eq!((back.nonce(), back.pkce_verifier()), (begun.nonce(), begun.pkce_verifier()));
        assert!(back.is_open("pz.test", NOW + Duration::from_secs(599)));
        assert!(!back.is_open("pz.test", NOW + Duration::from_secs(600)));
        assert!(!back.is_open("pz.test", NOW - Duration::from_secs(1)), "from a time to come");
        assert!(!back.is_open("other", NOW));
        let other = Authorisation::begin("pz.test", NOW).unwrap();
        assert!(!other.is_state(&begun.state()) && !other.is_state(""));
        assert_eq!(begun.pkce_verifier().len(), 43);
        let derived = [begun.state(), begun.nonce(), begun.pkce_verifier()];
        assert!(derived[0] != derived[1] && derived[1] != derived[2] && derived[0] != derived[2]);
    }

    #[test]
    fn what_is_no_such_cookie_is_none() {
        let good = Authorisation::begin("pz", NOW).unwrap().to_cookie().expose().clone();
        for cookie in ["", ".", "..", "a.1.pz", &good[1..], &format!("{good} x"), &good.replace(".17", ".x17")] {
            assert!(Authorisation::parse(cookie).is_none(), "{cookie}");
        }
    }
}
