//! Every address of the register used once: what registry is to be asked, and what the official is to read.

use serde_json::{Value, json};
use straznica_contracts::registry::v1::{
    self as registry, fact::Fact, list_history_request::Whose, person_question::Question, statement_change::Change,
};

use super::{
    alerts, archive, consultations,
    double::{AT, CASE, DECISION, LETTER, MERGE, OTHER, PERSON, decision_text, service},
    files, papers,
    request::{APPROVERS, CASE_NUMBER, INTAKE, ISSUERS, OFFICERS, PLANNERS, PURPOSE, READERS, Request, context},
};

fn new_statement(fact: Fact) -> registry::NewStatement {
    registry::NewStatement {
        fact: Some(registry::Fact { fact: Some(fact) }),
        valid_from: "2001-02-03".to_owned(),
        valid_to: String::new(),
        source: "passport".to_owned(),
        reason: "application".to_owned(),
    }
}

fn main_name() -> Fact {
    Fact::Name(registry::Name {
        kind: registry::NameKind::Main.into(),
        original_surname: "الأحمد".to_owned(),
        original_given: String::new(),
        latin_surname: "Al-Ahmad".to_owned(),
        latin_given: String::new(),
    })
}

fn stated(fact: &Value) -> Value {
    json!({"fact": fact, "validFrom": "2001-02-03", "source": "passport", "reason": "application"})
}

fn statement(withheld: bool) -> Value {
    let statement = json!({
        "statementId": DECISION, "fact": {"nationality": {"code": "SYR"}}, "validFrom": "2001-02-03",
        "source": "passport", "reason": "application", "recordedAt": "2026-05-28T09:30:00.000Z",
        "recordedBy": "sg-1", "replacedBy": CASE, "personId": OTHER,
    });
    let mut shown = json!({"personId": PERSON, "version": 7, "statements": [statement], "withheld": withheld});
    if withheld {
        shown["mergedPersonIds"] = json!([OTHER]);
    }
    shown
}

/// A person's statements corrected, ended, withdrawn and added to.
pub(super) fn changes_of_a_person() -> Request {
    let path = format!("/v1/registry/persons/{PERSON}/changes");
    let name = json!({"name": {"kind": "main", "originalSurname": "الأحمد", "latinSurname": "Al-Ahmad"}});
    let ended = json!({"statementId": DECISION, "validTo": "2020-01-01", "source": "decree", "reason": "lost it"});
    let withdrawn = json!({"statementId": CASE, "source": "embassy", "reason": "mistaken"});
    let body = json!({"changes": [
        {"add": stated(&json!({"sex": "female"}))}, {"correct": {"statementId": PERSON, "with": stated(&name)}},
        {"end": ended}, {"withdraw": withdrawn},
    ]});
    let changes = [
        Change::Add(new_statement(Fact::Sex(registry::Sex::Female.into()))),
        Change::Correct(registry::Correction {
            statement_id: PERSON.to_owned(),
            with: Some(new_statement(main_name())),
        }),
        Change::End(registry::End {
            statement_id: DECISION.to_owned(),
            valid_to: "2020-01-01".to_owned(),
            source: "decree".to_owned(),
            reason: "lost it".to_owned(),
        }),
        Change::Withdraw(registry::Withdrawal {
            statement_id: CASE.to_owned(),
            source: "embassy".to_owned(),
            reason: "mistaken".to_owned(),
        }),
    ];
    let request = registry::ChangePersonRequest {
        context: context(),
        person_id: PERSON.to_owned(),
        expected_version: 7,
        changes: changes.map(|change| registry::StatementChange { change: Some(change) }).into(),
    };
    Request::new("POST", &path, INTAKE, body)
        .changing()
        .asks("change_person", &request)
        .answers(200, json!({"version": 8}))
}

