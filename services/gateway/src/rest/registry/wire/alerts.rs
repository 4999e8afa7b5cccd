//! Checks against alerts, what they found, and what officers and other states say of that. What is found on somebody prints as `***`.

use std::fmt;

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use super::{
    deadlines::{Bilingual, LegalBasis},
    facts::Personal,
    words,
};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

/// What a check is made for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewAlertCheck {
    /// A case that covers the person; absent: none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    pub(in crate::rest::registry) case_id: Option<Text<64>>,
}

/// How many checks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AlertQuery {
    /// At most so many.
    #[serde(default = "page")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50, example = 50)]
    pub(in crate::rest::registry) limit: u32,
}

const fn page() -> u32 {
    50
}

/// What a check came to, as it stands today.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlertResult {
    /// Not checked. Never "no hit".
    Unavailable,
    /// Checked completely, and nothing is on the person.
    NoHit,
    /// An alert that may be on the person: two officers have to look.
    Possible,
    /// An alert on the person.
    Hit,
}

impl AlertResult {
    /// A value nobody here knows is no result.
    fn of(told: contract::AlertResult) -> Self {
        match told {
            contract::AlertResult::Unavailable | contract::AlertResult::Unspecified => Self::Unavailable,
            contract::AlertResult::NoHit => Self::NoHit,
            contract::AlertResult::Possible => Self::Possible,
            contract::AlertResult::Hit => Self::Hit,
        }
    }
}

words! {
    /// Why something was not checked.
    AlertUnavailability, "why alerts could not be checked" {
        /// This node has no source of alerts.
        NotConfigured,
        /// No answer in time.
        TimedOut,
        /// The source, or its adapter, cannot be reached or failed.
        Unreachable,
        /// The adapter says that SIS cannot be asked.
        SourceDown,
        /// SIS does not answer this question.
        Refused,
        /// What came is no answer.
        Malformed,
        /// A part is missing, or the person was changed or merged while SIS was asked.
        Incomplete,
        /// Older than is taken for current.
        Stale,
    }
}

words! {
    /// What was checked.
    AlertSubject, "what was checked" {
        /// The person, by everything ever stated of them.
        Person,
        /// A document.
        Document,
    }
}

words! {
    /// What an alert that matched counts for.
    AlertStanding, "what an alert counts for" {
        /// The source says it is the person.
        Exact,
        /// It may be: two officers have to look.
        Possible,
        /// Two officers say it is.
        Confirmed,
        /// Two officers say it is not.
        Cleared,
    }
}

words! {
    /// Whether two say the same.
    AlertAgreement, "an agreement" {
        /// They do.
        Same,
        /// As far as both are known; one of them less precisely.
        Compatible,
        /// They do not.
        Different,
        /// Nobody says.
        Unknown,
    }
}

words! {
    both
    /// What an officer says of a possible hit.
    AlertResolutionVerdict, "a verdict on an alert" {
        /// It is the person.
        SamePerson,
        /// It is somebody else.
        NotThePerson,
    }
}

words! {
    /// Where it stands.
    AlertResolutionState, "the state of a resolution" {
        /// One officer says so.
        Proposed,
        /// Another one too.
        Agreed,
        /// Another one does not: it is as if nothing had been said.
        Rejected,
    }
}

words! {
    /// What the state that entered an alert answered.
    IssuingStateAnswer, "an answer of the issuing state" {
        /// Not yet, and there is still time.
        Awaited,
        /// It does not object.
        NoObjection,
        /// It objects: its reasons are weighed in the decision.
        Objection,
        /// The last day is over: it does not object.
        Silence,
        /// It was told; no answer is waited for.
        Told,
    }
}

/// Checks, and what was recorded with the states that entered the alerts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertChecks {
    /// The newest first.
    checks: Vec<AlertCheck>,
    /// In the order they were recorded.
    consultations: Vec<AlertConsultation>,
}

impl AlertChecks {
    pub(in crate::rest::registry) fn of(told: contract::ListAlertChecksResponse) -> Result<Self, GatewayError> {
        Ok(Self {
            checks: told.checks.into_iter().map(AlertCheck::of).collect::<Result<_, _>>()?,
            consultations: told.consultations.into_iter().map(AlertConsultation::of).collect::<Result<_, _>>()?,
        })
    }

