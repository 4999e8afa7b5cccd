//! Reading and writing terminals.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_store::StoreError;
use straznica_types::{OfficerId, TerminalId, Timestamp};

use super::entity::terminal::{ActiveModel, Column, Entity, Model};
use crate::{
    domain::terminal::{Standing, Suspension, Terminal},
    error::GatewayError,
};

const ACTIVE: &str = "active";
const SUSPENDED: &str = "suspended";

/// The terminal, if it is enrolled.
pub(crate) async fn find(database: &impl ConnectionTrait, id: &TerminalId) -> Result<Option<Terminal>, GatewayError> {
    let row = Entity::find_by_id(id.as_str()).one(database).await.map_err(StoreError::from)?;
    row.map(terminal_of).transpose()
}

/// At most `limit` terminals after an id, in the order of their ids.
pub(crate) async fn page(
    database: &impl ConnectionTrait,
    after: Option<&TerminalId>,
    limit: u64,
) -> Result<Vec<Terminal>, GatewayError> {
    let mut query = Entity::find().order_by_asc(Column::TerminalId).limit(limit);
    if let Some(after) = after {
        query = query.filter(Column::TerminalId.gt(after.as_str()));
    }
    let rows = query.all(database).await.map_err(StoreError::from)?;
    rows.into_iter().map(terminal_of).collect()
}

/// A new terminal; [`StoreError::Duplicate`] when the id is enrolled.
pub(crate) async fn insert(database: &impl ConnectionTrait, terminal: &Terminal) -> Result<(), StoreError> {
    Entity::insert(row_of(terminal)).exec_without_returning(database).await?;
    Ok(())
}

/// A changed terminal.
pub(crate) async fn update(database: &impl ConnectionTrait, terminal: &Terminal) -> Result<(), StoreError> {
    row_of(terminal).reset_all().update(database).await?;
    Ok(())
}

fn row_of(terminal: &Terminal) -> ActiveModel {
    let (state, suspension) = match &terminal.standing {
        Standing::Active => (ACTIVE, None),
        Standing::Suspended(suspension) => (SUSPENDED, Some(suspension)),
    };
    Model {
        terminal_id: terminal.id.to_string(),
        state: state.to_owned(),
        pinned_certificate: terminal.pinned_certificate.map(Vec::from),
        note: terminal.note.clone(),
        enrolled_at: terminal.enrolled_at.millis(),
        enrolled_by: terminal.enrolled_by.to_string(),
        suspension_reason: suspension.map(|suspension| suspension.reason.clone()),
        suspended_at: suspension.map(|suspension| suspension.since.millis()),
        suspended_by: suspension.map(|suspension| suspension.by.to_string()),
        version: terminal.version,
    }
    .into_active_model()
}

/// A row that does not make sense is not guessed at: the terminal is then neither admitted nor changed.
fn terminal_of(row: Model) -> Result<Terminal, GatewayError> {
    let corrupt = || GatewayError::CorruptRow { table: "terminal" };
    let officer = |text: &str| OfficerId::parse(text).map_err(|_| corrupt());
    let standing = match (row.state.as_str(), row.suspension_reason, row.suspended_at, row.suspended_by) {
        (ACTIVE, None, None, None) => Standing::Active,
        (SUSPENDED, Some(reason), Some(since), Some(by)) => {
            Standing::Suspended(Suspension { reason, since: Timestamp::from_millis(since), by: officer(&by)? })
        }
        _ => return Err(corrupt()),
    };
    Ok(Terminal {
        id: TerminalId::parse(&row.terminal_id).map_err(|_| corrupt())?,
        pinned_certificate: row
            .pinned_certificate
            .map(|pinned| pinned.try_into().map_err(|_| corrupt()))
            .transpose()?,
        note: row.note,
        enrolled_at: Timestamp::from_millis(row.enrolled_at),
        enrolled_by: officer(&row.enrolled_by)?,
        standing,
        version: row.version,
    })
}
