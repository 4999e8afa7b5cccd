//! Queries on decisions.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use straznica_types::Timestamp;

use super::entity::decision;
use crate::domain::CaseId;
use crate::domain::file::Decision;

/// Writes a new one of a case that has `before` of them.
pub(crate) async fn insert_decision(
    tx: &DatabaseTransaction,
    case: CaseId,
    before: usize,
    made: &Decision,
) -> Result<(), DbErr> {
    let row = decision::ActiveModel {
        id: Set(made.id.uuid()),
        case_id: Set(case.uuid()),
        number: Set(i64::try_from(before).unwrap_or(i64::MAX)),
        decision: Set(made.decision.clone()),
        state: Set(made.state().as_str().to_owned()),
        drafted_by: Set(made.drafted_by.to_string()),
        drafted_at: Set(made.drafted_at.millis()),
        approved_by: Set(None),
        approved_at: Set(None),
        issued_at: Set(None),
    };
    decision::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes how far a decision has come.
pub(crate) async fn update_decision(tx: &DatabaseTransaction, made: &Decision) -> Result<(), DbErr> {
    let (approved_by, approved_at) = made.approved.as_ref().map(|(by, at)| (by.to_string(), at.millis())).unzip();
    decision::Entity::update_many()
        .col_expr(decision::Column::State, Expr::value(made.state().as_str()))
        .col_expr(decision::Column::ApprovedBy, Expr::value(approved_by))
        .col_expr(decision::Column::ApprovedAt, Expr::value(approved_at))
        .col_expr(decision::Column::IssuedAt, Expr::value(made.issued_at.map(Timestamp::millis)))
        .filter(decision::Column::Id.eq(made.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}
