//! Bundles partners sent by e-mail.

use exchange::Country;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, sea_query::OnConflict,
};
use straznica_store::StoreError;
use straznica_types::Timestamp;

use crate::store::entity::taken_in_bundle::{ActiveModel, Column, Entity, Model};

/// The bundle of this identifier, taken in or begun before.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    sender: &str,
    bundle_id: &str,
) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id((sender.to_owned(), bundle_id.to_owned())).one(db).await?)
}

/// Notes a bundle that is begun to be taken in, unless it is noted already.
pub(crate) async fn begin(db: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::columns([Column::Sender, Column::BundleId]).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Notes that everything in it was seen to.
pub(crate) async fn finish(db: &impl ConnectionTrait, row: Model, now: Timestamp) -> Result<(), StoreError> {
    let finished = ActiveModel { finished_at: Set(Some(now.millis())), ..row.into_active_model() };
    finished.update(db).await?;
    Ok(())
}

/// A partner's bundles that were begun between two moments and not seen to to their end, oldest first.
pub(crate) async fn cut_off(
    db: &impl ConnectionTrait,
    sender: Country,
    from: Timestamp,
    before: Timestamp,
) -> Result<Vec<Model>, StoreError> {
    let begun = Entity::find()
        .filter(Column::Sender.eq(sender.as_str()))
        .filter(Column::FinishedAt.is_null())
        .filter(Column::Sha256.is_not_null())
        .filter(Column::TakenInAt.gte(from.millis()))
        .filter(Column::TakenInAt.lt(before.millis()));
    Ok(begun.order_by_asc(Column::TakenInAt).all(db).await?)
}
