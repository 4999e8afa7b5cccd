//! When our document verifier asks a foreign CVCA for its next certificate, and what follows from each answer (TR-03139 §4.6; CSN 36 9791 §6).
//!
//! A renewal begins the policy's days before expiry, earlier by the outages the partner announced for that time, and at once when the CVCA has a
//! newer key: documents issued from then on name it as their trust point. The request is successive (signed by the verifier's valid key) until the
//! partner says that it does not accept that; then it is initial, countersigned by the national CVCA. What the partner declined is never asked again
//! at once and unchanged: either something has changed (a key of the CVCA, the kind of request), or a pause of days lies between.
//!
//! [`decide`] looks at everything anew each time and keeps nothing: a restart in any moment loses nothing.

mod cause;
mod problem;
mod timing;

use std::time::Duration;

use straznica_types::Timestamp;

use self::timing::{begins, end_of, midnight, millis};
pub use self::{cause::Cause, problem::Problem};
use super::partner::Period;
use crate::domain::records::Day;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// First pause after a refusal of policy; doubled each time.
const REFUSAL_PAUSE: Duration = DAY;
/// Longest pause after one: a partner that has changed its mind is asked again within the lead of a renewal.
const LONGEST_REFUSAL_PAUSE: Duration = DAY.saturating_mul(4);
/// First pause after the partner failed while a request waited there; doubled each time.
const FAILURE_PAUSE: Duration = Duration::from_secs(60 * 60);
/// Age up to which an answer to GetCACertificates counts as the present state, and how long one is waited for.
const CA_ANSWER_LIFE: Duration = DAY;
/// How long the partner may fail at a request before an operator is told.
const FAILING_TOLERATED: Duration = Duration::from_secs(60 * 60);

/// Who vouches for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The national CVCA.
    Initial,
    /// The verifier's certificate in use.
    Successive,
}

/// Our newest usable DV certificate under a CVCA, with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    /// Its certification authority reference.
    pub generation: String,
    /// First day.
    pub effective: Day,
    /// Last day.
    pub expires: Day,
}

/// The newest usable certificate of the CVCA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Its holder reference.
    pub generation: String,
    /// Last day.
    pub expires: Day,
}

/// A request made to the CVCA and sent to the partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who vouches for it.
    pub kind: Kind,
    /// Reference of the CVCA certificate it was made for.
    pub generation: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Whether what vouches for it is still valid.
    pub signer_usable: bool,
    /// How far it has come.
    pub state: AskedState,
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedState {
    /// On its way.
    Pending,
    /// The partner answers that it failed; the same request is sent again and again.
    Failing {
        /// Since when.
        since: Timestamp,
    },
    /// The partner has it and will answer.
    Acknowledged {
        /// Since when.
        at: Timestamp,
    },
    /// The certificate was taken in.
    Fulfilled,
    /// Nothing is expected any more; a certificate that comes all the same is taken.
    Closed {
        /// Why.
        cause: Cause,
        /// Since when.
        at: Timestamp,
    },
}

/// How the partner was last asked for its CVCA certificates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CaQuery {
    /// A question is under way since then.
    pub open_since: Option<Timestamp>,
    /// The last one was settled then, one way or the other.
    pub settled_at: Option<Timestamp>,
    /// The last one is waited for no more: the partner had it then, and has not answered.
    pub unanswered_since: Option<Timestamp>,
}

impl CaQuery {
    /// A question put at `asked`, which has reached the partner (acknowledged, or answered with an internal error) at `reached`. One that has not is waited
    /// for as long as it takes to deliver it; for the answer to one that has, a day.
    #[must_use]
    pub fn under_way(asked: Timestamp, reached: Option<Timestamp>, now: Timestamp) -> Self {
        match reached {
            Some(reached) if now >= reached + CA_ANSWER_LIFE => {
                Self { open_since: None, settled_at: Some(reached + CA_ANSWER_LIFE), unanswered_since: Some(reached) }
            }
            _ => Self { open_since: Some(asked), ..Self::default() },
        }
    }

    /// A question that was settled at `at`.
    #[must_use]
    pub fn settled(at: Timestamp) -> Self {
        Self { settled_at: Some(at), ..Self::default() }
    }
}

