//! The legal clock: from a rule set and what happened in a case to its deadlines, how each stands and why.
//!
//! Nothing is stored of a deadline: it is counted anew whenever somebody looks, so that a correction of what happened, or of the law, is never half applied. Counting
//! follows KPA art. 57 and is told step by step ([`Step`]), each with the event and the place in the law it comes from.
//!
//! - The day of an event does not count; months end on the day of the same number, or the last of a shorter month.
//! - While a deadline is suspended, days do not count: each suspended day up to the last one moves it by a day. The day of the event that suspends counts, that of
//!   the one that resumes does not.
//! - An extension holds if the law allows it at that moment; one that does not is told, and changes nothing.
//! - A last day that is a Saturday or a day off moves to the next working day, where the rule says so; only the very last day moves, once.
//! - What the law deems to have happened (service by notice board) counts from the moment it does ([`facts`]).
//! - A start that happens again begins anew. Starts that name different things they are about (`of`: consulted bodies) run beside each other.

mod due;
mod fact;
mod run;
mod why;

use straznica_types::Timestamp;

pub use due::Due;
pub use fact::{Fact, Happened, facts};
pub use why::{Moot, NotExtended, State, Step};

use super::calendar::Calendar;
use super::rules::{CaseType, DeadlineRule};
use run::Run;

/// A deadline of a case.
#[derive(Debug, Clone)]
pub struct Deadline<'r> {
    /// The rule, with its legal basis.
    pub rule: &'r DeadlineRule,
    /// Which of several: a consulted body, a document.
    pub of: Option<String>,
    /// Its last day or instant. While it is suspended: as if it went on today.
    pub due: Due,
    /// How it stands.
    pub state: State<'r>,
    /// How it was counted, in the order of counting.
    pub why: Vec<Step<'r>>,
}

impl Deadline<'_> {
    /// Whether somebody still has to act.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Running | State::Suspended { .. } | State::Late)
    }
}

/// The deadlines of a case as they stand at a moment, in the order of the rules, the earlier started first. What happened later is not looked at.
#[must_use]
pub fn deadlines<'r>(
    case: &'r CaseType,
    happened: &[Happened],
    calendar: &Calendar,
    now: Timestamp,
) -> Vec<Deadline<'r>> {
    let facts = facts(case, happened, calendar, now);
    case.deadlines.iter().flat_map(|rule| of_rule(rule, &facts, calendar, now)).collect()
}

fn of_rule<'r>(rule: &'r DeadlineRule, facts: &[Fact<'r>], calendar: &Calendar, now: Timestamp) -> Vec<Deadline<'r>> {
    let begins: Vec<usize> =
        (0..facts.len()).filter(|at| facts.get(*at).is_some_and(|fact| starts(rule, fact))).collect();
    let mut found: Vec<Deadline<'r>> = Vec::new();
    for (number, at) in begins.iter().enumerate() {
        let Some((before, [start, after @ ..])) = facts.split_at_checked(*at) else { continue };
        let same = |later: &&usize| facts.get(**later).is_some_and(|fact| fact.happened.of == start.happened.of);
        let next = begins.iter().skip(number + 1).find(same);
        let window = next.map_or(after, |next| after.get(..next - at - 1).unwrap_or(after));
        let named = |name: &String| before.iter().rfind(|fact| fact.happened.event == *name);
        let counted = rule.counted_from.as_ref().and_then(named).unwrap_or(start);
        let replaced_by = next.and_then(|next| facts.get(*next));
        let met = found.iter().filter(|earlier| matches!(earlier.state, State::Met { late: false, .. })).count();
        let used_up = rule.times.is_some_and(|times| met >= usize::from(times.get()));
        found.push(Run { rule, start, counted, window, replaced_by, calendar, now }.count(used_up));
    }
    found
}

fn starts(rule: &DeadlineRule, fact: &Fact<'_>) -> bool {
    let about = |decision: &String| rule.decisions.contains(decision);
    rule.starts.contains(&fact.happened.event)
        && (rule.decisions.is_empty() || fact.happened.decision.as_ref().is_some_and(about))
}

#[cfg(test)]
mod tests;
