//! Consultations as the office sees them.

use std::mem::take;

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    deadlines::Deadline,
    facts::{Personal, Sex},
    words,
};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

words! {
    both
    /// Who consults whom.
    ConsultationFlow, "a flow" {
        /// Another state asks the Head, the Head asks bodies (Visa Code art. 22).
        Incoming,
        /// A consul asks, other states are asked.
        Outgoing,
        /// A consul asks, bodies are asked.
        National,
        /// The same for a national visa.
        NationalVisa,
        /// Opinions of bodies in a protection case.
        ProtectionOpinion,
        /// Opinions of bodies in a residence case.
        ResidenceOpinion,
    }
}

words! {
    both
    /// What somebody who was asked says.
    ConsultationReply, "a reply" {
        /// Nothing is known against it.
        NoObjection,
        /// Something is.
        Objection,
    }
}

words! {
    both
    /// Class of the grounds of an objection: what is known is not said.
    ObjectionGrounds, "grounds" {
        /// Defence, or the security of the state.
        StateSecurity,
        /// Public policy and security.
        PublicOrder,
        /// Public health.
        PublicHealth,
        /// International relations of a state.
        InternationalRelations,
        /// An interest of the Republic of Poland.
        StateInterest,
        /// An alert, or an entry in the list of unwanted aliens.
        Alert,
    }
}

words! {
    /// How a consultation ended.
    ConsultationOutcome, "an outcome" {
        /// It has not.
        Open,
        /// Whoever consulted was told that nobody objects.
        NoObjection,
        /// Nobody answered in time: consent.
        ConsentBySilence,
        /// Whoever consulted was told of an objection.
        Objection,
        /// Of opinions: everybody spoke or kept silent, and nobody objected.
        NothingAgainst,
        /// Of opinions: somebody objected.
        SomethingAgainst,
        /// Nobody wants an answer any more.
        Withdrawn,
    }
}

words! {
    /// Where a question stands.
    QuestionState, "a question's state" {
        /// It waits for a reply.
        Open,
        /// There is one, in time.
        Replied,
        /// Nobody replied in time: consent, or the requirement counts as met.
        Silent,
        /// The consultation ended before.
        Moot,
    }
}

/// Whom a consultation is about: the least that lets somebody be told apart.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ConsultationSubject {
    /// Surname, Latin as in the travel document.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, max_length = 100, example = "IVANOVA")]
    surname: Personal,
    /// Given names, likewise.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, max_length = 100, example = "ANNA")]
    given_names: Personal,
    /// As precisely as it is known: a day, a month or a year.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", example = "1990-05-17")]
    birth_date: Personal,
    /// Sex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sex: Option<Sex>,
    /// Of which state a national (ICAO 9303-3 §5); `XXX`: nobody knows.
    #[schema(value_type = String, pattern = "^[A-Z]{1,3}$", example = "RUS")]
    nationality: Personal,
    /// Number of the travel document.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, max_length = 100, example = "MP1234567")]
    document_number: Personal,
    /// What it is about in a word, such as the type of visa.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, max_length = 100, example = "C")]
    matter: Personal,
}

impl ConsultationSubject {
    /// The message wipes itself, so it is filled and not built.
    fn into_contract(self) -> contract::ConsultationSubject {
        let mut subject = contract::ConsultationSubject::default();
        subject.surname = self.surname.into_contract();
        subject.given_names = self.given_names.into_contract();
        subject.birth_date = self.birth_date.into_contract();
        subject.sex = self.sex.map(Sex::contract).unwrap_or_default();
        subject.nationality = self.nationality.into_contract();
        subject.document_number = self.document_number.into_contract();
        subject.matter = self.matter.into_contract();
        subject
    }

    pub(super) fn of(mut told: contract::ConsultationSubject) -> Result<Self, GatewayError> {
        Ok(Self {
            surname: Personal::out_of(&mut told.surname),
            given_names: Personal::out_of(&mut told.given_names),
            birth_date: Personal::out_of(&mut told.birth_date),
            sex: (told.sex != 0).then(|| Sex::of(told.sex)).transpose()?,
            nationality: Personal::out_of(&mut told.nationality),
            document_number: Personal::out_of(&mut told.document_number),
            matter: Personal::out_of(&mut told.matter),
        })
    }
}

