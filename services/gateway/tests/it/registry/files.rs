//! Files that come in: every address used once, and what registry plays there.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use prost::Message as _;
use serde_json::{Value, json};
use straznica_contracts::{
    identity::v1::Role,
    registry::v1::{self as registry, intake_service_server::IntakeService, propose_intake_request::Part},
};
use tonic::{Request as Call, Response, Status, Streaming};

use super::{
    double::{AT, CASE, DECISION, MERGE, ORDER, PERSON, RegistryDouble, plays},
    request::{INTAKE, ISSUERS, READERS, Request, STOREKEEPERS, context},
};
use crate::it::doubles::Asked;

const WHEN: &str = "2026-05-28T09:30:00.000Z";
const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// Larger than one message of the contract may be.
const ROWS: usize = 60_000;

/// A file that takes several messages.
fn file() -> Vec<u8> {
    let rows = (1..=ROWS).map(|row| format!("{row},Próbny-Niebilski,Osobnik\n"));
    format!("row_id,surname,given_names\n{}", rows.collect::<String>()).into_bytes()
}

fn counts() -> registry::IntakeCounts {
    registry::IntakeCounts { rows: 5, waiting: 1, accepted: 1, unchanged: 1, refused: 2 }
}

fn told_counts() -> Value {
    json!({"rows": 5, "waiting": 1, "accepted": 1, "unchanged": 1, "refused": 2})
}

fn summary() -> registry::IntakeSummary {
    let mut summary = registry::IntakeSummary {
        intake_id: ORDER.to_owned(),
        source: "pobyt-v1".to_owned(),
        mapping: "pobyt-v1-cases".to_owned(),
        dry_run: true,
        proposed_by: "udsc-1".to_owned(),
        proposed_at_ms: AT,
        decided_by: "udsc-2".to_owned(),
        finished_at_ms: Some(AT),
        ..registry::IntakeSummary::default()
    };
    summary.set_kind(registry::IntakeKind::Cases);
    summary.set_state(registry::IntakeState::Done);
    summary
}

fn told_summary() -> Value {
    json!({
        "intakeId": ORDER, "source": "pobyt-v1", "kind": "cases", "mapping": "pobyt-v1-cases", "dryRun": true,
        "state": "done", "proposedBy": "udsc-1", "proposedAt": WHEN, "decidedBy": "udsc-2", "finishedAt": WHEN,
    })
}

fn shown() -> registry::GetIntakeResponse {
    let registry::IntakeSummary {
        intake_id,
        source,
        kind,
        mapping,
        dry_run,
        state,
        proposed_by,
        proposed_at_ms,
        decided_by,
        finished_at_ms,
    } = summary();
    registry::GetIntakeResponse {
        intake_id,
        source,
        kind,
        mapping,
        mapping_sha256: SHA256.to_owned(),
        file_sha256: SHA256.to_owned(),
        dry_run,
        state,
        proposed_by,
        proposed_at_ms,
        decided_by,
        finished_at_ms,
        counts: Some(counts()),
    }
}

fn row() -> registry::IntakeRow {
    registry::IntakeRow {
        number: 17,
        line: 18,
        outcome: registry::IntakeOutcome::Refused.into(),
        code: "impossible_date".to_owned(),
        column: "birth_date".to_owned(),
        says: "no calendar has this day".to_owned(),
        taken_into: String::new(),
        changed: true,
    }
}

fn record() -> registry::FormerRecord {
    registry::FormerRecord {
        record_id: DECISION.to_owned(),
        kind: registry::IntakeKind::Consultations.into(),
        source: "pobyt-v1".to_owned(),
        number: "KSK-17/02".to_owned(),
        r#type: "art. 22".to_owned(),
        opened_on: "2002-11-04".to_owned(),
        authority: "ABW".to_owned(),
        case_record_id: CASE.to_owned(),
        ..registry::FormerRecord::default()
    }
}

