//! The use cases: authorise → load → decide (domain) → write and journal in one transaction.

mod alerts;
mod blanks;
mod cases;
mod consultations;
mod consumers;
mod counting;
mod decisions;
mod documents;
mod duplicates;
mod entry;
mod erasing;
mod finding;
mod former;
mod history;
mod intake;
mod intake_work;
mod merges;
mod network;
mod persons;
mod retention;
mod rulings;
mod search;
mod visas;
mod whole;
mod work;

use straznica_journal::Journal;
use straznica_store::Store;
use straznica_types::{SharedClock, Timestamp};

pub(crate) use alerts::{
    Alerts, BorderCheck, BorderQuestion, IssuerReply, OpenAlert, ShownAlertConsultation, ShownCheck, ShownChecks,
    ShownFinding,
};
pub(crate) use blanks::{Count as BlankCount, NewOrder};
pub(crate) use cases::{NewEvent, ShownCase};
pub(crate) use consultations::{BodyQuestion, Letter, NewConsultation, ShownConsultation, Summary};
pub(crate) use consumers::{Asker, Criterion, Reading};
pub(crate) use documents::{NewDocument, ShownDocument};
pub(crate) use duplicates::Likely;
pub(crate) use finding::FindingState;
pub(crate) use former::{Reconciled, ShownRecord};
pub(crate) use history::Whose;
pub(crate) use intake::{ProposedFile, ShownIntake};
pub(crate) use merges::Seen;
pub(crate) use network::{Network, NetworkReport, ShownNotice};
pub(crate) use persons::{ShownPerson, ShownStatement};
pub(crate) use rulings::{NewService, ShownDecision};
pub(crate) use search::{Found, Hit, Search};
pub(crate) use visas::{Told as VisaTold, VisaAnswer, VisaReading, VisaRegister};
pub(crate) use work::WorkItem;

use crate::domain::calendar::{Calendar, warsaw};
use crate::domain::consultation::Body;
use crate::domain::consumer::Consumers;
use crate::domain::file::WholeCase;
use crate::domain::intake::Mappings;
use crate::domain::retention::RetentionBook;
use crate::domain::rules::{CaseType, RuleBook, RuleSet};
use crate::domain::{Purposes, Refusal};
use crate::keys::PersonKeys;

/// Everything the use cases work with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) clock: SharedClock,
    pub(crate) keys: PersonKeys,
    pub(crate) finding: FindingState,
    pub(crate) purposes: Purposes,
    pub(crate) rules: RuleBook,
    pub(crate) calendar: Calendar,
    /// Tells one law from another: cases counted by an earlier one are counted anew.
    pub(crate) law_digest: String,
    pub(crate) retention: RetentionBook,
    pub(crate) consumers: Consumers,
    pub(crate) mappings: Mappings,
    /// Who can be consulted.
    pub(crate) bodies: Vec<Body>,
    /// Those of them the gateway may speak for.
    pub(crate) rest_bodies: Vec<Body>,
    /// How other states are reached; `None`: not at all.
    pub(crate) network: Option<Network>,
    pub(crate) visas: Option<VisaRegister>,
    pub(crate) alerts: Alerts,
}

impl App {
    /// The rules of a case, as they are at a moment.
    fn law(&self, case: &WholeCase, at: Timestamp) -> Result<&CaseType, Refusal> {
        Ok(self.law_with(case, None, at)?.1)
    }

    /// The rule set and the rules of a case, were this to have happened in it too: what is told late may show that another law governs it.
    fn law_with(
        &self,
        case: &WholeCase,
        new: Option<&NewEvent>,
        at: Timestamp,
    ) -> Result<(&RuleSet, &CaseType), Refusal> {
        let (file, on) = (&case.file, warsaw::date(at));
        let recorded = case.events.iter().map(|recorded| (recorded.happened.at, recorded.happened.event.as_str()));
        let told = new.map(|new| (new.at, new.event.as_str()));
        let happened = recorded.chain(told).map(|(at, event)| (warsaw::date(at), event));
        self.rules.governing(&file.case_type, warsaw::date(file.opened_at), on, happened).ok_or(Refusal::NoRules)
    }
}
