//! spoc as identity sees it: a trust snapshot that a test sets, and an ear for announced inspections.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use straznica_contracts::spoc::v1::terminal_control_centre_service_server::TerminalControlCentreService;
use straznica_contracts::spoc::v1::trust_service_server::TrustService;
use straznica_contracts::spoc::v1::{self as proto, GetTrustSnapshotResponse, OpenInspectionRequest};
use tonic::{Request, Response, Status};

/// What the double answers and hears.
#[derive(Default)]
pub(crate) struct Spoc {
    snapshot: Mutex<GetTrustSnapshotResponse>,
    trust_down: AtomicBool,
    centre_down: AtomicBool,
    silent: AtomicBool,
    whole_snapshots: AtomicUsize,
    announced: Mutex<Vec<OpenInspectionRequest>>,
}

impl Spoc {
    pub(crate) fn publish(&self, snapshot: GetTrustSnapshotResponse) {
        *self.snapshot.lock().unwrap() = snapshot;
    }

    pub(crate) fn goes_down(&self) {
        self.trust_down.store(true, Ordering::SeqCst);
        self.centre_down.store(true, Ordering::SeqCst);
    }

    /// Takes calls and answers none.
    pub(crate) fn falls_silent(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    async fn answer_unless_silent(&self) {
        if self.silent.load(Ordering::SeqCst) {
            std::future::pending().await
        }
    }

    pub(crate) fn comes_back(&self) {
        self.trust_down.store(false, Ordering::SeqCst);
        self.centre_down.store(false, Ordering::SeqCst);
    }

    pub(crate) fn announced(&self) -> Vec<OpenInspectionRequest> {
        self.announced.lock().unwrap().clone()
    }

    /// How often everything was sent.
    pub(crate) fn whole_snapshots(&self) -> usize {
        self.whole_snapshots.load(Ordering::SeqCst)
    }
}

/// The answer of every call identity does not make.
fn not_asked<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("identity does not ask this"))
}

#[tonic::async_trait]
impl TrustService for Spoc {
    async fn get_trust_snapshot(
        &self,
        request: Request<proto::GetTrustSnapshotRequest>,
    ) -> Result<Response<GetTrustSnapshotResponse>, Status> {
        self.answer_unless_silent().await;
        if self.trust_down.load(Ordering::SeqCst) {
            return Err(Status::unavailable("down"));
        }
        let snapshot = self.snapshot.lock().unwrap().clone();
        if request.get_ref().known_generation == snapshot.generation {
            return Ok(Response::new(GetTrustSnapshotResponse {
                generation: snapshot.generation,
                ..Default::default()
            }));
        }
        self.whole_snapshots.fetch_add(1, Ordering::SeqCst);
        Ok(Response::new(snapshot))
    }

    async fn propose_anchor(
        &self,
        _: Request<proto::ProposeAnchorRequest>,
    ) -> Result<Response<proto::ProposeAnchorResponse>, Status> {
        not_asked()
    }
    async fn confirm_anchor(
        &self,
        _: Request<proto::ConfirmAnchorRequest>,
    ) -> Result<Response<proto::ConfirmAnchorResponse>, Status> {
        not_asked()
    }
    async fn withdraw_anchor(
        &self,
        _: Request<proto::WithdrawAnchorRequest>,
    ) -> Result<Response<proto::WithdrawAnchorResponse>, Status> {
        not_asked()
    }
    async fn import_master_list(
        &self,
        _: Request<proto::ImportMasterListRequest>,
    ) -> Result<Response<proto::ImportMasterListResponse>, Status> {
        not_asked()
    }
    async fn import_revocation_list(
        &self,
        _: Request<proto::ImportRevocationListRequest>,
    ) -> Result<Response<proto::ImportRevocationListResponse>, Status> {
        not_asked()
    }
    async fn import_defect_list(
        &self,
        _: Request<proto::ImportDefectListRequest>,
    ) -> Result<Response<proto::ImportDefectListResponse>, Status> {
        not_asked()
    }
    async fn get_trust_summary(
        &self,
        _: Request<proto::GetTrustSummaryRequest>,
    ) -> Result<Response<proto::GetTrustSummaryResponse>, Status> {
        not_asked()
    }
}

#[tonic::async_trait]
impl TerminalControlCentreService for Spoc {
    async fn open_inspection(
        &self,
        request: Request<OpenInspectionRequest>,
    ) -> Result<Response<proto::OpenInspectionResponse>, Status> {
        self.answer_unless_silent().await;
        if self.centre_down.load(Ordering::SeqCst) {
            return Err(Status::unavailable("down"));
        }
        self.announced.lock().unwrap().push(request.into_inner());
        Ok(Response::new(proto::OpenInspectionResponse {}))
    }

    async fn get_certificate_chain(
        &self,
        _: Request<proto::GetCertificateChainRequest>,
    ) -> Result<Response<proto::GetCertificateChainResponse>, Status> {
        not_asked()
    }
    async fn get_ta_signature(
        &self,
        _: Request<proto::GetTaSignatureRequest>,
    ) -> Result<Response<proto::GetTaSignatureResponse>, Status> {
        not_asked()
    }
    async fn get_master_list(
        &self,
        _: Request<proto::GetMasterListRequest>,
    ) -> Result<Response<proto::GetMasterListResponse>, Status> {
        not_asked()
    }
    async fn get_defect_list(
        &self,
        _: Request<proto::GetDefectListRequest>,
    ) -> Result<Response<proto::GetDefectListResponse>, Status> {
        not_asked()
    }
    async fn get_document_signer_information(
        &self,
        _: Request<proto::GetDocumentSignerInformationRequest>,
    ) -> Result<Response<proto::GetDocumentSignerInformationResponse>, Status> {
        not_asked()
    }
}
