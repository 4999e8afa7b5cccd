//! Prompts: the citizen is asked on the phone, before the text message and beside it.
//!
//! The text message lies in the outbox from the beginning and waits; a prompt that comes to nothing makes it due, and so does its own time. So no work here is
//! needed for the citizen to be asked at all: whatever dies, the text goes out. A prompt is marked before the provider hears of it and nobody is asked
//! twice. It stays good beside the text: of the yes on the phone and the code that is read out, whichever ends the transaction first counts, and the
//! other finds it over. No remote call is made inside a transaction.

mod ask;
mod end;
mod hear;
mod look;

use std::time::Duration;

use ciba::{AuthReqId, Nonce};
use straznica_store::Isolation;
use zeroize::Zeroizing;

pub(crate) use hear::Heard;

use super::App;
use crate::domain::{Prompt, PromptState, Silence, TransactionId};
use crate::error::DispatchError;
use crate::keys::Unsealable;
use crate::store::claim_prompts;

/// How long somebody has to see to a prompt before it is given up for lost: longer than any look, with the fetching of documents before it.
const LEASE: Duration = Duration::from_secs(120);
/// What seeing to a prompt may take in all.
const LONGEST: Duration = Duration::from_secs(100);
/// The use of a seal.
const SEALED: &str = "prompt";

impl App {
    /// Takes prompts that are due, so many at most.
    pub(crate) async fn claim_prompts(&self, most: usize) -> Result<Vec<Prompt>, DispatchError> {
        let now = self.clock.now();
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| claim_prompts(tx, now, now + LEASE, most).await)
            .await
    }

    /// Sees to one prompt as far as it goes at present. Whatever fails, its lease brings it back, or the text message has its turn.
    pub(crate) async fn see_to(&self, prompt: Prompt) {
        let seeing = async {
            match prompt.state {
                PromptState::Wanted => self.ask_phone(prompt).await,
                PromptState::Asked => self.look_at(prompt).await,
                // Whoever asked is gone, and nobody knows whether the phone rings.
                PromptState::Asking => self.unanswered(&prompt, Silence::Lost).await,
                PromptState::Approved | PromptState::Refused | PromptState::Unanswered => Ok(()),
            }
        };
        match tokio::time::timeout(LONGEST, seeing).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => tracing::error!(error = %failure, "a prompt could not be seen to"),
            Err(_) => tracing::warn!("seeing to a prompt took too long"),
        }
    }

    /// What only the provider and this service are to know of a question.
    fn seal_question(&self, id: TransactionId, auth_req_id: &AuthReqId, nonce: Option<&Nonce>) -> Option<Vec<u8>> {
        // Neither has a line end in it.
        let plain = format!("{}\n{}", auth_req_id.expose(), nonce.map_or("", Nonce::expose));
        self.keys.seal(SEALED, id, plain.into_bytes())
    }

    fn unseal_question(&self, id: TransactionId, sealed: &[u8]) -> Result<(AuthReqId, Option<Nonce>), Unsealable> {
        let plain: Zeroizing<Vec<u8>> = self.keys.unseal(SEALED, id, sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| Unsealable)?;
        let (auth_req_id, nonce) = text.split_once('\n').ok_or(Unsealable)?;
        Ok((AuthReqId::new(auth_req_id).ok_or(Unsealable)?, Nonce::new(nonce)))
    }
}
