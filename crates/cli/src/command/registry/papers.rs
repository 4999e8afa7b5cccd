//! `straznica registry documents` and `blanks`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use straznica_contracts::registry::v1::{
    BlankOrder, DocumentState, GetBlankBalanceRequest, GetBlankBalanceResponse, ListBlankOrdersRequest,
    ListDocumentsRequest, ListDocumentsResponse,
};

use super::RegistryError;
use super::desk::Desk;
use super::persons::word;
use super::spoc::when;
use super::table::Table;
use crate::arguments::RegistryDesk;
use crate::command::Outcome;

/// `straznica registry documents`.
pub(super) async fn documents(case_id: String, desk: RegistryDesk) -> Result<(), RegistryError> {
    let desk = Desk::open(desk)?;
    let request = ListDocumentsRequest { context: desk.context(), case_id };
    let answer = desk.documents().list_documents(request).await?.into_inner();
    desk.print(&answer, listed)
}

/// `straznica registry blanks`.
pub(super) async fn blanks(office: String, kind: String, desk: RegistryDesk) -> Result<Outcome, RegistryError> {
    let desk = Desk::open(desk)?;
    let request = ListBlankOrdersRequest { context: desk.context(), office: office.clone() };
    let orders = desk.blanks().list_blank_orders(request).await?.into_inner().orders;
    let request = GetBlankBalanceRequest { context: desk.context(), office, kind };
    let balance = desk.blanks().get_blank_balance(request).await?.into_inner();
    desk.print(&balance, |balance| books(balance, &orders))?;
    Ok(if balance.discrepancy == 0 { Outcome::Yes } else { Outcome::No })
}

fn listed(answer: &ListDocumentsResponse) -> String {
    let rows = answer.documents.iter().map(|document| {
        let state = DocumentState::try_from(document.state).map_or("", |state| state.as_str_name());
        let state = word(state, "DOCUMENT_STATE_");
        let steps: Vec<_> = document.steps.iter().map(|step| step.step.as_str()).collect();
        [
            document.number.clone(),
            document.kind.clone(),
            state,
            document.valid_to.clone(),
            steps.join(", "),
            document.document_id.clone(),
        ]
    });
    Table::new(["NUMBER", "KIND", "STATE", "TO", "WHAT WAS DONE", "ID"], rows).or("no document was issued")
}

/// Both sides of the books, and what waits.
fn books(balance: &GetBlankBalanceResponse, orders: &[BlankOrder]) -> String {
    let counted = |counts: &BTreeMap<&String, &u64>| {
        let counts: Vec<_> = counts.iter().map(|(what, count)| format!("{} {count}", what.replace('_', " "))).collect();
        if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }
    };
    let mut told = format!(
        "happened: {}\nis there: {}\nin stock by what happened: {}\n",
        counted(&balance.movements.iter().collect()),
        counted(&balance.states.iter().collect()),
        balance.expected_in_stock
    );
    if balance.discrepancy != 0 {
        // Writing to a text does not fail.
        let _ = writeln!(told, "BOTH SIDES DIFFER BY {}: somebody changed the database", balance.discrepancy);
    }
    let rows = orders.iter().map(|order| {
        let action = word(order.action().as_str_name(), "BLANK_ACTION_");
        let range = order.range.map(|range| format!("{}{:07} and {} in all", order.series, range.first, range.count));
        let at = when::minute(order.proposed_at_ms);
        [action, order.kind.clone(), range.unwrap_or_default(), order.proposed_by.clone(), at, order.order_id.clone()]
    });
    let waiting = Table::new(["WAITS", "KIND", "WHICH", "PROPOSED BY", "AT", "ID"], rows).or("");
    told + &waiting
}

#[cfg(test)]
mod tests {
    use straznica_contracts::registry::v1::{BlankAction, BlankRange, DocumentStep, IssuedDocument};

    use super::*;

    #[test]
    fn documents_are_told_a_line_each() {
        let step = |step: &str| DocumentStep { step: step.to_owned(), ..DocumentStep::default() };
        let document = IssuedDocument {
            document_id: "d-1".to_owned(),
            number: "TZ0000017".to_owned(),
            kind: "tztc".to_owned(),
            state: DocumentState::Lost.into(),
            valid_to: "2026-08-25".to_owned(),
            steps: vec![step("issued"), step("lost")],
            ..IssuedDocument::default()
        };
        let told = listed(&ListDocumentsResponse { documents: vec![document] });
        assert_eq!(told.lines().nth(1).unwrap(), "TZ0000017  tztc  lost   2026-08-25  issued, lost   d-1");
        assert_eq!(listed(&ListDocumentsResponse::default()), "no document was issued");
    }

    #[test]
    fn books_that_do_not_balance_say_so() {
        let mut balance = GetBlankBalanceResponse {
            movements: [("delivered".to_owned(), 20)].into(),
            states: [("in_stock".to_owned(), 20)].into(),
            expected_in_stock: 20,
            discrepancy: 0,
        };
        let mut order = BlankOrder {
            order_id: "o-1".to_owned(),
            kind: "tztc".to_owned(),
            series: "TZ".to_owned(),
            range: Some(BlankRange { first: 17, count: 3 }),
            proposed_by: "sg-1".to_owned(),
            proposed_at_ms: 1_779_960_600_000,
            ..BlankOrder::default()
        };
        order.set_action(BlankAction::Move);
        let told = books(&balance, &[order]);
        assert!(
            told.starts_with("happened: delivered 20\nis there: in stock 20\nin stock by what happened: 20\n"),
            "{told}"
        );
        assert!(told.contains("move   tztc  TZ0000017 and 3 in all  sg-1         2026-05-28 09:30  o-1"), "{told}");
        balance.discrepancy = 1;
        assert!(books(&balance, &[]).contains("DIFFER BY 1"));
        assert!(books(&GetBlankBalanceResponse::default(), &[]).starts_with("happened: nothing\n"));
    }
}
