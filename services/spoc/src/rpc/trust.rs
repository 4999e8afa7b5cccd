//! TrustService.

use emrtd::x509::Certificate;
use straznica_contracts::spoc::v1::{
    AnchorUse, ConfirmAnchorRequest, ConfirmAnchorResponse, CvcaSummary, GetTrustSnapshotRequest,
    GetTrustSnapshotResponse, GetTrustSummaryRequest, GetTrustSummaryResponse, ImportDefectListRequest,
    ImportDefectListResponse, ImportMasterListRequest, ImportMasterListResponse, ImportRevocationListRequest,
    ImportRevocationListResponse, ImportedList, ProposeAnchorRequest, ProposeAnchorResponse, TrustedCsca,
    WithdrawAnchorRequest, WithdrawAnchorResponse, trust_service_server::TrustService,
};
use tonic::{Request, Response, Status};

use super::{Handler, call, open, refuse};
use crate::{
    app::{anchors, defect_lists, master_lists, revocation_lists, trust_reports},
    domain::anchors::AnchorPurpose,
    error::SpocError,
};

#[tonic::async_trait]
impl TrustService for Handler {
    async fn propose_anchor(
        &self,
        request: Request<ProposeAnchorRequest>,
    ) -> Result<Response<ProposeAnchorResponse>, Status> {
        let (peer, message) = open(request)?;
        let purpose = purpose(message.r#use()).map_err(refuse)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let (fingerprint, confirmed) =
            anchors::propose(&self.0, &call, message.certificate, purpose).await.map_err(refuse)?;
        Ok(Response::new(ProposeAnchorResponse { fingerprint, confirmed }))
    }

    async fn confirm_anchor(
        &self,
        request: Request<ConfirmAnchorRequest>,
    ) -> Result<Response<ConfirmAnchorResponse>, Status> {
        let (peer, message) = open(request)?;
        let purpose = purpose(message.r#use()).map_err(refuse)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        anchors::confirm(&self.0, &call, &message.fingerprint, purpose).await.map_err(refuse)?;
        Ok(Response::new(ConfirmAnchorResponse {}))
    }

    async fn withdraw_anchor(
        &self,
        request: Request<WithdrawAnchorRequest>,
    ) -> Result<Response<WithdrawAnchorResponse>, Status> {
        let (peer, message) = open(request)?;
        let purpose = purpose(message.r#use()).map_err(refuse)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let cscas_removed =
            anchors::withdraw(&self.0, &call, &message.fingerprint, purpose, &message.reason).await.map_err(refuse)?;
        Ok(Response::new(WithdrawAnchorResponse { cscas_removed }))
    }

    async fn import_master_list(
        &self,
        request: Request<ImportMasterListRequest>,
    ) -> Result<Response<ImportMasterListResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let taken = master_lists::import(&self.0, &call, message.list).await.map_err(refuse)?;
        Ok(Response::new(ImportMasterListResponse {
            anchor_fingerprint: taken.anchor_fingerprint,
            cscas: taken.cscas,
            added: taken.added,
            removed: taken.removed,
            conflicts: taken.conflicts,
            generation: taken.generation,
        }))
    }

    async fn import_revocation_list(
        &self,
        request: Request<ImportRevocationListRequest>,
    ) -> Result<Response<ImportRevocationListResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let taken = revocation_lists::import(&self.0, &call, message.crl).await.map_err(refuse)?;
        Ok(Response::new(ImportRevocationListResponse {
            issuer: taken.issuer,
            revoked: taken.revoked,
            next_update_ms: taken.next_update_ms,
            generation: taken.generation,
        }))
    }

    async fn import_defect_list(
        &self,
        request: Request<ImportDefectListRequest>,
    ) -> Result<Response<ImportDefectListResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let (defects, generation) = defect_lists::import(&self.0, &call, message.list).await.map_err(refuse)?;
        Ok(Response::new(ImportDefectListResponse { defects, generation }))
    }

    async fn get_trust_snapshot(
        &self,
        request: Request<GetTrustSnapshotRequest>,
    ) -> Result<Response<GetTrustSnapshotResponse>, Status> {
        let state = self.0.documents.current();
        if state.generation.number == request.into_inner().known_generation {
            return Ok(Response::new(GetTrustSnapshotResponse {
                generation: state.generation.number,
                ..Default::default()
            }));
        }
        let ders = |certificates: &[Certificate]| certificates.iter().map(|one| one.der().to_vec()).collect();
        let cscas = state.trust.cscas().iter().map(|csca| TrustedCsca {
            certificate: csca.certificate.der().to_vec(),
            vouched_by: csca.vouched_by.iter().cloned().collect(),
        });
        Ok(Response::new(GetTrustSnapshotResponse {
            generation: state.generation.number,
            cscas: cscas.collect(),
            revocation_lists: state.trust.crls().map(|crl| crl.der().to_vec()).collect(),
            defect_lists: state.defect_lists.iter().map(|list| list.der.clone()).collect(),
            defect_list_anchors: ders(&state.defect_list_anchors),
        }))
    }

    async fn get_trust_summary(
        &self,
        _request: Request<GetTrustSummaryRequest>,
    ) -> Result<Response<GetTrustSummaryResponse>, Status> {
        let summary = trust_reports::summary(&self.0);
        let master_lists = summary.master_lists.into_iter().map(|list| ImportedList {
            publisher: list.publisher,
            sha256: list.sha256,
            imported_at_ms: list.imported_at.millis(),
            cscas: list.cscas,
        });
        let cvcas = summary.cvcas.into_iter().map(|cvca| CvcaSummary {
            name: cvca.name,
            newest_chr: cvca.newest_chr,
            ready: cvca.expires.is_some(),
            expires: cvca.expires.map(|day| day.to_string()).unwrap_or_default(),
        });
        Ok(Response::new(GetTrustSummaryResponse {
            generation: summary.generation.number,
            changed_at_ms: summary.generation.changed_at.millis(),
            cscas: summary.cscas,
            countries: summary.countries,
            revocation_lists: summary.revocation_lists,
            stale_revocation_lists: summary.stale_revocation_lists,
            defect_lists: summary.defect_lists,
            master_lists: master_lists.collect(),
            cvcas: cvcas.collect(),
        }))
    }
}

fn purpose(anchor_use: AnchorUse) -> Result<AnchorPurpose, SpocError> {
    match anchor_use {
        AnchorUse::Unspecified => Err(SpocError::field("use", "what the anchor is for is needed")),
        AnchorUse::MasterList => Ok(AnchorPurpose::MasterList),
        AnchorUse::DefectList => Ok(AnchorPurpose::DefectList),
        AnchorUse::Csca => Ok(AnchorPurpose::Csca),
    }
}
