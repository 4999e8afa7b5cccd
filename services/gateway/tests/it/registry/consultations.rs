//! Every address of consultations and of their network used once.

use serde_json::{Value, json};
use straznica_contracts::registry::v1 as registry;

use super::{
    double::{AT, CASE, MERGE, PERSON},
    request::{OFFICERS, PLANNERS, Request, context},
};

const WHEN: &str = "2026-05-28T09:30:00.000Z";
const NUMBER: &str = "consultation/2026/000004";
const UNIFIER: &str = "POL-0197a3c09b5d7e118a3c6d0f2b9e4c55";

fn subject() -> registry::ConsultationSubject {
    registry::ConsultationSubject {
        surname: "Kowalenko".to_owned(),
        given_names: String::new(),
        birth_date: "1990-05-17".to_owned(),
        sex: 0,
        nationality: "SYR".to_owned(),
        document_number: String::new(),
        matter: String::new(),
    }
}

/// What registry tells of one.
pub(super) fn consultation() -> registry::Consultation {
    registry::Consultation {
        consultation_id: MERGE.to_owned(),
        number: NUMBER.to_owned(),
        flow: registry::ConsultationFlow::National.into(),
        rule_set: "consultation-2014".to_owned(),
        case_id: CASE.to_owned(),
        person_id: PERSON.to_owned(),
        asked_by: "MOW".to_owned(),
        reference: "A-7".to_owned(),
        opened_at_ms: AT,
        version: 7,
        stage: "asked".to_owned(),
        outcome: registry::ConsultationOutcome::Open.into(),
        subject: Some(subject()),
        questions: vec![registry::ConsultedQuestion {
            of: "abw".to_owned(),
            asked_at_ms: AT,
            state: registry::QuestionState::Replied.into(),
            objects: true,
            answered_at_ms: Some(AT),
            late_reply_at_ms: None,
            late_reply_objects: false,
            deadline: None,
        }],
        deadlines: Vec::new(),
        entries: vec![registry::ConsultationEntry {
            number: 2,
            event: "reply".to_owned(),
            at_ms: AT,
            of: "abw".to_owned(),
            decision: "objection".to_owned(),
            grounds: registry::ObjectionGrounds::PublicOrder.into(),
            remark: String::new(),
            recorded_at_ms: AT,
            by: "abw-17".to_owned(),
        }],
    }
}

/// What registry tells of it in a list.
pub(super) fn summary() -> registry::ConsultationSummary {
    registry::ConsultationSummary {
        consultation_id: MERGE.to_owned(),
        number: NUMBER.to_owned(),
        flow: registry::ConsultationFlow::National.into(),
        case_id: CASE.to_owned(),
        asked_by: String::new(),
        opened_at_ms: AT,
        version: 7,
        outcome: registry::ConsultationOutcome::Open.into(),
        waits_for: vec!["abw".to_owned()],
        next: None,
    }
}

/// What registry tells of the network.
pub(super) fn report() -> registry::GetNetworkReportResponse {
    registry::GetNetworkReportResponse {
        sent: 9,
        notified: 8,
        received: 7,
        copies: 1,
        conflicts: 0,
        unmatched: vec![registry::UnmatchedForm {
            unifier: UNIFIER.to_owned(),
            state: "DEU".to_owned(),
            letter: "A".to_owned(),
            reference: String::new(),
            made_at_ms: AT,
            attempts: 3,
            next_attempt_at_ms: Some(AT),
            overdue: true,
        }],
        waiting: vec![registry::WaitingForm {
            unifier: UNIFIER.to_owned(),
            state: "DEU".to_owned(),
            letter: "C".to_owned(),
            reference: "A-7".to_owned(),
            received_at_ms: AT,
        }],
        strays: vec![registry::StrayMessage {
            state: "DEU".to_owned(),
            kind: "notification".to_owned(),
            what: "of a form nobody sent".to_owned(),
            at_ms: AT,
        }],
    }
}

