//! Documents: issued on blanks, prolonged, lost, returned, annulled, destroyed.

use sea_orm::ConnectionTrait;
use serde_json::json;
use straznica_contracts::registry::events::v1::{DocumentChanged, DocumentIssued};
use straznica_types::Timestamp;

use super::App;
use super::blanks::{named, short};
use super::cases::NewEvent;
use super::entry::of_case;
use crate::domain::blank::{BlankNumber, Movement};
use crate::domain::calendar::warsaw;
use crate::domain::document::{Document, DocumentState, DocumentStep, StepRecord, first_day_and_last, prolonged_to};
use crate::domain::file::{DecisionState, WholeCase, work};
use crate::domain::rules::DocumentRule;
use crate::domain::{CaseId, DocumentId, Mandate, PersonId, Refusal};
use crate::error::RegistryError;
use crate::store::{
    Mover, documents_of_case, documents_of_person, find_document, insert_document, insert_document_step, load_case,
    steps_of, update_document,
};

/// A document to be issued.
pub(crate) struct NewDocument {
    pub(crate) kind: String,
    pub(crate) person: PersonId,
    pub(crate) office: String,
    pub(crate) blank: BlankNumber,
}

/// A document as shown.
pub(crate) struct ShownDocument {
    pub(crate) document: Document,
    pub(crate) steps: Vec<StepRecord>,
    /// Its last day is over.
    pub(crate) expired: bool,
}

impl App {
    /// Issues a document of the case's rules on a blank of the office; tells it, its first day and the case's version.
    pub(crate) async fn issue_document(
        &self,
        mandate: &Mandate,
        id: CaseId,
        expected: u64,
        new: &NewDocument,
    ) -> Result<(Document, straznica_types::CivilDate, u64), RegistryError> {
        let now = self.clock.now();
        named(&new.office, "/office")?;
        let made = DocumentId::generate_at(now);
        self.store
            .write_tx(async move |tx| {
                let mut case = self.load_for_change(tx, id, expected).await?;
                let law = self.law(&case, now)?;
                let rule = law.document(&new.kind).ok_or(Refusal::DocumentRule)?;
                if !case.persons.contains(&new.person) {
                    return Err(Refusal::Invalid { member: "/person_id", expected: "a person of the case" }.into());
                }
                entitled(&case, rule)?;
                let today = warsaw::date(now);
                let earlier = documents_of_person(tx, new.person).await?;
                let of_kind = || earlier.iter().filter(|other| other.kind == rule.id);
                if earlier.iter().any(|other| other.blank_kind == rule.blank && other.holds_on(today)) {
                    return Err(Refusal::HasOne.into());
                }
                let further = of_kind().next().is_some();
                let (valid_from, valid_to) = first_day_and_last(rule, today, further, &self.calendar)?;
                let document = Document {
                    id: made,
                    case: id,
                    person: new.person,
                    kind: rule.id.clone(),
                    blank_kind: rule.blank.clone(),
                    number: new.blank.clone(),
                    office: new.office.clone(),
                    state: DocumentState::Valid,
                    valid_to,
                    version: 1,
                };
                let because = made.to_string();
                let mover = Mover { officer: &mandate.officer, at: now, because: &because };
                let blank = self.use_blank(tx, &new.office, Some(&rule.blank), &new.blank, Movement::Issued, mover);
                blank.await?;
                let before = documents_of_case(tx, id).await?.len();
                insert_document(tx, before, &document).await?;
                let step = step(DocumentStep::Issued, mandate, now, "", Some(valid_to));
                insert_document_step(tx, made, 1, &step).await?;
                let standing = match &rule.event {
                    Some(event) => {
                        let event = NewEvent {
                            event: event.clone(),
                            at: now,
                            decision: None,
                            of: None,
                            posted_on: None,
                            until: None,
                        };
                        self.add_event(tx, mandate, &mut case, law, &event, now).await?
                    }
                    None => work(law, &case.happened(), &self.calendar, now)?.standing,
                };
                let told = DocumentIssued {
                    document_id: made.to_string(),
                    case_id: id.to_string(),
                    kind: rule.id.clone(),
                    valid_to: valid_to.to_string(),
                };
                let detail = json!({ "document": made.to_string(), "kind": rule.id, "valid_to": valid_to.to_string() });
                let entry = of_case(&self.journal, "document.issued", mandate, &case.file, detail).event(&told);
                let version = self.write_change(tx, &case.file, expected, &standing, entry).await?;
                Ok::<_, RegistryError>((document, valid_from, version))
            })
            .await
    }

    /// Prolongs a document, by its rule.
    pub(crate) async fn extend_document(
        &self,
        mandate: &Mandate,
        id: DocumentId,
        expected: u64,
    ) -> Result<Document, RegistryError> {
        self.change(mandate, id, expected, DocumentStep::Extended, "").await
    }

