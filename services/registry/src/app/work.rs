//! The worklist, and taking cases from it.

use serde_json::json;
use straznica_journal::Entry;

use super::App;
use super::entry::{context, of_case};
use crate::domain::file::{CaseFile, Work, work};
use crate::domain::{CaseId, Mandate, Refusal};
use crate::error::RegistryError;
use crate::store::{insert_taking, next_of_type, open_cases};

/// Longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// A case to be worked on.
pub(crate) struct WorkItem<'r> {
    pub(crate) file: CaseFile,
    pub(crate) work: Work<'r>,
}

impl App {
    /// Open cases in fair order.
    pub(crate) async fn list_work(
        &self,
        mandate: &Mandate,
        case_type: Option<&str>,
        limit: u64,
    ) -> Result<Vec<WorkItem<'_>>, RegistryError> {
        let now = self.clock.now();
        let read = self.store.read_tx(async |tx| {
            let cases = open_cases(tx, case_type, limit).await?;
            let ids: Vec<CaseId> = cases.iter().map(|case| case.file.id).collect();
            let awaited = self.awaited(tx, &ids, now).await?;
            Ok::<_, RegistryError>((cases, awaited))
        });
        let (cases, mut awaited) = read.await?;
        let mut items = Vec::with_capacity(cases.len());
        for case in cases {
            let law = self.law(&case, now)?;
            let mut work = work(law, &case.happened(), &self.calendar, now)?;
            work.blocked_by.extend(awaited.remove(&case.file.id).unwrap_or_default());
            // What closed by itself since it was last written is not listed.
            if !work.standing.closed {
                items.push(WorkItem { file: case.file, work });
            }
        }
        let detail = json!({ "case_type": case_type, "cases": items.len() });
        let entry =
            Entry::new("worklist.read", context(mandate)).legal_basis(mandate.legal_basis.clone()).detail(detail);
        self.journal.record_read(entry).await?;
        Ok(items)
    }

    /// Takes a case; tells whether that was out of order.
    pub(crate) async fn take_case(
        &self,
        mandate: &Mandate,
        id: CaseId,
        expected: u64,
        reason: &str,
    ) -> Result<(u64, bool), RegistryError> {
        let now = self.clock.now();
        if reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
            return Err(Refusal::Invalid { member: "/reason", expected: "up to 500 characters" }.into());
        }
        let reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
        self.store
            .write_tx(async move |tx| {
                let mut case = self.load_for_change(tx, id, expected).await?;
                let law = self.law(&case, now)?;
                let standing = work(law, &case.happened(), &self.calendar, now)?.standing;
                if standing.closed || case.file.taken_by.is_some() {
                    return Err(Refusal::Taken.into());
                }
                let out_of_order = next_of_type(tx, &case.file.case_type).await? != Some(id);
                if out_of_order && reason.is_none() {
                    return Err(Refusal::OutOfOrder.into());
                }
                case.file.taken_by = Some(mandate.officer.clone());
                let kept = reason.filter(|_| out_of_order);
                insert_taking(tx, &case.file, now, kept).await?;
                let detail = json!({ "out_of_order": out_of_order, "reason": kept });
                let entry = of_case(&self.journal, "case.taken", mandate, &case.file, detail);
                let version = self.write_change(tx, &case.file, expected, &standing, entry).await?;
                Ok::<_, RegistryError>((version, out_of_order))
            })
            .await
    }
}
