//! Who changed and read what is kept of a person or a case.

use straznica_contracts::registry::v1::list_history_request::Whose;
use straznica_contracts::registry::v1::{ListHistoryRequest, ListHistoryResponse};

use super::RegistryError;
use super::desk::Desk;
use super::spoc::when;
use super::table::Table;
use crate::arguments::Accesses;

/// Lists entries of somebody or something.
pub(super) async fn list(asked: Accesses, whose: impl FnOnce(String) -> Whose) -> Result<(), RegistryError> {
    let Accesses { id, before, limit, desk } = asked;
    let desk = Desk::open(desk)?;
    let request = ListHistoryRequest { context: desk.context(), before, limit, whose: Some(whose(id)) };
    let answer = desk.history().list_history(request).await?.into_inner();
    desk.print(&answer, |answer| told(answer, limit))
}

fn told(answer: &ListHistoryResponse, limit: u32) -> String {
    let rows = answer.entries.iter().map(|entry| {
        // The service itself did what no officer did.
        let who = if entry.officer.is_empty() { &entry.actor } else { &entry.officer };
        [
            when::minute(entry.at_ms),
            entry.kind.clone(),
            who.clone(),
            entry.terminal.clone(),
            entry.purpose.clone(),
            entry.case_number.clone(),
        ]
    });
    let table = Table::new(["AT", "WHAT", "WHO", "TERMINAL", "FOR", "CASE"], rows).or("nobody");
    let last = answer.entries.last().and_then(|entry| entry.position);
    match last.filter(|_| answer.entries.len() >= limit as usize) {
        Some(position) => format!("{}\nmore: --before {position}", table.trim_end()),
        None => table,
    }
}

#[cfg(test)]
mod tests {
    use straznica_contracts::registry::v1::HistoryEntry;

    use super::*;

    #[test]
    fn a_full_page_says_how_to_go_on() {
        let entry = |officer: &str, position| HistoryEntry {
            position,
            at_ms: 1_779_960_600_000,
            kind: "person.read".to_owned(),
            officer: officer.to_owned(),
            actor: "service/registry".to_owned(),
            purpose: "protection_proceedings".to_owned(),
            ..HistoryEntry::default()
        };
        let answer = ListHistoryResponse { entries: vec![entry("udsc-1", None), entry("", Some(17))] };
        let full = told(&answer, 2);
        let lines: Vec<_> = full.lines().collect();
        assert_eq!(lines[1], "2026-05-28 09:30  person.read  udsc-1                      protection_proceedings");
        assert!(lines[2].contains("service/registry"), "{full}");
        assert_eq!(lines[3], "more: --before 17");
        assert!(!told(&answer, 3).contains("--before"));
        assert_eq!(told(&ListHistoryResponse::default(), 50), "nobody");
    }
}
