//! The job that erases what two officers approved, case by case, each whole or not at all.

use std::collections::BTreeSet;

use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::registry::events::v1::CaseErased;
use straznica_journal::{Context, Entry};
use straznica_types::Timestamp;

use super::App;
use crate::domain::calendar::warsaw;
use crate::domain::file::WholeCase;
use crate::domain::merge::group;
use crate::domain::retention::{Erasable, ErasedData, Erasure, ErasureItem, ErasureState, RetentionRule};
use crate::domain::{ConsultationId, PersonId, Refusal};
use crate::error::RegistryError;
use crate::store::{
    are_needed, consultation_ids_of, erase_consultation, erase_file, erase_person, erase_texts, load_case,
    load_consultation, next_waiting, on_hold, settle_item,
};

/// Cases erased in one turn.
const TURN: usize = 200;

impl App {
    /// Erases what waits; tells how many cases were settled. It may be stopped anywhere and begun again.
    pub(crate) async fn erase_approved(&self) -> Result<usize, RegistryError> {
        for settled in 0..TURN {
            let next = self.store.read_tx(async |tx| next_waiting(tx).await).await?;
            let Some((erasure, item)) = next else { return Ok(settled) };
            let (erasure, item) = (&erasure, &item);
            match self.store.write_tx(async move |tx| self.settle_erasure(tx, erasure, item).await).await {
                // Another replica settled it meanwhile.
                Ok(()) | Err(RegistryError::Refused(Refusal::Stale)) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(TURN)
    }

    async fn settle_erasure(
        &self,
        tx: &DatabaseTransaction,
        erasure: &Erasure,
        item: &ErasureItem,
    ) -> Result<(), RegistryError> {
        let rule = self.retention_rule(&erasure.rule)?;
        let id = match item.of {
            Erasable::Case(id) => id,
            Erasable::Consultation(id) => return self.settle_consultation(tx, erasure, rule, id).await,
        };
        let case = load_case(tx, id).await?.ok_or(Refusal::NoCase)?;
        if !self.is_still_due(tx, rule, &case).await? {
            settle_item(tx, erasure.id, item.of, ErasureState::Kept, (0, 0)).await?;
            let entry = self.of_erasure("case.kept", erasure, rule, &case, json!({}));
            self.journal.record(tx, entry).await?;
            return Ok(());
        }
        let (persons, mut entries) = match rule.data {
            ErasedData::Texts => {
                erase_texts(tx, id).await?;
                (Vec::new(), 0)
            }
            ErasedData::File => self.erase_whole(tx, erasure, rule, &case).await?,
            // The file of rules names no case for these.
            ErasedData::Consultations => (Vec::new(), 0),
        };
        for person in &persons {
            entries += self.erase_entries(tx, erasure, rule, "person", &person.to_string()).await?;
        }
        let told = CaseErased {
            case_id: id.to_string(),
            person_ids: persons.iter().map(ToString::to_string).collect(),
            whole: rule.data == ErasedData::File,
        };
        let detail = json!({ "persons": persons.len(), "entries": entries });
        self.journal.record(tx, self.of_erasure("case.erased", erasure, rule, &case, detail).event(&told)).await?;
        if !settle_item(tx, erasure.id, item.of, ErasureState::Erased, (persons.len() as u64, entries)).await? {
            // Another replica was faster: everything above is undone.
            return Err(Refusal::Stale.into());
        }
        Ok(())
    }

    /// That nothing happened since it was proposed: it is closed, its time is over, nobody wants it kept.
    async fn is_still_due(
        &self,
        tx: &DatabaseTransaction,
        rule: &RetentionRule,
        case: &WholeCase,
    ) -> Result<bool, RegistryError> {
        if !on_hold(tx, &[case.file.id]).await?.is_empty() {
            return Ok(false);
        }
        let now = self.clock.now();
        let closed_on = self.closed_on(self.law(case, now)?, case, now)?;
        let over = |closed_on| rule.kept_to(closed_on, &self.calendar) < warsaw::date(now);
        Ok(closed_on.is_some_and(over))
    }

    async fn erase_whole(
        &self,
        tx: &DatabaseTransaction,
        erasure: &Erasure,
        rule: &RetentionRule,
        case: &WholeCase,
    ) -> Result<(Vec<PersonId>, u64), RegistryError> {
        erase_file(tx, case.file.id).await?;
        let mut persons = Vec::new();
        for person in &case.persons {
            if !persons.contains(person) {
                persons.extend(self.erase_together(tx, *person).await?);
            }
        }
        let mut entries = self.erase_entries(tx, erasure, rule, "case", &case.file.id.to_string()).await?;
        // What was asked about somebody in this case, and what went over the network, is part of its file.
        for id in consultation_ids_of(tx, case.file.id).await? {
            if let Some(kept) = load_consultation(tx, id).await? {
                erase_consultation(tx, &kept.whole.file).await?;
                entries += self.erase_entries(tx, erasure, rule, "consultation", &id.to_string()).await?;
            }
        }
        Ok((persons, entries))
    }

    /// Erases a person under every id they are read under; tells which. Nobody, where a case needs them, or somebody they ever were one with.
    async fn erase_together(
        &self,
        tx: &DatabaseTransaction,
        person: PersonId,
    ) -> Result<BTreeSet<PersonId>, RegistryError> {
        let merges = self.merges(tx, [person]).await?;
        let around: BTreeSet<PersonId> =
            merges.iter().flat_map(|merge| [merge.person, merge.merged]).chain([person]).collect();
        if are_needed(tx, &Vec::from_iter(around)).await? {
            return Ok(BTreeSet::new());
        }
        // Who turned out to be somebody else is not erased with them.
        let members = group(person, &merges, Timestamp::from_millis(i64::MAX)).members;
        for member in &members {
            erase_person(tx, *member).await?;
        }
        Ok(members)
    }

    /// Erases a consultation, or keeps it: something happened in it, or its case is on hold.
    async fn settle_consultation(
        &self,
        tx: &DatabaseTransaction,
        erasure: &Erasure,
        rule: &RetentionRule,
        id: ConsultationId,
    ) -> Result<(), RegistryError> {
        let kept = load_consultation(tx, id).await?.ok_or(Refusal::NoConsultation)?;
        let file = &kept.whole.file;
        let now = self.clock.now();
        let last = kept.whole.noted.iter().map(|noted| noted.happened.at).max();
        let over = last.is_some_and(|last| rule.kept_to(warsaw::date(last), &self.calendar) < warsaw::date(now));
        let held = match file.case {
            Some(case) => !on_hold(tx, &[case]).await?.is_empty(),
            None => false,
        };
        let due = over && !held && self.consultation_standing(&kept, now)?.closed;
        let (state, entries) = if due {
            erase_consultation(tx, file).await?;
            let entries = self.erase_entries(tx, erasure, rule, "consultation", &id.to_string()).await?;
            (ErasureState::Erased, entries)
        } else {
            (ErasureState::Kept, 0)
        };
        let detail = json!({ "erasure": erasure.id.to_string(), "rule": rule.id, "entries": entries });
        let context = Context { case_number: file.number.clone(), ..of_job(erasure) };
        let kind = if due { "consultation.erased" } else { "consultation.kept" };
        let entry = Entry::new(kind, context).legal_basis(rule.cited()).detail(detail);
        self.journal.record(tx, entry).await?;
        if !settle_item(tx, erasure.id, Erasable::Consultation(id), state, (0, entries)).await? {
            // Another replica was faster: everything above is undone.
            return Err(Refusal::Stale.into());
        }
        Ok(())
    }

    /// Erases the payload of every entry about somebody or something: the tree holds digests only, and stays as it is.
    async fn erase_entries(
        &self,
        tx: &DatabaseTransaction,
        erasure: &Erasure,
        rule: &RetentionRule,
        class: &str,
        value: &str,
    ) -> Result<u64, RegistryError> {
        let subject = self.journal.pseudonym(class, value);
        Ok(self.journal.erase_about(tx, &subject, &of_job(erasure), &rule.cited()).await?)
    }

    fn of_erasure(
        &self,
        kind: &'static str,
        erasure: &Erasure,
        rule: &RetentionRule,
        case: &WholeCase,
        detail: serde_json::Value,
    ) -> Entry {
        let mut all = json!({ "erasure": erasure.id.to_string(), "rule": rule.id });
        if let (serde_json::Value::Object(all), serde_json::Value::Object(detail)) = (&mut all, detail) {
            all.extend(detail);
        }
        let context = Context { case_number: case.file.number.clone(), ..of_job(erasure) };
        Entry::new(kind, context).legal_basis(rule.cited()).detail(all)
    }
}

/// The service itself, for who approved it.
fn of_job(erasure: &Erasure) -> Context {
    let officer = erasure.approved.as_ref().map(|(officer, _)| officer.to_string());
    Context { officer: officer.unwrap_or_default(), ..Context::of_service("service/registry") }
}
