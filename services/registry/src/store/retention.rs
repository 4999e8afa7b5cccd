//! Queries on holds and erasures.

use std::collections::BTreeSet;

use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use straznica_types::{CivilDate, OfficerId, Timestamp};

use super::entity::{case_counted, case_file, erasure, erasure_consultation, erasure_item, hold};
use super::rows::UnreadableRow;
use crate::domain::retention::{Erasable, Erasure, ErasureItem, ErasureState, Hold, RetentionRule};
use crate::domain::{CaseId, ConsultationId, ErasureId, HoldId};
use crate::error::RegistryError;

/// Cases of a rule's types closed by a day and not yet erased under it, the longest closed first: id, number, day of closing.
pub(crate) async fn closed_by(
    connection: &impl ConnectionTrait,
    rule: &RetentionRule,
    day: CivilDate,
    limit: u64,
) -> Result<Vec<(CaseId, String, CivilDate)>, RegistryError> {
    let of_types = case_file::Entity::find()
        .select_only()
        .column(case_file::Column::Id)
        .filter(case_file::Column::CaseType.is_in(rule.case_types.iter().map(String::as_str)))
        .filter(case_file::Column::Closed.eq(true))
        .into_query();
    let erased = erasure_item::Entity::find()
        .select_only()
        .column(erasure_item::Column::CaseId)
        .filter(erasure_item::Column::Rule.eq(rule.id.as_str()))
        .filter(erasure_item::Column::State.eq(ErasureState::Erased.as_str()))
        .into_query();
    let rows = case_counted::Entity::find()
        .filter(case_counted::Column::ClosedOn.lte(day.days_since_epoch()))
        .filter(case_counted::Column::CaseId.in_subquery(of_types))
        .filter(case_counted::Column::CaseId.not_in_subquery(erased))
        .order_by_asc(case_counted::Column::ClosedOn)
        .order_by_asc(case_counted::Column::CaseId)
        .limit(limit)
        .all(connection)
        .await?;
    let ids = rows.iter().map(|row| row.case_id);
    let numbers: Vec<(Uuid, String)> = case_file::Entity::find()
        .select_only()
        .column(case_file::Column::Id)
        .column(case_file::Column::Number)
        .filter(case_file::Column::Id.is_in(ids))
        .into_tuple()
        .all(connection)
        .await?;
    let numbers: std::collections::BTreeMap<Uuid, String> = numbers.into_iter().collect();
    let told = |row: case_counted::Model| {
        let bad = |column| UnreadableRow::new("case_counted", row.case_id, column);
        let closed_on = row.closed_on.map(CivilDate::from_days_since_epoch).ok_or_else(|| bad("closed_on"))?;
        let number = numbers.get(&row.case_id).cloned().ok_or_else(|| bad("case_id"))?;
        Ok((CaseId::from_uuid(row.case_id), number, closed_on))
    };
    rows.into_iter().map(told).collect::<Result<_, UnreadableRow>>().map_err(RegistryError::from)
}

/// Those of some cases that are on hold.
pub(crate) async fn on_hold(connection: &impl ConnectionTrait, cases: &[CaseId]) -> Result<BTreeSet<CaseId>, DbErr> {
    let held: Vec<Uuid> = hold::Entity::find()
        .select_only()
        .column(hold::Column::CaseId)
        .filter(hold::Column::CaseId.is_in(cases.iter().map(|case| case.uuid())))
        .filter(hold::Column::LiftedAt.is_null())
        .into_tuple()
        .all(connection)
        .await?;
    Ok(held.into_iter().map(CaseId::from_uuid).collect())
}

