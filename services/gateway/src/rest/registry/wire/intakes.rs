//! Files that come into the register, their rows, and what a replaced register left behind.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{facts::Personal, words};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Base64, Instant, Text, present},
};

words! {
    both
    /// What the rows of a file are.
    IntakeKind, "a kind of file" {
        /// Persons to be registered.
        Persons,
        /// More that is stated of persons brought in before.
        Facts,
        /// Cases as they were kept before.
        Cases,
        /// Consultations as they were kept before.
        Consultations,
    }
}

words! {
    sent
    /// How a file is written.
    IntakeFormat {
        /// RFC 4180 with a header, separated by `,` or `;`.
        Csv,
        /// An object of texts a line.
        JsonLines,
    }
}

/// The encoding of a file: said, never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum IntakeEncoding {
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// Windows-1250, as older Polish registers have it.
    #[serde(rename = "windows-1250")]
    Windows1250,
}

impl IntakeEncoding {
    fn contract(self) -> i32 {
        match self {
            Self::Utf8 => contract::IntakeEncoding::Utf8.into(),
            Self::Windows1250 => contract::IntakeEncoding::Windows1250.into(),
        }
    }
}

words! {
    /// How far an intake has come.
    IntakeState, "an intake's state" {
        /// It waits for another officer.
        Proposed,
        /// Its rows are taken in one by one.
        Running,
        /// Every row has its outcome.
        Done,
        /// What had been taken in by then stays.
        GivenUp,
    }
}

words! {
    both
    /// What became of a row.
    IntakeOutcome, "a row's outcome" {
        /// Nothing yet.
        Waiting,
        /// Taken in; in a dry run: it would be.
        Accepted,
        /// Taken in before, and it says the same.
        Unchanged,
        /// It says why.
        Refused,
    }
}

/// Proposes a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewIntake {
    /// Where the rows come from: 1 to 64 letters, digits, `.`, `_` or `-`. Absent where there is a mapping, which says it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "centre.debak")]
    source: Option<Text<64>>,
    /// What the rows are. Absent where there is a mapping, which says it.
    #[serde(default)]
    kind: Option<IntakeKind>,
    /// A mapping of the node. Absent: the file has our own columns.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "pobyt-v1-persons")]
    mapping: Option<Text<64>>,
    /// How it is written.
    format: IntakeFormat,
    /// Its encoding.
    encoding: IntakeEncoding,
    /// Only find out what would happen.
    #[serde(default)]
    #[schema(default = false, example = false)]
    dry_run: bool,
    /// The file, up to 100,000 rows.
    file: Base64,
}

impl NewIntake {
    /// The header, and the file behind it.
    pub(in crate::rest::registry) fn into_contract(self) -> (contract::IntakeHeader, Vec<u8>) {
        let text = |text: Option<Text<64>>| text.map(|text| text.0).unwrap_or_default();
        let header = contract::IntakeHeader {
            context: None,
            source: text(self.source),
            kind: self.kind.map(IntakeKind::contract).unwrap_or_default(),
            mapping: text(self.mapping),
            format: self.format.contract(),
            encoding: self.encoding.contract(),
            dry_run: self.dry_run,
        };
        (header, self.file.0)
    }
}

/// Rows by outcome; they add up to all.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IntakeCounts {
    /// All.
    #[schema(example = 214)]
    rows: u64,
    /// Without an outcome yet.
    #[schema(example = 0)]
    waiting: u64,
    /// Taken in; in a dry run: they would be.
    #[schema(example = 209)]
    accepted: u64,
    /// Taken in before, saying the same.
    #[schema(example = 2)]
    unchanged: u64,
    /// Each says why.
    #[schema(example = 3)]
    refused: u64,
}

impl IntakeCounts {
    pub(in crate::rest::registry) fn of(told: Option<contract::IntakeCounts>) -> Result<Self, GatewayError> {
        let contract::IntakeCounts { rows, waiting, accepted, unchanged, refused } =
            told.ok_or(GatewayError::IncompleteAnswer("counts of rows"))?;
        Ok(Self { rows, waiting, accepted, unchanged, refused })
    }
}

