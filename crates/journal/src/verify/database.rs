//! The lines of a journal out of its database, and what else a database must satisfy.

use std::collections::{HashMap, VecDeque};

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use straznica_store::Store;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use uuid::Uuid;

use super::line::{ExportedEntry, ExportedPayload, FORMAT, Line};
use super::report::{FindingCode, Report};
use super::verifier::{Options, Verifier};
use crate::JournalError;
use crate::encoding::{Digest, event_digest};
use crate::entity::{checkpoint, cosignature, event, journal, lease, payload};
use crate::note::VerifierKey;
use crate::sequencer::{LEASE_NAME, load_tiles, row_leaf, signed, unsigned};
use crate::tree::{LeafRange, Tiles};

/// Entries read at once.
const PAGE: u64 = 500;

/// Verifies the journal in a database.
///
/// # Errors
/// When the database cannot be read. What is wrong in it is in the report.
pub async fn verify_database(store: &Store, options: &Options) -> Result<Report, JournalError> {
    store
        .read_tx(async |snapshot| {
            let mut verifier = Verifier::new(options);
            let mut walk = Walk::begin(snapshot, options.log_key.as_ref()).await?;
            while let Some(step) = walk.next().await? {
                match step {
                    Step::Line(line) => verifier.line(&line),
                    Step::Missing(leaf) => verifier.missing(leaf),
                    Step::Tile { position } => {
                        verifier.report.add(FindingCode::TileAltered, position, "the stored tree has no leaf here");
                    }
                }
            }
            check_tree(snapshot, &mut verifier).await?;
            check_events(snapshot, &mut verifier.report).await?;
            Ok(verifier.finish())
        })
        .await
}

/// Writes the journal of a database as an export. Returns how many entries there are in it.
///
/// # Errors
/// [`JournalError::Damaged`] when the journal cannot be exported whole; [`JournalError::Export`] when the export cannot be written.
pub async fn export(
    store: &Store,
    log_key: &VerifierKey,
    mut to: impl AsyncWrite + Unpin,
) -> Result<u64, JournalError> {
    store
        .read_tx(async |snapshot| {
            let mut walk = Walk::begin(snapshot, Some(log_key)).await?;
            while let Some(step) = walk.next().await? {
                let Step::Line(line) = step else { return Err(JournalError::Damaged("an entry is missing")) };
                let mut text = serde_json::to_vec(&line).map_err(JournalError::Detail)?;
                text.push(b'\n');
                to.write_all(&text).await.map_err(JournalError::Export)?;
            }
            to.flush().await.map_err(JournalError::Export)?;
            Ok(walk.size)
        })
        .await
}

enum Step {
    Line(Line),
    /// No entry; the leaf hash the tree has there.
    Missing(Option<Digest>),
    /// The entry is there, the tree's leaf hash is not.
    Tile {
        position: u64,
    },
}

/// A pass over the tables in the order of the tree.
struct Walk<'a> {
    reader: &'a DatabaseTransaction,
    begin: Option<Line>,
    /// Entries that are there, or that were signed and have to be.
    size: u64,
    next: u64,
    checkpoints: VecDeque<checkpoint::Model>,
    last_checkpoint: i64,
    page: VecDeque<Step>,
    ended: bool,
}

impl<'a> Walk<'a> {
    async fn begin(reader: &'a DatabaseTransaction, log_key: Option<&VerifierKey>) -> Result<Self, JournalError> {
        let last = journal::Entity::find()
            .filter(journal::Column::LeafIndex.is_not_null())
            .order_by_desc(journal::Column::LeafIndex)
            .one(reader)
            .await?;
        let there = last.and_then(|row| row.leaf_index).map_or(0, |index| index + 1);
        let newest = checkpoint::Entity::find().order_by_desc(checkpoint::Column::Size).one(reader).await?;
        let signed_size = newest.as_ref().map_or(0, |newest| newest.size);
        // Without a key the name is what the newest checkpoint says: it is for the report only.
        let origin = match (log_key, &newest) {
            (Some(key), _) => key.name().to_owned(),
            (None, Some(newest)) => newest.note.lines().next().unwrap_or_default().to_owned(),
            (None, None) => String::new(),
        };
        let begin =
            Line::Journal { format: FORMAT.to_owned(), origin, verifier_key: log_key.map(VerifierKey::to_string) };
        Ok(Self {
            reader,
            begin: Some(begin),
            size: unsigned(there.max(signed_size))?,
            next: 0,
            checkpoints: VecDeque::new(),
            last_checkpoint: -1,
            page: VecDeque::new(),
            ended: false,
        })
    }

