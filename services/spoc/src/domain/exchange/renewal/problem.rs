//! What an operator has to know about a renewal.

use std::fmt;

use straznica_types::Timestamp;

use super::Cause;
use crate::domain::records::Day;

/// What an operator has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// No usable certificate of the CVCA is held.
    NoAuthority,
    /// What came of asking for the CVCA's certificates, in words.
    NoCaCertificates(String),
    /// No valid DV certificate is held: documents of the partner cannot be opened.
    NoCertificate,
    /// The newest certificate gives fewer rights than another one in use, or none to fingerprints.
    FewerRights,
    /// The certificate ends within the days left for the fallback.
    ExpiresSoon(Day),
    /// The partner's announced outage outlasts the certificate.
    Outage(Timestamp),
    /// The answer to an acknowledged request is overdue since then.
    Overdue(Timestamp),
    /// The partner fails at the last request since then.
    Failing(Timestamp),
    /// GetCACertificates reached the partner then, and was not answered.
    CaUnanswered(Timestamp),
    /// The last request was declined.
    Declined(Cause),
    /// What answered the last request was refused here, for this reason.
    Refused(String),
    /// The last request was sent and not answered, for this reason.
    Unanswered(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAuthority => f.write_str("no usable certificate of the CVCA is held"),
            Self::NoCaCertificates(why) => {
                write!(f, "asking the partner for its CVCA certificates brought none: {why}")
            }
            Self::NoCertificate => f.write_str("no valid DV certificate is held"),
            Self::FewerRights => f.write_str(
                "the newest DV certificate gives fewer rights than another one in use, or none to fingerprints (DG3)",
            ),
            Self::ExpiresSoon(day) => write!(f, "the DV certificate ends on {day}, time for the fallback by e-mail"),
            Self::Outage(end) => write!(f, "the partner's planned outage until {end} outlasts the DV certificate"),
            Self::Overdue(since) => write!(f, "the partner's answer is overdue since {since}"),
            Self::Failing(since) => {
                write!(f, "the partner fails at the request since {since} (failure_internal_error)")
            }
            Self::CaUnanswered(since) => {
                write!(f, "the partner received GetCACertificates on {since} and has not answered")
            }
            Self::Refused(why) => {
                write!(f, "the last request came back with {}: {why}", Cause::AnswerRefused.as_str())
            }
            Self::Unanswered(why) => write!(f, "the last request is not answered yet: {why}"),
            Self::Declined(cause) => write!(f, "the last request came back with {}", cause.as_str()),
        }
    }
}
