//! Who changed and read what is kept of a person or a case, and for what.

use serde_json::json;
use straznica_journal::{FoundEntry, Search};

use super::App;
use super::entry::{context, of_case, of_person};
use crate::domain::{CaseId, Mandate, PersonId, Refusal};
use crate::error::RegistryError;
use crate::store::{known_persons, load_case};

/// Of whom or what.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose {
    Person(PersonId),
    Case(CaseId),
}

impl App {
    /// Entries about somebody or something, the newest first, before a position. The reading is one itself.
    pub(crate) async fn history(
        &self,
        mandate: &Mandate,
        whose: Whose,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<FoundEntry>, RegistryError> {
        let listed = match whose {
            Whose::Person(id) => {
                let known =
                    self.store.read_tx(async |tx| Ok::<_, RegistryError>(known_persons(tx, &[id]).await?)).await?;
                if known.is_empty() {
                    return Err(Refusal::NoPerson.into());
                }
                of_person(&self.journal, "person.history_listed", mandate, id, json!({}))
            }
            Whose::Case(id) => {
                let found = self.store.read_tx(async |tx| load_case(tx, id).await).await?;
                let case = found.ok_or(Refusal::NoCase)?;
                of_case(&self.journal, "case.history_listed", mandate, &case.file, json!({}))
            }
        };
        let subject = listed.subject.as_ref().map(|subject| subject.as_str().to_owned()).unwrap_or_default();
        let search = Search { subject, limit, before, ..Search::default() };
        let found = self.journal.search(context(mandate), &search).await?;
        self.journal.record_read(listed).await?;
        Ok(found)
    }
}
