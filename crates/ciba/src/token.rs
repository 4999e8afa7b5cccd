//! What a token endpoint answers (CIBA Core 1.0 §10.1.1 and §11).

use ::http::StatusCode;
use serde::Deserialize;
use straznica_types::Secret;

use crate::channel::{Look, Outcome};
use crate::error::{Doubt, ErrorCode, Unreachable};
use crate::http::{Answer, Failure};

/// An answer, read.
pub(crate) enum Read {
    Look(Look),
    IdToken(Secret<String>),
}

/// Reads an answer, or that there was none.
pub(crate) fn read(answer: Result<Answer, Failure>) -> Read {
    match answer {
        Ok(answer) if answer.status == StatusCode::OK => id_token(&answer),
        Ok(answer) => Read::Look(refusal(&answer)),
        // It may have been the answer, given once.
        Err(Failure { why: Unreachable::TooLarge, .. }) => Read::Look(Look::Ended(Outcome::Unknown(Doubt::TooLarge))),
        Err(failure) => Read::Look(Look::NotReached(failure.why)),
    }
}

fn id_token(answer: &Answer) -> Read {
    /// The access token is not used, and not even read.
    #[derive(Deserialize)]
    struct Tokens {
        id_token: Secret<String>,
    }
    match answer.json::<Tokens>() {
        Some(tokens) => Read::IdToken(tokens.id_token),
        None => Read::Look(Look::Ended(Outcome::Unknown(Doubt::Unintelligible))),
    }
}

fn refusal(answer: &Answer) -> Look {
    let code = answer.error_code();
    match code.as_deref() {
        Some("authorization_pending") => Look::Pending,
        Some("slow_down") => Look::SlowDown,
        Some(code) => match (ended(code), answer.unable()) {
            (Some(outcome), _) => Look::Ended(outcome),
            (None, Some(unable)) => Look::NotReached(unable),
            (None, None) => Look::Ended(Outcome::Unknown(Doubt::Refused(ErrorCode::new(code)))),
        },
        // An error page of whatever stands before the provider.
        None => Look::NotReached(Unreachable::Status(answer.status.as_u16())),
    }
}

/// The codes that are the citizen's answer, or the lack of one.
pub(crate) fn ended(code: &str) -> Option<Outcome> {
    match code {
        "access_denied" => Some(Outcome::Refused),
        "expired_token" => Some(Outcome::Expired),
        _ => None,
    }
}
