//! Ends a transaction before its time.

use serde_json::json;
use straznica_store::Isolation;

use super::App;
use super::entry::entry;
use crate::domain::{Asking, CallerClaims, Refusal, State, TransactionId};
use crate::error::DispatchError;
use crate::store::{end_transaction, find_transaction};

impl App {
    /// Ends a transaction: its code is worth nothing from now on, and a message not yet handed over never will be.
    pub(crate) async fn cancel_code(
        &self,
        caller: &CallerClaims,
        asking: &Asking,
        id: TransactionId,
    ) -> Result<(), DispatchError> {
        let now = self.clock.now();
        let known = find_transaction(self.store.reader(), id).await?.ok_or(Refusal::Expired)?;
        known.open_for(asking, now)?;
        self.ephemeral.take(&self.code_place(&known)).await?;
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                if !end_transaction(tx, id, State::Cancelled, now).await? {
                    return Err(Refusal::Expired.into());
                }
                let entry = entry(&self.journal, "code.cancelled", caller, asking, &known.bound.subject, id, json!({}));
                self.journal.record(tx, entry).await?;
                Ok::<_, DispatchError>(())
            })
            .await
    }
}
