//! Bundles partners sent by e-mail.

use exchange::Country;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, sea_query::OnConflict};
use straznica_store::StoreError;

use crate::store::entity::taken_in_bundle::{Column, Entity, Model};

/// When a bundle was taken in before, and by whom.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    sender: Country,
    bundle_id: &str,
) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id((sender.to_string(), bundle_id.to_owned())).one(db).await?)
}

/// Notes a bundle as taken in, unless it is noted already.
pub(crate) async fn note(db: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::columns([Column::Sender, Column::BundleId]).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(())
}