/// Opens a consultation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewConsultation {
    /// Who consults whom.
    flow: ConsultationFlow,
    /// The case that waits for it. Opinions need one.
    #[serde(default)]
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    case_id: Option<Uuid>,
    /// Whom of the register it is about.
    #[serde(default)]
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    person_id: Option<Uuid>,
    /// Whom it is about; absent: as the register knows the person.
    #[serde(default)]
    subject: Option<ConsultationSubject>,
    /// Who wants to know: a state (ISO 3166-1 alpha-3), a consular post. None for opinions.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "FRA")]
    asked_by: Option<Text<64>>,
    /// What they call it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "FRA0000017")]
    reference: Option<Text<64>>,
    /// Who is asked: bodies of this node; of an outgoing consultation states by three letters, never that of the nationality.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 40, example = json!(["abw", "sg"]))]
    asked: Vec<Text<64>>,
    /// The states are asked by letter: for a node that is at no consultation network.
    #[serde(default)]
    #[schema(example = false)]
    on_paper: bool,
}

fn id(id: Option<Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

fn text<const MAX: usize>(text: Option<Text<MAX>>) -> String {
    text.map(|text| text.0).unwrap_or_default()
}

fn texts<const MAX: usize>(texts: Vec<Text<MAX>>) -> Vec<String> {
    texts.into_iter().map(|text| text.0).collect()
}

impl NewConsultation {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::OpenConsultationRequest {
        contract::OpenConsultationRequest {
            context: None,
            flow: self.flow.contract(),
            case_id: id(self.case_id),
            person_id: id(self.person_id),
            subject: self.subject.map(ConsultationSubject::into_contract),
            asked_by: text(self.asked_by),
            reference: text(self.reference),
            asked: texts(self.asked),
            on_paper: self.on_paper,
        }
    }
}

/// A consultation that was opened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenedConsultation {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    consultation_id: String,
    /// As people call it.
    #[schema(example = "KSK/2026/000017")]
    number: String,
    /// To be named by the next change; also the ETag.
    #[schema(example = 2)]
    version: u64,
}

impl From<contract::OpenConsultationResponse> for OpenedConsultation {
    fn from(told: contract::OpenConsultationResponse) -> Self {
        Self { consultation_id: told.consultation_id, number: told.number, version: told.version }
    }
}

impl OpenedConsultation {
    pub(in crate::rest::registry) fn location(&self) -> String {
        format!("/v1/registry/consultations/{}", self.consultation_id)
    }
}

/// A consultation after a change.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MovedConsultation {
    /// To be named by the next change; also the ETag.
    #[schema(example = 3)]
    pub(in crate::rest::registry) version: u64,
}

/// A consultation another state replied in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RepliedConsultation {
    /// To be named by the next change; also the ETag.
    #[schema(example = 3)]
    pub(in crate::rest::registry) version: u64,
    /// The reply came too late to matter.
    #[schema(example = false)]
    pub(in crate::rest::registry) late: bool,
}

/// Asks further bodies or states.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FurtherAsked {
    /// Who was not asked yet.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 40, example = json!(["police"]))]
    asked: Vec<Text<64>>,
}

impl FurtherAsked {
    pub(in crate::rest::registry) fn into_contract(self) -> Vec<String> {
        texts(self.asked)
    }
}

/// The answer to whoever consulted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AnswerToAsker {
    /// The answer.
    reply: ConsultationReply,
    /// On which grounds, of an objection.
    #[serde(default)]
    grounds: Option<ObjectionGrounds>,
    /// Why; needed where it does not follow an objection of a body.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 300, example = "The objection is about a namesake.")]
    remark: Option<Text<300>>,
}

impl AnswerToAsker {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::RecordAnswerRequest {
        contract::RecordAnswerRequest {
            reply: self.reply.contract(),
            grounds: self.grounds.map(ObjectionGrounds::contract).unwrap_or_default(),
            remark: text(self.remark),
            ..contract::RecordAnswerRequest::default()
        }
    }
}

/// Why something is done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Why {
    /// In a sentence.
    #[schema(value_type = String, min_length = 1, max_length = 300, example = "The consul waits for a further document.")]
    remark: Text<300>,
}

impl Why {
    pub(in crate::rest::registry) fn into_contract(self) -> String {
        self.remark.0
    }
}

/// The consul was told of an extension.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ConsulTold {
    /// The body whose term was made longer; absent: the Head's own.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "abw")]
    of: Option<Text<64>>,
}

