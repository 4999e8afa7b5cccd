//! What each address of requests, holders, certificates and renewals asks of spoc, and how it answers.

use serde_json::{Value, json};
use straznica_contracts::spoc::v1 as spoc;

use super::{
    Case, case, context,
    double::{FINGERPRINT, ID, PROPOSAL, holder},
};

fn request_json() -> Value {
    json!({
        "id": ID, "caller": "UT", "messageId": "UT-17", "holder": "UTDV", "chr": "UTDV00007", "outerCar": "UTDV00006",
        "state": "waiting", "receivedAt": "2026-05-28T09:30:00.000Z", "dueAt": "2026-05-28T10:30:00.000Z",
        "rule": "TR-03139/table-2/3 successive",
    })
}

fn holder_json() -> Value {
    json!({
        "holder": "UTDV", "domesticCvca": "UTCVCA", "purposes": "", "organisations": "", "approval": "two_person", "dg3": true,
        "dg4": false, "validityDays": 0,
    })
}

fn subscriptions_json() -> Value {
    json!({"subscriptions": [{
        "cvca": "UTCVCA", "country": "UT", "dvMnemonic": "DV", "isMnemonic": "IS", "isDays": 14, "state": "active",
        "renewalAt": "2026-05-28T09:30:00.000Z",
    }]})
}

pub(super) fn cases() -> Vec<Case> {
    let (id, named, reason) = (|| ID.to_owned(), || "UTDV".to_owned(), || "because".to_owned());
    let (why, seen) = (json!({"reason": "because"}), json!({"proposal": PROPOSAL}));
    let entered = json!({"holder": "UTDV", "domesticCvca": "UTCVCA", "approval": "two_person", "dg3": true});
    vec![
        case("GET", "/v1/spoc/requests?state=waiting&caller=UT&limit=1&after=x", Value::Null)
            .asks(
                "list_requests",
                &spoc::ListRequestsRequest {
                    state: "waiting".to_owned(),
                    caller: "UT".to_owned(),
                    page_size: 1,
                    page_token: "x".to_owned(),
                },
            )
            .answers(200, json!({"requests": [request_json()], "next": ID})),
        case("GET", &format!("/v1/spoc/requests/{ID}"), Value::Null)
            .asks("get_request", &spoc::GetRequestRequest { id: id() })
            .answers(200, json!({"request": request_json(), "certificateRequest": "ZwA="})),
        case("POST", &format!("/v1/spoc/requests/{ID}/approval"), Value::Null)
            .asks("approve_request", &spoc::ApproveRequestRequest { context: context(), id: id() })
            .answers(200, request_json()),
        case("POST", &format!("/v1/spoc/requests/{ID}/refusal"), why.clone())
            .asks("decline_request", &spoc::DeclineRequestRequest { context: context(), id: id(), reason: reason() })
            .answers(200, request_json()),
        case("GET", "/v1/spoc/holders", Value::Null)
            .asks("list_foreign_holders", &spoc::ListForeignHoldersRequest {})
            .answers(200, json!({"holders": [], "proposals": [
                {"registration": holder_json(), "proposedBy": "OP-11", "proposedAt": "2026-05-28T09:30:00.000Z", "proposal": PROPOSAL},
            ]})),
        case("POST", "/v1/spoc/holders", entered.clone())
            .asks("register_holder", &spoc::RegisterHolderRequest { context: context(), registration: Some(holder()) })
            .answers(201, json!({"registration": holder_json(), "proposal": PROPOSAL})),
        case("POST", "/v1/spoc/holder-changes", entered)
            .asks("change_holder", &spoc::ChangeHolderRequest { context: context(), registration: Some(holder()) })
            .answers(201, json!({"registration": holder_json(), "proposal": PROPOSAL})),
        case("POST", "/v1/spoc/holders/UTDV/confirmation", seen.clone())
            .asks(
                "confirm_holder",
                &spoc::ConfirmHolderRequest { context: context(), holder: named(), proposal: PROPOSAL.to_owned() },
            )
            .answers(204, Value::Null),
        case("POST", "/v1/spoc/holders/UTDV/suspension", why.clone())
            .asks(
                "suspend_foreign_holder",
                &spoc::SuspendForeignHolderRequest { context: context(), holder: named(), reason: reason() },
            )
            .answers(204, Value::Null),
        case("POST", "/v1/spoc/holders/UTDV/resumption", why)
            .asks(
                "resume_foreign_holder",
                &spoc::ResumeForeignHolderRequest { context: context(), holder: named(), reason: reason() },
            )
            .answers(200, json!({"awaitsSecondOfficer": true})),
        case("GET", "/v1/spoc/certificates", Value::Null)
            .asks("list_holders", &spoc::ListHoldersRequest {})
            .answers(200, json!({"certificates": [
                {"chr": "PLDV00007", "car": "UTCVCA00001", "role": "dv_foreign", "state": "requested", "hasKey": true},
            ]})),
        case("GET", "/v1/spoc/certificates/issued?holder=UTDV", Value::Null)
            .asks("list_issued", &spoc::ListIssuedRequest { holder: named(), ..spoc::ListIssuedRequest::default() })
            .answers(200, json!({"certificates": [{
                "car": "PLCVCA00002", "chr": "UTDV00007", "holder": "UTDV", "effective": "2026-05-28", "expires": "2026-07-08",
                "requestId": ID, "issuedAt": "2026-05-28T09:30:00.000Z", "certificate": "fyEA",
            }]})),
        case("GET", "/v1/spoc/certificates/cvca", Value::Null)
            .asks("list_ca_certificates", &spoc::ListCaCertificatesRequest {})
            .answers(200, json!({"certificates": [{
                "cvca": "PLCVCA", "car": "PLCVCA00001", "chr": "PLCVCA00002", "state": "active", "algorithm": "id-TA-ECDSA-SHA-256",
                "effective": "2026-05-28", "expires": "2029-05-27", "fingerprint": FINGERPRINT, "current": true, "certificate": "fyEA",
            }], "proposals": []})),
        case("POST", "/v1/spoc/certificates/rollovers", json!({"mnemonic": "CVCA"}))
            .asks(
                "propose_rollover",
                &spoc::ProposeRolloverRequest {
                    context: context(),
                    mnemonic: "CVCA".to_owned(),
                    ..spoc::ProposeRolloverRequest::default()
                },
            )
            .answers(201, json!({"cvca": "PLCVCA", "proposal": PROPOSAL})),
        case("POST", "/v1/spoc/certificates/rollovers/PLCVCA/confirmation", seen)
            .asks(
                "confirm_rollover",
                &spoc::ConfirmRolloverRequest {
                    context: context(),
                    cvca: "PLCVCA".to_owned(),
                    proposal: PROPOSAL.to_owned(),
                },
            )
            .answers(200, json!({"chr": "PLCVCA00003", "certificates": ["fyEA"]})),
        case("GET", "/v1/spoc/calendar?from=2026-05-28&to=2026-06-28", Value::Null)
            .asks(
                "get_calendar",
                &spoc::GetCalendarRequest { from: "2026-05-28".to_owned(), to: "2026-06-28".to_owned() },
            )
            .answers(200, json!({"entries": [{
                "kind": "dv_expires", "severity": "urgent", "at": "2026-05-28T09:30:00.000Z", "country": "UT", "subject": "PLDV00007",
                "detail": "no renewal is under way",
            }]})),
    ]
    .into_iter()
    .chain(renewals())
    .collect()
}

