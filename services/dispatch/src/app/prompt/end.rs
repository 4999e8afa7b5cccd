//! How a prompt ends: approved, refused, or with nothing, which is the text message's turn.

use ciba::Approval;
use serde_json::{Value, json};
use straznica_contracts::dispatch::events::v1::CodeValidated;
use straznica_journal::Entry;
use straznica_store::Isolation;

use crate::app::App;
use crate::app::entry::entry;
use crate::domain::{CallerClaims, Prompt, Silence, State, Transaction};
use crate::error::DispatchError;
use crate::store::{PromptEnd, approve_transaction, bring_forward, end_prompt, end_transaction, locked_since};

impl App {
    /// The citizen approved. It counts if the transaction is open at this moment, and for nobody who is locked.
    pub(super) async fn approved(
        &self,
        prompt: &Prompt,
        known: &Transaction,
        approval: &Approval,
    ) -> Result<(), DispatchError> {
        let now = self.clock.now();
        let counted = self
            .store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                let locked = locked_since(tx, known.bound.subject.as_str()).await?.is_some();
                let acr = approval.acr.as_str();
                if !locked && !known.dummy && approve_transaction(tx, known.id, now).await? {
                    let end = PromptEnd::Approved { acr, auth_time: approval.auth_time };
                    end_prompt(tx, known.id, end, now).await?;
                    let event = CodeValidated { transaction_id: known.id.to_string() };
                    let detail = json!({ "provider": prompt.phone, "acr": acr });
                    let entry = self.own_entry("prompt.approved", known, detail).event(&event);
                    self.journal.record(tx, entry).await?;
                    return Ok(true);
                }
                if end_prompt(tx, known.id, PromptEnd::Unanswered(Silence::TooLate), now).await? {
                    let detail = json!({ "provider": prompt.phone, "subject_locked": locked });
                    self.journal.record(tx, self.own_entry("prompt.approved_too_late", known, detail)).await?;
                }
                Ok::<_, DispatchError>(false)
            })
            .await?;
        self.metrics.prompt(&prompt.phone, if counted { "approved" } else { "too_late" });
        if counted {
            self.forget(known).await;
        }
        Ok(())
    }

    /// The citizen refused: the transaction is over, and its code worth nothing.
    pub(super) async fn refused(&self, prompt: &Prompt, known: &Transaction) -> Result<(), DispatchError> {
        let now = self.clock.now();
        let counted = self
            .store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                let counted = end_transaction(tx, known.id, State::Cancelled, now).await?;
                let end = if counted { PromptEnd::Refused } else { PromptEnd::Unanswered(Silence::TooLate) };
                if end_prompt(tx, known.id, end, now).await? {
                    let kind = if counted { "prompt.refused" } else { "prompt.refused_too_late" };
                    let detail = json!({ "provider": prompt.phone });
                    self.journal.record(tx, self.own_entry(kind, known, detail)).await?;
                }
                Ok::<_, DispatchError>(counted)
            })
            .await?;
        self.metrics.prompt(&prompt.phone, if counted { "refused" } else { "too_late" });
        if counted {
            self.forget(known).await;
        }
        Ok(())
    }

    /// It came to nothing: the text message waits no longer. Where there is nobody it goes on waiting, as it would for somebody who does not answer.
    pub(super) async fn unanswered(&self, prompt: &Prompt, silence: Silence) -> Result<(), DispatchError> {
        let now = self.clock.now();
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                if end_prompt(tx, prompt.transaction, PromptEnd::Unanswered(silence), now).await?
                    && silence != Silence::Nobody
                {
                    bring_forward(tx, prompt.transaction, now).await?;
                }
                Ok::<_, DispatchError>(())
            })
            .await?;
        self.metrics.prompt(&prompt.phone, silence.as_str());
        self.spool.wake();
        Ok(())
    }

    /// The nonce goes with the answer. Its transaction is over already, so nothing hangs on it if it cannot be deleted now: it dies within minutes.
    async fn forget(&self, known: &Transaction) {
        if let Err(failure) = self.ephemeral.take(&self.code_place(known)).await {
            tracing::warn!(error = %failure, "a nonce that is not needed any more is left to die");
        }
    }

    /// An entry of what the citizen did: nobody called.
    pub(super) fn own_entry(&self, kind: &'static str, known: &Transaction, detail: Value) -> Entry {
        let asking = &known.bound.asking;
        let caller = CallerClaims {
            actor: "service/dispatch".to_owned(),
            terminal: None,
            officer: Some(asking.officer.clone()),
            purpose: asking.purpose.clone(),
            case_number: String::new(),
            request_id: None,
        };
        entry(&self.journal, kind, &caller, asking, &known.bound.subject, known.id, detail)
    }
}
