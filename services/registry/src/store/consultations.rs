//! Queries on consultations.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::Timestamp;

use super::entity::{consultation, consultation_event};
use super::rows::{UnreadableRow, day_of, days_of, version_of};
use crate::domain::clock::Happened;
use crate::domain::consultation::{Consultation, Flow, Grounds, Noted, Outcome, WholeConsultation, events};
use crate::domain::file::NO_DUE;
use crate::domain::{CaseId, ConsultationId, PersonId};
use crate::error::RegistryError;

/// A consultation, and whom it is about, sealed.
#[derive(Debug, Clone)]
pub(crate) struct KeptConsultation {
    pub(crate) whole: WholeConsultation,
    pub(crate) sealed: Vec<u8>,
}

impl KeptConsultation {
    /// Nothing personal is left in it.
    pub(crate) const fn is_erased(&self) -> bool {
        self.sealed.is_empty()
    }
}

/// What follows from the events of a consultation, for lists and for who looks for silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) outcome: Outcome,
    pub(crate) closed: bool,
    /// When what the Head has to do next is due.
    pub(crate) next_due: Option<Timestamp>,
    /// When silence says something next.
    pub(crate) next_silence: Option<Timestamp>,
}

fn never(at: Option<Timestamp>) -> i64 {
    at.unwrap_or(NO_DUE).millis()
}

