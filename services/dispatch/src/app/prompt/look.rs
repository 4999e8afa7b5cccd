//! Looks whether the citizen has answered, and says what follows.

use std::time::Duration;

use ciba::{Asked, Doubt, Look, Outcome, Pace};
use straznica_runtime::failpoint;
use straznica_store::Isolation;

use crate::app::App;
use crate::domain::{Prompt, Question, Silence, State, Transaction};
use crate::error::DispatchError;
use crate::phones::Phone;
use crate::store::{find_transaction, look_later};

/// A question as the provider's adapter takes it, and the transaction it is of.
pub(super) struct Open<'a> {
    pub(super) phone: &'a Phone,
    pub(super) asked: Asked,
    pub(super) known: Transaction,
}

impl App {
    pub(super) async fn look_at(&self, prompt: Prompt) -> Result<(), DispatchError> {
        let open = match self.open_question(&prompt).await? {
            Ok(open) => open,
            Err(silence) => return self.unanswered(&prompt, silence).await,
        };
        let look = open.phone.channel.look(&open.asked).await;
        failpoint::reach("dispatch.prompt.looked").await;
        self.seen(&prompt, &open, look).await
    }

    /// What is needed to look; otherwise why there is nothing to be seen any more.
    pub(super) async fn open_question(&self, prompt: &Prompt) -> Result<Result<Open<'_>, Silence>, DispatchError> {
        let known = find_transaction(self.store.reader(), prompt.transaction).await?;
        let Some(known) = known.filter(|known| known.state == State::Open) else { return Ok(Err(Silence::TooLate)) };
        let Some(phone) = self.phones.named(&prompt.phone) else { return Ok(Err(Silence::Misconfigured)) };
        let Some(question) = &prompt.question else { return Ok(Err(Silence::Lost)) };
        let Ok((auth_req_id, nonce)) = self.unseal_question(known.id, &question.sealed) else {
            return Ok(Err(Silence::Lost));
        };
        let Question { asked_at, expires_at, interval, .. } = *question;
        let acr_values = phone.acr_values.clone();
        let asked = Asked { auth_req_id, asked_at, expires_at, interval, acr_values, nonce };
        Ok(Ok(Open { phone, asked, known }))
    }

    /// What one look showed.
    pub(super) async fn seen(&self, prompt: &Prompt, open: &Open<'_>, look: Look) -> Result<(), DispatchError> {
        let mut pace = Pace::new(open.asked.interval);
        pace.after(&look);
        let over = self.clock.now() >= open.asked.expires_at;
        match look {
            Look::Pending | Look::SlowDown if over => self.unanswered(prompt, Silence::NoAnswer).await,
            Look::NotReached(_) if over => self.unanswered(prompt, Silence::NotReached).await,
            Look::Pending | Look::SlowDown | Look::NotReached(_) => self.look_again(prompt, pace.pause()).await,
            Look::Ended(Outcome::Approved(approval)) => self.approved(prompt, &open.known, &approval).await,
            Look::Ended(Outcome::Refused) => self.refused(prompt, &open.known).await,
            Look::Ended(Outcome::Expired) => self.unanswered(prompt, Silence::NoAnswer).await,
            Look::Ended(Outcome::Unreachable(_)) => self.unanswered(prompt, Silence::NotReached).await,
            Look::Ended(Outcome::Unknown(doubt)) => self.not_believed(prompt, &doubt).await,
        }
    }

    /// No approval, whatever it was meant to be. An administrator reads what was wrong with it.
    async fn not_believed(&self, prompt: &Prompt, doubt: &Doubt) -> Result<(), DispatchError> {
        tracing::warn!(provider = prompt.phone, %doubt, "an answer of a provider cannot be believed");
        self.unanswered(prompt, Silence::NotBelieved).await
    }

    /// The pause is kept: a provider that wants to be asked more rarely wants it for good.
    async fn look_again(&self, prompt: &Prompt, pause: Duration) -> Result<(), DispatchError> {
        let due_at = self.clock.now() + pause;
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                Ok::<_, DispatchError>(look_later(tx, prompt.transaction, pause, due_at).await?)
            })
            .await
    }
}
