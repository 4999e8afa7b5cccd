//! Values of the policy.

use std::time::Duration;

use cvc::{
    algorithm::Algorithm,
    policy::{Limits as CvcLimits, Period, ValidityPolicy},
};
use exchange::identity::{Demands, LONGEST_CRL_AGE};
use serde::Deserialize;
use time::{Date, macros::date};

/// Everything the policy puts a number to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Values {
    /// How long certificates are valid.
    pub validity: Validity,
    /// What keys are certified.
    pub keys: Keys,
    /// How fast requests are answered.
    pub answers: Answers,
    /// How early certificates are renewed.
    pub renewal: Renewal,
    /// How a message is sent again.
    pub delivery: Delivery,
    /// How fresh revocation lists are.
    pub revocation: Revocation,
    /// What partners' SPOC certificates are.
    pub spoc_certificates: SpocCertificates,
    /// How early roots change.
    pub rollover: Rollover,
    /// How much of a partner's is taken in.
    pub intake: Intake,
    /// When people are told.
    pub alarms: Alarms,
    /// How long certificates are kept.
    pub retention: Retention,
}

/// How long certificates are valid (TR-03139 §4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// CVCA and link certificates: those we make, and for a partner those that come from it.
    pub cvca: Limits,
    /// Document verifiers.
    pub dv: Limits,
    /// Inspection systems.
    pub inspection_system: Limits,
    /// Days a DV certificate is given where the holder's registration names none.
    pub dv_granted_days: u16,
    /// Years our own travel documents are valid.
    pub document_years: u16,
}

/// Shortest and longest validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The shortest.
    pub shortest: Span,
    /// The longest.
    pub longest: Span,
}

/// A span of the calendar: months first, then days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Calendar months.
    #[serde(default)]
    pub months: u16,
    /// Days.
    #[serde(default)]
    pub days: u16,
}

/// What keys are certified, and what signatures vouch for a request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Shortest field of an elliptic curve, bits.
    pub ec_bits: u32,
    /// Shortest modulus, bits.
    pub rsa_bits: u32,
    /// Signature algorithms.
    pub algorithms: Vec<Algorithm>,
}

/// How fast requests are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Days in which a request is answered (TR-03139 table 2).
    pub within_days: u16,
    /// Days before that at which a waiting request raises an alert.
    pub alert_days: u16,
    /// Days after which a partner's answer to a request it acknowledged is overdue.
    pub callback_overdue_days: u16,
    /// Days after which a request the partner answers with failure_internal_error, again and again, is given up for a new one, and an answer of ours whose
    /// messageID it says it does not know.
    pub internal_error_days: u16,
}

/// How early certificates are renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// Days before expiry at which a DV certificate's renewal begins (TR-03139 §4.6).
    pub lead_days: u16,
    /// Days more, for the fallback by e-mail.
    pub fallback_days: u16,
    /// Days before expiry at which an inspection system is renewed at the latest.
    pub inspection_system_lead_days: u16,
}

/// How a message is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Seconds before the second attempt; doubled each time.
    pub first_seconds: u32,
    /// Most seconds between two attempts.
    pub longest_seconds: u32,
    /// By how much each pause may be shorter or longer, per cent.
    pub jitter_percent: u8,
}

/// How fresh revocation lists are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Oldest revocation list a SPOC certificate is judged by, days. More than ninety are ninety.
    pub crl_max_age_days: u16,
}

impl Revocation {
    /// The oldest revocation list that counts.
    #[must_use]
    pub fn crl_max_age(&self) -> Duration {
        Duration::from_secs(u64::from(self.crl_max_age_days) * 86_400).min(LONGEST_CRL_AGE)
    }
}

/// What partners' SPOC roots, and the certificates below them, are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpocCertificates {
    /// Shortest field of an elliptic curve, bits.
    pub ec_bits: u32,
    /// Shortest modulus, bits.
    pub rsa_bits: u32,
    /// Fewest days a SPOC's certificate is valid without a warning.
    pub shortest_days: u16,
    /// Most days a SPOC's certificate is valid without a warning.
    pub longest_days: u16,
}

/// How early roots change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollover {
    /// Days a new SPOC root is announced before its use.
    pub root_announced_days: u16,
    /// Days a new SPOC root is distributed before its use.
    pub root_distributed_days: u16,
    /// Days before its end at which the national CVCA should have a successor.
    pub cvca_lead_days: u16,
}

/// How much of a partner's is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intake {
    /// Most messages in an hour.
    pub messages_per_hour: u32,
    /// Most general messages among them: they are the longest, and people read them.
    pub general_messages_per_hour: u32,
    /// Most questions for CVCA certificates among them: each is kept with its answer.
    pub ca_certificate_questions_per_hour: u32,
    /// Days after it was made for which a bundle of the fallback by e-mail is taken.
    pub bundle_days: u16,
}

impl Intake {
    /// How long after it was made a bundle is taken.
    #[must_use]
    pub fn oldest_bundle(&self) -> Duration {
        Duration::from_secs(u64::from(self.bundle_days) * 86_400)
    }
}

