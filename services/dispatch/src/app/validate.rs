//! Compares a code.
//!
//! The order is the point: the attempt is counted in short-lived state, which stops a flood cheaply, then in the database, durably and with its journal entry; only
//! then is anything compared. Whatever breaks down after the count costs the attempt and gives nothing away.

use std::time::Duration;

use serde_json::json;
use straznica_ephemeral::Count;
use straznica_store::Isolation;
use straznica_types::Timestamp;

use super::App;
use super::counting::{Attempt, Chance};
use super::entry::entry;
use super::succeeding::Success;
use crate::domain::{Asking, CallerClaims, OneTimeCode, Refusal, State, Transaction, TransactionId};
use crate::error::DispatchError;
use crate::store::{end_transaction, find_transaction};

/// The count in short-lived state outlives the code by this.
const COUNT_OUTLIVES: Duration = Duration::from_secs(60);

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
        let attempt = Attempt { caller: caller.clone(), transaction: known.clone(), at: now };
        let (may_succeed, last) = match self.writes.attempts.write(attempt).await? {
            Chance::May { succeed, last } => (succeed, last),
            Chance::Refused(refusal) => return Err(refusal.into()),
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
            self.writes.successes.write(Success { caller: caller.clone(), transaction: known, at: now }).await??;
            self.metrics.validated();
            return Ok(now);
        }
        // The nonce stays until it dies: attempts counted before this one may still be on their way to the comparison, and nobody is let in any more.
        if last {
            self.exhausted(caller, &known, now).await?;
        }
        Err(Refusal::InvalidCode.into())
    }

    async fn exhausted(&self, caller: &CallerClaims, known: &Transaction, now: Timestamp) -> Result<(), DispatchError> {
        let bound = &known.bound;
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                if end_transaction(tx, known.id, State::Exhausted, now).await? {
                    let entry = entry(
                        &self.journal,
                        "code.exhausted",
                        caller,
                        &bound.asking,
                        &bound.subject,
                        known.id,
                        json!({}),
                    );
                    self.journal.record(tx, entry).await?;
                }
                Ok::<_, DispatchError>(())
            })
            .await
    }
}
