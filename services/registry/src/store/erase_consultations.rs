//! Erasing what is personal in a consultation. The consultation itself stays, with its number, its flow, who was asked and when everybody spoke: figures rest on it, and so does that
//! what another state sends twice is known to have come before.

use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use straznica_types::Timestamp;

use super::entity::{consultation, consultation_event, erasure_consultation, scn_received, scn_sent};
use crate::domain::consultation::Consultation;
use crate::domain::file::NO_DUE;
use crate::domain::retention::{ErasureState, RetentionRule};
use crate::domain::{CaseId, ConsultationId};

/// In place of the digest of a form that was erased: it is nobody's.
const NO_DIGEST: [u8; 32] = [0; 32];

/// Ended consultations of a rule's flows that were not erased under it, with number and the moment of the last thing that happened, the longest ended first.
pub(crate) async fn consultations_closed_by(
    connection: &impl ConnectionTrait,
    rule: &RetentionRule,
    limit: u64,
) -> Result<Vec<(ConsultationId, Option<CaseId>, String, Timestamp)>, DbErr> {
    let erased = erasure_consultation::Entity::find()
        .select_only()
        .column(erasure_consultation::Column::ConsultationId)
        .filter(erasure_consultation::Column::Rule.eq(rule.id.as_str()))
        .filter(erasure_consultation::Column::State.eq(ErasureState::Erased.as_str()))
        .into_query();
    let of_flows = consultation::Entity::find()
        .select_only()
        .column(consultation::Column::Id)
        .filter(consultation::Column::Flow.is_in(rule.case_types.iter().map(String::as_str)))
        .filter(consultation::Column::Closed.eq(true))
        .filter(consultation::Column::Id.not_in_subquery(erased))
        .into_query();
    let last: Vec<(Uuid, i64)> = consultation_event::Entity::find()
        .select_only()
        .column(consultation_event::Column::ConsultationId)
        .column_as(Expr::col(consultation_event::Column::At).max(), "last")
        .filter(consultation_event::Column::ConsultationId.in_subquery(of_flows))
        .group_by(consultation_event::Column::ConsultationId)
        .order_by_asc(Expr::col(consultation_event::Column::At).max())
        .order_by_asc(consultation_event::Column::ConsultationId)
        .limit(limit)
        .into_tuple()
        .all(connection)
        .await?;
    let rows = consultation::Entity::find()
        .filter(consultation::Column::Id.is_in(last.iter().map(|(id, _)| *id)))
        .all(connection)
        .await?;
    let told = last.into_iter().filter_map(|(id, at)| {
        let row = rows.iter().find(|row| row.id == id)?;
        let case = row.case_id.map(CaseId::from_uuid);
        Some((ConsultationId::from_uuid(id), case, row.number.clone(), Timestamp::from_millis(at)))
    });
    Ok(told.collect())
}

/// The consultations of a case, ended or not.
pub(crate) async fn consultation_ids_of(
    connection: &impl ConnectionTrait,
    case: CaseId,
) -> Result<Vec<ConsultationId>, DbErr> {
    let ids: Vec<Uuid> = consultation::Entity::find()
        .select_only()
        .column(consultation::Column::Id)
        .filter(consultation::Column::CaseId.eq(case.uuid()))
        .order_by_asc(consultation::Column::Id)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(ids.into_iter().map(ConsultationId::from_uuid).collect())
}

/// Erases whom a consultation is about, what somebody else calls it, remarks and grounds, and the text of every form about it; cuts it from person and case.
pub(crate) async fn erase_consultation(tx: &DatabaseTransaction, file: &Consultation) -> Result<(), DbErr> {
    let id = file.id.uuid();
    let nothing = || Expr::value(Vec::<u8>::new());
    let sent = || scn_sent::Entity::find().filter(scn_sent::Column::ConsultationId.eq(id));
    let of_ours = sent().select_only().column(scn_sent::Column::Reference).into_query();
    let mut about = Condition::any().add(scn_received::Column::Reference.in_subquery(of_ours));
    if !file.reference.is_empty() {
        let theirs = Condition::all()
            .add(scn_received::Column::State.eq(file.asked_by.as_str()))
            .add(scn_received::Column::Reference.eq(file.reference.as_str()));
        about = about.add(theirs);
    }
    scn_received::Entity::update_many()
        .col_expr(scn_received::Column::Sealed, nothing())
        .col_expr(scn_received::Column::Digest, Expr::value(NO_DIGEST.to_vec()))
        .filter(about)
        .exec(tx)
        .await?;
    scn_sent::Entity::update_many()
        .col_expr(scn_sent::Column::Sealed, nothing())
        .col_expr(scn_sent::Column::NextAttemptAt, Expr::value(NO_DUE.millis()))
        .filter(scn_sent::Column::ConsultationId.eq(id))
        .exec(tx)
        .await?;
    consultation_event::Entity::update_many()
        .col_expr(consultation_event::Column::Remark, Expr::value(""))
        .col_expr(consultation_event::Column::Grounds, Expr::value(None::<String>))
        .filter(consultation_event::Column::ConsultationId.eq(id))
        .exec(tx)
        .await?;
    consultation::Entity::update_many()
        .col_expr(consultation::Column::Sealed, nothing())
        .col_expr(consultation::Column::Reference, Expr::value(""))
        .col_expr(consultation::Column::PersonId, Expr::value(None::<Uuid>))
        .col_expr(consultation::Column::CaseId, Expr::value(None::<Uuid>))
        .filter(consultation::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