/// When the health board and the calendar tell people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarms {
    /// Days without a word in either direction after which a link is looked at.
    pub silent_days: u16,
    /// Hours a message may wait before somebody is told.
    pub waiting_hours: u16,
    /// Days for which certificates the partner did not take are told of.
    pub refused_days: u16,
    /// Days before the end of a partner's SPOC roots and certificates, and of its CVCAs' newest certificates, at which somebody is told.
    pub expiry_days: u16,
    /// Days before the end of one of our own SPOC certificates at which people are told: another authority has to sign its successor.
    pub own_expiry_days: u16,
    /// Days for which what ended without a successor is held to be missed. After that it was given up.
    pub missed_days: u16,
}

/// How long certificates are kept after their validity, and messages after they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Months a CVCA's repository is kept beyond the validity of certificates and documents.
    pub cvca_months: u16,
    /// Months a document verifier's repository is kept beyond the validity of its certificates.
    pub dv_months: u16,
    /// Months answers to partners' messages, their refused requests and general messages somebody has read are kept.
    pub messages_months: u16,
}

impl Values {
    /// What a partner's SPOC certificates are held against.
    #[must_use]
    pub fn demands(&self) -> Demands {
        let SpocCertificates { ec_bits, rsa_bits, shortest_days, longest_days } = self.spoc_certificates;
        Demands { crl_max_age: self.revocation.crl_max_age(), rsa_bits, ec_bits, shortest_days, longest_days }
    }
}

/// Something about values that cannot be: which, the first of them the subject, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contradiction {
    pub(super) paths: &'static [&'static str],
    pub(super) what: &'static str,
}

/// Whether something is broken, of which values, and how.
type Check = (bool, &'static [&'static str], &'static str);

const ZERO: &str = "is zero";

impl Values {
    /// Everything about the values that contradicts the standards or itself, or would rule nothing.
    pub(super) fn contradictions(&self) -> Vec<Contradiction> {
        let checks = self.of_certificates().into_iter().chain(self.of_the_exchange()).chain(self.that_are_zero());
        checks.filter(|(broken, ..)| *broken).map(|(_, paths, what)| Contradiction { paths, what }).collect()
    }

    fn of_certificates(&self) -> [Check; 12] {
        let (validity, keys, spoc) = (&self.validity, &self.keys, &self.spoc_certificates);
        let nothing = |limits: Limits| limits.shortest.is_nothing();
        let unordered = |limits: Limits| !limits.are_ordered();
        let (is_nothing, is_longer) = ("is nothing", "is longer than the longest");
        [
            (nothing(validity.cvca), &["validity.cvca.shortest"], is_nothing),
            (nothing(validity.dv), &["validity.dv.shortest"], is_nothing),
            (nothing(validity.inspection_system), &["validity.inspection_system.shortest"], is_nothing),
            (unordered(validity.cvca), &["validity.cvca.shortest", "validity.cvca.longest"], is_longer),
            (unordered(validity.dv), &["validity.dv.shortest", "validity.dv.longest"], is_longer),
            (
                unordered(validity.inspection_system),
                &["validity.inspection_system.shortest", "validity.inspection_system.longest"],
                is_longer,
            ),
            (
                !validity.dv.permits_days(validity.dv_granted_days),
                &["validity.dv_granted_days", "validity.dv"],
                "lies outside the limits of a DV certificate",
            ),
            (
                keys.algorithms.iter().any(|algorithm| algorithm.is_weak()),
                &["keys.algorithms"],
                "names SHA-1, which is not used for new signatures",
            ),
            (keys.algorithms.is_empty(), &["keys.algorithms"], "allows none"),
            (!(160..=521).contains(&keys.ec_bits), &["keys.ec_bits"], "is less than 160 or more than 521"),
            (!(1024..=8192).contains(&keys.rsa_bits), &["keys.rsa_bits"], "is less than 1024 or more than 8192"),
            (
                spoc.shortest_days > spoc.longest_days,
                &["spoc_certificates.shortest_days", "spoc_certificates.longest_days"],
                is_longer,
            ),
        ]
    }

    fn of_the_exchange(&self) -> [Check; 7] {
        let (delivery, spoc) = (&self.delivery, &self.spoc_certificates);
        let renewal_begins = self.renewal.lead_days.saturating_add(self.renewal.fallback_days);
        [
            // Below that TLS itself would refuse the partner.
            (!(224..=521).contains(&spoc.ec_bits), &["spoc_certificates.ec_bits"], "is less than 224 or more than 521"),
            (
                !(2048..=8192).contains(&spoc.rsa_bits),
                &["spoc_certificates.rsa_bits"],
                "is less than 2048 or more than 8192",
            ),
            (
                self.answers.alert_days > self.answers.within_days,
                &["answers.alert_days", "answers.within_days"],
                "is longer than within_days",
            ),
            (
                !self.validity.dv.outlasts(renewal_begins),
                &["renewal.lead_days", "renewal.fallback_days", "validity.dv.longest"],
                "would have a renewal begin before what it renews",
            ),
            (
                self.rollover.root_distributed_days > self.rollover.root_announced_days,
                &["rollover.root_distributed_days", "rollover.root_announced_days"],
                "would have a root distributed before it is announced",
            ),
            (
                delivery.longest_seconds < delivery.first_seconds,
                &["delivery.longest_seconds", "delivery.first_seconds"],
                "is shorter than first_seconds",
            ),
            (delivery.jitter_percent > 100, &["delivery.jitter_percent"], "is more than a hundred"),
        ]
    }

