//! Queries on checks against alerts.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use straznica_types::{OfficerId, Timestamp};

use super::entity::{alert_check, alert_consultation, alert_finding, alert_resolution};
use super::rows::UnreadableRow;
use crate::domain::alerts::{About, Outcome, Owed, ResolutionState, Unavailable, Verdict};
use crate::domain::{
    AlertCheckId, AlertConsultationId, AlertFindingId, AlertResolutionId, CaseId, PersonId, StatementId,
};
use crate::error::RegistryError;

/// A check as kept.
#[derive(Debug, Clone)]
pub(crate) struct KeptCheck {
    pub(crate) id: AlertCheckId,
    pub(crate) person: PersonId,
    pub(crate) case: Option<CaseId>,
    pub(crate) about: About,
    pub(crate) statement: Option<StatementId>,
    /// On the day.
    pub(crate) outcome: Outcome,
    /// How many alerts matched.
    pub(crate) findings: u32,
    /// Who was asked; empty: nobody.
    pub(crate) source: String,
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) checked_at: Timestamp,
    pub(crate) checked_by: OfficerId,
}

/// An alert that matched, as kept: what it is, is encrypted.
#[derive(Debug, Clone)]
pub(crate) struct KeptFinding {
    pub(crate) id: AlertFindingId,
    pub(crate) check: AlertCheckId,
    pub(crate) person: PersonId,
    /// Which alert: a pseudonym.
    pub(crate) alert: String,
    /// Who was compared with whom: a pseudonym.
    pub(crate) compared: String,
    pub(crate) exact: bool,
    pub(crate) sealed: Vec<u8>,
}

/// What officers say of a possible hit, as kept: their grounds are encrypted.
#[derive(Debug, Clone)]
pub(crate) struct KeptResolution {
    pub(crate) id: AlertResolutionId,
    pub(crate) person: PersonId,
    pub(crate) alert: String,
    pub(crate) compared: String,
    pub(crate) verdict: Verdict,
    pub(crate) state: ResolutionState,
    pub(crate) sealed: Vec<u8>,
    pub(crate) by: OfficerId,
    pub(crate) at: Timestamp,
    pub(crate) decided: Option<(Vec<u8>, OfficerId, Timestamp)>,
}

/// A consultation, as kept: state, alert and answer are encrypted.
#[derive(Debug, Clone)]
pub(crate) struct KeptAlertConsultation {
    pub(crate) id: AlertConsultationId,
    pub(crate) case: CaseId,
    pub(crate) person: PersonId,
    pub(crate) alert: String,
    pub(crate) owed: Owed,
    pub(crate) sealed: Vec<u8>,
    pub(crate) asked_at: Timestamp,
    pub(crate) asked_by: OfficerId,
    pub(crate) answered: Option<(Vec<u8>, OfficerId, Timestamp)>,
}