impl ConsulTold {
    pub(in crate::rest::registry) fn into_contract(self) -> String {
        text(self.of)
    }
}

/// A letter that was delivered in another state.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ForeignDelivery {
    /// The state that was asked.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "FRA")]
    of: Text<3>,
    /// When it was delivered there.
    at: Instant,
    /// What proves it.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "RR123456785PL")]
    reference: Text<64>,
}

impl ForeignDelivery {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::RecordForeignDeliveryRequest {
        contract::RecordForeignDeliveryRequest {
            of: self.of.0,
            at_ms: self.at.0.millis(),
            reference: self.reference.0,
            ..contract::RecordForeignDeliveryRequest::default()
        }
    }
}

/// What another state replied on paper.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ForeignReply {
    /// The state that was asked.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "FRA")]
    of: Text<3>,
    /// What it says. Other states do not say on which grounds.
    reply: ConsultationReply,
    /// When the letter came.
    at: Instant,
    /// What the state calls it.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "MAE/VISA/2026/4411")]
    reference: Text<64>,
}

impl ForeignReply {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::RecordForeignReplyRequest {
        contract::RecordForeignReplyRequest {
            of: self.of.0,
            reply: self.reply.contract(),
            at_ms: self.at.0.millis(),
            reference: self.reference.0,
            ..contract::RecordForeignReplyRequest::default()
        }
    }
}

/// Which consultations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConsultationQuery {
    /// Those of this case, open or not; absent: the open ones of all.
    #[serde(default)]
    #[param(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    pub(in crate::rest::registry) case_id: Option<Uuid>,
    /// At most so many.
    #[serde(default = "page")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50, example = 50)]
    pub(in crate::rest::registry) limit: u32,
}

pub(super) const fn page() -> u32 {
    50
}

/// Consultations.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConsultationList {
    /// Of a case in the order of opening; otherwise what is due first comes first.
    consultations: Vec<ConsultationSummary>,
}

impl ConsultationList {
    pub(in crate::rest::registry) fn of(told: contract::ListConsultationsResponse) -> Result<Self, GatewayError> {
        let consultations = told.consultations.into_iter().map(ConsultationSummary::of);
        Ok(Self { consultations: consultations.collect::<Result<_, _>>()? })
    }
}

/// A consultation in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConsultationSummary {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    consultation_id: String,
    /// As people call it.
    #[schema(example = "KSK/2026/000017")]
    number: String,
    /// Who consults whom.
    flow: ConsultationFlow,
    /// The case that waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    case_id: Option<String>,
    /// Who wants to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "FRA")]
    asked_by: Option<String>,
    /// When it was opened.
    opened_at: Instant,
    /// Its version.
    #[schema(example = 2)]
    version: u64,
    /// How it ended.
    outcome: ConsultationOutcome,
    /// Bodies and states that still have time.
    #[schema(example = json!(["abw"]))]
    waits_for: Vec<String>,
    /// What the Head has to do that ends first; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Deadline>,
}

impl ConsultationSummary {
    fn of(told: contract::ConsultationSummary) -> Result<Self, GatewayError> {
        Ok(Self {
            consultation_id: told.consultation_id,
            number: told.number,
            flow: ConsultationFlow::of(told.flow)?,
            case_id: present(told.case_id),
            asked_by: present(told.asked_by),
            opened_at: Instant::at(told.opened_at_ms),
            version: told.version,
            outcome: ConsultationOutcome::of(told.outcome)?,
            waits_for: told.waits_for,
            next: told.next.map(Deadline::of).transpose()?,
        })
    }
}

/// A consultation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Consultation {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    consultation_id: String,
    /// As people call it.
    #[schema(example = "KSK/2026/000017")]
    number: String,
    /// Who consults whom.
    flow: ConsultationFlow,
    /// The rule set it falls under.
    #[schema(example = "consultation-2014")]
    rule_set: String,
    /// The case that waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    case_id: Option<String>,
    /// Whom of the register it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    person_id: Option<String>,
    /// Who wants to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "FRA")]
    asked_by: Option<String>,
    /// What they call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "FRA0000017")]
    reference: Option<String>,
    /// When it was opened.
    opened_at: Instant,
    /// The version that was seen; also the ETag.
    #[schema(example = 2)]
    pub(in crate::rest::registry) version: u64,
    /// Where it stands.
    #[schema(example = "open")]
    stage: String,
    /// How it ended.
    outcome: ConsultationOutcome,
    /// Whom it is about; absent: it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<ConsultationSubject>,
    /// Who was asked, in the order of asking.
    questions: Vec<ConsultedQuestion>,
    /// What is or was due, each with its reason.
    deadlines: Vec<Deadline>,
    /// What happened, in the order of recording.
    entries: Vec<ConsultationEntry>,
}