/// Writes a hold.
pub(crate) async fn insert_hold(tx: &DatabaseTransaction, placed: &Hold) -> Result<(), DbErr> {
    let row = hold::ActiveModel {
        id: Set(placed.id.uuid()),
        case_id: Set(placed.case.uuid()),
        reason: Set(placed.reason.clone()),
        placed_by: Set(placed.placed_by.to_string()),
        placed_at: Set(placed.placed_at.millis()),
        lifted_by: Set(None),
        lifted_at: Set(None),
        lifting_reason: Set(None),
    };
    hold::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Lifts a hold, once: `false` if it was before.
pub(crate) async fn lift_hold(
    tx: &DatabaseTransaction,
    id: HoldId,
    officer: &OfficerId,
    at: Timestamp,
    reason: &str,
) -> Result<bool, DbErr> {
    let lifted = hold::Entity::update_many()
        .col_expr(hold::Column::LiftedBy, Expr::value(officer.to_string()))
        .col_expr(hold::Column::LiftedAt, Expr::value(at.millis()))
        .col_expr(hold::Column::LiftingReason, Expr::value(reason))
        .filter(hold::Column::Id.eq(id.uuid()))
        .filter(hold::Column::LiftedAt.is_null())
        .exec(tx)
        .await?;
    Ok(lifted.rows_affected == 1)
}

/// A hold.
pub(crate) async fn find_hold(connection: &impl ConnectionTrait, id: HoldId) -> Result<Option<Hold>, RegistryError> {
    let row = hold::Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(row.map(hold_of).transpose()?)
}

/// Every hold there was on a case, in order.
pub(crate) async fn holds_of(connection: &impl ConnectionTrait, case: CaseId) -> Result<Vec<Hold>, RegistryError> {
    let rows = hold::Entity::find()
        .filter(hold::Column::CaseId.eq(case.uuid()))
        .order_by_asc(hold::Column::PlacedAt)
        .order_by_asc(hold::Column::Id)
        .all(connection)
        .await?;
    rows.into_iter().map(|row| hold_of(row).map_err(RegistryError::from)).collect()
}

/// Writes a proposal with its cases.
pub(crate) async fn insert_erasure(
    tx: &DatabaseTransaction,
    proposed: &Erasure,
    items: &[ErasureItem],
) -> Result<(), DbErr> {
    let row = erasure::ActiveModel {
        id: Set(proposed.id.uuid()),
        rule: Set(proposed.rule.clone()),
        proposed_by: Set(proposed.proposed_by.to_string()),
        proposed_at: Set(proposed.proposed_at.millis()),
        approved_by: Set(None),
        approved_at: Set(None),
        persons_erased: Set(0),
        entries_erased: Set(0),
    };
    erasure::Entity::insert(row).exec_without_returning(tx).await?;
    let (mut cases, mut consultations) = (Vec::new(), Vec::new());
    for item in items {
        let state = item.state.as_str().to_owned();
        let (closed_on, kept_to) = (item.closed_on.days_since_epoch(), item.kept_to.days_since_epoch());
        match item.of {
            Erasable::Case(case) => cases.push(erasure_item::ActiveModel {
                erasure_id: Set(proposed.id.uuid()),
                case_id: Set(case.uuid()),
                rule: Set(proposed.rule.clone()),
                number: Set(item.number.clone()),
                closed_on: Set(closed_on),
                kept_to: Set(kept_to),
                state: Set(state),
            }),
            Erasable::Consultation(consultation) => consultations.push(erasure_consultation::ActiveModel {
                erasure_id: Set(proposed.id.uuid()),
                consultation_id: Set(consultation.uuid()),
                rule: Set(proposed.rule.clone()),
                number: Set(item.number.clone()),
                closed_on: Set(closed_on),
                kept_to: Set(kept_to),
                state: Set(state),
            }),
        }
    }
    if !cases.is_empty() {
        erasure_item::Entity::insert_many(cases).exec_without_returning(tx).await?;
    }
    if !consultations.is_empty() {
        erasure_consultation::Entity::insert_many(consultations).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Approves an erasure, once: `false` if it was before.
pub(crate) async fn approve_erasure(
    tx: &DatabaseTransaction,
    id: ErasureId,
    officer: &OfficerId,
    at: Timestamp,
) -> Result<bool, DbErr> {
    let approved = erasure::Entity::update_many()
        .col_expr(erasure::Column::ApprovedBy, Expr::value(officer.to_string()))
        .col_expr(erasure::Column::ApprovedAt, Expr::value(at.millis()))
        .filter(erasure::Column::Id.eq(id.uuid()))
        .filter(erasure::Column::ApprovedAt.is_null())
        .exec(tx)
        .await?;
    Ok(approved.rows_affected == 1)
}

/// An erasure.
pub(crate) async fn find_erasure(
    connection: &impl ConnectionTrait,
    id: ErasureId,
) -> Result<Option<Erasure>, RegistryError> {
    let row = erasure::Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(row.map(erasure_of).transpose()?)
}

/// Erasures, the newest first.
pub(crate) async fn list_erasures(
    connection: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<Erasure>, RegistryError> {
    let rows = erasure::Entity::find().order_by_desc(erasure::Column::Id).limit(limit).all(connection).await?;
    rows.into_iter().map(|row| erasure_of(row).map_err(RegistryError::from)).collect()
}

/// The cases of an erasure, the longest closed first.
pub(crate) async fn items_of(
    connection: &impl ConnectionTrait,
    id: ErasureId,
) -> Result<Vec<ErasureItem>, RegistryError> {
    let rows = erasure_item::Entity::find()
        .filter(erasure_item::Column::ErasureId.eq(id.uuid()))
        .order_by_asc(erasure_item::Column::ClosedOn)
        .order_by_asc(erasure_item::Column::CaseId)
        .all(connection)
        .await?;
    let consultations = erasure_consultation::Entity::find()
        .filter(erasure_consultation::Column::ErasureId.eq(id.uuid()))
        .order_by_asc(erasure_consultation::Column::ClosedOn)
        .order_by_asc(erasure_consultation::Column::ConsultationId)
        .all(connection)
        .await?;
    let consultations = consultations.into_iter().map(consultation_of);
    rows.into_iter().map(item_of).chain(consultations).map(|item| item.map_err(RegistryError::from)).collect()
}

/// The next case or consultation of an approved erasure that waits.
pub(crate) async fn next_waiting(
    connection: &impl ConnectionTrait,
) -> Result<Option<(Erasure, ErasureItem)>, RegistryError> {
    let approved = || {
        let ids = erasure::Entity::find().select_only().column(erasure::Column::Id);
        ids.filter(erasure::Column::ApprovedAt.is_not_null()).into_query()
    };
    let row = erasure_item::Entity::find()
        .filter(erasure_item::Column::State.eq(ErasureState::Waiting.as_str()))
        .filter(erasure_item::Column::ErasureId.in_subquery(approved()))
        .order_by_asc(erasure_item::Column::ErasureId)
        .order_by_asc(erasure_item::Column::CaseId)
        .one(connection)
        .await?;
    let (erasure, item) = if let Some(row) = row {
        (row.erasure_id, item_of(row)?)
    } else {
        let row = erasure_consultation::Entity::find()
            .filter(erasure_consultation::Column::State.eq(ErasureState::Waiting.as_str()))
            .filter(erasure_consultation::Column::ErasureId.in_subquery(approved()))
            .order_by_asc(erasure_consultation::Column::ErasureId)
            .order_by_asc(erasure_consultation::Column::ConsultationId)
            .one(connection)
            .await?;
        let Some(row) = row else { return Ok(None) };
        (row.erasure_id, consultation_of(row)?)
    };
    let whole = find_erasure(connection, ErasureId::from_uuid(erasure)).await?;
    let whole = whole.ok_or_else(|| UnreadableRow::new("erasure", erasure, "id"))?;
    Ok(Some((whole, item)))
}

/// Writes what became of one item of an erasure, and adds up; `false` where it does not wait any more.
pub(crate) async fn settle_item(
    tx: &DatabaseTransaction,
    id: ErasureId,
    of: Erasable,
    state: ErasureState,
    (persons, entries): (u64, u64),
) -> Result<bool, DbErr> {
    let waiting = ErasureState::Waiting.as_str();
    let settled = match of {
        Erasable::Case(case) => {
            erasure_item::Entity::update_many()
                .col_expr(erasure_item::Column::State, Expr::value(state.as_str()))
                .filter(erasure_item::Column::ErasureId.eq(id.uuid()))
                .filter(erasure_item::Column::CaseId.eq(case.uuid()))
                .filter(erasure_item::Column::State.eq(waiting))
                .exec(tx)
                .await?
        }
        Erasable::Consultation(consultation) => {
            erasure_consultation::Entity::update_many()
                .col_expr(erasure_consultation::Column::State, Expr::value(state.as_str()))
                .filter(erasure_consultation::Column::ErasureId.eq(id.uuid()))
                .filter(erasure_consultation::Column::ConsultationId.eq(consultation.uuid()))
                .filter(erasure_consultation::Column::State.eq(waiting))
                .exec(tx)
                .await?
        }
    };
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    erasure::Entity::update_many()
        .col_expr(erasure::Column::PersonsErased, Expr::col(erasure::Column::PersonsErased).add(number(persons)))
        .col_expr(erasure::Column::EntriesErased, Expr::col(erasure::Column::EntriesErased).add(number(entries)))
        .filter(erasure::Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(settled.rows_affected == 1)
}

fn hold_of(row: hold::Model) -> Result<Hold, UnreadableRow> {
    let bad = |column| UnreadableRow::new("hold", row.id, column);
    let officer = |text: &str, column| OfficerId::parse(text).map_err(|_| bad(column));
    let lifted_by = row.lifted_by.as_deref().map(|by| officer(by, "lifted_by")).transpose()?;
    let lifted = lifted_by.zip(row.lifted_at.map(Timestamp::from_millis));
    Ok(Hold {
        id: HoldId::from_uuid(row.id),
        case: CaseId::from_uuid(row.case_id),
        placed_by: officer(&row.placed_by, "placed_by")?,
        placed_at: Timestamp::from_millis(row.placed_at),
        lifted: lifted.map(|(by, at)| (by, at, row.lifting_reason.clone().unwrap_or_default())),
        reason: row.reason,
    })
}

fn erasure_of(row: erasure::Model) -> Result<Erasure, UnreadableRow> {
    let bad = |column| UnreadableRow::new("erasure", row.id, column);
    let officer = |text: &str, column| OfficerId::parse(text).map_err(|_| bad(column));
    let approved_by = row.approved_by.as_deref().map(|by| officer(by, "approved_by")).transpose()?;
    Ok(Erasure {
        id: ErasureId::from_uuid(row.id),
        proposed_by: officer(&row.proposed_by, "proposed_by")?,
        proposed_at: Timestamp::from_millis(row.proposed_at),
        approved: approved_by.zip(row.approved_at.map(Timestamp::from_millis)),
        persons_erased: u64::try_from(row.persons_erased).map_err(|_| bad("persons_erased"))?,
        entries_erased: u64::try_from(row.entries_erased).map_err(|_| bad("entries_erased"))?,
        rule: row.rule,
    })
}

fn item_of(row: erasure_item::Model) -> Result<ErasureItem, UnreadableRow> {
    let state = ErasureState::from_name(&row.state);
    Ok(ErasureItem {
        state: state.ok_or_else(|| UnreadableRow::new("erasure_item", row.case_id, "state"))?,
        of: Erasable::Case(CaseId::from_uuid(row.case_id)),
        number: row.number,
        closed_on: CivilDate::from_days_since_epoch(row.closed_on),
        kept_to: CivilDate::from_days_since_epoch(row.kept_to),
    })
}

fn consultation_of(row: erasure_consultation::Model) -> Result<ErasureItem, UnreadableRow> {
    let state = ErasureState::from_name(&row.state);
    Ok(ErasureItem {
        state: state.ok_or_else(|| UnreadableRow::new("erasure_consultation", row.consultation_id, "state"))?,
        of: Erasable::Consultation(ConsultationId::from_uuid(row.consultation_id)),
        number: row.number,
        closed_on: CivilDate::from_days_since_epoch(row.closed_on),
        kept_to: CivilDate::from_days_since_epoch(row.kept_to),
    })
}
