//! What the journal is told.

use serde_json::Value;
use straznica_journal::{Context, Entry};

use super::App;
use crate::domain::{CallerClaims, Inspection};

impl App {
    /// An entry about an inspection. What the call does not say is the inspection's: its purpose, case and law, and, where the call names
    /// no officer, the one who opened it.
    pub(super) fn entry(
        &self,
        kind: &'static str,
        caller: &CallerClaims,
        inspection: &Inspection,
        detail: Value,
    ) -> Entry {
        let mission = &inspection.mission;
        let officer = caller.officer.as_ref().unwrap_or(&mission.officer);
        let case_number = caller.case_number.as_ref().or(mission.case_number.as_ref());
        let context = Context {
            actor: caller.actor.clone(),
            terminal: caller.terminal.as_ref().unwrap_or(&mission.terminal).to_string(),
            officer: officer.to_string(),
            purpose: mission.purpose.clone(),
            case_number: case_number.map(ToString::to_string).unwrap_or_default(),
            request_id: caller.request_id.map(|id| id.to_string()).unwrap_or_default(),
        };
        Entry::new(kind, context)
            .subject(self.journal.pseudonym("inspection", &inspection.id.to_string()))
            .legal_basis(mission.legal_basis.clone())
            .detail(detail)
    }
}