fn persons() -> Vec<Request> {
    let (context, person_id) = (context(), PERSON.to_owned());
    let at = |rest: &str| format!("/v1/registry/persons/{PERSON}{rest}");
    let name = json!({"name": {"kind": "main", "originalSurname": "الأحمد", "latinSurname": "Al-Ahmad"}});
    let registered =
        registry::RegisterPersonRequest { context: context.clone(), statements: vec![new_statement(main_name())] };
    let seen = registry::GetPersonRequest {
        context: context.clone(),
        person_id: person_id.clone(),
        known_at_ms: Some(AT),
        valid_on: "2020-01-01".to_owned(),
    };
    let history = registry::ListPersonHistoryRequest { context: context.clone(), person_id: person_id.clone() };
    let cases = registry::ListPersonCasesRequest { context, person_id };
    let case = json!({"caseId": CASE, "number": CASE_NUMBER, "caseType": "protection", "personId": OTHER});
    vec![
        Request::new("GET", &at("/cases"), READERS, Value::Null)
            .asks("list_person_cases", &cases)
            .answers(200, json!({"cases": [case]})),
        Request::new("POST", "/v1/registry/persons", INTAKE, json!({"statements": [stated(&name)]}))
            .asks("register_person", &registered)
            .answers(
                201,
                json!({"personId": PERSON, "version": 1, "likelyDuplicates": [{"personId": OTHER, "score": 0.97}]}),
            ),
        Request::new("GET", &at("?knownAt=2026-05-28T09:30:00Z&validOn=2020-01-01"), READERS, Value::Null)
            .asks("get_person", &seen)
            .answers(200, statement(true)),
        changes_of_a_person(),
        Request::new("GET", &at("/history"), READERS, Value::Null)
            .asks("list_person_history", &history)
            .answers(200, statement(false)),
    ]
}

pub(super) fn deadline() -> Value {
    let text = |word: &str| json!({"pl": format!("{word} pl"), "en": format!("{word} en")});
    json!({
        "rule": "decision", "title": text("title"), "owedBy": "head", "lastDay": "2026-11-30",
        "dueAt": "2026-05-28T09:30:00.000Z", "state": "running", "says": text("rule"),
        "basis": {"act": text("act"), "journal": "Dz.U. 2003 nr 128 poz. 1176", "article": "art. 34", "verified": "place"},
        "why": [
            {"kind": "counted", "event": "application_registered", "number": 1, "day": "2026-05-28", "deemed": false,
                "reaches": "2026-11-28"},
            {"kind": "shifted", "deemed": false, "reaches": "2026-11-30", "over": ["2026-11-28 saturday", "2026-11-29 sunday"]},
        ],
    })
}

fn shown_decision() -> Value {
    json!({
        "decisionId": DECISION, "decision": "refugee_status", "state": "approved", "draftedBy": "udsc-1",
        "draftedAt": "2026-05-28T09:30:00.000Z", "approvedBy": "udsc-2", "approvedAt": "2026-05-28T09:30:00.000Z",
    })
}

fn shown_case() -> Value {
    json!({
        "caseId": CASE, "number": CASE_NUMBER, "caseType": "protection", "ruleSet": "protection-2015", "version": 7,
        "stage": "merits", "personIds": [PERSON], "takenBy": "udsc-1",
        "events": [{
            "number": 1, "recordedAt": "2026-05-28T09:30:00.000Z", "recordedBy": "sg-1",
            "event": {"event": "application_registered", "at": "2026-05-28T09:30:00.000Z", "postedOn": "2026-05-27"},
        }],
        "deadlines": [deadline()],
        "decisions": [shown_decision()],
    })
}

fn event(name: &str) -> (Value, Option<registry::CaseEvent>) {
    let event = registry::CaseEvent { event: name.to_owned(), at_ms: AT, ..registry::CaseEvent::default() };
    (json!({"event": name, "at": "2026-05-28T09:30:00Z"}), Some(event))
}

