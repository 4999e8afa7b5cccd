//! The service `straznica.identity.v1.InstitutionService`.

use std::sync::Arc;

use straznica_contracts::identity::v1 as proto;
use straznica_contracts::identity::v1::institution_service_server::InstitutionService;
use straznica_types::Timestamp;
use tonic::{Request, Response, Status};

use super::service::{open, refused};
use super::{request_verification as asked, verifiers as told};
use crate::app::Verifiers;
use crate::domain::CallerClaims;
use crate::domain::verification::Institution;
use crate::domain::verifiers::Step;

/// Answers the calls. That the gateway makes them the table of calls decides before; whose call it is the officer's posts.
#[derive(Clone)]
pub(crate) struct InstitutionHandler(pub(crate) Arc<Verifiers>);

impl InstitutionHandler {
    async fn step(
        &self,
        caller: &CallerClaims,
        id: &str,
        step: Step,
        reason: &str,
    ) -> Result<Option<proto::Institution>, Status> {
        Institution::check_id(id).map_err(refused)?;
        let reason = told::reason(reason).map_err(refused)?;
        let taken = Box::pin(self.0.step(caller, id, step, &reason)).await.map_err(refused)?;
        Ok(Some(told::institution(&taken)))
    }
}

#[tonic::async_trait]
impl InstitutionService for InstitutionHandler {
    async fn apply_institution(
        &self,
        request: Request<proto::ApplyInstitutionRequest>,
    ) -> Result<Response<proto::ApplyInstitutionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let application = told::application(&caller, &message, self.0.clock.now()).map_err(refused)?;
        let entered = Box::pin(self.0.apply(&caller, &application)).await.map_err(refused)?;
        Ok(Response::new(proto::ApplyInstitutionResponse { institution: Some(told::institution(&entered)) }))
    }

    async fn decide_institution(
        &self,
        request: Request<proto::DecideInstitutionRequest>,
    ) -> Result<Response<proto::DecideInstitutionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let step = if message.approve { Step::Approve } else { Step::Refuse };
        let institution = self.step(&caller, &message.institution_id, step, &message.reason).await?;
        Ok(Response::new(proto::DecideInstitutionResponse { institution }))
    }

    async fn suspend_institution(
        &self,
        request: Request<proto::SuspendInstitutionRequest>,
    ) -> Result<Response<proto::SuspendInstitutionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let institution = self.step(&caller, &message.institution_id, Step::Suspend, &message.reason).await?;
        Ok(Response::new(proto::SuspendInstitutionResponse { institution }))
    }

    async fn resume_institution(
        &self,
        request: Request<proto::ResumeInstitutionRequest>,
    ) -> Result<Response<proto::ResumeInstitutionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let institution = self.step(&caller, &message.institution_id, Step::Resume, &message.reason).await?;
        Ok(Response::new(proto::ResumeInstitutionResponse { institution }))
    }

    async fn close_institution(
        &self,
        request: Request<proto::CloseInstitutionRequest>,
    ) -> Result<Response<proto::CloseInstitutionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let institution = self.step(&caller, &message.institution_id, Step::Close, &message.reason).await?;
        Ok(Response::new(proto::CloseInstitutionResponse { institution }))
    }

    async fn get_institution(
        &self,
        request: Request<proto::GetInstitutionRequest>,
    ) -> Result<Response<proto::GetInstitutionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let found = self.0.institution(&caller, &message.institution_id).await.map_err(refused)?;
        Ok(Response::new(proto::GetInstitutionResponse { institution: Some(told::institution(&found)) }))
    }

    async fn list_institutions(
        &self,
        request: Request<proto::ListInstitutionsRequest>,
    ) -> Result<Response<proto::ListInstitutionsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let state = told::state(message.state).map_err(refused)?;
        let found = self.0.institutions(&caller, state, &message.after_id).await.map_err(refused)?;
        let institutions = found.iter().map(told::institution).collect();
        Ok(Response::new(proto::ListInstitutionsResponse { institutions }))
    }

    async fn set_stage(
        &self,
        request: Request<proto::SetStageRequest>,
    ) -> Result<Response<proto::SetStageResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let kind = asked::kind(message.kind, "/kind").map_err(refused)?;
        let pilot = Some(message.institution_id).filter(|id| !id.is_empty());
        let (from, until) = (Timestamp::from_millis(message.from_ms), told::time(message.until_ms));
        let set = Box::pin(self.0.set_stage(&caller, kind, pilot, from, until)).await.map_err(refused)?;
        Ok(Response::new(proto::SetStageResponse { stage: Some(told::stage(&set)) }))
    }

    async fn list_stages(
        &self,
        request: Request<proto::ListStagesRequest>,
    ) -> Result<Response<proto::ListStagesResponse>, Status> {
        open(request, |message| message.context.take())?;
        let found = self.0.stages().await.map_err(refused)?;
        Ok(Response::new(proto::ListStagesResponse { stages: found.iter().map(told::stage).collect() }))
    }
}