fn reconciliation() -> registry::ReconcileSourceResponse {
    let kind = registry::ReconciledKind {
        kind: registry::IntakeKind::Persons.into(),
        intake_id: ORDER.to_owned(),
        counts: Some(counts()),
        refused: vec![registry::ReasonCount { code: "missing".to_owned(), column: String::new(), rows: 2 }],
        changed: 4,
        held: 7,
        of_other_files: 5,
        file_sha256: SHA256.to_owned(),
        register_sha256: SHA256.to_owned(),
        years: vec![registry::YearSum { year: 2002, r#type: "azyl".to_owned(), in_file: 4, held: 3 }],
        adds_up: false,
    };
    registry::ReconcileSourceResponse { kinds: vec![kind], adds_up: false }
}

fn found() -> registry::FormerNumber {
    let mut found = registry::FormerNumber::default();
    (found.source, found.id) = ("pobyt-v1".to_owned(), PERSON.to_owned());
    found.set_kind(registry::IntakeKind::Persons);
    found
}

plays! { IntakeService {
    list_intakes(ListIntakesRequest) -> ListIntakesResponse = registry::ListIntakesResponse { intakes: vec![summary()] };
    get_intake(GetIntakeRequest) -> GetIntakeResponse = shown();
    list_intake_rows(ListIntakeRowsRequest) -> ListIntakeRowsResponse = registry::ListIntakeRowsResponse { rows: vec![row()] };
    find_former_number(FindFormerNumberRequest) -> FindFormerNumberResponse =
        registry::FindFormerNumberResponse { found: vec![found()] };
    list_former_records(ListFormerRecordsRequest) -> ListFormerRecordsResponse =
        registry::ListFormerRecordsResponse { records: vec![record()] };
    reconcile_source(ReconcileSourceRequest) -> ReconcileSourceResponse = reconciliation();
} also {
    /// Remembered as the header with the whole file behind it.
    async fn propose_intake(
        &self,
        request: Call<Streaming<registry::ProposeIntakeRequest>>,
    ) -> Result<Response<registry::ProposeIntakeResponse>, Status> {
        let mut messages = request.into_inner();
        let mut asked = Vec::new();
        while let Some(message) = messages.message().await? {
            match message.part.unwrap() {
                Part::Header(header) => asked.extend(header.encode_to_vec()),
                Part::Bytes(bytes) => asked.extend(bytes),
            }
        }
        let answer = registry::ProposeIntakeResponse { intake_id: ORDER.to_owned(), counts: Some(counts()) };
        self.script.answer(Asked::Exchange("propose_intake", asked), answer).await
    }

    async fn decide_intake(
        &self,
        request: Call<registry::DecideIntakeRequest>,
    ) -> Result<Response<registry::DecideIntakeResponse>, Status> {
        let request = request.into_inner();
        let state = match request.decision() {
            registry::IntakeDecision::Start => registry::IntakeState::Running,
            _ => registry::IntakeState::GivenUp,
        };
        let answer = registry::DecideIntakeResponse { state: state.into() };
        self.script.answer(Asked::Exchange("decide_intake", request.encode_to_vec()), answer).await
    }
} }

fn proposal() -> Request {
    let file = file();
    let mut header = registry::IntakeHeader { context: context(), dry_run: true, ..registry::IntakeHeader::default() };
    header.source = "centre.debak".to_owned();
    header.set_kind(registry::IntakeKind::Persons);
    header.set_format(registry::IntakeFormat::Csv);
    header.set_encoding(registry::IntakeEncoding::Windows1250);
    let new = json!({
        "source": "centre.debak", "kind": "persons", "format": "csv", "encoding": "windows-1250", "dryRun": true,
        "file": BASE64_STANDARD.encode(&file),
    });
    Request::new("POST", "/v1/registry/intakes", INTAKE, new)
        .asks_bytes("propose_intake", [header.encode_to_vec(), file].concat())
        .answers(201, json!({"intakeId": ORDER, "counts": told_counts()}))
}

fn decision(verb: &str, roles: &'static [Role], decision: registry::IntakeDecision, state: &str) -> Request {
    let asked =
        registry::DecideIntakeRequest { context: context(), intake_id: ORDER.to_owned(), decision: decision.into() };
    Request::new("POST", &format!("/v1/registry/intakes/{ORDER}/{verb}"), roles, json!({}))
        .asks("decide_intake", &asked)
        .answers(200, json!({ "state": state }))
}

pub(super) fn all() -> Vec<Request> {
    let at = |rest: &str| format!("/v1/registry/intakes{rest}");
    let mut shown = told_summary();
    for (member, value) in [("mappingSha256", json!(SHA256)), ("fileSha256", json!(SHA256)), ("counts", told_counts())]
    {
        shown[member] = value;
    }
    let told_row = json!({
        "number": 17, "line": 18, "outcome": "refused", "code": "impossible_date", "column": "birth_date",
        "says": "no calendar has this day", "changed": true,
    });
    let told_record = json!({
        "recordId": DECISION, "kind": "consultations", "source": "pobyt-v1", "number": "KSK-17/02", "type": "art. 22",
        "openedOn": "2002-11-04", "authority": "ABW", "caseRecordId": CASE,
    });
    let reconciled = json!({"addsUp": false, "kinds": [{
        "kind": "persons", "intakeId": ORDER, "counts": told_counts(), "refused": [{"code": "missing", "rows": 2}],
        "changed": 4, "held": 7, "ofOtherFiles": 5, "fileSha256": SHA256, "registerSha256": SHA256,
        "years": [{"year": 2002, "type": "azyl", "inFile": 4, "held": 3}], "addsUp": false,
    }]});
    let listed = registry::ListIntakesRequest { context: context(), before: MERGE.to_owned(), limit: 20 };
    let mut rows = registry::ListIntakeRowsRequest {
        context: context(),
        intake_id: ORDER.to_owned(),
        after: 16,
        limit: 1,
        ..registry::ListIntakeRowsRequest::default()
    };
    rows.set_outcome(registry::IntakeOutcome::Refused);
    let number = registry::FindFormerNumberRequest {
        context: context(),
        number: "A-1997/00017".to_owned(),
        source: "pobyt-v1".to_owned(),
    };
    let records = registry::ListFormerRecordsRequest { context: context(), person_id: PERSON.to_owned() };
    let source = registry::ReconcileSourceRequest { context: context(), source: "pobyt-v1".to_owned() };
    let search = json!({"number": "A-1997/00017", "source": "pobyt-v1"});
    vec![
        proposal(),
        Request::new("GET", &at(&format!("?before={MERGE}&limit=20")), READERS, Value::Null)
            .asks("list_intakes", &listed)
            .answers(200, json!({ "intakes": [told_summary()] })),
        Request::new("GET", &at(&format!("/{ORDER}")), READERS, Value::Null)
            .asks("get_intake", &registry::GetIntakeRequest { context: context(), intake_id: ORDER.to_owned() })
            .answers(200, shown),
        Request::new("GET", &at(&format!("/{ORDER}/rows?outcome=refused&after=16&limit=1")), READERS, Value::Null)
            .asks("list_intake_rows", &rows)
            .answers(200, json!({ "rows": [told_row] })),
        decision("start", ISSUERS, registry::IntakeDecision::Start, "running"),
        decision("giving-up", STOREKEEPERS, registry::IntakeDecision::GiveUp, "given_up"),
        Request::new("POST", "/v1/registry/former-numbers", READERS, search)
            .asks("find_former_number", &number)
            .answers(200, json!({"found": [{"source": "pobyt-v1", "kind": "persons", "id": PERSON}]})),
        Request::new("GET", &format!("/v1/registry/persons/{PERSON}/former-records"), READERS, Value::Null)
            .asks("list_former_records", &records)
            .answers(200, json!({ "records": [told_record] })),
        Request::new("GET", "/v1/registry/sources/pobyt-v1/reconciliation", ISSUERS, Value::Null)
            .asks("reconcile_source", &source)
            .answers(200, reconciled),
    ]
}