    /// Of everybody in a case, one each.
    pub(in crate::rest::registry) fn made(checks: Vec<AlertCheck>) -> Self {
        Self { checks, consultations: Vec::new() }
    }
}

/// A check, as it stands today.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertCheck {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e1")]
    check_id: String,
    /// Whom it is of.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: String,
    /// The case it was made for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    case_id: Option<String>,
    /// What was checked.
    subject: AlertSubject,
    /// The statement of the document that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d78")]
    statement_id: Option<String>,
    /// What it came to; what two officers have resolved since counts.
    result: AlertResult,
    /// Why it was not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    unavailable: Option<AlertUnavailability>,
    /// Who was asked; absent: nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "N.SIS")]
    source: Option<String>,
    /// The time the answer is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Instant>,
    /// When it was made.
    checked_at: Instant,
    /// By whom.
    #[schema(example = "udsc-0001")]
    checked_by: String,
    /// What was found. Of a check that is `unavailable`, what was said all the same.
    findings: Vec<AlertFinding>,
    /// What was found is not kept any more; `result` is that of the day.
    #[schema(example = false)]
    forgotten: bool,
}

impl AlertCheck {
    pub(in crate::rest::registry) fn of(told: contract::AlertCheck) -> Result<Self, GatewayError> {
        Ok(Self {
            result: AlertResult::of(told.result()),
            unavailable: match told.unavailable {
                0 => None,
                why => Some(AlertUnavailability::of(why)?),
            },
            subject: AlertSubject::of(told.subject)?,
            check_id: told.check_id,
            person_id: told.person_id,
            case_id: present(told.case_id),
            statement_id: present(told.statement_id),
            source: present(told.source),
            as_of: told.as_of_ms.map(Instant::at),
            checked_at: Instant::at(told.checked_at_ms),
            checked_by: told.checked_by,
            findings: told.findings.into_iter().map(AlertFinding::of).collect::<Result<_, _>>()?,
            forgotten: told.forgotten,
        })
    }

    /// Of a call that makes one.
    pub(in crate::rest::registry) fn made(told: Option<contract::AlertCheck>) -> Result<Self, GatewayError> {
        Self::of(told.ok_or(GatewayError::IncompleteAnswer("a check"))?)
    }
}

/// An alert that matched: what to do, not the alert's file, which is SIRENE's.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertFinding {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e2")]
    finding_id: String,
    /// What the alert is for.
    #[schema(example = "refusal_of_entry")]
    category: String,
    /// What that is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Bilingual>,
    /// Where the law has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<LegalBasis>,
    /// What is to be done.
    #[schema(example = "refuse_entry")]
    action: String,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    instruction: Option<Bilingual>,
    /// Nobody tells the person that there is an alert.
    #[schema(example = false)]
    discreet: bool,
    /// The state that entered it, ISO 3166-1 alpha-3.
    #[schema(example = "DEU")]
    issuing_state: String,
    /// What it counts for.
    standing: AlertStanding,
    /// How like person and alert are, of a possible match.
    #[serde(skip_serializing_if = "Option::is_none")]
    likeness: Option<AlertLikeness>,
    /// What two officers say of it, or one so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<AlertResolution>,
}

impl fmt::Debug for AlertFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AlertFinding(***)")
    }
}

impl AlertFinding {
    fn of(told: contract::AlertFinding) -> Result<Self, GatewayError> {
        Ok(Self {
            finding_id: told.finding_id,
            category: told.category,
            title: told.title.map(Into::into),
            basis: told.basis.map(LegalBasis::of).transpose()?,
            action: told.action,
            instruction: told.instruction.map(Into::into),
            discreet: told.discreet,
            issuing_state: told.issuing_state,
            standing: AlertStanding::of(told.standing)?,
            likeness: told.likeness.map(AlertLikeness::of).transpose()?,
            resolution: told.resolution.map(AlertResolution::of).transpose()?,
        })
    }
}

