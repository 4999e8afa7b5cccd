//! Queries on transactions.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use straznica_types::Timestamp;

use super::entity::code_transaction::{Column, Entity};
use super::rows::{transaction_of, transaction_row};
use crate::domain::{State, Transaction, TransactionId};
use crate::error::DispatchError;

/// Writes a new transaction.
pub(crate) async fn insert_transaction(tx: &DatabaseTransaction, transaction: &Transaction) -> Result<(), DbErr> {
    Entity::insert(transaction_row(transaction)).exec_without_returning(tx).await?;
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

/// Counts one comparison of an open transaction, if one is left, and tells the how-manieth it is. Of many at once no more are let through than are
/// left: the row is changed only while its number is below the limit, and whoever comes second waits for the first.
pub(crate) async fn count_transaction_attempt(
    tx: &DatabaseTransaction,
    id: TransactionId,
    limit: u32,
) -> Result<Option<u32>, DbErr> {
    let counted = Entity::update_many()
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::State.eq(State::Open.as_str()))
        .filter(Column::Attempts.lt(i64::from(limit)))
        .exec(tx)
        .await?;
    if counted.rows_affected != 1 {
        return Ok(None);
    }
    // The row is this transaction's until it commits.
    let row = Entity::find_by_id(id.uuid()).one(tx).await?;
    Ok(row.and_then(|row| u32::try_from(row.attempts).ok()))
}

/// Counts one sending again of an open transaction, if one is left.
pub(crate) async fn count_resend(tx: &DatabaseTransaction, id: TransactionId, limit: u32) -> Result<bool, DbErr> {
    let counted = Entity::update_many()
        .col_expr(Column::Resends, Expr::col(Column::Resends).add(1))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::State.eq(State::Open.as_str()))
        .filter(Column::Resends.lt(i64::from(limit)))
        .exec(tx)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// Ends an open transaction; tells whether it was open. A right code also ends one whose last attempt was used up meanwhile: it was counted before.
pub(crate) async fn end_transaction(
    tx: &DatabaseTransaction,
    id: TransactionId,
    state: State,
    at: Timestamp,
) -> Result<bool, DbErr> {
    let from: &[State] = if state == State::Validated { &[State::Open, State::Exhausted] } else { &[State::Open] };
    let ended = Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::EndedAt, Expr::value(at.millis()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::State.is_in(from.iter().map(|state| state.as_str())))
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