/// A file that was proposed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProposedIntake {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c63")]
    pub(in crate::rest::registry) intake_id: String,
    /// What could be said of its rows without taking any in.
    pub(in crate::rest::registry) counts: IntakeCounts,
}

/// What an intake now is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DecidedIntake {
    /// How far it has come.
    state: IntakeState,
}

impl DecidedIntake {
    pub(in crate::rest::registry) fn of(told: &contract::DecideIntakeResponse) -> Result<Self, GatewayError> {
        Ok(Self { state: IntakeState::of(told.state)? })
    }
}

/// Which intakes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct IntakesQuery {
    /// Only those proposed before this one.
    #[serde(default)]
    #[param(example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c63")]
    pub(in crate::rest::registry) before: Option<Uuid>,
    /// At most so many.
    #[serde(default = "list")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50, example = 50)]
    pub(in crate::rest::registry) limit: u32,
}

const fn list() -> u32 {
    50
}

/// Intakes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Intakes {
    /// The newest first.
    intakes: Vec<IntakeSummary>,
}

impl Intakes {
    pub(in crate::rest::registry) fn of(told: contract::ListIntakesResponse) -> Result<Self, GatewayError> {
        Ok(Self { intakes: told.intakes.into_iter().map(IntakeSummary::of).collect::<Result<_, _>>()? })
    }
}

/// An intake, without its rows being counted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IntakeSummary {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c63")]
    intake_id: String,
    /// Where the rows come from.
    #[schema(example = "centre.debak")]
    source: String,
    /// What they are.
    kind: IntakeKind,
    /// The mapping that explains its columns. Absent: our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "pobyt-v1-persons")]
    mapping: Option<String>,
    /// It only finds out what would happen.
    #[schema(example = false)]
    dry_run: bool,
    /// How far it has come.
    state: IntakeState,
    /// Service identifier of who proposed it.
    #[schema(example = "udsc-0001")]
    proposed_by: String,
    /// When.
    proposed_at: Instant,
    /// Service identifier of who started it or gave it up. Absent: nobody yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "udsc-0002")]
    decided_by: Option<String>,
    /// When the last row had its outcome, or it was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Instant>,
}

impl IntakeSummary {
    fn of(told: contract::IntakeSummary) -> Result<Self, GatewayError> {
        Ok(Self {
            intake_id: told.intake_id,
            source: told.source,
            kind: IntakeKind::of(told.kind)?,
            mapping: present(told.mapping),
            dry_run: told.dry_run,
            state: IntakeState::of(told.state)?,
            proposed_by: told.proposed_by,
            proposed_at: Instant::at(told.proposed_at_ms),
            decided_by: present(told.decided_by),
            finished_at: told.finished_at_ms.map(Instant::at),
        })
    }
}

/// An intake.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Intake {
    /// What the list says of it.
    #[serde(flatten)]
    summary: IntakeSummary,
    /// SHA-256 of the mapping's file. Absent: our own columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    mapping_sha256: Option<String>,
    /// SHA-256 of the file.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    file_sha256: String,
    /// Its rows.
    counts: IntakeCounts,
}

impl Intake {
    pub(in crate::rest::registry) fn of(told: contract::GetIntakeResponse) -> Result<Self, GatewayError> {
        Ok(Self {
            mapping_sha256: present(told.mapping_sha256),
            file_sha256: told.file_sha256,
            counts: IntakeCounts::of(told.counts)?,
            summary: IntakeSummary::of(contract::IntakeSummary {
                intake_id: told.intake_id,
                source: told.source,
                kind: told.kind,
                mapping: told.mapping,
                dry_run: told.dry_run,
                state: told.state,
                proposed_by: told.proposed_by,
                proposed_at_ms: told.proposed_at_ms,
                decided_by: told.decided_by,
                finished_at_ms: told.finished_at_ms,
            })?,
        })
    }
}

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct IntakeRowsQuery {
    /// Only those with this outcome.
    #[serde(default)]
    #[param(inline)]
    outcome: Option<IntakeOutcome>,
    /// Rows after this number: the last of the page before.
    #[serde(default)]
    #[param(value_type = Option<u64>, maximum = 9_007_199_254_740_991_u64, default = 0, example = 0)]
    pub(in crate::rest::registry) after: u64,
    /// At most so many.
    #[serde(default = "page")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100, example = 100)]
    pub(in crate::rest::registry) limit: u32,
}

