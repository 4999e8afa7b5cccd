//! A rule set, once read.

use std::num::NonZeroU16;

use serde::Deserialize;
use straznica_types::CivilDate;

use super::{Basis, CaseType, Place, Term, Text};

/// What a new law does with cases that were opened before it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenCases {
    /// They keep the rules they fell under.
    Keep,
    /// It takes them over.
    TakeOver,
    /// Those in which one of these events of the earlier law happened before its first day keep their rules. It takes over the others: a law may hold for what is *lodged* from a day on, and a
    /// case be opened before by what comes earlier.
    KeepAfter(Vec<String>),
}

impl OpenCases {
    /// Whether a set that holds from a day on takes a case over in which this happened, each with its day.
    #[must_use]
    pub fn take_over<'e>(&self, from: CivilDate, mut happened: impl Iterator<Item = (CivilDate, &'e str)>) -> bool {
        match self {
            Self::Keep => false,
            Self::TakeOver => true,
            Self::KeepAfter(events) => {
                !happened.any(|(day, event)| day < from && events.iter().any(|kept| kept == event))
            }
        }
    }
}

/// One law for one family of cases.
#[derive(Debug, Clone)]
pub struct RuleSet {
    /// Its name: cases keep it.
    pub id: String,
    /// Sets of one family follow each other.
    pub family: String,
    /// What it is called.
    pub title: Text,
    /// The first day it holds.
    pub from: CivilDate,
    /// The first day it does not hold any more.
    pub to: Option<CivilDate>,
    /// What becomes of cases opened before.
    pub open_cases: OpenCases,
    /// Where the law says what becomes of them.
    pub transition: Basis,
    /// The types of cases.
    pub cases: Vec<CaseType>,
    /// Where its name stands.
    pub(super) place: Place,
}

impl RuleSet {
    /// The type of this name.
    #[must_use]
    pub fn case(&self, id: &str) -> Option<&CaseType> {
        self.cases.iter().find(|case| case.id == id)
    }

    /// Whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: CivilDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The alien.
    Applicant,
    /// The Border Guard (Straż Graniczna).
    BorderGuard,
    /// The Head of the Office for Foreigners (Szef Urzędu do Spraw Cudzoziemców).
    Head,
    /// The Refugee Board (Rada do Spraw Uchodźców).
    Board,
    /// A court.
    Court,
    /// A voivode.
    Voivode,
    /// A body asked about security: Border Guard, Police, ABW, AW and others.
    ConsultedBody,
    /// Another state bound by the same regulation.
    ForeignState,
}

/// What it means that a deadline passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Passing {
    /// Somebody is late.
    Late,
    /// Silence is consent.
    Consent,
    /// What had to be asked counts as answered.
    RequirementMet,
    /// A right arises.
    RightArises,
    /// A right is lost; where it was one of appeal, the decision becomes final.
    RightLapses,
    /// The application counts as withdrawn.
    ImplicitWithdrawal,
    /// Responsibility passes to the state that did not act.
    ResponsibilityPasses,
}

/// A deadline, as the law sets it.
#[derive(Debug, Clone)]
pub struct DeadlineRule {
    /// Its name within the case type.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// The rule in words.
    pub says: Text,
    /// Where the law says so.
    pub basis: Basis,
    /// Who has to act.
    pub owed_by: Party,
    /// Events that begin it.
    pub starts: Vec<String>,
    /// Only where the event is about one of these decisions; empty: whatever it is about.
    pub decisions: Vec<String>,
    /// The last event of this kind before the start is the one counted from.
    pub counted_from: Option<String>,
    /// How long it is.
    pub term: Term,
    /// The start may name a day of its own, never later than the term.
    pub by_decision: bool,
    /// Events that meet it.
    pub met_by: Vec<String>,
    /// Events that end it unmet.
    pub moot_by: Vec<String>,
    /// What can make it longer.
    pub extensions: Vec<ExtensionRule>,
    /// What stops it for a while.
    pub suspensions: Vec<SuspensionRule>,
    /// What it means that it passes.
    pub passing: Passing,
    /// The event that is written once it has passed and nobody acted; only where that has a meaning of its own.
    pub silence: Option<String>,
    /// A last day that is a Saturday or a day off moves to the next working day (KPA art. 57 § 4).
    pub rolls_over: bool,
    /// What is posted in time is in time (KPA art. 57 § 5).
    pub posting_keeps: bool,
    /// How often it can be met in one case; `None`: always.
    pub times: Option<NonZeroU16>,
    /// Events that have to wait for it.
    pub blocks: Vec<String>,
}

/// What an event says of a letter on its way to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// They have it.
    Delivered,
    /// They would not take it.
    Refused,
    /// A notice waits for them on the board.
    Notice,
}

/// How far an extension reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// So much from where the deadline is counted from.
    To(Term),
    /// So much more.
    By(Term),
}

/// What can make a deadline longer.
#[derive(Debug, Clone)]
pub struct ExtensionRule {
    /// The event that does. It may name a day of its own, never later than the reach.
    pub event: String,
    /// How far.
    pub reach: Reach,
    /// How often.
    pub times: NonZeroU16,
    /// Only while the deadline has not passed.
    pub asked_before_expiry: bool,
    /// The rule in words.
    pub says: Text,
    /// Where the law says so.
    pub basis: Basis,
}

/// What stops a deadline for a while.
#[derive(Debug, Clone)]
pub struct SuspensionRule {
    /// Events from which it stands still.
    pub from: Vec<String>,
    /// Events from which it runs again.
    pub until: Vec<String>,
    /// The rule in words.
    pub says: Text,
    /// Where the law says so.
    pub basis: Basis,
}

/// What counts as having happened because something else did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeemedRule {
    /// What counts as having happened.
    pub event: String,
    /// After this.
    pub after: String,
    /// With the end of so long; `None`: at once.
    pub term: Option<Term>,
    /// Unless one of these comes first.
    pub unless: Vec<String>,
    /// The rule in words.
    pub says: Text,
    /// Where the law says so.
    pub basis: Basis,
}

/// What can be decided.
#[derive(Debug, Clone)]
pub struct DecisionRule {
    /// Its name within the case type.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// Where the law says so.
    pub basis: Basis,
    /// Who decides.
    pub by: Party,
    /// Which is ruled on first; those without a number are ruled on alone.
    pub order: Option<NonZeroU16>,
    /// How many decide together, by majority; `None`: one official.
    pub panel: Option<u16>,
}

/// A document that comes of a case.
#[derive(Debug, Clone)]
pub struct DocumentRule {
    /// Its name within the case type.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// Where the law says so.
    pub basis: Basis,
    /// The kind of blank it is made of: documents of several rules may share one.
    pub blank: String,
    /// How long the first is valid.
    pub validity: Term,
    /// How long each further one is valid; `None`: there is none.
    pub renewal: Option<Term>,
    /// The same document is made valid for longer, in place of a further one.
    pub prolonged: bool,
    /// What its issue is in the case.
    pub event: Option<String>,
    /// Only after one of these decisions; empty: without any.
    pub decisions: Vec<String>,
}
