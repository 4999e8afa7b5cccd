//! Counts attempts: for transaction, officer and subject, with the journal's entry, before anything is compared. Attempts that come at once share a
//! transaction of the database.

use std::collections::BTreeMap;

use async_trait::async_trait;
use sea_orm::DatabaseTransaction;
use serde_json::{Value, json};
use straznica_journal::{Entry, Journal};
use straznica_store::SharedWork;
use straznica_types::Timestamp;

use super::entry::entry;
use crate::domain::{CallerClaims, Counted, Limits, Refusal, Transaction, TransactionId};
use crate::error::DispatchError;
use crate::store::{Counters, Tally, count_attempts};

/// An attempt to be counted.
pub(crate) struct Attempt {
    pub(super) caller: CallerClaims,
    pub(super) transaction: Transaction,
    pub(super) at: Timestamp,
}

/// How the count of an attempt ended.
#[derive(Debug)]
pub(crate) enum Chance {
    /// It may be compared, and succeed or not.
    May { succeed: bool, last: bool },
    /// It may not.
    Refused(Refusal),
}

/// Counts attempts.
pub(crate) struct CountAttempts {
    pub(crate) journal: Journal,
    pub(crate) limits: Limits,
}

/// What is counted in one transaction of the database.
struct Ledger {
    /// Attempts so far, of transactions that are open.
    attempts: BTreeMap<TransactionId, u32>,
    counters: Counters,
    entries: Vec<Entry>,
}

#[async_trait]
impl SharedWork for CountAttempts {
    type Order = Attempt;
    type Answer = Chance;
    type Failure = DispatchError;

    async fn write(&self, tx: &DatabaseTransaction, orders: &[Attempt]) -> Result<Vec<Chance>, DispatchError> {
        let Some(first) = orders.first() else { return Ok(Vec::new()) };
        let mut counts = BTreeMap::new();
        for order in orders {
            *counts.entry(order.transaction.id).or_default() += 1;
        }
        let attempts = count_attempts(tx, &counts, self.limits.attempts_per_transaction).await?;
        let officials: Vec<String> = orders.iter().map(|order| order.transaction.bound.asking.official()).collect();
        let subjects = orders.iter().map(|order| order.transaction.bound.subject.as_str());
        let tally = Tally::attempts(officials.iter().map(String::as_str).zip(subjects));
        let counters = Counters::take(tx, tally, first.at.date()).await?;

        let mut ledger = Ledger { attempts, counters, entries: Vec::new() };
        let chances =
            orders.iter().zip(&officials).map(|(order, official)| self.count(&mut ledger, official, order)).collect();
        ledger.counters.save(tx).await?;
        self.journal.record_all(tx, ledger.entries).await?;
        Ok(chances)
    }
}

impl CountAttempts {
    fn count(&self, ledger: &mut Ledger, official: &str, order: &Attempt) -> Chance {
        let (limits, today) = (&self.limits, order.at.date());
        let id = order.transaction.id;
        let most = limits.attempts_per_transaction;
        let Some(attempts) = ledger.attempts.get_mut(&id).filter(|attempts| **attempts < most) else {
            return Chance::Refused(Refusal::Failed);
        };
        *attempts += 1;
        let attempt = *attempts;
        let by = ledger.counters.official(official, today);
        match by.attempt_by(order.at, limits.attempts_per_official_and_day) {
            Counted::Within => {}
            Counted::Locked => return Chance::Refused(Refusal::OfficialLocked),
            Counted::Spent => {
                ledger.entries.push(self.entry("official.locked", order, json!({})));
                return Chance::Refused(Refusal::OfficialLocked);
            }
        }
        let about = ledger.counters.subject(order.transaction.bound.subject.as_str(), today);
        let met = about.attempt_about(today, limits.attempts_per_subject_and_day);
        let spent = met == Counted::Spent;
        // What is used up is counted of a person, known or typed: whoever may not know which it is hears what they would hear of anybody.
        if spent && !order.transaction.concealed {
            return Chance::Refused(Refusal::Failed);
        }
        let locks = about.lock_after(limits.failures_in_a_row, order.at);
        ledger.entries.push(self.entry("code.attempted", order, json!({ "attempt": attempt, "spent": spent })));
        if locks {
            ledger.entries.push(self.entry("subject.locked", order, json!({})));
        }
        Chance::May { succeed: met == Counted::Within, last: attempt >= most }
    }

    fn entry(&self, kind: &'static str, order: &Attempt, detail: Value) -> Entry {
        let Transaction { id, bound, .. } = &order.transaction;
        entry(&self.journal, kind, &order.caller, &bound.asking, &bound.subject, *id, detail)
    }
}
