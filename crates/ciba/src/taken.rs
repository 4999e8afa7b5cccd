//! What a provider answers to a question (CIBA Core 1.0 §7.3 and §13).

use std::time::Duration;

use ::http::StatusCode;
use serde::Deserialize;
use straznica_types::Timestamp;

use crate::asking::{Asked, Asking, AuthReqId, Nonce};
use crate::error::AskError;
use crate::http::{Answer, Failure};

/// When the provider names no interval (CIBA Core 1.0 §7.3).
const USUAL_INTERVAL: u64 = 5;

/// The provider took the question.
#[derive(Deserialize)]
pub(crate) struct Taken {
    auth_req_id: String,
    /// Seconds.
    expires_in: u64,
    /// Seconds.
    #[serde(default = "usual_interval")]
    interval: u64,
    /// Mobile Connect repeats it.
    pub(crate) correlation_id: Option<String>,
}

const fn usual_interval() -> u64 {
    USUAL_INTERVAL
}

impl Taken {
    /// Reads the answer, or that there was none.
    pub(crate) fn read(answer: Result<Answer, Failure>) -> Result<Self, AskError> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(Failure { why, sent: false }) => return Err(AskError::NotReached(why)),
            Err(Failure { why, sent: true }) => return Err(AskError::Lost(why)),
        };
        if answer.status == StatusCode::OK {
            return answer.json().ok_or(AskError::Unintelligible);
        }
        Err(match (answer.unable(), answer.error_code()) {
            // These two say that nothing was done; of other failures nobody knows.
            (Some(why), _) if matches!(answer.status.as_u16(), 429 | 503) => AskError::NotReached(why),
            (Some(why), _) => AskError::Lost(why),
            (None, Some(code)) => AskError::of_code(&code),
            (None, None) => AskError::Unintelligible,
        })
    }

    /// What is waited for. It is over when the provider says or when the caller wished, whichever is earlier.
    pub(crate) fn asked(self, asking: &Asking, asked_at: Timestamp, nonce: Option<Nonce>) -> Result<Asked, AskError> {
        Ok(Asked {
            auth_req_id: AuthReqId::new(&self.auth_req_id).ok_or(AskError::Unintelligible)?,
            asked_at,
            expires_at: asked_at + Duration::from_secs(self.expires_in).min(asking.requested_expiry),
            // A provider that says 0 does not mean that it wants to be asked without pause.
            interval: Duration::from_secs(self.interval.max(1)),
            acr_values: asking.acr_values.clone(),
            nonce,
        })
    }
}
