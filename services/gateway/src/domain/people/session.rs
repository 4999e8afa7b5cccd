//! A session: what the browser holds, what the database holds, and how long both count.
//!
//! The browser holds 32 random bytes. From them come, each by HMAC-SHA-256 with a label of its own, the token that proves a request is no forgery of
//! another site's, and the key that seals a citizen's PESEL and names; the database holds their digest. Nothing of this can be had from the database.

use std::{fmt, time::Duration};

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
    hmac, rand,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use straznica_types::{Secret, Timestamp};
use zeroize::Zeroizing;

use super::{
    person::{Person, PersonKind},
    sealing::{self, CryptoFailed, KEY_LENGTH},
};

const ID_LENGTH: usize = 32;

/// What the browser holds.
pub(crate) struct SessionId(Zeroizing<[u8; ID_LENGTH]>);

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl SessionId {
    /// A new one, 256 bits.
    pub(crate) fn generate() -> Result<Self, CryptoFailed> {
        let mut id = Zeroizing::new([0; ID_LENGTH]);
        rand::fill(id.as_mut()).map_err(|_| CryptoFailed)?;
        Ok(Self(id))
    }

    /// As the cookie carries it.
    pub(crate) fn parse(cookie: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(cookie).ok()?);
        let mut id = Zeroizing::new([0; ID_LENGTH]);
        if bytes.len() != ID_LENGTH {
            return None;
        }
        id.copy_from_slice(&bytes);
        Some(Self(id))
    }

    /// For the cookie.
    pub(crate) fn to_cookie(&self) -> Secret<String> {
        Secret::new(BASE64_URL_SAFE_NO_PAD.encode(self.0.as_ref()))
    }

    /// How the database knows it. The id is random and long: a plain digest cannot be reversed.
    pub(crate) fn digest(&self) -> SessionDigest {
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest(&SHA256, self.0.as_ref()).as_ref());
        SessionDigest(sha256)
    }

    /// What a request that changes something has to carry beside the cookie: another site's page cannot read it.
    pub(crate) fn csrf_token(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.derive("csrf").as_ref())
    }

    /// Whether this is the token, in constant time.
    pub(crate) fn is_csrf_token(&self, shown: &[u8]) -> bool {
        verify_slices_are_equal(self.csrf_token().as_bytes(), shown).is_ok()
    }

    /// Seals a text for this session alone.
    pub(crate) fn seal(&self, text: &str) -> Result<Vec<u8>, CryptoFailed> {
        sealing::seal(&self.derive("citizen"), "session", text)
    }

    /// What [`Self::seal`] of the same session was given.
    pub(crate) fn unseal(&self, sealed: &[u8]) -> Option<Secret<String>> {
        sealing::unseal(&self.derive("citizen"), "session", sealed)
    }

    fn derive(&self, label: &str) -> Zeroizing<[u8; KEY_LENGTH]> {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.0.as_ref()), label.as_bytes());
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        key.copy_from_slice(tag.as_ref());
        key
    }
}

/// SHA-256 of a session's id; in hexadecimal, as the database has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SessionDigest(pub(crate) [u8; 32]);

impl SessionDigest {
    /// From its hexadecimal form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut sha256 = [0; 32];
        hex::decode_to_slice(text, &mut sha256).ok()?;
        Some(Self(sha256))
    }
}

impl fmt::Display for SessionDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetimes {
    /// Without a request.
    pub(crate) idle: Duration,
    /// Whatever happens.
    pub(crate) absolute: Duration,
}

/// A session as the database holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) digest: SessionDigest,
    pub(crate) person: Person,
    pub(crate) kind: PersonKind,
    /// How surely the person was authenticated, in the provider's words (OpenID Connect Core 1.0 §2, `acr`).
    pub(crate) acr: String,
    /// When they were.
    pub(crate) auth_time: Timestamp,
    pub(crate) opened_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    /// SHA-256 of the client certificate it was opened over, and the only one it is accepted over (after RFC 8705 §3); none at the listener for people.
    pub(crate) certificate: Option<[u8; 32]>,
    /// A citizen's PESEL and names, sealed for the session.
    pub(crate) sealed_citizen: Option<Vec<u8>>,
}

/// Seen again so soon, a session is not written anew.
const SEEN_STEP: Duration = Duration::from_secs(15);

impl Session {
    /// When it ends without a further request.
    pub(crate) fn idle_until(&self, lifetimes: &Lifetimes) -> Timestamp {
        (self.last_seen_at + lifetimes.idle).min(self.ends_at(lifetimes))
    }

    /// When it ends whatever happens.
    pub(crate) fn ends_at(&self, lifetimes: &Lifetimes) -> Timestamp {
        self.opened_at + lifetimes.absolute
    }

    /// Whether it still counts.
    pub(crate) fn holds(&self, lifetimes: &Lifetimes, now: Timestamp) -> bool {
        now < self.idle_until(lifetimes)
    }

    /// Whether the database has to learn that it was used.
    pub(crate) fn is_to_be_touched(&self, now: Timestamp) -> bool {
        now.saturating_since(self.last_seen_at) >= SEEN_STEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIMES: Lifetimes =
        Lifetimes { idle: Duration::from_secs(15 * 60), absolute: Duration::from_secs(8 * 3600) };

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(1_779_960_600_000 + minutes * 60_000)
    }

    fn seen(last_seen_at: Timestamp) -> Session {
        Session {
            digest: SessionDigest([0; 32]),
            person: Person { issuer: "https://login.example".to_owned(), subject: "1".to_owned() },
            kind: PersonKind::Official,
            acr: "high".to_owned(),
            auth_time: at(0),
            opened_at: at(0),
            last_seen_at,
            certificate: None,
            sealed_citizen: None,
        }
    }

    #[test]
    fn a_session_ends_after_a_quarter_of_an_hour_of_rest_and_after_eight_hours_of_work() {
        for (last_seen, now, holds) in [
            (at(0), at(0), true),
            (at(0), at(14), true),
            (at(0), at(15), false),
            (at(470), at(479), true),
            (at(479), at(480), false),
        ] {
            assert_eq!(seen(last_seen).holds(&LIFETIMES, now), holds, "seen {last_seen}, now {now}");
        }
        assert_eq!(seen(at(470)).idle_until(&LIFETIMES), at(480));
    }

    #[test]
    fn what_comes_from_an_id_comes_from_no_other_and_the_id_from_none_of_it() {
        let (one, other) = (SessionId::generate().unwrap(), SessionId::generate().unwrap());
        assert!(one.is_csrf_token(one.csrf_token().as_bytes()));
        assert!(!one.is_csrf_token(other.csrf_token().as_bytes()) && !one.is_csrf_token(b""));
        let sealed = one.seal("02250812345").unwrap();
        assert_eq!(one.unseal(&sealed).unwrap().expose(), "02250812345");
        assert!(other.unseal(&sealed).is_none());
        let again = SessionId::parse(one.to_cookie().expose()).unwrap();
        assert_eq!((again.digest(), again.csrf_token()), (one.digest(), one.csrf_token()));
        assert_ne!(one.to_cookie().expose(), &one.csrf_token());
        assert_eq!(format!("{one:?}"), "***");
    }

    #[test]
    fn what_is_no_id_is_none() {
        for cookie in ["", "abc", "!", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43)] {
            assert!(SessionId::parse(cookie).is_none(), "{cookie}");
        }
    }
}
