//! Messages partners sent and the answers they got.

use exchange::Country;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter as _, QuerySelect, Select};
use straznica_store::StoreError;

use crate::store::entity::inbound_message::{Column, Entity, Model};

/// How a message was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) operation: String,
    pub(crate) sha256: String,
    /// Protobuf.
    pub(crate) answer: Vec<u8>,
}

/// Asks for the columns of [`Answered`].
pub(super) fn of(caller: Country, message_id: &str) -> Select<Entity> {
    let columns = [Column::Operation, Column::Sha256, Column::Answer];
    let rows = Entity::find().select_only().columns(columns);
    rows.filter(Column::Caller.eq(caller.as_str())).filter(Column::MessageId.eq(message_id))
}

/// What a partner sent under this identifier before.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    caller: Country,
    message_id: &str,
) -> Result<Option<Answered>, StoreError> {
    let row = of(caller, message_id).into_tuple().one(db).await?;
    Ok(row.map(|(operation, sha256, answer)| Answered { operation, sha256, answer }))
}

/// Keeps a message's answer.
///
/// # Errors
/// [`StoreError::Duplicate`] when the same identifier was answered meanwhile.
pub(crate) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}