    fn that_are_zero(&self) -> [Check; 23] {
        let Self { validity, answers, renewal, revocation, rollover, intake, retention, alarms, .. } = self;
        [
            (validity.document_years == 0, &["validity.document_years"], ZERO),
            (answers.within_days == 0, &["answers.within_days"], ZERO),
            (answers.callback_overdue_days == 0, &["answers.callback_overdue_days"], ZERO),
            (answers.internal_error_days == 0, &["answers.internal_error_days"], ZERO),
            (renewal.lead_days == 0, &["renewal.lead_days"], ZERO),
            (self.delivery.first_seconds == 0, &["delivery.first_seconds"], ZERO),
            (revocation.crl_max_age_days == 0, &["revocation.crl_max_age_days"], ZERO),
            (self.spoc_certificates.shortest_days == 0, &["spoc_certificates.shortest_days"], ZERO),
            (rollover.root_distributed_days == 0, &["rollover.root_distributed_days"], ZERO),
            (rollover.cvca_lead_days == 0, &["rollover.cvca_lead_days"], ZERO),
            (intake.messages_per_hour == 0, &["intake.messages_per_hour"], ZERO),
            (intake.general_messages_per_hour == 0, &["intake.general_messages_per_hour"], ZERO),
            (intake.ca_certificate_questions_per_hour == 0, &["intake.ca_certificate_questions_per_hour"], ZERO),
            (intake.bundle_days == 0, &["intake.bundle_days"], ZERO),
            (retention.cvca_months == 0, &["retention.cvca_months"], ZERO),
            (retention.dv_months == 0, &["retention.dv_months"], ZERO),
            (retention.messages_months == 0, &["retention.messages_months"], ZERO),
            (alarms.silent_days == 0, &["alarms.silent_days"], ZERO),
            (alarms.waiting_hours == 0, &["alarms.waiting_hours"], ZERO),
            (alarms.refused_days == 0, &["alarms.refused_days"], ZERO),
            (alarms.expiry_days == 0, &["alarms.expiry_days"], ZERO),
            (alarms.own_expiry_days == 0, &["alarms.own_expiry_days"], ZERO),
            (alarms.missed_days == 0, &["alarms.missed_days"], ZERO),
        ]
    }
}

impl Validity {
    /// The limits in the words of the certificate library.
    #[must_use]
    pub const fn as_checked_by_cvc(&self) -> ValidityPolicy {
        ValidityPolicy {
            name: "tr-03139",
            cvca: self.cvca.for_cvc(),
            dv: self.dv.for_cvc(),
            terminal: self.inspection_system.for_cvc(),
        }
    }
}

/// A day to measure spans from where only their order matters.
const SOME_DAY: Date = date!(2026 - 01 - 01);

impl Limits {
    const fn for_cvc(self) -> CvcLimits {
        CvcLimits { shortest: self.shortest.for_cvc(), longest: self.longest.for_cvc() }
    }

    fn are_ordered(&self) -> bool {
        self.permits(self.longest)
    }

    /// Whether a validity of so many days lies within.
    #[must_use]
    pub fn permits_days(&self, days: u16) -> bool {
        self.permits(Span { months: 0, days })
    }

    /// Days of validity, the first one counted, of a certificate that begins on `first` and is asked for for `days`: not longer than the longest, and
    /// `None` where they are fewer than the least.
    #[must_use]
    pub fn narrowed(&self, first: Date, days: u16) -> Option<u16> {
        let end = first.checked_add(time::Duration::days(i64::from(days)))?;
        // The last day of the longest validity counts.
        let longest = self.longest.after(first)?.next_day()?;
        let (end, least) = (end.min(longest), self.shortest.after(first)?);
        if end < least { None } else { u16::try_from((end - first).whole_days()).ok() }
    }

    /// Whether the longest validity is longer than so many days.
    fn outlasts(&self, days: u16) -> bool {
        self.longest.after(SOME_DAY) > Span { months: 0, days }.after(SOME_DAY)
    }

    fn permits(&self, span: Span) -> bool {
        let end = |span: Span| span.for_cvc().after(SOME_DAY);
        end(self.shortest) <= end(span) && end(span) <= end(self.longest)
    }
}

impl Span {
    const fn is_nothing(self) -> bool {
        self.months == 0 && self.days == 0
    }

    /// The span as the certificate library measures it.
    #[must_use]
    pub const fn for_cvc(self) -> Period {
        Period { months: self.months, days: self.days }
    }

    /// The day that lies this span after `start`.
    #[must_use]
    pub fn after(self, start: Date) -> Option<Date> {
        self.for_cvc().after(start)
    }
}