/// What registry tells of another state's notice.
pub(super) fn notice() -> registry::ForeignNotice {
    registry::ForeignNotice {
        unifier: UNIFIER.to_owned(),
        state: "DEU".to_owned(),
        letter: "F".to_owned(),
        file_number: "DEU000001".to_owned(),
        text: "visa POL000000001".to_owned(),
        received_at_ms: AT,
    }
}

pub(super) fn all() -> Vec<Request> {
    read().into_iter().chain(changed()).chain(network()).collect()
}

fn at(rest: &str) -> String {
    format!("/v1/registry/consultations{rest}")
}

fn read() -> Vec<Request> {
    let opened = registry::OpenConsultationRequest {
        context: context(),
        flow: registry::ConsultationFlow::National.into(),
        case_id: CASE.to_owned(),
        person_id: String::new(),
        subject: Some(subject()),
        asked_by: "MOW".to_owned(),
        reference: String::new(),
        asked: vec!["abw".to_owned(), "sg".to_owned()],
        on_paper: false,
    };
    let asked = json!({
        "flow": "national", "caseId": CASE, "askedBy": "MOW", "asked": ["abw", "sg"],
        "subject": {"surname": "Kowalenko", "birthDate": "1990-05-17", "nationality": "SYR"},
    });
    let shown = json!({
        "consultationId": MERGE, "number": NUMBER, "flow": "national", "ruleSet": "consultation-2014", "caseId": CASE,
        "personId": PERSON, "askedBy": "MOW", "reference": "A-7", "openedAt": WHEN, "version": 7, "stage": "asked",
        "outcome": "open", "subject": {"surname": "Kowalenko", "birthDate": "1990-05-17", "nationality": "SYR"},
        "questions": [{"of": "abw", "askedAt": WHEN, "state": "replied", "objects": true, "answeredAt": WHEN}],
        "deadlines": [],
        "entries": [{
            "number": 2, "event": "reply", "at": WHEN, "of": "abw", "decision": "objection", "grounds": "public_order",
            "recordedAt": WHEN, "by": "abw-17",
        }],
    });
    let listed = json!({"consultations": [{
        "consultationId": MERGE, "number": NUMBER, "flow": "national", "caseId": CASE, "openedAt": WHEN, "version": 7,
        "outcome": "open", "waitsFor": ["abw"],
    }]});
    let list = registry::ListConsultationsRequest { context: context(), case_id: CASE.to_owned(), limit: 20 };
    let get = registry::GetConsultationRequest { context: context(), consultation_id: MERGE.to_owned() };
    vec![
        Request::new("POST", &at(""), OFFICERS, asked)
            .asks("open_consultation", &opened)
            .answers(201, json!({"consultationId": MERGE, "number": NUMBER, "version": 1})),
        Request::new("GET", &at(&format!("?caseId={CASE}&limit=20")), PLANNERS, Value::Null)
            .asks("list_consultations", &list)
            .answers(200, listed),
        Request::new("GET", &at(&format!("/{MERGE}")), PLANNERS, Value::Null)
            .asks("get_consultation", &get)
            .answers(200, shown),
    ]
}