const fn page() -> u32 {
    100
}

impl IntakeRowsQuery {
    pub(in crate::rest::registry) fn outcome(&self) -> i32 {
        self.outcome.map(IntakeOutcome::contract).unwrap_or_default()
    }
}

/// Rows of an intake.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IntakeRows {
    /// In the order of the file.
    rows: Vec<IntakeRow>,
}

impl IntakeRows {
    pub(in crate::rest::registry) fn of(told: contract::ListIntakeRowsResponse) -> Result<Self, GatewayError> {
        Ok(Self { rows: told.rows.into_iter().map(IntakeRow::of).collect::<Result<_, _>>()? })
    }
}

/// A row.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct IntakeRow {
    /// From 1, in the order of the file.
    #[schema(example = 17)]
    number: u64,
    /// The line of the file it begins on.
    #[schema(example = 18)]
    line: u64,
    /// What became of it.
    outcome: IntakeOutcome,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "impossible_date")]
    code: Option<String>,
    /// In which of our columns. Absent: in the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "birth_date")]
    column: Option<String>,
    /// In a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "no calendar has this day")]
    says: Option<String>,
    /// The person, or the record, it was taken into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    taken_into: Option<String>,
    /// Something in it means something else than it meant in the source.
    #[schema(example = false)]
    changed: bool,
}

impl IntakeRow {
    fn of(told: contract::IntakeRow) -> Result<Self, GatewayError> {
        Ok(Self {
            number: told.number,
            line: told.line,
            outcome: IntakeOutcome::of(told.outcome)?,
            code: present(told.code),
            column: present(told.column),
            says: present(told.says),
            taken_into: present(told.taken_into),
            changed: told.changed,
        })
    }
}

/// Looks for a number of a replaced register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FormerNumberSearch {
    /// As it was written there, up to 128 bytes.
    #[schema(value_type = String, min_length = 1, max_length = 128, example = "A-1997/00017")]
    number: Personal,
    /// Only of this source. Absent: of any.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "pobyt-v1")]
    source: Option<Text<64>>,
}

impl FormerNumberSearch {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::FindFormerNumberRequest {
        contract::FindFormerNumberRequest {
            context: None,
            number: self.number.into_contract(),
            source: self.source.map(|source| source.0).unwrap_or_default(),
        }
    }
}

/// What a number of a replaced register belongs to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FormerNumbers {
    /// Nothing: no source had it.
    found: Vec<FormerNumber>,
}

impl FormerNumbers {
    pub(in crate::rest::registry) fn of(told: contract::FindFormerNumberResponse) -> Result<Self, GatewayError> {
        let one = |told: contract::FormerNumber| {
            Ok(FormerNumber { source: told.source, kind: IntakeKind::of(told.kind)?, id: told.id })
        };
        Ok(Self { found: told.found.into_iter().map(one).collect::<Result<_, GatewayError>>()? })
    }
}

/// One of them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FormerNumber {
    /// Where it comes from.
    #[schema(example = "pobyt-v1")]
    source: String,
    /// What it is there.
    kind: IntakeKind,
    /// The person here; the record, for cases and consultations.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    id: String,
}

/// Cases and consultations of a person as they were kept before.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FormerRecords {
    /// In the words of their source.
    records: Vec<FormerRecord>,
}

impl FormerRecords {
    pub(in crate::rest::registry) fn of(told: contract::ListFormerRecordsResponse) -> Result<Self, GatewayError> {
        Ok(Self { records: told.records.into_iter().map(FormerRecord::of).collect::<Result<_, _>>()? })
    }
}