impl Consultation {
    pub(in crate::rest::registry) fn of(told: contract::Consultation) -> Result<Self, GatewayError> {
        Ok(Self {
            consultation_id: told.consultation_id,
            number: told.number,
            flow: ConsultationFlow::of(told.flow)?,
            rule_set: told.rule_set,
            case_id: present(told.case_id),
            person_id: present(told.person_id),
            asked_by: present(told.asked_by),
            reference: present(told.reference),
            opened_at: Instant::at(told.opened_at_ms),
            version: told.version,
            stage: told.stage,
            outcome: ConsultationOutcome::of(told.outcome)?,
            subject: told.subject.map(ConsultationSubject::of).transpose()?,
            questions: told.questions.into_iter().map(ConsultedQuestion::of).collect::<Result<_, _>>()?,
            deadlines: told.deadlines.into_iter().map(Deadline::of).collect::<Result<_, _>>()?,
            entries: told.entries.into_iter().map(ConsultationEntry::of).collect::<Result<_, _>>()?,
        })
    }
}

/// A question to a body or a state.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConsultedQuestion {
    /// Whom.
    #[schema(example = "abw")]
    of: String,
    /// When.
    asked_at: Instant,
    /// Where it stands.
    state: QuestionState,
    /// What counts is an objection.
    #[schema(example = false)]
    objects: bool,
    /// When it was replied, or since when silence is the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_at: Option<Instant>,
    /// A reply that came too late: shown, without effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    late_reply: Option<LateReply>,
    /// By when; absent where the term has not begun: the question is not known to be delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<Deadline>,
}

/// A reply that came too late.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LateReply {
    /// When.
    at: Instant,
    /// It objects.
    #[schema(example = true)]
    objects: bool,
}

impl ConsultedQuestion {
    fn of(told: contract::ConsultedQuestion) -> Result<Self, GatewayError> {
        let objects = told.late_reply_objects;
        Ok(Self {
            of: told.of,
            asked_at: Instant::at(told.asked_at_ms),
            state: QuestionState::of(told.state)?,
            objects: told.objects,
            answered_at: told.answered_at_ms.map(Instant::at),
            late_reply: told.late_reply_at_ms.map(|at| LateReply { at: Instant::at(at), objects }),
            deadline: told.deadline.map(Deadline::of).transpose()?,
        })
    }
}

/// Something that happened in a consultation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConsultationEntry {
    /// Its number.
    #[schema(example = 2)]
    number: u32,
    /// An event of the rule set.
    #[schema(example = "replied")]
    event: String,
    /// When it happened.
    at: Instant,
    /// Which body or state it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "abw")]
    of: Option<String>,
    /// What was said: `no_objection`, `objection`, `head_no_objection` or `head_objection`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "no_objection")]
    decision: Option<String>,
    /// On which grounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    grounds: Option<ObjectionGrounds>,
    /// What whoever did it calls it, or why it was done.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "ABW-1/2026")]
    remark: Personal,
    /// When it was written down.
    recorded_at: Instant,
    /// Who did it: `officer/…`, `consulted/<body>/…`, `state/…` or `clock`.
    #[schema(example = "consulted/abw/abw-17")]
    by: String,
}

impl ConsultationEntry {
    fn of(mut told: contract::ConsultationEntry) -> Result<Self, GatewayError> {
        Ok(Self {
            number: told.number,
            event: take(&mut told.event),
            at: Instant::at(told.at_ms),
            of: present(take(&mut told.of)),
            decision: present(take(&mut told.decision)),
            grounds: (told.grounds != 0).then(|| ObjectionGrounds::of(told.grounds)).transpose()?,
            remark: Personal::out_of(&mut told.remark),
            recorded_at: Instant::at(told.recorded_at_ms),
            by: take(&mut told.by),
        })
    }
}
