//! Files that come into the register, and their rows.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::words;
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
