//! Cases: opened, moved by what happens, shown with their deadlines.

use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::registry::events::v1::{CaseMoved, CaseOpened};
use straznica_journal::Entry;
use straznica_types::{CivilDate, Timestamp};

use super::App;
use super::alerts::{ShownCheck, load_checks};
use super::entry::of_case;
use crate::domain::calendar::warsaw;
use crate::domain::clock::{Deadline, Happened, deadlines};
use crate::domain::consultation;
use crate::domain::course::{NotNow, admit};
use crate::domain::file::{CaseFile, Recorded, Standing, WholeCase, work};
use crate::domain::merge::group;
use crate::domain::rules::CaseType;
use crate::domain::{CaseId, Mandate, PersonId, Refusal};
use crate::error::RegistryError;
use crate::store::{insert_case, insert_event, insert_persons, known_persons, load_case, next_number, update_case};

/// Most persons an application covers.
const MOST_PERSONS: usize = 50;

/// Something to be recorded.
#[derive(Debug, Clone)]
pub(crate) struct NewEvent {
    pub(crate) event: String,
    pub(crate) at: Timestamp,
    pub(crate) decision: Option<String>,
    pub(crate) of: Option<String>,
    pub(crate) posted_on: Option<CivilDate>,
    pub(crate) until: Option<CivilDate>,
}

impl NewEvent {
    pub(super) fn numbered(&self, number: u32) -> Happened {
        Happened {
            number,
            event: self.event.clone(),
            at: self.at,
            decision: self.decision.clone(),
            of: self.of.clone(),
            posted_on: self.posted_on,
            until: self.until,
        }
    }
}

/// A case that was opened.
pub(crate) struct Opened {
    pub(crate) file: CaseFile,
    pub(crate) stage: String,
}

/// A case as shown.
pub(crate) struct ShownCase<'r> {
    pub(crate) case: WholeCase,
    /// The law that governs it.
    pub(crate) rule_set: &'r str,
    pub(crate) stage: String,
    pub(crate) deadlines: Vec<Deadline<'r>>,
    /// Checks against alerts made for it.
    pub(crate) alerts: Vec<ShownCheck<'r>>,
}

impl App {
    /// Opens a case under the law that governs what begins with its first event.
    pub(crate) async fn open_case(
        &self,
        mandate: &Mandate,
        case_type: &str,
        persons: &[PersonId],
        event: &NewEvent,
    ) -> Result<Opened, RegistryError> {
        let now = self.clock.now();
        if event.at > now {
            return Err(Refusal::Future.into());
        }
        if persons.is_empty() || persons.len() > MOST_PERSONS || repeats(persons) {
            let expected = "1 to 50 different persons";
            return Err(Refusal::Invalid { member: "/person_ids", expected }.into());
        }
        let opened_on = warsaw::date(event.at);
        let happened = std::iter::once((opened_on, event.event.as_str()));
        let governing = self.rules.governing(case_type, opened_on, warsaw::date(now), happened);
        let (set, law) = governing.ok_or(Refusal::NoRules)?;
        // Consultations have a service of their own.
        if set.family == consultation::FAMILY {
            return Err(Refusal::NoRules.into());
        }
        let id = CaseId::generate_at(now);
        self.store
            .write_tx(async move |tx| {
                self.all_there(tx, persons).await?;
                let last = next_number(tx, case_type, opened_on.year()).await?;
                let file = CaseFile {
                    id,
                    number: format!("{case_type}/{}/{last:06}", opened_on.year()),
                    case_type: case_type.to_owned(),
                    rule_set: set.id.clone(),
                    opened_at: event.at,
                    version: 1,
                    taken_by: None,
                };
                let recorded = self.recorded(mandate, event.numbered(1), now);
                admit(law, &[], &recorded.happened, &self.calendar, now).map_err(Refusal::from)?;
                let happened = std::slice::from_ref(&recorded.happened);
                let standing = work(law, happened, &self.calendar, now)?.standing;
                insert_case(tx, &file, &standing).await?;
                insert_persons(tx, id, 0, persons).await?;
                insert_event(tx, id, &recorded).await?;
                let told = CaseOpened {
                    case_id: id.to_string(),
                    case_type: case_type.to_owned(),
                    rule_set: set.id.clone(),
                    stage: standing.stage.clone(),
                    persons: u32::try_from(persons.len()).unwrap_or(u32::MAX),
                };
                let detail = json!({ "event": event.event, "rule_set": set.id, "persons": persons.len() });
                let entry = of_case(&self.journal, "case.opened", mandate, &file, detail).event(&told);
                self.journal.record(tx, entry).await?;
                Ok::<_, RegistryError>(Opened { file, stage: standing.stage })
            })
            .await
    }

