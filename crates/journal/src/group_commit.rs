//! Journal writes of reads share transactions: one durable commit serves all who wait at the moment, and each hears of its own entry.

use async_trait::async_trait;
use sea_orm::DatabaseTransaction;
use straznica_store::SharedWork;
use straznica_types::{EntryId, SharedClock};

use crate::JournalError;
use crate::journal::{Prepared, insert_all};

/// Writes entries.
pub(crate) struct Reads {
    pub(crate) clock: SharedClock,
}

#[async_trait]
impl SharedWork for Reads {
    type Order = Prepared;
    type Answer = EntryId;
    type Failure = JournalError;

    async fn write(
        &self,
        transaction: &DatabaseTransaction,
        entries: &[Prepared],
    ) -> Result<Vec<EntryId>, JournalError> {
        insert_all(transaction, &self.clock, entries).await
    }
}
