//! Messages of partners that were seen before: the same one gets the same answer, another one under its identifier is refused (CSN 36 9791 §6).

use aws_lc_rs::digest::{Context, SHA256};
use exchange::{Country, message::is_message_id};
use sea_orm::ConnectionTrait;
use straznica_types::Timestamp;

use crate::{
    domain::exchange::policy::Rule,
    error::SpocError,
    store::{
        entity::inbound_message,
        exchange::inbound::{self, Answered},
    },
};

/// A message with an identifier of its sender's.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) caller: Country,
    pub(crate) message_id: String,
    operation: &'static str,
    sha256: String,
}

/// What became of an identifier before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Nothing.
    Never,
    /// The same message was answered: the answer, protobuf.
    Answered(Vec<u8>),
    /// Another message had it.
    Otherwise,
}

impl Received {
    /// A message of `caller`; `None` when it says it is from somebody else, or its identifier cannot be kept. `content` is what the message says beside
    /// caller and identifier.
    pub(crate) fn read(
        caller: Country,
        caller_id: &str,
        message_id: &str,
        operation: &'static str,
        content: &[&[u8]],
    ) -> Option<Self> {
        if caller_id != caller.as_str() || !is_message_id(message_id) {
            return None;
        }
        let mut digest = Context::new(&SHA256);
        digest.update(operation.as_bytes());
        for part in content {
            // Lengths keep what is one part from being read as two.
            digest.update(&(part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let sha256 = hex::encode(digest.finish());
        Some(Self { caller, message_id: message_id.to_owned(), operation, sha256 })
    }

    /// Looks the identifier up.
    pub(crate) async fn seen(&self, db: &impl ConnectionTrait) -> Result<Seen, SpocError> {
        Ok(self.held_against(inbound::find(db, self.caller, &self.message_id).await?))
    }

    /// The same of what was found under the identifier.
    pub(crate) fn held_against(&self, answered: Option<Answered>) -> Seen {
        match answered {
            None => Seen::Never,
            Some(before) if before.operation == self.operation && before.sha256 == self.sha256 => {
                Seen::Answered(before.answer)
            }
            Some(_) => Seen::Otherwise,
        }
    }

    /// Keeps the answer, in the transaction of its effect.
    ///
    /// # Errors
    /// [`straznica_store::StoreError::Duplicate`] when the identifier was answered meanwhile: look again.
    pub(crate) async fn answer(
        &self,
        db: &impl ConnectionTrait,
        answer: Vec<u8>,
        code: &'static str,
        rule: Option<Rule>,
        now: Timestamp,
    ) -> Result<(), SpocError> {
        let row = inbound_message::Model {
            caller: self.caller.to_string(),
            message_id: self.message_id.clone(),
            operation: self.operation.to_owned(),
            sha256: self.sha256.clone(),
            answer,
            code: code.to_owned(),
            rule: rule.map(|rule| rule.as_str().to_owned()),
            received_at: now.millis(),
        };
        Ok(inbound::insert(db, row).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::Received;

    #[test]
    fn content_operation_and_division_tell_messages_apart() {
        let read = |operation, content: &[&[u8]]| {
            Received::read("DE".parse().unwrap(), "DE", "1", operation, content).unwrap().sha256
        };
        let digests = [
            read("request_certificate", &[b"ab"]),
            read("request_certificate", &[b"a", b"b"]),
            read("request_certificate", &[b"abc"]),
            read("general_message", &[b"ab"]),
        ];
        for (place, one) in digests.iter().enumerate() {
            assert!(!digests[place + 1..].contains(one), "{place}");
        }
    }

    #[test]
    fn a_message_of_somebody_else_or_without_a_usable_identifier_is_not_read() {
        let read = |caller_id, message_id: &str| {
            Received::read("DE".parse().unwrap(), caller_id, message_id, "general_message", &[]).is_some()
        };
        assert!(read("DE", "1") && read("DE", " a b\u{17d}") && read("DE", &"1".repeat(255)));
        for (caller_id, message_id) in
            [("FR", "1"), ("de", "1"), ("", "1"), ("DE", ""), ("DE", " "), ("DE", "a\0"), ("DE", &"1".repeat(256))]
        {
            assert!(!read(caller_id, message_id), "{caller_id} {message_id:?}");
        }
    }
}
