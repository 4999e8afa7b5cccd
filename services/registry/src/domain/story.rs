//! For tests: what happened in a case, written down a line an event.

use straznica_types::Timestamp;

use super::calendar::Calendar;
use super::clock::{Deadline, Due, Happened, Moot, State};
use super::rules::{CaseType, RuleBook};

/// Reads lines of the form `2025-04-29T10:00:00+02:00 event [decision=…] [of=…] [posted=YYYY-MM-DD] [until=YYYY-MM-DD]`.
pub(crate) fn story(text: &str) -> Vec<Happened> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.enumerate().map(|(number, line)| event(u32::try_from(number).unwrap(), line)).collect()
}

fn event(number: u32, line: &str) -> Happened {
    let mut words = line.split_whitespace();
    let at = moment(words.next().unwrap());
    let event = words.next().unwrap().to_owned();
    let mut happened = Happened { number, event, at, decision: None, of: None, posted_on: None, until: None };
    for word in words {
        match word.split_once('=').unwrap() {
            ("decision", id) => happened.decision = Some(id.to_owned()),
            ("of", id) => happened.of = Some(id.to_owned()),
            ("posted", day) => happened.posted_on = Some(day.parse().unwrap()),
            ("until", day) => happened.until = Some(day.parse().unwrap()),
            (other, _) => panic!("{other}: {line}"),
        }
    }
    happened
}

pub(crate) fn moment(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|_| panic!("no moment: {text}"))
}

pub(crate) fn calendar() -> Calendar {
    Calendar::built_in().unwrap()
}

/// A type of cases of a rule set that is built in.
pub(crate) fn case_type(set: &str, case: &str) -> CaseType {
    RuleBook::built_in().unwrap().set(set).unwrap().case(case).unwrap().clone()
}

/// The last moment, as people write it.
pub(crate) fn due(deadline: &Deadline<'_>) -> String {
    match deadline.due {
        Due::Day(day) => day.to_string(),
        Due::Instant(at) => at.to_string(),
    }
}

/// How it stands, in two words.
pub(crate) fn state(deadline: &Deadline<'_>) -> String {
    match &deadline.state {
        State::Running => "running".to_owned(),
        State::Suspended { .. } => "suspended".to_owned(),
        State::Met { late: false, .. } => "met".to_owned(),
        State::Met { late: true, .. } => "met late".to_owned(),
        State::Late => "late".to_owned(),
        State::Passed(passing) => format!("{passing:?}"),
        State::Moot(Moot::Ended(_)) => "ended".to_owned(),
        State::Moot(Moot::BegunAnew(_)) => "begun anew".to_owned(),
        State::Moot(Moot::UsedUp) => "used up".to_owned(),
    }
}