    async fn next(&mut self) -> Result<Option<Step>, JournalError> {
        if let Some(line) = self.begin.take() {
            return Ok(Some(Step::Line(line)));
        }
        if let Some(row) = self.due_checkpoint().await? {
            return Ok(Some(Step::Line(self.checkpoint(row).await?)));
        }
        if self.next < self.size {
            if self.page.is_empty() {
                self.read_page().await?;
            }
            let step = self.page.pop_front();
            match step {
                // Neither entry nor leaf: what a checkpoint claims beyond is claimed only, however large it says the tree is.
                Some(Step::Missing(None)) => self.size = self.next,
                // Comes before the entry it is about.
                Some(Step::Tile { .. }) => {}
                _ => self.next += 1,
            }
            return Ok(step);
        }
        if self.ended {
            return Ok(None);
        }
        self.ended = true;
        let unnumbered = journal::Entity::find().filter(journal::Column::LeafIndex.is_null());
        let unsequenced = unnumbered.count(self.reader).await?;
        Ok(Some(Step::Line(Line::End { entries: self.size, unsequenced })))
    }

    /// The next checkpoint, if its last entry is behind us.
    async fn due_checkpoint(&mut self) -> Result<Option<checkpoint::Model>, JournalError> {
        if self.checkpoints.is_empty() {
            let page = checkpoint::Entity::find()
                .filter(checkpoint::Column::Size.gt(self.last_checkpoint))
                .order_by_asc(checkpoint::Column::Size)
                .limit(PAGE);
            self.checkpoints = page.all(self.reader).await?.into();
            self.last_checkpoint = self.checkpoints.back().map_or(i64::MAX, |row| row.size);
        }
        let (passed, at_end) = (signed(self.next), self.next >= self.size);
        Ok(self.checkpoints.pop_front_if(|row| row.size <= passed || at_end))
    }

    async fn read_page(&mut self) -> Result<(), JournalError> {
        let end = self.size.min(self.next + PAGE);
        let rows = journal::Entity::find()
            .filter(journal::Column::LeafIndex.gte(signed(self.next)))
            .filter(journal::Column::LeafIndex.lt(signed(end)))
            .order_by_asc(journal::Column::LeafIndex)
            .find_also_related(payload::Entity)
            .all(self.reader)
            .await?;
        let mut rows: HashMap<i64, _> =
            rows.into_iter().filter_map(|(row, payload)| Some((row.leaf_index?, (row, payload)))).collect();
        let leaves = |index| LeafRange { start: index, end: index + 1 };
        let ids = (self.next..end).flat_map(|index| Tiles::of_range(leaves(index))).collect();
        let tiles = load_tiles(self.reader, ids).await?;
        for index in self.next..end {
            let leaf = tiles.range_hash(leaves(index));
            match rows.remove(&signed(index)) {
                None => self.page.push_back(Step::Missing(leaf)),
                Some((row, payload)) => {
                    if leaf.is_none() {
                        self.page.push_back(Step::Tile { position: index });
                    }
                    // Without the tree's own leaf hash the computed one is all there is; the roots will tell.
                    let leaf = leaf.map_or_else(|| row_leaf(&row), Ok)?;
                    self.page.push_back(Step::Line(Line::Entry(Box::new(exported(index, row, payload, leaf)))));
                }
            }
        }
        Ok(())
    }

