//! What is due for erasure: looked at, proposed, approved by another officer; and holds.

use sea_orm::ConnectionTrait;
use serde_json::json;
use straznica_journal::Entry;

use super::App;
use super::blanks::short;
use super::entry::{context, of_case};
use crate::domain::calendar::warsaw;
use crate::domain::retention::{Erasable, ErasedData, Erasure, ErasureItem, ErasureState, Hold, RetentionRule};
use crate::domain::{CaseId, ErasureId, HoldId, Mandate, Refusal};
use crate::error::RegistryError;
use crate::store::{
    approve_erasure, closed_by, consultations_closed_by, find_erasure, find_hold, holds_of, insert_erasure,
    insert_hold, items_of, lift_hold, list_erasures, load_case, on_hold,
};

/// Most cases of one erasure.
const MOST_CASES: usize = 500;
/// Most erasures listed.
const MOST_ERASURES: u64 = 100;

/// What a rule would have erased.
pub(crate) struct Preview {
    pub(crate) due: Vec<ErasureItem>,
    pub(crate) held: Vec<ErasureItem>,
    pub(crate) more: bool,
}

impl App {
    /// The rules; their reading is no one's personal data.
    pub(crate) fn retention_rules(&self) -> &[RetentionRule] {
        self.retention.rules()
    }

    /// What a rule would have erased today.
    pub(crate) async fn preview_erasure(&self, mandate: &Mandate, rule: &str) -> Result<Preview, RegistryError> {
        let rule = self.retention_rule(rule)?;
        let preview = self.store.read_tx(async |tx| self.due(tx, rule).await).await?;
        let detail = json!({ "rule": rule.id, "due": preview.due.len(), "held": preview.held.len() });
        let entry = Entry::new("erasure.previewed", context(mandate)).legal_basis(rule.cited()).detail(detail);
        self.journal.record_read(entry).await?;
        Ok(preview)
    }

    /// Proposes the erasure of what is due today; tells its id and of how many cases.
    pub(crate) async fn propose_erasure(
        &self,
        mandate: &Mandate,
        rule: &str,
    ) -> Result<(ErasureId, usize), RegistryError> {
        let now = self.clock.now();
        let rule = self.retention_rule(rule)?;
        let id = ErasureId::generate_at(now);
        self.store
            .write_tx(async move |tx| {
                let due = self.due(tx, rule).await?.due;
                if due.is_empty() {
                    return Err(Refusal::NothingDue.into());
                }
                let proposed = Erasure {
                    id,
                    rule: rule.id.clone(),
                    proposed_by: mandate.officer.clone(),
                    proposed_at: now,
                    approved: None,
                    persons_erased: 0,
                    entries_erased: 0,
                };
                insert_erasure(tx, &proposed, &due).await?;
                let detail = json!({ "erasure": id.to_string(), "rule": rule.id, "cases": due.len() });
                let entry = Entry::new("erasure.proposed", context(mandate)).legal_basis(rule.cited()).detail(detail);
                self.journal.record(tx, entry).await?;
                Ok::<_, RegistryError>((id, due.len()))
            })
            .await
    }

    /// Approves an erasure another officer proposed: the job does the rest.
    pub(crate) async fn approve_erasure(&self, mandate: &Mandate, id: ErasureId) -> Result<(), RegistryError> {
        let now = self.clock.now();
        self.store
            .write_tx(async move |tx| {
                let proposed = find_erasure(tx, id).await?.ok_or(Refusal::NoOrder)?;
                proposed.may_approve(&mandate.officer)?;
                let rule = self.retention_rule(&proposed.rule)?;
                if !approve_erasure(tx, id, &mandate.officer, now).await? {
                    return Err(Refusal::Settled.into());
                }
                let detail = json!({ "erasure": id.to_string(), "rule": rule.id });
                let entry = Entry::new("erasure.approved", context(mandate)).legal_basis(rule.cited()).detail(detail);
                self.journal.record(tx, entry).await?;
                Ok::<_, RegistryError>(())
            })
            .await
    }

    /// Erasures, the newest first.
    pub(crate) async fn erasures(&self, mandate: &Mandate) -> Result<Vec<Erasure>, RegistryError> {
        let erasures = self.store.read_tx(async |tx| list_erasures(tx, MOST_ERASURES).await).await?;
        let detail = json!({ "erasures": erasures.len() });
        let entry = Entry::new("erasures.listed", context(mandate)).legal_basis(mandate.legal_basis.clone());
        self.journal.record_read(entry.detail(detail)).await?;
        Ok(erasures)
    }

    /// How far an erasure has come.
    pub(crate) async fn erasure(
        &self,
        mandate: &Mandate,
        id: ErasureId,
    ) -> Result<(Erasure, Vec<ErasureItem>), RegistryError> {
        let found = self
            .store
            .read_tx(async |tx| {
                let erasure = find_erasure(tx, id).await?.ok_or(Refusal::NoOrder)?;
                Ok::<_, RegistryError>((erasure, items_of(tx, id).await?))
            })
            .await?;
        let detail = json!({ "erasure": id.to_string() });
        let entry = Entry::new("erasure.read", context(mandate)).legal_basis(mandate.legal_basis.clone());
        self.journal.record_read(entry.detail(detail)).await?;
        Ok(found)
    }

