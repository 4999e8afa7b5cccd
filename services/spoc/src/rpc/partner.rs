//! PartnerService.

use exchange::Country;
use straznica_contracts::spoc::v1::{
    AnnounceRootRequest, AnnounceRootResponse, BundledOutcome, ConfirmPartnerRequest, ConfirmPartnerResponse,
    ConfirmResumptionRequest, ConfirmResumptionResponse, ConfirmRootRequest, ConfirmRootResponse, EnterOutageRequest,
    EnterOutageResponse, ExportBundleRequest, ExportBundleResponse, GetHealthRequest, GetHealthResponse,
    GetPartnerRequest, GetPartnerResponse, ImportBundleRequest, ImportBundleResponse, ImportPartnerCrlRequest,
    ImportPartnerCrlResponse, ListPartnersRequest, ListPartnersResponse, ProposePartnerRequest, ProposePartnerResponse,
    ProposeResumptionRequest, ProposeResumptionResponse, RemoveOutageRequest, RemoveOutageResponse,
    SuspendPartnerRequest, SuspendPartnerResponse, WithdrawPartnerRequest, WithdrawPartnerResponse,
    WithdrawProposalRequest, WithdrawProposalResponse, WithdrawRootRequest, WithdrawRootResponse,
    partner_service_server::PartnerService,
};
use straznica_types::Timestamp;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{Handler, call, open, partner_convert as convert, refuse};
use crate::{
    app::exchange::{crls_by_hand, fallback, health, outages, registration, roots},
    error::SpocError,
};

/// Reads a country of a request.
pub(super) fn country(text: &str) -> Result<Country, Status> {
    text.parse().map_err(|_| refuse(SpocError::field("country", "two capital letters are needed (ISO 3166-1 alpha-2)")))
}

/// Reads a country that may be left out.
pub(super) fn optional_country(text: &str) -> Result<Option<Country>, Status> {
    if text.is_empty() { Ok(None) } else { country(text).map(Some) }
}

/// Reads the name of a row.
pub(super) fn id(field: &'static str, text: &str) -> Result<Uuid, Status> {
    text.parse().map_err(|_| refuse(SpocError::field(field, "a UUID is needed")))
}

impl Handler {
    fn partner(&self, country: Country) -> Result<straznica_contracts::spoc::v1::Partner, Status> {
        let partner = self.0.partners.get(country).ok_or_else(|| refuse(SpocError::PartnerUnknown(country)))?;
        Ok(convert::partner(&partner, &self.0.profiles, self.0.clock.now()))
    }
}