/// Writes a check with what it found.
pub(crate) async fn insert_check(
    tx: &DatabaseTransaction,
    check: &KeptCheck,
    findings: &[KeptFinding],
) -> Result<(), DbErr> {
    let row = alert_check::ActiveModel {
        id: Set(check.id.uuid()),
        person_id: Set(check.person.uuid()),
        case_id: Set(check.case.map(CaseId::uuid)),
        about: Set(check.about.as_str().to_owned()),
        statement_id: Set(check.statement.map(StatementId::uuid)),
        outcome: Set(check.outcome.as_str().to_owned()),
        unavailable: Set(check.outcome.unavailable().map(|why| why.as_str().to_owned())),
        findings: Set(i64::from(check.findings)),
        source: Set(check.source.clone()),
        as_of: Set(check.as_of.map(Timestamp::millis)),
        checked_at: Set(check.checked_at.millis()),
        checked_by: Set(check.checked_by.to_string()),
    };
    alert_check::Entity::insert(row).exec_without_returning(tx).await?;
    let rows = findings.iter().zip(0_i64..).map(|(kept, position)| alert_finding::ActiveModel {
        id: Set(kept.id.uuid()),
        check_id: Set(kept.check.uuid()),
        person_id: Set(kept.person.uuid()),
        position: Set(position),
        alert: Set(kept.alert.clone()),
        compared: Set(kept.compared.clone()),
        exact: Set(kept.exact),
        sealed: Set(kept.sealed.clone()),
        found_at: Set(check.checked_at.millis()),
    });
    if !findings.is_empty() {
        alert_finding::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The checks of some persons, or made for a case, the newest first.
pub(crate) async fn checks_of(
    connection: &impl ConnectionTrait,
    persons: Option<&BTreeSet<PersonId>>,
    case: Option<CaseId>,
    limit: u64,
) -> Result<Vec<KeptCheck>, RegistryError> {
    let meant = Condition::all()
        .add_option(persons.map(|persons| alert_check::Column::PersonId.is_in(uuids(persons))))
        .add_option(case.map(|case| alert_check::Column::CaseId.eq(case.uuid())));
    let rows = alert_check::Entity::find()
        .filter(meant)
        .order_by_desc(alert_check::Column::CheckedAt)
        .order_by_desc(alert_check::Column::Id)
        .limit(limit)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(check_of).collect::<Result<_, _>>()?)
}

/// The last check of somebody, under any of the ids they are read by, documents aside.
pub(crate) async fn last_person_check(
    connection: &impl ConnectionTrait,
    persons: &BTreeSet<PersonId>,
) -> Result<Option<KeptCheck>, RegistryError> {
    let row = alert_check::Entity::find()
        .filter(alert_check::Column::PersonId.is_in(uuids(persons)))
        .filter(alert_check::Column::About.eq(About::Person.as_str()))
        .order_by_desc(alert_check::Column::CheckedAt)
        .order_by_desc(alert_check::Column::Id)
        .one(connection)
        .await?;
    Ok(row.map(check_of).transpose()?)
}

/// What is still kept of what some checks found, each check's in its order.
pub(crate) async fn findings_of(
    connection: &impl ConnectionTrait,
    checks: impl IntoIterator<Item = AlertCheckId>,
) -> Result<Vec<KeptFinding>, DbErr> {
    let ids: Vec<Uuid> = checks.into_iter().map(AlertCheckId::uuid).collect();
    let rows = alert_finding::Entity::find()
        .filter(alert_finding::Column::CheckId.is_in(ids))
        .order_by_asc(alert_finding::Column::CheckId)
        .order_by_asc(alert_finding::Column::Position)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(finding_of).collect())
}

/// Findings that may be of somebody else, the oldest first, as far as no later check of the same person or document came to something.
pub(crate) async fn latest_possible(
    connection: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<(KeptFinding, KeptCheck)>, RegistryError> {
    let not_superseded = "NOT EXISTS (SELECT 1 FROM alert_check AS made JOIN alert_check AS later \
        ON later.person_id = made.person_id AND later.about = made.about \
        AND (later.statement_id = made.statement_id OR (later.statement_id IS NULL AND made.statement_id IS NULL)) \
        AND later.checked_at > made.checked_at AND later.outcome <> 'unavailable' \
        WHERE made.id = alert_finding.check_id)";
    let rows = alert_finding::Entity::find()
        .filter(alert_finding::Column::Exact.eq(false))
        .filter(Expr::cust(not_superseded))
        .order_by_asc(alert_finding::Column::FoundAt)
        .order_by_asc(alert_finding::Column::Id)
        .limit(limit)
        .all(connection)
        .await?;
    let made = alert_check::Entity::find()
        .filter(alert_check::Column::Id.is_in(rows.iter().map(|row| row.check_id)))
        .all(connection)
        .await?;
    let mut checks: BTreeMap<Uuid, KeptCheck> = BTreeMap::new();
    for row in made {
        checks.insert(row.id, check_of(row)?);
    }
    let with_check =
        |row: alert_finding::Model| checks.get(&row.check_id).cloned().map(|check| (finding_of(row), check));
    Ok(rows.into_iter().filter_map(with_check).collect())
}

/// One finding.
pub(crate) async fn find_finding(
    connection: &impl ConnectionTrait,
    id: AlertFindingId,
) -> Result<Option<KeptFinding>, DbErr> {
    Ok(alert_finding::Entity::find_by_id(id.uuid()).one(connection).await?.map(finding_of))
}

/// Everything officers said of possible hits on some persons, in the order they said it.
pub(crate) async fn resolutions_of(
    connection: &impl ConnectionTrait,
    persons: impl IntoIterator<Item = PersonId>,
) -> Result<Vec<KeptResolution>, RegistryError> {
    let ids: Vec<Uuid> = persons.into_iter().map(PersonId::uuid).collect();
    let rows = alert_resolution::Entity::find()
        .filter(alert_resolution::Column::PersonId.is_in(ids))
        .order_by_asc(alert_resolution::Column::ProposedAt)
        .order_by_asc(alert_resolution::Column::Id)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(resolution_of).collect::<Result<_, _>>()?)
}

/// One resolution.
pub(crate) async fn find_resolution(
    connection: &impl ConnectionTrait,
    id: AlertResolutionId,
) -> Result<Option<KeptResolution>, RegistryError> {
    let row = alert_resolution::Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(row.map(resolution_of).transpose()?)
}