/// Why the source may have thought of this person. It explains, and decides nothing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertLikeness {
    /// Of the two names most alike: 0 (two people) to 1 (one name).
    #[schema(minimum = 0, maximum = 1, example = 0.91)]
    name_score: f64,
    /// What that rests on, in words.
    #[schema(value_type = Vec<String>, example = json!(["ivanov = ivanov", "sergei ~ sergey"]))]
    name_reasons: Vec<Personal>,
    /// Of the dates of birth.
    birth: AlertAgreement,
    /// Of the nationalities.
    nationality: AlertAgreement,
    /// Of the sexes.
    sex: AlertAgreement,
}

impl AlertLikeness {
    fn of(mut told: contract::AlertLikeness) -> Result<Self, GatewayError> {
        Ok(Self {
            name_score: told.name_score,
            name_reasons: told.name_reasons.iter_mut().map(Personal::out_of).collect(),
            birth: AlertAgreement::of(told.birth)?,
            nationality: AlertAgreement::of(told.nationality)?,
            sex: AlertAgreement::of(told.sex)?,
        })
    }
}

/// What officers say of a possible hit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertResolution {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e3")]
    resolution_id: String,
    /// What the first one says.
    verdict: AlertResolutionVerdict,
    /// Where it stands.
    state: AlertResolutionState,
    /// What the first one compared.
    #[schema(value_type = String, example = "another place of birth")]
    grounds: Personal,
    /// Who that is.
    #[schema(example = "udsc-0001")]
    proposed_by: String,
    /// When they said it.
    proposed_at: Instant,
    /// The second one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "udsc-0002")]
    decided_by: Option<String>,
    /// When they decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<Instant>,
    /// What the second one compared.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "seen the same")]
    decision_grounds: Personal,
}

impl AlertResolution {
    fn of(mut told: contract::AlertResolution) -> Result<Self, GatewayError> {
        Ok(Self {
            verdict: AlertResolutionVerdict::of(told.verdict)?,
            state: AlertResolutionState::of(told.state)?,
            grounds: Personal::out_of(&mut told.grounds),
            decision_grounds: Personal::out_of(&mut told.decision_grounds),
            proposed_at: Instant::at(told.proposed_at_ms),
            decided_at: told.decided_at_ms.map(Instant::at),
            resolution_id: told.resolution_id,
            proposed_by: told.proposed_by,
            decided_by: present(told.decided_by),
        })
    }
}

/// What was recorded with the state that entered an alert.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertConsultation {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e4")]
    consultation_id: String,
    /// In which case.
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    case_id: String,
    /// About whom.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: String,
    /// Which state, ISO 3166-1 alpha-3.
    #[schema(example = "DEU")]
    issuing_state: String,
    /// `ask`: it has a say; `inform`: it is told.
    #[schema(example = "ask")]
    kind: String,
    /// Where the law has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<LegalBasis>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<Bilingual>,
    /// When it was asked or told.
    asked_at: Instant,
    /// By whom.
    #[schema(example = "udsc-0001")]
    asked_by: String,
    /// The last day to answer; absent where it is only told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-12-03")]
    last_day: Option<String>,
    /// What it answered, or that it has not.
    answer: IssuingStateAnswer,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_at: Option<Instant>,
    /// Who recorded that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "udsc-0001")]
    answered_by: Option<String>,
    /// Its reasons, as far as they may be kept.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "an expulsion order of 2024")]
    note: Personal,
}

impl AlertConsultation {
    fn of(mut told: contract::AlertConsultation) -> Result<Self, GatewayError> {
        Ok(Self {
            answer: IssuingStateAnswer::of(told.answer)?,
            note: Personal::out_of(&mut told.note),
            consultation_id: told.consultation_id,
            case_id: told.case_id,
            person_id: told.person_id,
            issuing_state: told.issuing_state,
            kind: told.kind,
            basis: told.basis.map(LegalBasis::of).transpose()?,
            says: told.says.map(Into::into),
            asked_at: Instant::at(told.asked_at_ms),
            asked_by: told.asked_by,
            last_day: present(told.last_day),
            answered_at: told.answered_at_ms.map(Instant::at),
            answered_by: present(told.answered_by),
        })
    }