fn cases() -> Vec<Request> {
    let case_id = CASE.to_owned();
    let at = |rest: &str| format!("/v1/registry/cases/{CASE}{rest}");
    let (opening, opening_event) = event("application_registered");
    let (birth, birth_event) = event("child_born");
    let opened = registry::OpenCaseRequest {
        context: context(),
        case_type: "protection".to_owned(),
        person_ids: vec![PERSON.to_owned()],
        event: opening_event,
    };
    let recorded = registry::RecordEventRequest {
        context: context(),
        case_id: case_id.clone(),
        expected_version: 7,
        event: birth_event,
        joining_person_ids: vec![PERSON.to_owned()],
    };
    let listed = registry::ListWorkRequest { context: context(), case_type: "protection".to_owned(), limit: 20 };
    let item = json!({
        "caseId": CASE, "number": CASE_NUMBER, "caseType": "protection", "stage": "merits",
        "openedAt": "2026-05-28T09:30:00.000Z", "next": deadline(), "late": true, "blockedBy": ["security_opinion"],
    });
    vec![
        Request::new(
            "POST",
            "/v1/registry/cases",
            INTAKE,
            json!({"caseType": "protection", "personIds": [PERSON], "event": opening}),
        )
        .asks("open_case", &opened)
        .answers(201, json!({"caseId": CASE, "number": CASE_NUMBER, "version": 1, "stage": "registered"})),
        Request::new("GET", &at("?at=2026-05-28T09:30:00Z"), READERS, Value::Null)
            .asks("get_case", &registry::GetCaseRequest { context: context(), case_id, at_ms: Some(AT) })
            .answers(200, shown_case()),
        Request::new("POST", &at("/events"), INTAKE, json!({"event": birth, "joiningPersonIds": [PERSON]}))
            .changing()
            .asks("record_event", &recorded)
            .answers(200, json!({"version": 8, "stage": "merits"})),
        Request::new("GET", "/v1/registry/worklist?caseType=protection&limit=20", PLANNERS, Value::Null)
            .asks("list_work", &listed)
            .answers(200, json!({"items": [item]})),
    ]
}

fn decisions() -> Vec<Request> {
    let case_id = CASE.to_owned();
    let at = |rest: &str| format!("/v1/registry/cases/{CASE}{rest}");
    let taken = registry::TakeCaseRequest {
        context: context(),
        case_id: case_id.clone(),
        expected_version: 7,
        reason: "ill".to_owned(),
    };
    let drafted = registry::DraftDecisionRequest {
        context: context(),
        case_id: case_id.clone(),
        expected_version: 7,
        decision: "refugee_status".to_owned(),
    };
    let approved = registry::ApproveDecisionRequest {
        context: context(),
        case_id: case_id.clone(),
        expected_version: 7,
        decision_id: DECISION.to_owned(),
    };
    let issued = registry::IssueDecisionRequest {
        context: context(),
        case_id,
        expected_version: 7,
        decision_id: DECISION.to_owned(),
    };
    vec![
        Request::new("POST", &at("/taking"), OFFICERS, json!({"reason": "ill"}))
            .changing()
            .asks("take_case", &taken)
            .answers(200, json!({"version": 8, "outOfOrder": true})),
        Request::new("POST", &at("/decisions"), OFFICERS, json!({"decision": "refugee_status"}))
            .changing()
            .asks("draft_decision", &drafted)
            .answers(201, json!({"version": 8, "decisionId": DECISION})),
        Request::new("POST", &at(&format!("/decisions/{DECISION}/approval")), APPROVERS, json!({}))
            .changing()
            .asks("approve_decision", &approved)
            .answers(200, json!({"version": 8})),
        Request::new("POST", &at(&format!("/decisions/{DECISION}/issue")), ISSUERS, json!({}))
            .changing()
            .asks("issue_decision", &issued)
            .answers(200, json!({"version": 8, "stage": "decided"})),
    ]
}

fn written() -> Value {
    json!({
        "operative": ["Nadaje się status uchodźcy."],
        "grounds": [{"act": "ustawa", "article": "art. 13", "text": "Obawa jest uzasadniona."}],
        "translation": {"language": "ru", "operative": ["Статус беженца."], "instruction": "14 дней"},
        "panel": [{"member": "rdu-3", "agrees": false, "dissent": "nie"}],
    })
}

