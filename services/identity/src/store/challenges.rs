//! Queries on challenges.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use straznica_types::{ChallengeId, TerminalId, Timestamp};

use super::entity::challenge::{Column, Entity};
use super::rows::{challenge_of, challenge_row};
use crate::domain::{CHALLENGE_LENGTH, Challenge, Refusal};
use crate::error::IdentityError;

/// Writes a new challenge.
pub(crate) async fn insert_challenge(tx: &DatabaseTransaction, challenge: &Challenge) -> Result<(), DbErr> {
    Entity::insert(challenge_row(challenge)).exec_without_returning(tx).await?;
    Ok(())
}

/// Uses a challenge up and returns its value. Of two that try, one gets it: the row is changed only while it is unused.
pub(crate) async fn answer_challenge(
    tx: &DatabaseTransaction,
    id: ChallengeId,
    terminal: &TerminalId,
    now: Timestamp,
) -> Result<[u8; CHALLENGE_LENGTH], IdentityError> {
    let row = Entity::find_by_id(id.uuid()).one(tx).await?.ok_or(Refusal::ChallengeUnknown)?;
    let challenge = challenge_of(row)?;
    challenge.may_be_answered_by(terminal, now)?;
    let used = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now.millis()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    if used.rows_affected != 1 {
        return Err(Refusal::ChallengeUsed.into());
    }
    Ok(challenge.value)
}

/// Deletes the challenges that expired before `before`; returns how many.
pub(crate) async fn delete_dead_challenges(tx: &impl ConnectionTrait, before: Timestamp) -> Result<u64, DbErr> {
    let deleted = Entity::delete_many().filter(Column::ExpiresAt.lt(before.millis())).exec(tx).await?;
    Ok(deleted.rows_affected)
}
