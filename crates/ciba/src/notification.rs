//! What a provider tells of its own accord: the ping of CIBA Core 1.0 §10.2, and the notification of Mobile Connect, which may bring the tokens along.
//!
//! The web server is the caller's. It hands the Authorization header and the body to [`Bells::ring`] and answers with the status that says. Where the
//! question lives in another replica, [`Notification::read`] and [`TokenDigest::is_of`] do the same against what was stored.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;
use straznica_types::Secret;
use subtle::ConstantTimeEq as _;
use tokio::sync::mpsc;

use crate::asking::{AuthReqId, masked};
use crate::error::ErrorCode;
use crate::jose::random_text;

/// Octets of a notification's body.
const LARGEST_BODY: usize = 64 << 10;

/// Notifications of one question that wait to be heard. One is enough; a provider that repeats itself fills no memory.
const WAITING: usize = 4;

masked! {
    /// What the provider has to present when it notifies (`client_notification_token`): a name to find the question by, then 256 random bits. One a question.
    NotificationToken
}

impl NotificationToken {
    /// A new one; `None` when the system has no random octets.
    pub fn random() -> Option<Self> {
        Some(Self(Secret::new(format!("{}.{}", random_text::<9>()?, random_text::<32>()?))))
    }

    /// What is kept of it: enough to recognise it, not enough to present it.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(self.expose())
    }
}

/// A token as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenDigest {
    handle: String,
    digest: [u8; 32],
}

impl TokenDigest {
    fn of(token: &str) -> Self {
        let mut octets = [0; 32];
        octets.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self { handle: token.split('.').next().unwrap_or_default().to_owned(), digest: octets }
    }

    /// From what was stored.
    pub const fn from_parts(handle: String, digest: [u8; 32]) -> Self {
        Self { handle, digest }
    }

    /// The name to find the question by. No secret.
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// SHA-256 of the token.
    pub const fn octets(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Whether the notification presented this token. Takes the same time for every other token.
    pub fn is_of(&self, notification: &Notification) -> bool {
        self.digest.ct_eq(&notification.token.digest).into()
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenDigest").field("handle", &self.handle).finish_non_exhaustive()
    }
}

/// A notification. Whether it is the provider's is not known before its token was compared.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Which question.
    pub auth_req_id: AuthReqId,
    /// What it told.
    pub told: Told,
    token: TokenDigest,
}

/// What a notification tells.
#[derive(Clone, Debug)]
pub enum Told {
    /// That there is an answer to be fetched.
    Ring,
    /// The answer itself.
    IdToken(Secret<String>),
    /// That there will be none.
    Error(ErrorCode),
}

/// Why octets are no notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNotification {
    /// No bearer token.
    #[error("no bearer token")]
    NoToken,
    /// Not the JSON it has to be, or too long.
    #[error("not a notification")]
    Unreadable,
}

impl Notification {
    /// Reads the value of the Authorization header (RFC 6750 §2.1) and the body.
    ///
    /// # Errors
    /// [`InvalidNotification`]
    pub fn read(authorization: Option<&[u8]>, body: &[u8]) -> Result<Self, InvalidNotification> {
        #[derive(Deserialize)]
        struct Document {
            auth_req_id: String,
            id_token: Option<String>,
            error: Option<String>,
        }
        let token = authorization.and_then(bearer).ok_or(InvalidNotification::NoToken)?;
        if body.len() > LARGEST_BODY {
            return Err(InvalidNotification::Unreadable);
        }
        // What else is in there, access tokens among it, is not read.
        let document: Document = serde_json::from_slice(body).map_err(|_| InvalidNotification::Unreadable)?;
        let told = match (document.id_token, document.error) {
            (None, None) => Told::Ring,
            (Some(token), None) => Told::IdToken(Secret::new(token)),
            (None, Some(code)) => Told::Error(ErrorCode::new(&code)),
            (Some(_), Some(_)) => return Err(InvalidNotification::Unreadable),
        };
        let auth_req_id = AuthReqId::new(&document.auth_req_id).ok_or(InvalidNotification::Unreadable)?;
        Ok(Self { auth_req_id, told, token: TokenDigest::of(token) })
    }

    /// The name of the token it presented, to find what was stored.
    pub fn handle(&self) -> &str {
        self.token.handle()
    }
}

fn bearer(header: &[u8]) -> Option<&str> {
    let (scheme, token) = std::str::from_utf8(header).ok()?.split_once(' ')?;
    let fits = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~+/=".contains(&octet);
    let is_token = (1..=1_024).contains(&token.len()) && token.bytes().all(fits);
    (scheme.eq_ignore_ascii_case("bearer") && is_token).then_some(token)
}

/// The questions of this process that may be rung for. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Bells(Arc<Mutex<HashMap<String, Listener>>>);

#[derive(Debug)]
struct Listener {
    token: TokenDigest,
    sender: mpsc::Sender<Notification>,
}

/// What to answer to a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rung {
    /// Somebody listens, or did: 204.
    Heard,
    /// No such token, or not of this question: 401. The same for both, and for questions nobody listens for any more.
    Stranger,
    /// Not a notification: 400.
    Malformed,
}

impl Rung {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::Heard => 204,
            Self::Stranger => 401,
            Self::Malformed => 400,
        }
    }
}

impl Bells {
    /// Listens for the notifications of this token until the bell is dropped. To be called before the question is asked, for the answer may be quicker than the
    /// provider's receipt of the question.
    pub fn listen(&self, token: TokenDigest) -> Bell {
        let (sender, receiver) = mpsc::channel(WAITING);
        let handle = token.handle.clone();
        self.listeners().insert(handle.clone(), Listener { token, sender });
        Bell { bells: self.clone(), handle, receiver }
    }

