//! What happened in a case, and what the law deems to have happened.

use straznica_types::{CivilDate, Timestamp};

use crate::domain::calendar::{Calendar, warsaw};
use crate::domain::rules::{CaseType, DeemedRule};

/// Something recorded in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Its number in the case: of two at the same moment, the lower comes first.
    pub number: u32,
    /// Which event of the rule set.
    pub event: String,
    /// When it happened, which may be long before it was recorded.
    pub at: Timestamp,
    /// The decision it is about.
    pub decision: Option<String>,
    /// Which of several it is about: a consulted body, a document.
    pub of: Option<String>,
    /// The day it was posted, where that is what counts.
    pub posted_on: Option<CivilDate>,
    /// A day it names: until when an extension was granted, or by when a decision says that somebody leaves.
    pub until: Option<CivilDate>,
}

/// Something that counts as having happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<'r> {
    /// What; of something deemed, `number` is that of the event it follows from.
    pub happened: Happened,
    /// The day in Warsaw.
    pub day: CivilDate,
    /// By which rule, if nobody recorded it.
    pub deemed: Option<&'r DeemedRule>,
}

/// What counts as having happened by a moment, in order.
#[must_use]
pub fn facts<'r>(case: &'r CaseType, happened: &[Happened], calendar: &Calendar, now: Timestamp) -> Vec<Fact<'r>> {
    let recorded = || happened.iter().filter(|happened| happened.at <= now);
    let mut facts: Vec<Fact<'r>> = recorded()
        .map(|happened| Fact { happened: happened.clone(), day: warsaw::date(happened.at), deemed: None })
        .collect();
    for rule in &case.deemed {
        for cause in recorded().filter(|happened| happened.event == rule.after) {
            let at = moment(rule, cause, calendar);
            let prevents = |other: &Happened| {
                rule.unless.contains(&other.event)
                    && (cause.at, cause.number) < (other.at, other.number)
                    && other.at <= at
                    && (other.decision.is_none() || other.decision == cause.decision)
            };
            if at <= now && !recorded().any(prevents) {
                let happened = Happened { event: rule.event.clone(), at, posted_on: None, ..cause.clone() };
                facts.push(Fact { day: warsaw::date(at), happened, deemed: Some(rule) });
            }
        }
    }
    facts.sort_by_key(|fact| (fact.happened.at, fact.happened.number, fact.deemed.is_some()));
    facts
}

/// With the end of the last day of the term, or at once.
fn moment(rule: &DeemedRule, cause: &Happened, calendar: &Calendar) -> Timestamp {
    match rule.term {
        None => cause.at,
        Some(term) if term.in_hours() => term.last_instant(cause.at),
        Some(term) => warsaw::end_of(term.last_day(warsaw::date(cause.at), calendar)),
    }
}
