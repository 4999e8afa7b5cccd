//! The service `straznica.identity.v1.PrivilegeService`.

use std::sync::Arc;

use straznica_contracts::identity::v1 as proto;
use straznica_contracts::identity::v1::privilege_service_server::PrivilegeService;
use tonic::{Request, Response, Status};

use super::service::{open, refused};
use super::{answer_verification as answer, privileges as given, request_verification as asked, verifiers as told};
use crate::app::Verifications;
use crate::domain::verification::Institution;

/// Answers the calls. That the gateway makes them the table of calls decides before; whose call it is the officer's posts.
#[derive(Clone)]
pub(crate) struct PrivilegeHandler(pub(crate) Arc<Verifications>);

#[tonic::async_trait]
impl PrivilegeService for PrivilegeHandler {
    async fn propose_privilege(
        &self,
        request: Request<proto::ProposePrivilegeRequest>,
    ) -> Result<Response<proto::ProposePrivilegeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let proposal = given::proposal(&message).map_err(refused)?;
        let proposed = Box::pin(self.0.verifiers.propose_privilege(&caller, &proposal)).await.map_err(refused)?;
        Ok(Response::new(proto::ProposePrivilegeResponse { privilege: Some(given::privilege(&proposed)) }))
    }

    async fn decide_privilege(
        &self,
        request: Request<proto::DecidePrivilegeRequest>,
    ) -> Result<Response<proto::DecidePrivilegeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = given::privilege_id(&message.privilege_id).map_err(refused)?;
        let reason = told::reason(&message.reason).map_err(refused)?;
        let decided = self.0.verifiers.decide_privilege(&caller, &message.institution_id, id, message.grant, &reason);
        let decided = Box::pin(decided).await.map_err(refused)?;
        Ok(Response::new(proto::DecidePrivilegeResponse { privilege: Some(given::privilege(&decided)) }))
    }

    async fn withdraw_privilege(
        &self,
        request: Request<proto::WithdrawPrivilegeRequest>,
    ) -> Result<Response<proto::WithdrawPrivilegeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = given::privilege_id(&message.privilege_id).map_err(refused)?;
        let reason = told::reason(&message.reason).map_err(refused)?;
        let ended = self.0.verifiers.withdraw_privilege(&caller, &message.institution_id, id, &reason);
        let ended = Box::pin(ended).await.map_err(refused)?;
        Ok(Response::new(proto::WithdrawPrivilegeResponse { privilege: Some(given::privilege(&ended)) }))
    }

    async fn list_privileges(
        &self,
        request: Request<proto::ListPrivilegesRequest>,
    ) -> Result<Response<proto::ListPrivilegesResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let found = self.0.verifiers.privileges(&caller, &message.institution_id).await.map_err(refused)?;
        let privileges = found.iter().map(given::privilege).collect();
        Ok(Response::new(proto::ListPrivilegesResponse { privileges }))
    }

    async fn check_by_privilege(
        &self,
        request: Request<proto::CheckByPrivilegeRequest>,
    ) -> Result<Response<proto::CheckByPrivilegeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        Institution::check_id(&message.institution_id).map_err(refused)?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        let kind = asked::kind(message.kind, "/kind").map_err(refused)?;
        let shown = self.0.check_by_privilege(&caller, &message.institution_id, &pesel, kind);
        let shown = Box::pin(shown).await.map_err(refused)?;
        Ok(Response::new(proto::CheckByPrivilegeResponse { shown: Some(answer::shown(shown)) }))
    }

    async fn list_reviews(
        &self,
        request: Request<proto::ListReviewsRequest>,
    ) -> Result<Response<proto::ListReviewsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let found = self.0.verifiers.reviews(&caller, &message.institution_id, message.closed_too);
        let found = Box::pin(found).await.map_err(refused)?;
        Ok(Response::new(proto::ListReviewsResponse { reviews: found.iter().map(given::review).collect() }))
    }

    async fn close_review(
        &self,
        request: Request<proto::CloseReviewRequest>,
    ) -> Result<Response<proto::CloseReviewResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = asked::verification_id(&message.verification_id).map_err(refused)?;
        let outcome = given::outcome(message.outcome).map_err(refused)?;
        let finding = given::finding(&message.finding).map_err(refused)?;
        let closed = self.0.verifiers.close_review(&caller, &message.institution_id, id, outcome, &finding);
        let closed = Box::pin(closed).await.map_err(refused)?;
        Ok(Response::new(proto::CloseReviewResponse { review: Some(given::review(&closed)) }))
    }

    async fn list_alerts(
        &self,
        request: Request<proto::ListAlertsRequest>,
    ) -> Result<Response<proto::ListAlertsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let institution = &message.institution_id;
        let found = self.0.verifiers.alerts(&caller, institution, message.acknowledged_too).await.map_err(refused)?;
        let alerts = found.iter().map(|alert| given::alert(institution, alert)).collect();
        Ok(Response::new(proto::ListAlertsResponse { alerts }))
    }

    async fn acknowledge_alert(
        &self,
        request: Request<proto::AcknowledgeAlertRequest>,
    ) -> Result<Response<proto::AcknowledgeAlertResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = given::alert_id(&message.alert_id).map_err(refused)?;
        let finding = given::finding(&message.finding).map_err(refused)?;
        let institution = &message.institution_id;
        let looked_into = self.0.verifiers.acknowledge_alert(&caller, institution, id, &finding);
        let looked_into = Box::pin(looked_into).await.map_err(refused)?;
        Ok(Response::new(proto::AcknowledgeAlertResponse { alert: Some(given::alert(institution, &looked_into)) }))
    }
}
