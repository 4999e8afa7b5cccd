//! The service `straznica.registry.v1.DecisionService`.

use std::mem::take;
use std::sync::Arc;

use straznica_contracts::registry::v1 as proto;
use straznica_contracts::registry::v1::decision_service_server::DecisionService;
use straznica_contracts::registry::v1::{
    GetDecisionRequest, GetDecisionResponse, RecordServiceRequest, RecordServiceResponse, RenderDecisionRequest,
    RenderDecisionResponse, WriteDecisionTextRequest, WriteDecisionTextResponse,
};
use straznica_types::{OfficerId, Timestamp};
use tonic::{Request, Response, Status};

use super::case_answer;
use super::case_service::{case_id, decision_id};
use super::request::{NAME, UUID, open, refused, required};
use crate::app::{App, NewService, ShownDecision};
use crate::domain::rules::DeadlineRule;
use crate::domain::ruling::{Ground, Manner, Ruling, Served, ServiceRecord, Translation, Vote};
use crate::domain::{CallerClaims, Mandate, PersonId, Refusal};

const LETTER: &str = "text/html; charset=utf-8";

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct DecisionHandler(pub(crate) Arc<App>);

impl DecisionHandler {
    fn mandate(&self, caller: CallerClaims) -> Result<Mandate, Status> {
        caller.on_cases(&self.0.purposes).map_err(refused)
    }
}

#[tonic::async_trait]
impl DecisionService for DecisionHandler {
    async fn write_decision_text(
        &self,
        request: Request<WriteDecisionTextRequest>,
    ) -> Result<Response<WriteDecisionTextResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let (id, decision) = (case_id(&message.case_id)?, decision_id(&message.decision_id)?);
        let ruling = ruling(message.text).map_err(refused)?;
        let written = self.0.write_text(&mandate, id, message.expected_version, decision, &ruling);
        let (version, text_version) = Box::pin(written).await.map_err(refused)?;
        Ok(Response::new(WriteDecisionTextResponse { version, text_version }))
    }

    async fn get_decision(
        &self,
        request: Request<GetDecisionRequest>,
    ) -> Result<Response<GetDecisionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let (id, decision) = (case_id(&message.case_id)?, decision_id(&message.decision_id)?);
        let version = Some(message.text_version).filter(|version| *version > 0);
        let shown = Box::pin(self.0.decision(&mandate, id, decision, version)).await.map_err(refused)?;
        Ok(Response::new(answer(shown)))
    }

    async fn render_decision(
        &self,
        request: Request<RenderDecisionRequest>,
    ) -> Result<Response<RenderDecisionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let (id, decision) = (case_id(&message.case_id)?, decision_id(&message.decision_id)?);
        let page = Box::pin(self.0.letter(&mandate, id, decision)).await.map_err(refused)?;
        Ok(Response::new(RenderDecisionResponse { content_type: LETTER.to_owned(), content: page.into_bytes() }))
    }

    async fn record_service(
        &self,
        request: Request<RecordServiceRequest>,
    ) -> Result<Response<RecordServiceResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let (id, decision) = (case_id(&message.case_id)?, decision_id(&message.decision_id)?);
        let new = service(message.service).map_err(refused)?;
        let recorded = self.0.record_service(&mandate, id, message.expected_version, decision, &new);
        let (version, stage) = Box::pin(recorded).await.map_err(refused)?;
        Ok(Response::new(RecordServiceResponse { version, stage }))
    }
}