/// Writes a new consultation.
pub(crate) async fn insert_consultation(
    tx: &DatabaseTransaction,
    file: &Consultation,
    sealed: &[u8],
    place: &Place,
) -> Result<(), DbErr> {
    let row = consultation::ActiveModel {
        id: Set(file.id.uuid()),
        number: Set(file.number.clone()),
        flow: Set(file.flow.as_str().to_owned()),
        rule_set: Set(file.rule_set.clone()),
        case_id: Set(file.case.map(CaseId::uuid)),
        person_id: Set(file.person.map(PersonId::uuid)),
        asked_by: Set(file.asked_by.clone()),
        reference: Set(file.reference.clone()),
        sealed: Set(sealed.to_vec()),
        opened_at: Set(file.opened_at.millis()),
        version: Set(i64::try_from(file.version).unwrap_or(i64::MAX)),
        outcome: Set(place.outcome.as_str().to_owned()),
        closed: Set(place.closed),
        next_due: Set(never(place.next_due)),
        next_silence: Set(never(place.next_silence)),
    };
    consultation::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Moves a consultation from one version to the next; `false` if it is at another one.
pub(crate) async fn update_consultation(
    tx: &DatabaseTransaction,
    id: ConsultationId,
    expected: u64,
    place: &Place,
) -> Result<bool, DbErr> {
    let Ok(expected) = i64::try_from(expected) else { return Ok(false) };
    let moved = consultation::Entity::update_many()
        .col_expr(consultation::Column::Version, Expr::col(consultation::Column::Version).add(1_i64))
        .col_expr(consultation::Column::Outcome, Expr::value(place.outcome.as_str()))
        .col_expr(consultation::Column::Closed, Expr::value(place.closed))
        .col_expr(consultation::Column::NextDue, Expr::value(never(place.next_due)))
        .col_expr(consultation::Column::NextSilence, Expr::value(never(place.next_silence)))
        .filter(consultation::Column::Id.eq(id.uuid()))
        .filter(consultation::Column::Version.eq(expected))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// Writes what happened.
pub(crate) async fn insert_noted(tx: &DatabaseTransaction, id: ConsultationId, noted: &[Noted]) -> Result<(), DbErr> {
    if noted.is_empty() {
        return Ok(());
    }
    let rows = noted.iter().map(|noted| consultation_event::ActiveModel {
        consultation_id: Set(id.uuid()),
        number: Set(i64::from(noted.happened.number)),
        event: Set(noted.happened.event.clone()),
        at: Set(noted.happened.at.millis()),
        of_which: Set(noted.happened.of.clone()),
        decision: Set(noted.happened.decision.clone()),
        grounds: Set(noted.grounds.map(|grounds| grounds.as_str().to_owned())),
        until_day: Set(days_of(noted.happened.until)),
        remark: Set(noted.remark.clone()),
        recorded_at: Set(noted.recorded_at.millis()),
        recorded_by: Set(noted.by.to_string()),
    });
    consultation_event::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// A consultation with everything in it.
pub(crate) async fn load_consultation(
    connection: &impl ConnectionTrait,
    id: ConsultationId,
) -> Result<Option<KeptConsultation>, RegistryError> {
    let Some(row) = consultation::Entity::find_by_id(id.uuid()).one(connection).await? else { return Ok(None) };
    Ok(Some(whole(connection, row).await?))
}

/// The consultations of a case, the first opened first.
pub(crate) async fn consultations_of_case(
    connection: &impl ConnectionTrait,
    case: CaseId,
    limit: u64,
) -> Result<Vec<KeptConsultation>, RegistryError> {
    let rows = consultation::Entity::find()
        .filter(consultation::Column::CaseId.eq(case.uuid()))
        .order_by_asc(consultation::Column::OpenedAt)
        .order_by_asc(consultation::Column::Id)
        .limit(limit)
        .all(connection)
        .await?;
    each(connection, rows).await
}

/// Consultations that were not written down as ended, what is due first coming first.
pub(crate) async fn open_consultations(
    connection: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<KeptConsultation>, RegistryError> {
    let rows = consultation::Entity::find()
        .filter(consultation::Column::Closed.eq(false))
        .order_by_asc(consultation::Column::NextDue)
        .order_by_asc(consultation::Column::OpenedAt)
        .order_by_asc(consultation::Column::Id)
        .limit(limit)
        .all(connection)
        .await?;
    each(connection, rows).await
}

/// Those of some cases that were not written down as ended.
pub(crate) async fn open_consultations_of(
    connection: &impl ConnectionTrait,
    cases: &[CaseId],
) -> Result<Vec<KeptConsultation>, RegistryError> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let rows = consultation::Entity::find()
        .filter(consultation::Column::CaseId.is_in(cases.iter().map(|case| case.uuid())))
        .filter(consultation::Column::Closed.eq(false))
        .order_by_asc(consultation::Column::Id)
        .all(connection)
        .await?;
    each(connection, rows).await
}

/// Those in which a body was asked, and has not replied or been silent as far as is written down; what ends first coming first.
pub(crate) async fn questions_to(
    connection: &impl ConnectionTrait,
    body: &str,
    limit: u64,
) -> Result<Vec<KeptConsultation>, RegistryError> {
    let rows = consultation::Entity::find()
        .filter(consultation::Column::Closed.eq(false))
        .filter(consultation::Column::Id.in_subquery(where_it(body, &[events::ASKED])))
        .filter(consultation::Column::Id.not_in_subquery(where_it(body, &[events::REPLIED, events::SILENT])))
        .order_by_asc(consultation::Column::NextSilence)
        .order_by_asc(consultation::Column::OpenedAt)
        .order_by_asc(consultation::Column::Id)
        .limit(limit)
        .all(connection)
        .await?;
    each(connection, rows).await
}

fn where_it(body: &str, events: &[&str]) -> SelectStatement {
    Query::select()
        .column(consultation_event::Column::ConsultationId)
        .from(consultation_event::Entity)
        .and_where(consultation_event::Column::OfWhich.eq(body))
        .and_where(consultation_event::Column::Event.is_in(events.iter().copied()))
        .to_owned()
}

/// Consultations in which silence has something to say by now.
pub(crate) async fn due_silences(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<ConsultationId>, DbErr> {
    let ids: Vec<sea_orm::prelude::Uuid> = consultation::Entity::find()
        .select_only()
        .column(consultation::Column::Id)
        .filter(consultation::Column::NextSilence.lte(now.millis()))
        .order_by_asc(consultation::Column::NextSilence)
        .order_by_asc(consultation::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(ids.into_iter().map(ConsultationId::from_uuid).collect())
}

async fn each(
    connection: &impl ConnectionTrait,
    rows: Vec<consultation::Model>,
) -> Result<Vec<KeptConsultation>, RegistryError> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        all.push(whole(connection, row).await?);
    }
    Ok(all)
}

async fn whole(connection: &impl ConnectionTrait, row: consultation::Model) -> Result<KeptConsultation, RegistryError> {
    let events = consultation_event::Entity::find()
        .filter(consultation_event::Column::ConsultationId.eq(row.id))
        .order_by_asc(consultation_event::Column::Number)
        .all(connection)
        .await?;
    let flow = Flow::from_name(&row.flow).ok_or_else(|| UnreadableRow::new("consultation", row.id, "flow"))?;
    let file = Consultation {
        id: ConsultationId::from_uuid(row.id),
        number: row.number,
        flow,
        rule_set: row.rule_set,
        case: row.case_id.map(CaseId::from_uuid),
        person: row.person_id.map(PersonId::from_uuid),
        asked_by: row.asked_by,
        reference: row.reference,
        opened_at: Timestamp::from_millis(row.opened_at),
        version: version_of(row.version),
    };
    let noted = events.into_iter().map(noted_of).collect::<Result<_, _>>()?;
    Ok(KeptConsultation { whole: WholeConsultation { file, noted }, sealed: row.sealed })
}

fn noted_of(row: consultation_event::Model) -> Result<Noted, UnreadableRow> {
    let bad = |column| UnreadableRow::new("consultation_event", row.consultation_id, column);
    let grounds = match &row.grounds {
        None => None,
        Some(name) => Some(Grounds::from_name(name).ok_or_else(|| bad("grounds"))?),
    };
    Ok(Noted {
        by: row.recorded_by.parse().map_err(|_| bad("recorded_by"))?,
        happened: Happened {
            number: u32::try_from(row.number).map_err(|_| bad("number"))?,
            event: row.event,
            at: Timestamp::from_millis(row.at),
            decision: row.decision,
            of: row.of_which,
            posted_on: None,
            until: day_of(row.until_day),
        },
        grounds,
        remark: row.remark,
        recorded_at: Timestamp::from_millis(row.recorded_at),
    })
}
