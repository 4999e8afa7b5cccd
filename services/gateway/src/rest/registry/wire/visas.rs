//! Visas, as the register of visas has them.

use std::mem::take;

use serde::Serialize;
use straznica_contracts::registry::v1 as contract;
use utoipa::ToSchema;

use super::{facts::Personal, words};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, present},
};

words! {
    /// How the register answered.
    VisaOutcome, "how the register of visas answered" {
        /// It has these.
        Found,
        /// It has none.
        None,
        /// Never to be read as none: it was not reached, or what came was no answer.
        Unavailable,
        /// It does not answer this question.
        Refused,
        /// This node has no register of visas.
        NotConfigured,
    }
}

/// What was said of the documents of a case's persons.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseVisas {
    /// One for each document asked for, in the order of the case's persons.
    readings: Vec<VisaReading>,
    /// More documents than are asked for at once: so many were left out.
    #[schema(example = 0)]
    left_out: u32,
}

/// What was said of one travel document.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct VisaReading {
    /// Whose it is.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: String,
    /// The statement of the document.
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    statement_id: String,
    /// How it answered.
    outcome: VisaOutcome,
    /// Name of the register; absent where it was not reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "cvr")]
    source: Option<String>,
    /// The time the data are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Instant>,
    /// They are older than this node takes for current.
    #[schema(example = false)]
    stale: bool,
    /// The newest first.
    visas: Vec<Visa>,
}

/// A visa.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Visa {
    /// Its number; absent before it is issued.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "POL00000001")]
    number: Personal,
    /// Number of the application.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "KIJ-2026-000417")]
    application_number: Personal,
    /// `A`, `C` or `D`.
    #[serde(rename = "type")]
    #[schema(example = "D")]
    visa_type: String,
    /// `applied_for`, `issued`, `refused`, `annulled`, `revoked` or `expired`.
    #[schema(example = "issued")]
    state: String,
    /// Whose visa it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "POL")]
    issuing_state: Option<String>,
    /// The office that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Konsulat Generalny RP we Lwowie")]
    office: Option<String>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-02-11")]
    decided_on: Option<String>,
    /// First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-03-01")]
    valid_from: Option<String>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2027-02-28")]
    valid_until: Option<String>,
    /// Days of stay; absent: as long as it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 90)]
    stay_days: Option<u32>,
    /// How often it lets in; absent: any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2)]
    entries: Option<u32>,
    /// What for, in the words of the register of visas.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "work")]
    purpose: Personal,
    /// Why it was refused, annulled or revoked.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "conditions no longer met")]
    grounds: Personal,
    /// The holder as the register of visas has them, to be compared by the official.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "KOWALENKO")]
    holder_surname: Personal,
    /// Given names.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "OLENA")]
    holder_given_names: Personal,
    /// Date of birth.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "1991-08-24")]
    holder_born_on: Personal,
    /// Nationality.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "UKR")]
    nationality: Personal,
}

impl CaseVisas {
    pub(in crate::rest::registry) fn of(told: contract::ReadCaseVisasResponse) -> Result<Self, GatewayError> {
        let readings = told.readings.into_iter().map(VisaReading::of).collect::<Result<_, _>>()?;
        Ok(Self { readings, left_out: told.left_out })
    }
}

impl VisaReading {
    fn of(told: contract::VisaReading) -> Result<Self, GatewayError> {
        Ok(Self {
            person_id: told.person_id,
            statement_id: told.statement_id,
            outcome: VisaOutcome::of(told.outcome)?,
            source: present(told.source),
            as_of: told.as_of_ms.map(Instant::at),
            stale: told.stale,
            visas: told.visas.into_iter().map(Visa::of).collect(),
        })
    }
}

impl Visa {
    fn of(mut told: contract::VisaFacts) -> Self {
        Self {
            number: Personal::out_of(&mut told.number),
            application_number: Personal::out_of(&mut told.application_number),
            visa_type: take(&mut told.r#type),
            state: take(&mut told.state),
            issuing_state: present(take(&mut told.issuing_state)),
            office: present(take(&mut told.office)),
            decided_on: present(take(&mut told.decided_on)),
            valid_from: present(take(&mut told.valid_from)),
            valid_until: present(take(&mut told.valid_until)),
            stay_days: (told.stay_days != 0).then_some(told.stay_days),
            entries: (told.entries != 0).then_some(told.entries),
            purpose: Personal::out_of(&mut told.purpose),
            grounds: Personal::out_of(&mut told.grounds),
            holder_surname: Personal::out_of(&mut told.holder_surname),
            holder_given_names: Personal::out_of(&mut told.holder_given_names),
            holder_born_on: Personal::out_of(&mut told.holder_born_on),
            nationality: Personal::out_of(&mut told.nationality),
        }
    }
}