/// What the policy says about renewals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Days before expiry at which a renewal begins, the fallback's among them.
    pub lead_days: u16,
    /// Days of these that are for the fallback by e-mail.
    pub fallback_days: u16,
    /// Days after which an answer to an acknowledged request is overdue.
    pub overdue_days: u16,
    /// Days after which a request the partner fails at is given up.
    pub failing_days: u16,
}

/// Everything a decision is made from.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// Present time.
    pub now: Timestamp,
    /// Policy for the partner.
    pub terms: Terms,
    /// What we hold.
    pub verifier: Option<Verifier>,
    /// What the CVCA has, as far as we know.
    pub authority: Option<Authority>,
    /// Requests sent, newest first; those before the last fulfilled one do not matter.
    pub requests: &'a [Asked],
    /// Questions for CVCA certificates.
    pub ca_query: CaQuery,
    /// Outages the partner announced.
    pub outages: &'a [Period],
    /// The newest certificate gives fewer rights than another one in use, or none to fingerprints although the CVCA has it to give.
    pub narrowed: bool,
    /// What went wrong, in words.
    pub troubles: Troubles<'a>,
}

/// What went wrong with the newest messages, for people: nothing is decided by it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Troubles<'a> {
    /// Why the newest request was not answered yet, or its answer refused.
    pub request: Option<&'a str>,
    /// What came of the newest question for CVCA certificates instead of them.
    pub ca_certificates: Option<&'a str>,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing before `until`; nothing at all without an operator where `None`.
    Wait {
        /// When to look again.
        until: Option<Timestamp>,
    },
    /// Give the request under way up: the partner fails at it, and may do so for ever since the same message gets the same answer.
    GiveUp,
    /// Ask the partner for its CVCA certificates.
    AskForCaCertificates,
    /// Ask the CVCA for a certificate.
    Request(Kind),
}

/// What to do, and what to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What to do.
    pub action: Action,
    /// What an operator has to know.
    pub problems: Vec<Problem>,
}

/// Decides about one subscription.
#[must_use]
pub fn decide(view: &View<'_>) -> Decision {
    let due_at = view.due_at();
    let action = match view.requests.first() {
        Some(asked) if asked.is_in_flight() => view.while_in_flight(asked),
        _ if view.now < due_at => Action::Wait { until: Some(due_at) },
        Some(Asked { state: AskedState::Closed { cause, at }, .. }) => view.after_refusal(*cause, *at),
        Some(fulfilled) if view.now < fulfilled.made_at + DAY && !view.has_newer_key_than(fulfilled) => {
            Action::Wait { until: Some(fulfilled.made_at + DAY) }
        }
        _ => view.begin(),
    };
    let action = match (action, view.outage_until()) {
        (Action::AskForCaCertificates | Action::Request(_), Some(end)) => Action::Wait { until: Some(end) },
        (action, _) => action,
    };
    Decision { action, problems: view.problems(due_at) }
}

impl Asked {
    /// Whether an answer is expected.
    #[must_use]
    pub const fn is_in_flight(&self) -> bool {
        matches!(self.state, AskedState::Pending | AskedState::Failing { .. } | AskedState::Acknowledged { .. })
    }
}

