//! What each address of partners and messages asks of spoc, and how it answers.

use serde_json::{Value, json};
use straznica_contracts::spoc::v1 as spoc;

use super::{
    Case, case, context,
    double::{AT, FINGERPRINT, ID, LATER, PROPOSAL, registration},
};

fn root_json() -> Value {
    json!({
        "fingerprint": FINGERPRINT, "subject": "C=UT,CN=UT SPOC root", "state": "confirmed", "bindings": "both",
        "useFrom": "2026-05-28T09:30:00.000Z", "useUntil": "2026-05-28T10:30:00.000Z", "proposal": PROPOSAL,
    })
}

fn outage_json() -> Value {
    json!({
        "id": ID, "begins": "2026-05-28T09:30:00.000Z", "ends": "2026-05-28T10:30:00.000Z", "reason": "a move",
    })
}

fn partner_json() -> Value {
    json!({
        "country": "UT", "name": "Utopian Border Agency", "binding": "grpc", "profile": "icao", "profileUnverified": false,
        "url": "https://spoc.example.ut", "email": "spoc@example.ut", "contacts": ["Ada Example"], "answers": "synchronous",
        "documentYears": 10, "state": "suspended", "suspendedReason": "key stolen", "served": false,
        "useFrom": "2026-05-28T09:30:00.000Z", "roots": [root_json()], "cvcas": [{"name": "UTCVCA", "documentTypes": "passports"}],
        "outages": [outage_json()],
    })
}

fn proposal_json() -> Value {
    json!({
        "id": ID, "country": "UT", "kind": "resumption", "proposedBy": "OP-11", "proposedAt": "2026-05-28T09:30:00.000Z",
        "fingerprints": [FINGERPRINT], "reason": "new key",
    })
}

fn message_json() -> Value {
    json!({
        "id": ID, "direction": "received", "country": "UT", "messageId": "UT-17", "subject": "DV private key stolen",
        "at": "2026-05-28T09:30:00.000Z", "state": "new",
        "proposal": {"kind": "suspend_holder", "candidates": ["UTDV"], "state": "open"},
    })
}

fn crl_json() -> Value {
    json!({
        "issuer": FINGERPRINT, "thisUpdate": "2026-05-28T09:30:00.000Z", "nextUpdate": "2026-05-28T10:30:00.000Z",
        "countsUntil": "2026-05-28T10:30:00.000Z", "fetchedAt": "2026-05-28T09:30:00.000Z", "importedBy": "OP-11",
    })
}

fn fetched_crl_json() -> Value {
    let mut crl = crl_json();
    let members = crl.as_object_mut().unwrap();
    members.remove("importedBy");
    members.insert("uri".to_owned(), json!("http://spoc.example.ut/root.crl"));
    crl
}