fn rulings() -> Vec<Request> {
    let (case_id, decision_id) = (CASE.to_owned(), DECISION.to_owned());
    let at = |rest: &str| format!("/v1/registry/cases/{CASE}/decisions/{DECISION}{rest}");
    let text = |word: &str| json!({"pl": format!("{word} pl"), "en": format!("{word} en")});
    let wrote = registry::WriteDecisionTextRequest {
        context: context(),
        case_id: case_id.clone(),
        expected_version: 7,
        decision_id: decision_id.clone(),
        text: Some(decision_text()),
    };
    let shown = registry::GetDecisionRequest {
        context: context(),
        case_id: case_id.clone(),
        decision_id: decision_id.clone(),
        text_version: 2,
    };
    let rendered = registry::RenderDecisionRequest {
        context: context(),
        case_id: case_id.clone(),
        decision_id: decision_id.clone(),
    };
    let served = registry::RecordServiceRequest {
        context: context(),
        case_id,
        expected_version: 7,
        decision_id,
        service: Some(service("", 0)),
    };
    let whole = json!({
        "decision": shown_decision(), "text": written(), "textVersion": 2, "writtenBy": "udsc-1",
        "writtenAt": "2026-05-28T09:30:00.000Z",
        "instruction": [{"rule": "appeal", "title": text("title"), "says": text("rule"), "basis": deadline()["basis"]}],
        "services": [{
            "manner": "refused", "at": "2026-05-28T09:30:00.000Z", "recipientPersonId": PERSON, "servedBy": "sg-1",
            "note": "would not sign", "recordedBy": "sg-2", "recordedAt": "2026-05-28T09:30:00.000Z",
        }],
    });
    let new = json!({
        "manner": "refused", "at": "2026-05-28T09:30:00Z", "recipientPersonId": PERSON, "servedBy": "sg-1",
        "note": "would not sign",
    });
    vec![
        Request::new("POST", &at("/text"), OFFICERS, written())
            .changing()
            .asks("write_decision_text", &wrote)
            .answers(200, json!({"version": 8, "textVersion": 2})),
        Request::new("GET", &at("?textVersion=2"), READERS, Value::Null)
            .asks("get_decision", &shown)
            .answers(200, whole),
        Request::new("GET", &at("/letter"), READERS, Value::Null)
            .asks("render_decision", &rendered)
            .answers(200, LETTER.into()),
        Request::new("POST", &at("/service"), INTAKE, new)
            .changing()
            .asks("record_service", &served)
            .answers(200, json!({"version": 8, "stage": "served"})),
    ]
}

fn found() -> Value {
    json!({
        "personId": OTHER, "score": 0.97, "history": true, "known": [{"sex": "male"}],
        "why": [{"field": "name", "weight": 14.5, "said": "near", "standing": "ended"}],
        "name": {"kind": "alias", "originalSurname": "Шевченко", "latinSurname": "Shevchenko"},
    })
}

fn searches() -> Vec<Request> {
    let asked = |question: Question, known_at_ms: Option<i64>, (page_size, offset): (u32, u32)| {
        let question = Some(registry::PersonQuestion { question: Some(question) });
        registry::SearchPersonsRequest { context: context(), question, known_at_ms, page_size, offset }
    };
    let described = Question::Person(registry::PersonDescription {
        name: "Szewczenko".to_owned(),
        birth_date: "1990-05".to_owned(),
        nationality: "UKR".to_owned(),
        sex: registry::Sex::Male.into(),
    });
    let description = json!({"name": "Szewczenko", "birthDate": "1990-05", "nationality": "UKR", "sex": "male"});
    let whole =
        json!({"question": {"person": description}, "knownAt": "2026-05-28T09:30:00Z", "limit": 20, "offset": 10});
    let answer = json!({"persons": [found()], "tooCommon": true, "incomplete": false, "nextOffset": 30});
    let list = |whose: Whose| registry::ListHistoryRequest {
        context: context(),
        before: Some(4_711),
        limit: 1,
        whose: Some(whose),
    };
    let accesses = json!({
        "before": 4_700,
        "entries": [{
            "position": 4_700, "at": "2026-05-28T09:30:00.000Z", "kind": "person.read", "officer": "udsc-1",
            "actor": "service/gateway", "purpose": PURPOSE, "case": CASE_NUMBER, "legalBasis": "art. 119",
        }],
    });
    let page = "/accesses?before=4711&limit=1";
    vec![
        Request::new("POST", "/v1/registry/search", READERS, json!({"question": {"number": "AB 123"}}))
            .asks("search_persons", &asked(Question::Number("AB 123".to_owned()), None, (10, 0)))
            .answers(200, answer.clone()),
        Request::new("POST", "/v1/registry/search", READERS, whole)
            .asks("search_persons", &asked(described, Some(AT), (20, 10)))
            .answers(200, answer),
        Request::new("GET", &format!("/v1/registry/persons/{PERSON}{page}"), ISSUERS, Value::Null)
            .asks("list_history", &list(Whose::PersonId(PERSON.to_owned())))
            .answers(200, accesses.clone()),
        Request::new("GET", &format!("/v1/registry/cases/{CASE}{page}"), ISSUERS, Value::Null)
            .asks("list_history", &list(Whose::CaseId(CASE.to_owned())))
            .answers(200, accesses),
    ]
}

