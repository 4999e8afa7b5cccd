//! Reading and writing sessions.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::Expr,
};
use straznica_store::StoreError;
use straznica_types::Timestamp;

use super::entity::session::{Column, Entity, Model};
use crate::{
    domain::people::{
        person::{Person, PersonKind},
        session::{Session, SessionDigest},
    },
    error::GatewayError,
};

/// The session of this id, over or not.
pub(crate) async fn find(
    database: &impl ConnectionTrait,
    digest: SessionDigest,
) -> Result<Option<Session>, GatewayError> {
    let row = Entity::find_by_id(digest.to_string()).one(database).await.map_err(StoreError::from)?;
    row.map(session_of).transpose()
}

/// A new session.
pub(crate) async fn insert(database: &impl ConnectionTrait, session: &Session) -> Result<(), StoreError> {
    let row = Model {
        session_sha256: session.digest.to_string(),
        issuer: session.person.issuer.clone(),
        subject: session.person.subject.clone(),
        kind: session.kind.as_str().to_owned(),
        acr: session.acr.clone(),
        auth_time: session.auth_time.millis(),
        opened_at: session.opened_at.millis(),
        last_seen_at: session.last_seen_at.millis(),
        certificate_sha256: session.certificate.map(Vec::from),
        sealed_citizen: session.sealed_citizen.clone(),
    };
    Entity::insert(row.into_active_model().reset_all()).exec_without_returning(database).await?;
    Ok(())
}

/// The session was used; one that has ended meanwhile stays ended.
pub(crate) async fn touch(
    database: &impl ConnectionTrait,
    digest: SessionDigest,
    now: Timestamp,
) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::LastSeenAt, Expr::value(now.millis()))
        .filter(Column::SessionSha256.eq(digest.to_string()))
        .exec(database)
        .await?;
    Ok(())
}

/// Ends a session; whether there was one.
pub(crate) async fn end(database: &impl ConnectionTrait, digest: SessionDigest) -> Result<bool, StoreError> {
    Ok(Entity::delete_by_id(digest.to_string()).exec(database).await?.rows_affected > 0)
}

/// Ends all of a person's sessions; tells how many.
pub(crate) async fn end_all(database: &impl ConnectionTrait, person: &Person) -> Result<u64, StoreError> {
    let ended = Entity::delete_many()
        .filter(Column::Issuer.eq(person.issuer.as_str()))
        .filter(Column::Subject.eq(person.subject.as_str()))
        .exec(database)
        .await?;
    Ok(ended.rows_affected)
}

/// Forgets sessions not used since one instant or opened before another; tells how many.
pub(crate) async fn forget_over(
    database: &impl ConnectionTrait,
    last_seen: Timestamp,
    opened: Timestamp,
) -> Result<u64, StoreError> {
    let over =
        Condition::any().add(Column::LastSeenAt.lte(last_seen.millis())).add(Column::OpenedAt.lte(opened.millis()));
    Ok(Entity::delete_many().filter(over).exec(database).await?.rows_affected)
}

/// A row that makes no sense is nobody's session.
fn session_of(row: Model) -> Result<Session, GatewayError> {
    let corrupt = || GatewayError::CorruptRow { table: "session" };
    Ok(Session {
        digest: SessionDigest::parse(&row.session_sha256).ok_or_else(corrupt)?,
        person: Person { issuer: row.issuer, subject: row.subject },
        kind: PersonKind::named(&row.kind).ok_or_else(corrupt)?,
        acr: row.acr,
        auth_time: Timestamp::from_millis(row.auth_time),
        opened_at: Timestamp::from_millis(row.opened_at),
        last_seen_at: Timestamp::from_millis(row.last_seen_at),
        certificate: row.certificate_sha256.map(|bytes| bytes.try_into().map_err(|_| corrupt())).transpose()?,
        sealed_citizen: row.sealed_citizen,
    })
}
