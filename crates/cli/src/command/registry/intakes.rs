//! `straznica registry intakes`.

use std::fmt::Write as _;
use std::path::Path;

use futures::stream;
use straznica_contracts::registry::v1::propose_intake_request::Part;
use straznica_contracts::registry::v1::{
    DecideIntakeRequest, DecideIntakeResponse, FindFormerNumberRequest, FindFormerNumberResponse, FormerRecord,
    GetIntakeRequest, GetIntakeResponse, IntakeCounts, IntakeDecision, IntakeEncoding, IntakeFormat, IntakeHeader,
    IntakeKind, IntakeOutcome, IntakeState, IntakeSummary, ListFormerRecordsRequest, ListFormerRecordsResponse,
    ListIntakeRowsRequest, ListIntakeRowsResponse, ListIntakesRequest, ListIntakesResponse, ProposeIntakeRequest,
    ProposeIntakeResponse, ReconcileSourceRequest, ReconcileSourceResponse, ReconciledKind,
};

use super::RegistryError;
use super::desk::Desk;
use super::find::first_line;
use super::persons::word;
use super::spoc::when;
use super::table::Table;
use crate::arguments::{FileEncoding, FileFormat, FileKind, Intakes, RegistryDesk, RowOutcome};
use crate::command::{Outcome, files};

/// Largest file registry takes.
const LARGEST: u64 = 64 << 20;
/// Of a file, in one message.
const CHUNK: usize = 1 << 20;

/// Runs the command.
pub(super) async fn run(command: Intakes) -> Result<Outcome, RegistryError> {
    match command {
        Intakes::Propose { file, source, kind, mapping, format, encoding, dry_run, desk } => {
            let header = IntakeHeader {
                context: None,
                source,
                kind: kind.map_or(0, |kind| IntakeKind::from(kind).into()),
                mapping,
                format: IntakeFormat::from(format).into(),
                encoding: IntakeEncoding::from(encoding).into(),
                dry_run,
            };
            propose(&file, header, desk).await?;
        }
        Intakes::List { before, limit, desk } => {
            let desk = Desk::open(desk)?;
            let request = ListIntakesRequest { context: desk.context(), before, limit };
            desk.print(&desk.intakes().list_intakes(request).await?.into_inner(), listed)?;
        }
        Intakes::Show { id, desk } => {
            let desk = Desk::open(desk)?;
            let request = GetIntakeRequest { context: desk.context(), intake_id: id };
            desk.print(&desk.intakes().get_intake(request).await?.into_inner(), shown)?;
        }
        Intakes::Rows { id, outcome, after, limit, desk } => {
            let desk = Desk::open(desk)?;
            let outcome = outcome.map_or(0, |outcome| IntakeOutcome::from(outcome).into());
            let request = ListIntakeRowsRequest { context: desk.context(), intake_id: id, outcome, after, limit };
            let answer = desk.intakes().list_intake_rows(request).await?.into_inner();
            desk.print(&answer, |answer| rows(answer, limit))?;
        }
        Intakes::Start { id, desk } => decide(id, IntakeDecision::Start, desk).await?,
        Intakes::GiveUp { id, desk } => decide(id, IntakeDecision::GiveUp, desk).await?,
        Intakes::Number { source, desk } => {
            let desk = Desk::open(desk)?;
            let request = FindFormerNumberRequest { context: desk.context(), number: first_line()?, source };
            desk.print(&desk.intakes().find_former_number(request).await?.into_inner(), numbers)?;
        }
        Intakes::Records { person, desk } => {
            let desk = Desk::open(desk)?;
            let request = ListFormerRecordsRequest { context: desk.context(), person_id: person };
            desk.print(&desk.intakes().list_former_records(request).await?.into_inner(), records)?;
        }
        Intakes::Reconcile { source, desk } => {
            let desk = Desk::open_for_files(desk)?;
            let request = ReconcileSourceRequest { context: desk.context(), source };
            let answer = desk.intakes().reconcile_source(request).await?.into_inner();
            desk.print(&answer, reconciled)?;
            return Ok(if answer.adds_up { Outcome::Yes } else { Outcome::No });
        }
    }
    Ok(Outcome::Yes)
}

