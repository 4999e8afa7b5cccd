//! Queries on what persons are found by.

use std::fmt::Write as _;

use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, Statement, Value,
};

use super::entity::{finding_key, finding_record, person};
use crate::domain::PersonId;
use crate::domain::finding::VERSION;
use crate::keys::{DIGESTS, Finding};

/// Persons looked at for one key; who shares it beyond them is not looked at, and the answer says so.
const SHARED_BY_MOST: usize = 200;
/// Persons opened for one question.
const OPENED: usize = 200;
/// Rows of one statement: both engines take that many values.
const ROWS: usize = 4_000;

/// Questions have numbers of keys that are multiples of it, so that few statements are prepared and planned.
const LENGTHS: usize = 16;
/// A digest nobody has.
const NOBODYS: i64 = -1;

/// Somebody who shares keys with a question.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) person: PersonId,
    pub(crate) sealed: Vec<u8>,
    /// Is read with somebody else, or was.
    pub(crate) merged: bool,
}

/// Who shares keys with a question.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    pub(crate) found: Vec<Candidate>,
    /// A key is shared by more than were looked at, or more share some than are opened.
    pub(crate) more: bool,
}

/// Writes what a person is found by; keys that are there stay.
pub(crate) async fn write_finding(tx: &DatabaseTransaction, person: PersonId, finding: &Finding) -> Result<(), DbErr> {
    let record = finding_record::ActiveModel {
        person_id: Set(person.uuid()),
        version: Set(i64::from(VERSION)),
        sealed: Set(finding.sealed.clone()),
    };
    let replaced = OnConflict::column(finding_record::Column::PersonId)
        .update_columns([finding_record::Column::Version, finding_record::Column::Sealed])
        .to_owned();
    finding_record::Entity::insert(record).on_conflict(replaced).exec_without_returning(tx).await?;
    for digests in finding.digests.chunks(ROWS) {
        let rows = digests
            .iter()
            .map(|digest| finding_key::ActiveModel { digest: Set(*digest), person_id: Set(person.uuid()) });
        let there =
            OnConflict::columns([finding_key::Column::Digest, finding_key::Column::PersonId]).do_nothing().to_owned();
        finding_key::Entity::insert_many(rows).on_conflict(there).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Who shares keys with a question, the rarest keys counting most: one round trip, over indexes alone but for those who are opened.
pub(crate) async fn candidates(connection: &impl ConnectionTrait, digests: &[i64]) -> Result<Candidates, DbErr> {
    if digests.is_empty() {
        return Ok(Candidates::default());
    }
    let backend = connection.get_database_backend();
    let keys = digests.len().next_multiple_of(LENGTHS);
    let values = digests.iter().chain(std::iter::repeat(&NOBODYS)).take(keys).map(|digest| Value::from(*digest));
    let statement = Statement::from_sql_and_values(backend, sql(backend, keys), values);
    let rows = connection.query_all_raw(statement).await?;
    let mut candidates = Candidates { found: Vec::with_capacity(rows.len()), more: rows.len() > OPENED };
    for row in rows.into_iter().take(OPENED) {
        let person: Uuid = row.try_get_by_index(0)?;
        candidates.more |= row.try_get_by_index::<i64>(2)? > 0;
        candidates.found.push(Candidate {
            person: PersonId::from_uuid(person),
            sealed: row.try_get_by_index(1)?,
            merged: row.try_get_by_index::<i64>(3)? > 0,
        });
    }
    Ok(candidates)
}

/// Reads of each key no more than it takes to see that it is common, and counts a key the more the fewer share it: about log2 of how few.
fn sql(backend: DbBackend, keys: usize) -> String {
    let sharing = |digest: &str| {
        format!(
            "SELECT person_id, COUNT(*) OVER () AS sharing FROM (SELECT person_id FROM finding_key WHERE digest = {digest} \
             ORDER BY person_id DESC LIMIT {}) AS shared",
            SHARED_BY_MOST + 1
        )
    };
    let hits = if backend == DbBackend::Sqlite {
        let each = vec![format!("SELECT * FROM ({})", sharing("?")); keys];
        each.join(" UNION ALL ")
    } else {
        let mut asked = String::new();
        for number in 1..=keys {
            let separator = if number == 1 { "" } else { ", " };
            // Writing to a text does not fail.
            let _ = write!(asked, "{separator}(${number}::bigint)");
        }
        format!(
            "SELECT hits.person_id, hits.sharing FROM (VALUES {asked}) AS asked (digest) CROSS JOIN LATERAL ({}) AS hits",
            sharing("asked.digest")
        )
    };
    format!(
        "WITH hit AS MATERIALIZED ({hits}), \
         best AS (SELECT person_id, SUM(CASE WHEN sharing > 128 THEN 1 WHEN sharing > 64 THEN 2 WHEN sharing > 32 THEN 3 \
         WHEN sharing > 16 THEN 4 WHEN sharing > 8 THEN 5 WHEN sharing > 4 THEN 6 WHEN sharing > 2 THEN 7 ELSE 8 END) AS weight \
         FROM hit GROUP BY person_id ORDER BY weight DESC, person_id DESC LIMIT {}) \
         SELECT best.person_id, finding_record.sealed, (SELECT COUNT(*) FROM hit WHERE sharing > {SHARED_BY_MOST}), \
         (SELECT COUNT(*) FROM person_merge WHERE held AND best.person_id IN (person_merge.person_id, merged_id)) \
         FROM best JOIN finding_record ON finding_record.person_id = best.person_id ORDER BY best.weight DESC, best.person_id DESC",
        OPENED + 1
    )
}

/// What some persons are found by, encrypted.
pub(crate) async fn find_records(
    connection: &impl ConnectionTrait,
    persons: impl IntoIterator<Item = PersonId>,
) -> Result<Vec<(PersonId, Vec<u8>)>, DbErr> {
    let among = finding_record::Column::PersonId.is_in(persons.into_iter().map(PersonId::uuid));
    let rows = finding_record::Entity::find().filter(among);
    let rows = rows.order_by_asc(finding_record::Column::PersonId).all(connection).await?;
    Ok(rows.into_iter().map(|row| (PersonId::from_uuid(row.person_id), row.sealed)).collect())
}

/// Persons who are not found by keys of this version, after one of them, in order.
pub(crate) async fn unfindable(
    connection: &impl ConnectionTrait,
    after: Option<PersonId>,
    limit: u64,
) -> Result<Vec<PersonId>, DbErr> {
    let backend = connection.get_database_backend();
    let (first, second, third) = if backend == DbBackend::Sqlite { ("?", "?", "?") } else { ("$1", "$2", "$3") };
    let sql = format!(
        "SELECT person.id FROM person WHERE person.id > {first} AND NOT EXISTS (SELECT 1 FROM finding_record \
         WHERE finding_record.person_id = person.id AND finding_record.version = {second}) ORDER BY person.id LIMIT {third}"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let after = after.map_or(Uuid::nil(), PersonId::uuid);
    let values = [Value::from(after), Value::from(i64::from(VERSION)), Value::from(limit)];
    let rows = connection.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    rows.iter().map(|row| row.try_get_by_index(0).map(PersonId::from_uuid)).collect()
}

/// Deletes some keys of other versions; tells how many.
pub(crate) async fn forget_other_versions(tx: &DatabaseTransaction) -> Result<u64, DbErr> {
    let backend = tx.get_database_backend();
    let (first, second) = if backend == DbBackend::Sqlite { ("?", "?") } else { ("$1", "$2") };
    let sql = format!(
        "DELETE FROM finding_key WHERE (digest, person_id) IN (SELECT digest, person_id FROM finding_key \
         WHERE digest < {first} OR digest > {second} LIMIT {ROWS})"
    );
    let values = [Value::from(DIGESTS.0), Value::from(DIGESTS.1)];
    Ok(tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?.rows_affected())
}

/// How many persons there are.
pub(crate) async fn count_persons(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    person::Entity::find().count(connection).await
}
