//! Asks the provider to ask the citizen.

use std::time::Duration;

use ciba::{AskError, Asked, Asking, BindingMessage, CorrelationId, LoginHint, NotificationToken, Remedy};
use identifiers::PhoneNumber;
use serde_json::json;
use straznica_runtime::failpoint;
use straznica_store::Isolation;

use crate::app::App;
use crate::domain::{Prompt, Question, Silence, State, Transaction};
use crate::error::DispatchError;
use crate::phones::Phone;
use crate::store::{ask_later, find_transaction, give_bell, prompt_asked};

/// Pause before short-lived state is tried again for the number.
const RETRY: Duration = Duration::from_secs(2);

impl App {
    pub(super) async fn ask_phone(&self, prompt: Prompt) -> Result<(), DispatchError> {
        failpoint::reach("dispatch.prompt.claimed").await;
        let now = self.clock.now();
        let known = find_transaction(self.store.reader(), prompt.transaction).await?;
        let Some(known) = known.filter(|known| known.state == State::Open && now < known.expires_at) else {
            return self.unanswered(&prompt, Silence::TooLate).await;
        };
        if known.dummy {
            return self.unanswered(&prompt, Silence::Nobody).await;
        }
        let Some(phone) = self.phones.named(&prompt.phone) else {
            return self.unanswered(&prompt, Silence::Misconfigured).await;
        };
        let kept = match self.ephemeral.get(&self.code_place(&known)).await {
            Ok(Some(kept)) => kept,
            Ok(None) => return self.unanswered(&prompt, Silence::TooLate).await,
            Err(failure) => {
                tracing::warn!(error = %failure, "a prompt waits for short-lived state");
                return self.asked_later(&prompt).await;
            }
        };
        let open = self.keys.read(known.id, kept.expose())?;
        let Some(asking) = question(&known, &open.destination, phone, known.expires_at.saturating_since(now)) else {
            return self.unanswered(&prompt, Silence::Misconfigured).await;
        };
        let token = if phone.notifies { Some(NotificationToken::random().ok_or(DispatchError::Random)?) } else { None };
        if let Some(token) = &token {
            self.expect(&prompt, token).await?;
        }
        let outcome = phone.channel.ask(&asking, token.as_ref()).await;
        failpoint::reach("dispatch.prompt.asked").await;
        match outcome {
            Ok(asked) => self.asked(&prompt, &known, &asked).await,
            Err(failure) => self.not_asked(&prompt, &known, &failure).await,
        }
    }

    /// Writes how the provider will be recognised, before it hears of anything: it may be quicker than its own answer.
    async fn expect(&self, prompt: &Prompt, token: &NotificationToken) -> Result<(), DispatchError> {
        let digest = token.digest();
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                give_bell(tx, prompt.transaction, digest.handle(), digest.octets()).await?;
                Ok::<_, DispatchError>(())
            })
            .await
    }

    async fn asked(&self, prompt: &Prompt, known: &Transaction, asked: &Asked) -> Result<(), DispatchError> {
        let id = prompt.transaction;
        let sealed = self.seal_question(id, &asked.auth_req_id, asked.nonce.as_ref()).ok_or(DispatchError::Random)?;
        let question = Question {
            sealed,
            asked_at: asked.asked_at,
            expires_at: asked.expires_at.min(known.expires_at),
            interval: asked.interval,
        };
        self.metrics.prompt(&prompt.phone, "asked");
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                if prompt_asked(tx, id, &question).await? {
                    let detail = json!({ "provider": prompt.phone });
                    self.journal.record(tx, self.own_entry("prompt.asked", known, detail)).await?;
                }
                Ok::<_, DispatchError>(())
            })
            .await
    }

    async fn not_asked(&self, prompt: &Prompt, known: &Transaction, failure: &AskError) -> Result<(), DispatchError> {
        let silence = match (failure.remedy(), failure) {
            (Remedy::Respect, _) => return self.refused(prompt, known).await,
            (Remedy::FallBack, AskError::UnknownUser | AskError::UserCode) => Silence::CannotBeAsked,
            (Remedy::FallBack, _) => Silence::NotReached,
            (Remedy::Mend, _) => {
                tracing::error!(provider = prompt.phone, error = %failure, "a provider refuses what we ask it, or cannot be asked as configured");
                Silence::Misconfigured
            }
        };
        self.unanswered(prompt, silence).await
    }

    async fn asked_later(&self, prompt: &Prompt) -> Result<(), DispatchError> {
        let due_at = self.clock.now() + RETRY;
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                Ok::<_, DispatchError>(ask_later(tx, prompt.transaction, due_at).await?)
            })
            .await
    }
}

/// The question in the provider's terms; `None` for a number or a text no provider takes.
fn question(
    known: &Transaction,
    destination: &straznica_types::Secret<String>,
    phone: &Phone,
    life: Duration,
) -> Option<Asking> {
    let number = PhoneNumber::parse(destination.expose()).ok()?;
    Some(Asking {
        login_hint: LoginHint::new(number.expose())?,
        binding_message: BindingMessage::new(&known.bound.binding_text)?,
        requested_expiry: life,
        acr_values: phone.acr_values.clone(),
        correlation_id: CorrelationId::new(&known.id.to_string())?,
    })
}
