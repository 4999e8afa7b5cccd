//! Erasing what may have to be erased, so that the tree stays verifiable and the erasure is on record.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use straznica_types::EntryId;
use uuid::Uuid;

use crate::entity::{journal, payload};
use crate::{Context, Entry, Journal, JournalError, Pseudonym};

/// Kind of the entries that record an erasure. Their detail is `{"entry": "<id of the erased entry>"}`.
pub const ERASURE_KIND: &str = "journal_payload.erased";

impl Journal {
    /// Erases the payload of every entry about a subject, each as [`Journal::erase`] does; tells how many there were.
    ///
    /// # Errors
    /// As [`Journal::erase`].
    pub async fn erase_about(
        &self,
        transaction: &DatabaseTransaction,
        subject: &Pseudonym,
        context: &Context,
        legal_basis: &str,
    ) -> Result<u64, JournalError> {
        let entries: Vec<Uuid> = payload::Entity::find()
            .select_only()
            .column(payload::Column::EntryId)
            .filter(payload::Column::Subject.eq(subject.as_str()))
            .filter(payload::Column::ErasedBy.is_null())
            .order_by_asc(payload::Column::EntryId)
            .into_tuple()
            .all(transaction)
            .await?;
        for entry in &entries {
            let entry = EntryId::parse(&entry.to_string());
            let entry = entry.map_err(|_| JournalError::Damaged("an entry has an impossible id"))?;
            self.erase(transaction, entry, context.clone(), legal_basis).await?;
        }
        Ok(entries.len() as u64)
    }

    /// Erases subject, case number, detail and salt of an entry. Who did it, when and on what legal basis becomes an entry of its own, which cannot be
    /// erased; without the salt nobody can test guesses against the digest that stays.
    ///
    /// # Errors
    /// [`JournalError::NoSuchEntry`] when there is none or it is erased already, [`JournalError::NotErasable`] for the record of an erasure.
    pub async fn erase(
        &self,
        transaction: &DatabaseTransaction,
        entry: EntryId,
        context: Context,
        legal_basis: &str,
    ) -> Result<EntryId, JournalError> {
        let erased = journal::Entity::find()
            .filter(journal::Column::EntryId.eq(entry.uuid()))
            .one(transaction)
            .await?
            .ok_or(JournalError::NoSuchEntry)?;
        if erased.kind == ERASURE_KIND {
            return Err(JournalError::NotErasable);
        }
        let record = Entry::new(ERASURE_KIND, context)
            .legal_basis(legal_basis)
            .detail(serde_json::json!({ "entry": entry.to_string() }));
        let record = self.record(transaction, record).await?;
        let updated = payload::Entity::update_many()
            .col_expr(payload::Column::Salt, Expr::value(None::<Vec<u8>>))
            .col_expr(payload::Column::Subject, Expr::value(None::<String>))
            .col_expr(payload::Column::CaseNumber, Expr::value(None::<String>))
            .col_expr(payload::Column::Detail, Expr::value(None::<String>))
            .col_expr(payload::Column::ErasedBy, Expr::value(Some::<Uuid>(record.uuid())))
            .filter(payload::Column::EntryId.eq(entry.uuid()))
            .filter(payload::Column::ErasedBy.is_null())
            .exec(transaction)
            .await?;
        if updated.rows_affected == 0 {
            return Err(JournalError::NoSuchEntry);
        }
        Ok(record)
    }
}