    /// Records that something happened.
    pub(crate) async fn record_event(
        &self,
        mandate: &Mandate,
        id: CaseId,
        expected: u64,
        event: &NewEvent,
        joining: &[PersonId],
    ) -> Result<(u64, String), RegistryError> {
        let now = self.clock.now();
        if event.at > now {
            return Err(Refusal::Future.into());
        }
        self.store
            .write_tx(async move |tx| {
                let mut case = self.load_for_change(tx, id, expected).await?;
                let (_, law) = self.law_with(&case, Some(event), now)?;
                let unknown = || NotNow::Unknown { event: event.event.clone() };
                let rule = law.event(&event.event).ok_or_else(unknown).map_err(Refusal::from)?;
                if rule.issues {
                    return Err(Refusal::ByIssuing.into());
                }
                if rule.joins == joining.is_empty() || joining.iter().any(|joins| case.persons.contains(joins)) {
                    let expected = "whom the event brings into the case, and nobody otherwise";
                    return Err(Refusal::Invalid { member: "/joining_person_ids", expected }.into());
                }
                if case.persons.len() + joining.len() > MOST_PERSONS || repeats(joining) {
                    let expected = "50 different persons in a case at most";
                    return Err(Refusal::Invalid { member: "/joining_person_ids", expected }.into());
                }
                self.all_there(tx, joining).await?;
                insert_persons(tx, id, case.persons.len(), joining).await?;
                let standing = self.add_event(tx, mandate, &mut case, law, event, now).await?;
                let entry = self.moved(mandate, &case.file, "case.event_recorded", event, &standing);
                let version = self.write_change(tx, &case.file, expected, &standing, entry).await?;
                Ok::<_, RegistryError>((version, standing.stage))
            })
            .await
    }

    /// A case as it stood at a moment (now).
    pub(crate) async fn case(
        &self,
        mandate: &Mandate,
        id: CaseId,
        at: Option<Timestamp>,
    ) -> Result<ShownCase<'_>, RegistryError> {
        let at = at.unwrap_or_else(|| self.clock.now());
        let (found, checks) = self
            .store
            .read_tx(async |tx| Ok::<_, RegistryError>((load_case(tx, id).await?, load_checks(tx, id).await?)))
            .await?;
        let case = found.ok_or(Refusal::NoCase)?;
        let (set, law) = self.law_with(&case, None, at)?;
        let happened = case.happened();
        let stage = work(law, &happened, &self.calendar, at)?.standing.stage;
        let deadlines = deadlines(law, &happened, &self.calendar, at);
        let entry = of_case(&self.journal, "case.read", mandate, &case.file, json!({ "at": at.millis() }));
        self.journal.record_read(entry).await?;
        Ok(ShownCase { case, rule_set: &set.id, stage, deadlines, alerts: self.case_checks(checks)? })
    }

    /// A case at the version the caller saw.
    pub(super) async fn load_for_change(
        &self,
        tx: &DatabaseTransaction,
        id: CaseId,
        expected: u64,
    ) -> Result<WholeCase, RegistryError> {
        let case = load_case(tx, id).await?.ok_or(Refusal::NoCase)?;
        if case.file.version != expected {
            return Err(Refusal::Stale.into());
        }
        Ok(case)
    }

    /// Adds an event the rules let happen; tells where that leaves the case.
    pub(super) async fn add_event(
        &self,
        tx: &DatabaseTransaction,
        mandate: &Mandate,
        case: &mut WholeCase,
        law: &CaseType,
        event: &NewEvent,
        now: Timestamp,
    ) -> Result<Standing, RegistryError> {
        let new = event.numbered(case.next_number());
        admit(law, &case.happened(), &new, &self.calendar, now).map_err(Refusal::from)?;
        let recorded = self.recorded(mandate, new, now);
        insert_event(tx, case.file.id, &recorded).await?;
        case.events.push(recorded);
        Ok(work(law, &case.happened(), &self.calendar, now)?.standing)
    }

    /// Moves a case to its next version, with the entry that tells why.
    pub(super) async fn write_change(
        &self,
        tx: &DatabaseTransaction,
        file: &CaseFile,
        expected: u64,
        standing: &Standing,
        entry: Entry,
    ) -> Result<u64, RegistryError> {
        if !update_case(tx, file, expected, standing).await? {
            return Err(Refusal::Stale.into());
        }
        self.journal.record(tx, entry).await?;
        Ok(expected + 1)
    }

    /// The entry of something that happened in a case.
    pub(super) fn moved(
        &self,
        mandate: &Mandate,
        file: &CaseFile,
        kind: &'static str,
        event: &NewEvent,
        standing: &Standing,
    ) -> Entry {
        let told = CaseMoved {
            case_id: file.id.to_string(),
            event: event.event.clone(),
            decision: event.decision.clone().unwrap_or_default(),
            at_ms: event.at.millis(),
            stage: standing.stage.clone(),
        };
        let detail = json!({ "event": event.event, "decision": event.decision, "stage": standing.stage });
        of_case(&self.journal, kind, mandate, file, detail).event(&told)
    }

    fn recorded(&self, mandate: &Mandate, happened: Happened, now: Timestamp) -> Recorded {
        Recorded { happened, recorded_at: now, recorded_by: mandate.officer.clone() }
    }

    async fn all_there(&self, tx: &DatabaseTransaction, persons: &[PersonId]) -> Result<(), RegistryError> {
        if persons.is_empty() {
            return Ok(());
        }
        let there = known_persons(tx, persons).await?;
        if there.len() != persons.len() {
            return Err(Refusal::NoPerson.into());
        }
        let merges = self.merges(tx, persons.iter().copied()).await?;
        let read_as = |person: &PersonId| group(*person, &merges, Timestamp::from_millis(i64::MAX)).answers_as;
        if repeats(&persons.iter().map(read_as).collect::<Vec<_>>()) {
            let expected = "different persons: two of them are read as one";
            return Err(Refusal::Invalid { member: "/person_ids", expected }.into());
        }
        Ok(())
    }
}

fn repeats(persons: &[PersonId]) -> bool {
    let different: std::collections::BTreeSet<_> = persons.iter().collect();
    different.len() != persons.len()
}
