//! Cases and what happens in them.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use super::{deadlines::Deadline, decisions::Decision};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Day, Instant, Text, present},
};

/// Opens a case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewCase {
    /// A type of cases of a rule set.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "protection")]
    case_type: Text<64>,
    /// Whom it is about, the applicant first.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 50, example = json!(["0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"]))]
    person_ids: Vec<Text<64>>,
    /// What opens it. Its day decides which law the case falls under.
    event: CaseEvent,
}

impl NewCase {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::OpenCaseRequest {
        contract::OpenCaseRequest {
            context: None,
            case_type: self.case_type.0,
            person_ids: ids(self.person_ids),
            event: Some(self.event.into_contract()),
        }
    }
}

fn ids(named: Vec<Text<64>>) -> Vec<String> {
    named.into_iter().map(|id| id.0).collect()
}

/// Something that happened in a case (zdarzenie).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CaseEvent {
    /// An event of the rule set.
    #[schema(min_length = 1, max_length = 64, example = "application_registered")]
    event: String,
    /// When it happened.
    at: Instant,
    /// The decision it is about, where the rules want one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 64, example = "refugee_status")]
    decision: Option<String>,
    /// Which of several it is about, such as the body consulted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$", example = "border_guard")]
    of: Option<String>,
    /// The day it was posted (data nadania).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    posted_on: Option<Day>,
    /// A day it names: until when something was extended, or somebody has to leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Day>,
}

impl CaseEvent {
    fn into_contract(self) -> contract::CaseEvent {
        let day = |day: Option<Day>| day.map(|day| day.0.to_string()).unwrap_or_default();
        contract::CaseEvent {
            event: self.event,
            at_ms: self.at.0.millis(),
            decision: self.decision.unwrap_or_default(),
            of: self.of.unwrap_or_default(),
            posted_on: day(self.posted_on),
            until: day(self.until),
        }
    }

    fn of(told: contract::CaseEvent) -> Result<Self, GatewayError> {
        let day = |text: String| {
            let incomplete = |_| GatewayError::IncompleteAnswer("a day");
            present(text).map(|text| text.parse().map(Day).map_err(incomplete)).transpose()
        };
        Ok(Self {
            event: told.event,
            at: Instant::at(told.at_ms),
            decision: present(told.decision),
            of: present(told.of),
            posted_on: day(told.posted_on)?,
            until: day(told.until)?,
        })
    }
}

/// Records that something happened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewCaseEvent {
    /// What.
    event: CaseEvent,
    /// Whom it brings into the case, where somebody joins by it.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, max_items = 50, example = json!([]))]
    joining_person_ids: Vec<Text<64>>,
}

impl NewCaseEvent {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::RecordEventRequest {
        contract::RecordEventRequest {
            event: Some(self.event.into_contract()),
            joining_person_ids: ids(self.joining_person_ids),
            ..contract::RecordEventRequest::default()
        }
    }
}

/// A case that was opened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenedCase {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    case_id: String,
    /// As people call it (sygnatura).
    #[schema(example = "protection/2026/000017")]
    number: String,
    /// To be named by the next change; also the ETag.
    #[schema(example = 1)]
    version: u64,
    /// Where it stands.
    #[schema(example = "registered")]
    stage: String,
}

impl From<contract::OpenCaseResponse> for OpenedCase {
    fn from(told: contract::OpenCaseResponse) -> Self {
        Self { case_id: told.case_id, number: told.number, version: told.version, stage: told.stage }
    }
}

impl OpenedCase {
    pub(in crate::rest::registry) fn location(&self) -> String {
        format!("/v1/registry/cases/{}", self.case_id)
    }
}

/// Where a case stands after a change.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MovedCase {
    /// To be named by the next change; also the ETag.
    #[schema(example = 2)]
    pub(in crate::rest::registry) version: u64,
    /// Its stage.
    #[schema(example = "merits")]
    pub(in crate::rest::registry) stage: String,
}

/// Of which moment.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CaseQuery {
    /// As it stood then, as far as is known today; absent: now.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime, example = "2026-05-28T09:14:07Z")]
    pub(in crate::rest::registry) at: Option<Instant>,
}

/// A case.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Case {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    case_id: String,
    /// As people call it (sygnatura).
    #[schema(example = "protection/2026/000017")]
    number: String,
    /// Its type.
    #[schema(example = "protection")]
    case_type: String,
    /// The rule set it falls under.
    #[schema(example = "protection-2015")]
    rule_set: String,
    /// The version that was seen; also the ETag.
    #[schema(example = 2)]
    pub(in crate::rest::registry) version: u64,
    /// Where it stands.
    #[schema(example = "merits")]
    stage: String,
    /// Whom it is about, the applicant first.
    #[schema(example = json!(["0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"]))]
    person_ids: Vec<String>,
    /// What happened, in the order of recording.
    events: Vec<RecordedEvent>,
    /// What is or was due, each with its reason.
    deadlines: Vec<Deadline>,
    /// Decisions, drafts too.
    decisions: Vec<Decision>,
    /// Service identifier of the officer who works on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "udsc-0001")]
    taken_by: Option<String>,
}

impl Case {
    pub(in crate::rest::registry) fn of(told: contract::GetCaseResponse) -> Result<Self, GatewayError> {
        Ok(Self {
            case_id: told.case_id,
            number: told.number,
            case_type: told.case_type,
            rule_set: told.rule_set,
            version: told.version,
            stage: told.stage,
            person_ids: told.person_ids,
            events: told.events.into_iter().map(RecordedEvent::of).collect::<Result<_, _>>()?,
            deadlines: told.deadlines.into_iter().map(Deadline::of).collect::<Result<_, _>>()?,
            decisions: told.decisions.into_iter().map(Decision::of).collect::<Result<_, _>>()?,
            taken_by: present(told.taken_by),
        })
    }
}

/// Something that happened, as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordedEvent {
    /// Its number in the case.
    #[schema(example = 1)]
    number: u32,
    /// What happened.
    event: CaseEvent,
    /// When it was recorded.
    recorded_at: Instant,
    /// Service identifier of the officer who recorded it.
    #[schema(example = "sg-0001")]
    recorded_by: String,
}

impl RecordedEvent {
    fn of(told: contract::RecordedEvent) -> Result<Self, GatewayError> {
        Ok(Self {
            number: told.number,
            event: CaseEvent::of(told.event.ok_or(GatewayError::IncompleteAnswer("an event"))?)?,
            recorded_at: Instant::at(told.recorded_at_ms),
            recorded_by: told.recorded_by,
        })
    }
}
