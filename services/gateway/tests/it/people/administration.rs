//! Administrators' addresses, and who may use them and those of [`privileges`].

use serde_json::{Value, json};
use straznica_contracts::{
    identity::v1::{self as identity, Role},
    sources::v1::DocumentKind,
};
use straznica_store::{NoMigrations, on_both_engines};

use super::{
    browser::{Account, Browser},
    double::{AT, LATER},
    privileges,
    rest::{Case, case, official},
};
use crate::it::house::House;

const THUMBPRINT: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

pub(super) fn cases() -> Vec<Case> {
    institutions().into_iter().chain(officials()).chain(privileges::cases()).collect()
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
