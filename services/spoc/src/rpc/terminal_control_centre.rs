//! TerminalControlCentreService.

use emrtd::inspection::{DocumentSignerInformation, SignatureState, SignerStatus};
use straznica_contracts::spoc::v1::{
    CertificateRole, ChainCertificate, ChainResult, DocumentSignerStatus, EffectiveRights, GetCertificateChainRequest,
    GetCertificateChainResponse, GetDefectListRequest, GetDefectListResponse, GetDocumentSignerInformationRequest,
    GetDocumentSignerInformationResponse, GetMasterListRequest, GetMasterListResponse, GetTaSignatureRequest,
    GetTaSignatureResponse, OpenInspectionRequest, OpenInspectionResponse, TaSignatureResult, get_ta_signature_request,
    terminal_control_centre_service_server::TerminalControlCentreService,
};
use straznica_types::Timestamp;
use time::OffsetDateTime;
use tonic::{Request, Response, Status};

use super::{Handler, call, open, refuse};
use crate::{
    app::{
        call::inspection_id,
        chains::{self, ChainAnswer},
        document_signers, inspections, lists,
        ta_signature::{self, SignatureAnswer, SignatureRequest},
    },
    domain::{chains::Chain, records::Role, ta_request::ToBeSigned},
    error::SpocError,
};

#[tonic::async_trait]
impl TerminalControlCentreService for Handler {
    async fn open_inspection(
        &self,
        request: Request<OpenInspectionRequest>,
    ) -> Result<Response<OpenInspectionResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let id = inspection_id(&message.inspection_id).map_err(refuse)?;
        let opened_at = Timestamp::from_millis(message.opened_at_ms);
        inspections::open(&self.0, &call, id, opened_at).await.map_err(refuse)?;
        Ok(Response::new(OpenInspectionResponse {}))
    }

    async fn get_certificate_chain(
        &self,
        request: Request<GetCertificateChainRequest>,
    ) -> Result<Response<GetCertificateChainResponse>, Status> {
        let message = request.into_inner();
        Ok(Response::new(chain_response(chains::find(&self.0, &message.cars))))
    }

    async fn get_ta_signature(
        &self,
        request: Request<GetTaSignatureRequest>,
    ) -> Result<Response<GetTaSignatureResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let request = SignatureRequest {
            inspection_id: inspection_id(&message.inspection_id).map_err(refuse)?,
            is_chr: message.is_chr,
            to_be_signed: message
                .to_be_signed
                .map(to_be_signed)
                .ok_or(SpocError::field("to_be_signed", "a hash or the parts are needed"))
                .map_err(refuse)?,
        };
        let answer = ta_signature::sign(&self.0, &call, request).await.map_err(refuse)?;
        Ok(Response::new(signature_response(answer)))
    }

    async fn get_master_list(
        &self,
        request: Request<GetMasterListRequest>,
    ) -> Result<Response<GetMasterListResponse>, Status> {
        let (sha256, list) = lists::master_list(&self.0, &request.into_inner().known_sha256).await.map_err(refuse)?;
        Ok(Response::new(GetMasterListResponse { sha256, list }))
    }

    async fn get_defect_list(
        &self,
        request: Request<GetDefectListRequest>,
    ) -> Result<Response<GetDefectListResponse>, Status> {
        let (sha256, list) = lists::defect_list(&self.0, &request.into_inner().known_sha256).map_err(refuse)?;
        Ok(Response::new(GetDefectListResponse { sha256, list }))
    }

    async fn get_document_signer_information(
        &self,
        request: Request<GetDocumentSignerInformationRequest>,
    ) -> Result<Response<GetDocumentSignerInformationResponse>, Status> {
        let certificate = request.into_inner().certificate;
        let (generation, information) = document_signers::information(&self.0, certificate).await.map_err(refuse)?;
        Ok(Response::new(document_signer_response(generation, information)))
    }
}

