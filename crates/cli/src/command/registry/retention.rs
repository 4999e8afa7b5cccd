//! `straznica registry retention`.

use straznica_contracts::registry::v1::{
    ErasureItem, ListErasuresRequest, ListErasuresResponse, ListRetentionRulesRequest, ListRetentionRulesResponse,
    PreviewErasureRequest, PreviewErasureResponse,
};

use super::RegistryError;
use super::cases::{english, place};
use super::desk::Desk;
use super::spoc::when;
use super::table::Table;
use crate::arguments::Retention;

/// Runs the command.
pub(super) async fn run(command: Retention) -> Result<(), RegistryError> {
    match command {
        Retention::Rules { desk } => {
            let desk = Desk::open(desk)?;
            let request = ListRetentionRulesRequest { context: desk.context() };
            desk.print(&desk.retention().list_retention_rules(request).await?.into_inner(), rules)
        }
        Retention::Due { rule, desk } => {
            let desk = Desk::open(desk)?;
            let request = PreviewErasureRequest { context: desk.context(), rule };
            desk.print(&desk.retention().preview_erasure(request).await?.into_inner(), due)
        }
        Retention::Erasures { desk } => {
            let desk = Desk::open(desk)?;
            let request = ListErasuresRequest { context: desk.context() };
            desk.print(&desk.retention().list_erasures(request).await?.into_inner(), erasures)
        }
    }
}

fn rules(answer: &ListRetentionRulesResponse) -> String {
    let rows = answer.rules.iter().map(|rule| {
        let keep = format!("{} {}", rule.keep, rule.unit.replace('_', " "));
        let basis = rule.basis.as_ref().map(place).unwrap_or_default();
        [rule.rule.clone(), keep, english(rule.title.as_ref()), rule.case_types.join(", "), basis]
    });
    Table::new(["RULE", "KEPT", "WHAT", "CASES", "LAW"], rows).or("nothing is ever erased")
}

fn due(answer: &PreviewErasureResponse) -> String {
    let row = |item: &ErasureItem, held: &str| {
        [item.case_number.clone(), item.closed_on.clone(), item.kept_to.clone(), held.to_owned(), item.case_id.clone()]
    };
    let due = answer.due.iter().map(|item| row(item, ""));
    let rows = due.chain(answer.held.iter().map(|item| row(item, "on hold")));
    let table = Table::new(["CASE", "CLOSED", "KEPT TO", "", "ID"], rows).or("nothing is due");
    if answer.more { format!("{}\nthere are more", table.trim_end()) } else { table }
}

fn erasures(answer: &ListErasuresResponse) -> String {
    let rows = answer.erasures.iter().map(|erasure| {
        let approved = if erasure.approved_by.is_empty() { "waits" } else { erasure.approved_by.as_str() };
        let (at, by) = (when::minute(erasure.proposed_at_ms), erasure.proposed_by.clone());
        [at, erasure.rule.clone(), by, approved.to_owned(), erasure.erasure_id.clone()]
    });
    Table::new(["AT", "RULE", "PROPOSED BY", "APPROVED BY", "ID"], rows).or("none")
}

#[cfg(test)]
mod tests {
    use straznica_contracts::registry::v1::{Erasure, LegalBasis, RetentionRule, Text};

    use super::*;

    #[test]
    fn rules_and_what_is_due_are_told_a_line_each() {
        let rule = RetentionRule {
            rule: "protection_files".to_owned(),
            title: Some(Text { pl: String::new(), en: "Protection".to_owned() }),
            case_types: vec!["protection".to_owned()],
            keep: 600,
            unit: "months".to_owned(),
            basis: Some(LegalBasis {
                article: "art. 6".to_owned(),
                journal: "Dz.U. 1983 nr 38 poz. 173".to_owned(),
                verified: "no".to_owned(),
                act: None,
            }),
            ..RetentionRule::default()
        };
        let told = rules(&ListRetentionRulesResponse { rules: vec![rule] });
        assert!(told.contains("protection_files  600 months  Protection  protection  art. 6, Dz.U. 1983 nr 38 poz. 173 (not compared with the law)"), "{told}");
        let item = |number: &str| ErasureItem {
            case_id: "c".to_owned(),
            case_number: number.to_owned(),
            closed_on: "1976-05-21".to_owned(),
            kept_to: "2026-05-21".to_owned(),
            ..ErasureItem::default()
        };
        let answer = PreviewErasureResponse { due: vec![item("a/1")], more: true, held: vec![item("a/2")] };
        let told = due(&answer);
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines[1], "a/1   1976-05-21  2026-05-21           c");
        assert_eq!(lines[2..], ["a/2   1976-05-21  2026-05-21  on hold  c", "there are more"]);
        assert_eq!(due(&PreviewErasureResponse::default()), "nothing is due");
        let waits = Erasure { rule: "r".to_owned(), proposed_by: "first".to_owned(), ..Erasure::default() };
        assert!(erasures(&ListErasuresResponse { erasures: vec![waits] }).contains("r     first        waits"));
    }
}
