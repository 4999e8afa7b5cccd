//! The life of a message for a partner, from being written to its answer.

use exchange::{
    code::{GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode},
    message::Answer,
};

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// To be delivered.
    Pending,
    /// Delivered; the partner's answer comes by SendCertificates.
    Acknowledged,
    /// Answered, with what was hoped for.
    Done,
    /// Answered otherwise.
    Failed,
    /// Withdrawn by an operator before it was answered.
    Cancelled,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Acknowledged, Self::Done, Self::Failed, Self::Cancelled];

    /// The state's name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Acknowledged => "acknowledged",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads [`State::as_str`].
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether something is still expected of it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Acknowledged)
    }
}

/// What an answer means for the message it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done; nothing came with it.
    Done {
        /// The standard's word.
        code: &'static str,
    },
    /// The DV certificate asked for, and CVCA certificates.
    Certificate(Vec<Vec<u8>>),
    /// The partner's CVCA certificates.
    CaCertificates(Vec<Vec<u8>>),
    /// The answer comes later.
    Acknowledged,
    /// The partner declined.
    Failed {
        /// The standard's word.
        code: &'static str,
    },
    /// Nothing was decided: the same message again, later.
    Again {
        /// The standard's word.
        code: &'static str,
    },
}

/// Reads an answer.
#[must_use]
pub fn outcome(answer: Answer) -> Outcome {
    match answer {
        Answer::RequestCertificate(answer) => request_outcome(answer.result, answer.certificates),
        Answer::GetCaCertificates(answer) => ca_outcome(answer.result, answer.certificates),
        Answer::SendCertificates(code) => match code {
            SendCertificatesCode::OkReceivedCorrectly => Outcome::Done { code: code.as_str() },
            SendCertificatesCode::FailureInternalError => Outcome::Again { code: code.as_str() },
            SendCertificatesCode::FailureSyntax | SendCertificatesCode::FailureMessageIdUnknown => {
                Outcome::Failed { code: code.as_str() }
            }
        },
        Answer::GeneralMessage(code) => match code {
            GeneralMessageCode::Ok => Outcome::Done { code: code.as_str() },
            GeneralMessageCode::FailureInternalError => Outcome::Again { code: code.as_str() },
            GeneralMessageCode::FailureSyntax => Outcome::Failed { code: code.as_str() },
        },
    }
}

fn request_outcome(code: RequestCertificateCode, certificates: Vec<Vec<u8>>) -> Outcome {
    match code {
        RequestCertificateCode::OkCertAvailable => Outcome::Certificate(certificates),
        RequestCertificateCode::OkReceptionAck => Outcome::Acknowledged,
        RequestCertificateCode::FailureInternalError => Outcome::Again { code: code.as_str() },
        RequestCertificateCode::FailureInnerSignature
        | RequestCertificateCode::FailureOuterSignature
        | RequestCertificateCode::FailureSyntax
        | RequestCertificateCode::FailureRequestSyntax
        | RequestCertificateCode::FailureExpired
        | RequestCertificateCode::FailureDomainParameters
        | RequestCertificateCode::FailureRequestNotAccepted => Outcome::Failed { code: code.as_str() },
    }
}

fn ca_outcome(code: GetCaCertificatesCode, certificates: Vec<Vec<u8>>) -> Outcome {
    match code {
        GetCaCertificatesCode::OkCertAvailable => Outcome::CaCertificates(certificates),
        GetCaCertificatesCode::OkReceptionAck => Outcome::Acknowledged,
        GetCaCertificatesCode::FailureInternalError => Outcome::Again { code: code.as_str() },
        GetCaCertificatesCode::FailureRequestNotAccepted | GetCaCertificatesCode::FailureSyntax => {
            Outcome::Failed { code: code.as_str() }
        }
    }
}

#[cfg(test)]
mod tests {
    use exchange::{
        code::{GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode},
        message::{Answer, GetCaCertificatesAnswer, RequestCertificateAnswer},
    };

    use super::{Outcome, State, outcome};

    fn all_answers() -> Vec<(String, Answer)> {
        let requests = RequestCertificateCode::ALL
            .iter()
            .map(|code| (code.to_string(), Answer::RequestCertificate(RequestCertificateAnswer::of(*code))));
        let cas = GetCaCertificatesCode::ALL
            .iter()
            .map(|code| (code.to_string(), Answer::GetCaCertificates(GetCaCertificatesAnswer::of(*code))));
        let sent = SendCertificatesCode::ALL.iter().map(|code| (code.to_string(), Answer::SendCertificates(*code)));
        let messages = GeneralMessageCode::ALL.iter().map(|code| (code.to_string(), Answer::GeneralMessage(*code)));
        requests.chain(cas).chain(sent).chain(messages).collect()
    }

    #[test]
    fn only_an_internal_error_is_sent_again_and_every_other_failure_is_final() {
        for (code, answer) in all_answers() {
            let expected = match code.as_str() {
                "failure_internal_error" => "again",
                failure if failure.starts_with("failure") => "failed",
                _ => "well",
            };
            let found = match outcome(answer) {
                Outcome::Again { code: word } => (word == code).then_some("again"),
                Outcome::Failed { code: word } => (word == code).then_some("failed"),
                Outcome::Acknowledged => (code == "ok_reception_ack").then_some("well"),
                Outcome::Done { .. } | Outcome::Certificate(_) | Outcome::CaCertificates(_) => Some("well"),
            };
            assert_eq!(found, Some(expected), "{code}");
        }
    }

    #[test]
    fn states_read_back_from_their_names() {
        assert!(State::ALL.iter().all(|state| State::from_name(state.as_str()) == Some(*state)));
        assert_eq!(State::ALL.map(State::is_open), [true, true, false, false, false]);
    }
}
