//! How a transaction stands.

use super::App;
use crate::domain::{Asking, PromptState, Refusal, Standing, State, TransactionId};
use crate::error::DispatchError;
use crate::store::{find_prompt, find_transaction};

impl App {
    /// How a transaction of the caller stands. Where there is nobody it is pending until its time is over, like one nobody answers.
    pub(crate) async fn standing(&self, asking: &Asking, id: TransactionId) -> Result<Standing, DispatchError> {
        let now = self.clock.now();
        let known = find_transaction(self.store.reader(), id).await?;
        let known = known.filter(|known| known.bound.asking == *asking).ok_or(Refusal::Expired)?;
        let prompt = find_prompt(self.store.reader(), id).await?;
        let (prompt, acr) = prompt.map_or((None, None), |(prompt, acr)| (Some(prompt.state), acr));
        Ok(match known.state {
            State::Open if now < known.expires_at => Standing::Pending,
            State::Open | State::Expired => Standing::Expired,
            State::Validated => Standing::Approved { at: known.ended_at.unwrap_or(known.opened_at), acr },
            State::Cancelled if prompt == Some(PromptState::Refused) => Standing::Refused,
            State::Cancelled | State::Exhausted => Standing::Over,
        })
    }
}