    async fn checkpoint(&self, row: checkpoint::Model) -> Result<Line, JournalError> {
        let cosignatures =
            cosignature::Entity::find().filter(cosignature::Column::Size.eq(row.size)).all(self.reader).await?;
        let mut note = row.note;
        let mut witness_keys = Vec::new();
        for cosignature in cosignatures {
            note.push_str(&cosignature.line);
            note.push('\n');
            witness_keys.push(cosignature.verifier_key);
        }
        Ok(Line::Checkpoint { note, witness_keys })
    }
}

fn exported(index: u64, row: journal::Model, payload: Option<payload::Model>, leaf: Digest) -> ExportedEntry {
    let erased_by: Option<Uuid> = payload.as_ref().and_then(|payload| payload.erased_by);
    let payload = payload.and_then(|payload| {
        Some(ExportedPayload {
            salt: hex::encode(payload.salt?),
            subject: payload.subject?,
            case_number: payload.case_number?,
            detail: payload.detail?,
        })
    });
    ExportedEntry {
        leaf_index: index,
        entry_id: row.entry_id,
        at_ms: row.at,
        actor: row.actor,
        terminal: row.terminal,
        officer: row.officer,
        purpose: row.purpose,
        request_id: row.request_id,
        kind: row.kind,
        legal_basis: row.legal_basis,
        payload_digest: hex::encode(row.payload_digest),
        payload,
        erased_by,
        event_digest: row.event_digest.map(hex::encode),
        leaf_hash: hex::encode(leaf),
    }
}

/// The tiles above the lowest, and the sequencer's own count.
async fn check_tree(reader: &DatabaseTransaction, verifier: &mut Verifier<'_>) -> Result<(), JournalError> {
    let size = verifier.size();
    let tiles = load_tiles(reader, Tiles::of_edge(size)).await?;
    if tiles.root(size) != Some(verifier.root()) {
        verifier.report.add(FindingCode::TileAltered, size, "the stored tree has another root than its entries");
    }
    let lease = lease::Entity::find_by_id(LEASE_NAME).one(reader).await?;
    if lease.is_none_or(|lease| lease.tree_size != signed(size)) {
        verifier.report.add(FindingCode::EntryMisplaced, size, "the sequencer numbered another number of entries");
    }
    Ok(())
}

/// Events against the digests in their entries, and their order.
async fn check_events(reader: &DatabaseTransaction, report: &mut Report) -> Result<(), JournalError> {
    let mut after = 0;
    let mut expected: Option<i64> = None;
    let mut last_leaf = -1;
    loop {
        let rows = event::Entity::find()
            .filter(event::Column::Position.gt(after))
            .order_by_asc(event::Column::Position)
            .limit(PAGE)
            .find_also_related(journal::Entity)
            .all(reader)
            .await?;
        let Some(position) = rows.last().and_then(|(event, _)| event.position) else { break };
        after = position;
        for (event, entry) in rows {
            let position = event.position.unwrap_or_default();
            let place = unsigned(position)?;
            if expected.is_some_and(|expected| expected != position) {
                report.add(FindingCode::EventMissing, place, "an event before this one is gone");
            }
            expected = Some(position + 1);
            let Some(entry) = entry else {
                report.add(FindingCode::EventAltered, place, "the event has no entry");
                continue;
            };
            let leaf = entry.leaf_index.unwrap_or_default();
            if leaf <= last_leaf {
                report.add(FindingCode::EventMissing, place, "the event is out of order");
            }
            last_leaf = leaf;
            let computed = event_digest(&event.type_name, &event.payload);
            if entry.event_digest.as_deref() != Some(computed.as_slice()) {
                report.add(FindingCode::EventAltered, place, "the event does not have the digest in its entry");
            }
            // Its time is told to followers and decides its retention; the digest does not cover it, the entry's own time is the same.
            if event.at != entry.at {
                report.add(FindingCode::EventAltered, place, "the event does not have the time of its entry");
            }
        }
    }
    let lease = lease::Entity::find_by_id(LEASE_NAME).one(reader).await?;
    if let (Some(expected), Some(lease)) = (expected, lease)
        && lease.event_position + 1 > expected
    {
        report.add(FindingCode::EventMissing, unsigned(expected)?, "the newest events are gone");
    }
    Ok(())
}
