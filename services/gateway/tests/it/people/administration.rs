//! Administrators', security officers' and services' addresses, and citizens among themselves.

use serde_json::{Value, json};
use straznica_contracts::{
    identity::v1::{self as identity, Role},
    sources::v1::DocumentKind,
};
use straznica_store::{NoMigrations, on_both_engines};

use super::{
    browser::{Account, Browser, PESEL},
    double::{AT, LATER, VERIFICATION},
    rest::{Case, case, nobody, official, shown, verification},
};
use crate::it::house::House;

const THUMBPRINT: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

pub(super) fn cases() -> Vec<Case> {
    institutions().into_iter().chain(officials()).chain(privileges()).collect()
}

fn institution() -> Value {
    json!({
        "id": "um-a", "name": "Urząd um-a", "kind": "office", "state": "active", "legalBasis": "Act, Article 1",
        "contact": "um-a@example", "kinds": ["identity_card"], "purposes": ["office_matter"], "enteredBy": "mc-1",
        "appliedAt": "2026-05-28T09:30:00.000Z", "changedBy": "mc-2", "changedAt": "2026-05-28T09:35:00.000Z", "reason": "agreed",
    })
}

fn stage() -> Value {
    json!({
        "kind": "identity_card", "from": "2026-05-28T09:30:00.000Z", "until": "2026-05-28T09:35:00.000Z", "setBy": "mc-1",
        "setAt": "2026-05-28T09:30:00.000Z",
    })
}

fn institutions() -> Vec<Case> {
    let (context, id) = (official("", ""), "um-a".to_owned());
    let reason = "needed".to_owned();
    let why = json!({"reason": "needed"});
    let application = json!({
        "id": "um-a", "name": "Urząd um-a", "kind": "office", "legalBasis": "Act, Article 1", "contact": "um-a@example",
        "kinds": ["identity_card"], "purposes": ["office_matter"], "administrator": "um-9",
        "administratorLogins": {"issuer": "https://login.example", "subject": "9"},
    });
    vec![
        case("POST", "/v1/institutions", application)
            .asks(
                "apply_institution",
                &identity::ApplyInstitutionRequest {
                    context: context.clone(),
                    institution_id: id.clone(),
                    name: "Urząd um-a".to_owned(),
                    kind: identity::InstitutionKind::Office.into(),
                    legal_basis: "Act, Article 1".to_owned(),
                    contact: "um-a@example".to_owned(),
                    kinds: vec![DocumentKind::IdentityCard.into()],
                    purposes: vec!["office_matter".to_owned()],
                    administrator: "um-9".to_owned(),
                    administrator_logins: Some(identity::Logins {
                        issuer: "https://login.example".to_owned(),
                        subject: "9".to_owned(),
                        certificate_thumbprint: String::new(),
                    }),
                },
            )
            .answers(201, institution()),
        case("GET", "/v1/institutions?state=applied&after=um-0", Value::Null)
            .asks(
                "list_institutions",
                &identity::ListInstitutionsRequest {
                    context: context.clone(),
                    state: identity::InstitutionState::Applied.into(),
                    after_id: "um-0".to_owned(),
                },
            )
            .answers(200, json!({"institutions": [institution()]})),
        case("GET", "/v1/institutions/um-a", Value::Null)
            .asks(
                "get_institution",
                &identity::GetInstitutionRequest { context: context.clone(), institution_id: id.clone() },
            )
            .answers(200, institution()),
        case("POST", "/v1/institutions/um-a/decision", json!({"approve": true, "reason": "needed"}))
            .asks(
                "decide_institution",
                &identity::DecideInstitutionRequest {
                    context: context.clone(),
                    institution_id: id.clone(),
                    approve: true,
                    reason: reason.clone(),
                },
            )
            .answers(200, institution()),
        case("POST", "/v1/institutions/um-a/suspension", why.clone())
            .asks(
                "suspend_institution",
                &identity::SuspendInstitutionRequest {
                    context: context.clone(),
                    institution_id: id.clone(),
                    reason: reason.clone(),
                },
            )
            .answers(200, institution()),
        case("POST", "/v1/institutions/um-a/resumption", why.clone())
            .asks(
                "resume_institution",
                &identity::ResumeInstitutionRequest {
                    context: context.clone(),
                    institution_id: id.clone(),
                    reason: reason.clone(),
                },
            )
            .answers(200, institution()),
        case("POST", "/v1/institutions/um-a/closure", why)
            .asks(
                "close_institution",
                &identity::CloseInstitutionRequest { context: context.clone(), institution_id: id, reason },
            )
            .answers(200, institution()),
        case(
            "POST",
            "/v1/stages",
            json!({"kind": "identity_card", "from": "2026-05-28T09:30:00.000Z", "until": "2026-05-28T09:35:00.000Z"}),
        )
        .asks(
            "set_stage",
            &identity::SetStageRequest {
                context: context.clone(),
                kind: DocumentKind::IdentityCard.into(),
                institution_id: String::new(),
                from_ms: AT,
                until_ms: LATER,
            },
        )
        .answers(200, stage()),
        case("GET", "/v1/stages", Value::Null)
            .asks("list_stages", &identity::ListStagesRequest { context })
            .answers(200, json!({"stages": [stage()]})),
    ]
}

