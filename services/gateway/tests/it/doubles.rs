//! Identity and spoc, played: they remember what they were asked and answer as a test tells them.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use straznica_contracts::{
    common::v1::CallContext,
    identity::v1::{
        self as identity,
        inspection_service_server::{InspectionService, InspectionServiceServer},
    },
    spoc::v1::{
        self as spoc,
        issuing_service_server::IssuingServiceServer,
        message_service_server::MessageServiceServer,
        national_pki_service_server::NationalPkiServiceServer,
        partner_service_server::PartnerServiceServer,
        subscription_service_server::SubscriptionServiceServer,
        terminal_control_centre_service_server::{TerminalControlCentreService, TerminalControlCentreServiceServer},
        trust_service_server::{TrustService, TrustServiceServer},
    },
};
use straznica_journal::Journal;
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status, service::Routes};

/// A check against alerts.
pub(crate) const CHECK: &str = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e1";
pub(crate) const INSPECTION: &str = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55";

/// What a double was asked.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    Challenge(identity::CreateChallengeRequest),
    Create(identity::CreateInspectionRequest),
    Add(identity::AddEvidenceRequest),
    Get(identity::GetInspectionRequest),
    Refer(identity::ReferInspectionRequest),
    Close(identity::CloseReferralRequest),
    Fingerprints(identity::RecordFingerprintResultRequest),
    Chain(spoc::GetCertificateChainRequest),
    Signature(spoc::GetTaSignatureRequest),
    MasterList(spoc::GetMasterListRequest),
    DefectList(spoc::GetDefectListRequest),
    DocumentSigner(spoc::GetDocumentSignerInformationRequest),
    Summary,
    /// A call of the operator services, and its request as protobuf.
    Exchange(&'static str, Vec<u8>),
}

impl Asked {
    pub(crate) fn context(&self) -> CallContext {
        match self.clone() {
            Self::Challenge(request) => request.context,
            Self::Create(request) => request.context,
            Self::Add(request) => request.context,
            Self::Get(request) => request.context,
            Self::Refer(request) => request.context,
            Self::Close(request) => request.context,
            Self::Fingerprints(request) => request.context,
            Self::Chain(request) => request.context,
            Self::Signature(request) => request.context,
            Self::MasterList(_)
            | Self::DefectList(_)
            | Self::DocumentSigner(_)
            | Self::Summary
            | Self::Exchange(..) => None,
        }
        .unwrap_or_else(|| panic!("no context: {self:?}"))
    }
}

/// What every double has: a memory, a refusal for the next calls, a gate that holds calls up.
pub(crate) struct Script {
    asked: Mutex<Vec<Asked>>,
    refusals: Mutex<VecDeque<Status>>,
    delay: Mutex<Duration>,
    pub(crate) gate: Semaphore,
}

const OPEN: usize = 1 << 20;

impl Script {
    pub(crate) fn new() -> Self {
        Self {
            asked: Mutex::default(),
            refusals: Mutex::default(),
            delay: Mutex::default(),
            gate: Semaphore::new(OPEN),
        }
    }

    /// Everything asked so far, and forgets it.
    pub(crate) fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    pub(crate) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// The next call is refused.
    pub(crate) fn refuse(&self, status: Status) {
        self.refusals.lock().unwrap().push_back(status);
    }

    /// Every call takes so long.
    pub(crate) fn dawdle(&self, delay: Duration) {
        *self.delay.lock().unwrap() = delay;
    }

    /// Calls wait until the gate is opened again.
    pub(crate) fn close_gate(&self) {
        self.gate.forget_permits(OPEN);
    }

    pub(crate) fn open_gate(&self) {
        self.gate.add_permits(OPEN);
    }

    pub(crate) async fn answer<T>(&self, asked: Asked, answer: T) -> Result<Response<T>, Status> {
        self.asked.lock().unwrap().push(asked);
        let delay = *self.delay.lock().unwrap();
        tokio::time::sleep(delay).await;
        drop(self.gate.acquire().await);
        match self.refusals.lock().unwrap().pop_front() {
            Some(refusal) => Err(refusal),
            None => Ok(Response::new(answer)),
        }
    }
}

pub(crate) fn inspection() -> identity::Inspection {
    identity::Inspection {
        id: INSPECTION.to_owned(),
        verdict: identity::Verdict::Genuine.into(),
        scope: "document".to_owned(),
        issuing_state: "UT".to_owned(),
        checks: vec![identity::Check {
            check: "sod_signature".to_owned(),
            result: "successful".to_owned(),
            weight: "mandatory".to_owned(),
            evidence: [("algorithm".to_owned(), "ecdsa-with-SHA256".to_owned())].into(),
        }],
        tolerances: vec![identity::Tolerance { code: "bare".to_owned(), detail: "told".to_owned() }],
        opened_at_ms: 1_779_960_600_000,
        updated_at_ms: 1_779_960_600_250,
        line: identity::InspectionLine::First.into(),
        trust_generation: 42,
        profile: "document-default".to_owned(),
        terminal_authentication_available: true,
        alerts: Some(alerts()),
        ..Default::default()
    }
}

