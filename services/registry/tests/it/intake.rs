//! Files that come in: two officers, an outcome a row, nothing twice; an old register brought over, and held against what it sent.

use std::path::Path;
use std::time::Duration;

use straznica_contracts::registry::v1::fact::Fact as Stated;
use straznica_contracts::registry::v1::propose_intake_request::Part;
use straznica_contracts::registry::v1::{
    DecideIntakeRequest, FindFormerNumberRequest, GetIntakeRequest, GetIntakeResponse, IntakeCounts, IntakeDecision,
    IntakeEncoding, IntakeFormat, IntakeHeader, IntakeKind, IntakeOutcome, IntakeRow, IntakeState,
    ListFormerRecordsRequest, ListIntakeRowsRequest, ProposeIntakeRequest, ReconcileSourceRequest,
    ReconcileSourceResponse,
};
use straznica_registry::{Config, Migrations};
use straznica_store::on_both_engines;
use straznica_testkit::old_register::{self, Old};
use tonic::Status;

use crate::house::{House, context, name, refusal, refused_to_start, statement};

const PERSONS: &str = "row_id,surname,given_names,original_surname,birth_date,sex,nationality,document_kind,document_number,document_issuer\n\
    1,Shevchenko,Taras,Шевченко,1990-05-17,M,UKR,passport,FE123456,UKR\n\
    2,Kowalska,Anna,,1990-02-30,F,POL,,,\n\
    3,Ivanov,Ivan,Иванов,1985,M,QQQ,,,\n\
    4,Nguyen,Van,,,M,VNM,,,\n\
    1,Repeated,,,,,UKR,,,\n";

/// Our own columns.
pub(crate) fn own(kind: IntakeKind) -> IntakeHeader {
    IntakeHeader {
        context: Some(context("first")),
        source: "centre.debak".to_owned(),
        kind: kind.into(),
        format: IntakeFormat::Csv.into(),
        encoding: IntakeEncoding::Utf8.into(),
        ..IntakeHeader::default()
    }
}

fn mapped(mapping: &str) -> IntakeHeader {
    IntakeHeader {
        mapping: mapping.to_owned(),
        source: String::new(),
        kind: IntakeKind::Unspecified.into(),
        encoding: IntakeEncoding::Windows1250.into(),
        ..own(IntakeKind::Persons)
    }
}

async fn propose(house: &House, header: IntakeHeader, file: &[u8]) -> Result<(String, IntakeCounts), Status> {
    let mut parts = vec![Part::Header(header)];
    parts.extend(file.chunks(1_000).map(|bytes| Part::Bytes(bytes.to_vec())));
    let messages: Vec<_> = parts.into_iter().map(|part| ProposeIntakeRequest { part: Some(part) }).collect();
    let proposed = house.intakes().propose_intake(tokio_stream::iter(messages)).await?.into_inner();
    Ok((proposed.intake_id, proposed.counts.unwrap()))
}

async fn decide(house: &House, officer: &str, id: &str, decision: IntakeDecision) -> Result<IntakeState, Status> {
    let context = Some(context(officer));
    let request = DecideIntakeRequest { context, intake_id: id.to_owned(), decision: decision.into() };
    Ok(house.intakes().decide_intake(request).await?.into_inner().state())
}

async fn look(house: &House, id: &str) -> GetIntakeResponse {
    let request = GetIntakeRequest { context: Some(context("first")), intake_id: id.to_owned() };
    house.intakes().get_intake(request).await.unwrap().into_inner()
}

async fn rows(house: &House, id: &str, outcome: IntakeOutcome) -> Vec<IntakeRow> {
    let request = ListIntakeRowsRequest {
        context: Some(context("first")),
        intake_id: id.to_owned(),
        outcome: outcome.into(),
        after: 0,
        limit: 1_000,
    };
    house.intakes().list_intake_rows(request).await.unwrap().into_inner().rows
}

