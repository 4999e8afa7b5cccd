//! What a replaced register left behind: its numbers, its records, and how what came of it adds up.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::ToSchema;

use super::{
    facts::Personal,
    intakes::{IntakeCounts, IntakeKind},
};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Text, present},
};

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