fn alerts() -> identity::BorderAlerts {
    let text = |pl: &str, en: &str| {
        let mut text = identity::BorderAlertText::default();
        (text.pl, text.en) = (pl.to_owned(), en.to_owned());
        Some(text)
    };
    let mut found = identity::BorderAlert::default();
    found.category = "refusal_of_entry".to_owned();
    found.title = text("Odmowa wjazdu", "Refusal of entry");
    found.basis = "art. 24".to_owned();
    found.action = "refuse_entry".to_owned();
    found.instruction = text("Odmówić.", "Refuse.");
    found.issuing_state = "DEU".to_owned();
    identity::BorderAlerts {
        result: identity::BorderAlertsResult::Hit.into(),
        unchecked: identity::BorderAlertsUnchecked::Stale.into(),
        step: identity::BorderAlertsStep::SecondLine.into(),
        check_id: CHECK.to_owned(),
        checked_at_ms: Some(1_779_960_600_100),
        found: vec![found],
    }
}

/// Identity.
pub(crate) struct IdentityDouble {
    pub(crate) script: Script,
    /// Its own journal, where a test needs one.
    pub(crate) journal: OnceLock<Journal>,
}

impl IdentityDouble {
    pub(crate) fn new() -> Self {
        Self { script: Script::new(), journal: OnceLock::new() }
    }

    pub(crate) fn routes(self: Arc<Self>) -> Routes {
        let routes = Routes::new(InspectionServiceServer::from_arc(self.clone()));
        let Some(journal) = self.journal.get() else { return routes };
        let servers = straznica_journal::rpc::servers(journal, Arc::new(|_| Some("service/gateway".to_owned())));
        routes.add_service(servers.journal).add_service(servers.witness)
    }
}

macro_rules! answers_with_the_inspection {
    ($($method:ident($request:ident) -> $response:ident, $asked:ident;)*) => {
        #[tonic::async_trait]
        impl InspectionService for IdentityDouble {
            async fn create_challenge(
                &self,
                request: Request<identity::CreateChallengeRequest>,
            ) -> Result<Response<identity::CreateChallengeResponse>, Status> {
                let answer = identity::CreateChallengeResponse {
                    challenge_id: "0197a3c0-52b1-7c0e-9d0f-3f1f6b1d2a10".to_owned(),
                    challenge: vec![1, 2, 3, 4, 5, 6, 7, 8],
                    expires_at_ms: 1_779_960_900_000,
                };
                self.script.answer(Asked::Challenge(request.into_inner()), answer).await
            }

            $(async fn $method(
                &self,
                request: Request<identity::$request>,
            ) -> Result<Response<identity::$response>, Status> {
                let answer = identity::$response { inspection: Some(inspection()) };
                self.script.answer(Asked::$asked(request.into_inner()), answer).await
            })*
        }
    };
}

answers_with_the_inspection! {
    create_inspection(CreateInspectionRequest) -> CreateInspectionResponse, Create;
    add_evidence(AddEvidenceRequest) -> AddEvidenceResponse, Add;
    get_inspection(GetInspectionRequest) -> GetInspectionResponse, Get;
    refer_inspection(ReferInspectionRequest) -> ReferInspectionResponse, Refer;
    close_referral(CloseReferralRequest) -> CloseReferralResponse, Close;
    record_fingerprint_result(RecordFingerprintResultRequest) -> RecordFingerprintResultResponse, Fingerprints;
}

/// Spoc.
pub(crate) struct SpocDouble {
    pub(crate) script: Script,
    pub(crate) chain: Mutex<spoc::GetCertificateChainResponse>,
    pub(crate) signature: Mutex<spoc::GetTaSignatureResponse>,
    /// The list in force and its digest.
    pub(crate) list: Mutex<(Vec<u8>, Vec<u8>)>,
}

impl SpocDouble {
    pub(crate) fn new() -> Self {
        let certificate = |chr: &str, role: spoc::CertificateRole| spoc::ChainCertificate {
            chr: chr.to_owned(),
            role: role.into(),
            der: vec![0x7f, 0x21, 0],
        };
        let chain = spoc::GetCertificateChainResponse {
            result: spoc::ChainResult::OkCertificateChainAvailable.into(),
            car_used: "UTCVCA00004".to_owned(),
            certificates: vec![
                certificate("UTCVCA00005", spoc::CertificateRole::CvcaLink),
                certificate("PLDV00002", spoc::CertificateRole::DvForeign),
                certificate("PLGATE00017", spoc::CertificateRole::InspectionSystem),
            ],
            is_chr: "PLGATE00017".to_owned(),
            algorithm: "id-TA-ECDSA-SHA-256".to_owned(),
            hash: "SHA-256".to_owned(),
            expires: "2026-06-14".to_owned(),
            rights: Some(spoc::EffectiveRights { terminal_type: "IS".to_owned(), bits: vec![3], dg3: true, dg4: true }),
            detail: String::new(),
        };
        let signature = spoc::GetTaSignatureResponse {
            result: spoc::TaSignatureResult::OkSignatureAvailable.into(),
            signature: vec![9; 64],
            detail: String::new(),
        };
        Self {
            script: Script::new(),
            chain: Mutex::new(chain),
            signature: Mutex::new(signature),
            list: Mutex::new((b"a signed list".to_vec(), vec![7; 32])),
        }
    }

