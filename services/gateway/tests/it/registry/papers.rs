//! Documents that come of cases, their blanks, and visas: every address used once.

use serde_json::{Value, json};
use straznica_contracts::registry::v1 as registry;

use super::{
    double::{CASE, DECISION, DOCUMENT, ORDER, PERSON},
    request::{ASKERS, INTAKE, READERS, Request, STOREKEEPERS, context},
};

fn documents() -> Vec<Request> {
    let document_id = DOCUMENT.to_owned();
    let of_case = format!("/v1/registry/cases/{CASE}/documents");
    let at = |rest: &str| format!("/v1/registry/documents/{DOCUMENT}{rest}");
    let issued = registry::IssueDocumentRequest {
        context: context(),
        case_id: CASE.to_owned(),
        expected_version: 7,
        kind: "tztc".to_owned(),
        person_id: PERSON.to_owned(),
        office: "debak".to_owned(),
        blank: "TZ0000017".to_owned(),
    };
    let extended =
        registry::ExtendDocumentRequest { context: context(), document_id: document_id.clone(), expected_version: 7 };
    let mut changed = registry::ChangeDocumentRequest {
        context: context(),
        document_id: document_id.clone(),
        expected_version: 7,
        reason: "stolen".to_owned(),
        ..registry::ChangeDocumentRequest::default()
    };
    changed.set_change(registry::DocumentChange::Lost);
    let shown = json!({
        "documentId": DOCUMENT, "caseId": CASE, "personId": PERSON, "kind": "tztc", "number": "TZ0000017",
        "office": "debak", "version": 7, "state": "expired", "validTo": "2026-08-25",
        "steps": [{"step": "issued", "at": "2026-05-28T09:30:00.000Z", "by": "sg-1", "validTo": "2026-08-25"}],
    });
    vec![
        Request::new(
            "POST",
            &of_case,
            INTAKE,
            json!({"kind": "tztc", "personId": PERSON, "office": "debak", "blank": "TZ0000017"}),
        )
        .changing()
        .asks("issue_document", &issued)
        .answers(
            201,
            json!({"documentId": DOCUMENT, "validFrom": "2026-05-28", "validTo": "2026-08-25", "version": 8}),
        ),
        Request::new("GET", &of_case, READERS, Value::Null)
            .asks("list_documents", &registry::ListDocumentsRequest { context: context(), case_id: CASE.to_owned() })
            .answers(200, json!({ "documents": [shown] })),
        Request::new("GET", &at(""), READERS, Value::Null)
            .asks("get_document", &registry::GetDocumentRequest { context: context(), document_id })
            .answers(200, shown),
        Request::new("POST", &at("/extension"), INTAKE, json!({}))
            .changing()
            .asks("extend_document", &extended)
            .answers(200, json!({"version": 8, "validTo": "2027-02-25"})),
        Request::new("POST", &at("/changes"), INTAKE, json!({"change": "lost", "reason": "stolen"}))
            .changing()
            .asks("change_document", &changed)
            .answers(200, json!({"version": 8, "state": "lost"})),
    ]
}

