//! Writes what was ordered: transaction, counters, prompt, message and journal entry. Orders that come at once share a transaction of the database.
//!
//! A message that can go at once is marked as submitted in the same commit and handed over by whoever ordered it. One that follows a prompt is there from the
//! beginning and waits for the phone: whatever becomes of the prompt, or of this process, it goes out when its patience is over,
//! unless the citizen has answered.

use async_trait::async_trait;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_journal::Journal;
use straznica_store::SharedWork;
use straznica_types::Timestamp;

use super::entry::entry;
use crate::domain::{CallerClaims, Counted, Limits, Refusal, Transaction};
use crate::error::DispatchError;
use crate::store::{Counters, First, Pending, Tally, insert_messages, insert_prompts, insert_transactions};

/// A transaction to be opened.
pub(crate) struct Opening {
    pub(super) caller: CallerClaims,
    pub(super) transaction: Transaction,
    /// Why nobody gets a message.
    pub(super) reason: Option<&'static str>,
    /// Whose prompt comes first, and until when the message waits for it.
    pub(super) prompt: Option<(String, Timestamp)>,
    /// Its first message.
    pub(super) message: Pending,
    /// There is room for it, and it is handed over as soon as it is written.
    pub(super) goes: bool,
}

impl Opening {
    fn phone(&self) -> Option<&str> {
        self.prompt.as_ref().map(|(phone, _)| phone.as_str())
    }

    fn first(&self) -> First {
        let ordered_at = self.transaction.opened_at;
        First {
            message: self.message,
            ordered_at,
            due_at: self.prompt.as_ref().map_or(ordered_at, |(_, due_at)| *due_at),
            goes: self.goes,
        }
    }
}

/// Opens transactions.
pub(crate) struct OpenCodes {
    pub(crate) journal: Journal,
    pub(crate) limits: Limits,
}

#[async_trait]
impl SharedWork for OpenCodes {
    type Order = Opening;
    type Answer = Result<Transaction, Refusal>;
    type Failure = DispatchError;

    async fn write(
        &self,
        tx: &DatabaseTransaction,
        orders: &[Opening],
    ) -> Result<Vec<Result<Transaction, Refusal>>, DispatchError> {
        let Some(first) = orders.first() else { return Ok(Vec::new()) };
        let officials: Vec<String> = orders.iter().map(|order| order.transaction.bound.asking.official()).collect();
        let subjects = orders.iter().map(|order| order.transaction.bound.subject.as_str());
        let tally = Tally::messages(officials.iter().map(String::as_str).zip(subjects));
        let mut counters = Counters::take(tx, tally, first.transaction.opened_at.date()).await?;

        let mut answers = Vec::with_capacity(orders.len());
        let (mut opened, mut entries): (Vec<(&Opening, Transaction)>, _) = (Vec::new(), Vec::new());
        for (order, official) in orders.iter().zip(&officials) {
            let answer = self.count(&mut counters, official, order);
            if let Ok((transaction, reason)) = &answer {
                entries.push(self.entry(order, transaction, *reason));
                opened.push((order, transaction.clone()));
            }
            answers.push(answer.map(|(transaction, _)| transaction));
        }
        counters.save(tx).await?;
        insert_transactions(tx, opened.iter().map(|(_, transaction)| transaction)).await?;
        insert_prompts(tx, opened.iter().filter_map(|(order, transaction)| Some((transaction, order.phone()?))))
            .await?;
        let firsts: Vec<First> = opened.iter().map(|(order, _)| order.first()).collect();
        insert_messages(tx, &firsts).await?;
        self.journal.record_all(tx, entries).await?;
        Ok(answers)
    }
}

impl OpenCodes {
    /// Counts the message for officer and subject; what is opened, and why nobody gets a message.
    fn count(
        &self,
        counters: &mut Counters,
        official: &str,
        order: &Opening,
    ) -> Result<(Transaction, Option<&'static str>), Refusal> {
        let (limits, mut opened) = (&self.limits, order.transaction.clone());
        let today = opened.opened_at.date();
        let mut by = counters.official(official, today).clone();
        match by.message_by(today, limits.messages_per_official_and_day) {
            Counted::Within => {}
            Counted::Locked => return Err(Refusal::OfficialLocked),
            Counted::Spent => return Err(Refusal::CodesExceeded),
        }
        let about = counters.subject(opened.bound.subject.as_str(), today);
        let locked = about.locked_at.is_some();
        if locked && !opened.concealed {
            return Err(Refusal::NumberBlocked);
        }
        let spent = about.message_about(today, limits.messages_per_subject_and_day) != Counted::Within;
        if spent && !opened.concealed {
            return Err(Refusal::CodesExceeded);
        }
        *counters.official(official, today) = by;
        let reason = order.reason.or(locked.then_some("subject_locked")).or(spent.then_some("messages_spent"));
        opened.dummy = reason.is_some();
        opened.prefix = opened.prefix.filter(|_| reason.is_none());
        Ok((opened, reason))
    }

    fn entry(&self, order: &Opening, opened: &Transaction, reason: Option<&'static str>) -> straznica_journal::Entry {
        let kind = if reason.is_some() { "code.withheld" } else { "code.ordered" };
        let detail = json!({ "prefix": opened.prefix, "reason": reason, "prompt": order.phone() });
        entry(&self.journal, kind, &order.caller, &opened.bound.asking, &opened.bound.subject, opened.id, detail)
    }
}