    /// Takes a notification: the value of the Authorization header and the body, as they came.
    pub fn ring(&self, authorization: Option<&[u8]>, body: &[u8]) -> Rung {
        let notification = match Notification::read(authorization, body) {
            Ok(notification) => notification,
            Err(InvalidNotification::NoToken) => return Rung::Stranger,
            Err(InvalidNotification::Unreadable) => return Rung::Malformed,
        };
        let listeners = self.listeners();
        match listeners.get(notification.handle()) {
            Some(listener) if listener.token.is_of(&notification) => {
                // Full when it was told already.
                let _told = listener.sender.try_send(notification);
                Rung::Heard
            }
            _ => Rung::Stranger,
        }
    }

    fn listeners(&self) -> std::sync::MutexGuard<'_, HashMap<String, Listener>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hears the notifications of one question.
#[derive(Debug)]
pub struct Bell {
    bells: Bells,
    handle: String,
    receiver: mpsc::Receiver<Notification>,
}

impl Bell {
    /// Waits for a notification of this question. One of another question under the same token is passed over. Dropping the future loses none.
    pub async fn rung_for(&mut self, auth_req_id: &AuthReqId) -> Notification {
        loop {
            match self.receiver.recv().await {
                Some(notification) if notification.auth_req_id == *auth_req_id => return notification,
                Some(_) => {}
                // Another bell has taken the place of this one.
                None => std::future::pending().await,
            }
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        // Closed first, so that a listener that took this one's place is told from it.
        self.receiver.close();
        let mut listeners = self.bells.listeners();
        if listeners.get(&self.handle).is_some_and(|listener| listener.sender.is_closed()) {
            listeners.remove(&self.handle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(token: &str) -> Vec<u8> {
        format!("Bearer {token}").into_bytes()
    }

    #[tokio::test]
    async fn only_the_questions_own_token_rings_and_ringing_twice_is_harmless() {
        let bells = Bells::default();
        let token = NotificationToken::random().unwrap();
        let other = NotificationToken::random().unwrap();
        let mut bell = bells.listen(token.digest());
        let body = br#"{"auth_req_id":"r-1"}"#;
        let forged = format!("{}.{}", token.digest().handle(), other.expose().split('.').nth(1).unwrap());
        for stranger in [other.expose(), &forged, token.digest().handle(), ""] {
            assert_eq!(bells.ring(Some(&header(stranger)), body), Rung::Stranger, "{stranger}");
        }
        assert_eq!(bells.ring(None, body), Rung::Stranger);
        assert_eq!(bells.ring(Some(token.expose().as_bytes()), body), Rung::Stranger);
        for _ in 0..20 {
            assert_eq!(bells.ring(Some(format!("bearer {}", token.expose()).as_bytes()), body), Rung::Heard);
        }
        let heard = bell.rung_for(&AuthReqId::new("r-1").unwrap()).await;
        assert!(matches!(heard.told, Told::Ring));
        drop(bell);
        assert_eq!(bells.ring(Some(&header(token.expose())), body), Rung::Stranger);
        assert!(bells.listeners().is_empty());
    }

    #[tokio::test]
    async fn a_ring_for_another_question_wakes_nobody() {
        let bells = Bells::default();
        let token = NotificationToken::random().unwrap();
        let mut bell = bells.listen(token.digest());
        for id in ["r-2", "r-1"] {
            let body = format!(r#"{{"auth_req_id":"{id}"}}"#);
            assert_eq!(bells.ring(Some(&header(token.expose())), body.as_bytes()), Rung::Heard);
        }
        let id = AuthReqId::new("r-1").unwrap();
        assert_eq!(bell.rung_for(&id).await.auth_req_id, id);
    }

    #[test]
    fn what_is_no_notification_is_refused() {
        let token = NotificationToken::random().unwrap();
        let bells = Bells::default();
        let _bell = bells.listen(token.digest());
        for body in [
            "",
            "[]",
            "{}",
            r#"{"auth_req_id":""}"#,
            r#"{"auth_req_id":7}"#,
            r#"{"auth_req_id":"a b"}"#,
            r#"{"auth_req_id":"a","id_token":"x","error":"y"}"#,
            &format!(r#"{{"auth_req_id":"a","x":"{}"}}"#, "x".repeat(LARGEST_BODY)),
        ] {
            assert_eq!(bells.ring(Some(&header(token.expose())), body.as_bytes()), Rung::Malformed, "{body:.60}");
        }
    }

    #[test]
    fn a_stored_digest_recognises_the_token_and_prints_no_part_of_it() {
        let token = NotificationToken::random().unwrap();
        let kept = token.digest();
        let stored = TokenDigest::from_parts(kept.handle().to_owned(), *kept.octets());
        let read = |token: &str| Notification::read(Some(&header(token)), br#"{"auth_req_id":"r"}"#).unwrap();
        assert!(stored.is_of(&read(token.expose())));
        assert!(!stored.is_of(&read(NotificationToken::random().unwrap().expose())));
        let secret = token.expose().split('.').nth(1).unwrap();
        // 256 bits.
        assert_eq!(secret.len(), 43);
        assert!(!format!("{token:?} {stored:?} {:?}", read(token.expose())).contains(secret));
    }

    proptest::proptest! {
        #[test]
        fn no_octets_make_it_panic(header in proptest::collection::vec(proptest::num::u8::ANY, 0..60), body in ".{0,80}") {
            let _ = Notification::read(Some(&header), body.as_bytes());
            let _ = Notification::read(Some(b"Bearer x"), body.as_bytes());
        }
    }
}
