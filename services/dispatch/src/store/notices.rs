//! Queries on notices.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait as _, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};
use straznica_types::Timestamp;

use super::chunks::lists;
use super::entity::notice::{ActiveModel, Column, Entity, Model};
use super::rows::UnreadableRow;
use crate::domain::{Institution, Notice, NoticeId, NoticeState};
use crate::error::DispatchError;

/// Writes a new notice.
pub(crate) async fn insert_notice(tx: &DatabaseTransaction, notice: &Notice) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(notice.id.uuid()),
        institution: Set(notice.institution.to_string()),
        template: Set(notice.template.clone()),
        version: Set(i64::from(notice.version)),
        valid_hours: Set(i64::from(notice.valid_hours)),
        state: Set(notice.state.as_str().to_owned()),
        created_by: Set(notice.created_by.clone()),
        created_at: Set(notice.created_at.millis()),
        proposed_by: Set(notice.proposed_by.clone()),
        started_by: Set(notice.started_by.clone()),
        started_at: Set(notice.started_at.map(Timestamp::millis)),
        ended_at: Set(notice.ended_at.map(Timestamp::millis)),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// One notice, of whatever institution.
pub(crate) async fn find_notice(
    connection: &impl ConnectionTrait,
    id: NoticeId,
) -> Result<Option<Notice>, DispatchError> {
    let row = Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(row.map(notice_of).transpose()?)
}

/// Several of them.
pub(crate) async fn find_notices(
    connection: &impl ConnectionTrait,
    ids: &[NoticeId],
) -> Result<Vec<Notice>, DispatchError> {
    let mut found = Vec::with_capacity(ids.len());
    for list in lists(ids) {
        let rows =
            Entity::find().filter(Column::Id.is_in(list.into_iter().map(NoticeId::uuid))).all(connection).await?;
        for row in rows {
            found.push(notice_of(row)?);
        }
    }
    Ok(found)
}

/// Notices of an institution before an id, the greatest first, so many at most.
pub(crate) async fn notices_before(
    connection: &impl ConnectionTrait,
    institution: &Institution,
    before: Option<NoticeId>,
    most: u64,
) -> Result<Vec<Notice>, DispatchError> {
    let mut found = Entity::find().filter(Column::Institution.eq(institution.as_str()));
    if let Some(before) = before {
        found = found.filter(Column::Id.lt(before.uuid()));
    }
    let rows = found.order_by_desc(Column::Id).limit(most).all(connection).await?;
    rows.into_iter().map(|row| Ok(notice_of(row)?)).collect()
}

/// How many notices of an institution are not over.
pub(crate) async fn count_open_notices(
    connection: &impl ConnectionTrait,
    institution: &Institution,
) -> Result<u64, DbErr> {
    let over = NoticeState::ALL.into_iter().filter(|state| state.is_over()).map(NoticeState::as_str);
    Entity::find()
        .filter(Column::Institution.eq(institution.as_str()))
        .filter(Column::State.is_not_in(over))
        .count(connection)
        .await
}

/// Notices whose messages go out, those that began first before the others.
pub(crate) async fn running_notices(connection: &impl ConnectionTrait) -> Result<Vec<Notice>, DispatchError> {
    let rows = Entity::find()
        .filter(Column::State.eq(NoticeState::Running.as_str()))
        .order_by_asc(Column::StartedAt)
        .all(connection)
        .await?;
    rows.into_iter().map(|row| Ok(notice_of(row)?)).collect()
}

/// Takes a notice from one of these states to another; tells whether it was there. `by` is written down where it is proposed or begun.
pub(crate) async fn move_notice(
    tx: &DatabaseTransaction,
    id: NoticeId,
    from: &[NoticeState],
    to: NoticeState,
    by: &str,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let change = Entity::update_many().col_expr(Column::State, Expr::value(to.as_str()));
    let change = match to {
        NoticeState::Prepared => change,
        NoticeState::Proposed => change.col_expr(Column::ProposedBy, Expr::value(by)),
        NoticeState::Running => {
            change.col_expr(Column::StartedBy, Expr::value(by)).col_expr(Column::StartedAt, Expr::value(now.millis()))
        }
        NoticeState::Stopped | NoticeState::Finished => change.col_expr(Column::EndedAt, Expr::value(now.millis())),
    };
    let moved = change
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::State.is_in(from.iter().map(|state| state.as_str())))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// Deletes notices with their recipients: those that ended before `before`, and those prepared before it and never begun. Returns how many notices.
pub(crate) async fn delete_old_notices(tx: &DatabaseTransaction, before: Timestamp) -> Result<u64, DbErr> {
    let old = "state <> 'running' AND COALESCE(ended_at, created_at) < $1";
    let recipients = format!("DELETE FROM notice_recipient WHERE notice_id IN (SELECT id FROM notice WHERE {old})");
    let notices = format!("DELETE FROM notice WHERE {old}");
    let mut deleted = 0;
    for sql in [recipients, notices] {
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, [before.millis().into()]);
        deleted = tx.execute_raw(statement).await?.rows_affected();
    }
    Ok(deleted)
}

fn notice_of(row: Model) -> Result<Notice, UnreadableRow> {
    let bad = |column| UnreadableRow { table: "notice", id: row.id.to_string(), column };
    Ok(Notice {
        id: NoticeId::from_uuid(row.id),
        institution: Institution::parse(&row.institution).map_err(|_| bad("institution"))?,
        version: u32::try_from(row.version).map_err(|_| bad("version"))?,
        valid_hours: u32::try_from(row.valid_hours).map_err(|_| bad("valid_hours"))?,
        state: NoticeState::from_name(&row.state).ok_or_else(|| bad("state"))?,
        template: row.template,
        created_by: row.created_by,
        created_at: Timestamp::from_millis(row.created_at),
        proposed_by: row.proposed_by,
        started_by: row.started_by,
        started_at: row.started_at.map(Timestamp::from_millis),
        ended_at: row.ended_at.map(Timestamp::from_millis),
    })
}