    pub(crate) fn routes(self: Arc<Self>) -> Routes {
        Routes::new(TerminalControlCentreServiceServer::from_arc(self.clone()))
            .add_service(PartnerServiceServer::from_arc(self.clone()))
            .add_service(MessageServiceServer::from_arc(self.clone()))
            .add_service(IssuingServiceServer::from_arc(self.clone()))
            .add_service(SubscriptionServiceServer::from_arc(self.clone()))
            .add_service(NationalPkiServiceServer::from_arc(self.clone()))
            .add_service(TrustServiceServer::from_arc(self))
    }

    fn list(&self, known: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let (list, sha256) = self.list.lock().unwrap().clone();
        (if known == sha256 { Vec::new() } else { list }, sha256)
    }
}

#[tonic::async_trait]
impl TerminalControlCentreService for SpocDouble {
    async fn open_inspection(
        &self,
        _: Request<spoc::OpenInspectionRequest>,
    ) -> Result<Response<spoc::OpenInspectionResponse>, Status> {
        Err(Status::unimplemented("not the gateway's to call"))
    }

    async fn get_certificate_chain(
        &self,
        request: Request<spoc::GetCertificateChainRequest>,
    ) -> Result<Response<spoc::GetCertificateChainResponse>, Status> {
        let answer = self.chain.lock().unwrap().clone();
        self.script.answer(Asked::Chain(request.into_inner()), answer).await
    }

    async fn get_ta_signature(
        &self,
        request: Request<spoc::GetTaSignatureRequest>,
    ) -> Result<Response<spoc::GetTaSignatureResponse>, Status> {
        let answer = self.signature.lock().unwrap().clone();
        self.script.answer(Asked::Signature(request.into_inner()), answer).await
    }

    async fn get_master_list(
        &self,
        request: Request<spoc::GetMasterListRequest>,
    ) -> Result<Response<spoc::GetMasterListResponse>, Status> {
        let request = request.into_inner();
        let (list, sha256) = self.list(&request.known_sha256);
        self.script.answer(Asked::MasterList(request), spoc::GetMasterListResponse { sha256, list }).await
    }

    async fn get_defect_list(
        &self,
        request: Request<spoc::GetDefectListRequest>,
    ) -> Result<Response<spoc::GetDefectListResponse>, Status> {
        let request = request.into_inner();
        let (list, sha256) = self.list(&request.known_sha256);
        self.script.answer(Asked::DefectList(request), spoc::GetDefectListResponse { sha256, list }).await
    }

    async fn get_document_signer_information(
        &self,
        request: Request<spoc::GetDocumentSignerInformationRequest>,
    ) -> Result<Response<spoc::GetDocumentSignerInformationResponse>, Status> {
        let answer = spoc::GetDocumentSignerInformationResponse {
            status: spoc::DocumentSignerStatus::CertificateInvalid.into(),
            reasons: vec!["revoked".to_owned()],
            signer_not_before: "2024-03-01".to_owned(),
            signer_not_after: "2034-06-30".to_owned(),
            signature_state: "valid".to_owned(),
            generation: 42,
            ..Default::default()
        };
        self.script.answer(Asked::DocumentSigner(request.into_inner()), answer).await
    }
}

macro_rules! not_the_gateways_to_call {
    ($($method:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl TrustService for SpocDouble {
            async fn get_trust_summary(
                &self,
                _: Request<spoc::GetTrustSummaryRequest>,
            ) -> Result<Response<spoc::GetTrustSummaryResponse>, Status> {
                let answer = spoc::GetTrustSummaryResponse {
                    generation: 42,
                    changed_at_ms: 1_779_960_600_000,
                    cscas: 588,
                    cvcas: vec![spoc::CvcaSummary {
                        name: "UTCVCA".to_owned(),
                        newest_chr: "UTCVCA00005".to_owned(),
                        ready: true,
                        expires: "2026-06-14".to_owned(),
                    }],
                    ..Default::default()
                };
                self.script.answer(Asked::Summary, answer).await
            }

            $(async fn $method(&self, _: Request<spoc::$request>) -> Result<Response<spoc::$response>, Status> {
                Err(Status::unimplemented("not the gateway's to call"))
            })*
        }
    };
}

not_the_gateways_to_call! {
    propose_anchor(ProposeAnchorRequest) -> ProposeAnchorResponse;
    confirm_anchor(ConfirmAnchorRequest) -> ConfirmAnchorResponse;
    withdraw_anchor(WithdrawAnchorRequest) -> WithdrawAnchorResponse;
    import_master_list(ImportMasterListRequest) -> ImportMasterListResponse;
    import_revocation_list(ImportRevocationListRequest) -> ImportRevocationListResponse;
    import_defect_list(ImportDefectListRequest) -> ImportDefectListResponse;
    get_trust_snapshot(GetTrustSnapshotRequest) -> GetTrustSnapshotResponse;
}
