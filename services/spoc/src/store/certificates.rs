//! CV certificates and requests.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func},
};
use straznica_store::StoreError;
use straznica_types::Timestamp;

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

/// Whether a certificate of this holder reference, of a CVCA or of a document verifier of ours, is suspended.
pub(crate) async fn is_suspended(db: &impl ConnectionTrait, chr: &str) -> Result<bool, StoreError> {
    let suspended = cv_certificate::Entity::find()
        .filter(cv_certificate::Column::Chr.eq(chr))
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

/// Deletes a certificate nobody relies on.
pub(crate) async fn delete(db: &impl ConnectionTrait, row: cv_certificate::Model) -> Result<(), StoreError> {
    cv_certificate::Entity::delete_by_id((row.car, row.chr)).exec(db).await?;
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

/// Notes the first officer who stands for a root that came from a partner.
pub(crate) async fn stand_for(
    db: &impl ConnectionTrait,
    row: cv_certificate::Model,
    officer: &str,
) -> Result<(), StoreError> {
    cv_certificate::ActiveModel { imported_by: Set(officer.to_owned()), ..row.into_active_model() }.update(db).await?;
    Ok(())
}

/// Every request that waits for its certificate.
pub(crate) async fn open_requests(db: &impl ConnectionTrait) -> Result<Vec<dv_request::Model>, StoreError> {
    let open = dv_request::Entity::find()
        .filter(dv_request::Column::State.eq("open"))
        .filter(dv_request::Column::ClosedAt.is_null());
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

/// Requests that are over for good without a certificate, oldest first.
pub(crate) async fn ended_requests(db: &impl ConnectionTrait) -> Result<Vec<dv_request::Model>, StoreError> {
    let ended = dv_request::Entity::find().filter(dv_request::Column::EndedAt.is_not_null());
    Ok(ended.order_by_asc(dv_request::Column::EndedAt).all(db).await?)
}

/// Deletes a request, if it is there.
pub(crate) async fn delete_request(db: &impl ConnectionTrait, chr: &str) -> Result<(), StoreError> {
    dv_request::Entity::delete_by_id(chr).exec(db).await?;
    Ok(())
}

/// Marks a request as answered.
pub(crate) async fn fulfil(db: &impl ConnectionTrait, row: dv_request::Model) -> Result<(), StoreError> {
    dv_request::ActiveModel { state: Set("fulfilled".to_owned()), ..row.into_active_model() }.update(db).await?;
    Ok(())
}

/// Notes that a request came back without a certificate.
pub(crate) async fn close(
    db: &impl ConnectionTrait,
    row: dv_request::Model,
    cause: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let closed = dv_request::ActiveModel {
        closed_at: Set(Some(now.millis())),
        closed_cause: Set(Some(cause.to_owned())),
        ..row.into_active_model()
    };
    closed.update(db).await?;
    Ok(())
}

/// Requests without a certificate that were closed, or else made, before `before`, and that are not over yet.
pub(crate) async fn stale_requests(
    db: &impl ConnectionTrait,
    before: Timestamp,
) -> Result<Vec<dv_request::Model>, StoreError> {
    let since =
        Expr::expr(Func::coalesce([Expr::col(dv_request::Column::ClosedAt), Expr::col(dv_request::Column::CreatedAt)]));
    let stale = dv_request::Entity::find()
        .filter(dv_request::Column::State.eq("open"))
        .filter(dv_request::Column::EndedAt.is_null())
        .filter(since.lt(before.millis()));
    Ok(stale.order_by_asc(dv_request::Column::Chr).all(db).await?)
}

/// Notes that a request is over for good. One that was never closed was given up.
pub(crate) async fn end(db: &impl ConnectionTrait, row: dv_request::Model, now: Timestamp) -> Result<(), StoreError> {
    let ended = dv_request::ActiveModel {
        closed_at: Set(Some(row.closed_at.unwrap_or(now.millis()))),
        closed_cause: Set(Some(row.closed_cause.clone().unwrap_or_else(|| "cancelled".to_owned()))),
        ended_at: Set(Some(now.millis())),
        ..row.into_active_model()
    };
    ended.update(db).await?;
    Ok(())
}

/// The newest requests to a CVCA, newest first.
pub(crate) async fn newest_requests_to(
    db: &impl ConnectionTrait,
    cvca: &str,
    limit: u64,
) -> Result<Vec<dv_request::Model>, StoreError> {
    let to_cvca = dv_request::Entity::find().filter(dv_request::Column::Cvca.eq(cvca));
    let newest_first = to_cvca.order_by_desc(dv_request::Column::CreatedAt).order_by_desc(dv_request::Column::Chr);
    Ok(newest_first.limit(limit).all(db).await?)
}

/// The certificate of an inspection system under a document verifier that ends last.
pub(crate) async fn last_inspection_system(
    db: &impl ConnectionTrait,
    dv_chr: &str,
    cvca: &str,
) -> Result<Option<cv_certificate::Model>, StoreError> {
    let under = cv_certificate::Entity::find()
        .filter(cv_certificate::Column::Car.eq(dv_chr))
        .filter(cv_certificate::Column::Cvca.eq(cvca))
        .filter(cv_certificate::Column::Role.eq("is"))
        .filter(cv_certificate::Column::State.eq("active"));
    Ok(under.order_by_desc(cv_certificate::Column::Expires).one(db).await?)
}
