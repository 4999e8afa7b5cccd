//! IssuingService.

use straznica_contracts::spoc::v1::{
    ApproveRequestRequest, ApproveRequestResponse, CaCertificate, CertificateRequest, ChangeHolderRequest,
    ChangeHolderResponse, ConfirmHolderRequest, ConfirmHolderResponse, ConfirmRolloverRequest, ConfirmRolloverResponse,
    DeclineRequestRequest, DeclineRequestResponse, GetRequestRequest, GetRequestResponse, HolderRegistration,
    IssuedCertificate, ListCaCertificatesRequest, ListCaCertificatesResponse, ListForeignHoldersRequest,
    ListForeignHoldersResponse, ListIssuedRequest, ListIssuedResponse, ListRequestsRequest, ListRequestsResponse,
    ProposeRolloverRequest, ProposeRolloverResponse, ProposedHolder, RegisterHolderRequest, RegisterHolderResponse,
    RegisteredHolder, ResumeForeignHolderRequest, ResumeForeignHolderResponse, RolloverProposal,
    SuspendForeignHolderRequest, SuspendForeignHolderResponse, issuing_service_server::IssuingService,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{Handler, call, open, refuse};
use crate::{
    app::{
        App,
        exchange::{ca_certificates::CaView, foreign_holders, requests, rollover},
        national_cvca::Order,
        resumption::Resumption,
    },
    domain::exchange::{
        holder::{ApprovalMode, Registration},
        policy::Rule,
    },
    error::SpocError,
    store::{
        entity::{application, cvca_rollover, holder, holder_proposal, issued_certificate, resumption_proposal},
        exchange::applications::Narrowing,
    },
};

/// Rows of a page where the caller names none.
const PAGE: u32 = 50;
/// Most rows of a page.
const MAX_PAGE: u32 = 200;

#[tonic::async_trait]
impl IssuingService for Handler {
    async fn list_requests(
        &self,
        request: Request<ListRequestsRequest>,
    ) -> Result<Response<ListRequestsResponse>, Status> {
        let message = request.into_inner();
        let limit = page(message.page_size);
        let narrowing = Narrowing {
            state: state(&message.state).map_err(refuse)?,
            caller: Some(message.caller).filter(|caller| !caller.is_empty()),
            before: token(&message.page_token).map_err(refuse)?,
            limit: limit + 1,
        };
        let rows = requests::list(&self.0, &narrowing).await.map_err(refuse)?;
        let (rows, next_page_token) = cut(rows, limit, |row| row.id);
        let requests = rows.into_iter().map(|row| of_application(&self.0, row)).collect();
        Ok(Response::new(ListRequestsResponse { requests, next_page_token }))
    }

    async fn get_request(&self, request: Request<GetRequestRequest>) -> Result<Response<GetRequestResponse>, Status> {
        let id = id(&request.into_inner().id).map_err(refuse)?;
        let (row, issued) = requests::get(&self.0, id).await.map_err(refuse)?;
        Ok(Response::new(GetRequestResponse {
            certificate_request: row.request.clone(),
            request: Some(of_application(&self.0, row)),
            certificate: issued.map(|issued| issued.certificate).unwrap_or_default(),
        }))
    }

    async fn approve_request(
        &self,
        request: Request<ApproveRequestRequest>,
    ) -> Result<Response<ApproveRequestResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let id = id(&message.id).map_err(refuse)?;
        let row = requests::approve(&self.0, &call, id).await.map_err(refuse)?;
        Ok(Response::new(ApproveRequestResponse { request: Some(of_application(&self.0, row)) }))
    }

    async fn decline_request(
        &self,
        request: Request<DeclineRequestRequest>,
    ) -> Result<Response<DeclineRequestResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let id = id(&message.id).map_err(refuse)?;
        let row = requests::decline(&self.0, &call, id, &message.reason).await.map_err(refuse)?;
        Ok(Response::new(DeclineRequestResponse { request: Some(of_application(&self.0, row)) }))
    }

    async fn register_holder(
        &self,
        request: Request<RegisterHolderRequest>,
    ) -> Result<Response<RegisterHolderResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let registration = registration(message.registration).map_err(refuse)?;
        let proposal = foreign_holders::register(&self.0, &call, registration).await.map_err(refuse)?;
        Ok(Response::new(RegisterHolderResponse { proposal }))
    }

    async fn change_holder(
        &self,
        request: Request<ChangeHolderRequest>,
    ) -> Result<Response<ChangeHolderResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let registration = registration(message.registration).map_err(refuse)?;
        let proposal = foreign_holders::change(&self.0, &call, registration).await.map_err(refuse)?;
        Ok(Response::new(ChangeHolderResponse { proposal }))
    }

    async fn confirm_holder(
        &self,
        request: Request<ConfirmHolderRequest>,
    ) -> Result<Response<ConfirmHolderResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        foreign_holders::confirm(&self.0, &call, &message.holder, &message.proposal).await.map_err(refuse)?;
        Ok(Response::new(ConfirmHolderResponse {}))
    }

    async fn suspend_foreign_holder(
        &self,
        request: Request<SuspendForeignHolderRequest>,
    ) -> Result<Response<SuspendForeignHolderResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        foreign_holders::suspend(&self.0, &call, &message.holder, &message.reason).await.map_err(refuse)?;
        Ok(Response::new(SuspendForeignHolderResponse {}))
    }

    async fn resume_foreign_holder(
        &self,
        request: Request<ResumeForeignHolderRequest>,
    ) -> Result<Response<ResumeForeignHolderResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let outcome =
            foreign_holders::resume(&self.0, &call, &message.holder, &message.reason).await.map_err(refuse)?;
        let awaits_second_officer = outcome == Resumption::AwaitsSecond;
        Ok(Response::new(ResumeForeignHolderResponse { awaits_second_officer }))
    }

    async fn list_foreign_holders(
        &self,
        _request: Request<ListForeignHoldersRequest>,
    ) -> Result<Response<ListForeignHoldersResponse>, Status> {
        let found = foreign_holders::list(&self.0).await.map_err(refuse)?;
        let holders = found.registered.iter().map(|row| of_holder(row.clone(), found.resumption_of(&row.holder)));
        Ok(Response::new(ListForeignHoldersResponse {
            holders: holders.collect(),
            proposals: found.proposed.into_iter().map(of_proposal).collect(),
        }))
    }

    async fn list_issued(&self, request: Request<ListIssuedRequest>) -> Result<Response<ListIssuedResponse>, Status> {
        let message = request.into_inner();
        let limit = page(message.page_size);
        let before = token(&message.page_token).map_err(refuse)?;
        let rows = requests::list_issued(&self.0, &message.holder, before, limit + 1).await.map_err(refuse)?;
        let (rows, next_page_token) = cut(rows, limit, |row| row.application);
        let certificates = rows.into_iter().map(of_issued).collect();
        Ok(Response::new(ListIssuedResponse { certificates, next_page_token }))
    }

    async fn list_ca_certificates(
        &self,
        _request: Request<ListCaCertificatesRequest>,
    ) -> Result<Response<ListCaCertificatesResponse>, Status> {
        let proposals = rollover::proposals(&self.0).await.map_err(refuse)?;
        Ok(Response::new(ListCaCertificatesResponse {
            certificates: CaView::all(&self.0).into_iter().map(of_ca).collect(),
            proposals: proposals.into_iter().map(of_rollover).collect(),
        }))
    }

    async fn propose_rollover(
        &self,
        request: Request<ProposeRolloverRequest>,
    ) -> Result<Response<ProposeRolloverResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let order = Order {
            mnemonic: message.mnemonic,
            algorithm: message.algorithm,
            parameters: message.parameters,
            validity_days: message.validity_days,
        };
        let (cvca, proposal) = rollover::propose(&self.0, &call, order).await.map_err(refuse)?;
        Ok(Response::new(ProposeRolloverResponse { cvca, proposal }))
    }

    async fn confirm_rollover(
        &self,
        request: Request<ConfirmRolloverRequest>,
    ) -> Result<Response<ConfirmRolloverResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let made = rollover::confirm(&self.0, &call, &message.cvca, &message.proposal).await.map_err(refuse)?;
        Ok(Response::new(ConfirmRolloverResponse { chr: made.chr, certificates: made.certificates }))
    }
}