async fn propose(file: &Path, header: IntakeHeader, desk: RegistryDesk) -> Result<(), RegistryError> {
    let bytes = files::read_up_to(file, LARGEST)?;
    let desk = Desk::open_for_files(desk)?;
    let header = Part::Header(IntakeHeader { context: desk.context(), ..header });
    let parts: Vec<_> = bytes.chunks(CHUNK).map(|chunk| Part::Bytes(chunk.to_vec())).collect();
    let messages = [header].into_iter().chain(parts).map(|part| ProposeIntakeRequest { part: Some(part) });
    let answer = desk.intakes().propose_intake(stream::iter(messages)).await?.into_inner();
    desk.print(&answer, proposed)
}

async fn decide(id: String, decision: IntakeDecision, desk: RegistryDesk) -> Result<(), RegistryError> {
    let desk = Desk::open(desk)?;
    let request = DecideIntakeRequest { context: desk.context(), intake_id: id, decision: decision.into() };
    desk.print(&desk.intakes().decide_intake(request).await?.into_inner(), decided)
}

impl From<FileKind> for IntakeKind {
    fn from(kind: FileKind) -> Self {
        match kind {
            FileKind::Persons => Self::Persons,
            FileKind::Facts => Self::Facts,
            FileKind::Cases => Self::Cases,
            FileKind::Consultations => Self::Consultations,
        }
    }
}

impl From<FileFormat> for IntakeFormat {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Csv => Self::Csv,
            FileFormat::JsonLines => Self::JsonLines,
        }
    }
}

impl From<FileEncoding> for IntakeEncoding {
    fn from(encoding: FileEncoding) -> Self {
        match encoding {
            FileEncoding::Utf8 => Self::Utf8,
            FileEncoding::Windows1250 => Self::Windows1250,
        }
    }
}

impl From<RowOutcome> for IntakeOutcome {
    fn from(outcome: RowOutcome) -> Self {
        match outcome {
            RowOutcome::Waiting => Self::Waiting,
            RowOutcome::Accepted => Self::Accepted,
            RowOutcome::Unchanged => Self::Unchanged,
            RowOutcome::Refused => Self::Refused,
        }
    }
}

fn counted(counts: Option<&IntakeCounts>) -> String {
    let IntakeCounts { rows, waiting, accepted, unchanged, refused } = counts.copied().unwrap_or_default();
    format!("{rows} rows: {accepted} accepted, {unchanged} unchanged, {refused} refused, {waiting} waiting")
}

fn proposed(answer: &ProposeIntakeResponse) -> String {
    let ProposeIntakeResponse { intake_id, counts } = answer;
    let mut told = format!("{intake_id}\n{}\n", counted(counts.as_ref()));
    if counts.is_some_and(|counts| counts.refused > 0) {
        // Writing to a text does not fail.
        let _ = writeln!(told, "What is wrong: straznica registry intakes rows {intake_id} --outcome refused");
    }
    told + &format!("Another officer who has looked at it types\n\n  straznica registry intakes start {intake_id}")
}

fn decided(answer: &DecideIntakeResponse) -> String {
    match answer.state() {
        IntakeState::Running => "its rows are taken in, one by one".to_owned(),
        IntakeState::GivenUp => "given up: what was taken in stays".to_owned(),
        state => word(state.as_str_name(), "INTAKE_STATE_"),
    }
}

fn listed(answer: &ListIntakesResponse) -> String {
    let rows = answer.intakes.iter().map(|intake: &IntakeSummary| {
        let state = word(intake.state().as_str_name(), "INTAKE_STATE_");
        let state = if intake.dry_run { format!("{state} (dry run)") } else { state };
        [
            when::minute(intake.proposed_at_ms),
            intake.source.clone(),
            word(intake.kind().as_str_name(), "INTAKE_KIND_"),
            state,
            intake.proposed_by.clone(),
            intake.decided_by.clone(),
            intake.intake_id.clone(),
        ]
    });
    Table::new(["PROPOSED", "SOURCE", "ROWS", "STATE", "BY", "DECIDED BY", "ID"], rows).or("no file was proposed")
}

