//! Numbers committed entries and puts them into the tree.
//!
//! Entries are written by many transactions at once, and a number given inside one of them could become visible out of order, or leave a gap when its
//! transaction fails. So they are numbered afterwards, by one sequencer a database: it takes what is committed (`READ COMMITTED`), numbers it, extends
//! the tree, signs the checkpoint and commits all of that together. Killed at any moment it leaves either the state before or the state after.
//!
//! Which replica is the sequencer says a lease row. The lease only spares replicas the contention; that two never number at once is the work of the lock
//! on that row, which each of them holds while it numbers.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveValue, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use straznica_store::Isolation;
use straznica_types::Timestamp;

use crate::encoding::{Digest, LeafFields, leaf_hash};
use crate::entity::{checkpoint, cosignature, journal, lease, tile};
use crate::note::{Checkpoint, SignedCheckpoint};
use crate::tree::{TileId, Tiles};
use crate::{Journal, JournalError};

/// The row of `journal_lease` that names the sequencer.
pub(crate) const LEASE_NAME: &str = "sequencer";
/// Pause after a failure, before the next attempt.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// Checkpoints nobody cosigned are kept this long.
const UNCOSIGNED_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How often those older are dropped: with the first batch of each hour.
const PRUNE_EVERY_MS: i64 = 60 * 60 * 1_000;

/// What one look for new entries came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sequenced {
    /// Everything is numbered.
    Idle,
    /// Another replica is the sequencer.
    Elsewhere,
    /// This many were numbered; the tree now has this size.
    Entries {
        /// How many.
        count: u64,
        /// Size of the tree.
        size: u64,
    },
}

