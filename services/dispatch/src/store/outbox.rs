//! The outbox: what has to be handed over, and what became of it.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany};
use sms::life::State;
use straznica_types::Timestamp;

use super::entity::outbox::{ActiveModel, Column, Entity};
use crate::domain::{MessageId, Transaction, TransactionId};

/// Where a message of the outbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageState {
    /// The life every text message has.
    Life(State),
    /// There was nobody to send it to, or not to be: it never was on its way.
    Withheld,
}

impl MessageState {
    const WITHHELD: &'static str = "withheld";

    /// The names of all states.
    pub(super) const NAMES: [&'static str; 11] = {
        let mut names = [Self::WITHHELD; 11];
        let mut at = 0;
        while at < State::ALL.len() {
            names[at] = State::ALL[at].as_str();
            at += 1;
        }
        names
    };

    /// The name it has in the database and in events.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Life(state) => state.as_str(),
            Self::Withheld => Self::WITHHELD,
        }
    }
}

/// A message to be handed over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PendingMessage {
    pub(crate) id: MessageId,
    pub(crate) transaction: TransactionId,
    pub(crate) sequence: u32,
    pub(crate) expires_at: Timestamp,
}

/// Orders a message of a transaction; one that is withheld is never handed over.
pub(crate) async fn insert_message(
    tx: &DatabaseTransaction,
    transaction: &Transaction,
    sequence: u32,
    withheld: bool,
    now: Timestamp,
) -> Result<(), DbErr> {
    let state = if withheld { MessageState::Withheld } else { MessageState::Life(State::Queued) };
    Entity::insert(row(transaction, sequence, state, now)).exec_without_returning(tx).await?;
    Ok(())
}

/// Orders the first message of each transaction.
pub(crate) async fn insert_messages(tx: &DatabaseTransaction, transactions: &[Transaction]) -> Result<(), DbErr> {
    if !transactions.is_empty() {
        let queued = MessageState::Life(State::Queued);
        let rows = transactions.iter().map(|transaction| row(transaction, 0, queued, transaction.opened_at));
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn row(transaction: &Transaction, sequence: u32, state: MessageState, now: Timestamp) -> ActiveModel {
    ActiveModel {
        id: Set(MessageId::generate_at(now).uuid()),
        transaction_id: Set(transaction.id.uuid()),
        sequence: Set(i64::from(sequence)),
        state: Set(state.as_str().to_owned()),
        created_at: Set(now.millis()),
        due_at: Set(now.millis()),
        expires_at: Set(transaction.expires_at.millis()),
        submitted_at: Set(None),
        ended_at: Set(None),
        reference: Set(None),
    }
}

/// Takes messages that are due, oldest first, and marks them as submitted: from the commit on they may be on their way. Of two that take, each gets
/// its own.
pub(crate) async fn claim_due(
    tx: &DatabaseTransaction,
    now: Timestamp,
    most: u32,
) -> Result<Vec<PendingMessage>, DbErr> {
    let due = Entity::find()
        .filter(Column::State.eq(State::Queued.as_str()))
        .filter(Column::DueAt.lte(now.millis()))
        .order_by_asc(Column::DueAt)
        .limit(u64::from(most))
        .all(tx)
        .await?;
    let mut claimed = Vec::with_capacity(due.len());
    for row in due {
        let id = MessageId::from_uuid(row.id);
        let changed = change(id, State::Queued, MessageState::Life(State::Submitted))
            .col_expr(Column::SubmittedAt, Expr::value(now.millis()))
            .exec(tx)
            .await?;
        if changed.rows_affected == 1 {
            claimed.push(PendingMessage {
                id,
                transaction: TransactionId::from_uuid(row.transaction_id),
                sequence: u32::try_from(row.sequence).unwrap_or(u32::MAX),
                expires_at: Timestamp::from_millis(row.expires_at),
            });
        }
    }
    Ok(claimed)
}

/// Writes what became of a submitted message; tells whether it was still submitted.
pub(crate) async fn end_message(
    tx: &DatabaseTransaction,
    id: MessageId,
    state: MessageState,
    reference: Option<&str>,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let ended = change(id, State::Submitted, state)
        .col_expr(Column::EndedAt, Expr::value(now.millis()))
        .col_expr(Column::Reference, Expr::value(reference.map(str::to_owned)))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Puts a message that is known not to be on its way back into the queue.
pub(crate) async fn postpone_message(tx: &DatabaseTransaction, id: MessageId, due_at: Timestamp) -> Result<(), DbErr> {
    change(id, State::Submitted, MessageState::Life(State::Queued))
        .col_expr(Column::DueAt, Expr::value(due_at.millis()))
        .col_expr(Column::SubmittedAt, Expr::value(Option::<i64>::None))
        .exec(tx)
        .await?;
    Ok(())
}

/// Calls unknown what was submitted before `before` and has had no outcome since: the process that submitted it is gone. Returns which.
pub(crate) async fn settle_lost_messages(
    tx: &DatabaseTransaction,
    before: Timestamp,
    now: Timestamp,
) -> Result<Vec<PendingMessage>, DbErr> {
    let lost = Entity::find()
        .filter(Column::State.eq(State::Submitted.as_str()))
        .filter(Column::SubmittedAt.lt(before.millis()))
        .all(tx)
        .await?;
    let mut settled = Vec::with_capacity(lost.len());
    for row in lost {
        let id = MessageId::from_uuid(row.id);
        if end_message(tx, id, MessageState::Life(State::Unknown), None, now).await? {
            settled.push(PendingMessage {
                id,
                transaction: TransactionId::from_uuid(row.transaction_id),
                sequence: u32::try_from(row.sequence).unwrap_or(u32::MAX),
                expires_at: Timestamp::from_millis(row.expires_at),
            });
        }
    }
    Ok(settled)
}

/// Deletes messages ordered before `before`; returns how many.
pub(crate) async fn delete_old_messages(tx: &DatabaseTransaction, before: Timestamp) -> Result<u64, DbErr> {
    let deleted = Entity::delete_many().filter(Column::CreatedAt.lt(before.millis())).exec(tx).await?;
    Ok(deleted.rows_affected)
}

fn change(id: MessageId, from: State, to: MessageState) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(to.as_str()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::State.eq(from.as_str()))
}