fn page(asked: u32) -> u64 {
    u64::from(if asked == 0 { PAGE } else { asked.min(MAX_PAGE) })
}

/// Keeps a page's rows of one more that was asked for; the last one kept names the page after.
fn cut<T>(mut rows: Vec<T>, limit: u64, id: impl Fn(&T) -> Uuid) -> (Vec<T>, String) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= limit {
        return (rows, String::new());
    }
    rows.truncate(limit);
    let next = rows.last().map(|row| id(row).to_string()).unwrap_or_default();
    (rows, next)
}

fn id(text: &str) -> Result<Uuid, SpocError> {
    Uuid::try_parse(text).map_err(|_| SpocError::field("id", "a UUID is needed"))
}

fn token(text: &str) -> Result<Option<Uuid>, SpocError> {
    if text.is_empty() {
        return Ok(None);
    }
    Uuid::try_parse(text).map(Some).map_err(|_| SpocError::field("page_token", "not a token of this list"))
}

fn state(text: &str) -> Result<Option<&'static str>, SpocError> {
    match text {
        "" => Ok(None),
        "waiting" => Ok(Some("waiting")),
        "issued" => Ok(Some("issued")),
        "refused" => Ok(Some("refused")),
        _ => Err(SpocError::field("state", "waiting, issued or refused is needed")),
    }
}

