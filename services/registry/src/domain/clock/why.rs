//! How a deadline stands, and how it was counted.

use straznica_types::CivilDate;

use super::{Due, Fact};
use crate::domain::calendar::DayOff;
use crate::domain::rules::{ExtensionRule, Passing, SuspensionRule, Term};

/// How a deadline stands.
#[derive(Debug, Clone, PartialEq)]
pub enum State<'r> {
    /// It runs.
    Running,
    /// It stands still.
    Suspended {
        /// Since this.
        since: Fact<'r>,
    },
    /// What it asks for was done.
    Met {
        /// By this.
        by: Fact<'r>,
        /// After it had passed.
        late: bool,
    },
    /// It passed and nothing was done.
    Late,
    /// It passed, which has a meaning of its own.
    Passed(Passing),
    /// It does not matter any more.
    Moot(Moot<'r>),
}

/// Why a deadline does not matter any more.
#[derive(Debug, Clone, PartialEq)]
pub enum Moot<'r> {
    /// This ended it.
    Ended(Fact<'r>),
    /// This began it anew.
    BegunAnew(Fact<'r>),
    /// It was met as often as it can be.
    UsedUp,
}

/// A step of counting.
#[derive(Debug, Clone)]
pub enum Step<'r> {
    /// The term was counted from an event.
    Counted {
        /// The event that begins the deadline.
        start: Fact<'r>,
        /// The event counted from: mostly the same.
        from: Fact<'r>,
        /// How long.
        term: Term,
        /// Where that leads.
        reaches: Due,
    },
    /// The start named a day of its own, earlier than the term.
    SetByDecision {
        /// The day.
        day: CivilDate,
    },
    /// It was made longer.
    Extended {
        /// By this.
        by: Fact<'r>,
        /// Under this rule.
        rule: &'r ExtensionRule,
        /// Where that leads.
        reaches: Due,
    },
    /// It was to be made longer, and was not.
    NotExtended {
        /// By this.
        by: Fact<'r>,
        /// Under this rule.
        rule: &'r ExtensionRule,
        /// Why not.
        because: NotExtended,
    },
    /// It stood still.
    Suspended {
        /// From this.
        from: Fact<'r>,
        /// Until this; `None`: it still does.
        until: Option<Fact<'r>>,
        /// Under this rule.
        rule: &'r SuspensionRule,
        /// Where that leads.
        reaches: Due,
    },
    /// The last day is none on which a term ends (KPA art. 57 § 4).
    Shifted {
        /// The days passed over, and why.
        over: Vec<(CivilDate, DayOff)>,
        /// Where that leads.
        reaches: Due,
    },
    /// The day of posting counts (KPA art. 57 § 5).
    Posted {
        /// What was posted.
        what: Fact<'r>,
        /// When.
        on: CivilDate,
    },
    /// It was done after the deadline had passed with a meaning of its own.
    TooLate {
        /// What was done.
        what: Fact<'r>,
    },
}

/// Why an extension does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotExtended {
    /// The deadline had passed.
    Passed,
    /// It had been extended as often as it can be.
    TooOften,
    /// It reaches no further than the deadline does.
    NoFurther,
}
