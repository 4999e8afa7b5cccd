//! Messages partners sent and the answers they got.

use exchange::Country;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use straznica_store::StoreError;

use crate::store::entity::inbound_message::{Entity, Model};

/// What a partner sent under this identifier before.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    caller: Country,
    message_id: &str,
) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id((caller.to_string(), message_id.to_owned())).one(db).await?)
}

/// Keeps a message's answer.
///
/// # Errors
/// [`StoreError::Duplicate`] when the same identifier was answered meanwhile.
pub(crate) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}
