//! The allocator of sequence numbers. A number is given in a transaction of its own, before anything is signed with it: a crash wastes one, and
//! none is ever given twice.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel};
use straznica_store::StoreError;

use super::entity::sequence::{ActiveModel, Entity, Model};

/// Raises and returns the last ordinal of `holder` (country and mnemonic).
pub(crate) async fn next(db: &impl ConnectionTrait, holder: &str) -> Result<u32, StoreError> {
    let ordinal = match Entity::find_by_id(holder).one(db).await? {
        None => Model { holder: holder.to_owned(), last_ordinal: 1 }.into_active_model().insert(db).await?.last_ordinal,
        Some(row) => {
            let next = row.last_ordinal + 1;
            ActiveModel { last_ordinal: Set(next), ..row.into_active_model() }.update(db).await?.last_ordinal
        }
    };
    // Past the last ordinal a sequence text exists for, any large number says "used up".
    Ok(u32::try_from(ordinal).unwrap_or(u32::MAX))
}
