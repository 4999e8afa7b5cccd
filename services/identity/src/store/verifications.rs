//! Queries on verifications.

use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::{OfficerId, TerminalId, Timestamp};

use super::entity::verification::{ActiveModel, Column, Entity, Model};
use super::rows::{UnreadableRow, subject_of};
use crate::domain::CaseNumber;
use crate::domain::verification::{
    CitizenId, DocumentKind, Institution, Mandate, Stage, Times, Verification, VerificationId, VerificationRefusal,
};
use crate::domain::verifiers::InstitutionKind;
use crate::error::IdentityError;

/// Writes a new verification.
pub(crate) async fn insert_verification(tx: &DatabaseTransaction, verification: &Verification) -> Result<(), DbErr> {
    Entity::insert(row_of(verification, verification.revision)).exec_without_returning(tx).await?;
    Ok(())
}

/// One verification.
pub(crate) async fn find_verification(
    connection: &impl ConnectionTrait,
    id: VerificationId,
) -> Result<Verification, IdentityError> {
    let row = Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(verification_of(row.ok_or(VerificationRefusal::Unknown)?)?)
}

/// Writes a verification if nobody changed it since it was read; `false` if somebody did.
pub(crate) async fn update_verification(tx: &DatabaseTransaction, verification: &Verification) -> Result<bool, DbErr> {
    let updated = Entity::update_many()
        .set(row_of(verification, verification.revision + 1))
        .filter(Column::Id.eq(verification.id.uuid()))
        .filter(Column::Revision.eq(verification.revision))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Verifications that should have ended by `before`, oldest first, so many at most.
pub(crate) async fn overdue(
    connection: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<VerificationId>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Stage.is_in(Stage::OPEN_NAMES))
        .filter(Column::ExpiresAt.lte(before.millis()))
        .order_by_asc(Column::ExpiresAt)
        .limit(limit)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| VerificationId::from_uuid(row.id)).collect())
}

/// Verifications somebody was asked about who has not answered by `now`: those after one of them in the order of their ids, so many at most.
pub(crate) async fn unanswered(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    after: Option<VerificationId>,
    limit: u64,
) -> Result<Vec<Verification>, IdentityError> {
    let mut query = Entity::find()
        .filter(Column::Stage.eq(Stage::Challenged.name()))
        .filter(Column::ExpiresAt.gt(now.millis()))
        .filter(Column::Decoy.eq(false));
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.uuid()));
    }
    let rows = query.order_by_asc(Column::Id).limit(limit).all(connection).await?;
    rows.into_iter().map(|row| Ok(verification_of(row)?)).collect()
}

/// A citizen's verifications they may read of by now, newest first.
pub(crate) async fn of_citizen(
    connection: &impl ConnectionTrait,
    citizen: CitizenId,
    before: Timestamp,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Verification>, IdentityError> {
    let rows = Entity::find()
        .filter(Column::CitizenId.eq(citizen.uuid()))
        .filter(Column::OpenedAt.lt(before.millis()))
        .filter(Column::VisibleFrom.lte(now.millis()))
        .order_by_desc(Column::OpenedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(connection)
        .await?;
    rows.into_iter().map(|row| Ok(verification_of(row)?)).collect()
}

fn row_of(verification: &Verification, revision: i64) -> ActiveModel {
    let mandate = &verification.mandate;
    ActiveModel {
        id: Set(verification.id.uuid()),
        citizen_id: Set(verification.subject.citizen().map(CitizenId::uuid)),
        decoy: Set(verification.subject.is_decoy()),
        criterion: Set(verification.criterion.clone()),
        officer: Set(mandate.officer.to_string()),
        terminal_id: Set(mandate.terminal.as_ref().map(ToString::to_string)),
        institution_id: Set(mandate.institution.id().to_owned()),
        institution_name: Set(mandate.institution.name().to_owned()),
        institution_kind: Set(mandate.institution.kind().as_str().to_owned()),
        purpose: Set(mandate.purpose.clone()),
        legal_basis: Set(mandate.legal_basis.clone()),
        case_number: Set(mandate.case_number.to_string()),
        kind: Set(verification.kind.as_str().to_owned()),
        binding_text: Set(verification.binding_text.clone()),
        stage: Set(verification.stage.name().to_owned()),
        qualifier: Set(verification.stage.qualifier().to_owned()),
        opened_at: Set(verification.times.opened_at.millis()),
        updated_at: Set(verification.times.updated_at.millis()),
        expires_at: Set(verification.times.expires_at.millis()),
        visible_from: Set(verification.times.visible_from.millis()),
        revision: Set(revision),
    }
}

fn verification_of(row: Model) -> Result<Verification, UnreadableRow> {
    let bad = |column| UnreadableRow::new("verification", row.id, column);
    let terminal = row.terminal_id.as_deref().map(TerminalId::parse).transpose().map_err(|_| bad("terminal_id"))?;
    let institution_kind = InstitutionKind::named(&row.institution_kind).ok_or_else(|| bad("institution_kind"))?;
    Ok(Verification {
        id: VerificationId::from_uuid(row.id),
        subject: subject_of(row.decoy, row.citizen_id).ok_or_else(|| bad("citizen_id"))?,
        mandate: Mandate {
            officer: OfficerId::parse(&row.officer).map_err(|_| bad("officer"))?,
            terminal,
            institution: Institution::new(&row.institution_id, &row.institution_name, institution_kind)
                .map_err(|_| bad("institution_id"))?,
            case_number: CaseNumber::parse(&row.case_number).map_err(|_| bad("case_number"))?,
            purpose: row.purpose,
            legal_basis: row.legal_basis,
        },
        kind: DocumentKind::named(&row.kind).ok_or_else(|| bad("kind"))?,
        stage: Stage::named(&row.stage, &row.qualifier).ok_or_else(|| bad("stage"))?,
        criterion: row.criterion,
        binding_text: row.binding_text,
        times: Times {
            opened_at: Timestamp::from_millis(row.opened_at),
            updated_at: Timestamp::from_millis(row.updated_at),
            expires_at: Timestamp::from_millis(row.expires_at),
            visible_from: Timestamp::from_millis(row.visible_from),
        },
        revision: row.revision,
    })
}
