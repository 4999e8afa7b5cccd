//! What a request with an `Idempotency-Key` means that was, or was not, seen before from the same terminal or operator.

use std::time::Duration;

use straznica_journal::Pseudonym;
use straznica_types::{OfficerId, TerminalId, Timestamp};

/// A key as its owner chose it: 1 to 64 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

/// A text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidKey;

impl IdempotencyKey {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, InvalidKey> {
        if !(1..=64).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_graphic) {
            return Err(InvalidKey);
        }
        String::from_utf8(bytes.to_vec()).map(Self).map_err(|_| InvalidKey)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose key it is. Two owners may choose the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyOwner(String);

impl KeyOwner {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is somebody who has logged in: nothing of theirs was ever kept in clear.
    pub(crate) fn is_person(&self) -> bool {
        self.0.starts_with(PERSON)
    }
}

impl KeyOwner {
    /// An officer of a consulted body: bodies' officers are their own.
    pub(crate) fn of_body(body: &str, officer: &OfficerId) -> Self {
        Self(format!("consulted/{body}/{officer}"))
    }
}

/// Before the pseudonym of a person.
const PERSON: &str = "person/";

impl From<&TerminalId> for KeyOwner {
    fn from(terminal: &TerminalId) -> Self {
        Self(terminal.to_string())
    }
}

/// No terminal's id has a slash.
impl From<&OfficerId> for KeyOwner {
    fn from(operator: &OfficerId) -> Self {
        Self(format!("operator/{operator}"))
    }
}

/// No operator's id has a slash either.
impl From<&Pseudonym> for KeyOwner {
    fn from(person: &Pseudonym) -> Self {
        Self(format!("{PERSON}{person}"))
    }
}

/// SHA-256 over the request's address and body: the body itself is not kept.
pub(crate) type BodyDigest = [u8; 32];

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) body: BodyDigest,
    pub(crate) first_seen: Timestamp,
    /// The answer, once there is one.
    pub(crate) answer: Option<StoredAnswer>,
}

/// An answer as it was given. `json` is sealed where it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredAnswer {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) json: String,
}

/// What to do with the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is new: do it.
    Execute,
    /// It was done: give the same answer.
    Replay(StoredAnswer),
    /// The same request is being done at this moment.
    InProgress,
    /// The key belongs to another request.
    OtherBody,
}

/// How long keys are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// With an answer.
    pub(crate) answered: Duration,
    /// Without one: longer than a request can take; after that the node must have died over it.
    pub(crate) in_progress: Duration,
}

impl Memory {
    /// Whether what is remembered still counts.
    pub(crate) fn holds(&self, remembered: &Remembered, now: Timestamp) -> bool {
        let limit = if remembered.answer.is_some() { self.answered } else { self.in_progress };
        now.saturating_since(remembered.first_seen) < limit
    }

    /// Decides by what is remembered of the key.
    pub(crate) fn decide(&self, remembered: Option<Remembered>, body: &BodyDigest, now: Timestamp) -> Decision {
        let Some(remembered) = remembered.filter(|remembered| self.holds(remembered, now)) else {
            return Decision::Execute;
        };
        if remembered.body != *body {
            return Decision::OtherBody;
        }
        remembered.answer.map_or(Decision::InProgress, Decision::Replay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: Memory = Memory { answered: Duration::from_secs(24 * 3600), in_progress: Duration::from_secs(60) };
    const BODY: BodyDigest = [7; 32];

    fn seconds(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_779_960_600_000 + seconds * 1000)
    }

    fn remembered(answered: bool) -> Remembered {
        Remembered { body: BODY, first_seen: seconds(0), answer: answered.then(answer) }
    }

    fn answer() -> StoredAnswer {
        StoredAnswer { status: 201, location: "/v1/inspections/x".to_owned(), json: "{}".to_owned() }
    }

    #[test]
    fn a_key_decides_by_body_state_and_age() {
        let day = 24 * 3600;
        for (what, known, body, at, decision) in [
            ("never seen", None, BODY, 0, Decision::Execute),
            ("answered", Some(remembered(true)), BODY, day - 1, Decision::Replay(answer())),
            ("answered long ago", Some(remembered(true)), BODY, day, Decision::Execute),
            ("in progress", Some(remembered(false)), BODY, 59, Decision::InProgress),
            ("died half way", Some(remembered(false)), BODY, 60, Decision::Execute),
            ("answered, other body", Some(remembered(true)), [8; 32], 1, Decision::OtherBody),
            ("in progress, other body", Some(remembered(false)), [8; 32], 1, Decision::OtherBody),
            ("forgotten, other body", Some(remembered(true)), [8; 32], day, Decision::Execute),
        ] {
            assert_eq!(MEMORY.decide(known, &body, seconds(at)), decision, "{what}");
        }
    }

    #[test]
    fn a_key_is_short_and_visible() {
        assert!(IdempotencyKey::parse(b"9b2c-17").is_ok());
        for wrong in [&b""[..], b"a b", b"a\tb", &[b'a'; 65], "klucz-ż".as_bytes()] {
            assert_eq!(IdempotencyKey::parse(wrong), Err(InvalidKey), "{wrong:?}");
        }
    }
}
