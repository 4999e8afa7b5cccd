//! Deadlines, and why each is what it is.

use serde::Serialize;
use straznica_contracts::registry::v1 as contract;
use utoipa::ToSchema;

use super::words;
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, present},
};

/// A text in both languages.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bilingual {
    /// Polish.
    #[schema(example = "wydanie decyzji")]
    pl: String,
    /// English.
    #[schema(example = "issue of the decision")]
    en: String,
}

impl From<contract::Text> for Bilingual {
    fn from(told: contract::Text) -> Self {
        Self { pl: told.pl, en: told.en }
    }
}

/// A place in the law.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LegalBasis {
    /// The act.
    act: Bilingual,
    /// Where it was published.
    #[schema(example = "Dz.U. 2003 nr 128 poz. 1176")]
    journal: String,
    /// Article.
    #[schema(example = "art. 34 ust. 1")]
    article: String,
    /// How far it was compared with the law: `no`, `rule` (what it says) or `place` (what it says, and where).
    #[schema(example = "place")]
    verified: String,
}

impl LegalBasis {
    pub(super) fn of(told: contract::LegalBasis) -> Result<Self, GatewayError> {
        let act = told.act.ok_or(GatewayError::IncompleteAnswer("an act"))?.into();
        Ok(Self { act, journal: told.journal, article: told.article, verified: told.verified })
    }
}

words! {
    /// Where a deadline stands.
    DeadlineState, "a deadline's state" {
        /// It runs.
        Running,
        /// Something keeps it from running.
        Suspended,
        /// It was kept.
        Met,
        /// What was due was done, too late.
        MetLate,
        /// It is over, and what was due was not done.
        Late,
        /// It is over, which has a meaning of its own: `passing`.
        Passed,
        /// It does not matter any more.
        Moot,
    }
}

words! {
    /// What happened at a step of counting.
    CountingKind, "a step of counting" {
        /// The term was counted from an event.
        Counted,
        /// A decision names the day.
        SetByDecision,
        /// It was extended.
        Extended,
        /// It was not extended: it had passed.
        NotExtendedPassed,
        /// It was not extended: it had been as often as it can be.
        NotExtendedTooOften,
        /// It was not extended: the extension reaches no further.
        NotExtendedNoFurther,
        /// It did not run for a while.
        Suspended,
        /// Its last day was moved over days on which no term ends.
        Shifted,
        /// The day of posting counts.
        Posted,
        /// What was due was done too late to matter.
        TooLate,
    }
}

/// A deadline (termin), by the law of its day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deadline {
    /// Its name in the rule set.
    #[schema(example = "decision")]
    rule: String,
    /// What is due.
    title: Bilingual,
    /// Which of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "border_guard")]
    of: Option<String>,
    /// Who has to act: `applicant`, `border_guard`, `head`, `board`, `court`, `voivode`, `consulted_body` or `foreign_state`.
    #[schema(example = "head")]
    owed_by: String,
    /// The last day, in Warsaw; absent where it is counted in hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-11-30")]
    last_day: Option<String>,
    /// The last instant.
    due_at: Instant,
    /// Where it stands.
    state: DeadlineState,
    /// What its passing means: `consent`, `requirement_met`, `right_arises`, `right_lapses`, `implicit_withdrawal` or `responsibility_passes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "requirement_met")]
    passing: Option<String>,
    /// The place in the law it comes from.
    basis: LegalBasis,
    /// The rule in words.
    says: Bilingual,
    /// How it was counted, in order.
    why: Vec<CountingStep>,
}

impl Deadline {
    pub(super) fn of(told: contract::Deadline) -> Result<Self, GatewayError> {
        let incomplete = || GatewayError::IncompleteAnswer("a deadline");
        Ok(Self {
            rule: told.rule,
            title: told.title.ok_or_else(incomplete)?.into(),
            of: present(told.of),
            owed_by: told.owed_by,
            last_day: present(told.last_day),
            due_at: Instant::at(told.due_at_ms),
            state: DeadlineState::of(told.state)?,
            passing: present(told.passing),
            basis: LegalBasis::of(told.basis.ok_or_else(incomplete)?)?,
            says: told.says.ok_or_else(incomplete)?.into(),
            why: told.why.into_iter().map(CountingStep::of).collect::<Result<_, _>>()?,
        })
    }
}

/// A step of counting a deadline.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CountingStep {
    /// What happened.
    kind: CountingKind,
    /// The event it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "application_registered")]
    event: Option<String>,
    /// The number of that event in the case, or of the one it follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    number: Option<u32>,
    /// The day of the event, in Warsaw.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-05-28")]
    day: Option<String>,
    /// Nobody recorded the event: the law deems it to have happened (fikcja doręczenia and the like).
    #[schema(example = false)]
    deemed: bool,
    /// Where this leads: a day, or an instant where hours are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-28")]
    reaches: Option<String>,
    /// The days off passed over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, example = json!(["2026-11-28 saturday", "2026-11-29 sunday"]))]
    over: Vec<String>,
    /// The place in the law that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<LegalBasis>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<Bilingual>,
}

impl CountingStep {
    fn of(told: contract::CountingStep) -> Result<Self, GatewayError> {
        Ok(Self {
            kind: CountingKind::of(told.kind)?,
            event: present(told.event),
            number: (told.number != 0).then_some(told.number),
            day: present(told.day),
            deemed: told.deemed,
            reaches: present(told.reaches),
            over: told.over,
            basis: told.basis.map(LegalBasis::of).transpose()?,
            says: told.says.map(Bilingual::from),
        })
    }
}
