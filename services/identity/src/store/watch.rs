//! Queries on what is watched of the use of privileges: reviews and alerts.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::{CivilDate, OfficerId, Timestamp};

use super::entity::{privilege_alert, privilege_review};
use super::rows::UnreadableRow;
use crate::domain::verification::VerificationId;
use crate::domain::verifiers::{Alert, AlertId, AlertRule, Change, Reason, Review, ReviewOutcome};
use crate::error::IdentityError;

/// Puts a use before a reviewer.
pub(crate) async fn insert_review(
    tx: &DatabaseTransaction,
    verification: VerificationId,
    institution: &str,
    officer: &OfficerId,
    at: Timestamp,
) -> Result<(), DbErr> {
    let row = privilege_review::ActiveModel {
        verification_id: Set(verification.uuid()),
        institution_id: Set(institution.to_owned()),
        officer: Set(officer.to_string()),
        drawn_at: Set(at.millis()),
        outcome: Set(None),
        reviewed_by: Set(None),
        reviewed_at: Set(None),
        finding: Set(None),
    };
    privilege_review::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The review of a use.
pub(crate) async fn find_review(
    connection: &impl ConnectionTrait,
    institution: &str,
    verification: VerificationId,
) -> Result<Option<Review>, IdentityError> {
    let row = privilege_review::Entity::find_by_id(verification.uuid())
        .filter(privilege_review::Column::InstitutionId.eq(institution))
        .one(connection)
        .await?;
    Ok(row.map(review_of).transpose()?)
}

/// Reviews of an institution, oldest first, so many at most.
pub(crate) async fn reviews_of(
    connection: &impl ConnectionTrait,
    institution: &str,
    closed_too: bool,
    limit: u64,
) -> Result<Vec<Review>, IdentityError> {
    let mut query = privilege_review::Entity::find().filter(privilege_review::Column::InstitutionId.eq(institution));
    if !closed_too {
        query = query.filter(privilege_review::Column::Outcome.is_null());
    }
    let rows = query.order_by_asc(privilege_review::Column::DrawnAt).limit(limit).all(connection).await?;
    rows.into_iter().map(|row| Ok(review_of(row)?)).collect()
}

/// Writes what a review found; `false` if somebody has before.
pub(crate) async fn close_review(
    tx: &DatabaseTransaction,
    verification: VerificationId,
    outcome: ReviewOutcome,
    change: &Change,
) -> Result<bool, DbErr> {
    use privilege_review::Column;
    let closed = privilege_review::Entity::update_many()
        .col_expr(Column::Outcome, Expr::value(outcome.as_str()))
        .col_expr(Column::ReviewedBy, Expr::value(change.by.to_string()))
        .col_expr(Column::ReviewedAt, Expr::value(change.at.millis()))
        .col_expr(Column::Finding, Expr::value(change.reason.as_str()))
        .filter(Column::VerificationId.eq(verification.uuid()))
        .filter(Column::Outcome.is_null())
        .exec(tx)
        .await?;
    Ok(closed.rows_affected == 1)
}

fn review_of(row: privilege_review::Model) -> Result<Review, UnreadableRow> {
    let bad = |column| UnreadableRow::new("privilege_review", row.verification_id, column);
    let outcome = match &row.outcome {
        None => None,
        Some(name) => {
            let outcome = ReviewOutcome::named(name).ok_or_else(|| bad("outcome"))?;
            let change = change_of(row.reviewed_by.as_deref(), row.reviewed_at, row.finding.as_deref());
            Some((outcome, change.ok_or_else(|| bad("reviewed_by"))?))
        }
    };
    Ok(Review {
        verification: VerificationId::from_uuid(row.verification_id),
        officer: OfficerId::parse(&row.officer).map_err(|_| bad("officer"))?,
        outcome,
    })
}

fn change_of(by: Option<&str>, at: Option<i64>, finding: Option<&str>) -> Option<Change> {
    Some(Change {
        by: OfficerId::parse(by?).ok()?,
        at: Timestamp::from_millis(at?),
        reason: Reason::parse(finding?, "/finding").ok()?,
    })
}

/// Raises an alert, once a day for the same cause; `false` if it was raised before.
pub(crate) async fn raise_alert(
    tx: &DatabaseTransaction,
    alert: &Alert,
    institution: &str,
    criterion: &str,
    day: CivilDate,
) -> Result<bool, DbErr> {
    use privilege_alert::Column;
    let raised = privilege_alert::Entity::find()
        .filter(Column::InstitutionId.eq(institution))
        .filter(Column::Officer.eq(alert.officer.as_str()))
        .filter(Column::Day.eq(day.days_since_epoch()))
        .filter(Column::Rule.eq(alert.rule.as_str()))
        .filter(Column::Criterion.eq(criterion))
        .one(tx)
        .await?;
    if raised.is_some() {
        return Ok(false);
    }
    let row = privilege_alert::ActiveModel {
        id: Set(alert.id.uuid()),
        rule: Set(alert.rule.as_str().to_owned()),
        institution_id: Set(institution.to_owned()),
        officer: Set(alert.officer.to_string()),
        day: Set(day.days_since_epoch()),
        criterion: Set(criterion.to_owned()),
        raised_at: Set(alert.raised_at.millis()),
        counted: Set(alert.counted),
        threshold: Set(alert.threshold),
        acknowledged_by: Set(None),
        acknowledged_at: Set(None),
        finding: Set(None),
    };
    privilege_alert::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(true)
}

/// The alert of this id.
pub(crate) async fn find_alert(
    connection: &impl ConnectionTrait,
    institution: &str,
    id: AlertId,
) -> Result<Option<Alert>, IdentityError> {
    let row = privilege_alert::Entity::find_by_id(id.uuid())
        .filter(privilege_alert::Column::InstitutionId.eq(institution))
        .one(connection)
        .await?;
    Ok(row.map(alert_of).transpose()?)
}

/// Alerts of an institution, newest first, so many at most.
pub(crate) async fn alerts_of(
    connection: &impl ConnectionTrait,
    institution: &str,
    acknowledged_too: bool,
    limit: u64,
) -> Result<Vec<Alert>, IdentityError> {
    let mut query = privilege_alert::Entity::find().filter(privilege_alert::Column::InstitutionId.eq(institution));
    if !acknowledged_too {
        query = query.filter(privilege_alert::Column::AcknowledgedAt.is_null());
    }
    let rows = query.order_by_desc(privilege_alert::Column::Id).limit(limit).all(connection).await?;
    rows.into_iter().map(|row| Ok(alert_of(row)?)).collect()
}

/// Says that an alert was looked into; `false` if somebody has before.
pub(crate) async fn acknowledge_alert(tx: &DatabaseTransaction, id: AlertId, change: &Change) -> Result<bool, DbErr> {
    use privilege_alert::Column;
    let acknowledged = privilege_alert::Entity::update_many()
        .col_expr(Column::AcknowledgedBy, Expr::value(change.by.to_string()))
        .col_expr(Column::AcknowledgedAt, Expr::value(change.at.millis()))
        .col_expr(Column::Finding, Expr::value(change.reason.as_str()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::AcknowledgedAt.is_null())
        .exec(tx)
        .await?;
    Ok(acknowledged.rows_affected == 1)
}

fn alert_of(row: privilege_alert::Model) -> Result<Alert, UnreadableRow> {
    let bad = |column| UnreadableRow::new("privilege_alert", row.id, column);
    let acknowledged = match row.acknowledged_at {
        None => None,
        at => {
            let change = change_of(row.acknowledged_by.as_deref(), at, row.finding.as_deref());
            Some(change.ok_or_else(|| bad("acknowledged_by"))?)
        }
    };
    Ok(Alert {
        id: AlertId::from_uuid(row.id),
        rule: AlertRule::named(&row.rule).ok_or_else(|| bad("rule"))?,
        officer: OfficerId::parse(&row.officer).map_err(|_| bad("officer"))?,
        raised_at: Timestamp::from_millis(row.raised_at),
        counted: row.counted,
        threshold: row.threshold,
        acknowledged,
    })
}