fn merge_lists() -> Vec<Request> {
    let merges = json!({"merges": [{
        "mergeId": MERGE, "personId": PERSON, "mergedPersonId": OTHER,
        "steps": [
            {"step": "proposed", "at": "2026-05-28T09:30:00.000Z", "officer": "udsc-1", "reason": "same passport"},
            {"step": "confirmed", "at": "2026-05-28T09:30:00.000Z", "officer": "udsc-2"},
        ],
    }]});
    let listed = |person_id: &str, limit: u32| registry::ListMergesRequest {
        context: context(),
        person_id: person_id.to_owned(),
        limit,
    };
    let duplicate = json!({"personId": PERSON, "other": found(), "foundAt": "2026-05-28T09:30:00.000Z"});
    vec![
        Request::new("GET", "/v1/registry/duplicates?limit=5", READERS, Value::Null)
            .asks("list_duplicates", &registry::ListDuplicatesRequest { context: context(), limit: 5 })
            .answers(200, json!({"duplicates": [duplicate]})),
        Request::new("GET", "/v1/registry/merges?limit=5", READERS, Value::Null)
            .asks("list_merges", &listed("", 5))
            .answers(200, merges.clone()),
        Request::new("GET", &format!("/v1/registry/persons/{PERSON}/merges"), READERS, Value::Null)
            .asks("list_merges", &listed(PERSON, 0))
            .answers(200, merges),
    ]
}

fn merges() -> Vec<Request> {
    let because = json!({"reason": "fingerprints differ"});
    let reason = "fingerprints differ".to_owned();
    let merge_id = MERGE.to_owned();
    let dismissed = registry::DismissDuplicateRequest {
        context: context(),
        person_id: PERSON.to_owned(),
        other_person_id: OTHER.to_owned(),
        reason: reason.clone(),
    };
    let proposed = registry::ProposeMergeRequest {
        context: context(),
        person_id: PERSON.to_owned(),
        merged_person_id: OTHER.to_owned(),
        expected_version: 7,
        expected_merged_version: 3,
        reason: reason.clone(),
    };
    let confirmed = registry::ConfirmProposalRequest {
        context: context(),
        merge_id: merge_id.clone(),
        expected_version: 7,
        expected_merged_version: 3,
    };
    let rejected =
        registry::RejectProposalRequest { context: context(), merge_id: merge_id.clone(), reason: reason.clone() };
    let split = registry::ProposeSplitRequest { context: context(), merge_id, reason };
    let at = |rest: &str| format!("/v1/registry/merges/{MERGE}{rest}");
    vec![
        Request::new(
            "POST",
            "/v1/registry/duplicates/dismissals",
            OFFICERS,
            json!({"personId": PERSON, "otherPersonId": OTHER, "reason": "fingerprints differ"}),
        )
        .asks("dismiss_duplicate", &dismissed)
        .answers(204, Value::Null),
        Request::new(
            "POST",
            "/v1/registry/merges",
            OFFICERS,
            json!({"personId": PERSON, "version": 7, "mergedPersonId": OTHER, "mergedVersion": 3, "reason": "fingerprints differ"}),
        )
        .asks("propose_merge", &proposed)
        .answers(201, json!({"mergeId": MERGE})),
        Request::new("POST", &at("/confirmation"), APPROVERS, json!({"version": 7, "mergedVersion": 3}))
            .asks("confirm_proposal", &confirmed)
            .answers(200, json!({"version": 12})),
        Request::new("POST", &at("/rejection"), ISSUERS, because.clone())
            .asks("reject_proposal", &rejected)
            .answers(204, Value::Null),
        Request::new("POST", &at("/split"), OFFICERS, because)
            .asks("propose_split", &split)
            .answers(204, Value::Null),
    ]
}

pub(super) fn all() -> Vec<Request> {
    let of_persons = [persons(), searches(), merge_lists(), merges()];
    let of_cases = [cases(), decisions(), rulings(), papers::all(), alerts::all()];
    let of_others = [archive::all(), files::all(), consultations::all()];
    of_persons.into_iter().chain(of_cases).chain(of_others).flatten().collect()
}