    /// Of a call that records one.
    pub(in crate::rest::registry) fn recorded(told: Option<contract::AlertConsultation>) -> Result<Self, GatewayError> {
        Self::of(told.ok_or(GatewayError::IncompleteAnswer("a consultation"))?)
    }
}

/// Possible hits nobody has resolved.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenAlerts {
    /// The oldest first.
    items: Vec<OpenAlert>,
}

impl From<contract::ListOpenAlertsResponse> for OpenAlerts {
    fn from(told: contract::ListOpenAlertsResponse) -> Self {
        let open = |told: contract::OpenAlert| OpenAlert {
            finding_id: told.finding_id,
            check_id: told.check_id,
            person_id: told.person_id,
            case_id: present(told.case_id),
            checked_at: Instant::at(told.checked_at_ms),
            resolution_id: present(told.resolution_id),
            proposed_by: present(told.proposed_by),
        };
        Self { items: told.alerts.into_iter().map(open).collect() }
    }
}

/// A possible hit nobody has resolved: where to look, and no more.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenAlert {
    /// What was found.
    #[schema(format = Uuid, example = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e2")]
    finding_id: String,
    /// By which check.
    #[schema(format = Uuid, example = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e1")]
    check_id: String,
    /// On whom.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: String,
    /// The case it was checked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    case_id: Option<String>,
    /// When.
    checked_at: Instant,
    /// What one officer says already, and another has to decide about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, example = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e3")]
    resolution_id: Option<String>,
    /// Who that officer is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "udsc-0001")]
    proposed_by: Option<String>,
}

/// What an officer says of a possible hit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewAlertResolution {
    /// Whether it is the person.
    verdict: AlertResolutionVerdict,
    /// What they compared.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "another place of birth")]
    grounds: Personal,
}

impl NewAlertResolution {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::ProposeAlertResolutionRequest {
        contract::ProposeAlertResolutionRequest {
            context: None,
            finding_id: String::new(),
            verdict: self.verdict.contract(),
            grounds: self.grounds.into_contract(),
        }
    }
}

/// Another officer has to decide about it now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProposedAlertResolution {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e3")]
    pub(in crate::rest::registry) resolution_id: String,
}

/// What the second officer says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AlertResolutionDecision {
    /// Whether they say the same as the first.
    #[schema(example = true)]
    agree: bool,
    /// What they compared.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "seen the same")]
    grounds: Personal,
}

impl AlertResolutionDecision {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::DecideAlertResolutionRequest {
        contract::DecideAlertResolutionRequest {
            context: None,
            resolution_id: String::new(),
            agree: self.agree,
            grounds: self.grounds.into_contract(),
        }
    }
}

/// Where the resolution stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DecidedAlertResolution {
    /// `agreed`, or `rejected`: then it is as if nothing had been said.
    state: AlertResolutionState,
}

impl DecidedAlertResolution {
    pub(in crate::rest::registry) fn of(told: &contract::DecideAlertResolutionResponse) -> Result<Self, GatewayError> {
        Ok(Self { state: AlertResolutionState::of(told.state)? })
    }
}

/// That the state that entered an alert was asked, or told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewAlertConsultation {
    /// What was found, on somebody in the case.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e2")]
    pub(in crate::rest::registry) finding_id: Text<64>,
    /// When.
    pub(in crate::rest::registry) asked_at: Instant,
}

/// What it answered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewIssuingStateAnswer {
    /// Whether it objects. Silence needs no record.
    #[schema(example = false)]
    objects: bool,
    /// When.
    answered_at: Instant,
    /// Its reasons, as far as they may be kept.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 500, example = "an expulsion order of 2024")]
    note: Personal,
}

impl NewIssuingStateAnswer {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::RecordAlertConsultationAnswerRequest {
        let answer = if self.objects {
            contract::IssuingStateAnswer::Objection
        } else {
            contract::IssuingStateAnswer::NoObjection
        };
        contract::RecordAlertConsultationAnswerRequest {
            context: None,
            consultation_id: String::new(),
            answer: answer.into(),
            answered_at_ms: self.answered_at.0.millis(),
            note: self.note.into_contract(),
        }
    }
}
