//! The service `straznica.identity.v1.OfficialService`.

use std::sync::Arc;

use straznica_contracts::identity::v1 as proto;
use straznica_contracts::identity::v1::official_service_server::OfficialService;
use tonic::{Request, Response, Status};

use super::service::{open, refused};
use super::verifiers as told;
use crate::app::Verifiers;
use crate::domain::Refusal;

/// Answers the calls. That the gateway makes them the table of calls decides before; whose call it is the officer's posts.
#[derive(Clone)]
pub(crate) struct OfficialHandler(pub(crate) Arc<Verifiers>);

#[tonic::async_trait]
impl OfficialService for OfficialHandler {
    async fn resolve_official(
        &self,
        request: Request<proto::ResolveOfficialRequest>,
    ) -> Result<Response<proto::ResolveOfficialResponse>, Status> {
        let (_, message) = open(request, |message| message.context.take())?;
        let login = told::login(message.login.as_ref()).map_err(refused)?;
        let known = self.0.resolve(&login).await.map_err(refused)?;
        Ok(Response::new(told::known(&known)))
    }

    async fn grant_role(
        &self,
        request: Request<proto::GrantRoleRequest>,
    ) -> Result<Response<proto::GrantRoleResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let grant = told::grant(&message).map_err(refused)?;
        Box::pin(self.0.grant(&caller, &grant)).await.map_err(refused)?;
        Ok(Response::new(proto::GrantRoleResponse {}))
    }

    async fn withdraw_role(
        &self,
        request: Request<proto::WithdrawRoleRequest>,
    ) -> Result<Response<proto::WithdrawRoleResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let officer = told::officer(&message.officer, "/officer").map_err(refused)?;
        let role = told::role(message.role).map_err(refused)?;
        let reason = told::reason(&message.reason).map_err(refused)?;
        let withdrawn = self.0.withdraw_role(&caller, &message.institution_id, &officer, role, &reason);
        Box::pin(withdrawn).await.map_err(refused)?;
        Ok(Response::new(proto::WithdrawRoleResponse {}))
    }

    async fn replace_logins(
        &self,
        request: Request<proto::ReplaceLoginsRequest>,
    ) -> Result<Response<proto::ReplaceLoginsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let officer = told::officer(&message.officer, "/officer").map_err(refused)?;
        let reason = told::reason(&message.reason).map_err(refused)?;
        let logins = told::logins(message.logins.as_ref()).map_err(refused)?;
        let logins = logins.ok_or_else(|| refused(Refusal::Missing { member: "/logins" }))?;
        let replaced = self.0.replace_logins(&caller, &message.institution_id, &officer, &logins, &reason);
        Box::pin(replaced).await.map_err(refused)?;
        Ok(Response::new(proto::ReplaceLoginsResponse {}))
    }

    async fn list_officials(
        &self,
        request: Request<proto::ListOfficialsRequest>,
    ) -> Result<Response<proto::ListOfficialsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let people = self.0.people(&caller, &message.institution_id, &message.after_officer).await.map_err(refused)?;
        Ok(Response::new(proto::ListOfficialsResponse { officials: people.iter().map(told::person).collect() }))
    }
}
