//! Every address of checks against alerts used once, and what registry plays there.

use serde_json::{Value, json};
use straznica_contracts::registry::v1 as registry;

use super::{
    double::{AT, CASE, DECISION, PERSON, basis, text},
    request::{INTAKE, ISSUERS, OFFICERS, READERS, Request, context},
};

const WHEN: &str = "2026-05-28T09:30:00.000Z";

fn finding() -> registry::AlertFinding {
    let mut likeness = registry::AlertLikeness::default();
    likeness.name_score = 0.5;
    likeness.name_reasons = vec!["ivanov = ivanov".to_owned()];
    likeness.set_birth(registry::AlertAgreement::Compatible);
    likeness.set_nationality(registry::AlertAgreement::Same);
    likeness.set_sex(registry::AlertAgreement::Unknown);
    let resolution = registry::AlertResolution {
        resolution_id: DECISION.to_owned(),
        verdict: registry::AlertResolutionVerdict::NotThePerson.into(),
        state: registry::AlertResolutionState::Proposed.into(),
        grounds: "another mother".to_owned(),
        proposed_by: "udsc-1".to_owned(),
        proposed_at_ms: AT,
        ..registry::AlertResolution::default()
    };
    registry::AlertFinding {
        finding_id: DECISION.to_owned(),
        category: "refusal_of_entry".to_owned(),
        title: text("title"),
        basis: basis(),
        action: "refuse_entry".to_owned(),
        instruction: text("instruction"),
        discreet: false,
        issuing_state: "DEU".to_owned(),
        standing: registry::AlertStanding::Possible.into(),
        likeness: Some(likeness),
        resolution: Some(resolution),
    }
}

pub(super) fn check() -> registry::AlertCheck {
    registry::AlertCheck {
        check_id: DECISION.to_owned(),
        person_id: PERSON.to_owned(),
        case_id: CASE.to_owned(),
        subject: registry::AlertSubject::Person.into(),
        result: registry::AlertResult::Unavailable.into(),
        unavailable: registry::AlertUnavailability::Incomplete.into(),
        source: "N.SIS".to_owned(),
        as_of_ms: Some(AT),
        checked_at_ms: AT,
        checked_by: "udsc-1".to_owned(),
        findings: vec![finding()],
        ..registry::AlertCheck::default()
    }
}

pub(super) fn consultation() -> registry::AlertConsultation {
    registry::AlertConsultation {
        consultation_id: DECISION.to_owned(),
        case_id: CASE.to_owned(),
        person_id: PERSON.to_owned(),
        issuing_state: "DEU".to_owned(),
        kind: "ask".to_owned(),
        basis: basis(),
        says: text("says"),
        asked_at_ms: AT,
        asked_by: "udsc-1".to_owned(),
        last_day: "2026-06-08".to_owned(),
        answer: registry::IssuingStateAnswer::Objection.into(),
        answered_at_ms: Some(AT),
        answered_by: "udsc-2".to_owned(),
        note: "an order".to_owned(),
    }
}

pub(super) fn open() -> registry::OpenAlert {
    registry::OpenAlert {
        finding_id: DECISION.to_owned(),
        check_id: DECISION.to_owned(),
        person_id: PERSON.to_owned(),
        checked_at_ms: AT,
        proposed_by: "udsc-1".to_owned(),
        resolution_id: CASE.to_owned(),
        ..registry::OpenAlert::default()
    }
}

fn both(word: &str) -> Value {
    json!({"pl": format!("{word} pl"), "en": format!("{word} en")})
}

fn law() -> Value {
    json!({"act": both("act"), "journal": "Dz.U. 2003 nr 128 poz. 1176", "article": "art. 34", "verified": "place"})
}

fn shown_check() -> Value {
    json!({
        "checkId": DECISION, "personId": PERSON, "caseId": CASE, "subject": "person", "result": "unavailable",
        "unavailable": "incomplete", "source": "N.SIS", "asOf": WHEN, "checkedAt": WHEN, "checkedBy": "udsc-1",
        "forgotten": false,
        "findings": [{
            "findingId": DECISION, "category": "refusal_of_entry", "title": both("title"), "basis": law(),
            "action": "refuse_entry", "instruction": both("instruction"), "discreet": false, "issuingState": "DEU",
            "standing": "possible",
            "likeness": {
                "nameScore": 0.5, "nameReasons": ["ivanov = ivanov"], "birth": "compatible", "nationality": "same",
                "sex": "unknown",
            },
            "resolution": {
                "resolutionId": DECISION, "verdict": "not_the_person", "state": "proposed", "grounds": "another mother",
                "proposedBy": "udsc-1", "proposedAt": WHEN,
            },
        }],
    })
}

fn shown_consultation() -> Value {
    json!({
        "consultationId": DECISION, "caseId": CASE, "personId": PERSON, "issuingState": "DEU", "kind": "ask",
        "basis": law(), "says": both("says"), "askedAt": WHEN, "askedBy": "udsc-1", "lastDay": "2026-06-08",
        "answer": "objection", "answeredAt": WHEN, "answeredBy": "udsc-2", "note": "an order",
    })
}

