//! Issues and uses up challenges for Active Authentication.
//!
//! A challenge is issued before a document is at hand, so it touches nobody's data and is not journalled; the inspection it is answered in is.

use aws_lc_rs::rand;
use straznica_types::{ChallengeId, TerminalId, Timestamp};

use super::App;
use crate::domain::{ActiveAnswer, CHALLENGE_LENGTH, CallerClaims, Challenge};
use crate::error::IdentityError;
use crate::store::{answer_challenge, insert_challenge};

/// A challenge as the terminal gets it.
pub(crate) struct IssuedChallenge {
    pub(crate) id: ChallengeId,
    pub(crate) value: [u8; CHALLENGE_LENGTH],
    pub(crate) expires_at: Timestamp,
}

impl App {
    /// Issues a challenge to the caller's terminal.
    pub(crate) async fn create_challenge(&self, caller: &CallerClaims) -> Result<IssuedChallenge, IdentityError> {
        let terminal = caller.terminal()?.clone();
        let now = self.clock.now();
        let mut value = [0; CHALLENGE_LENGTH];
        rand::fill(&mut value).map_err(|_| IdentityError::Random)?;
        let id = ChallengeId::generate_at(now);
        let challenge = Challenge::issue(id, terminal, value, now, self.rules.challenge_life);
        self.store
            .write_tx(async |tx| {
                insert_challenge(tx, &challenge).await?;
                Ok::<_, IdentityError>(())
            })
            .await?;
        Ok(IssuedChallenge { id, value, expires_at: challenge.expires_at })
    }

    /// Uses up the challenge an answer names, in a transaction of its own: whatever becomes of the answer, there is no second one.
    pub(super) async fn use_challenge(
        &self,
        terminal: &TerminalId,
        answer: Option<&ActiveAnswer>,
    ) -> Result<Option<[u8; CHALLENGE_LENGTH]>, IdentityError> {
        let Some(answer) = answer else { return Ok(None) };
        let now = self.clock.now();
        let value = self.store.write_tx(async |tx| answer_challenge(tx, answer.challenge, terminal, now).await).await?;
        Ok(Some(value))
    }
}
