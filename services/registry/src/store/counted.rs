//! Queries on when cases were last counted.

use std::collections::BTreeMap;

use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::CivilDate;

use super::entity::{case_counted, case_file};
use crate::domain::CaseId;
use crate::domain::file::{CaseFile, Standing};

/// When a case was last counted, and by which law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CaseCounted {
    pub(crate) on: CivilDate,
    pub(crate) law: String,
    /// The day it was closed.
    pub(crate) closed_on: Option<CivilDate>,
}

/// Ids of cases after one, in order, each with whether it is closed and when it was counted.
pub(crate) async fn counted_after(
    connection: &impl ConnectionTrait,
    after: Option<CaseId>,
    limit: u64,
) -> Result<Vec<(CaseId, bool, Option<CaseCounted>)>, DbErr> {
    let mut page = case_file::Entity::find()
        .select_only()
        .column(case_file::Column::Id)
        .column(case_file::Column::Closed)
        .order_by_asc(case_file::Column::Id)
        .limit(limit);
    if let Some(after) = after {
        page = page.filter(case_file::Column::Id.gt(after.uuid()));
    }
    let cases: Vec<(Uuid, bool)> = page.into_tuple().all(connection).await?;
    let ids = cases.iter().map(|(id, _)| *id);
    let rows = case_counted::Entity::find().filter(case_counted::Column::CaseId.is_in(ids)).all(connection).await?;
    let mut counted: BTreeMap<Uuid, CaseCounted> = rows.into_iter().map(|row| (row.case_id, counted_of(row))).collect();
    let told = |(id, closed): (Uuid, bool)| (CaseId::from_uuid(id), closed, counted.remove(&id));
    Ok(cases.into_iter().map(told).collect())
}

/// Writes where a case stands, as it was counted, unless it has another version by now; `false` then.
pub(crate) async fn write_counted(
    tx: &DatabaseTransaction,
    file: &CaseFile,
    standing: &Standing,
    counted: &CaseCounted,
) -> Result<bool, DbErr> {
    let Ok(version) = i64::try_from(file.version) else { return Ok(false) };
    let written = case_file::Entity::update_many()
        .col_expr(case_file::Column::Stage, Expr::value(standing.stage.clone()))
        .col_expr(case_file::Column::Closed, Expr::value(standing.closed))
        .col_expr(case_file::Column::NextDue, Expr::value(standing.next_due.millis()))
        .filter(case_file::Column::Id.eq(file.id.uuid()))
        .filter(case_file::Column::Version.eq(version))
        .exec(tx)
        .await?;
    if written.rows_affected == 0 {
        return Ok(false);
    }
    let row = case_counted::ActiveModel {
        case_id: Set(file.id.uuid()),
        counted_on: Set(counted.on.days_since_epoch()),
        law: Set(counted.law.clone()),
        closed_on: Set(counted.closed_on.map(CivilDate::days_since_epoch)),
    };
    let again = OnConflict::column(case_counted::Column::CaseId)
        .update_columns([case_counted::Column::CountedOn, case_counted::Column::Law, case_counted::Column::ClosedOn])
        .to_owned();
    case_counted::Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    Ok(true)
}

fn counted_of(row: case_counted::Model) -> CaseCounted {
    CaseCounted {
        on: CivilDate::from_days_since_epoch(row.counted_on),
        law: row.law,
        closed_on: row.closed_on.map(CivilDate::from_days_since_epoch),
    }
}