impl Journal {
    /// Numbers entries for as long as it is polled: the job every service runs. Dropping it at any moment is safe.
    pub async fn run_sequencer(&self) -> Infallible {
        loop {
            let pause = match self.sequence().await {
                Ok(Sequenced::Entries { count, .. }) if count >= u64::from(self.inner.sequencer.batch) => {
                    Duration::ZERO
                }
                Ok(_) => Duration::from_millis(self.inner.sequencer.every_ms),
                Err(failure) => {
                    tracing::error!(error = &failure as &dyn std::error::Error, "entries could not be numbered");
                    PAUSE_AFTER_FAILURE
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Numbers what is committed now, at most one batch.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] when the tree or the last checkpoint was tampered with: nothing is built on it. Otherwise what the database says.
    pub async fn sequence(&self) -> Result<Sequenced, JournalError> {
        if self.unsequenced().await? == 0 {
            return Ok(Sequenced::Idle);
        }
        let outcome = self
            .inner
            .store
            .write_tx_with(Isolation::ReadCommitted, async |transaction| self.number(transaction).await)
            .await?;
        let Some((outcome, event_position)) = outcome else { return Ok(Sequenced::Elsewhere) };
        self.inner.events.send_replace(event_position);
        Ok(outcome)
    }

    /// Entries that are committed and not yet numbered.
    ///
    /// # Errors
    /// What the database says.
    pub async fn unsequenced(&self) -> Result<u64, JournalError> {
        let waiting = journal::Entity::find().filter(journal::Column::LeafIndex.is_null());
        Ok(waiting.count(self.inner.store.reader()).await?)
    }

    async fn number(&self, transaction: &DatabaseTransaction) -> Result<Option<(Sequenced, u64)>, JournalError> {
        let now = self.inner.clock.now();
        let Some(lease) = self.take_lease(transaction, now).await? else { return Ok(None) };
        let size = unsigned(lease.tree_size)?;
        let mut tiles = load_tiles(transaction, Tiles::of_edge(size)).await?;
        let last_at = self.check_foundation(transaction, size, &tiles).await?;
        let rows = journal::Entity::find()
            .filter(journal::Column::LeafIndex.is_null())
            .order_by_asc(journal::Column::RowNumber)
            .limit(u64::from(self.inner.sequencer.batch))
            .all(transaction)
            .await?;
        if rows.is_empty() {
            return Ok(Some((Sequenced::Idle, unsigned(lease.event_position)?)));
        }
        for (index, row) in (size..).zip(&rows) {
            tiles.append(index, row_leaf(row)?);
        }
        let with_event: Vec<i64> =
            rows.iter().filter(|row| row.event_digest.is_some()).map(|row| row.row_number).collect();
        let all: Vec<i64> = rows.iter().map(|row| row.row_number).collect();
        let count = all.len() as u64;
        number_rows(transaction, &all, lease.tree_size).await?;
        number_events(transaction, &with_event, lease.event_position + 1).await?;
        store_tiles(transaction, &tiles).await?;
        let new_size = size + count;
        let root = tiles.root(new_size).ok_or(JournalError::Damaged("a tile of the tree is missing"))?;
        self.store_checkpoint(transaction, new_size, root, now).await?;
        if last_at.is_some_and(|last| last.millis() / PRUNE_EVERY_MS != now.millis() / PRUNE_EVERY_MS) {
            prune_checkpoints(transaction, new_size, now).await?;
        }
        let event_position = lease.event_position + signed(with_event.len() as u64);
        lease::Entity::update_many()
            .col_expr(lease::Column::TreeSize, Expr::value(signed(new_size)))
            .col_expr(lease::Column::EventPosition, Expr::value(event_position))
            .filter(lease::Column::Name.eq(LEASE_NAME))
            .exec(transaction)
            .await?;
        Ok(Some((Sequenced::Entries { count, size: new_size }, unsigned(event_position)?)))
    }

    /// Takes or prolongs the lease; the row stays locked to the end of the transaction. `None` when another holds it.
    async fn take_lease(
        &self,
        transaction: &DatabaseTransaction,
        now: Timestamp,
    ) -> Result<Option<lease::Model>, JournalError> {
        let until = now + Duration::from_millis(self.inner.sequencer.lease_ms);
        let taken = lease::Entity::update_many()
            .col_expr(lease::Column::Holder, Expr::value(self.inner.holder.clone()))
            .col_expr(lease::Column::ExpiresAt, Expr::value(until.millis()))
            .filter(lease::Column::Name.eq(LEASE_NAME))
            .filter(
                Condition::any()
                    .add(lease::Column::Holder.eq(self.inner.holder.as_str()))
                    .add(lease::Column::ExpiresAt.lte(now.millis())),
            )
            .exec(transaction)
            .await?;
        let row = lease::Entity::find_by_id(LEASE_NAME).one(transaction).await?;
        let row = row.ok_or(JournalError::Damaged("the row of the sequencer is missing"))?;
        Ok((taken.rows_affected == 1).then_some(row))
    }

    /// What the new entries are put on must be what this log signed last. Returns when that was.
    async fn check_foundation(
        &self,
        transaction: &DatabaseTransaction,
        size: u64,
        tiles: &Tiles,
    ) -> Result<Option<Timestamp>, JournalError> {
        if size == 0 {
            return Ok(None);
        }
        let last = checkpoint::Entity::find().order_by_desc(checkpoint::Column::Size).one(transaction).await?;
        let last = last.ok_or(JournalError::Damaged("the last checkpoint is missing"))?;
        let note: SignedCheckpoint = last.note.parse()?;
        note.verify_log(self.verifier_key())
            .map_err(|_| JournalError::Damaged("the last checkpoint is not signed by this log's key"))?;
        if note.checkpoint.size != size {
            return Err(JournalError::Damaged("the last checkpoint is not of the tree's size"));
        }
        if !tiles.edge_is_exact(size) {
            return Err(JournalError::Damaged("a tile at the edge of the tree is longer or shorter than the tree"));
        }
        if tiles.root(size) != Some(note.checkpoint.root) {
            return Err(JournalError::Damaged("the tree does not have the root that was signed last"));
        }
        Ok(Some(Timestamp::from_millis(last.at)))
    }

    async fn store_checkpoint(
        &self,
        transaction: &DatabaseTransaction,
        size: u64,
        root: Digest,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let signed_note = self.inner.signer.sign(Checkpoint { origin: self.origin().to_owned(), size, root });
        let row = checkpoint::ActiveModel {
            size: ActiveValue::Set(signed(size)),
            root: ActiveValue::Set(root.to_vec()),
            note: ActiveValue::Set(signed_note.to_string()),
            at: ActiveValue::Set(now.millis()),
        };
        checkpoint::Entity::insert(row).exec_without_returning(transaction).await?;
        Ok(())
    }
}

/// Drops old checkpoints nobody cosigned: the newer ones say as much.
async fn prune_checkpoints(transaction: &DatabaseTransaction, newest: u64, now: Timestamp) -> Result<(), JournalError> {
    let cosigned = Query::select().column(cosignature::Column::Size).from(cosignature::Entity).to_owned();
    checkpoint::Entity::delete_many()
        .filter(checkpoint::Column::At.lt((now - UNCOSIGNED_KEPT).millis()))
        .filter(checkpoint::Column::Size.lt(signed(newest)))
        .filter(checkpoint::Column::Size.not_in_subquery(cosigned))
        .exec(transaction)
        .await?;
    Ok(())
}

/// The leaf hash of a stored entry.
pub(crate) fn row_leaf(row: &journal::Model) -> Result<Digest, JournalError> {
    Ok(leaf_hash(&LeafFields {
        entry_id: row.entry_id,
        at_ms: row.at,
        actor: &row.actor,
        terminal: &row.terminal,
        officer: &row.officer,
        purpose: &row.purpose,
        request_id: &row.request_id,
        kind: &row.kind,
        legal_basis: &row.legal_basis,
        payload_digest: digest_of(&row.payload_digest)?,
        event_digest: row.event_digest.as_deref().map(digest_of).transpose()?,
    }))
}

/// A stored digest; the columns' checks hold them to 32 bytes.
pub(crate) fn digest_of(bytes: &[u8]) -> Result<Digest, JournalError> {
    bytes.try_into().map_err(|_| JournalError::Damaged("a stored digest is not 32 bytes"))
}

/// Sizes and positions are `i64` in the database; a tree never comes near the difference.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(number: i64) -> Result<u64, JournalError> {
    u64::try_from(number).map_err(|_| JournalError::Damaged("a stored size or position is negative"))
}

/// Reads the tiles that exist of those asked for.
pub(crate) async fn load_tiles(
    connection: &impl ConnectionTrait,
    ids: BTreeSet<TileId>,
) -> Result<Tiles, JournalError> {
    let mut tiles = Tiles::default();
    if ids.is_empty() {
        return Ok(tiles);
    }
    let wanted = ids.iter().fold(Condition::any(), |wanted, id| {
        let place = tile::Column::Level.eq(i64::from(id.level)).and(tile::Column::Number.eq(signed(id.number)));
        wanted.add(place)
    });
    for row in tile::Entity::find().filter(wanted).all(connection).await? {
        let level = u32::try_from(row.level).map_err(|_| JournalError::Damaged("a tile has an impossible level"))?;
        tiles.load(TileId { level, number: unsigned(row.number)? }, row.hashes);
    }
    Ok(tiles)
}

async fn store_tiles(transaction: &DatabaseTransaction, tiles: &Tiles) -> Result<(), JournalError> {
    let rows: Vec<_> = tiles
        .changed()
        .map(|(id, hashes)| tile::ActiveModel {
            level: ActiveValue::Set(i64::from(id.level)),
            number: ActiveValue::Set(signed(id.number)),
            hashes: ActiveValue::Set(hashes.to_vec()),
        })
        .collect();
    tile::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([tile::Column::Level, tile::Column::Number])
                .update_column(tile::Column::Hashes)
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

async fn number_rows(transaction: &DatabaseTransaction, rows: &[i64], first: i64) -> Result<(), JournalError> {
    let sql = format!(
        "UPDATE journal SET leaf_index = numbered.column2 FROM ({}) AS numbered WHERE row_number = numbered.column1",
        pairs(rows, first)
    );
    let updated = transaction.execute_unprepared(&sql).await?.rows_affected();
    if updated != rows.len() as u64 {
        return Err(JournalError::Damaged("entries vanished while they were numbered"));
    }
    Ok(())
}

async fn number_events(transaction: &DatabaseTransaction, rows: &[i64], first: i64) -> Result<(), JournalError> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE event SET position = numbered.column2 FROM ({}) AS numbered, journal \
         WHERE journal.row_number = numbered.column1 AND event.entry_id = journal.entry_id",
        pairs(rows, first)
    );
    let updated = transaction.execute_unprepared(&sql).await?.rows_affected();
    if updated != rows.len() as u64 {
        return Err(JournalError::Damaged("an entry lacks the event whose digest it holds"));
    }
    Ok(())
}

/// `VALUES (row, number), …` with numbers from `first`: whole numbers only, so nothing needs binding, and the same on both engines.
fn pairs(rows: &[i64], first: i64) -> String {
    let mut sql = String::from("VALUES ");
    for (number, row) in (first..).zip(rows) {
        let comma = if number == first { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(sql, "{comma}({row}, {number})");
    }
    sql
}
