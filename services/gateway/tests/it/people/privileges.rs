//! Services' and their security officers' addresses.

use serde_json::{Value, json};
use straznica_contracts::{identity::v1 as identity, sources::v1::DocumentKind};

use super::{
    browser::PESEL,
    double::{LATER, VERIFICATION},
    rest::{Case, case, official, shown},
};

pub(super) fn cases() -> Vec<Case> {
    let (context, id, name) = (official("", ""), "um-a".to_owned(), VERIFICATION.to_owned());
    let at = |rest: &str| format!("/v1/institutions/um-a/{rest}");
    let privilege = || {
        json!({
            "id": VERIFICATION, "officer": "sg-1", "legalBasis": "Act, Article 10a", "kinds": ["person"],
            "expiresAt": "2026-05-28T09:35:00.000Z", "state": "proposed", "proposedBy": "sg-9",
            "proposedAt": "2026-05-28T09:30:00.000Z", "reason": "pursuit",
        })
    };
    let review = || {
        json!({
            "verification": VERIFICATION, "officer": "sg-1", "usedAt": "2026-05-28T09:30:00.000Z", "purpose": "border_control",
            "legalBasis": "Act, Article 10a", "case": "SG-1", "kind": "person", "outcome": "in_order",
            "reviewedBy": "sg-10", "reviewedAt": "2026-05-28T09:35:00.000Z", "finding": "borne out",
        })
    };
    let alert = || {
        json!({
            "id": VERIFICATION, "rule": "same_person", "officer": "sg-1", "raisedAt": "2026-05-28T09:30:00.000Z",
            "counted": 4, "threshold": 3,
        })
    };
    let proposing = json!({
        "officer": "sg-1", "legalBasis": "Act, Article 10a", "kinds": ["person"], "expiresAt": "2026-05-28T09:35:00.000Z",
        "reason": "pursuit",
    });
    vec![
        case("GET", &at("privileges"), Value::Null)
            .asks(
                "list_privileges",
                &identity::ListPrivilegesRequest { context: context.clone(), institution_id: id.clone() },
            )
            .answers(200, json!({"privileges": [privilege()]})),
        case("POST", &at("privileges"), proposing)
            .asks(
                "propose_privilege",
                &identity::ProposePrivilegeRequest {
                    context: context.clone(),
                    institution_id: id.clone(),
                    officer: "sg-1".to_owned(),
                    legal_basis: "Act, Article 10a".to_owned(),
                    kinds: vec![DocumentKind::Person.into()],
                    expires_at_ms: LATER,
                    reason: "pursuit".to_owned(),
                },
            )
            .answers(201, privilege()),
        case("POST", &at(&format!("privileges/{VERIFICATION}/decision")), json!({"grant": true, "reason": "needed"}))
            .asks(
                "decide_privilege",
                &identity::DecidePrivilegeRequest {
                    context: context.clone(),
                    institution_id: id.clone(),
                    privilege_id: name.clone(),
                    grant: true,
                    reason: "needed".to_owned(),
                },
            )
            .answers(200, privilege()),
        case("POST", &at(&format!("privileges/{VERIFICATION}/withdrawal")), json!({"reason": "done"}))
            .asks(
                "withdraw_privilege",
                &identity::WithdrawPrivilegeRequest {
                    context: context.clone(),
                    institution_id: id.clone(),
                    privilege_id: name.clone(),
                    reason: "done".to_owned(),
                },
            )
            .answers(200, privilege()),
        case(
            "POST",
            "/v1/checks",
            json!({"pesel": PESEL, "kind": "person", "purpose": "border_control", "case": "SG-1"}),
        )
        .asks(
            "check_by_privilege",
            &identity::CheckByPrivilegeRequest {
                context: official("border_control", "SG-1"),
                institution_id: id.clone(),
                pesel: PESEL.to_owned(),
                kind: DocumentKind::Person.into(),
            },
        )
        .answers(200, shown()),
        case("GET", &at("reviews?doneToo=true"), Value::Null)
            .asks(
                "list_reviews",
                &identity::ListReviewsRequest {
                    context: context.clone(),
                    institution_id: id.clone(),
                    closed_too: true,
                },
            )
            .answers(200, json!({"reviews": [review()]})),
        case(
            "POST",
            &at(&format!("reviews/{VERIFICATION}/result")),
            json!({"outcome": "in_order", "finding": "borne out"}),
        )
        .asks(
            "close_review",
            &identity::CloseReviewRequest {
                context: context.clone(),
                institution_id: id.clone(),
                verification_id: name.clone(),
                outcome: identity::ReviewOutcome::InOrder.into(),
                finding: "borne out".to_owned(),
            },
        )
        .answers(200, review()),
        case("GET", &at("alerts"), Value::Null)
            .asks(
                "list_alerts",
                &identity::ListAlertsRequest {
                    context: context.clone(),
                    institution_id: id.clone(),
                    acknowledged_too: false,
                },
            )
            .answers(200, json!({"alerts": [alert()]})),
        case("POST", &at(&format!("alerts/{VERIFICATION}/acknowledgement")), json!({"finding": "a raid"}))
            .asks(
                "acknowledge_alert",
                &identity::AcknowledgeAlertRequest {
                    context,
                    institution_id: id,
                    alert_id: name,
                    finding: "a raid".to_owned(),
                },
            )
            .answers(200, alert()),
    ]
}
