//! Which keys of the key store the database refers to.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, sea_query::OnConflict,
};
use straznica_store::StoreError;
use straznica_types::Timestamp;

use super::entity::{cv_certificate, dv_request, unreferenced_key};

/// Every key handle the database refers to: those of certificates, and of requests that may still get theirs. A table that comes to name keys belongs in
/// here: what is not is cleared away. A test holds this list to the schema.
pub(crate) async fn referenced(db: &impl ConnectionTrait) -> Result<BTreeSet<String>, StoreError> {
    let of_certificates = cv_certificate::Entity::find()
        .select_only()
        .column(cv_certificate::Column::KeyHandle)
        .filter(cv_certificate::Column::KeyHandle.is_not_null())
        .into_tuple::<String>()
        .all(db)
        .await?;
    let of_requests = dv_request::Entity::find()
        .select_only()
        .column(dv_request::Column::KeyHandle)
        .filter(dv_request::Column::State.ne("fulfilled"))
        .filter(dv_request::Column::EndedAt.is_null())
        .into_tuple::<String>()
        .all(db)
        .await?;
    Ok(of_certificates.into_iter().chain(of_requests).collect())
}

/// Certificates of these roles whose last day lies before `day` (a midnight) and whose key is still held.
pub(crate) async fn expired_before(
    db: &impl ConnectionTrait,
    roles: &[&str],
    day: i64,
) -> Result<Vec<cv_certificate::Model>, StoreError> {
    let expired = cv_certificate::Entity::find()
        .filter(cv_certificate::Column::Role.is_in(roles.iter().copied()))
        .filter(cv_certificate::Column::KeyHandle.is_not_null())
        .filter(cv_certificate::Column::Expires.lt(day));
    Ok(expired.all(db).await?)
}

/// Notes that a certificate's key exists no more.
pub(crate) async fn clear(db: &impl ConnectionTrait, row: cv_certificate::Model) -> Result<(), StoreError> {
    cv_certificate::ActiveModel { key_handle: Set(None), ..row.into_active_model() }.update(db).await?;
    Ok(())
}

/// Every key noted as unreferenced.
pub(crate) async fn unreferenced(db: &impl ConnectionTrait) -> Result<Vec<unreferenced_key::Model>, StoreError> {
    Ok(unreferenced_key::Entity::find().all(db).await?)
}

/// Notes a key as unreferenced, unless it is noted already.
pub(crate) async fn note(db: &impl ConnectionTrait, handle: &str, now: Timestamp) -> Result<(), StoreError> {
    let row = unreferenced_key::Model { key_handle: handle.to_owned(), first_seen_at: now.millis() };
    unreferenced_key::Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(unreferenced_key::Column::KeyHandle).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Takes the note back. Tells whether there was one.
pub(crate) async fn forget(db: &impl ConnectionTrait, handle: &str) -> Result<bool, StoreError> {
    Ok(unreferenced_key::Entity::delete_by_id(handle).exec(db).await?.rows_affected > 0)
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait as _, Statement};
    use straznica_store::{Engine, testing::TestDatabase};

    use crate::store::Migrations;

    #[tokio::test]
    async fn every_column_that_names_a_key_is_known_to_whom_clears_keys_away() {
        let database = TestDatabase::fresh::<Migrations>(Engine::Sqlite).await.unwrap();
        let db = database.store().reader();
        let columns = "SELECT m.name || '.' || c.name AS column FROM sqlite_master m, pragma_table_info(m.name) c \
                       WHERE m.type = 'table' AND (c.name LIKE '%key%handle%' OR c.name LIKE '%handle%key%') ORDER BY 1";
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), columns)).await.unwrap();
        let found: Vec<String> = rows.iter().map(|row| row.try_get("", "column").unwrap()).collect();
        // A further one belongs into `referenced`, or its keys would be destroyed as left over.
        assert_eq!(found, ["cv_certificate.key_handle", "dv_request.key_handle", "unreferenced_key.key_handle"]);
    }
}