fn blanks() -> Vec<Request> {
    let at = |rest: &str| format!("/v1/registry/blanks{rest}");
    let (office, kind, series) = ("debak".to_owned(), "tztc".to_owned(), "TZ".to_owned());
    let range = registry::BlankRange { first: 17, count: 3 };
    let mut order = registry::BlankOrder {
        office: office.clone(),
        to_office: "biala".to_owned(),
        kind: kind.clone(),
        series: series.clone(),
        range: Some(range),
        note: "WZ 17".to_owned(),
        ..registry::BlankOrder::default()
    };
    order.set_action(registry::BlankAction::Move);
    let spoilt = registry::SpoilBlankRequest {
        context: context(),
        office: office.clone(),
        blank: "TZ0000018".to_owned(),
        reason: "torn".to_owned(),
    };
    let first = registry::ProposeBlankCountRequest {
        context: context(),
        office: office.clone(),
        kind: kind.clone(),
        series,
        found: vec![range],
    };
    let second =
        registry::ConfirmBlankCountRequest { context: context(), count_id: ORDER.to_owned(), found: vec![range] };
    let confirmed = registry::ConfirmBlankOrderRequest { context: context(), order_id: ORDER.to_owned() };
    let told = json!({"first": 17, "count": 3});
    let new = json!({
        "action": "move", "office": "debak", "toOffice": "biala", "kind": "tztc", "series": "TZ", "range": told,
        "note": "WZ 17",
    });
    let mut waiting = new.clone();
    for (member, value) in [("orderId", ORDER), ("proposedBy", "sg-1"), ("proposedAt", "2026-05-28T09:30:00.000Z")] {
        waiting[member] = value.into();
    }
    let counted = json!({
        "agreed": true, "differ": [], "missing": [{"first": 17, "count": 1}], "foundAgain": [{"first": 18, "count": 1}],
        "surplus": [{"first": 19, "count": 1}],
    });
    let books = json!({
        "movements": {"delivered": 100}, "states": {"in_stock": 100}, "expectedInStock": 100, "discrepancy": 0,
    });
    let listed = registry::ListBlankOrdersRequest { context: context(), office: office.clone() };
    vec![
        Request::new("POST", &at("/orders"), STOREKEEPERS, new)
            .asks("propose_blank_order", &registry::ProposeBlankOrderRequest { context: context(), order: Some(order) })
            .answers(201, json!({"orderId": ORDER})),
        Request::new("GET", &at("/orders?office=debak"), STOREKEEPERS, Value::Null)
            .asks("list_blank_orders", &listed)
            .answers(200, json!({ "orders": [waiting] })),
        Request::new("POST", &at(&format!("/orders/{ORDER}/confirmation")), STOREKEEPERS, json!({}))
            .asks("confirm_blank_order", &confirmed)
            .answers(204, Value::Null),
        Request::new(
            "POST",
            &at("/spoilt"),
            STOREKEEPERS,
            json!({"office": "debak", "blank": "TZ0000018", "reason": "torn"}),
        )
        .asks("spoil_blank", &spoilt)
        .answers(204, Value::Null),
        Request::new(
            "POST",
            &at("/counts"),
            STOREKEEPERS,
            json!({"office": "debak", "kind": "tztc", "series": "TZ", "found": [told]}),
        )
        .asks("propose_blank_count", &first)
        .answers(201, json!({"countId": ORDER})),
        Request::new("POST", &at(&format!("/counts/{ORDER}/confirmation")), STOREKEEPERS, json!({ "found": [told] }))
            .asks("confirm_blank_count", &second)
            .answers(200, counted),
        Request::new("GET", &at("/balance?office=debak&kind=tztc"), READERS, Value::Null)
            .asks("get_blank_balance", &registry::GetBlankBalanceRequest { context: context(), office, kind })
            .answers(200, books),
    ]
}

fn visas() -> Request {
    let asked = registry::ReadCaseVisasRequest { context: context(), case_id: CASE.to_owned() };
    let told = json!({
        "leftOut": 1,
        "readings": [
            {
                "personId": PERSON, "statementId": DECISION, "outcome": "found", "source": "cvr",
                "asOf": "2026-05-28T09:30:00.000Z", "stale": false,
                "visas": [{
                    "number": "POL00000001", "type": "D", "state": "issued", "validFrom": "2026-03-01", "entries": 2,
                    "holderSurname": "KOWALENKO",
                }],
            },
            {"personId": PERSON, "statementId": DECISION, "outcome": "unavailable", "stale": false, "visas": []},
        ],
    });
    Request::new("GET", &format!("/v1/registry/cases/{CASE}/visas"), ASKERS, Value::Null)
        .asks("read_case_visas", &asked)
        .answers(200, told)
}

pub(super) fn all() -> Vec<Request> {
    [documents(), blanks(), vec![visas()]].concat()
}
