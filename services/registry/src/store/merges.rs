//! Queries on persons who are taken for one.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::{OfficerId, Timestamp};

use super::entity::{merge_step, person, person_merge};
use super::rows::UnreadableRow;
use crate::domain::merge::{Merge, Step};
use crate::domain::{MergeId, PersonId};
use crate::error::RegistryError;

/// A merge as kept: reasons are encrypted.
#[derive(Debug)]
pub(crate) struct KeptMerge {
    pub(crate) id: MergeId,
    pub(crate) person: PersonId,
    pub(crate) merged: PersonId,
    pub(crate) steps: Vec<KeptStep>,
}

/// A step as kept.
#[derive(Debug)]
pub(crate) struct KeptStep {
    pub(crate) step: Step,
    pub(crate) at: Timestamp,
    pub(crate) by: OfficerId,
    pub(crate) sealed: Vec<u8>,
}

/// Writes a merge that was proposed, and its first step.
pub(crate) async fn insert_merge(tx: &DatabaseTransaction, merge: &Merge, sealed: Vec<u8>) -> Result<(), DbErr> {
    let row = person_merge::ActiveModel {
        id: Set(merge.id.uuid()),
        person_id: Set(merge.person.uuid()),
        merged_id: Set(merge.merged.uuid()),
        pending: Set(merge.pending()),
        held: Set(false),
    };
    person_merge::Entity::insert(row).exec_without_returning(tx).await?;
    insert_step(tx, merge, sealed).await
}

/// Writes the last step of a merge.
pub(crate) async fn insert_step(tx: &DatabaseTransaction, merge: &Merge, sealed: Vec<u8>) -> Result<(), DbErr> {
    let Some(taken) = merge.steps.last() else { return Ok(()) };
    let row = merge_step::ActiveModel {
        merge_id: Set(merge.id.uuid()),
        number: Set(i64::try_from(merge.steps.len()).unwrap_or(i64::MAX)),
        step: Set(taken.step.as_str().to_owned()),
        at: Set(taken.at.millis()),
        officer: Set(taken.by.to_string()),
        sealed: Set(sealed),
    };
    merge_step::Entity::insert(row).exec_without_returning(tx).await?;
    let held = merge.steps.iter().any(|taken| taken.step == Step::Confirmed);
    person_merge::Entity::update_many()
        .col_expr(person_merge::Column::Pending, Expr::value(merge.pending()))
        .col_expr(person_merge::Column::Held, Expr::value(held))
        .filter(person_merge::Column::Id.eq(merge.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// One merge.
pub(crate) async fn find_merge(
    connection: &impl ConnectionTrait,
    id: MergeId,
) -> Result<Option<KeptMerge>, RegistryError> {
    let row = person_merge::Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(whole(connection, row.into_iter().collect()).await?.pop())
}

/// Every merge somebody ever stood in, confirmed or not, the oldest first.
pub(crate) async fn merges_of(
    connection: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<KeptMerge>, RegistryError> {
    let stands = person_merge::Column::PersonId.eq(person.uuid()).or(person_merge::Column::MergedId.eq(person.uuid()));
    let rows =
        person_merge::Entity::find().filter(stands).order_by_asc(person_merge::Column::Id).all(connection).await?;
    whole(connection, rows).await
}

/// Merges that wait for another officer, the oldest first.
pub(crate) async fn pending_merges(
    connection: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<KeptMerge>, RegistryError> {
    let waiting = person_merge::Entity::find().filter(person_merge::Column::Pending.eq(true));
    let rows = waiting.order_by_asc(person_merge::Column::Id).limit(limit).all(connection).await?;
    whole(connection, rows).await
}

/// Every merge that ever held between some persons, those they were ever merged with, and so on. Nearly nobody has any.
pub(crate) async fn merges_around(
    connection: &impl ConnectionTrait,
    persons: impl IntoIterator<Item = PersonId>,
) -> Result<Vec<KeptMerge>, RegistryError> {
    let mut frontier: BTreeSet<Uuid> = persons.into_iter().map(PersonId::uuid).collect();
    let mut seen = frontier.clone();
    let mut found: BTreeMap<Uuid, person_merge::Model> = BTreeMap::new();
    while !frontier.is_empty() {
        let among = |column: person_merge::Column| column.is_in(frontier.iter().copied());
        let rows = person_merge::Entity::find()
            .filter(person_merge::Column::Held.eq(true))
            .filter(among(person_merge::Column::PersonId).or(among(person_merge::Column::MergedId)))
            .all(connection)
            .await?;
        frontier = rows.iter().flat_map(|row| [row.person_id, row.merged_id]).filter(|id| seen.insert(*id)).collect();
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    whole(connection, found.into_values().collect()).await
}

/// Raises a person's version; `false` if it is at another than is expected.
pub(crate) async fn raise_person(tx: &DatabaseTransaction, id: PersonId, version: u64, by: u64) -> Result<bool, DbErr> {
    let (Ok(version), Ok(by)) = (i64::try_from(version), i64::try_from(by)) else { return Ok(false) };
    let raised = person::Entity::update_many()
        .col_expr(person::Column::Version, Expr::col(person::Column::Version).add(by))
        .filter(person::Column::Id.eq(id.uuid()))
        .filter(person::Column::Version.eq(version))
        .exec(tx)
        .await?;
    Ok(raised.rows_affected == 1)
}

async fn whole(
    connection: &impl ConnectionTrait,
    rows: Vec<person_merge::Model>,
) -> Result<Vec<KeptMerge>, RegistryError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let steps = merge_step::Entity::find()
        .filter(merge_step::Column::MergeId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(merge_step::Column::Number)
        .all(connection)
        .await?;
    let mut taken: BTreeMap<Uuid, Vec<KeptStep>> = BTreeMap::new();
    for step in steps {
        taken.entry(step.merge_id).or_default().push(step_of(step)?);
    }
    let merge = |row: person_merge::Model| KeptMerge {
        id: MergeId::from_uuid(row.id),
        person: PersonId::from_uuid(row.person_id),
        merged: PersonId::from_uuid(row.merged_id),
        steps: taken.remove(&row.id).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(merge).collect())
}

fn step_of(row: merge_step::Model) -> Result<KeptStep, UnreadableRow> {
    let bad = |column| UnreadableRow::new("merge_step", row.merge_id, column);
    Ok(KeptStep {
        step: Step::from_name(&row.step).ok_or_else(|| bad("step"))?,
        at: Timestamp::from_millis(row.at),
        by: OfficerId::parse(&row.officer).map_err(|_| bad("officer"))?,
        sealed: row.sealed,
    })
}