fn changed() -> Vec<Request> {
    let (consultation_id, expected_version) = (|| MERGE.to_owned(), 7);
    let change =
        |rest: &str, body: Value| Request::new("POST", &at(&format!("/{MERGE}/{rest}")), OFFICERS, body).changing();
    let moved = || json!({"version": 8});
    let (asked, answered) = (
        registry::AskFurtherRequest {
            context: context(),
            consultation_id: consultation_id(),
            expected_version,
            asked: vec!["aw".to_owned()],
        },
        registry::RecordAnswerRequest {
            context: context(),
            consultation_id: consultation_id(),
            expected_version,
            reply: registry::ConsultationReply::Objection.into(),
            grounds: registry::ObjectionGrounds::StateSecurity.into(),
            remark: "as the ABW".to_owned(),
        },
    );
    let (prolonged, withdrawn) = (
        registry::ProlongAnswerRequest {
            context: context(),
            consultation_id: consultation_id(),
            expected_version,
            remark: "a hard one".to_owned(),
        },
        registry::WithdrawConsultationRequest {
            context: context(),
            consultation_id: consultation_id(),
            expected_version,
            remark: "a hard one".to_owned(),
        },
    );
    let told = registry::RecordConsulToldRequest {
        context: context(),
        consultation_id: consultation_id(),
        expected_version,
        of: "abw".to_owned(),
    };
    let delivered = registry::RecordForeignDeliveryRequest {
        context: context(),
        consultation_id: consultation_id(),
        expected_version,
        of: "DEU".to_owned(),
        at_ms: AT,
        reference: "RR 123".to_owned(),
    };
    let replied = registry::RecordForeignReplyRequest {
        context: context(),
        consultation_id: consultation_id(),
        expected_version,
        of: "DEU".to_owned(),
        reply: registry::ConsultationReply::NoObjection.into(),
        at_ms: AT,
        reference: "B-9".to_owned(),
    };
    vec![
        change("questions", json!({"asked": ["aw"]})).asks("ask_further", &asked).answers(200, moved()),
        change("answer", json!({"reply": "objection", "grounds": "state_security", "remark": "as the ABW"}))
            .asks("record_answer", &answered)
            .answers(200, moved()),
        change("prolongation", json!({"remark": "a hard one"}))
            .asks("prolong_answer", &prolonged)
            .answers(200, moved()),
        change("consul-information", json!({"of": "abw"})).asks("record_consul_told", &told).answers(200, moved()),
        change("withdrawal", json!({"remark": "a hard one"}))
            .asks("withdraw_consultation", &withdrawn)
            .answers(200, moved()),
        change("deliveries", json!({"of": "DEU", "at": WHEN, "reference": "RR 123"}))
            .asks("record_foreign_delivery", &delivered)
            .answers(200, moved()),
        change("replies", json!({"of": "DEU", "reply": "no_objection", "at": WHEN, "reference": "B-9"}))
            .asks("record_foreign_reply", &replied)
            .answers(200, json!({"version": 8, "late": true})),
    ]
}

fn network() -> Vec<Request> {
    let at = |rest: &str| format!("/v1/registry/consultation-network{rest}");
    let report = json!({
        "sent": 9, "notified": 8, "received": 7, "copies": 1, "conflicts": 0,
        "unmatched": [{
            "unifier": UNIFIER, "state": "DEU", "letter": "A", "madeAt": WHEN, "attempts": 3, "nextAttemptAt": WHEN,
            "overdue": true,
        }],
        "waiting": [{"unifier": UNIFIER, "state": "DEU", "letter": "C", "reference": "A-7", "receivedAt": WHEN}],
        "strays": [{"state": "DEU", "kind": "notification", "what": "of a form nobody sent", "at": WHEN}],
    });
    let sent = registry::SendNoticeRequest {
        context: context(),
        state: "DEU".to_owned(),
        letter: "F".to_owned(),
        file_number: "POL000001".to_owned(),
        text: "visa POL000000001".to_owned(),
    };
    let notice = json!({
        "state": "DEU", "letter": "F", "fileNumber": "POL000001", "text": "visa POL000000001",
    });
    let notices = json!({"notices": [{
        "unifier": UNIFIER, "state": "DEU", "letter": "F", "fileNumber": "DEU000001", "text": "visa POL000000001",
        "receivedAt": WHEN,
    }]});
    let resent = registry::ResendFormRequest { context: context(), unifier: UNIFIER.to_owned() };
    vec![
        Request::new("GET", &at(""), PLANNERS, Value::Null)
            .asks("get_network_report", &registry::GetNetworkReportRequest { context: context() })
            .answers(200, report),
        Request::new("POST", &at(&format!("/forms/{UNIFIER}/sending")), OFFICERS, json!({}))
            .asks("resend_form", &resent)
            .answers(204, Value::Null),
        Request::new("POST", &at("/notices"), OFFICERS, notice)
            .asks("send_notice", &sent)
            .answers(201, json!({ "unifier": UNIFIER })),
        Request::new("GET", &at("/notices?limit=20"), PLANNERS, Value::Null)
            .asks("list_notices", &registry::ListNoticesRequest { context: context(), limit: 20 })
            .answers(200, notices),
    ]
}
