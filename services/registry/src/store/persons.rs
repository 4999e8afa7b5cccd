//! Queries on persons and what is stated of them.

use std::collections::BTreeSet;

use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::{OfficerId, Timestamp};

use super::entity::{person, statement};
use super::rows::{UnreadableRow, day_of, days_of, version_of};
use crate::domain::person::{FactKind, Validity};
use crate::domain::{PersonId, StatementId};
use crate::error::RegistryError;

/// A person as kept: what is stated is encrypted.
#[derive(Debug)]
pub(crate) struct KeptPerson {
    pub(crate) version: u64,
    /// In the order of their recording.
    pub(crate) statements: Vec<KeptStatement>,
}

/// A statement as kept.
#[derive(Debug)]
pub(crate) struct KeptStatement {
    pub(crate) id: StatementId,
    pub(crate) kind: FactKind,
    pub(crate) withdrawn: bool,
    pub(crate) validity: Validity,
    pub(crate) sealed: Vec<u8>,
    pub(crate) recorded_at: Timestamp,
    pub(crate) recorded_by: OfficerId,
    pub(crate) replaces: Option<StatementId>,
}

/// Writes a new person, of version 1.
pub(crate) async fn insert_person(tx: &DatabaseTransaction, id: PersonId, at: Timestamp) -> Result<(), DbErr> {
    let row = person::ActiveModel { id: Set(id.uuid()), version: Set(1), registered_at: Set(at.millis()) };
    person::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Moves a person from one version to the next; `false` if it is at another.
pub(crate) async fn bump_person(tx: &DatabaseTransaction, id: PersonId, version: u64) -> Result<bool, DbErr> {
    let Ok(version) = i64::try_from(version) else { return Ok(false) };
    let moved = person::Entity::update_many()
        .col_expr(person::Column::Version, Expr::col(person::Column::Version).add(1_i64))
        .filter(person::Column::Id.eq(id.uuid()))
        .filter(person::Column::Version.eq(version))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// Writes new statements of a person who has `before` of them.
pub(crate) async fn insert_statements(
    tx: &DatabaseTransaction,
    person: PersonId,
    before: usize,
    statements: &[KeptStatement],
) -> Result<(), DbErr> {
    let first = i64::try_from(before).unwrap_or(i64::MAX);
    let rows = statements.iter().zip(first..).map(|(kept, number)| statement::ActiveModel {
        id: Set(kept.id.uuid()),
        person_id: Set(person.uuid()),
        number: Set(number),
        kind: Set(kept.kind.as_str().to_owned()),
        withdrawn: Set(kept.withdrawn),
        valid_from: Set(days_of(kept.validity.from)),
        valid_to: Set(days_of(kept.validity.to)),
        sealed: Set(kept.sealed.clone()),
        recorded_at: Set(kept.recorded_at.millis()),
        recorded_by: Set(kept.recorded_by.to_string()),
        replaces: Set(kept.replaces.map(StatementId::uuid)),
    });
    statement::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// A person and everything ever stated.
pub(crate) async fn find_person(
    connection: &impl ConnectionTrait,
    id: PersonId,
) -> Result<Option<KeptPerson>, RegistryError> {
    let Some(row) = person::Entity::find_by_id(id.uuid()).one(connection).await? else { return Ok(None) };
    let rows = statement::Entity::find()
        .filter(statement::Column::PersonId.eq(id.uuid()))
        .order_by_asc(statement::Column::Number)
        .all(connection)
        .await?;
    let statements = rows.into_iter().map(kept_of).collect::<Result<_, _>>()?;
    Ok(Some(KeptPerson { version: version_of(row.version), statements }))
}

/// Those of some persons who are in the register.
pub(crate) async fn known_persons(
    connection: &impl ConnectionTrait,
    ids: &[PersonId],
) -> Result<BTreeSet<PersonId>, DbErr> {
    let found: Vec<Uuid> = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .into_tuple()
        .all(connection)
        .await?;
    Ok(found.into_iter().map(PersonId::from_uuid).collect())
}

fn kept_of(row: statement::Model) -> Result<KeptStatement, UnreadableRow> {
    let bad = |column| UnreadableRow::new("statement", row.id, column);
    Ok(KeptStatement {
        id: StatementId::from_uuid(row.id),
        kind: FactKind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
        withdrawn: row.withdrawn,
        validity: Validity { from: day_of(row.valid_from), to: day_of(row.valid_to) },
        recorded_at: Timestamp::from_millis(row.recorded_at),
        recorded_by: OfficerId::parse(&row.recorded_by).map_err(|_| bad("recorded_by"))?,
        replaces: row.replaces.map(StatementId::from_uuid),
        sealed: row.sealed,
    })
}
