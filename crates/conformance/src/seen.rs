//! What a case expects of a SPOC, and what it saw.

use std::fmt;

use exchange::code::{
    Code, CodeSet, GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode, StatusInfo,
};
use exchange::message::Answer;
use exchange::profile::Profile;
use straznica_exchange_wire::CallError;

/// What came of what a case did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The answer code, by its standard name.
    Code(&'static str),
    /// An acknowledged message was answered by SendCertificates with this failure.
    Later(&'static str),
    /// The partner's own certificate is what it has to be.
    Recognised,
    /// Not let in: HTTP 401, UNAUTHENTICATED, or no handshake, while the proper credentials are served.
    Refused,
    /// The message was not processed, and the transport says so: a SOAP fault, a gRPC status, an HTTP status.
    Unprocessed(String),
    /// No answer, although one was due.
    Nothing(String),
    /// There was an answer, and it breaks a promise: which.
    Wrong(String),
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => f.write_str(code),
            Self::Later(status) => write!(f, "{status} by SendCertificates"),
            Self::Recognised => f.write_str("recognised"),
            Self::Refused => f.write_str("refused"),
            Self::Unprocessed(how) => write!(f, "not processed: {how}"),
            Self::Nothing(why) => write!(f, "no answer: {why}"),
            Self::Wrong(what) => f.write_str(what),
        }
    }
}

impl Seen {
    /// Reads what SendCertificates delivered: success counts like success on the same connection.
    #[must_use]
    pub const fn delivered(status: StatusInfo) -> Self {
        match status {
            StatusInfo::OkCertAvailable | StatusInfo::NewCertAvailableNotification => Self::Code(status.as_str()),
            failure => Self::Later(failure.as_str()),
        }
    }

    /// Reads what a client brought back.
    #[must_use]
    pub fn of(outcome: &Result<Answer, CallError>) -> Self {
        match outcome {
            Ok(Answer::RequestCertificate(answer)) => Self::Code(answer.result.as_str()),
            Ok(Answer::SendCertificates(code)) => Self::Code(code.as_str()),
            Ok(Answer::GetCaCertificates(answer)) => Self::Code(answer.result.as_str()),
            Ok(Answer::GeneralMessage(code)) => Self::Code(code.as_str()),
            Err(CallError::RefusedByPeer) => Self::Refused,
            Err(CallError::Fault { code, .. }) => Self::Unprocessed(code.clone()),
            Err(CallError::Http(status)) => Self::Unprocessed(format!("HTTP {status}")),
            Err(error) => Self::Nothing(with_cause(error)),
        }
    }

    /// The same message came twice, and this is not what came of it before.
    #[must_use]
    pub(crate) fn after(self, first: &Self) -> Self {
        if self == *first { self } else { Self::Wrong(format!("first {first}, then {self}")) }
    }

    /// A request that was countersigned with a key of which the partner was told, and what it answered then.
    #[must_use]
    pub(crate) fn told(self, answer: &Self) -> Self {
        Self::Wrong(format!("the notification got {answer}, the request {self}"))
    }
}

/// An error and what lies beneath it, in one line.
pub(crate) fn with_cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

/// What a case expects. Where the standards leave a choice, several outcomes are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// One of these codes of the set, or what the partner's profile tells instead of it.
    Codes(CodeSet, &'static [&'static str]),
    /// The partner is who it has to be.
    Recognised,
    /// Not let in.
    Refused,
    /// Not processed, as the transport says.
    Unprocessed,
    /// Either of the two above, or one of these codes: for messages that one SPOC's transport and another's application catches.
    NotTaken(CodeSet, &'static [&'static str]),
}

impl Expected {
    /// Whether what was seen is right; by a profile, where the binding has editions that lack codes.
    #[must_use]
    pub fn holds(self, seen: &Seen, profile: Option<&Profile>) -> bool {
        match (self, seen) {
            (Self::Codes(set, words) | Self::NotTaken(set, words), Seen::Code(code)) => {
                words.iter().any(|word| told(profile, set, word) == *code)
            }
            (Self::Codes(CodeSet::StatusInfo, words), Seen::Later(status)) => {
                words.iter().any(|word| told(profile, CodeSet::StatusInfo, word) == *status)
            }
            (Self::Codes(_, words) | Self::NotTaken(_, words), Seen::Later(status)) => {
                let later = words.iter().flat_map(|word| as_status(word));
                later.into_iter().any(|word| told(profile, CodeSet::StatusInfo, word) == *status)
            }
            (Self::Recognised, Seen::Recognised)
            | (Self::Refused, Seen::Refused)
            | (Self::Unprocessed | Self::NotTaken(..), Seen::Unprocessed(_))
            | (Self::NotTaken(..), Seen::Refused) => true,
            _ => false,
        }
    }