impl View<'_> {
    /// When the next renewal begins.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        let Some(verifier) = &self.verifier else { return self.now };
        let rolled_over = self.authority.as_ref().is_some_and(|newest| newest.generation != verifier.generation);
        if rolled_over { self.now } else { begins(verifier, self.terms, self.outages) }
    }

    fn has_newer_key_than(&self, asked: &Asked) -> bool {
        self.authority.as_ref().is_some_and(|newest| newest.generation != asked.generation)
    }

    /// A request is under way: normally its answer is waited for.
    fn while_in_flight(&self, asked: &Asked) -> Action {
        if asked.kind == Kind::Successive && !asked.signer_usable {
            return self.request(Kind::Initial);
        }
        let overdue_at = match asked.state {
            AskedState::Failing { since } => return self.while_failing(since),
            AskedState::Acknowledged { at } => self.overdue_at(at),
            // Delivery goes on by itself; only the end of what vouches for it changes anything.
            _ => return Action::Wait { until: self.verifier.as_ref().map(|verifier| end_of(verifier.expires)) },
        };
        if self.now < overdue_at {
            return Action::Wait { until: Some(overdue_at) };
        }
        if self.days_left().is_none_or(|days| days <= i64::from(self.terms.fallback_days)) {
            return self.request(self.kind());
        }
        Action::Wait { until: Some(midnight(Day::of(self.now).plus(1))) }
    }

    /// The partner fails at the request: tried for some days, and only for so long as the certificate in use has time.
    fn while_failing(&self, since: Timestamp) -> Action {
        let give_up_at = since + DAY * u32::from(self.terms.failing_days);
        let time_runs_out = self.days_left().is_some_and(|days| days <= i64::from(self.terms.fallback_days));
        if self.now >= give_up_at || time_runs_out {
            return Action::GiveUp;
        }
        Action::Wait { until: Some(give_up_at) }
    }

    /// The last request brought no certificate.
    fn after_refusal(&self, cause: Cause, at: Timestamp) -> Action {
        let Some(last) = self.requests.first() else { return self.begin() };
        match cause {
            Cause::OuterSignature | Cause::Expired if last.kind == Kind::Successive => {
                return self.request(Kind::Initial);
            }
            cause if cause.may_be_of_the_cvca() => {
                if let Some(first) = self.ask_first(at) {
                    return first;
                }
                if cause == Cause::Certificate && last.kind == Kind::Successive {
                    return self.request(Kind::Initial);
                }
            }
            _ => {}
        }
        if self.has_newer_key_than(last) {
            return self.request(self.kind());
        }
        let resumes = at + self.pause(cause);
        if self.now < resumes { Action::Wait { until: Some(resumes) } } else { self.request(self.kind()) }
    }

    /// A renewal begins. Whether the CVCA has a newer key is asked first where there is reason to think so.
    fn begin(&self) -> Action {
        let newest = self.authority.as_ref();
        let ends_soon = newest.is_none_or(|newest| self.days_until(newest.expires) <= i64::from(self.terms.lead_days));
        let rolled_over = newest.zip(self.verifier.as_ref()).is_some_and(|(cvca, dv)| cvca.generation != dv.generation);
        if (ends_soon || rolled_over)
            && let Some(first) = self.ask_first(self.fresh_since())
        {
            return first;
        }
        self.request(self.kind())
    }

    /// The question for CVCA certificates, unless it was settled since `since`; waits a day at most for one under way.
    fn ask_first(&self, since: Timestamp) -> Option<Action> {
        if self.ca_query.settled_at.is_some_and(|settled| settled >= since) {
            return None;
        }
        match self.ca_query.open_since {
            Some(open) if self.now >= open + CA_ANSWER_LIFE => None,
            Some(open) => Some(Action::Wait { until: Some(open + CA_ANSWER_LIFE) }),
            None => Some(Action::AskForCaCertificates),
        }
    }

    /// Since when an answer counts as the present state.
    fn fresh_since(&self) -> Timestamp {
        self.now - CA_ANSWER_LIFE + Duration::from_millis(1)
    }

    /// A request needs a CVCA certificate to be made for.
    fn request(&self, kind: Kind) -> Action {
        if self.authority.is_some() {
            return Action::Request(kind);
        }
        let asked_at = self.ca_query.settled_at.or(self.ca_query.open_since).unwrap_or(self.now);
        self.ask_first(self.fresh_since()).unwrap_or(Action::Wait { until: Some(asked_at + CA_ANSWER_LIFE) })
    }

    /// Successive as long as there is a certificate to sign with and the partner has not said that it does not accept that.
    fn kind(&self) -> Kind {
        let since_the_last = self.requests.iter().take_while(|asked| asked.state != AskedState::Fulfilled);
        let mut refused = since_the_last.filter(|asked| {
            matches!(asked.state, AskedState::Closed { cause, .. } if cause.is_of_the_signer())
                && asked.kind == Kind::Successive
        });
        if self.verifier.is_some() && refused.next().is_none() { Kind::Successive } else { Kind::Initial }
    }

    fn pause(&self, cause: Cause) -> Duration {
        let closed = self.requests.iter().take_while(|asked| matches!(asked.state, AskedState::Closed { .. }));
        let doublings = u32::try_from(closed.count().saturating_sub(1)).unwrap_or(u32::MAX).min(8);
        let (first, longest) = match cause {
            Cause::InternalError => (FAILURE_PAUSE, DAY),
            // Most likely something is wrong here, and people have to look; a partner that was wrong about it is not left for good.
            Cause::InnerSignature | Cause::Syntax => (LONGEST_REFUSAL_PAUSE, LONGEST_REFUSAL_PAUSE),
            _ => (REFUSAL_PAUSE, LONGEST_REFUSAL_PAUSE),
        };
        first.saturating_mul(1 << doublings).min(longest)
    }

    /// The very first request has only just been sent: no reason for concern. Where there was a certificate before, its end is one at once.
    fn has_only_just_begun(&self) -> bool {
        matches!(self.requests, [first] if first.is_in_flight() && self.now < first.made_at + DAY)
    }

    fn problems(&self, due_at: Timestamp) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.authority.is_none() {
            problems.push(Problem::NoAuthority);
            problems.extend(self.troubles.ca_certificates.map(|why| Problem::NoCaCertificates(why.to_owned())));
        }
        match (self.requests.first().map(|asked| asked.state), self.troubles.request) {
            (Some(AskedState::Closed { cause: Cause::AnswerRefused, .. }), Some(why)) if self.now >= due_at => {
                problems.push(Problem::Refused(why.to_owned()));
            }
            (Some(AskedState::Closed { cause, .. }), _) if self.now >= due_at => {
                problems.push(Problem::Declined(cause));
            }
            (Some(AskedState::Pending), Some(why)) => problems.push(Problem::Unanswered(why.to_owned())),
            (Some(AskedState::Failing { since }), Some(why)) if self.now < since + FAILING_TOLERATED => {
                problems.push(Problem::Unanswered(why.to_owned()));
            }
            _ => {}
        }
        if let Some(Asked { state: AskedState::Acknowledged { at }, .. }) = self.requests.first()
            && self.now >= self.overdue_at(*at)
        {
            problems.push(Problem::Overdue(self.overdue_at(*at)));
        }
        if let Some(AskedState::Failing { since }) = self.requests.first().map(|asked| asked.state)
            && self.now >= since + FAILING_TOLERATED
        {
            problems.push(Problem::Failing(since));
        }
        if let Some(since) = self.ca_query.unanswered_since
            && (self.now >= due_at || self.authority.is_none())
        {
            problems.push(Problem::CaUnanswered(since));
        }
        if self.narrowed {
            problems.push(Problem::FewerRights);
        }
        match &self.verifier {
            None if self.has_only_just_begun() => {}
            None => problems.push(Problem::NoCertificate),
            Some(verifier) => {
                if self.days_until(verifier.expires) <= i64::from(self.terms.fallback_days) {
                    problems.push(Problem::ExpiresSoon(verifier.expires));
                }
                if let Some(end) = self.outage_until().filter(|end| *end >= end_of(verifier.expires)) {
                    problems.push(Problem::Outage(end));
                }
            }
        }
        problems
    }

    fn overdue_at(&self, acknowledged: Timestamp) -> Timestamp {
        acknowledged + DAY * u32::from(self.terms.overdue_days)
    }

    fn days_left(&self) -> Option<i64> {
        self.verifier.as_ref().map(|verifier| self.days_until(verifier.expires))
    }

    fn days_until(&self, day: Day) -> i64 {
        (day.midnight() - Day::of(self.now).midnight()) / millis(DAY)
    }

    /// End of the announced outage the present lies in, or of those that follow it without a gap.
    fn outage_until(&self) -> Option<Timestamp> {
        let mut at = self.now;
        while let Some(end) = self.outages.iter().filter(|outage| outage.covers(at)).filter_map(Period::until).max() {
            at = end;
        }
        (at > self.now).then_some(at)
    }
}

#[cfg(test)]
mod tests;
