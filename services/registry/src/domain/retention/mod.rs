//! How long what is kept of cases is kept: rules by class of data, with their legal basis, read from a file; and what makes a case stay.

mod book;

use straznica_types::{CivilDate, OfficerId, Timestamp};

pub use book::RetentionBook;

use super::calendar::Calendar;
use super::consultation::Flow;
use super::rules::{Basis, Term, Text};
use super::{CaseId, ConsultationId, ErasureId, HoldId, Refusal};

/// A class of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasedData {
    /// What decisions say, and how they were served.
    Texts,
    /// All that is personal in a case, and whom it covers, where no other case does.
    File,
    /// Whom a consultation was about, what was said of them, and what went over the network. Opinions asked in a case are part of its file.
    Consultations,
}

impl ErasedData {
    /// Whether a type of cases or of consultations is of this class.
    #[must_use]
    pub fn is_of(self, case_type: &str) -> bool {
        let flow = Flow::from_name(case_type);
        match self {
            Self::Texts | Self::File => flow.is_none(),
            Self::Consultations => flow.is_some_and(|flow| !flow.is_opinion()),
        }
    }
}

/// A rule of retention.
#[derive(Debug, Clone)]
pub struct RetentionRule {
    /// Its name.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// The rule in words.
    pub says: Text,
    /// Where the law says so.
    pub basis: Basis,
    /// What is erased.
    pub data: ErasedData,
    /// Of which types of cases.
    pub case_types: Vec<String>,
    /// How long it is kept, from the day a case was closed.
    pub keep: Term,
}

impl RetentionRule {
    /// The last day on which what belongs to a case closed that day has to be kept.
    #[must_use]
    pub fn kept_to(&self, closed_on: CivilDate, calendar: &Calendar) -> CivilDate {
        self.keep.last_day(closed_on, calendar)
    }

    /// The legal basis, as the journal is told.
    #[must_use]
    pub fn cited(&self) -> String {
        format!("{}, {}", self.basis.act.journal, self.basis.article)
    }
}

/// How far the erasure of one case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureState {
    /// It waits.
    Waiting,
    /// It was erased.
    Erased,
    /// It stays: a hold, or something happened in it.
    Kept,
}

impl ErasureState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Erased, Self::Kept];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Erased => "erased",
            Self::Kept => "kept",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What is erased, whole or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasable {
    /// What is personal in a case.
    Case(CaseId),
    /// What is personal in a consultation.
    Consultation(ConsultationId),
}

/// A case or a consultation that is due for erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureItem {
    /// Which.
    pub of: Erasable,
    /// Its number.
    pub number: String,
    /// The day it was closed.
    pub closed_on: CivilDate,
    /// The last day it has to be kept.
    pub kept_to: CivilDate,
    /// How far it has come.
    pub state: ErasureState,
}

/// An erasure: proposed by one officer, approved by another, done by a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// Under which rule.
    pub rule: String,
    /// By whom.
    pub proposed_by: OfficerId,
    /// When.
    pub proposed_at: Timestamp,
    /// Who approved it, and when.
    pub approved: Option<(OfficerId, Timestamp)>,
    /// Persons erased with the cases.
    pub persons_erased: u64,
    /// Entries of the journal whose payload was erased.
    pub entries_erased: u64,
}

impl Erasure {
    /// That this officer may approve it.
    ///
    /// # Errors
    /// [`Refusal::Settled`], or [`Refusal::OwnProposal`] for who proposed it.
    pub fn may_approve(&self, officer: &OfficerId) -> Result<(), Refusal> {
        if self.approved.is_some() {
            return Err(Refusal::Settled);
        }
        if self.proposed_by == *officer { Err(Refusal::OwnProposal) } else { Ok(()) }
    }
}

/// What keeps a case from being erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// The case.
    pub case: CaseId,
    /// Who wants it kept, and why.
    pub reason: String,
    /// Who placed it.
    pub placed_by: OfficerId,
    /// When.
    pub placed_at: Timestamp,
    /// Who lifted it, when, and why.
    pub lifted: Option<(OfficerId, Timestamp, String)>,
}

impl Hold {
    /// That this officer may lift it.
    ///
    /// # Errors
    /// [`Refusal::Settled`], or [`Refusal::OwnProposal`] for who placed it.
    pub fn may_lift(&self, officer: &OfficerId) -> Result<(), Refusal> {
        if self.lifted.is_some() {
            return Err(Refusal::Settled);
        }
        if self.placed_by == *officer { Err(Refusal::OwnProposal) } else { Ok(()) }
    }
}