/// Waits until every row has its outcome.
async fn done(house: &House, id: &str) -> IntakeCounts {
    for _ in 0..1_200 {
        let intake = look(house, id).await;
        if intake.state() == IntakeState::Done {
            return intake.counts.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the intake does not end: {:?}", look(house, id).await);
}

/// Proposed by one, started by another, done.
pub(crate) async fn take_in(house: &House, header: IntakeHeader, file: &[u8]) -> (String, IntakeCounts) {
    let (id, _) = propose(house, header, file).await.unwrap();
    assert_eq!(decide(house, "second", &id, IntakeDecision::Start).await.unwrap(), IntakeState::Running);
    let counts = done(house, &id).await;
    (id, counts)
}

fn sums(counts: IntakeCounts) -> [u64; 5] {
    [counts.rows, counts.waiting, counts.accepted, counts.unchanged, counts.refused]
}

pub(crate) async fn found(house: &House, number: &str) -> Vec<(i32, String)> {
    let request =
        FindFormerNumberRequest { context: Some(context("first")), number: number.to_owned(), source: String::new() };
    let found = house.intakes().find_former_number(request).await.unwrap().into_inner().found;
    found.into_iter().map(|found| (found.kind, found.id)).collect()
}

async fn reconcile(house: &House, source: &str) -> ReconcileSourceResponse {
    let request = ReconcileSourceRequest { context: Some(context("first")), source: source.to_owned() };
    house.intakes().reconcile_source(request).await.unwrap().into_inner()
}

fn with_mappings(config: &mut Config, folder: &Path) {
    let folder = folder.join("mappings");
    std::fs::create_dir(&folder).unwrap();
    for (name, text) in old_register::MAPPINGS {
        std::fs::write(folder.join(name), text).unwrap();
    }
    config.mappings = Some(folder);
}

on_both_engines! {
    Migrations;

    async fn a_file_is_taken_in_by_two_officers_row_by_row(database: TestDatabase) {
        let house = House::open(database).await;
        let (id, counts) = propose(&house, own(IntakeKind::Persons), PERSONS.as_bytes()).await.unwrap();
        assert_eq!(sums(counts), [5, 2, 0, 0, 3]);
        assert_eq!(house.texts("SELECT CAST(count(*) AS text) FROM person").await, ["0"]);
        assert_eq!(refusal(decide(&house, "first", &id, IntakeDecision::Start).await), "registry.four_eyes");
        decide(&house, "second", &id, IntakeDecision::Start).await.unwrap();
        assert_eq!(sums(done(&house, &id).await), [5, 0, 2, 0, 3]);

        let refused = rows(&house, &id, IntakeOutcome::Refused).await;
        let told: Vec<_> = refused.iter().map(|row| (row.line, row.code.as_str(), row.column.as_str())).collect();
        assert_eq!(
            told,
            [(3, "impossible_date", "birth_date"), (4, "unknown_code", "nationality"), (6, "repeated_row", "row_id")]
        );
        assert_eq!(refused[0].says, "No calendar has this day, or it is not written as days are in this file.");
        let accepted = rows(&house, &id, IntakeOutcome::Accepted).await;
        let person = house.person(&accepted[0].taken_into).await;
        assert_eq!(person.statements.len(), 5);
        assert_eq!((person.statements[0].source.as_str(), person.statements[0].recorded_by.as_str()), ("centre.debak", "second"));
        // What a row said is forgotten when it has its outcome.
        assert_eq!(house.texts("SELECT CAST(sum(length(sealed)) AS text) FROM intake_row").await, ["0"]);
        assert_eq!(refusal(decide(&house, "third", &id, IntakeDecision::GiveUp).await), "registry.not_now");
        let kinds = house.journal_kinds().await;
        for kind in ["intake.proposed", "intake.started", "intake.done", "intake.rows_read", "person.registered"] {
            assert!(kinds.iter().any(|one| one == kind), "{kind}");
        }
        house.close().await;
    }

    async fn the_same_file_twice_changes_nothing_and_a_changed_row_is_told(database: TestDatabase) {
        let house = House::open(database).await;
        take_in(&house, own(IntakeKind::Persons), PERSONS.as_bytes()).await;
        let (_, counts) = take_in(&house, own(IntakeKind::Persons), PERSONS.as_bytes()).await;
        assert_eq!(sums(counts), [5, 0, 0, 2, 3]);
        let changed = PERSONS.replace("Shevchenko", "Szewczenko");
        let (id, counts) = take_in(&house, own(IntakeKind::Persons), changed.as_bytes()).await;
        assert_eq!(sums(counts), [5, 0, 0, 1, 4]);
        let refused = rows(&house, &id, IntakeOutcome::Refused).await;
        assert_eq!((refused[0].code.as_str(), refused[0].taken_into.is_empty()), ("changed", false));
        // Another source has rows of its own.
        let header = IntakeHeader { source: "centre.biala".to_owned(), ..own(IntakeKind::Persons) };
        let (_, counts) = take_in(&house, header, PERSONS.as_bytes()).await;
        assert_eq!(sums(counts), [5, 0, 2, 0, 3]);
        assert_eq!(house.texts("SELECT CAST(count(*) AS text) FROM person").await, ["4"]);
        house.close().await;
    }

    async fn a_dry_run_tells_what_would_happen_and_does_nothing(database: TestDatabase) {
        let house = House::open(database).await;
        let dry = || IntakeHeader { dry_run: true, ..own(IntakeKind::Persons) };
        let (_, counts) = take_in(&house, dry(), PERSONS.as_bytes()).await;
        assert_eq!(sums(counts), [5, 0, 2, 0, 3]);
        assert_eq!(house.texts("SELECT CAST(count(*) AS text) FROM person").await, ["0"]);
        take_in(&house, own(IntakeKind::Persons), PERSONS.as_bytes()).await;
        let (_, counts) = take_in(&house, dry(), PERSONS.as_bytes()).await;
        assert_eq!(sums(counts), [5, 0, 0, 2, 3]);
        house.close().await;
    }

    async fn a_file_given_up_is_forgotten(database: TestDatabase) {
        let house = House::open(database).await;
        let (id, _) = propose(&house, own(IntakeKind::Persons), PERSONS.as_bytes()).await.unwrap();
        decide(&house, "first", &id, IntakeDecision::GiveUp).await.unwrap();
        assert_eq!(refusal(decide(&house, "second", &id, IntakeDecision::Start).await), "registry.not_now");
        assert_eq!(house.texts("SELECT CAST(sum(length(sealed)) AS text) FROM intake_row").await, ["0"]);
        house.close().await;
    }

    async fn a_file_that_is_not_what_it_says_is_refused_whole(database: TestDatabase) {
        let house = House::open(database).await;
        let own = || own(IntakeKind::Persons);
        let windows = IntakeEncoding::Windows1250.into();
        for (header, file, code) in [
            (own(), "row_id,nazwisko\n1,Nowak\n", "registry.unreadable_file"),
            (own(), "row_id,surname\n", "registry.unreadable_file"),
            (IntakeHeader { encoding: windows, ..own() }, PERSONS, "registry.unreadable_file"),
            (IntakeHeader { encoding: 0, ..own() }, PERSONS, "registry.invalid_request"),
            (IntakeHeader { format: 0, ..own() }, PERSONS, "registry.invalid_request"),
            (IntakeHeader { source: "centre Dębak".to_owned(), ..own() }, PERSONS, "registry.invalid_request"),
            (IntakeHeader { mapping: "nobody's".to_owned(), ..own() }, PERSONS, "registry.invalid_request"),
            (IntakeHeader { context: None, ..own() }, PERSONS, "registry.invalid_request"),
        ] {
            assert_eq!(refusal(propose(&house, header, file.as_bytes()).await), code, "{file}");
        }
        house.close().await;
    }

    async fn an_old_register_is_brought_over_and_adds_up(database: TestDatabase) {
        let house = House::open_with(database, with_mappings).await;
        let old = Old::of(25);
        for (mapping, file, expected) in old.files() {
            let (id, counts) = take_in(&house, mapped(mapping), &file).await;
            let wrong: Vec<_> = rows(&house, &id, IntakeOutcome::Refused).await;
            let codes = old_register::by_code(wrong.iter().map(|row| (row.code.as_str(), row.column.as_str())));
            assert_eq!(codes, expected.refused, "{mapping}");
            assert_eq!(sums(counts), [expected.rows, 0, expected.accepted, 0, expected.rows - expected.accepted], "{mapping}");
        }
        let first = reconcile(&house, "pobyt-v1").await;
        assert!(first.adds_up, "{first:#?}");
        assert_eq!(first.kinds.len(), 4);
        let changed: Vec<u64> = first.kinds.iter().map(|kind| kind.changed).collect();
        assert_eq!(changed, [old.changed, 0, 0, 0]);
        let cases = first.kinds.iter().find(|kind| kind.kind() == IntakeKind::Cases).unwrap();
        let held: u64 = cases.years.iter().map(|year| year.held).sum();
        let in_file: u64 = cases.years.iter().map(|year| year.in_file).sum();
        assert_eq!((held, in_file), (cases.held, old.readable_cases));

        // Numbers are kept, and so is history.
        let person = found(&house, &old.person_number).await;
        assert_eq!((person.len(), person[0].0), (1, IntakeKind::Persons as i32));
        let history = house.person_as(context("first"), &person[0].1, None, "2010-06-01").await.unwrap();
        assert!(history.statements.iter().any(|stated| {
            stated.source == "pobyt-v1, recorded there on 2010-01-15"
                && stated.valid_from == "2010-01-01"
                && matches!(&stated.fact.as_ref().unwrap().fact, Some(Stated::Address(_)))
        }));
        let request = ListFormerRecordsRequest { context: Some(context("first")), person_id: person[0].1.clone() };
        let records = house.intakes().list_former_records(request).await.unwrap().into_inner().records;
        assert_eq!((records[0].number.as_str(), records[0].r#type.as_str()), (old.case_number.as_str(), "UCHODZCA"));
        assert_eq!(records[1].case_record_id, records[0].record_id);
        assert_eq!(found(&house, &old.case_number).await[0].1, records[0].record_id);

        // All of it again changes nothing.
        for (mapping, file, expected) in old.files() {
            let (_, counts) = take_in(&house, mapped(mapping), &file).await;
            assert_eq!(sums(counts), [expected.rows, 0, 0, expected.accepted, expected.rows - expected.accepted], "{mapping}");
        }
        let again = reconcile(&house, "pobyt-v1").await;
        assert!(again.adds_up);
        for (first, again) in first.kinds.iter().zip(&again.kinds) {
            assert_eq!((&first.register_sha256, first.held), (&again.register_sha256, again.held));
        }
        house.close().await;
    }

    async fn what_was_changed_behind_the_registers_back_does_not_add_up(database: TestDatabase) {
        let house = House::open_with(database, with_mappings).await;
        let old = Old::of(1);
        for (mapping, file, _) in old.files() {
            take_in(&house, mapped(mapping), &file).await;
        }
        assert!(reconcile(&house, "pobyt-v1").await.adds_up);
        house.execute("DELETE FROM brought_in WHERE kind = 'cases'").await;
        let now = reconcile(&house, "pobyt-v1").await;
        assert!(!now.adds_up);
        let adds: Vec<bool> = now.kinds.iter().map(|kind| kind.adds_up).collect();
        assert_eq!(adds, [true, true, false, true]);
        assert!(!reconcile(&house, "nowhere").await.adds_up);
        house.close().await;
    }

    async fn an_intake_goes_on_where_it_stopped(database: TestDatabase) {
        let house = House::open_with(database, with_mappings).await;
        let old = Old::of(5);
        let (mapping, file, expected) = old.files().into_iter().next().unwrap();
        let (id, _) = propose(&house, mapped(mapping), &file).await.unwrap();
        decide(&house, "second", &id, IntakeDecision::Start).await.unwrap();
        while look(&house, &id).await.counts.unwrap().accepted == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let house = house.restarted().await;
        assert_eq!(sums(done(&house, &id).await), [expected.rows, 0, expected.accepted, 0, expected.rows - expected.accepted]);
        let persons = house.texts("SELECT CAST(count(*) AS text) FROM person").await;
        assert_eq!(persons, [expected.accepted.to_string()]);
        house.close().await;
    }

    async fn what_somebody_registered_by_hand_is_not_touched(database: TestDatabase) {
        let house = House::open(database).await;
        let by_hand = house.register(vec![statement(name("Shevchenko", "Шевченко"))]).await.unwrap();
        take_in(&house, own(IntakeKind::Persons), PERSONS.as_bytes()).await;
        assert_eq!(house.person(&by_hand).await.version, 1);
        house.close().await;
    }
}

#[tokio::test]
async fn a_node_with_a_wrong_mapping_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("old.toml"), "id = \"old\"\n").unwrap();
    let why = refused_to_start(|config| config.mappings = Some(folder.path().to_owned())).await.unwrap();
    assert!(why.contains("old.toml"), "{why}");
}
