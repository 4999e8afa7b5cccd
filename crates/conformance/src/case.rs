//! A case: what is done, what is expected, and by which rule.

use exchange::code::CodeSet;
use futures::future::BoxFuture;
use straznica_exchange_wire::Binding;

use crate::bench::Bench;
use crate::cvca::MakingError;
use crate::seen::{Expected, Seen};

/// What a case is about; the report has a table for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Who is let in.
    Identity,
    /// RequestCertificate.
    Request,
    /// What is issued.
    Issued,
    /// The same message twice.
    Repetition,
    /// GetCACertificates.
    CaCertificates,
    /// SendCertificates.
    Delivery,
    /// GeneralMessage.
    General,
    /// Answers that come later.
    Later,
    /// SOAP documents and HTTP.
    Soap,
    /// gRPC messages and HTTP/2.
    Grpc,
}

impl Group {
    /// A case of this group, over the bindings the group is about, that needs nothing beside a line.
    pub(crate) const fn case(
        self,
        id: &'static str,
        title: &'static str,
        steps: &'static str,
        expected: Expected,
        source: &'static str,
        run: Run,
    ) -> Case {
        let over = match self {
            Self::Soap => Over::Only(Binding::Soap),
            Self::Grpc => Over::Only(Binding::Grpc),
            _ => Over::Both,
        };
        Case { id, group: self, title, steps, expected, source, over, needs: &[], run }
    }

    /// Its heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Identity => "Who is let in",
            Self::Request => "RequestCertificate",
            Self::Issued => "What is issued",
            Self::Repetition => "Messages repeated",
            Self::CaCertificates => "GetCACertificates",
            Self::Delivery => "SendCertificates",
            Self::General => "GeneralMessage",
            Self::Later => "Answers that come later",
            Self::Soap => "SOAP documents",
            Self::Grpc => "gRPC messages",
        }
    }
}

/// Over which binding a case can be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Either.
    Both,
    /// This one alone.
    Only(Binding),
}

/// What a case needs of a target beside a line to it. A case whose need is not met is not applicable, and says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A third state, registered with the partner like the tester.
    OtherState,
    /// A holder whose requests two officers of the partner approve.
    TwoPersonHolder,
    /// Somebody who acts as the partner's officers.
    Officers,
    /// A clock that can be moved, the partner's and ours.
    Calendar,
    /// A second holder whose requests are answered automatically.
    SecondHolder,
}

impl Need {
    /// What the published list calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OtherState => "a second state",
            Self::TwoPersonHolder => "a holder approved by two officers",
            Self::Officers => "the partner's officers",
            Self::Calendar => "a clock that can be moved",
            Self::SecondHolder => "a second holder",
        }
    }

    /// Why a case without it cannot be run.
    #[must_use]
    pub const fn missing(self) -> &'static str {
        match self {
            Self::OtherState => "no second state is registered with the partner for the tester",
            Self::TwoPersonHolder => "no holder of the tester is approved by two officers",
            Self::Officers => "nobody acts for the partner's officers",
            Self::Calendar => "the partner's clock cannot be moved",
            Self::SecondHolder => "the tester has one holder at the partner only",
        }
    }
}

/// Why a case came to no result.
#[derive(Debug, thiserror::Error)]
pub enum Obstacle {
    /// It cannot be run against this target.
    #[error("{0}")]
    NotApplicable(&'static str),
    /// What it builds on did not work, which other cases are about.
    #[error("{what} failed first: {seen}")]
    Before {
        /// What it needed.
        what: &'static str,
        /// What came instead.
        seen: Seen,
    },
    /// The kit could not make what it wanted to send.
    #[error("the kit cannot make what it sends: {0}")]
    Making(#[from] MakingError),
    /// Its own certificates could not be made.
    #[error("the kit cannot make its certificates: {0}")]
    Certificates(#[from] exchange::development::DevelopmentError),
    /// The partner's officers could not be made to act.
    #[error("the partner's officers could not act: {0}")]
    Officers(#[from] crate::target::HandsError),
}

/// What a case does.
pub type Run = for<'a> fn(&'a Bench<'a>) -> BoxFuture<'a, Result<Seen, Obstacle>>;

/// A case of the published list.
#[derive(Clone, Copy)]
pub struct Case {
    /// By which reports name it; never reused.
    pub id: &'static str,
    /// What it is about.
    pub group: Group,
    /// The rule, as a sentence about the partner.
    pub title: &'static str,
    /// What is done.
    pub steps: &'static str,
    /// What has to come of it.
    pub expected: Expected,
    /// Document and section.
    pub source: &'static str,
    /// Bindings.
    pub over: Over,
    /// Needs.
    pub needs: &'static [Need],
    /// The case itself.
    pub run: Run,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Case").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Case {
    /// The same, with needs.
    pub(crate) const fn needing(self, needs: &'static [Need]) -> Self {
        Self { needs, ..self }
    }

    /// Whether it is meant for this binding.
    #[must_use]
    pub fn is_for(&self, binding: Binding) -> bool {
        match self.over {
            Over::Both => true,
            Over::Only(one) => one == binding,
        }
    }
}

/// The codes of RequestCertificate, shorthand for the tables.
pub(crate) const fn request(words: &'static [&'static str]) -> Expected {
    Expected::Codes(CodeSet::RequestCertificate, words)
}

/// The codes of SendCertificates.
pub(crate) const fn delivery(words: &'static [&'static str]) -> Expected {
    Expected::Codes(CodeSet::SendCertificates, words)
}

/// The codes of GetCACertificates.
pub(crate) const fn ca_certificates(words: &'static [&'static str]) -> Expected {
    Expected::Codes(CodeSet::GetCaCertificates, words)
}

/// The codes of GeneralMessage.
pub(crate) const fn general(words: &'static [&'static str]) -> Expected {
    Expected::Codes(CodeSet::GeneralMessage, words)
}
