//! The texts of messages, made when they are handed over, and what is told of them.
//!
//! A code's message goes again as long as its transaction is open and the operator has said that it did not take it. Whatever else becomes of it, no second one
//! goes out by itself: the officer may have it sent again.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::{join, join_all};
use identifiers::PhoneNumber;
use sea_orm::DatabaseTransaction;
use sms::life::State as LifeState;
use sms::smpp::Class;
use straznica_contracts::dispatch::events::v1::CodeMessageMoved;
use straznica_journal::{Context, Entry, Journal};

use super::App;
use super::notice::recipient_of;
use crate::channel::Message;
use crate::domain::{Life, RecipientId, RecipientState, State, Transaction, TransactionId};
use crate::error::DispatchError;
use crate::spool::{MessageState, Moved, Pending, Reporter, Step, Texts};
use crate::store::{find_transactions, settle_recipients};

/// Makes the texts of an [`App`]'s codes and notices.
pub(crate) struct MessageTexts(pub(crate) Arc<App>);

#[async_trait]
impl Texts for MessageTexts {
    async fn steps(&self, claimed: &[Pending]) -> Vec<Step> {
        let (codes, bulk): (Vec<Pending>, Vec<Pending>) =
            claimed.iter().copied().partition(|pending| pending.class == Class::Code);
        let (codes, bulk) = join(self.0.code_steps(&codes), self.0.notice_steps(&bulk)).await;
        let (mut codes, mut bulk) = (codes.into_iter(), bulk.into_iter());
        let next = |pending: &Pending| match pending.class {
            Class::Code => codes.next(),
            Class::Bulk => bulk.next(),
        };
        claimed.iter().map(next).map(|step| step.unwrap_or(Step::Later)).collect()
    }
}

/// Nothing was handed over.
fn later(failure: &DispatchError) {
    tracing::warn!(error = %failure, "a message waits");
}

impl App {
    async fn code_steps(&self, claimed: &[Pending]) -> Vec<Step> {
        let ids: Vec<TransactionId> = claimed.iter().map(|pending| pending.transaction).collect();
        match find_transactions(self.store.reader(), &ids).await {
            Ok(found) => {
                let step = |pending: &Pending| self.step(*pending, found.get(&pending.transaction));
                join_all(claimed.iter().map(step)).await
            }
            Err(failure) => {
                later(&failure);
                claimed.iter().map(|_| Step::Later).collect()
            }
        }
    }

    async fn step(&self, pending: Pending, transaction: Option<&Transaction>) -> Step {
        self.found_step(pending, transaction).await.unwrap_or_else(|failure| {
            later(&failure);
            Step::Later
        })
    }

    async fn found_step(&self, pending: Pending, transaction: Option<&Transaction>) -> Result<Step, DispatchError> {
        let Some(transaction) = transaction else { return Ok(Step::End(MessageState::Life(LifeState::Expired))) };
        let kept = self.ephemeral.get(&self.code_place(transaction)).await?;
        Ok(self.step_of(pending, transaction, kept.as_ref().map(|kept| kept.expose().as_slice())))
    }

    /// What is done with a message of a transaction, with what short-lived state keeps of it.
    pub(super) fn step_of(&self, pending: Pending, transaction: &Transaction, kept: Option<&[u8]>) -> Step {
        let expired = Step::End(MessageState::Life(LifeState::Expired));
        if transaction.dummy {
            return Step::End(MessageState::Withheld);
        }
        if transaction.state != State::Open {
            return expired;
        }
        // Used, cancelled, or lost: there is no code to be sent any more.
        let Some(kept) = kept else { return expired };
        match self.rendered(&pending, transaction, kept) {
            Ok(message) => message.map_or(expired, Step::HandOver),
            Err(failure) => {
                later(&failure);
                Step::Later
            }
        }
    }

    /// The message; `None` when what is kept no longer makes one.
    fn rendered(
        &self,
        pending: &Pending,
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
        Ok(text.zip(number).map(|(text, to)| Message {
            id: pending.id,
            to,
            text,
            class: Class::Code,
            valid_until: transaction.expires_at,
        }))
    }
}

/// Publishes what becomes of codes' messages, and puts what becomes of notices' beside their recipients.
pub(crate) struct MessageReporter(pub(crate) Journal);

#[async_trait]
impl Reporter for MessageReporter {
    async fn moved(&self, tx: &DatabaseTransaction, moved: &[Moved]) -> Result<(), DispatchError> {
        let mut of_notices: HashMap<MessageState, Vec<RecipientId>> = HashMap::new();
        for one in moved.iter().filter(|one| one.message.class == Class::Bulk) {
            of_notices.entry(one.state).or_default().push(recipient_of(one.message));
        }
        for (state, recipients) in of_notices {
            let state = match state {
                MessageState::Life(state) => RecipientState::Life(state),
                MessageState::Withheld => RecipientState::Withdrawn,
            };
            settle_recipients(tx, &recipients, state).await?;
        }
        let of_codes = moved.iter().filter(|one| one.message.class == Class::Code);
        let entry = |one| Entry::new("event.published", Context::of_service(self.0.origin())).event(&told(one));
        self.0.record_all(tx, of_codes.map(entry)).await?;
        Ok(())
    }
}

fn told(moved: &Moved) -> CodeMessageMoved {
    // To those who follow, a message that was never sent looks like one that was accepted: they may show it to an officer.
    let outcome = match moved.state {
        MessageState::Withheld => LifeState::Accepted.as_str(),
        state => state.as_str(),
    };
    CodeMessageMoved {
        transaction_id: moved.message.transaction.to_string(),
        sequence: moved.message.sequence,
        outcome: outcome.to_owned(),
    }
}
