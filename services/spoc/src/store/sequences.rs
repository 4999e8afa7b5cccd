//! The allocator of sequence numbers. A number is given in a transaction of its own, before anything is signed with it: a crash wastes one, and
//! none is ever given twice.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder};
use straznica_store::StoreError;

use super::entity::sequence::{ActiveModel, Column, Entity, Model};

/// Raises and returns the last ordinal of `holder` (country and mnemonic).
pub(crate) async fn next(db: &impl ConnectionTrait, holder: &str) -> Result<u32, StoreError> {
    let ordinal = match Entity::find_by_id(holder).one(db).await? {
        None => Model { holder: holder.to_owned(), last_ordinal: 1 }.into_active_model().insert(db).await?.last_ordinal,
        Some(row) => {
            let next = row.last_ordinal + 1;
            ActiveModel { last_ordinal: Set(next), ..row.into_active_model() }.update(db).await?.last_ordinal
        }
    };
    Ok(ordinal_of(ordinal))
}

/// Sees to it that no ordinal of `holder` up to `ordinal` is given any more. Returns the last one given before, zero for none; one that stands there or
/// higher stays.
pub(crate) async fn raise(db: &impl ConnectionTrait, holder: &str, ordinal: u32) -> Result<u32, StoreError> {
    let last_ordinal = i64::from(ordinal);
    let Some(row) = Entity::find_by_id(holder).one(db).await? else {
        Model { holder: holder.to_owned(), last_ordinal }.into_active_model().insert(db).await?;
        return Ok(0);
    };
    let before = row.last_ordinal;
    if before < last_ordinal {
        ActiveModel { last_ordinal: Set(last_ordinal), ..row.into_active_model() }.update(db).await?;
    }
    Ok(ordinal_of(before))
}

/// Every holder and its last ordinal, by name.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<(String, u32)>, StoreError> {
    let rows = Entity::find().order_by_asc(Column::Holder).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.holder, ordinal_of(row.last_ordinal))).collect())
}

/// Past the last ordinal a sequence text exists for, any large number says "used up".
fn ordinal_of(kept: i64) -> u32 {
    u32::try_from(kept).unwrap_or(u32::MAX)
}
