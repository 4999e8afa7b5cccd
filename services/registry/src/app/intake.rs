//! Files: proposed by one officer, started by another, looked at by both.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use sea_orm::prelude::Uuid;
use serde_json::{Value, json};
use straznica_journal::Entry;
use straznica_types::{CivilDate, check_name};

use super::App;
use super::entry::context;
use crate::domain::calendar::warsaw;
use crate::domain::intake::{
    Column, Counts, Encoding, FileProblem, Format, Intake, Kind, Line, Mapping, Outcome, Problem, ProblemCode, Row,
    State, read,
};
use crate::domain::{IntakeId, Mandate, Refusal};
use crate::error::RegistryError;
use crate::store::{
    KeptRow, count_rows, find_intake, forget_waiting, insert_intake, list_intakes, list_rows, update_intake,
};

/// A file as proposed.
#[derive(Debug, Clone)]
pub(crate) struct ProposedFile {
    /// Empty where there is a mapping.
    pub(crate) source: String,
    /// `None` where there is a mapping.
    pub(crate) kind: Option<Kind>,
    /// Empty: our own columns.
    pub(crate) mapping: String,
    pub(crate) format: Format,
    pub(crate) encoding: Encoding,
    pub(crate) dry_run: bool,
    pub(crate) bytes: Vec<u8>,
}

/// What a file says.
struct ReadFile {
    sha256: String,
    /// Each with the line it begins on.
    lines: Vec<(u64, Result<Row, Problem>)>,
}

impl ReadFile {
    fn of(file: &ProposedFile, mapping: &Mapping, today: CivilDate) -> Result<Self, FileProblem> {
        let table = read(&file.bytes, file.format, file.encoding)?;
        mapping.check_columns(&table.columns)?;
        let mut seen = BTreeSet::new();
        let mut row = |line: Line| {
            let row = Row::read(mapping, &line.cells?, today)?;
            if seen.insert(row.id.clone()) {
                Ok(row)
            } else {
                Err(Problem::at(ProblemCode::RepeatedRow, Column::RowId))
            }
        };
        let lines = table.lines.into_iter().map(|line| (line.number, row(line))).collect();
        let sha256 = digest(&SHA256, &file.bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { sha256, lines })
    }
}

/// An intake as shown.
pub(crate) struct ShownIntake {
    pub(crate) intake: Intake,
    pub(crate) counts: Counts,
}

impl App {
    /// Looks at every row of a file and keeps it until somebody else starts it.
    pub(crate) async fn propose_intake(
        &self,
        mandate: &Mandate,
        file: ProposedFile,
    ) -> Result<ShownIntake, RegistryError> {
        let now = self.clock.now();
        let mapping = self.mapping_of(&file)?;
        let (id, dry_run) = (IntakeId::generate_at(now), file.dry_run);
        // A large file takes seconds: others are answered meanwhile.
        let reading = tokio::task::spawn_blocking({
            let (mapping, today) = (mapping.clone(), warsaw::date(now));
            move || ReadFile::of(&file, &mapping, today)
        });
        let ReadFile { sha256, lines } = reading.await??;
        let kept = (1..).zip(lines).map(|(number, (line, row))| self.kept_row(id, (number, line), row));
        let rows = kept.collect::<Result<Vec<_>, _>>()?;
        let intake = Intake {
            id,
            source: mapping.source.clone(),
            kind: mapping.kind,
            mapping: mapping.id.clone(),
            mapping_digest: mapping.digest.clone(),
            file_digest: sha256,
            dry_run,
            state: State::Proposed,
            purpose: mandate.caller.purpose.clone(),
            case_number: mandate.caller.case_number.clone(),
            proposed_by: mandate.officer.clone(),
            proposed_at: now,
            decided_by: None,
            finished_at: None,
        };
        let (kept, rows) = (&intake, &rows);
        self.store
            .write_tx(async move |tx| {
                insert_intake(tx, kept, rows).await?;
                let detail = json!({ "rows": rows.len(), "file": kept.file_digest, "mapping": kept.mapping_digest });
                self.journal.record(tx, of_intake("intake.proposed", mandate, kept, detail)).await?;
                Ok::<_, RegistryError>(())
            })
            .await?;
        let mut counts = Counts::default();
        rows.iter().for_each(|row| counts.add(row.outcome, 1));
        Ok(ShownIntake { intake, counts })
    }

    fn mapping_of(&self, file: &ProposedFile) -> Result<Mapping, Refusal> {
        if !file.mapping.is_empty() {
            if !file.source.is_empty() || file.kind.is_some() {
                let expected = "nothing where there is a mapping, which says it";
                return Err(Refusal::Invalid { member: "/header/source", expected });
            }
            let expected = "a mapping of this node";
            let found = self.mappings.get(&file.mapping).cloned();
            return found.ok_or(Refusal::Invalid { member: "/header/mapping", expected });
        }
        let kind = file.kind.ok_or(Refusal::Missing { member: "/header/kind" })?;
        if check_name(&file.source).is_err() {
            let expected = "1 to 64 letters, digits, '.', '_' or '-'";
            return Err(Refusal::Invalid { member: "/header/source", expected });
        }
        Ok(Mapping::own(&file.source, kind))
    }