fn renewals() -> Vec<Case> {
    let (id, cvca) = (|| ID.to_owned(), || "UTCVCA".to_owned());
    vec![
        case("GET", "/v1/spoc/renewals", Value::Null)
            .asks("list_subscriptions", &spoc::ListSubscriptionsRequest {})
            .answers(200, subscriptions_json()),
        case(
            "POST",
            "/v1/spoc/renewals",
            json!({"cvca": "UTCVCA", "country": "UT", "dvMnemonic": "DV", "isMnemonic": "IS", "isDays": 14}),
        )
        .asks(
            "subscribe",
            &spoc::SubscribeRequest {
                context: context(),
                cvca: cvca(),
                country: "UT".to_owned(),
                dv_mnemonic: "DV".to_owned(),
                is_mnemonic: "IS".to_owned(),
                is_days: 14,
            },
        )
        .answers(200, subscriptions_json()),
        case("GET", "/v1/spoc/renewals/UTCVCA", Value::Null)
            .asks("list_renewals", &spoc::ListRenewalsRequest { cvca: cvca() })
            .answers(200, json!({"renewals": [{
                "chr": "PLDV00007", "car": "UTCVCA00001", "outerCar": "PLCVCA00002", "state": "closed", "cause": "failure_expired",
                "madeAt": "2026-05-28T09:30:00.000Z", "messageId": "PL-17",
            }]})),
        case("POST", "/v1/spoc/renewals/UTCVCA/renewal", json!({"initial": true}))
            .asks("renew_now", &spoc::RenewNowRequest { context: context(), cvca: cvca(), initial: true })
            .answers(201, json!({"chr": "PLDV00008"})),
        case("POST", "/v1/spoc/renewals/UTCVCA/pause", Value::Null)
            .asks("pause_subscription", &spoc::PauseSubscriptionRequest { context: context(), cvca: cvca() })
            .answers(204, Value::Null),
        case("POST", "/v1/spoc/renewals/UTCVCA/resumption", Value::Null)
            .asks("resume_subscription", &spoc::ResumeSubscriptionRequest { context: context(), cvca: cvca() })
            .answers(204, Value::Null),
        case("GET", "/v1/spoc/deliveries?country=UT&state=pending", Value::Null)
            .asks(
                "list_outbox",
                &spoc::ListOutboxRequest {
                    country: "UT".to_owned(),
                    state: "pending".to_owned(),
                    ..spoc::ListOutboxRequest::default()
                },
            )
            .answers(200, json!({"deliveries": [{
                "id": ID, "country": "UT", "operation": "request_certificate", "messageId": "PL-17", "subject": "PLDV00008",
                "state": "pending", "attempts": 3, "createdAt": "2026-05-28T09:30:00.000Z",
                "nextAttemptAt": "2026-05-28T10:30:00.000Z", "lastError": "refused",
                "exportedAt": "2026-05-28T10:30:00.000Z",
            }]})),
        case("POST", &format!("/v1/spoc/deliveries/{ID}/retry"), Value::Null)
            .asks("retry_now", &spoc::RetryNowRequest { context: context(), id: id() })
            .answers(204, Value::Null),
        case("POST", &format!("/v1/spoc/deliveries/{ID}/cancellation"), Value::Null)
            .asks("cancel_message", &spoc::CancelMessageRequest { context: context(), id: id() })
            .answers(204, Value::Null),
    ]
}