#[tonic::async_trait]
impl PartnerService for Handler {
    async fn propose_partner(
        &self,
        request: Request<ProposePartnerRequest>,
    ) -> Result<Response<ProposePartnerResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let registration = message
            .registration
            .ok_or_else(|| refuse(SpocError::field("registration", "what is to be registered is needed")))?;
        let entry = convert::entry(registration, self.0.clock.now());
        let proposal = registration::propose(&self.0, &call, entry).await.map_err(refuse)?;
        Ok(Response::new(ProposePartnerResponse { proposal: Some(convert::proposal(proposal)) }))
    }

    async fn confirm_partner(
        &self,
        request: Request<ConfirmPartnerRequest>,
    ) -> Result<Response<ConfirmPartnerResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let proposal = id("proposal_id", &message.proposal_id)?;
        let country = registration::confirm(&self.0, &call, proposal, &message.fingerprints).await.map_err(refuse)?;
        Ok(Response::new(ConfirmPartnerResponse { partner: Some(self.partner(country)?) }))
    }

    async fn withdraw_proposal(
        &self,
        request: Request<WithdrawProposalRequest>,
    ) -> Result<Response<WithdrawProposalResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let proposal = id("proposal_id", &message.proposal_id)?;
        registration::withdraw_proposal(&self.0, &call, proposal, &message.reason).await.map_err(refuse)?;
        Ok(Response::new(WithdrawProposalResponse {}))
    }

    async fn get_partner(&self, request: Request<GetPartnerRequest>) -> Result<Response<GetPartnerResponse>, Status> {
        let (_, message) = open(request)?;
        let country = country(&message.country)?;
        let proposals = registration::proposals(&self.0, Some(country)).await.map_err(refuse)?;
        let partner = match self.0.partners.get(country) {
            None if proposals.is_empty() => return Err(refuse(SpocError::PartnerUnknown(country))),
            None => None,
            Some(partner) => Some(convert::partner(&partner, &self.0.profiles, self.0.clock.now())),
        };
        let proposals = proposals.into_iter().map(convert::proposal).collect();
        Ok(Response::new(GetPartnerResponse { partner, proposals }))
    }

    async fn list_partners(
        &self,
        _request: Request<ListPartnersRequest>,
    ) -> Result<Response<ListPartnersResponse>, Status> {
        let proposals = registration::proposals(&self.0, None).await.map_err(refuse)?;
        let now = self.0.clock.now();
        let partners = self.0.partners.all();
        let partners = partners.iter().map(|partner| convert::partner(partner, &self.0.profiles, now)).collect();
        let proposals = proposals.into_iter().map(convert::proposal).collect();
        Ok(Response::new(ListPartnersResponse { partners, proposals }))
    }

    async fn suspend_partner(
        &self,
        request: Request<SuspendPartnerRequest>,
    ) -> Result<Response<SuspendPartnerResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let country = country(&message.country)?;
        registration::suspend(&self.0, &call, country, &message.reason).await.map_err(refuse)?;
        Ok(Response::new(SuspendPartnerResponse {}))
    }

    async fn propose_resumption(
        &self,
        request: Request<ProposeResumptionRequest>,
    ) -> Result<Response<ProposeResumptionResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let country = country(&message.country)?;
        let proposal =
            registration::propose_resumption(&self.0, &call, country, &message.reason).await.map_err(refuse)?;
        Ok(Response::new(ProposeResumptionResponse { proposal: Some(convert::proposal(proposal)) }))
    }

    async fn confirm_resumption(
        &self,
        request: Request<ConfirmResumptionRequest>,
    ) -> Result<Response<ConfirmResumptionResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let proposal = id("proposal_id", &message.proposal_id)?;
        registration::confirm_resumption(&self.0, &call, proposal).await.map_err(refuse)?;
        Ok(Response::new(ConfirmResumptionResponse {}))
    }

    async fn withdraw_partner(
        &self,
        request: Request<WithdrawPartnerRequest>,
    ) -> Result<Response<WithdrawPartnerResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let country = country(&message.country)?;
        let cancelled_messages =
            registration::withdraw(&self.0, &call, country, &message.reason).await.map_err(refuse)?;
        Ok(Response::new(WithdrawPartnerResponse { cancelled_messages }))
    }

    async fn announce_root(
        &self,
        request: Request<AnnounceRootRequest>,
    ) -> Result<Response<AnnounceRootResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let country = country(&message.country)?;
        let entry = convert::root_entry(message.root, message.link_certificate).map_err(refuse)?;
        let announced = roots::announce(&self.0, &call, country, entry).await.map_err(refuse)?;
        let root = Some(convert::root(&announced.root));
        Ok(Response::new(AnnounceRootResponse { root, warnings: announced.warnings }))
    }

    async fn confirm_root(
        &self,
        request: Request<ConfirmRootRequest>,
    ) -> Result<Response<ConfirmRootResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let country = country(&message.country)?;
        let confirmed = roots::confirm(&self.0, &call, country, &message.fingerprint, &message.proposal).await;
        let confirmed = confirmed.map_err(refuse)?;
        let root = Some(convert::root(&confirmed.root));
        Ok(Response::new(ConfirmRootResponse { root, warnings: confirmed.warnings }))
    }

    async fn withdraw_root(
        &self,
        request: Request<WithdrawRootRequest>,
    ) -> Result<Response<WithdrawRootResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let country = country(&message.country)?;
        roots::withdraw(&self.0, &call, country, &message.fingerprint, &message.reason).await.map_err(refuse)?;
        Ok(Response::new(WithdrawRootResponse {}))
    }

    async fn enter_outage(
        &self,
        request: Request<EnterOutageRequest>,
    ) -> Result<Response<EnterOutageResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let country = country(&message.country)?;
        let period = (Timestamp::from_millis(message.begins_ms), Timestamp::from_millis(message.ends_ms));
        let outage = outages::enter(&self.0, &call, country, period, &message.reason).await.map_err(refuse)?;
        Ok(Response::new(EnterOutageResponse { outage: Some(convert::outage(&outage)) }))
    }

    async fn remove_outage(
        &self,
        request: Request<RemoveOutageRequest>,
    ) -> Result<Response<RemoveOutageResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let outage = id("outage_id", &message.outage_id)?;
        outages::remove(&self.0, &call, outage, &message.reason).await.map_err(refuse)?;
        Ok(Response::new(RemoveOutageResponse {}))
    }

    async fn get_health(&self, request: Request<GetHealthRequest>) -> Result<Response<GetHealthResponse>, Status> {
        let (_, message) = open(request)?;
        let of = optional_country(&message.country)?;
        let boards = health::look(&self.0, of).await.map_err(refuse)?;
        Ok(Response::new(GetHealthResponse { partners: boards.into_iter().map(convert::board).collect() }))
    }

    async fn export_bundle(
        &self,
        request: Request<ExportBundleRequest>,
    ) -> Result<Response<ExportBundleResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let country = country(&message.country)?;
        let exported = fallback::export(&self.0, &call, country).await.map_err(refuse)?;
        let messages = u32::try_from(exported.messages).unwrap_or(u32::MAX);
        Ok(Response::new(ExportBundleResponse { bundle: exported.bundle, messages, email: exported.email }))
    }

    async fn import_bundle(
        &self,
        request: Request<ImportBundleRequest>,
    ) -> Result<Response<ImportBundleResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let imported = fallback::import(&self.0, &call, message.bundle).await.map_err(refuse)?;
        let outcomes = imported.outcomes.into_iter().map(|outcome| BundledOutcome {
            operation: outcome.operation.to_owned(),
            message_id: outcome.message_id.unwrap_or_default(),
            result: outcome.result.to_owned(),
        });
        Ok(Response::new(ImportBundleResponse {
            country: imported.country.to_string(),
            outcomes: outcomes.collect(),
            answers: imported.answers,
            taken_in_at_ms: imported.before.as_ref().map(|before| before.taken_in_at),
            taken_in_by: imported.before.map(|before| before.officer).unwrap_or_default(),
        }))
    }

    async fn import_partner_crl(
        &self,
        request: Request<ImportPartnerCrlRequest>,
    ) -> Result<Response<ImportPartnerCrlResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let country = country(&message.country)?;
        let imported = crls_by_hand::import(&self.0, &call, country, message.crl, message.authorities).await;
        let crls_by_hand::Imported { held, issuer_name, revoked } = imported.map_err(refuse)?;
        let max_age = self.0.policy.for_partner(country).revocation.crl_max_age();
        let crl = Some(convert::held_crl(held, max_age));
        Ok(Response::new(ImportPartnerCrlResponse { crl, issuer_name, revoked }))
    }
}