/// A case or consultation as it was kept before.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FormerRecord {
    /// Its id here.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c64")]
    record_id: String,
    /// Which of both.
    kind: IntakeKind,
    /// Where it comes from.
    #[schema(example = "pobyt-v1")]
    source: String,
    /// Its number there.
    #[schema(example = "DL-401-1177/02")]
    number: String,
    /// Its type there.
    #[serde(rename = "type")]
    #[schema(example = "azyl")]
    record_type: String,
    /// When it was opened.
    #[schema(format = Date, example = "2002-11-04")]
    opened_on: String,
    /// When it was closed. Absent: the source did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2003-06-30")]
    closed_on: Option<String>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "decyzja odmowna")]
    outcome: Option<String>,
    /// Who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Prezes URIC")]
    authority: Option<String>,
    /// When the source recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2003-07-01")]
    recorded_on: Option<String>,
    /// The record of the case a consultation belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c65")]
    case_record_id: Option<String>,
}

impl FormerRecord {
    fn of(told: contract::FormerRecord) -> Result<Self, GatewayError> {
        Ok(Self {
            record_id: told.record_id,
            kind: IntakeKind::of(told.kind)?,
            source: told.source,
            number: told.number,
            record_type: told.r#type,
            opened_on: told.opened_on,
            closed_on: present(told.closed_on),
            outcome: present(told.outcome),
            authority: present(told.authority),
            recorded_on: present(told.recorded_on),
            case_record_id: present(told.case_record_id),
        })
    }
}

/// What a source sent last against what the register holds of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reconciliation {
    /// Everything adds up, of every kind.
    #[schema(example = true)]
    adds_up: bool,
    /// The file of each kind that was taken in last.
    kinds: Vec<ReconciledKind>,
}

impl Reconciliation {
    pub(in crate::rest::registry) fn of(told: contract::ReconcileSourceResponse) -> Result<Self, GatewayError> {
        let kinds = told.kinds.into_iter().map(ReconciledKind::of).collect::<Result<_, _>>()?;
        Ok(Self { adds_up: told.adds_up, kinds })
    }
}

/// A file against the register.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReconciledKind {
    /// What its rows are.
    kind: IntakeKind,
    /// Its intake.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c63")]
    intake_id: String,
    /// Its rows.
    counts: IntakeCounts,
    /// Refused rows by reason.
    refused: Vec<ReasonCount>,
    /// Rows of which something means something else than it meant.
    #[schema(example = 4)]
    changed: u64,
    /// Rows of this source and kind in the register.
    #[schema(example = 211)]
    held: u64,
    /// Of them, those that other files brought.
    #[schema(example = 2)]
    of_other_files: u64,
    /// Digest over what the file says of the rows that are in.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    file_sha256: String,
    /// Digest over what the register says of them today: equal where nothing was lost or added.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    register_sha256: String,
    /// Cases and consultations by year and type.
    years: Vec<YearSum>,
    /// It adds up.
    #[schema(example = true)]
    adds_up: bool,
}

/// Rows refused for one reason.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReasonCount {
    /// The reason.
    #[schema(example = "unknown_code")]
    code: String,
    /// In which of our columns. Absent: in the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "nationality")]
    column: Option<String>,
    /// How many.
    #[schema(example = 3)]
    rows: u64,
}

/// Cases or consultations of a year and type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct YearSum {
    /// The year they were opened in.
    #[schema(example = 2002)]
    year: i32,
    /// Their type, in the words of the source.
    #[serde(rename = "type")]
    #[schema(example = "azyl")]
    record_type: String,
    /// In the file, those refused for what they belong to included.
    #[schema(example = 41)]
    in_file: u64,
    /// Taken in.
    #[schema(example = 40)]
    held: u64,
}

impl ReconciledKind {
    fn of(told: contract::ReconciledKind) -> Result<Self, GatewayError> {
        let reason = |told: contract::ReasonCount| ReasonCount {
            code: told.code,
            column: present(told.column),
            rows: told.rows,
        };
        let year = |told: contract::YearSum| YearSum {
            year: told.year,
            record_type: told.r#type,
            in_file: told.in_file,
            held: told.held,
        };
        Ok(Self {
            kind: IntakeKind::of(told.kind)?,
            intake_id: told.intake_id,
            counts: IntakeCounts::of(told.counts)?,
            refused: told.refused.into_iter().map(reason).collect(),
            changed: told.changed,
            held: told.held,
            of_other_files: told.of_other_files,
            file_sha256: told.file_sha256,
            register_sha256: told.register_sha256,
            years: told.years.into_iter().map(year).collect(),
            adds_up: told.adds_up,
        })
    }
}