fn shown(answer: &GetIntakeResponse) -> String {
    let state = word(answer.state().as_str_name(), "INTAKE_STATE_");
    let kind = word(answer.kind().as_str_name(), "INTAKE_KIND_");
    let dry_run = if answer.dry_run { ", a dry run" } else { "" };
    let mut told = format!("{state}{dry_run}: {kind} of {}\n{}\n", answer.source, counted(answer.counts.as_ref()));
    let _ = writeln!(told, "proposed by {} at {}", answer.proposed_by, when::minute(answer.proposed_at_ms));
    if !answer.decided_by.is_empty() {
        let _ = writeln!(told, "decided by {}", answer.decided_by);
    }
    if let Some(at) = answer.finished_at_ms {
        let _ = writeln!(told, "finished at {}", when::minute(at));
    }
    let _ = writeln!(told, "file SHA-256 {}", answer.file_sha256);
    if !answer.mapping.is_empty() {
        let _ = writeln!(told, "mapping {}, SHA-256 {}", answer.mapping, answer.mapping_sha256);
    }
    told
}

fn rows(answer: &ListIntakeRowsResponse, limit: u32) -> String {
    let table = answer.rows.iter().map(|row| {
        let outcome = word(row.outcome().as_str_name(), "INTAKE_OUTCOME_");
        let meaning = if row.changed { "means something else now" } else { "" };
        let says = [row.column.as_str(), row.says.as_str(), meaning].map(str::to_owned);
        let says = says.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
        [row.line.to_string(), outcome, row.code.clone(), says, row.taken_into.clone()]
    });
    let told = Table::new(["LINE", "OUTCOME", "REASON", "", "TAKEN INTO"], table).or("no such rows");
    let more = u32::try_from(answer.rows.len()).is_ok_and(|rows| rows == limit);
    match answer.rows.last() {
        Some(last) if more => format!("{told}more: --after {}", last.number),
        _ => told,
    }
}

fn numbers(answer: &FindFormerNumberResponse) -> String {
    let rows = answer
        .found
        .iter()
        .map(|found| [found.source.clone(), word(found.kind().as_str_name(), "INTAKE_KIND_"), found.id.clone()]);
    Table::new(["SOURCE", "OF", "ID"], rows).or("no source had this number")
}

fn records(answer: &ListFormerRecordsResponse) -> String {
    let rows = answer.records.iter().map(|record: &FormerRecord| {
        [
            record.number.clone(),
            record.r#type.clone(),
            record.opened_on.clone(),
            record.closed_on.clone(),
            record.outcome.clone(),
            record.authority.clone(),
            record.source.clone(),
        ]
    });
    Table::new(["NUMBER", "TYPE", "OPENED", "CLOSED", "OUTCOME", "AUTHORITY", "SOURCE"], rows).or("no record")
}

fn reconciled(answer: &ReconcileSourceResponse) -> String {
    if answer.kinds.is_empty() {
        return "nothing of this source was taken in".to_owned();
    }
    let mut told: String = answer.kinds.iter().map(of_kind).collect();
    told += if answer.adds_up { "everything adds up" } else { "IT DOES NOT ADD UP" };
    told
}

