//! The use cases: authorise → load → decide (domain) → write and journal in one transaction.

mod cases;
mod decisions;
mod entry;
mod persons;
mod work;

use straznica_journal::Journal;
use straznica_store::Store;
use straznica_types::{SharedClock, Timestamp};

pub(crate) use cases::{NewEvent, ShownCase};
pub(crate) use persons::ShownStatement;
pub(crate) use work::WorkItem;

use crate::domain::calendar::{Calendar, warsaw};
use crate::domain::file::CaseFile;
use crate::domain::rules::{CaseType, RuleBook};
use crate::domain::{Purposes, Refusal};
use crate::keys::PersonKeys;

/// Everything the use cases work with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) clock: SharedClock,
    pub(crate) keys: PersonKeys,
    pub(crate) purposes: Purposes,
    pub(crate) rules: RuleBook,
    pub(crate) calendar: Calendar,
}

impl App {
    /// The rules of a case, as they are at a moment.
    fn law(&self, file: &CaseFile, at: Timestamp) -> Result<&CaseType, Refusal> {
        let (opened_on, on) = (warsaw::date(file.opened_at), warsaw::date(at));
        let (_, law) = self.rules.governing(&file.case_type, opened_on, on).ok_or(Refusal::NoRules)?;
        Ok(law)
    }
}
