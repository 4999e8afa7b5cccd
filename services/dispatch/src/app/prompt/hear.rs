//! What a provider tells of its own accord.

use std::time::Duration;

use ciba::{InvalidNotification, Notification, TokenDigest, Told};
use straznica_store::Isolation;

use crate::app::App;
use crate::domain::{Prompt, PromptState};
use crate::error::DispatchError;
use crate::store::{find_prompt, find_prompt_by_handle, look_now, rung_early};

/// How long a notification that brings the answer along waits for the question to be taken: providers may be quicker than their own answer.
const LOOKS: u32 = 50;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// What is answered to a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It is written down, or nothing hangs on it any more.
    Taken,
    /// No such token, or not of this question. The same for both.
    Stranger,
    /// Not a notification.
    Malformed,
    /// The question it answers is not known yet.
    TooEarly,
}

impl App {
    /// Takes a notification: the value of the Authorization header and the body, as they came. What is taken is durable.
    pub(crate) async fn hear(&self, authorization: Option<&[u8]>, body: &[u8]) -> Result<Heard, DispatchError> {
        let notification = match Notification::read(authorization, body) {
            Ok(notification) => notification,
            Err(InvalidNotification::NoToken) => return Ok(Heard::Stranger),
            Err(InvalidNotification::Unreadable) => return Ok(Heard::Malformed),
        };
        let Some(mut prompt) = find_prompt_by_handle(self.store.reader(), notification.handle()).await? else {
            return Ok(Heard::Stranger);
        };
        if !is_of(&prompt, &notification) {
            return Ok(Heard::Stranger);
        }
        for _ in 0..LOOKS {
            if prompt.state != PromptState::Asking {
                break;
            }
            if matches!(notification.told, Told::Ring) {
                // Written down and answered for at once: a provider may wait for that before it answers for the question.
                if self.heard_early(&prompt).await? {
                    return Ok(Heard::Taken);
                }
            } else {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
            let Some((now, _)) = find_prompt(self.store.reader(), prompt.transaction).await? else {
                return Ok(Heard::Stranger);
            };
            prompt = now;
        }
        match prompt.state {
            PromptState::Asking => Ok(Heard::TooEarly),
            PromptState::Asked => self.told(&prompt, &notification).await,
            PromptState::Wanted | PromptState::Approved | PromptState::Refused | PromptState::Unanswered => {
                Ok(Heard::Taken)
            }
        }
    }

    async fn heard_early(&self, prompt: &Prompt) -> Result<bool, DispatchError> {
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                Ok::<_, DispatchError>(rung_early(tx, prompt.transaction).await?)
            })
            .await
    }

    async fn told(&self, prompt: &Prompt, notification: &Notification) -> Result<Heard, DispatchError> {
        let open = match self.open_question(prompt).await? {
            Ok(open) if open.asked.auth_req_id == notification.auth_req_id => open,
            Ok(_) => return Ok(Heard::Stranger),
            Err(silence) => {
                self.unanswered(prompt, silence).await?;
                return Ok(Heard::Taken);
            }
        };
        if matches!(notification.told, Told::Ring) {
            let now = self.clock.now();
            self.store
                .write_tx_with(Isolation::ReadCommitted, async |tx| {
                    Ok::<_, DispatchError>(look_now(tx, prompt.transaction, now).await?)
                })
                .await?;
            self.prompts.notify_one();
            return Ok(Heard::Taken);
        }
        let look = open.phone.channel.hear(&open.asked, notification).await;
        self.seen(prompt, &open, look).await?;
        Ok(Heard::Taken)
    }
}

fn is_of(prompt: &Prompt, notification: &Notification) -> bool {
    let Some((handle, digest)) = &prompt.bell else { return false };
    TokenDigest::from_parts(handle.clone(), *digest).is_of(notification)
}
