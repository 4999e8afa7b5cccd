//! What consumers ask: how often, and for the cases of persons.

use std::collections::BTreeSet;

use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::cases::load_case;
use super::entity::{case_file, case_person, consumer_questions};
use crate::domain::file::WholeCase;
use crate::domain::{CaseId, PersonId};
use crate::error::RegistryError;

/// What is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    /// Minutes.
    Minute,
    /// Days in Warsaw.
    Day,
}

impl Window {
    pub(super) const ALL: [Self; 2] = [Self::Minute, Self::Day];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Day => "day",
        }
    }
}

/// Counts one more question of a consumer in a minute or on a day; `false`, and nothing is counted, when it has asked `most` times.
pub(crate) async fn count_question(
    tx: &DatabaseTransaction,
    consumer: &str,
    (window, counted): (Window, i64),
    most: u32,
) -> Result<bool, DbErr> {
    let key = (consumer.to_owned(), window.as_str().to_owned());
    let first = consumer_questions::ActiveModel {
        consumer: Set(key.0.clone()),
        per: Set(key.1.clone()),
        counted: Set(counted),
        asked: Set(0),
    };
    let there = OnConflict::columns([consumer_questions::Column::Consumer, consumer_questions::Column::Per])
        .do_nothing()
        .to_owned();
    consumer_questions::Entity::insert(first).on_conflict(there).exec_without_returning(tx).await?;
    let row = consumer_questions::Entity::find_by_id(key).one(tx).await?;
    let asked = row.filter(|row| row.counted == counted).map_or(0, |row| row.asked);
    if asked >= i64::from(most) {
        return Ok(false);
    }
    consumer_questions::Entity::update_many()
        .col_expr(consumer_questions::Column::Counted, Expr::value(counted))
        .col_expr(consumer_questions::Column::Asked, Expr::value(asked + 1))
        .filter(consumer_questions::Column::Consumer.eq(consumer))
        .filter(consumer_questions::Column::Per.eq(window.as_str()))
        .exec(tx)
        .await?;
    Ok(true)
}

/// The case of a number.
pub(crate) async fn case_numbered(
    connection: &impl ConnectionTrait,
    number: &str,
) -> Result<Option<WholeCase>, RegistryError> {
    let found = case_file::Entity::find().filter(case_file::Column::Number.eq(number)).one(connection).await?;
    match found {
        Some(row) => load_case(connection, CaseId::from_uuid(row.id)).await,
        None => Ok(None),
    }
}

/// The cases that cover a person, the oldest first.
pub(crate) async fn cases_of(
    connection: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<WholeCase>, RegistryError> {
    let ids: BTreeSet<Uuid> = case_person::Entity::find()
        .select_only()
        .column(case_person::Column::CaseId)
        .filter(case_person::Column::PersonId.eq(person.uuid()))
        .order_by_asc(case_person::Column::CaseId)
        .into_tuple::<Uuid>()
        .all(connection)
        .await?
        .into_iter()
        .collect();
    let mut cases = Vec::with_capacity(ids.len());
    for id in ids {
        cases.extend(load_case(connection, CaseId::from_uuid(id)).await?);
    }
    Ok(cases)
}
