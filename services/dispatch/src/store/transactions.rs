//! Queries on transactions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use straznica_types::Timestamp;

use super::chunks::lists;
use super::entity::code_transaction::{Column, Entity};
use super::rows::{transaction_of, transaction_row};
use crate::domain::{State, Transaction, TransactionId};
use crate::error::DispatchError;

/// Writes new transactions.
pub(crate) async fn insert_transactions(
    tx: &DatabaseTransaction,
    transactions: impl IntoIterator<Item = &Transaction>,
) -> Result<(), DbErr> {
    let rows: Vec<_> = transactions.into_iter().map(transaction_row).collect();
    if !rows.is_empty() {
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// One transaction.
pub(crate) async fn find_transaction(
    connection: &impl ConnectionTrait,
    id: TransactionId,
) -> Result<Option<Transaction>, DispatchError> {
    let row = Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(row.map(transaction_of).transpose()?)
}

/// Several transactions; those that are not there are missing.
pub(crate) async fn find_transactions(
    connection: &impl ConnectionTrait,
    ids: &[TransactionId],
) -> Result<HashMap<TransactionId, Transaction>, DispatchError> {
    let mut found = HashMap::with_capacity(ids.len());
    for list in lists(ids) {
        let rows = Entity::find().filter(Column::Id.is_in(list.iter().map(|id| id.uuid()))).all(connection).await?;
        for row in rows {
            let transaction = transaction_of(row)?;
            found.insert(transaction.id, transaction);
        }
    }
    Ok(found)
}

/// Counts comparisons, so many of each transaction that is open and has fewer than `most`; how many there were before, of those. Their rows are the caller's until
/// it commits: whoever comes second waits for the first.
pub(crate) async fn count_attempts(
    tx: &DatabaseTransaction,
    counts: &BTreeMap<TransactionId, u32>,
    most: u32,
) -> Result<BTreeMap<TransactionId, u32>, DbErr> {
    let mut before = BTreeMap::new();
    let mut beyond = Vec::new();
    let numbers: BTreeSet<u32> = counts.values().copied().collect();
    for number in numbers {
        let of_number = counts.iter().filter(|(_, count)| **count == number).map(|(id, _)| id.uuid());
        let counted = Entity::update_many()
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(i64::from(number)))
            .filter(Column::Id.is_in(of_number))
            .filter(Column::State.eq(State::Open.as_str()))
            .filter(Column::Attempts.lt(i64::from(most)))
            .exec_with_returning(tx)
            .await?;
        for row in counted {
            let (id, after) = (TransactionId::from_uuid(row.id), u32::try_from(row.attempts).unwrap_or(u32::MAX));
            before.insert(id, after.saturating_sub(number));
            if after > most {
                beyond.push(row.id);
            }
        }
    }
    if !beyond.is_empty() {
        Entity::update_many()
            .col_expr(Column::Attempts, Expr::value(i64::from(most)))
            .filter(Column::Id.is_in(beyond))
            .exec(tx)
            .await?;
    }
    Ok(before)
}

/// Counts one sending again of an open transaction, if one is left.
pub(crate) async fn count_resend(tx: &DatabaseTransaction, id: TransactionId, limit: u32) -> Result<bool, DbErr> {
    let counted = Entity::update_many()
        .col_expr(Column::Resends, Expr::col(Column::Resends).add(1_i64))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::State.eq(State::Open.as_str()))
        .filter(Column::Resends.lt(i64::from(limit)))
        .exec(tx)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// Ends an open transaction; tells whether it was open.
pub(crate) async fn end_transaction(
    tx: &DatabaseTransaction,
    id: TransactionId,
    state: State,
    at: Timestamp,
) -> Result<bool, DbErr> {
    let ended = Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::EndedAt, Expr::value(at.millis()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::State.eq(State::Open.as_str()))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Ends transactions whose code was found right; which they are. That also ends one whose last attempt was used up meanwhile: it was counted before.
pub(crate) async fn end_validated(
    tx: &DatabaseTransaction,
    ids: BTreeSet<TransactionId>,
    at: Timestamp,
) -> Result<BTreeSet<TransactionId>, DbErr> {
    let ended = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Validated.as_str()))
        .col_expr(Column::EndedAt, Expr::value(at.millis()))
        .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .filter(Column::State.is_in([State::Open, State::Exhausted].map(State::as_str)))
        .exec_with_returning(tx)
        .await?;
    Ok(ended.into_iter().map(|row| TransactionId::from_uuid(row.id)).collect())
}

/// Ends an open transaction whose prompt was approved in time. One whose last attempt was used up stays over: no code was counted here before.
pub(crate) async fn approve_transaction(
    tx: &DatabaseTransaction,
    id: TransactionId,
    at: Timestamp,
) -> Result<bool, DbErr> {
    let ended = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Validated.as_str()))
        .col_expr(Column::EndedAt, Expr::value(at.millis()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::State.eq(State::Open.as_str()))
        .filter(Column::ExpiresAt.gt(at.millis()))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Marks open transactions whose time ran out; returns how many.
pub(crate) async fn expire_transactions(tx: &DatabaseTransaction, now: Timestamp) -> Result<u64, DbErr> {
    let expired = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Expired.as_str()))
        .col_expr(Column::EndedAt, Expr::col(Column::ExpiresAt))
        .filter(Column::State.eq(State::Open.as_str()))
        .filter(Column::ExpiresAt.lte(now.millis()))
        .exec(tx)
        .await?;
    Ok(expired.rows_affected)
}

/// Deletes transactions opened before `before`; returns how many.
pub(crate) async fn delete_old_transactions(tx: &DatabaseTransaction, before: Timestamp) -> Result<u64, DbErr> {
    let deleted = Entity::delete_many().filter(Column::OpenedAt.lt(before.millis())).exec(tx).await?;
    Ok(deleted.rows_affected)
}
