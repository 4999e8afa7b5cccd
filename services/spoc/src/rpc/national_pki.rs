//! NationalPkiService.

use straznica_contracts::spoc::v1::{
    ConfirmCvcaCertificateRequest, ConfirmCvcaCertificateResponse, CreateDvRequestRequest, CreateDvRequestResponse,
    CreateExchangeTlsKeyRequest, CreateExchangeTlsKeyResponse, CreateNationalCvcaRequest, CreateNationalCvcaResponse,
    CvcaImport, Holder, ImportCvcaCertificatesRequest, ImportCvcaCertificatesResponse, ImportDvCertificateRequest,
    ImportDvCertificateResponse, IssueDomesticDvRequest, IssueDomesticDvResponse, IssueInspectionSystemRequest,
    IssueInspectionSystemResponse, ListHoldersRequest, ListHoldersResponse, ListSequencesRequest,
    ListSequencesResponse, RaiseSequenceRequest, RaiseSequenceResponse, RejectCvcaCertificateRequest,
    RejectCvcaCertificateResponse, ResumeHolderRequest, ResumeHolderResponse, Sequence, SuspendHolderRequest,
    SuspendHolderResponse, national_pki_service_server::NationalPkiService,
};
use tonic::{Request, Response, Status};

use super::{Handler, call, open, refuse, terminal_control_centre::role};
use crate::app::{
    cvca_certificates, dv_certificates, dv_requests,
    exchange::domestic_dv::{self, Domestic},
    exchange_key, holders, inspection_systems, national_cvca,
    resumption::Resumption,
    sequences,
};