    /// Records loss, return, annulment or destruction.
    pub(crate) async fn change_document(
        &self,
        mandate: &Mandate,
        id: DocumentId,
        expected: u64,
        change: DocumentStep,
        reason: &str,
    ) -> Result<Document, RegistryError> {
        if reason.trim().is_empty() {
            return Err(Refusal::Missing { member: "/reason" }.into());
        }
        short(reason, "/reason")?;
        self.change(mandate, id, expected, change, reason).await
    }

    /// A document with what was done with it.
    pub(crate) async fn document(&self, mandate: &Mandate, id: DocumentId) -> Result<ShownDocument, RegistryError> {
        let (file, shown) = self
            .store
            .read_tx(async |tx| {
                let document = find_document(tx, id).await?.ok_or(Refusal::NoDocument)?;
                let case = load_case(tx, document.case).await?.ok_or(Refusal::NoCase)?;
                Ok::<_, RegistryError>((case.file, self.shown(tx, document).await?))
            })
            .await?;
        let detail = json!({ "document": id.to_string() });
        self.journal.record_read(of_case(&self.journal, "document.read", mandate, &file, detail)).await?;
        Ok(shown)
    }

    /// Documents of a case, in the order of their issue.
    pub(crate) async fn documents(&self, mandate: &Mandate, id: CaseId) -> Result<Vec<ShownDocument>, RegistryError> {
        let (file, shown) = self
            .store
            .read_tx(async |tx| {
                let case = load_case(tx, id).await?.ok_or(Refusal::NoCase)?;
                let mut shown = Vec::new();
                for document in documents_of_case(tx, id).await? {
                    shown.push(self.shown(tx, document).await?);
                }
                Ok::<_, RegistryError>((case.file, shown))
            })
            .await?;
        let detail = json!({ "documents": shown.len() });
        self.journal.record_read(of_case(&self.journal, "documents.read", mandate, &file, detail)).await?;
        Ok(shown)
    }

    async fn change(
        &self,
        mandate: &Mandate,
        id: DocumentId,
        expected: u64,
        change: DocumentStep,
        reason: &str,
    ) -> Result<Document, RegistryError> {
        let now = self.clock.now();
        self.store
            .write_tx(async move |tx| {
                let mut document = find_document(tx, id).await?.ok_or(Refusal::NoDocument)?;
                if document.version != expected {
                    return Err(Refusal::Stale.into());
                }
                let case = load_case(tx, document.case).await?.ok_or(Refusal::NoCase)?;
                document.state = change.of(document.state)?;
                if change == DocumentStep::Extended {
                    document.valid_to = self.prolonged(&document, &case, now)?;
                }
                if !update_document(tx, &document, expected).await? {
                    return Err(Refusal::Stale.into());
                }
                document.version = expected + 1;
                let until = (change == DocumentStep::Extended).then_some(document.valid_to);
                insert_document_step(tx, id, document.version, &step(change, mandate, now, reason, until)).await?;
                let told = DocumentChanged {
                    document_id: id.to_string(),
                    state: document.state.as_str().to_owned(),
                    valid_to: document.valid_to.to_string(),
                };
                let detail = json!({ "document": id.to_string(), "step": change.as_str() });
                let entry = of_case(&self.journal, "document.changed", mandate, &case.file, detail).event(&told);
                self.journal.record(tx, entry).await?;
                Ok::<_, RegistryError>(document)
            })
            .await
    }

    fn prolonged(
        &self,
        document: &Document,
        case: &WholeCase,
        now: Timestamp,
    ) -> Result<straznica_types::CivilDate, Refusal> {
        // What has run out is not prolonged.
        if !document.holds_on(warsaw::date(now)) {
            return Err(Refusal::DocumentState);
        }
        let law = self.law(case, now)?;
        let rule = law.document(&document.kind).ok_or(Refusal::DocumentRule)?;
        prolonged_to(rule, document.valid_to, &self.calendar)
    }

    async fn shown(
        &self,
        connection: &impl ConnectionTrait,
        document: Document,
    ) -> Result<ShownDocument, RegistryError> {
        let steps = steps_of(connection, document.id).await?;
        let today = warsaw::date(self.clock.now());
        let expired = document.state == DocumentState::Valid && !document.holds_on(today);
        Ok(ShownDocument { document, steps, expired })
    }
}

/// That a decision was issued after which the rules give such a document, where they want one.
fn entitled(case: &WholeCase, rule: &DocumentRule) -> Result<(), Refusal> {
    let issued = |id: &String| {
        let of_it = case.decisions.iter().filter(|made| made.decision == *id);
        of_it.into_iter().any(|made| made.state() == DecisionState::Issued)
    };
    if rule.decisions.is_empty() || rule.decisions.iter().any(issued) { Ok(()) } else { Err(Refusal::NotEntitled) }
}

fn step(
    step: DocumentStep,
    mandate: &Mandate,
    at: Timestamp,
    reason: &str,
    valid_to: Option<straznica_types::CivilDate>,
) -> StepRecord {
    StepRecord { step, at, by: mandate.officer.clone(), reason: reason.to_owned(), valid_to }
}