    /// In words, whatever the profile.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Codes(_, words) => words.join(" or "),
            Self::Recognised => "recognised".to_owned(),
            Self::Refused => "refused".to_owned(),
            Self::Unprocessed => "not processed".to_owned(),
            Self::NotTaken(_, words) => format!("not processed or {}", words.join(" or ")),
        }
    }

    /// In words, by this profile.
    #[must_use]
    pub fn text(self, profile: Option<&Profile>) -> String {
        match self {
            Self::Codes(set, words) => alternatives(profile, set, words),
            Self::Recognised => "recognised".to_owned(),
            Self::Refused => "refused".to_owned(),
            Self::Unprocessed => "not processed".to_owned(),
            Self::NotTaken(set, words) => format!("not processed or {}", alternatives(profile, set, words)),
        }
    }
}

/// What SendCertificates has for a code of the answer it brings: its set is the smaller one.
pub(crate) fn as_status(word: &'static str) -> Vec<&'static str> {
    match word {
        "failure_request_syntax" => vec!["failure_syntax"],
        "failure_expired" => vec!["failure_certificate", "failure_outer_signature"],
        "failure_domain_parameters" => vec!["failure_certificate", "failure_request_not_accepted"],
        same => vec![same],
    }
}

fn alternatives(profile: Option<&Profile>, set: CodeSet, words: &[&'static str]) -> String {
    let mut told: Vec<&str> = words.iter().map(|word| told(profile, set, word)).collect();
    told.dedup();
    told.join(" or ")
}

/// The code a partner is told instead of `word`.
fn told(profile: Option<&Profile>, set: CodeSet, word: &'static str) -> &'static str {
    let Some(profile) = profile else { return word };
    fn of<C: Code>(profile: &Profile, word: &'static str) -> &'static str {
        C::all().iter().find(|code| code.name() == word).map_or(word, |code| profile.told_as(*code).name())
    }
    match set {
        CodeSet::RequestCertificate => of::<RequestCertificateCode>(profile, word),
        CodeSet::StatusInfo => of::<StatusInfo>(profile, word),
        CodeSet::SendCertificates => of::<SendCertificatesCode>(profile, word),
        CodeSet::GetCaCertificates => of::<GetCaCertificatesCode>(profile, word),
        CodeSet::GeneralMessage => of::<GeneralMessageCode>(profile, word),
    }
}

#[cfg(test)]
mod tests {
    use super::{Expected, Seen};
    use exchange::code::CodeSet;
    use exchange::profile::Catalogue;

    #[test]
    fn a_newer_code_is_expected_as_the_partners_edition_tells_it() {
        let profiles = Catalogue::built_in().unwrap();
        let expired = Expected::Codes(CodeSet::RequestCertificate, &["failure_expired"]);
        for (profile, right, wrong) in [
            ("icao", "failure_expired", "failure_outer_signature"),
            ("2009", "failure_outer_signature", "failure_expired"),
        ] {
            let profile = profiles.get(profile).map(std::sync::Arc::as_ref);
            assert!(expired.holds(&Seen::Code(right), profile));
            assert!(!expired.holds(&Seen::Code(wrong), profile));
            assert_eq!(expired.text(profile), right);
        }
    }

    #[test]
    fn a_failure_that_comes_later_is_told_in_the_words_send_certificates_has() {
        let profiles = Catalogue::built_in().unwrap();
        let old = profiles.get("2009").map(std::sync::Arc::as_ref);
        for (word, status, profile, right) in [
            ("failure_inner_signature", "failure_inner_signature", None, true),
            ("failure_inner_signature", "failure_outer_signature", None, false),
            ("failure_expired", "failure_outer_signature", None, true),
            ("failure_expired", "failure_certificate", None, true),
            ("failure_expired", "failure_request_not_accepted", None, false),
            ("failure_expired", "failure_request_not_accepted", old, true),
            ("failure_domain_parameters", "failure_certificate", None, true),
            ("failure_domain_parameters", "failure_syntax", None, false),
            ("failure_request_syntax", "failure_syntax", None, true),
        ] {
            let words: &'static [&'static str] = Box::leak(Box::new([word]));
            let expected = Expected::Codes(CodeSet::RequestCertificate, words);
            assert_eq!(expected.holds(&Seen::Later(status), profile), right, "{word} {status}");
        }
    }

    #[test]
    fn silence_is_never_what_was_expected() {
        for expected in [
            Expected::Refused,
            Expected::Unprocessed,
            Expected::NotTaken(CodeSet::GeneralMessage, &["failure_syntax"]),
            Expected::Codes(CodeSet::GeneralMessage, &["ok"]),
        ] {
            for seen in [Seen::Nothing("timed out".to_owned()), Seen::Wrong("another certificate".to_owned())] {
                assert!(!expected.holds(&seen, None), "{expected:?}");
            }
        }
    }
}