pub(super) fn cases() -> Vec<Case> {
    let (country, reason) = (|| "UT".to_owned(), || "because".to_owned());
    let why = json!({"reason": "because"});
    let registration_json = json!({
        "country": "UT", "name": "Utopian Border Agency", "binding": "grpc", "profile": "icao", "url": "https://spoc.example.ut",
        "email": "spoc@example.ut", "contacts": ["Ada Example"], "answers": "synchronous", "documentYears": 10,
        "useFrom": "2026-05-28T09:30:00Z", "roots": [{"certificate": "MAA=", "bindings": "both"}],
        "cvcas": [{"name": "UTCVCA", "documentTypes": "passports"}],
    });
    let announced = spoc::EnteredRoot {
        certificate: vec![0x30, 0],
        use_from_ms: Some(AT),
        use_until_ms: Some(LATER),
        bindings: String::new(),
    };
    vec![
        case("GET", "/v1/spoc/partners", Value::Null)
            .asks("list_partners", &spoc::ListPartnersRequest {})
            .answers(200, json!({"partners": [partner_json()], "proposals": []})),
        case("POST", "/v1/spoc/partners", registration_json)
            .asks("propose_partner", &spoc::ProposePartnerRequest { context: context(), registration: Some(registration()) })
            .answers(201, proposal_json()),
        case("GET", "/v1/spoc/partners/UT", Value::Null)
            .asks("get_partner", &spoc::GetPartnerRequest { country: country() })
            .answers(200, json!({"proposals": [proposal_json()]})),
        case("POST", &format!("/v1/spoc/partner-proposals/{ID}/confirmation"), json!({"fingerprints": [FINGERPRINT.to_uppercase()]}))
            .asks(
                "confirm_partner",
                &spoc::ConfirmPartnerRequest {
                    context: context(),
                    proposal_id: ID.to_owned(),
                    fingerprints: vec![FINGERPRINT.to_owned()],
                },
            )
            .answers(200, partner_json()),
        case("POST", &format!("/v1/spoc/partner-proposals/{ID}/withdrawal"), why.clone())
            .asks(
                "withdraw_proposal",
                &spoc::WithdrawProposalRequest { context: context(), proposal_id: ID.to_owned(), reason: reason() },
            )
            .answers(204, Value::Null),
        case("POST", "/v1/spoc/partners/UT/suspension", why.clone())
            .asks("suspend_partner", &spoc::SuspendPartnerRequest { context: context(), country: country(), reason: reason() })
            .answers(204, Value::Null),
        case("POST", "/v1/spoc/partners/UT/resumption", why.clone())
            .asks("propose_resumption", &spoc::ProposeResumptionRequest { context: context(), country: country(), reason: reason() })
            .answers(200, proposal_json()),
        case("POST", &format!("/v1/spoc/resumption-proposals/{ID}/confirmation"), Value::Null)
            .asks("confirm_resumption", &spoc::ConfirmResumptionRequest { context: context(), proposal_id: ID.to_owned() })
            .answers(204, Value::Null),
        case("POST", "/v1/spoc/partners/UT/withdrawal", why.clone())
            .asks("withdraw_partner", &spoc::WithdrawPartnerRequest { context: context(), country: country(), reason: reason() })
            .answers(200, json!({"cancelledMessages": 2})),
        case(
            "POST",
            "/v1/spoc/partners/UT/roots",
            json!({
                "root": {"certificate": "MAA=", "useFrom": "2026-05-28T09:30:00Z", "useUntil": "2026-05-28T10:30:00Z"},
                "linkCertificate": "MAE=",
            }),
        )
        .asks(
            "announce_root",
            &spoc::AnnounceRootRequest {
                context: context(),
                country: country(),
                root: Some(announced),
                link_certificate: vec![0x30, 1],
            },
        )
        .answers(201, json!({"root": root_json(), "warnings": ["late"]})),
        case("POST", &format!("/v1/spoc/partners/UT/roots/{FINGERPRINT}/confirmation"), json!({"proposal": PROPOSAL}))
            .asks(
                "confirm_root",
                &spoc::ConfirmRootRequest {
                    context: context(),
                    country: country(),
                    fingerprint: FINGERPRINT.to_owned(),
                    proposal: PROPOSAL.to_owned(),
                },
            )
            .answers(200, json!({"root": root_json(), "warnings": []})),
        case("POST", &format!("/v1/spoc/partners/UT/roots/{FINGERPRINT}/withdrawal"), why.clone())
            .asks(
                "withdraw_root",
                &spoc::WithdrawRootRequest {
                    context: context(),
                    country: country(),
                    fingerprint: FINGERPRINT.to_owned(),
                    reason: reason(),
                },
            )
            .answers(204, Value::Null),
        case(
            "POST",
            "/v1/spoc/partners/UT/outages",
            json!({"begins": "2026-05-28T09:30:00Z", "ends": "2026-05-28T10:30:00Z", "reason": "because"}),
        )
        .asks(
            "enter_outage",
            &spoc::EnterOutageRequest { context: context(), country: country(), begins_ms: AT, ends_ms: LATER, reason: reason() },
        )
        .answers(201, outage_json()),
        case("POST", &format!("/v1/spoc/outages/{ID}/removal"), why)
            .asks("remove_outage", &spoc::RemoveOutageRequest { context: context(), outage_id: ID.to_owned(), reason: reason() })
            .answers(204, Value::Null),
        case("GET", "/v1/spoc/health?country=UT", Value::Null)
            .asks("get_health", &spoc::GetHealthRequest { country: country() })
            .answers(200, json!({"partners": [{
                "country": "UT", "state": "active", "served": true, "reachedAt": "2026-05-28T09:30:00.000Z", "waitingRequests": 1,
                "firstDueAt": "2026-05-28T10:30:00.000Z", "pendingMessages": 0, "awaitedAnswers": 0, "unreadMessages": 0,
                "expiries": [{"kind": "dv", "subject": "PLDV00007", "expiresAt": "2026-05-28T10:30:00.000Z"}],
                "crls": [crl_json(), fetched_crl_json()], "outages": [], "concerns": [],
            }]})),
        case("POST", "/v1/spoc/partners/UT/bundle", Value::Null)
            .asks("export_bundle", &spoc::ExportBundleRequest { context: context(), country: country() })
            .answers(200, json!({"messages": 0, "email": "spoc@example.ut"})),
        case("POST", "/v1/spoc/partners/UT/revocation-lists", json!({"crl": "MAA=", "authorities": ["MAE="]}))
            .asks(
                "import_partner_crl",
                &spoc::ImportPartnerCrlRequest {
                    context: context(),
                    country: country(),
                    crl: vec![0x30, 0],
                    authorities: vec![vec![0x30, 1]],
                },
            )
            .answers(200, json!({"crl": crl_json(), "issuerName": "C=UT,CN=UT SPOC root", "revoked": 1})),
        case("POST", "/v1/spoc/bundles", json!({"bundle": "MAA="}))
            .asks("import_bundle", &spoc::ImportBundleRequest { context: context(), bundle: vec![0x30, 0] })
            .answers(200, json!({
                "country": "UT", "outcomes": [{"operation": "general_message", "messageId": "UT-17", "result": "ok"}], "answers": "MAA=",
                "takenInAt": "2026-05-28T09:30:00.000Z", "takenInBy": "OP-11",
            })),
        case("GET", "/v1/spoc/messages?country=UT&direction=received&state=new&limit=1", Value::Null)
            .asks(
                "list_messages",
                &spoc::ListMessagesRequest {
                    country: country(),
                    direction: "received".to_owned(),
                    state: "new".to_owned(),
                    before: String::new(),
                    limit: 1,
                },
            )
            .answers(200, json!({"messages": [message_json()], "next": ID})),
        case(
            "POST",
            "/v1/spoc/messages",
            json!({"country": "UT", "subject": "DV Termination", "parameters": {"holder": "PLDV00007"}}),
        )
        .asks(
            "send_message",
            &spoc::SendMessageRequest {
                context: context(),
                country: country(),
                subject: "DV Termination".to_owned(),
                parameters: [("holder".to_owned(), "PLDV00007".to_owned())].into(),
                body: String::new(),
            },
        )
        .answers(201, message_json()),
        case("GET", &format!("/v1/spoc/messages/{ID}"), Value::Null)
            .asks("get_message", &spoc::GetMessageRequest { id: ID.to_owned() })
            .answers(200, message_json()),
        case("POST", &format!("/v1/spoc/messages/{ID}/acknowledgement"), Value::Null)
            .asks("acknowledge_message", &spoc::AcknowledgeMessageRequest { context: context(), id: ID.to_owned() })
            .answers(204, Value::Null),
        case(
            "POST",
            &format!("/v1/spoc/messages/{ID}/decision"),
            json!({"accept": true, "reason": "because", "target": "UTDV", "begins": "2026-05-28T09:30:00Z"}),
        )
        .asks(
            "decide_proposal",
            &spoc::DecideProposalRequest {
                context: context(),
                id: ID.to_owned(),
                accept: true,
                reason: reason(),
                target: "UTDV".to_owned(),
                begins_ms: Some(AT),
                ends_ms: None,
            },
        )
        .answers(200, message_json()),
        case("GET", "/v1/spoc/message-templates", Value::Null)
            .asks("list_templates", &spoc::ListTemplatesRequest {})
            .answers(200, json!({"templates": [
                {"subject": "DV Termination", "english": "ends", "polish": "kończy", "parameters": ["holder"], "implies": "suspend_holder"},
            ]})),
    ]
}