pub(super) fn all() -> Vec<Request> {
    checks().into_iter().chain(resolutions()).chain(consultations()).collect()
}

fn checks() -> Vec<Request> {
    let (person_id, case_id) = (PERSON.to_owned(), CASE.to_owned());
    let person = |rest: &str| format!("/v1/registry/persons/{PERSON}{rest}");
    let case = |rest: &str| format!("/v1/registry/cases/{CASE}{rest}");
    let for_the_case = json!({"caseId": CASE});
    let checked =
        registry::CheckPersonRequest { context: context(), person_id: person_id.clone(), case_id: case_id.clone() };
    let document = registry::CheckDocumentRequest {
        context: context(),
        person_id: person_id.clone(),
        statement_id: DECISION.to_owned(),
        case_id: String::new(),
    };
    let of_person =
        registry::ListAlertChecksRequest { context: context(), person_id, case_id: String::new(), limit: 7 };
    let of_case = registry::ListAlertChecksRequest { context: context(), person_id: String::new(), case_id, limit: 50 };
    let listed = json!({"checks": [shown_check()], "consultations": [shown_consultation()]});
    let open = json!({
        "findingId": DECISION, "checkId": DECISION, "personId": PERSON, "checkedAt": WHEN, "resolutionId": CASE,
        "proposedBy": "udsc-1",
    });
    vec![
        Request::new("POST", &person("/alert-checks"), INTAKE, for_the_case)
            .asks("check_person", &checked)
            .answers(201, shown_check()),
        Request::new("GET", &person("/alert-checks?limit=7"), READERS, Value::Null)
            .asks("list_alert_checks", &of_person)
            .answers(200, listed.clone()),
        Request::new("POST", &person(&format!("/documents/{DECISION}/alert-checks")), INTAKE, json!({}))
            .asks("check_document", &document)
            .answers(201, shown_check()),
        // The case tells whom it covers.
        Request::new("POST", &case("/alert-checks"), INTAKE, json!({}))
            .asks("check_person", &checked)
            .answers(201, json!({"checks": [shown_check()], "consultations": []}))
            .after_another_call(),
        Request::new("GET", &case("/alert-checks"), READERS, Value::Null)
            .asks("list_alert_checks", &of_case)
            .answers(200, listed),
        Request::new("GET", "/v1/registry/open-alerts?limit=20", ISSUERS, Value::Null)
            .asks("list_open_alerts", &registry::ListOpenAlertsRequest { context: context(), limit: 20 })
            .answers(200, json!({"items": [open]})),
    ]
}

fn resolutions() -> Vec<Request> {
    let grounds = "another mother";
    let proposed = registry::ProposeAlertResolutionRequest {
        context: context(),
        finding_id: DECISION.to_owned(),
        verdict: registry::AlertResolutionVerdict::NotThePerson.into(),
        grounds: grounds.to_owned(),
    };
    let decided = registry::DecideAlertResolutionRequest {
        context: context(),
        resolution_id: DECISION.to_owned(),
        agree: true,
        grounds: grounds.to_owned(),
    };
    vec![
        Request::new(
            "POST",
            &format!("/v1/registry/alert-findings/{DECISION}/resolution"),
            OFFICERS,
            json!({"verdict": "not_the_person", "grounds": grounds}),
        )
        .asks("propose_alert_resolution", &proposed)
        .answers(201, json!({"resolutionId": DECISION})),
        Request::new(
            "POST",
            &format!("/v1/registry/alert-resolutions/{DECISION}/decision"),
            ISSUERS,
            json!({"agree": true, "grounds": grounds}),
        )
        .asks("decide_alert_resolution", &decided)
        .answers(200, json!({"state": "agreed"})),
    ]
}

fn consultations() -> Vec<Request> {
    let asked = registry::RecordAlertConsultationRequest {
        context: context(),
        case_id: CASE.to_owned(),
        finding_id: DECISION.to_owned(),
        asked_at_ms: AT,
    };
    let answered = registry::RecordAlertConsultationAnswerRequest {
        context: context(),
        consultation_id: DECISION.to_owned(),
        answer: registry::IssuingStateAnswer::Objection.into(),
        answered_at_ms: AT,
        note: "an order".to_owned(),
    };
    vec![
        Request::new(
            "POST",
            &format!("/v1/registry/cases/{CASE}/alert-consultations"),
            OFFICERS,
            json!({"findingId": DECISION, "askedAt": WHEN}),
        )
        .asks("record_alert_consultation", &asked)
        .answers(201, shown_consultation()),
        Request::new(
            "POST",
            &format!("/v1/registry/alert-consultations/{DECISION}/answer"),
            OFFICERS,
            json!({"objects": true, "answeredAt": WHEN, "note": "an order"}),
        )
        .asks("record_alert_consultation_answer", &answered)
        .answers(200, shown_consultation()),
    ]
}
