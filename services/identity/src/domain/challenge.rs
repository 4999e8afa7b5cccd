//! Challenges for Active Authentication (ICAO Doc 9303-11 §6.1).

use std::time::Duration;

use straznica_types::{ChallengeId, TerminalId, Timestamp};

use super::Refusal;

/// RND.IFD is eight bytes long.
pub const CHALLENGE_LENGTH: usize = 8;

/// A challenge as it was issued: for one terminal, for one use, for a few minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// What the answer names.
    pub id: ChallengeId,
    /// Who may answer.
    pub terminal: TerminalId,
    /// RND.IFD.
    pub value: [u8; CHALLENGE_LENGTH],
    /// From then on an answer is refused.
    pub expires_at: Timestamp,
    /// When it was answered.
    pub used_at: Option<Timestamp>,
}

impl Challenge {
    /// A challenge from fresh random bytes.
    #[must_use]
    pub fn issue(
        id: ChallengeId,
        terminal: TerminalId,
        value: [u8; CHALLENGE_LENGTH],
        now: Timestamp,
        life: Duration,
    ) -> Self {
        Self { id, terminal, value, expires_at: now + life, used_at: None }
    }

    /// Whether `terminal` may answer it now. Another terminal learns only that it has no such challenge.
    ///
    /// # Errors
    /// [`Refusal::ChallengeUnknown`], [`Refusal::ChallengeUsed`] or [`Refusal::ChallengeExpired`].
    pub fn may_be_answered_by(&self, terminal: &TerminalId, now: Timestamp) -> Result<(), Refusal> {
        if self.terminal != *terminal {
            return Err(Refusal::ChallengeUnknown);
        }
        if self.used_at.is_some() {
            return Err(Refusal::ChallengeUsed);
        }
        if now >= self.expires_at {
            return Err(Refusal::ChallengeExpired(self.expires_at));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_answered_once_by_its_terminal_in_time() {
        let now = Timestamp::from_seconds(1_779_960_600);
        let ours = TerminalId::parse("PL-WAW-017").unwrap();
        let other = TerminalId::parse("PL-KRK-002").unwrap();
        let life = Duration::from_secs(300);
        let challenge = Challenge::issue(ChallengeId::generate_at(now), ours.clone(), [1; 8], now, life);
        let used = Challenge { used_at: Some(now), ..challenge.clone() };
        let last = now + life - Duration::from_millis(1);

        assert_eq!(challenge.may_be_answered_by(&ours, now), Ok(()));
        assert_eq!(challenge.may_be_answered_by(&ours, last), Ok(()));
        assert_eq!(challenge.may_be_answered_by(&ours, now + life), Err(Refusal::ChallengeExpired(now + life)));
        assert_eq!(challenge.may_be_answered_by(&other, now), Err(Refusal::ChallengeUnknown));
        assert_eq!(used.may_be_answered_by(&ours, now), Err(Refusal::ChallengeUsed));
        assert_eq!(used.may_be_answered_by(&other, now), Err(Refusal::ChallengeUnknown));
    }
}
