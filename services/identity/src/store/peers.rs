//! Queries on citizens' questions about each other's documents.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use straznica_types::Timestamp;

use super::entity::peer_check::{ActiveModel, Column, Entity, Model};
use super::rows::{UnreadableRow, subject_of};
use crate::domain::verification::{
    CitizenId, DocumentKind, PeerCheck, Stage, Times, VerificationId, VerificationRefusal,
};
use crate::error::IdentityError;

/// A question as kept: the asking one's name is encrypted.
#[derive(Debug, Clone)]
pub(crate) struct KeptPeerCheck {
    pub(crate) check: PeerCheck,
    pub(crate) asker_name_sealed: Vec<u8>,
}

/// Writes a new one.
pub(crate) async fn insert_peer_check(
    tx: &DatabaseTransaction,
    check: &PeerCheck,
    asker_name_sealed: &[u8],
) -> Result<(), DbErr> {
    let row = ActiveModel { asker_name_sealed: Set(asker_name_sealed.to_vec()), ..row_of(check, check.revision) };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// One question.
pub(crate) async fn find_peer_check(
    connection: &impl ConnectionTrait,
    id: VerificationId,
) -> Result<KeptPeerCheck, IdentityError> {
    let row = Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(check_of(row.ok_or(VerificationRefusal::Unknown)?)?)
}

/// Writes a question if nobody changed it since it was read; `false` if somebody did.
pub(crate) async fn update_peer_check(tx: &DatabaseTransaction, check: &PeerCheck) -> Result<bool, DbErr> {
    let updated = Entity::update_many()
        .set(row_of(check, check.revision + 1))
        .filter(Column::Id.eq(check.id.uuid()))
        .filter(Column::Revision.eq(check.revision))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Questions that should have ended by `before`, oldest first, so many at most.
pub(crate) async fn overdue_peer_checks(
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

/// What a citizen asked and was asked, newest first.
pub(crate) async fn peer_checks_of(
    connection: &impl ConnectionTrait,
    citizen: CitizenId,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<KeptPeerCheck>, IdentityError> {
    let either = Condition::any().add(Column::CitizenId.eq(citizen.uuid())).add(Column::AskerId.eq(citizen.uuid()));
    let rows = Entity::find()
        .filter(either)
        .filter(Column::OpenedAt.lt(before.millis()))
        .order_by_desc(Column::OpenedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(connection)
        .await?;
    rows.into_iter().map(|row| Ok(check_of(row)?)).collect()
}

fn row_of(check: &PeerCheck, revision: i64) -> ActiveModel {
    ActiveModel {
        id: Set(check.id.uuid()),
        asker_id: Set(check.asker.uuid()),
        asker_name_sealed: NotSet,
        citizen_id: Set(check.subject.citizen().map(CitizenId::uuid)),
        decoy: Set(check.subject.is_decoy()),
        criterion: Set(check.criterion.clone()),
        kind: Set(check.kind.as_str().to_owned()),
        stage: Set(check.stage.name().to_owned()),
        qualifier: Set(check.stage.qualifier().to_owned()),
        opened_at: Set(check.times.opened_at.millis()),
        updated_at: Set(check.times.updated_at.millis()),
        expires_at: Set(check.times.expires_at.millis()),
        revision: Set(revision),
    }
}

fn check_of(row: Model) -> Result<KeptPeerCheck, UnreadableRow> {
    let bad = |column| UnreadableRow::new("peer_check", row.id, column);
    let opened_at = Timestamp::from_millis(row.opened_at);
    let check = PeerCheck {
        id: VerificationId::from_uuid(row.id),
        asker: CitizenId::from_uuid(row.asker_id),
        subject: subject_of(row.decoy, row.citizen_id).ok_or_else(|| bad("citizen_id"))?,
        kind: DocumentKind::named(&row.kind).ok_or_else(|| bad("kind"))?,
        stage: Stage::named(&row.stage, &row.qualifier).ok_or_else(|| bad("stage"))?,
        criterion: row.criterion,
        times: Times {
            opened_at,
            updated_at: Timestamp::from_millis(row.updated_at),
            expires_at: Timestamp::from_millis(row.expires_at),
            visible_from: opened_at,
        },
        revision: row.revision,
    };
    Ok(KeptPeerCheck { check, asker_name_sealed: row.asker_name_sealed })
}