fn registration(message: Option<HolderRegistration>) -> Result<Registration, SpocError> {
    let message = message.ok_or(SpocError::field("registration", "a registration is needed"))?;
    Ok(Registration {
        approval: ApprovalMode::from_name(&message.approval)
            .ok_or(SpocError::field("registration.approval", "automatic or two_person is needed"))?,
        validity_days: u16::try_from(message.validity_days)
            .map_err(|_| SpocError::field("registration.validity_days", "a number of days is needed"))?,
        name: message.holder,
        domestic_cvca: message.domestic_cvca,
        purposes: message.purposes,
        organisations: message.organisations,
        dg3: message.dg3,
        dg4: message.dg4,
    })
}

fn of_application(app: &App, row: application::Model) -> CertificateRequest {
    let text = row.rule.as_deref().and_then(Rule::from_name).and_then(|rule| app.policy.text(rule));
    CertificateRequest {
        id: row.id.to_string(),
        caller: row.caller,
        message_id: row.message_id,
        holder: row.holder,
        chr: row.chr,
        outer_car: row.outer_car,
        state: row.state,
        received_at_ms: row.received_at,
        due_at_ms: row.due_at,
        first_officer: row.first_officer.unwrap_or_default(),
        second_officer: row.second_officer.unwrap_or_default(),
        decided_at_ms: row.decided_at.unwrap_or_default(),
        code: row.code.unwrap_or_default(),
        rule_text: text.map(|text| text.text.clone()).unwrap_or_default(),
        rule_source: text.map(|text| text.source.clone()).unwrap_or_default(),
        rule: row.rule.unwrap_or_default(),
        detail: row.detail.unwrap_or_default(),
    }
}

fn of_holder(row: holder::Model, resumption: Option<&resumption_proposal::Model>) -> RegisteredHolder {
    RegisteredHolder {
        registration: Some(HolderRegistration {
            holder: row.holder,
            domestic_cvca: row.domestic_cvca,
            purposes: row.purposes,
            organisations: row.organisations,
            approval: row.approval,
            dg3: row.dg3,
            dg4: row.dg4,
            validity_days: days(row.validity_days),
        }),
        state: row.state,
        suspended_reason: row.suspended_reason.unwrap_or_default(),
        proposed_by: row.proposed_by,
        confirmed_by: row.confirmed_by,
        confirmed_at_ms: row.confirmed_at,
        resumption_proposed_by: resumption.map(|proposal| proposal.proposed_by.clone()).unwrap_or_default(),
        resumption_reason: resumption.map(|proposal| proposal.reason.clone()).unwrap_or_default(),
    }
}

fn of_proposal(row: holder_proposal::Model) -> ProposedHolder {
    ProposedHolder {
        proposal: foreign_holders::proposal_name(&row),
        registration: Some(HolderRegistration {
            holder: row.holder,
            domestic_cvca: row.domestic_cvca,
            purposes: row.purposes,
            organisations: row.organisations,
            approval: row.approval,
            dg3: row.dg3,
            dg4: row.dg4,
            validity_days: days(row.validity_days),
        }),
        proposed_by: row.proposed_by,
        proposed_at_ms: row.proposed_at,
    }
}

fn of_issued(row: issued_certificate::Model) -> IssuedCertificate {
    use crate::domain::records::Day;
    IssuedCertificate {
        effective: Day::from_midnight(row.effective).to_string(),
        expires: Day::from_midnight(row.expires).to_string(),
        request_id: row.application.to_string(),
        issued_at_ms: row.issued_at,
        withdrawn_at_ms: row.withdrawn_at.unwrap_or_default(),
        car: row.car,
        chr: row.chr,
        holder: row.holder,
        certificate: row.certificate,
    }
}

fn of_ca(view: CaView) -> CaCertificate {
    let CaView { record, fingerprint, current } = view;
    CaCertificate {
        state: record.state.as_str().to_owned(),
        algorithm: record.algorithm.name().to_owned(),
        effective: record.effective.to_string(),
        expires: record.expires.to_string(),
        certificate: record.der.to_vec(),
        cvca: record.cvca,
        car: record.car,
        chr: record.chr,
        fingerprint,
        current,
    }
}

fn of_rollover(row: cvca_rollover::Model) -> RolloverProposal {
    RolloverProposal {
        proposal: rollover::proposal_name(&row),
        cvca: row.cvca,
        algorithm: row.algorithm,
        parameters: row.parameters,
        validity_days: days(row.validity_days),
        proposed_by: row.proposed_by,
        proposed_at_ms: row.proposed_at,
    }
}

/// Days as a row has them; its CHECK keeps them from being negative.
fn days(count: i64) -> u32 {
    u32::try_from(count).unwrap_or_default()
}