    fn kept_row(
        &self,
        intake: IntakeId,
        (number, line): (u64, u64),
        row: Result<Row, Problem>,
    ) -> Result<KeptRow, RegistryError> {
        let refused = KeptRow {
            number,
            line,
            row_digest: String::new(),
            said_digest: String::new(),
            sealed: Vec::new(),
            outcome: Outcome::Refused,
            problem: None,
            taken_into: None,
            changed: false,
            record: None,
        };
        let row = match row {
            Ok(row) => row,
            Err(problem) => return Ok(KeptRow { problem: Some(problem), ..refused }),
        };
        let record = row.record.as_ref();
        Ok(KeptRow {
            row_digest: self.row_digest(&row.id),
            said_digest: self.said_digest(&row)?,
            sealed: self.keys.seal_in(intake.uuid(), row_uuid(number), &row)?,
            outcome: Outcome::Waiting,
            changed: row.changed,
            record: record.map(|record| (record.opened_on.year(), record.record_type.clone())),
            ..refused
        })
    }

    /// Starts an intake or gives it up.
    pub(crate) async fn decide_intake(
        &self,
        mandate: &Mandate,
        id: IntakeId,
        start: bool,
    ) -> Result<State, RegistryError> {
        let now = self.clock.now();
        self.store
            .write_tx(async move |tx| {
                let mut intake = find_intake(tx, id).await?.ok_or(Refusal::NoIntake)?;
                let from = intake.state;
                if start {
                    intake.start(&mandate.officer)?;
                } else {
                    intake.give_up(&mandate.officer, now)?;
                    forget_waiting(tx, id).await?;
                }
                if !update_intake(tx, &intake, from, now).await? {
                    return Err(Refusal::Stale.into());
                }
                let kind = if start { "intake.started" } else { "intake.given_up" };
                self.journal.record(tx, of_intake(kind, mandate, &intake, json!({}))).await?;
                Ok::<_, RegistryError>(intake.state)
            })
            .await
    }

    /// Intakes, the newest first: those proposed before one, or all.
    pub(crate) async fn intakes(
        &self,
        mandate: &Mandate,
        before: Option<IntakeId>,
        limit: u64,
    ) -> Result<Vec<Intake>, RegistryError> {
        let intakes = self.store.read_tx(async |tx| list_intakes(tx, before, limit).await).await?;
        let entry = Entry::new("intake.listed", context(mandate)).legal_basis(mandate.legal_basis.clone());
        self.journal.record_read(entry.detail(json!({ "intakes": intakes.len() }))).await?;
        Ok(intakes)
    }

    /// How far an intake has come.
    pub(crate) async fn intake(&self, mandate: &Mandate, id: IntakeId) -> Result<ShownIntake, RegistryError> {
        let shown = self
            .store
            .read_tx(async |tx| {
                let intake = find_intake(tx, id).await?.ok_or(Refusal::NoIntake)?;
                Ok::<_, RegistryError>(ShownIntake { intake, counts: count_rows(tx, id).await? })
            })
            .await?;
        self.journal.record_read(of_intake("intake.read", mandate, &shown.intake, json!({}))).await?;
        Ok(shown)
    }

    /// Rows of an intake with their outcomes.
    pub(crate) async fn intake_rows(
        &self,
        mandate: &Mandate,
        id: IntakeId,
        outcome: Option<Outcome>,
        after: u64,
        limit: u64,
    ) -> Result<Vec<KeptRow>, RegistryError> {
        let (intake, rows) = self
            .store
            .read_tx(async |tx| {
                let intake = find_intake(tx, id).await?.ok_or(Refusal::NoIntake)?;
                Ok::<_, RegistryError>((intake, list_rows(tx, id, outcome, after, limit).await?))
            })
            .await?;
        let detail = json!({ "after": after, "rows": rows.len() });
        self.journal.record_read(of_intake("intake.rows_read", mandate, &intake, detail)).await?;
        Ok(rows)
    }

    /// What a row is known by.
    pub(super) fn row_digest(&self, id: &str) -> String {
        self.journal.pseudonym("intake_row", id).to_string()
    }

    /// What a former number is found by.
    pub(super) fn number_digest(&self, number: &str) -> String {
        if number.is_empty() { String::new() } else { self.journal.pseudonym("former_number", number).to_string() }
    }

    /// Everything a row says.
    pub(super) fn said_digest(&self, row: &Row) -> Result<String, RegistryError> {
        let said = serde_json::to_string(row).map_err(|_| crate::keys::Unopenable)?;
        Ok(self.journal.pseudonym("intake_said", &said).to_string())
    }
}

/// What a row is encrypted to, beside its intake.
pub(super) const fn row_uuid(number: u64) -> Uuid {
    Uuid::from_u128(number as u128)
}

/// An entry about an intake.
pub(super) fn of_intake(kind: &'static str, mandate: &Mandate, intake: &Intake, detail: Value) -> Entry {
    let mut all = json!({ "intake": intake.id.to_string(), "source": intake.source, "kind": intake.kind.as_str() });
    if let (Value::Object(all), Value::Object(detail)) = (&mut all, detail) {
        all.extend(detail);
    }
    Entry::new(kind, context(mandate)).legal_basis(mandate.legal_basis.clone()).detail(all)
}
