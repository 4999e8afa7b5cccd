//! Decisions: drafted, approved by another officer, issued.

use serde_json::json;

use super::App;
use super::cases::NewEvent;
use super::entry::of_case;
use crate::domain::course::NotNow;
use crate::domain::file::{Decision, WholeCase, work};
use crate::domain::{CaseId, DecisionId, Mandate, Refusal};
use crate::error::RegistryError;
use crate::store::{insert_decision, update_decision};

impl App {
    /// Drafts a decision the rules know.
    pub(crate) async fn draft_decision(
        &self,
        mandate: &Mandate,
        id: CaseId,
        expected: u64,
        decision: &str,
    ) -> Result<(u64, DecisionId), RegistryError> {
        let now = self.clock.now();
        let made = DecisionId::generate_at(now);
        self.store
            .write_tx(async move |tx| {
                let case = self.load_for_change(tx, id, expected).await?;
                let law = self.law(&case, now)?;
                issuing_event(law, decision)?;
                let draft = Decision {
                    id: made,
                    decision: decision.to_owned(),
                    drafted_by: mandate.officer.clone(),
                    drafted_at: now,
                    approved: None,
                    issued_at: None,
                };
                insert_decision(tx, id, case.decisions.len(), &draft).await?;
                let standing = work(law, &case.happened(), &self.calendar, now)?.standing;
                let detail = json!({ "decision": decision, "id": made.to_string() });
                let entry = of_case(&self.journal, "decision.drafted", mandate, &case.file, detail);
                let version = self.write_change(tx, &case.file, expected, &standing, entry).await?;
                Ok::<_, RegistryError>((version, made))
            })
            .await
    }

    /// Approves a draft of another officer.
    pub(crate) async fn approve_decision(
        &self,
        mandate: &Mandate,
        id: CaseId,
        expected: u64,
        decision: DecisionId,
    ) -> Result<u64, RegistryError> {
        let now = self.clock.now();
        self.store
            .write_tx(async move |tx| {
                let case = self.load_for_change(tx, id, expected).await?;
                let mut made = decision_of(&case, decision)?;
                made.approve(&mandate.officer, now)?;
                self.may_sign(tx, mandate, decision).await?;
                update_decision(tx, &made).await?;
                let law = self.law(&case, now)?;
                let standing = work(law, &case.happened(), &self.calendar, now)?.standing;
                let detail = json!({ "decision": made.decision, "id": decision.to_string() });
                let entry = of_case(&self.journal, "decision.approved", mandate, &case.file, detail);
                self.write_change(tx, &case.file, expected, &standing, entry).await
            })
            .await
    }

    /// Issues an approved decision.
    pub(crate) async fn issue_decision(
        &self,
        mandate: &Mandate,
        id: CaseId,
        expected: u64,
        decision: DecisionId,
    ) -> Result<(u64, String), RegistryError> {
        let now = self.clock.now();
        self.store
            .write_tx(async move |tx| {
                let mut case = self.load_for_change(tx, id, expected).await?;
                let mut made = decision_of(&case, decision)?;
                made.issue(now)?;
                self.alerts_allow(tx, &case, &made.decision, now).await?;
                let law = self.law(&case, now)?;
                let event = NewEvent {
                    event: issuing_event(law, &made.decision)?,
                    at: now,
                    decision: Some(made.decision.clone()),
                    of: None,
                    posted_on: None,
                    until: None,
                };
                self.awaits_nothing(tx, id, &event.event, now).await?;
                let standing = self.add_event(tx, mandate, &mut case, law, &event, now).await?;
                update_decision(tx, &made).await?;
                let entry = self.moved(mandate, &case.file, "decision.issued", &event, &standing);
                let version = self.write_change(tx, &case.file, expected, &standing, entry).await?;
                Ok::<_, RegistryError>((version, standing.stage))
            })
            .await
    }
}

pub(super) fn decision_of(case: &WholeCase, id: DecisionId) -> Result<Decision, Refusal> {
    case.decisions.iter().find(|decision| decision.id == id).cloned().ok_or(Refusal::NoDecision)
}

/// The event by which such a decision is issued.
fn issuing_event(law: &crate::domain::rules::CaseType, decision: &str) -> Result<String, Refusal> {
    let unknown = || Refusal::from(NotNow::Decision { event: decision.to_owned() });
    let by = law.decision(decision).ok_or_else(unknown)?.by;
    law.issuing(by).map(|event| event.id.clone()).ok_or_else(unknown)
}