/// Reads a text. The messages wipe themselves, so texts are taken out of them.
fn ruling(text: Option<proto::DecisionText>) -> Result<Ruling, Refusal> {
    let mut text = text.ok_or(Refusal::Missing { member: "/text" })?;
    let ground = |mut ground: proto::Ground| Ground {
        act: take(&mut ground.act),
        article: take(&mut ground.article),
        text: take(&mut ground.text),
    };
    let translation = |mut translation: proto::Translation| Translation {
        language: take(&mut translation.language),
        operative: take(&mut translation.operative),
        instruction: take(&mut translation.instruction),
    };
    let vote = |mut vote: proto::PanelVote| {
        Ok(Vote {
            member: required(&vote.member, "/text/panel/member", NAME, OfficerId::parse)?,
            agrees: vote.agrees,
            dissent: Some(take(&mut vote.dissent)).filter(|dissent| !dissent.is_empty()),
        })
    };
    Ok(Ruling {
        operative: take(&mut text.operative),
        grounds: take(&mut text.grounds).into_iter().map(ground).collect(),
        translation: text.translation.take().map(translation),
        panel: take(&mut text.panel).into_iter().map(vote).collect::<Result<_, Refusal>>()?,
    })
}

fn service(service: Option<proto::ServiceRecord>) -> Result<NewService, Refusal> {
    let mut service = service.ok_or(Refusal::Missing { member: "/service" })?;
    let manner = match service.manner() {
        proto::ServiceManner::InHand => Manner::InHand,
        proto::ServiceManner::Post => Manner::Post,
        proto::ServiceManner::Electronic => Manner::Electronic,
        proto::ServiceManner::Refused => Manner::Refused,
        proto::ServiceManner::NoticeBoard => Manner::NoticeBoard,
        proto::ServiceManner::Unspecified => return Err(Refusal::Missing { member: "/service/manner" }),
    };
    let of = Served {
        recipient: required(
            &service.recipient_person_id,
            "/service/recipient_person_id",
            UUID,
            str::parse::<PersonId>,
        )?,
        served_by: take(&mut service.served_by),
        note: take(&mut service.note),
    };
    Ok(NewService { manner, at: Timestamp::from_millis(service.at_ms), of })
}

fn answer(shown: ShownDecision<'_>) -> GetDecisionResponse {
    let mut answer = GetDecisionResponse {
        decision: Some(case_answer::decision(&shown.decision)),
        instruction: shown.remedies.into_iter().map(remedy).collect(),
        services: shown.services.into_iter().map(served).collect(),
        ..GetDecisionResponse::default()
    };
    if let Some(text) = shown.text {
        answer.text = Some(told(text.ruling));
        answer.text_version = text.version;
        answer.written_by = text.written_by.to_string();
        answer.written_at_ms = text.written_at.millis();
    }
    answer
}

fn told(ruling: Ruling) -> proto::DecisionText {
    let ground = |ground: Ground| proto::Ground { act: ground.act, article: ground.article, text: ground.text };
    let translation = |translation: Translation| proto::Translation {
        language: translation.language,
        operative: translation.operative,
        instruction: translation.instruction,
    };
    let vote = |vote: Vote| proto::PanelVote {
        member: vote.member.to_string(),
        agrees: vote.agrees,
        dissent: vote.dissent.unwrap_or_default(),
    };
    proto::DecisionText {
        operative: ruling.operative,
        grounds: ruling.grounds.into_iter().map(ground).collect(),
        translation: ruling.translation.map(translation),
        panel: ruling.panel.into_iter().map(vote).collect(),
    }
}

fn remedy(rule: &DeadlineRule) -> proto::Remedy {
    proto::Remedy {
        rule: rule.id.clone(),
        title: Some(case_answer::text(&rule.title)),
        says: Some(case_answer::text(&rule.says)),
        basis: Some(case_answer::basis(&rule.basis)),
    }
}

fn served(record: ServiceRecord) -> proto::ServiceRecord {
    let manner = match record.manner {
        Manner::InHand => proto::ServiceManner::InHand,
        Manner::Post => proto::ServiceManner::Post,
        Manner::Electronic => proto::ServiceManner::Electronic,
        Manner::Refused => proto::ServiceManner::Refused,
        Manner::NoticeBoard => proto::ServiceManner::NoticeBoard,
    };
    proto::ServiceRecord {
        manner: manner.into(),
        at_ms: record.at.millis(),
        recipient_person_id: record.of.recipient.to_string(),
        served_by: record.of.served_by,
        note: record.of.note,
        recorded_by: record.recorded_by.to_string(),
        recorded_at_ms: record.recorded_at.millis(),
    }
}
