//! The case that waits for a consultation.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use straznica_types::Timestamp;

use super::Doer;
use crate::app::App;
use crate::app::cases::NewEvent;
use crate::domain::clock::Happened;
use crate::domain::consultation::{Consultation, events};
use crate::domain::course::{NotNow, admit};
use crate::domain::rules::CaseType;
use crate::domain::{CaseId, Refusal};
use crate::error::RegistryError;
use crate::store::{load_case, open_consultations_of};

impl App {
    /// Tells the case by the event its own law has for that; tells whether it did. That a body is asked the case has to be able to know: an opinion nobody can use is not
    /// asked for. What it cannot know any more, because it is closed by now, stays with the consultation.
    pub(super) async fn tell_case(
        &self,
        tx: &DatabaseTransaction,
        file: &Consultation,
        law: &CaseType,
        happened: &Happened,
        doer: &Doer,
        now: Timestamp,
    ) -> Result<bool, RegistryError> {
        let name = law.event(&happened.event).and_then(|event| event.in_case.as_ref());
        let (Some(case), Some(name)) = (file.case, name) else { return Ok(false) };
        let mut case = load_case(tx, case).await?.ok_or(Refusal::NoCase)?;
        let case_law = self.law(&case, now)?;
        let event = NewEvent {
            event: name.clone(),
            at: happened.at,
            decision: None,
            of: happened.of.clone(),
            posted_on: None,
            until: None,
        };
        let number = case.next_number();
        match admit(case_law, &case.happened(), &event.numbered(number), &self.calendar, now) {
            Ok(()) => {}
            Err(refused) if happened.event == events::ASKED => return Err(Refusal::from(refused).into()),
            Err(_) => return Ok(false),
        }
        let standing = self.add_event(tx, &doer.mandate, &mut case, case_law, &event, now).await?;
        let entry = self.moved(&doer.mandate, &case.file, "case.event_recorded", &event, &standing);
        self.write_change(tx, &case.file, case.file.version, &standing, entry).await?;
        Ok(true)
    }

    /// The consultations cases wait for, by their numbers.
    pub(in crate::app) async fn awaited(
        &self,
        connection: &impl ConnectionTrait,
        cases: &[CaseId],
        now: Timestamp,
    ) -> Result<BTreeMap<CaseId, Vec<String>>, RegistryError> {
        let mut awaited: BTreeMap<CaseId, Vec<String>> = BTreeMap::new();
        for kept in open_consultations_of(connection, cases).await? {
            // One that has ended by silence since it was last written is not waited for.
            if self.consultation_standing(&kept, now)?.closed {
                continue;
            }
            let file = kept.whole.file;
            if let Some(case) = file.case {
                awaited.entry(case).or_default().push(format!("consultation {}", file.number));
            }
        }
        Ok(awaited)
    }

    /// That a case waits for no consultation.
    pub(in crate::app) async fn awaits_nothing(
        &self,
        tx: &DatabaseTransaction,
        case: CaseId,
        event: &str,
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        match self.awaited(tx, &[case], now).await?.into_values().flatten().next() {
            Some(deadline) => Err(Refusal::from(NotNow::Blocked { event: event.to_owned(), deadline }).into()),
            None => Ok(()),
        }
    }
}
