//! Writes that codes were found right. Those that come at once share a transaction of the database.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::dispatch::events::v1::CodeValidated;
use straznica_journal::{Entry, Journal};
use straznica_store::SharedWork;
use straznica_types::Timestamp;

use super::entry::entry;
use crate::domain::{CallerClaims, Refusal, Transaction, TransactionId};
use crate::error::DispatchError;
use crate::store::{end_validated, forgive_failures};

/// A right code.
pub(crate) struct Success {
    pub(super) caller: CallerClaims,
    pub(super) transaction: Transaction,
    pub(super) at: Timestamp,
}

/// Ends transactions with success.
pub(crate) struct Succeed {
    pub(crate) journal: Journal,
}

#[async_trait]
impl SharedWork for Succeed {
    type Order = Success;
    type Answer = Result<(), Refusal>;
    type Failure = DispatchError;

    async fn write(
        &self,
        tx: &DatabaseTransaction,
        orders: &[Success],
    ) -> Result<Vec<Result<(), Refusal>>, DispatchError> {
        let Some(first) = orders.first() else { return Ok(Vec::new()) };
        let ids: BTreeSet<TransactionId> = orders.iter().map(|order| order.transaction.id).collect();
        // Each is given to the first that asks.
        let mut ended = end_validated(tx, ids, first.at).await?;
        let (mut answers, mut subjects, mut entries) = (Vec::with_capacity(orders.len()), BTreeSet::new(), Vec::new());
        for order in orders {
            let success = ended.remove(&order.transaction.id);
            if success {
                subjects.insert(order.transaction.bound.subject.as_str());
                entries.push(self.entry(order));
            }
            answers.push(if success { Ok(()) } else { Err(Refusal::Expired) });
        }
        if !subjects.is_empty() {
            forgive_failures(tx, subjects).await?;
        }
        self.journal.record_all(tx, entries).await?;
        Ok(answers)
    }
}

impl Succeed {
    fn entry(&self, Success { caller, transaction, .. }: &Success) -> Entry {
        let Transaction { id, bound, .. } = transaction;
        let event = CodeValidated { transaction_id: id.to_string() };
        entry(&self.journal, "code.validated", caller, &bound.asking, &bound.subject, *id, json!({})).event(&event)
    }
}
