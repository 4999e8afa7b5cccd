//! Questions as the consulted body sees them.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use super::{
    consultations::{ConsultationFlow, ConsultationReply, ConsultationSubject, ObjectionGrounds, QuestionState, page},
    deadlines::Deadline,
};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

/// How many questions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct QuestionQuery {
    /// At most so many.
    #[serde(default = "page")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50, example = 50)]
    pub(in crate::rest::registry) limit: u32,
}

/// Questions that wait for a reply.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuestionList {
    /// What ends first comes first.
    questions: Vec<Question>,
}

impl QuestionList {
    pub(in crate::rest::registry) fn of(told: contract::ListQuestionsResponse) -> Result<Self, GatewayError> {
        Ok(Self { questions: told.questions.into_iter().map(Question::of).collect::<Result<_, _>>()? })
    }
}

/// A question to the body.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Question {
    /// The consultation.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    consultation_id: String,
    /// As people call it.
    #[schema(example = "KSK/2026/000017")]
    number: String,
    /// Who consults whom.
    flow: ConsultationFlow,
    /// Whom it is about.
    subject: ConsultationSubject,
    /// When the body was asked.
    asked_at: Instant,
    /// Where it stands.
    state: QuestionState,
    /// By when, what passing it means, and why it is then.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<Deadline>,
    /// The body's own reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<OwnReply>,
}

/// A reply, as the body that gave it sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnReply {
    /// What was said.
    reply: ConsultationReply,
    /// When. After the last day it changed nothing.
    at: Instant,
    /// The body's own number for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ABW-1/2026")]
    reference: Option<String>,
}

impl Question {
    pub(in crate::rest::registry) fn of(told: contract::BodyQuestion) -> Result<Self, GatewayError> {
        let subject = told.subject.ok_or(GatewayError::IncompleteAnswer("whom a question is about"))?;
        let (said, reference) = (told.reply, told.reference);
        let reply = told.replied_at_ms.map(|at| {
            let reply = ConsultationReply::of(said)?;
            Ok::<_, GatewayError>(OwnReply { reply, at: Instant::at(at), reference: present(reference) })
        });
        Ok(Self {
            consultation_id: told.consultation_id,
            number: told.number,
            flow: ConsultationFlow::of(told.flow)?,
            subject: ConsultationSubject::of(subject)?,
            asked_at: Instant::at(told.asked_at_ms),
            state: QuestionState::of(told.state)?,
            deadline: told.deadline.map(Deadline::of).transpose()?,
            reply: reply.transpose()?,
        })
    }
}

/// A body's reply.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewReply {
    /// What the body says.
    reply: ConsultationReply,
    /// On which grounds: of an objection, and of nothing else.
    #[serde(default)]
    grounds: Option<ObjectionGrounds>,
    /// The body's own number for it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "ABW-1/2026")]
    reference: Option<Text<64>>,
}

impl NewReply {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::ReplyToQuestionRequest {
        contract::ReplyToQuestionRequest {
            reply: self.reply.contract(),
            grounds: self.grounds.map(ObjectionGrounds::contract).unwrap_or_default(),
            reference: self.reference.map(|reference| reference.0).unwrap_or_default(),
            ..contract::ReplyToQuestionRequest::default()
        }
    }
}

/// A reply that is on record.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RepliedQuestion {
    /// It came too late to matter: silence had become the body's consent.
    #[schema(example = false)]
    pub(in crate::rest::registry) late: bool,
}

/// Asks for a longer term.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Wish {
    /// Why.
    #[schema(value_type = String, min_length = 1, max_length = 300, example = "Partners abroad were asked.")]
    reason: Text<300>,
}

impl Wish {
    pub(in crate::rest::registry) fn into_contract(self) -> String {
        self.reason.0
    }
}

/// A term that is longer now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExtendedQuestion {
    /// By when, and why.
    deadline: Deadline,
}

impl ExtendedQuestion {
    pub(in crate::rest::registry) fn of(told: contract::ExtendQuestionResponse) -> Result<Self, GatewayError> {
        let deadline = told.deadline.ok_or(GatewayError::IncompleteAnswer("a deadline"))?;
        Ok(Self { deadline: Deadline::of(deadline)? })
    }
}
