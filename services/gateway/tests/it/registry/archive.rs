//! What is kept how long, erasures and holds: every address used once.

use serde_json::{Value, json};
use straznica_contracts::registry::v1 as registry;

use super::{
    addresses::deadline,
    double::{CASE, MERGE, ORDER},
    request::{ARCHIVISTS, KEEPERS, Request, context},
};

fn erasures() -> Vec<Request> {
    let at = |rest: &str| format!("/v1/registry/retention{rest}");
    let text = |word: &str| json!({"pl": format!("{word} pl"), "en": format!("{word} en")});
    let item = json!({
        "caseId": CASE, "caseNumber": "protection/1976/000017", "closedOn": "1976-05-21", "keptTo": "2026-05-21",
        "state": "kept",
    });
    let rule = json!({
        "rule": "protection_files", "title": text("title"), "says": text("rule"), "caseTypes": ["protection"],
        "keep": 600, "unit": "months", "basis": deadline()["basis"],
    });
    let proposed = json!({
        "rule": "protection_files", "proposedBy": "udsc-21", "proposedAt": "2026-05-28T09:30:00.000Z",
    });
    let mut listed = proposed.clone();
    for (member, value) in [("erasureId", ORDER), ("approvedBy", "udsc-22"), ("approvedAt", "2026-05-28T09:30:00.000Z")]
    {
        listed[member] = value.into();
    }
    let mut report = proposed;
    (report["items"], report["personsErased"], report["entriesErased"]) = (json!([item]), json!(3), json!(4));
    let named = || "protection_files".to_owned();
    vec![
        Request::new("GET", &at("/rules"), ARCHIVISTS, Value::Null)
            .asks("list_retention_rules", &registry::ListRetentionRulesRequest { context: context() })
            .answers(200, json!({ "rules": [rule] })),
        Request::new("GET", &at("/rules/protection_files/due"), ARCHIVISTS, Value::Null)
            .asks("preview_erasure", &registry::PreviewErasureRequest { context: context(), rule: named() })
            .answers(200, json!({"due": [item], "more": true, "held": [item]})),
        Request::new("POST", &at("/erasures"), ARCHIVISTS, json!({"rule": "protection_files"}))
            .asks("propose_erasure", &registry::ProposeErasureRequest { context: context(), rule: named() })
            .answers(201, json!({"erasureId": ORDER, "cases": 17})),
        Request::new("GET", &at("/erasures"), ARCHIVISTS, Value::Null)
            .asks("list_erasures", &registry::ListErasuresRequest { context: context() })
            .answers(200, json!({ "erasures": [listed] })),
        Request::new("GET", &at(&format!("/erasures/{ORDER}")), ARCHIVISTS, Value::Null)
            .asks("get_erasure", &registry::GetErasureRequest { context: context(), erasure_id: ORDER.to_owned() })
            .answers(200, report),
        Request::new("POST", &at(&format!("/erasures/{ORDER}/approval")), ARCHIVISTS, json!({}))
            .asks(
                "approve_erasure",
                &registry::ApproveErasureRequest { context: context(), erasure_id: ORDER.to_owned() },
            )
            .answers(204, Value::Null),
    ]
}

fn holds() -> Vec<Request> {
    let of_case = format!("/v1/registry/cases/{CASE}/holds");
    let (because, reason) = (json!({"reason": "ombudsman"}), "ombudsman".to_owned());
    let placed = registry::PlaceHoldRequest { context: context(), case_id: CASE.to_owned(), reason: reason.clone() };
    let lifted = registry::LiftHoldRequest { context: context(), hold_id: MERGE.to_owned(), reason };
    let hold = json!({
        "holdId": MERGE, "reason": "ombudsman", "placedBy": "udsc-1", "placedAt": "2026-05-28T09:30:00.000Z",
        "liftedBy": "udsc-21", "liftedAt": "2026-05-28T09:30:00.000Z",
    });
    vec![
        Request::new("POST", &of_case, KEEPERS, because.clone())
            .asks("place_hold", &placed)
            .answers(201, json!({"holdId": MERGE})),
        Request::new("GET", &of_case, KEEPERS, Value::Null)
            .asks("list_holds", &registry::ListHoldsRequest { context: context(), case_id: CASE.to_owned() })
            .answers(200, json!({ "holds": [hold] })),
        Request::new("POST", &format!("/v1/registry/holds/{MERGE}/lifting"), ARCHIVISTS, because)
            .asks("lift_hold", &lifted)
            .answers(204, Value::Null),
    ]
}

pub(super) fn all() -> Vec<Request> {
    [erasures(), holds()].concat()
}
