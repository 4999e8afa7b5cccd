//! Hands messages over.
//!
//! A message is marked as submitted, durably, before the operator hears of it; from then on it is never handed over a second time unless it is known not to have been the
//! first. The text exists only between rendering and the operator's answer.

use std::time::Duration;

use identifiers::PhoneNumber;
use sms::life::{Failure, State};
use straznica_contracts::dispatch::events::v1::CodeMessageEnded;
use straznica_runtime::failpoint;
use straznica_store::Isolation;
use tokio::task::JoinSet;

use super::App;
use crate::channel::{Message, Outcome};
use crate::domain::{Life, Transaction};
use crate::error::DispatchError;
use crate::store::{
    MessageState, PendingMessage, claim_due, end_message, find_transaction, postpone_message, settle_lost_messages,
};

/// What is done with a message.
enum Step {
    /// It goes to the operator.
    HandOver(Message),
    /// It is over without having been handed over.
    End(MessageState),
    /// Short-lived state cannot be asked: later.
    Later,
}

impl App {
    /// Hands over what is due, batch after batch; returns how many messages were looked at.
    pub(crate) async fn submit_due(self: &std::sync::Arc<Self>) -> Result<usize, DispatchError> {
        let most = self.rules.outbox.at_once.max(1);
        let mut looked_at = 0;
        loop {
            let now = self.clock.now();
            let claimed = self
                .store
                .write_tx_with(Isolation::ReadCommitted, async |tx| {
                    Ok::<_, DispatchError>(claim_due(tx, now, most).await?)
                })
                .await?;
            looked_at += claimed.len();
            let more = claimed.len() >= usize::try_from(most).unwrap_or(usize::MAX);
            let mut work = JoinSet::new();
            for message in claimed {
                let app = self.clone();
                work.spawn(async move { app.submit(message).await });
            }
            // Each is seen to its end before the first failure is told.
            let mut first = Ok(());
            while let Some(done) = work.join_next().await {
                if let Ok(outcome) = done {
                    first = first.and(outcome);
                }
            }
            first?;
            // What was put back is looked at next time, not at once.
            if !more {
                return Ok(looked_at);
            }
        }
    }

    async fn submit(&self, pending: PendingMessage) -> Result<(), DispatchError> {
        failpoint::reach("dispatch.message.claimed").await;
        let message = match self.step(&pending).await {
            Ok(Step::HandOver(message)) => message,
            Ok(Step::End(state)) => return self.ended(&pending, state, None).await,
            Ok(Step::Later) => return self.later(&pending).await,
            Err(failure) => {
                // Nothing was handed over.
                self.later(&pending).await?;
                return Err(failure);
            }
        };
        let patience = Duration::from_secs(self.rules.outbox.answer_seconds.max(1));
        let outcome = tokio::time::timeout(patience, self.channel.submit(message)).await.unwrap_or(Outcome::Unknown);
        failpoint::reach("dispatch.message.answered").await;
        self.metrics.submitted(self.channel.name(), &outcome);
        match outcome {
            Outcome::Accepted { reference } => {
                self.ended(&pending, MessageState::Life(State::Accepted), Some(&reference)).await
            }
            Outcome::NotSent | Outcome::Refused(Failure::Temporary) => self.later(&pending).await,
            Outcome::Refused(failure) => self.ended(&pending, MessageState::Life(State::Failed(failure)), None).await,
            Outcome::Unknown => self.ended(&pending, MessageState::Life(State::Unknown), None).await,
        }
    }

    async fn step(&self, pending: &PendingMessage) -> Result<Step, DispatchError> {
        let expired = Step::End(MessageState::Life(State::Expired));
        if self.clock.now() >= pending.expires_at {
            return Ok(expired);
        }
        let Some(transaction) = find_transaction(self.store.reader(), pending.transaction).await? else {
            return Ok(expired);
        };
        if transaction.dummy {
            return Ok(Step::End(MessageState::Withheld));
        }
        if transaction.state != crate::domain::State::Open {
            return Ok(expired);
        }
        let kept = match self.ephemeral.get(&self.code_place(&transaction)).await {
            Ok(Some(kept)) => kept,
            // Used, cancelled, or lost: there is no code to be sent any more.
            Ok(None) => return Ok(expired),
            Err(failure) => {
                tracing::warn!(error = %failure, "a message waits for short-lived state");
                return Ok(Step::Later);
            }
        };
        self.rendered(pending, &transaction, kept.expose()).map(|message| message.map_or(expired, Step::HandOver))
    }

    /// The message; `None` when what is kept no longer makes one.
    fn rendered(
        &self,
        pending: &PendingMessage,
        transaction: &Transaction,
        kept: &[u8],
    ) -> Result<Option<Message>, DispatchError> {
        let bound = &transaction.bound;
        let open = self.keys.read(transaction.id, kept)?;
        let code = self.keys.code(&open, transaction.id, &bound.asking)?;
        let life = transaction.expires_at.saturating_since(transaction.opened_at).as_secs();
        let minutes = u32::try_from(life).ok().and_then(|life| Life::from_seconds(life).ok()).map_or(0, Life::minutes);
        let text = self.rules.templates.render(&bound.binding_text, &code, minutes, &bound.language);
        let number = PhoneNumber::parse(open.destination.expose()).ok();
        Ok(text.zip(number).map(|(text, to)| Message { id: pending.id, to, text, valid_until: transaction.expires_at }))
    }

    async fn ended(
        &self,
        pending: &PendingMessage,
        state: MessageState,
        reference: Option<&str>,
    ) -> Result<(), DispatchError> {
        let now = self.clock.now();
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                if end_message(tx, pending.id, state, reference, now).await? {
                    self.journal.publish(tx, &told(pending, state)).await?;
                }
                Ok::<_, DispatchError>(())
            })
            .await
    }

    /// Puts a message back that is known not to be on its way.
    async fn later(&self, pending: &PendingMessage) -> Result<(), DispatchError> {
        let due_at = self.clock.now() + Duration::from_millis(self.rules.outbox.retry_ms);
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                postpone_message(tx, pending.id, due_at).await?;
                Ok::<_, DispatchError>(())
            })
            .await
    }

    /// Calls unknown what a process that is gone had handed over, or was about to.
    pub(crate) async fn settle_lost(&self) -> Result<usize, DispatchError> {
        let now = self.clock.now();
        // Longer than any answer is waited for, so nobody still works on it.
        let patience = Duration::from_secs(self.rules.outbox.answer_seconds.max(1)) * 2;
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                let lost = settle_lost_messages(tx, now - patience, now).await?;
                for pending in &lost {
                    self.journal.publish(tx, &told(pending, MessageState::Life(State::Unknown))).await?;
                }
                Ok::<_, DispatchError>(lost.len())
            })
            .await
    }
}

fn told(pending: &PendingMessage, state: MessageState) -> CodeMessageEnded {
    // To those who follow, a message that was never sent looks like one that was accepted: they may show it to an officer.
    let outcome = match state {
        MessageState::Withheld => State::Accepted.as_str(),
        state => state.as_str(),
    };
    CodeMessageEnded {
        transaction_id: pending.transaction.to_string(),
        sequence: pending.sequence,
        outcome: outcome.to_owned(),
    }
}