#[tonic::async_trait]
impl NationalPkiService for Handler {
    async fn create_national_cvca(
        &self,
        request: Request<CreateNationalCvcaRequest>,
    ) -> Result<Response<CreateNationalCvcaResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let order = national_cvca::Order {
            mnemonic: message.mnemonic,
            algorithm: message.algorithm,
            parameters: message.parameters,
            validity_days: message.validity_days,
        };
        let (chr, certificate) = national_cvca::create(&self.0, &call, order).await.map_err(refuse)?;
        Ok(Response::new(CreateNationalCvcaResponse { chr, certificate }))
    }

    async fn import_cvca_certificates(
        &self,
        request: Request<ImportCvcaCertificatesRequest>,
    ) -> Result<Response<ImportCvcaCertificatesResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let imported = cvca_certificates::import(&self.0, &call, message.certificates).await.map_err(refuse)?;
        let imported = imported
            .into_iter()
            .map(|one| CvcaImport {
                chr: one.chr,
                car: one.car,
                fingerprint: one.fingerprint,
                awaits_confirmation: one.awaits_confirmation,
                findings: one.findings,
            })
            .collect();
        Ok(Response::new(ImportCvcaCertificatesResponse { imported }))
    }

    async fn confirm_cvca_certificate(
        &self,
        request: Request<ConfirmCvcaCertificateRequest>,
    ) -> Result<Response<ConfirmCvcaCertificateResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let compared = match message.look_at.as_str() {
            "" => cvca_certificates::confirm(&self.0, &call, &message.fingerprint).await,
            fingerprint => cvca_certificates::look(&self.0, &call, fingerprint).await,
        };
        let compared = compared.map_err(refuse)?;
        Ok(Response::new(ConfirmCvcaCertificateResponse {
            chr: compared.chr,
            awaits_second_officer: compared.awaits_second,
            findings: compared.findings,
        }))
    }

    async fn reject_cvca_certificate(
        &self,
        request: Request<RejectCvcaCertificateRequest>,
    ) -> Result<Response<RejectCvcaCertificateResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        cvca_certificates::reject(&self.0, &call, &message.chr, &message.reason).await.map_err(refuse)?;
        Ok(Response::new(RejectCvcaCertificateResponse {}))
    }

    async fn create_dv_request(
        &self,
        request: Request<CreateDvRequestRequest>,
    ) -> Result<Response<CreateDvRequestResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let made = dv_requests::create(&self.0, &call, &message.cvca, &message.dv_mnemonic).await.map_err(refuse)?;
        Ok(Response::new(CreateDvRequestResponse { chr: made.chr, request: made.request, initial: made.initial }))
    }

    async fn import_dv_certificate(
        &self,
        request: Request<ImportDvCertificateRequest>,
    ) -> Result<Response<ImportDvCertificateResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let taken = dv_certificates::import(&self.0, &call, message.certificates).await.map_err(refuse)?;
        Ok(Response::new(ImportDvCertificateResponse {
            chr: taken.chr,
            car: taken.car,
            expires: taken.expires.to_string(),
            warnings: taken.warnings,
        }))
    }

    async fn issue_inspection_system(
        &self,
        request: Request<IssueInspectionSystemRequest>,
    ) -> Result<Response<IssueInspectionSystemResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let issued = inspection_systems::issue(&self.0, &call, &message.cvca, &message.mnemonic, message.validity_days)
            .await
            .map_err(refuse)?;
        Ok(Response::new(IssueInspectionSystemResponse {
            chr: issued.chr,
            expires: issued.expires.to_string(),
            certificate: issued.certificate,
        }))
    }

    async fn issue_domestic_dv(
        &self,
        request: Request<IssueDomesticDvRequest>,
    ) -> Result<Response<IssueDomesticDvResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let outcome = domestic_dv::issue(&self.0, &call, &message.cvca, &message.dv_mnemonic).await.map_err(refuse)?;
        Ok(Response::new(match outcome {
            Domestic::Issued(taken) => {
                IssueDomesticDvResponse { chr: taken.chr, waiting: false, expires: taken.expires.to_string() }
            }
            Domestic::Waiting { chr } => IssueDomesticDvResponse { chr, waiting: true, expires: String::new() },
        }))
    }

    async fn create_exchange_tls_key(
        &self,
        request: Request<CreateExchangeTlsKeyRequest>,
    ) -> Result<Response<CreateExchangeTlsKeyResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let name = exchange_key::Name {
            organisation: message.organisation,
            common_name: message.common_name,
            host: message.host,
        };
        let made = exchange_key::create(&self.0, &call, name).await.map_err(refuse)?;
        let (key_handle, certificate_request) = (made.handle.to_string(), made.request);
        Ok(Response::new(CreateExchangeTlsKeyResponse { key_handle, certificate_request }))
    }

    async fn suspend_holder(
        &self,
        request: Request<SuspendHolderRequest>,
    ) -> Result<Response<SuspendHolderResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        holders::suspend(&self.0, &call, &message.car, &message.chr, &message.reason).await.map_err(refuse)?;
        Ok(Response::new(SuspendHolderResponse {}))
    }

    async fn resume_holder(
        &self,
        request: Request<ResumeHolderRequest>,
    ) -> Result<Response<ResumeHolderResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let outcome = holders::resume(&self.0, &call, &message.car, &message.chr, &message.reason).await;
        let awaits_second_officer = outcome.map_err(refuse)? == Resumption::AwaitsSecond;
        Ok(Response::new(ResumeHolderResponse { awaits_second_officer }))
    }

    async fn list_sequences(
        &self,
        _request: Request<ListSequencesRequest>,
    ) -> Result<Response<ListSequencesResponse>, Status> {
        let given = sequences::list(&self.0).await.map_err(refuse)?;
        let sequences = given.into_iter().map(|given| Sequence { holder: given.holder, last: given.last }).collect();
        Ok(Response::new(ListSequencesResponse { sequences }))
    }

    async fn raise_sequence(
        &self,
        request: Request<RaiseSequenceRequest>,
    ) -> Result<Response<RaiseSequenceResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let despite = message.despite_doubts;
        let raised = sequences::raise(&self.0, &call, &message.chr, &message.reason, despite).await.map_err(refuse)?;
        let (now, before) = (raised.now, raised.before);
        Ok(Response::new(RaiseSequenceResponse { holder: now.holder, last: now.last, before }))
    }

    async fn list_holders(
        &self,
        _request: Request<ListHoldersRequest>,
    ) -> Result<Response<ListHoldersResponse>, Status> {
        let holders = holders::list(&self.0).await.map_err(refuse)?;
        let holders = holders
            .into_iter()
            .map(|holder| {
                let (resumption_proposed_by, resumption_reason) = holder.resumption.unwrap_or_default();
                Holder {
                    chr: holder.chr,
                    car: holder.car,
                    role: role(holder.role).into(),
                    state: holder.state.to_owned(),
                    effective: holder.effective.map(|day| day.to_string()).unwrap_or_default(),
                    expires: holder.expires.map(|day| day.to_string()).unwrap_or_default(),
                    has_key: holder.has_key,
                    resumption_proposed_by,
                    resumption_reason,
                    findings: holder.findings,
                }
            })
            .collect();
        Ok(Response::new(ListHoldersResponse { holders }))
    }
}
