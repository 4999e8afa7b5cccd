//! Queries on what rows of files became, and on records as they were kept before.

use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::entity::{brought_in, former_record, former_record_parent};
use super::intakes::integer;
use super::rows::UnreadableRow;
use crate::domain::intake::Kind;
use crate::domain::{FormerRecordId, IntakeId, PersonId};
use crate::error::RegistryError;

/// What a row became.
#[derive(Debug, Clone)]
pub(crate) struct BroughtIn {
    pub(crate) source: String,
    pub(crate) kind: Kind,
    pub(crate) row_digest: String,
    /// Of everything the row says.
    pub(crate) row_said_digest: String,
    /// Of what of it is stated or kept.
    pub(crate) said_digest: String,
    /// Empty: it had no number.
    pub(crate) number_digest: String,
    /// A person, or a former record.
    pub(crate) taken_into: Uuid,
    /// Which of the person's statements: the first, and how many.
    pub(crate) statements: (u64, u64),
    pub(crate) intake: IntakeId,
}

/// A record as it was kept before, encrypted.
#[derive(Debug, Clone)]
pub(crate) struct KeptRecord {
    pub(crate) id: FormerRecordId,
    pub(crate) kind: Kind,
    pub(crate) source: String,
    pub(crate) sealed: Vec<u8>,
}

/// Writes what a row became.
pub(crate) async fn insert_brought_in(tx: &DatabaseTransaction, brought: &BroughtIn) -> Result<(), DbErr> {
    let row = brought_in::ActiveModel {
        source: Set(brought.source.clone()),
        kind: Set(brought.kind.as_str().to_owned()),
        row_digest: Set(brought.row_digest.clone()),
        row_said_digest: Set(brought.row_said_digest.clone()),
        said_digest: Set(brought.said_digest.clone()),
        number_digest: Set(brought.number_digest.clone()),
        taken_into: Set(brought.taken_into),
        first_statement: Set(integer(brought.statements.0)),
        statements: Set(integer(brought.statements.1)),
        intake_id: Set(brought.intake.uuid()),
    };
    brought_in::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What a row of a source became, if it was taken in.
pub(crate) async fn find_brought_in(
    connection: &impl ConnectionTrait,
    source: &str,
    kind: Kind,
    row_digest: &str,
) -> Result<Option<BroughtIn>, RegistryError> {
    let key = (source.to_owned(), kind.as_str().to_owned(), row_digest.to_owned());
    let found = brought_in::Entity::find_by_id(key).one(connection).await?;
    Ok(found.map(brought_of).transpose()?)
}

/// What bears a number, of one source or of any, in the order of sources and kinds.
pub(crate) async fn numbered(
    connection: &impl ConnectionTrait,
    source: Option<&str>,
    kind: Option<Kind>,
    number_digest: &str,
) -> Result<Vec<BroughtIn>, RegistryError> {
    let mut found = brought_in::Entity::find().filter(brought_in::Column::NumberDigest.eq(number_digest));
    if let Some(source) = source {
        found = found.filter(brought_in::Column::Source.eq(source));
    }
    if let Some(kind) = kind {
        found = found.filter(brought_in::Column::Kind.eq(kind.as_str()));
    }
    let found = found
        .order_by_asc(brought_in::Column::Source)
        .order_by_asc(brought_in::Column::Kind)
        .order_by_asc(brought_in::Column::RowDigest)
        .all(connection)
        .await?;
    Ok(found.into_iter().map(brought_of).collect::<Result<_, _>>()?)
}

/// How many rows of a source and kind are in the register.
pub(crate) async fn count_brought_in(
    connection: &impl ConnectionTrait,
    source: &str,
    kind: Kind,
) -> Result<u64, DbErr> {
    brought_in::Entity::find()
        .filter(brought_in::Column::Source.eq(source))
        .filter(brought_in::Column::Kind.eq(kind.as_str()))
        .count(connection)
        .await
}

/// Writes a record as it was kept before.
pub(crate) async fn insert_record(
    tx: &DatabaseTransaction,
    record: &KeptRecord,
    parents: &[Uuid],
) -> Result<(), DbErr> {
    let row = former_record::ActiveModel {
        id: Set(record.id.uuid()),
        kind: Set(record.kind.as_str().to_owned()),
        source: Set(record.source.clone()),
        sealed: Set(record.sealed.clone()),
    };
    former_record::Entity::insert(row).exec_without_returning(tx).await?;
    let parents = parents
        .iter()
        .map(|parent| former_record_parent::ActiveModel { record_id: Set(record.id.uuid()), parent_id: Set(*parent) });
    former_record_parent::Entity::insert_many(parents).exec_without_returning(tx).await?;
    Ok(())
}

/// A record as it was kept before.
pub(crate) async fn find_record(
    connection: &impl ConnectionTrait,
    id: FormerRecordId,
) -> Result<Option<KeptRecord>, RegistryError> {
    let found = former_record::Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(found.map(record_of).transpose()?)
}

/// The records that belong to a person, or to one of the person's records, each with the record it belongs to.
pub(crate) async fn records_of(
    connection: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<(KeptRecord, Option<FormerRecordId>)>, RegistryError> {
    let mut records = Vec::new();
    for id in children(connection, person.uuid()).await? {
        records.extend(find_record(connection, FormerRecordId::from_uuid(id)).await?.map(|record| (record, None)));
        for child in children(connection, id).await? {
            let found = find_record(connection, FormerRecordId::from_uuid(child)).await?;
            records.extend(found.map(|record| (record, Some(FormerRecordId::from_uuid(id)))));
        }
    }
    Ok(records)
}

async fn children(connection: &impl ConnectionTrait, parent: Uuid) -> Result<Vec<Uuid>, DbErr> {
    former_record_parent::Entity::find()
        .select_only()
        .column(former_record_parent::Column::RecordId)
        .filter(former_record_parent::Column::ParentId.eq(parent))
        .order_by_asc(former_record_parent::Column::RecordId)
        .into_tuple()
        .all(connection)
        .await
}

fn brought_of(row: brought_in::Model) -> Result<BroughtIn, UnreadableRow> {
    let bad = |column| UnreadableRow::new("brought_in", row.taken_into, column);
    let counted = |number: i64, column| u64::try_from(number).map_err(|_| bad(column));
    Ok(BroughtIn {
        kind: Kind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
        statements: (counted(row.first_statement, "first_statement")?, counted(row.statements, "statements")?),
        source: row.source,
        row_digest: row.row_digest,
        row_said_digest: row.row_said_digest,
        said_digest: row.said_digest,
        number_digest: row.number_digest,
        taken_into: row.taken_into,
        intake: IntakeId::from_uuid(row.intake_id),
    })
}

fn record_of(row: former_record::Model) -> Result<KeptRecord, UnreadableRow> {
    Ok(KeptRecord {
        id: FormerRecordId::from_uuid(row.id),
        kind: Kind::from_name(&row.kind).ok_or_else(|| UnreadableRow::new("former_record", row.id, "kind"))?,
        source: row.source,
        sealed: row.sealed,
    })
}
