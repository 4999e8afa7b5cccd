//! The texts of codes, made when they are handed over, and what is told of their messages.
//!
//! A code's message goes again as long as its transaction is open and the operator has said that it did not take it. Whatever else becomes of it, no second one
//! goes out by itself: the officer may have it sent again.

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;
use identifiers::PhoneNumber;
use sea_orm::DatabaseTransaction;
use sms::life::State as LifeState;
use sms::smpp::Class;
use straznica_contracts::dispatch::events::v1::CodeMessageMoved;
use straznica_journal::{Context, Entry, Journal};

use super::App;
use crate::channel::Message;
use crate::domain::{Life, State, Transaction};
use crate::error::DispatchError;
use crate::spool::{MessageState, Moved, Pending, Reporter, Step, Texts};
use crate::store::find_transaction;

/// Makes the texts of an [`App`]'s codes.
pub(crate) struct CodeTexts(pub(crate) Arc<App>);

#[async_trait]
impl Texts for CodeTexts {
    async fn steps(&self, claimed: &[Pending]) -> Vec<Step> {
        join_all(claimed.iter().map(|pending| self.0.step(pending))).await
    }
}

impl App {
    async fn step(&self, pending: &Pending) -> Step {
        self.found_step(pending).await.unwrap_or_else(|failure| {
            // Nothing was handed over.
            tracing::warn!(error = %failure, "a message waits");
            Step::Later
        })
    }

    async fn found_step(&self, pending: &Pending) -> Result<Step, DispatchError> {
        let expired = Step::End(MessageState::Life(LifeState::Expired));
        let Some(transaction) = find_transaction(self.store.reader(), pending.transaction).await? else {
            return Ok(expired);
        };
        if transaction.dummy {
            return Ok(Step::End(MessageState::Withheld));
        }
        if transaction.state != State::Open {
            return Ok(expired);
        }
        // Used, cancelled, or lost: there is no code to be sent any more.
        let Some(kept) = self.ephemeral.get(&self.code_place(&transaction)).await? else { return Ok(expired) };
        let message = self.rendered(pending, &transaction, kept.expose())?;
        Ok(message.map_or(expired, Step::HandOver))
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

/// Publishes what becomes of codes' messages. Of bulk messages the outbox itself is the report.
pub(crate) struct CodeReporter(pub(crate) Journal);

#[async_trait]
impl Reporter for CodeReporter {
    async fn moved(&self, tx: &DatabaseTransaction, moved: &[Moved]) -> Result<(), DispatchError> {
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
