//! Rows ⇄ transactions.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use straznica_types::{OfficerId, Timestamp};

use super::entity::{code_transaction, prompt};
use crate::domain::{
    Asking, Bound, Institution, Prompt, PromptState, Question, State, Subject, Transaction, TransactionId,
};

/// A row this release did not write: the database was changed by hand, or by a newer release in a way it may not.
#[derive(Debug, thiserror::Error)]
#[error("{table} {id}: column {column} cannot be read")]
pub struct UnreadableRow {
    pub(super) table: &'static str,
    pub(super) id: String,
    pub(super) column: &'static str,
}

pub(super) fn transaction_row(transaction: &Transaction) -> code_transaction::ActiveModel {
    let bound = &transaction.bound;
    code_transaction::ActiveModel {
        id: Set(transaction.id.uuid()),
        officer: Set(bound.asking.officer.to_string()),
        institution: Set(bound.asking.institution.to_string()),
        purpose: Set(bound.asking.purpose.clone()),
        subject: Set(bound.subject.to_string()),
        binding_text: Set(bound.binding_text.clone()),
        language: Set(bound.language.clone()),
        slot: Set(transaction.slot.to_vec()),
        fingerprint: Set(transaction.fingerprint.clone()),
        prefix: Set(transaction.prefix.clone()),
        dummy: Set(transaction.dummy),
        concealed: Set(transaction.concealed),
        opened_at: Set(transaction.opened_at.millis()),
        expires_at: Set(transaction.expires_at.millis()),
        attempts: Set(0),
        resends: Set(i64::from(transaction.resends)),
        state: Set(transaction.state.as_str().to_owned()),
        ended_at: Set(transaction.ended_at.map(Timestamp::millis)),
    }
}

pub(super) fn transaction_of(row: code_transaction::Model) -> Result<Transaction, UnreadableRow> {
    let bad = |column| UnreadableRow { table: "code_transaction", id: row.id.to_string(), column };
    Ok(Transaction {
        id: TransactionId::from_uuid(row.id),
        bound: Bound {
            asking: Asking {
                officer: OfficerId::parse(&row.officer).map_err(|_| bad("officer"))?,
                institution: Institution::parse(&row.institution).map_err(|_| bad("institution"))?,
                purpose: row.purpose.clone(),
            },
            subject: Subject::parse(&row.subject).map_err(|_| bad("subject"))?,
            binding_text: row.binding_text.clone(),
            language: row.language.clone(),
        },
        slot: row.slot.as_slice().try_into().map_err(|_| bad("slot"))?,
        fingerprint: row.fingerprint.clone(),
        prefix: row.prefix.clone(),
        dummy: row.dummy,
        concealed: row.concealed,
        opened_at: Timestamp::from_millis(row.opened_at),
        expires_at: Timestamp::from_millis(row.expires_at),
        resends: u32::try_from(row.resends).map_err(|_| bad("resends"))?,
        state: State::from_name(&row.state).ok_or_else(|| bad("state"))?,
        ended_at: row.ended_at.map(Timestamp::from_millis),
    })
}

pub(super) fn prompt_of(row: prompt::Model) -> Result<Prompt, UnreadableRow> {
    let bad = |column| UnreadableRow { table: "prompt", id: row.transaction_id.to_string(), column };
    let question = match (row.sealed, row.asked_at, row.expires_at) {
        (Some(sealed), Some(asked_at), Some(expires_at)) => Some(Question {
            sealed,
            asked_at: Timestamp::from_millis(asked_at),
            expires_at: Timestamp::from_millis(expires_at),
            interval: Duration::from_millis(u64::try_from(row.interval_ms).map_err(|_| bad("interval_ms"))?),
        }),
        _ => None,
    };
    let bell = match (row.handle, row.token_digest) {
        (Some(handle), Some(digest)) => Some((handle, digest.as_slice().try_into().map_err(|_| bad("token_digest"))?)),
        _ => None,
    };
    Ok(Prompt {
        transaction: TransactionId::from_uuid(row.transaction_id),
        state: PromptState::from_name(&row.state).ok_or_else(|| bad("state"))?,
        phone: row.phone,
        question,
        bell,
    })
}
