//! CV certificates and requests.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use straznica_store::StoreError;

use super::entity::{cv_certificate, dv_request};

/// Every certificate, oldest first.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<cv_certificate::Model>, StoreError> {
    let order = cv_certificate::Entity::find()
        .order_by_asc(cv_certificate::Column::Effective)
        .order_by_asc(cv_certificate::Column::ImportedAt)
        .order_by_asc(cv_certificate::Column::Chr);
    Ok(order.all(db).await?)
}

/// The certificate with this storage key.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    car: &str,
    chr: &str,
) -> Result<Option<cv_certificate::Model>, StoreError> {
    Ok(cv_certificate::Entity::find_by_id((car.to_owned(), chr.to_owned())).one(db).await?)
}

/// Whether the root of the CVCA of this holder reference, or a link to it, is suspended.
pub(crate) async fn is_suspended_cvca(db: &impl ConnectionTrait, chr: &str) -> Result<bool, StoreError> {
    let suspended = cv_certificate::Entity::find()
        .filter(cv_certificate::Column::Chr.eq(chr))
        .filter(cv_certificate::Column::Role.is_in(["cvca", "cvca_link"]))
        .filter(cv_certificate::Column::State.eq("suspended"));
    Ok(suspended.one(db).await?.is_some())
}

/// Certificates with this fingerprint (at most one, but the column is not the key).
pub(crate) async fn find_by_fingerprint(
    db: &impl ConnectionTrait,
    fingerprint: &str,
) -> Result<Option<cv_certificate::Model>, StoreError> {
    let condition = cv_certificate::Column::Fingerprint.eq(fingerprint);
    Ok(cv_certificate::Entity::find().filter(condition).one(db).await?)
}

/// Keeps a new certificate.
pub(crate) async fn insert(db: &impl ConnectionTrait, row: cv_certificate::Model) -> Result<(), StoreError> {
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// Changes a certificate's state.
pub(crate) async fn set_state(
    db: &impl ConnectionTrait,
    row: cv_certificate::Model,
    state: &str,
) -> Result<(), StoreError> {
    cv_certificate::ActiveModel { state: Set(state.to_owned()), ..row.into_active_model() }.update(db).await?;
    Ok(())
}

/// Confirms a root a second officer has compared.
pub(crate) async fn confirm(
    db: &impl ConnectionTrait,
    row: cv_certificate::Model,
    officer: &str,
) -> Result<(), StoreError> {
    let confirmed = cv_certificate::ActiveModel {
        state: Set("active".to_owned()),
        confirmed_by: Set(Some(officer.to_owned())),
        ..row.into_active_model()
    };
    confirmed.update(db).await?;
    Ok(())
}

/// Every request that waits for its certificate.
pub(crate) async fn open_requests(db: &impl ConnectionTrait) -> Result<Vec<dv_request::Model>, StoreError> {
    let open = dv_request::Entity::find().filter(dv_request::Column::State.eq("open"));
    Ok(open.order_by_asc(dv_request::Column::CreatedAt).all(db).await?)
}

/// The request made under this holder reference of ours.
pub(crate) async fn find_request(
    db: &impl ConnectionTrait,
    chr: &str,
) -> Result<Option<dv_request::Model>, StoreError> {
    Ok(dv_request::Entity::find_by_id(chr).one(db).await?)
}

/// Keeps a new request.
pub(crate) async fn insert_request(db: &impl ConnectionTrait, row: dv_request::Model) -> Result<(), StoreError> {
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// Marks a request as answered.
pub(crate) async fn fulfil(db: &impl ConnectionTrait, row: dv_request::Model) -> Result<(), StoreError> {
    dv_request::ActiveModel { state: Set("fulfilled".to_owned()), ..row.into_active_model() }.update(db).await?;
    Ok(())
}

/// Every request ever made to a CVCA.
pub(crate) async fn requests_to(db: &impl ConnectionTrait, cvca: &str) -> Result<Vec<dv_request::Model>, StoreError> {
    Ok(dv_request::Entity::find().filter(dv_request::Column::Cvca.eq(cvca)).all(db).await?)
}