    /// Keeps a case from being erased.
    pub(crate) async fn place_hold(
        &self,
        mandate: &Mandate,
        case: CaseId,
        reason: &str,
    ) -> Result<HoldId, RegistryError> {
        let now = self.clock.now();
        said(reason)?;
        let id = HoldId::generate_at(now);
        self.store
            .write_tx(async move |tx| {
                let whole = load_case(tx, case).await?.ok_or(Refusal::NoCase)?;
                let hold = Hold {
                    id,
                    case,
                    reason: reason.to_owned(),
                    placed_by: mandate.officer.clone(),
                    placed_at: now,
                    lifted: None,
                };
                insert_hold(tx, &hold).await?;
                let detail = json!({ "hold": id.to_string() });
                self.journal.record(tx, of_case(&self.journal, "hold.placed", mandate, &whole.file, detail)).await?;
                Ok::<_, RegistryError>(id)
            })
            .await
    }

    /// Lifts a hold another officer placed.
    pub(crate) async fn lift_hold(&self, mandate: &Mandate, id: HoldId, reason: &str) -> Result<(), RegistryError> {
        let now = self.clock.now();
        said(reason)?;
        self.store
            .write_tx(async move |tx| {
                let hold = find_hold(tx, id).await?.ok_or(Refusal::NoOrder)?;
                hold.may_lift(&mandate.officer)?;
                let whole = load_case(tx, hold.case).await?.ok_or(Refusal::NoCase)?;
                if !lift_hold(tx, id, &mandate.officer, now, reason).await? {
                    return Err(Refusal::Settled.into());
                }
                let detail = json!({ "hold": id.to_string() });
                self.journal.record(tx, of_case(&self.journal, "hold.lifted", mandate, &whole.file, detail)).await?;
                Ok::<_, RegistryError>(())
            })
            .await
    }

    /// Every hold there was on a case.
    pub(crate) async fn holds(&self, mandate: &Mandate, case: CaseId) -> Result<Vec<Hold>, RegistryError> {
        let (file, holds) = self
            .store
            .read_tx(async |tx| {
                let whole = load_case(tx, case).await?.ok_or(Refusal::NoCase)?;
                Ok::<_, RegistryError>((whole.file, holds_of(tx, case).await?))
            })
            .await?;
        let detail = json!({ "holds": holds.len() });
        self.journal.record_read(of_case(&self.journal, "holds.read", mandate, &file, detail)).await?;
        Ok(holds)
    }

    async fn due(&self, connection: &impl ConnectionTrait, rule: &RetentionRule) -> Result<Preview, RegistryError> {
        if rule.data == ErasedData::Consultations {
            return self.due_consultations(connection, rule).await;
        }
        let today = warsaw::date(self.clock.now());
        // One more than is shown tells whether there are more.
        let candidates = closed_by(connection, rule, today, MOST_CASES as u64 + 1).await?;
        let mut due: Vec<ErasureItem> = candidates
            .into_iter()
            .map(|(case, number, closed_on)| {
                let kept_to = rule.kept_to(closed_on, &self.calendar);
                ErasureItem { of: Erasable::Case(case), number, closed_on, kept_to, state: ErasureState::Waiting }
            })
            .filter(|item| item.kept_to < today)
            .collect();
        let more = due.len() > MOST_CASES;
        due.truncate(MOST_CASES);
        let case = |item: &ErasureItem| match item.of {
            Erasable::Case(case) => Some(case),
            Erasable::Consultation(_) => None,
        };
        let cases: Vec<CaseId> = due.iter().filter_map(case).collect();
        let on_hold = on_hold(connection, &cases).await?;
        let (held, due) = due.into_iter().partition(|item| case(item).is_some_and(|case| on_hold.contains(&case)));
        Ok(Preview { due, held, more })
    }

    /// Consultations whose time is over. One that belongs to a case on hold stays with it.
    async fn due_consultations(
        &self,
        connection: &impl ConnectionTrait,
        rule: &RetentionRule,
    ) -> Result<Preview, RegistryError> {
        let today = warsaw::date(self.clock.now());
        let candidates = consultations_closed_by(connection, rule, MOST_CASES as u64 + 1).await?;
        let mut due: Vec<(Option<CaseId>, ErasureItem)> = candidates
            .into_iter()
            .map(|(id, case, number, last)| {
                let closed_on = warsaw::date(last);
                let kept_to = rule.kept_to(closed_on, &self.calendar);
                let of = Erasable::Consultation(id);
                (case, ErasureItem { of, number, closed_on, kept_to, state: ErasureState::Waiting })
            })
            .filter(|(_, item)| item.kept_to < today)
            .collect();
        let more = due.len() > MOST_CASES;
        due.truncate(MOST_CASES);
        let cases: Vec<CaseId> = due.iter().filter_map(|(case, _)| *case).collect();
        let on_hold = on_hold(connection, &cases).await?;
        let (held, due): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|(case, _)| case.is_some_and(|case| on_hold.contains(&case)));
        let items = |all: Vec<(Option<CaseId>, ErasureItem)>| all.into_iter().map(|(_, item)| item).collect();
        Ok(Preview { due: items(due), held: items(held), more })
    }

    pub(super) fn retention_rule(&self, id: &str) -> Result<&RetentionRule, Refusal> {
        let unknown = Refusal::Invalid { member: "/rule", expected: "a rule of retention" };
        self.retention.rule(id).ok_or(unknown)
    }
}

fn said(reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::Missing { member: "/reason" });
    }
    short(reason, "/reason")
}
