//! How often somebody tried to log in under a name, in a row and in vain.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict,
};
use straznica_journal::Pseudonym;
use straznica_store::StoreError;
use straznica_types::Timestamp;

use super::entity::login_attempt::{Column, Entity, Model};

/// What is known of a name that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attempts {
    pub(crate) failures: u32,
    pub(crate) not_before: Timestamp,
}

/// The attempts so far.
pub(crate) async fn find(database: &impl ConnectionTrait, who: &Pseudonym) -> Result<Option<Attempts>, StoreError> {
    let row = Entity::find_by_id(who.as_str()).one(database).await?;
    Ok(row.map(|row| Attempts {
        failures: u32::try_from(row.failures).unwrap_or(u32::MAX),
        not_before: Timestamp::from_millis(row.not_before),
    }))
}

/// Remembers them.
pub(crate) async fn put(
    database: &impl ConnectionTrait,
    who: &Pseudonym,
    attempts: Attempts,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = Model {
        who: who.as_str().to_owned(),
        failures: i64::from(attempts.failures),
        not_before: attempts.not_before.millis(),
        last_at: now.millis(),
    };
    let mut replacing = OnConflict::column(Column::Who);
    replacing.update_columns([Column::Failures, Column::NotBefore, Column::LastAt]);
    Entity::insert(row.into_active_model().reset_all()).on_conflict(replacing).exec_without_returning(database).await?;
    Ok(())
}

/// Forgets them: somebody has logged in.
pub(crate) async fn forget(database: &impl ConnectionTrait, who: &Pseudonym) -> Result<(), StoreError> {
    Entity::delete_by_id(who.as_str()).exec(database).await?;
    Ok(())
}

/// Forgets names nobody has tried since; tells how many.
pub(crate) async fn forget_older(database: &impl ConnectionTrait, before: Timestamp) -> Result<u64, StoreError> {
    Ok(Entity::delete_many().filter(Column::LastAt.lte(before.millis())).exec(database).await?.rows_affected)
}
