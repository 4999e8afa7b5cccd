//! What falls due in the tables of what was asked of us.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use straznica_store::StoreError;

use crate::store::entity::{application, issued_certificate};

/// Certificates issued to others whose last day lies between two midnights.
pub(crate) async fn issued_that_end(
    db: &impl ConnectionTrait,
    first: i64,
    last: i64,
    limit: u64,
) -> Result<Vec<issued_certificate::Model>, StoreError> {
    let ending = issued_certificate::Entity::find()
        .filter(issued_certificate::Column::Expires.between(first, last))
        .order_by_asc(issued_certificate::Column::Expires);
    Ok(ending.limit(limit).all(db).await?)
}

/// Requests that wait for people, the first due first.
pub(crate) async fn waiting_requests(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<application::Model>, StoreError> {
    let waiting = application::Entity::find()
        .filter(application::Column::State.eq("waiting"))
        .order_by_asc(application::Column::DueAt);
    Ok(waiting.limit(limit).all(db).await?)
}