fn of_kind(kind: &ReconciledKind) -> String {
    let name = word(kind.kind().as_str_name(), "INTAKE_KIND_");
    let digests = if kind.file_sha256 == kind.register_sha256 { "say the same" } else { "DIFFER" };
    let mut told = format!("{name}: {}\n", counted(kind.counts.as_ref()));
    let _ = writeln!(told, "  in the register {}, of them {} by other files", kind.held, kind.of_other_files);
    let _ = writeln!(told, "  {} mean something else now; file and register {digests}", kind.changed);
    for reason in &kind.refused {
        let _ = writeln!(told, "  refused {}: {} {}", reason.rows, reason.code, reason.column);
    }
    for year in kind.years.iter().filter(|year| year.in_file != year.held) {
        let _ = writeln!(told, "  {} {}: {} in the file, {} here", year.year, year.r#type, year.in_file, year.held);
    }
    told
}

#[cfg(test)]
mod tests {
    use straznica_contracts::registry::v1::{FormerNumber, IntakeRow, ReasonCount, YearSum};

    use super::*;

    const COUNTS: IntakeCounts = IntakeCounts { rows: 5, waiting: 0, accepted: 2, unchanged: 1, refused: 2 };

    #[test]
    fn a_proposal_says_what_is_wrong_and_who_goes_on() {
        let mut answer = ProposeIntakeResponse { intake_id: "i-1".to_owned(), counts: Some(COUNTS) };
        let told = proposed(&answer);
        assert!(
            told.starts_with("i-1\n5 rows: 2 accepted, 1 unchanged, 2 refused, 0 waiting\nWhat is wrong:"),
            "{told}"
        );
        assert!(told.ends_with("\n\n  straznica registry intakes start i-1"), "{told}");
        answer.counts = Some(IntakeCounts { refused: 0, ..COUNTS });
        assert!(!proposed(&answer).contains("What is wrong"));
    }

    #[test]
    fn rows_say_why_and_where_to_read_on() {
        let row = |number| IntakeRow {
            number,
            line: number + 1,
            outcome: IntakeOutcome::Refused.into(),
            code: "impossible_date".to_owned(),
            column: "birth_date".to_owned(),
            says: "no calendar has this day".to_owned(),
            ..IntakeRow::default()
        };
        let answer = ListIntakeRowsResponse { rows: vec![row(1), row(2)] };
        let told = rows(&answer, 2);
        assert_eq!(
            told.lines().nth(1).unwrap(),
            "2     refused  impossible_date  birth_date: no calendar has this day"
        );
        assert!(told.ends_with("more: --after 2"), "{told}");
        assert!(!rows(&answer, 3).contains("more"));
        assert_eq!(rows(&ListIntakeRowsResponse::default(), 3), "no such rows");
    }

    #[test]
    fn both_sides_say_where_they_differ() {
        let mut kind = ReconciledKind {
            counts: Some(COUNTS),
            refused: vec![ReasonCount { code: "unknown_code".to_owned(), column: "sex".to_owned(), rows: 2 }],
            years: vec![
                YearSum { year: 2001, r#type: "azyl".to_owned(), in_file: 4, held: 4 },
                YearSum { year: 2002, r#type: "azyl".to_owned(), in_file: 4, held: 3 },
            ],
            ..ReconciledKind::default()
        };
        kind.set_kind(IntakeKind::Cases);
        let told = reconciled(&ReconcileSourceResponse { kinds: vec![kind], adds_up: false });
        assert!(told.starts_with("cases: 5 rows: 2 accepted"), "{told}");
        assert!(
            told.contains("refused 2: unknown_code sex") && told.contains("2002 azyl: 4 in the file, 3 here"),
            "{told}"
        );
        assert!(!told.contains("2001") && told.ends_with("IT DOES NOT ADD UP"), "{told}");
        assert_eq!(reconciled(&ReconcileSourceResponse::default()), "nothing of this source was taken in");
    }

    #[test]
    fn what_was_brought_over_is_told_a_line_each() {
        let mut found = FormerNumber { source: "pobyt-v1".to_owned(), id: "p-1".to_owned(), ..FormerNumber::default() };
        found.set_kind(IntakeKind::Persons);
        let told = numbers(&FindFormerNumberResponse { found: vec![found] });
        assert_eq!(told.lines().nth(1).unwrap(), "pobyt-v1  persons  p-1");
        let record = FormerRecord { number: "DL-1".to_owned(), r#type: "azyl".to_owned(), ..FormerRecord::default() };
        assert!(records(&ListFormerRecordsResponse { records: vec![record] }).contains("\nDL-1    azyl"));
        let mut intake = IntakeSummary { source: "pobyt-v1".to_owned(), dry_run: true, ..IntakeSummary::default() };
        intake.set_state(IntakeState::Proposed);
        assert!(listed(&ListIntakesResponse { intakes: vec![intake] }).contains("proposed (dry run)"));
    }
}