fn officials() -> Vec<Case> {
    let (context, id, officer) = (official("", ""), "um-a".to_owned(), "um-0001".to_owned());
    let logins = || {
        Some(identity::Logins {
            issuer: String::new(),
            subject: String::new(),
            certificate_thumbprint: THUMBPRINT.to_owned(),
        })
    };
    let people = || {
        json!({"officials": [{
            "officer": "um-0001", "locked": true, "byProvider": true, "byCertificate": false,
            "roles": [{"role": "official", "grantedBy": "um-0009", "grantedAt": "2026-05-28T09:30:00.000Z", "reason": "new in the office"}],
        }]})
    };
    let grant = |role: identity::Role, institution_id: &str| identity::GrantRoleRequest {
        context: official("", ""),
        institution_id: institution_id.to_owned(),
        officer: "um-0001".to_owned(),
        role: role.into(),
        logins: logins(),
        expires_at_ms: LATER,
        reason: "needed".to_owned(),
    };
    let granting = |role: &str| {
        json!({
            "officer": "um-0001", "role": role, "logins": {"certificate": THUMBPRINT},
            "expiresAt": "2026-05-28T09:35:00.000Z", "reason": "needed",
        })
    };
    vec![
        case("GET", "/v1/institutions/um-a/officials?after=um-0000", Value::Null)
            .asks(
                "list_officials",
                &identity::ListOfficialsRequest {
                    context: context.clone(),
                    institution_id: id.clone(),
                    after_officer: "um-0000".to_owned(),
                },
            )
            .answers(200, people()),
        case("POST", "/v1/institutions/um-a/officials", granting("official"))
            .asks("grant_role", &grant(Role::Official, "um-a"))
            .answers(204, Value::Null),
        case(
            "POST",
            "/v1/institutions/um-a/officials/um-0001/withdrawal",
            json!({"role": "official", "reason": "left"}),
        )
        .asks(
            "withdraw_role",
            &identity::WithdrawRoleRequest {
                context: context.clone(),
                institution_id: id.clone(),
                officer: officer.clone(),
                role: Role::Official.into(),
                reason: "left".to_owned(),
            },
        )
        .answers(204, Value::Null),
        case(
            "POST",
            "/v1/institutions/um-a/officials/um-0001/logins",
            json!({"logins": {"certificate": THUMBPRINT}, "reason": "new"}),
        )
        .asks(
            "replace_logins",
            &identity::ReplaceLoginsRequest {
                context: context.clone(),
                institution_id: id.clone(),
                officer: officer.clone(),
                logins: logins(),
                reason: "new".to_owned(),
            },
        )
        .answers(204, Value::Null),
        case("POST", "/v1/institutions/um-a/officials/um-0001/unlock", json!({"reason": "busy day"}))
            .asks(
                "unlock_official",
                &identity::UnlockOfficialRequest {
                    context: context.clone(),
                    institution_id: id,
                    officer: officer.clone(),
                    reason: "busy day".to_owned(),
                },
            )
            .answers(204, Value::Null),
        case("GET", "/v1/central-administrators", Value::Null)
            .asks(
                "list_officials",
                &identity::ListOfficialsRequest {
                    context: context.clone(),
                    institution_id: String::new(),
                    after_officer: String::new(),
                },
            )
            .answers(200, people()),
        case("POST", "/v1/central-administrators", granting("central_administrator"))
            .asks("grant_role", &grant(Role::CentralAdministrator, ""))
            .answers(204, Value::Null),
        case("POST", "/v1/central-administrators/um-0001/withdrawal", json!({"reason": "left"}))
            .asks(
                "withdraw_role",
                &identity::WithdrawRoleRequest {
                    context,
                    institution_id: String::new(),
                    officer,
                    role: 0,
                    reason: "left".to_owned(),
                },
            )
            .answers(204, Value::Null),
    ]
}