/// Writes what the first officer says.
pub(crate) async fn insert_resolution(tx: &DatabaseTransaction, kept: &KeptResolution) -> Result<(), DbErr> {
    let row = alert_resolution::ActiveModel {
        id: Set(kept.id.uuid()),
        person_id: Set(kept.person.uuid()),
        alert: Set(kept.alert.clone()),
        compared: Set(kept.compared.clone()),
        verdict: Set(kept.verdict.as_str().to_owned()),
        state: Set(kept.state.as_str().to_owned()),
        sealed: Set(kept.sealed.clone()),
        proposed_by: Set(kept.by.to_string()),
        proposed_at: Set(kept.at.millis()),
        decided_sealed: Set(None),
        decided_by: Set(None),
        decided_at: Set(None),
    };
    alert_resolution::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes what the second officer says.
pub(crate) async fn update_resolution(
    tx: &DatabaseTransaction,
    id: AlertResolutionId,
    state: ResolutionState,
    (sealed, by, at): (Vec<u8>, &OfficerId, Timestamp),
) -> Result<(), DbErr> {
    alert_resolution::Entity::update_many()
        .col_expr(alert_resolution::Column::State, Expr::value(state.as_str()))
        .col_expr(alert_resolution::Column::DecidedSealed, Expr::value(sealed))
        .col_expr(alert_resolution::Column::DecidedBy, Expr::value(by.to_string()))
        .col_expr(alert_resolution::Column::DecidedAt, Expr::value(at.millis()))
        .filter(alert_resolution::Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// What was recorded with states that entered alerts, in a case or on some persons, in the order it was.
pub(crate) async fn alert_consultations_of(
    connection: &impl ConnectionTrait,
    persons: Option<&BTreeSet<PersonId>>,
    case: Option<CaseId>,
) -> Result<Vec<KeptAlertConsultation>, RegistryError> {
    let meant = Condition::all()
        .add_option(persons.map(|persons| alert_consultation::Column::PersonId.is_in(uuids(persons))))
        .add_option(case.map(|case| alert_consultation::Column::CaseId.eq(case.uuid())));
    let rows = alert_consultation::Entity::find()
        .filter(meant)
        .order_by_asc(alert_consultation::Column::AskedAt)
        .order_by_asc(alert_consultation::Column::Id)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(consultation_of).collect::<Result<_, _>>()?)
}

/// One consultation.
pub(crate) async fn find_alert_consultation(
    connection: &impl ConnectionTrait,
    id: AlertConsultationId,
) -> Result<Option<KeptAlertConsultation>, RegistryError> {
    let row = alert_consultation::Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(row.map(consultation_of).transpose()?)
}

/// Writes that the state was asked, or told.
pub(crate) async fn insert_alert_consultation(
    tx: &DatabaseTransaction,
    kept: &KeptAlertConsultation,
) -> Result<(), DbErr> {
    let row = alert_consultation::ActiveModel {
        id: Set(kept.id.uuid()),
        case_id: Set(kept.case.uuid()),
        person_id: Set(kept.person.uuid()),
        alert: Set(kept.alert.clone()),
        owed: Set(kept.owed.as_str().to_owned()),
        sealed: Set(kept.sealed.clone()),
        asked_at: Set(kept.asked_at.millis()),
        asked_by: Set(kept.asked_by.to_string()),
        answer_sealed: Set(None),
        answered_at: Set(None),
        answered_by: Set(None),
    };
    alert_consultation::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes what it answered.
pub(crate) async fn update_alert_consultation(
    tx: &DatabaseTransaction,
    id: AlertConsultationId,
    (sealed, by, at): (Vec<u8>, &OfficerId, Timestamp),
) -> Result<(), DbErr> {
    alert_consultation::Entity::update_many()
        .col_expr(alert_consultation::Column::AnswerSealed, Expr::value(sealed))
        .col_expr(alert_consultation::Column::AnsweredBy, Expr::value(by.to_string()))
        .col_expr(alert_consultation::Column::AnsweredAt, Expr::value(at.millis()))
        .filter(alert_consultation::Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes what alerts said before one moment, checks and consultations before another, resolutions before a third; tells how many of each.
pub(crate) async fn forget_alerts(
    tx: &DatabaseTransaction,
    findings: Timestamp,
    checks: Timestamp,
    resolutions: Timestamp,
) -> Result<[u64; 4], DbErr> {
    // No check goes before what it found.
    let oldest = findings.max(checks).millis();
    let findings = alert_finding::Entity::delete_many()
        .filter(alert_finding::Column::FoundAt.lt(oldest))
        .exec(tx)
        .await?
        .rows_affected;
    let consultations = alert_consultation::Entity::delete_many()
        .filter(alert_consultation::Column::AskedAt.lt(checks.millis()))
        .exec(tx)
        .await?
        .rows_affected;
    let checks = alert_check::Entity::delete_many()
        .filter(alert_check::Column::CheckedAt.lt(checks.millis()))
        .exec(tx)
        .await?
        .rows_affected;
    let resolutions = alert_resolution::Entity::delete_many()
        .filter(alert_resolution::Column::ProposedAt.lt(resolutions.millis()))
        .exec(tx)
        .await?
        .rows_affected;
    Ok([findings, checks, resolutions, consultations])
}

fn uuids(persons: &BTreeSet<PersonId>) -> impl Iterator<Item = Uuid> {
    persons.iter().map(|person| person.uuid())
}

fn check_of(row: alert_check::Model) -> Result<KeptCheck, UnreadableRow> {
    let bad = |column| UnreadableRow::new("alert_check", row.id, column);
    let unavailable =
        row.unavailable.as_deref().map(|why| Unavailable::from_name(why).ok_or_else(|| bad("unavailable")));
    Ok(KeptCheck {
        id: AlertCheckId::from_uuid(row.id),
        person: PersonId::from_uuid(row.person_id),
        case: row.case_id.map(CaseId::from_uuid),
        about: About::from_name(&row.about).ok_or_else(|| bad("about"))?,
        statement: row.statement_id.map(StatementId::from_uuid),
        outcome: Outcome::from_parts(&row.outcome, unavailable.transpose()?).ok_or_else(|| bad("outcome"))?,
        findings: u32::try_from(row.findings).map_err(|_| bad("findings"))?,
        as_of: row.as_of.map(Timestamp::from_millis),
        checked_at: Timestamp::from_millis(row.checked_at),
        checked_by: OfficerId::parse(&row.checked_by).map_err(|_| bad("checked_by"))?,
        source: row.source,
    })
}

fn finding_of(row: alert_finding::Model) -> KeptFinding {
    KeptFinding {
        id: AlertFindingId::from_uuid(row.id),
        check: AlertCheckId::from_uuid(row.check_id),
        person: PersonId::from_uuid(row.person_id),
        alert: row.alert,
        compared: row.compared,
        exact: row.exact,
        sealed: row.sealed,
    }
}

fn resolution_of(row: alert_resolution::Model) -> Result<KeptResolution, UnreadableRow> {
    let bad = |column| UnreadableRow::new("alert_resolution", row.id, column);
    let decided_by = row.decided_by.as_deref().map(OfficerId::parse).transpose().map_err(|_| bad("decided_by"))?;
    let decided = match (row.decided_sealed, decided_by, row.decided_at) {
        (Some(sealed), Some(by), Some(at)) => Some((sealed, by, Timestamp::from_millis(at))),
        (None, None, None) => None,
        _ => return Err(bad("decided_at")),
    };
    Ok(KeptResolution {
        id: AlertResolutionId::from_uuid(row.id),
        person: PersonId::from_uuid(row.person_id),
        verdict: Verdict::from_name(&row.verdict).ok_or_else(|| bad("verdict"))?,
        state: ResolutionState::from_name(&row.state).ok_or_else(|| bad("state"))?,
        by: OfficerId::parse(&row.proposed_by).map_err(|_| bad("proposed_by"))?,
        at: Timestamp::from_millis(row.proposed_at),
        alert: row.alert,
        compared: row.compared,
        sealed: row.sealed,
        decided,
    })
}

fn consultation_of(row: alert_consultation::Model) -> Result<KeptAlertConsultation, UnreadableRow> {
    let bad = |column| UnreadableRow::new("alert_consultation", row.id, column);
    let answered_by = row.answered_by.as_deref().map(OfficerId::parse).transpose().map_err(|_| bad("answered_by"))?;
    let answered = match (row.answer_sealed, answered_by, row.answered_at) {
        (Some(sealed), Some(by), Some(at)) => Some((sealed, by, Timestamp::from_millis(at))),
        (None, None, None) => None,
        _ => return Err(bad("answered_at")),
    };
    Ok(KeptAlertConsultation {
        id: AlertConsultationId::from_uuid(row.id),
        case: CaseId::from_uuid(row.case_id),
        person: PersonId::from_uuid(row.person_id),
        owed: Owed::from_name(&row.owed).ok_or_else(|| bad("owed"))?,
        asked_at: Timestamp::from_millis(row.asked_at),
        asked_by: OfficerId::parse(&row.asked_by).map_err(|_| bad("asked_by"))?,
        alert: row.alert,
        sealed: row.sealed,
        answered,
    })
}
