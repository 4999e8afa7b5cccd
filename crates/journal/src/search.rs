//! Reading the journal, for security officers. The reading is an entry itself, written before the data leave.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SelectTwo};
use serde_json::json;
use straznica_types::{EntryId, Timestamp};

use crate::entity::{journal, payload};
use crate::sequencer::{signed, unsigned};
use crate::{Context, Entry, Journal, JournalError};

/// Most entries of one answer.
pub const SEARCH_LIMIT: u64 = 500;

/// Which entries to find; empty and `None` mean: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Only this kind.
    pub kind: String,
    /// Only this officer's.
    pub officer: String,
    /// Only this terminal's.
    pub terminal: String,
    /// Only about this subject (pseudonym, hexadecimal).
    pub subject: String,
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub to: Option<Timestamp>,
    /// At most this many, up to [`SEARCH_LIMIT`]; 0 means 100.
    pub limit: u64,
    /// Only entries before this position; `None`: from the newest, those not yet numbered first.
    pub before: Option<u64>,
}

/// An entry as found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundEntry {
    /// Its id.
    pub id: EntryId,
    /// Position in the tree; absent while it is not yet numbered.
    pub leaf_index: Option<u64>,
    /// When.
    pub at: Timestamp,
    /// Who, for whom, why.
    pub context: Context,
    /// What was done.
    pub kind: String,
    /// Whom or what it was about: pseudonym, or empty.
    pub subject: String,
    /// Act and article.
    pub legal_basis: String,
    /// What else it says, JSON. Empty once erased.
    pub detail: String,
}

impl Journal {
    /// Finds entries, newest first. `reader` says who reads and why; officer and purpose are needed.
    ///
    /// # Errors
    /// [`JournalError::Request`] without officer or purpose; when the reading could not be journalled, nothing is shown.
    pub async fn search(&self, reader: Context, search: &Search) -> Result<Vec<FoundEntry>, JournalError> {
        if reader.officer.is_empty() {
            return Err(JournalError::Request("context.officer"));
        }
        if reader.purpose.is_empty() {
            return Err(JournalError::Request("context.purpose"));
        }
        let limit = match search.limit {
            0 => 100,
            limit => limit.min(SEARCH_LIMIT),
        };
        let mut found = Vec::new();
        if search.before.is_none() {
            let unnumbered = filtered(search)
                .filter(journal::Column::LeafIndex.is_null())
                .order_by_desc(journal::Column::RowNumber)
                .limit(limit);
            self.append(&mut found, unnumbered).await?;
        }
        let left = limit - found.len() as u64;
        if left > 0 {
            let mut numbered = filtered(search).filter(journal::Column::LeafIndex.is_not_null());
            if let Some(before) = search.before {
                numbered = numbered.filter(journal::Column::LeafIndex.lt(signed(before)));
            }
            let numbered = numbered.order_by_desc(journal::Column::LeafIndex).limit(left);
            let waiting = found.len();
            self.append(&mut found, numbered).await?;
            forget_who_got_a_number(&mut found, waiting);
        }
        let detail = json!({
            "kind": search.kind,
            "officer": search.officer,
            "terminal": search.terminal,
            "subject": search.subject,
            "from": search.from.map(Timestamp::millis),
            "to": search.to.map(Timestamp::millis),
            "found": found.len(),
        });
        self.record_read(Entry::new("journal.searched", reader).detail(detail)).await?;
        Ok(found)
    }

    async fn append(
        &self,
        found: &mut Vec<FoundEntry>,
        select: SelectTwo<journal::Entity, payload::Entity>,
    ) -> Result<(), JournalError> {
        let rows = select.all(self.inner.store.reader()).await?;
        for (row, payload) in rows {
            let payload = payload.ok_or(JournalError::Damaged("an entry lost the row of its payload"))?;
            found.push(FoundEntry {
                id: EntryId::parse(&row.entry_id.to_string())
                    .map_err(|_| JournalError::Damaged("an entry has an impossible id"))?,
                leaf_index: row.leaf_index.map(unsigned).transpose()?,
                at: Timestamp::from_millis(row.at),
                context: Context {
                    actor: row.actor,
                    terminal: row.terminal,
                    officer: row.officer,
                    purpose: row.purpose,
                    case_number: payload.case_number.unwrap_or_default(),
                    request_id: row.request_id,
                },
                kind: row.kind,
                subject: payload.subject.unwrap_or_default(),
                legal_basis: row.legal_basis,
                detail: payload.detail.unwrap_or_default(),
            });
        }
        Ok(())
    }
}

/// An entry may be given its number between the two looks and is then found by both: the first `waiting` of `found` were seen without one, and
/// whoever of them is among the rest as well is told once, with its number.
fn forget_who_got_a_number(found: &mut Vec<FoundEntry>, waiting: usize) {
    let numbered: HashSet<EntryId> = found.iter().skip(waiting).map(|entry| entry.id).collect();
    found.retain(|entry| entry.leaf_index.is_some() || !numbered.contains(&entry.id));
}

fn filtered(search: &Search) -> SelectTwo<journal::Entity, payload::Entity> {
    let mut select = journal::Entity::find().find_also_related(payload::Entity);
    for (column, wanted) in [
        (journal::Column::Kind, &search.kind),
        (journal::Column::Officer, &search.officer),
        (journal::Column::Terminal, &search.terminal),
    ] {
        if !wanted.is_empty() {
            select = select.filter(column.eq(wanted.as_str()));
        }
    }
    if !search.subject.is_empty() {
        select = select.filter(payload::Column::Subject.eq(search.subject.as_str()));
    }
    if let Some(from) = search.from {
        select = select.filter(journal::Column::At.gte(from.millis()));
    }
    if let Some(to) = search.to {
        select = select.filter(journal::Column::At.lt(to.millis()));
    }
    select
}