fn privileges() -> Vec<Case> {
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

/// Citizens among themselves.
pub(super) fn peers() -> Vec<Case> {
    let (pesel, verification_id) = (PESEL.to_owned(), VERIFICATION.to_owned());
    let at = |rest: &str| format!("/v1/citizen/checks/{VERIFICATION}{rest}");
    let opened = json!({
        "verification": verification("challenged"),
        "resend": {"resendAt": "2026-05-28T09:30:30.000Z", "resendsLeft": 3},
    });
    vec![
        case("POST", "/v1/citizen/checks", json!({"phone": "+48501234567", "kind": "identity_card"}))
            .asks(
                "ask_citizen",
                &identity::AskCitizenRequest {
                    context: nobody(),
                    pesel: pesel.clone(),
                    given_names: "Anna Maria".to_owned(),
                    surname: "Próbna".to_owned(),
                    criterion: Some(identity::ask_citizen_request::Criterion::AskedPhone("+48501234567".to_owned())),
                    kind: DocumentKind::IdentityCard.into(),
                },
            )
            .answers(201, opened),
        case("POST", &at("/resend"), json!({}))
            .asks(
                "resend_peer_code",
                &identity::ResendPeerCodeRequest {
                    context: nobody(),
                    pesel: pesel.clone(),
                    verification_id: verification_id.clone(),
                },
            )
            .answers(200, json!({"resendAt": "2026-05-28T09:31:00.000Z", "resendsLeft": 2})),
        case("POST", &at("/code"), json!({"code": "204781"}))
            .asks(
                "confirm_peer_code",
                &identity::ConfirmPeerCodeRequest {
                    context: nobody(),
                    pesel: pesel.clone(),
                    verification_id: verification_id.clone(),
                    code: "204781".to_owned(),
                },
            )
            .answers(200, verification("approved")),
        case("POST", &at("/document"), json!({}))
            .asks(
                "show_peer_document",
                &identity::ShowPeerDocumentRequest {
                    context: nobody(),
                    pesel: pesel.clone(),
                    verification_id: verification_id.clone(),
                },
            )
            .answers(200, shown()),
        case("POST", &at("/cancellation"), json!({}))
            .asks("cancel_peer_check", &identity::CancelPeerCheckRequest { context: nobody(), pesel, verification_id })
            .answers(200, verification("refused")),
    ]
}

on_both_engines! {
    NoMigrations;

    async fn administrators_ask_identity_in_their_own_name(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        let all = [Role::Official, Role::LocalAdministrator, Role::SecurityOfficer];
        house.people.knows("j.kowalska", &[("um-a", &all)]);
        house.people.is_central("j.kowalska");
        let browser = Browser::logged_in(&house, &account).await;
        for case in cases() {
            case.is_right(&house, &browser).await;
        }
        house.end().await;
    }

    async fn an_official_without_the_role_administers_nothing(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        house.people.knows("j.kowalska", &[("um-a", &[Role::Official])]);
        let browser = Browser::logged_in(&house, &account).await;
        for case in cases() {
            // Everybody with a post may read these, and officials of a service make checks.
            let open = [
                "GET /v1/institutions/um-a", "GET /v1/stages", "GET /v1/institutions/um-a/privileges", "POST /v1/checks",
            ];
            let name = format!("{} {}", case.verb, case.path);
            let answer = browser.send(case.verb.clone(), &case.path, &[], &case.body.to_string()).await;
            match open.contains(&name.as_str()) {
                true => assert!(answer.status.is_success(), "{name}: {answer:?}"),
                false => drop(answer.problem(403, "gateway.role_missing")),
            }
        }
        house.end().await;
    }
}