fn to_be_signed(message: get_ta_signature_request::ToBeSigned) -> ToBeSigned {
    match message {
        get_ta_signature_request::ToBeSigned::Hash(hash) => ToBeSigned::Hash(hash),
        get_ta_signature_request::ToBeSigned::Parts(parts) => ToBeSigned::Parts {
            id_picc: parts.id_picc,
            challenge: parts.challenge,
            hash_pk: parts.hash_pk,
            aux_pcd: parts.aux_pcd,
        },
    }
}

fn signature_response(answer: SignatureAnswer) -> GetTaSignatureResponse {
    let (result, signature, detail) = match answer {
        SignatureAnswer::Signature(signature) => (TaSignatureResult::OkSignatureAvailable, signature, String::new()),
        SignatureAnswer::ChrUnknown(why) => (TaSignatureResult::FailureChrUnknown, Vec::new(), why.to_owned()),
        SignatureAnswer::Syntax(why) => (TaSignatureResult::FailureSyntax, Vec::new(), why),
    };
    GetTaSignatureResponse { result: result.into(), signature, detail }
}

fn chain_response(answer: ChainAnswer) -> GetCertificateChainResponse {
    let (result, detail) = match answer {
        ChainAnswer::Ready(chain) => return ready(&chain),
        ChainAnswer::Unknown => (ChainResult::FailureCarUnknown, "none of the references is known"),
        ChainAnswer::Syntax(why) => (ChainResult::FailureSyntax, why),
        ChainAnswer::NothingHeld => {
            (ChainResult::FailureOtherError, "no valid DV and inspection system certificate with its key is held")
        }
    };
    GetCertificateChainResponse { result: result.into(), detail: detail.to_owned(), ..Default::default() }
}

fn ready(chain: &Chain) -> GetCertificateChainResponse {
    let certificate = |link: &crate::domain::chains::ChainLink| ChainCertificate {
        chr: link.chr.clone(),
        role: role(link.role).into(),
        der: link.der.to_vec(),
    };
    GetCertificateChainResponse {
        result: ChainResult::OkCertificateChainAvailable.into(),
        car_used: chain.car.clone(),
        certificates: chain.certificates.iter().map(certificate).collect(),
        is_chr: chain.is_chr.clone(),
        algorithm: chain.algorithm.name().to_owned(),
        hash: chain.algorithm.hash().name().to_owned(),
        expires: chain.expires.to_string(),
        rights: Some(EffectiveRights {
            terminal_type: chain.rights.terminal_type().to_string(),
            bits: chain.rights.as_bytes().to_vec(),
            dg3: chain.rights.dg3().unwrap_or(false),
            dg4: chain.rights.dg4().unwrap_or(false),
        }),
        detail: String::new(),
    }
}

pub(super) const fn role(role: Role) -> CertificateRole {
    match role {
        Role::Cvca => CertificateRole::Cvca,
        Role::CvcaLink => CertificateRole::CvcaLink,
        Role::DvDomestic => CertificateRole::DvDomestic,
        Role::DvForeign => CertificateRole::DvForeign,
        Role::InspectionSystem => CertificateRole::InspectionSystem,
    }
}

fn document_signer_response(
    generation: u64,
    information: DocumentSignerInformation,
) -> GetDocumentSignerInformationResponse {
    let status = match information.status {
        SignerStatus::Ok => DocumentSignerStatus::CertificateOk,
        SignerStatus::Undetermined => DocumentSignerStatus::CertificateUndetermined,
        SignerStatus::Invalid => DocumentSignerStatus::CertificateInvalid,
    };
    let signature_state = match information.signature {
        SignatureState::Valid => "valid",
        SignatureState::Invalid => "invalid",
        SignatureState::Undetermined => "undetermined",
    };
    let (ca_not_before, ca_not_after) = information.ca_validity.unzip();
    let text = |at: Option<OffsetDateTime>| at.map(|at| at.date().to_string()).unwrap_or_default();
    GetDocumentSignerInformationResponse {
        status: status.into(),
        reasons: information.reasons,
        signer_not_before: text(Some(information.signer_validity.0)),
        signer_not_after: text(Some(information.signer_validity.1)),
        ca_not_before: text(ca_not_before),
        ca_not_after: text(ca_not_after),
        signature_state: signature_state.to_owned(),
        defects: information.defects,
        generation,
    }
}
