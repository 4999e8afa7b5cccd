//! Compares a code.
//!
//! The order is the point: the attempt is counted in short-lived state, which stops a flood cheaply, then in the database, durably and with its journal entry; only
//! then is anything compared. Whatever breaks down after the count costs the attempt and gives nothing away.

use std::time::Duration;

use serde_json::json;
use straznica_contracts::dispatch::events::v1::CodeValidated;
use straznica_ephemeral::Count;
use straznica_store::Isolation;
use straznica_types::Timestamp;

use super::App;
use crate::domain::{Asking, CallerClaims, OneTimeCode, Refusal, State, Transaction, TransactionId};
use crate::error::DispatchError;
use crate::store::{
    Attempt, count_attempt, count_transaction_attempt, end_transaction, find_transaction, forgive_failures,
};

/// The count in short-lived state outlives the code by this.
const COUNT_OUTLIVES: Duration = Duration::from_secs(60);

/// How the count of an attempt ended.
enum Counted {
    /// It may be compared, and succeed or not.
    May { succeed: bool, last: bool },
    /// It may not.
    Refused(Refusal),
}

impl App {
    /// Compares a code; the time at which it was found right.
    pub(crate) async fn validate_code(
        &self,
        caller: &CallerClaims,
        asking: &Asking,
        id: TransactionId,
        typed: &OneTimeCode,
    ) -> Result<Timestamp, DispatchError> {
        let now = self.clock.now();
        let known = find_transaction(self.store.reader(), id).await?.ok_or(Refusal::Expired)?;
        known.open_for(asking, now)?;
        let limit = self.rules.limits.attempts_per_transaction;
        let window = known.expires_at.saturating_since(known.opened_at) + COUNT_OUTLIVES;
        if self.ephemeral.count(&self.attempts_place(&known), limit, window).await? == Count::Exceeded {
            return Err(Refusal::Failed.into());
        }
        let (may_succeed, last) = match self.count_durably(caller, &known, now).await? {
            Counted::May { succeed, last } => (succeed, last),
            Counted::Refused(refusal) => return Err(refusal.into()),
        };

        let place = self.code_place(&known);
        let kept = self.ephemeral.get(&place).await?.ok_or(Refusal::Expired)?;
        let open = self.keys.read(id, kept.expose())?;
        let right = self.keys.code(&open, id, asking)?.is(typed);
        self.metrics.compared();
        if right & may_succeed & !known.dummy {
            // Of two right answers at once, one finds the nonce.
            if !self.ephemeral.compare_and_delete(&place, kept.expose()).await? {
                return Err(Refusal::Expired.into());
            }
            self.validated(caller, &known, now).await?;
            self.metrics.validated();
            return Ok(now);
        }
        // The nonce stays until it dies: attempts counted before this one may still be on their way to the comparison, and nobody is let in any more.
        if last {
            self.exhausted(caller, &known, now).await?;
        }
        Err(Refusal::InvalidCode.into())
    }

    /// Counts the attempt for transaction, officer and subject, with its journal entry.
    async fn count_durably(
        &self,
        caller: &CallerClaims,
        known: &Transaction,
        now: Timestamp,
    ) -> Result<Counted, DispatchError> {
        let limits = &self.rules.limits;
        let bound = &known.bound;
        let official = bound.asking.official();
        let record = |kind, detail| self.entry(kind, caller, &bound.asking, &bound.subject, known.id, detail);
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                let limit = limits.attempts_per_transaction;
                let Some(attempt) = count_transaction_attempt(tx, known.id, limit).await? else {
                    return Ok(Counted::Refused(Refusal::Failed));
                };
                match count_attempt(tx, &official, bound.subject.as_str(), now, limits).await? {
                    Attempt::Counted { subject_locked, locks_subject } => {
                        self.journal.record(tx, record("code.attempted", json!({ "attempt": attempt }))).await?;
                        if locks_subject {
                            self.journal.record(tx, record("subject.locked", json!({}))).await?;
                        }
                        Ok(Counted::May { succeed: !subject_locked, last: attempt >= limit })
                    }
                    Attempt::OfficialLocked { newly } => {
                        if newly {
                            self.journal.record(tx, record("official.locked", json!({}))).await?;
                        }
                        Ok(Counted::Refused(Refusal::OfficialLocked))
                    }
                    Attempt::SubjectSpent => Ok(Counted::Refused(Refusal::Failed)),
                }
            })
            .await
    }

    async fn validated(&self, caller: &CallerClaims, known: &Transaction, now: Timestamp) -> Result<(), DispatchError> {
        let bound = &known.bound;
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                if !end_transaction(tx, known.id, State::Validated, now).await? {
                    return Err(Refusal::Expired.into());
                }
                forgive_failures(tx, bound.subject.as_str()).await?;
                let event = CodeValidated { transaction_id: known.id.to_string() };
                let entry = self
                    .entry("code.validated", caller, &bound.asking, &bound.subject, known.id, json!({}))
                    .event(&event);
                self.journal.record(tx, entry).await?;
                Ok::<_, DispatchError>(())
            })
            .await
    }

    async fn exhausted(&self, caller: &CallerClaims, known: &Transaction, now: Timestamp) -> Result<(), DispatchError> {
        let bound = &known.bound;
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                if end_transaction(tx, known.id, State::Exhausted, now).await? {
                    let entry =
                        self.entry("code.exhausted", caller, &bound.asking, &bound.subject, known.id, json!({}));
                    self.journal.record(tx, entry).await?;
                }
                Ok::<_, DispatchError>(())
            })
            .await
    }
}
