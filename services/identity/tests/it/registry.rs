//! registry as identity sees it: it says whether there are alerts as a test tells it to, and remembers whom it was asked about.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use straznica_contracts::registry::v1::alert_service_server::AlertService;
use straznica_contracts::registry::v1::{
    self as proto, AlertFinding, AlertResult, AlertStanding, AlertUnavailability, CheckAtBorderRequest,
    CheckAtBorderResponse, Text,
};
use tonic::{Code, Request, Response, Status};

/// The id of every check.
pub(crate) const CHECK: &str = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55";

/// What the double answers and hears.
pub(crate) struct Registry {
    answer: Mutex<Result<CheckAtBorderResponse, Code>>,
    silent: AtomicBool,
    asked: Mutex<Vec<CheckAtBorderRequest>>,
}

impl Default for Registry {
    fn default() -> Self {
        let answer = Mutex::new(Ok(answer(AlertResult::NoHit, Vec::new())));
        Self { answer, silent: AtomicBool::new(false), asked: Mutex::default() }
    }
}

impl Registry {
    pub(crate) fn says(&self, answer: CheckAtBorderResponse) {
        *self.answer.lock().unwrap() = Ok(answer);
    }

    pub(crate) fn refuses(&self, code: Code) {
        *self.answer.lock().unwrap() = Err(code);
    }

    /// Takes calls and answers none.
    pub(crate) fn falls_silent(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    pub(crate) fn asked(&self) -> Vec<CheckAtBorderRequest> {
        self.asked.lock().unwrap().clone()
    }
}

/// A complete answer.
pub(crate) fn answer(result: AlertResult, findings: Vec<AlertFinding>) -> CheckAtBorderResponse {
    let mut answer = CheckAtBorderResponse {
        as_of_ms: Some(1),
        checked_at_ms: 1,
        findings,
        check_id: CHECK.to_owned(),
        ..CheckAtBorderResponse::default()
    };
    answer.set_result(result);
    answer
}

/// No answer.
pub(crate) fn unavailable(why: AlertUnavailability) -> CheckAtBorderResponse {
    let mut answer = CheckAtBorderResponse { as_of_ms: None, ..answer(AlertResult::Unavailable, Vec::new()) };
    answer.set_unavailable(why);
    answer
}

/// An alert with this to be done.
pub(crate) fn finding(action: &str, discreet: bool, standing: AlertStanding) -> AlertFinding {
    let instruction = Text { pl: "Co robić".to_owned(), en: "What to do".to_owned() };
    let mut finding = AlertFinding {
        category: "check".to_owned(),
        action: action.to_owned(),
        instruction: Some(instruction),
        discreet,
        issuing_state: "NLD".to_owned(),
        ..AlertFinding::default()
    };
    finding.set_standing(standing);
    finding
}

/// The answer of every call identity does not make.
fn not_asked<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("identity does not ask this"))
}

#[tonic::async_trait]
impl AlertService for Registry {
    async fn check_at_border(
        &self,
        request: Request<CheckAtBorderRequest>,
    ) -> Result<Response<CheckAtBorderResponse>, Status> {
        self.asked.lock().unwrap().push(request.into_inner());
        if self.silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let answer = self.answer.lock().unwrap().clone();
        answer.map(Response::new).map_err(|code| Status::new(code, "as the test says"))
    }

    async fn check_person(
        &self,
        _: Request<proto::CheckPersonRequest>,
    ) -> Result<Response<proto::CheckPersonResponse>, Status> {
        not_asked()
    }
    async fn check_document(
        &self,
        _: Request<proto::CheckDocumentRequest>,
    ) -> Result<Response<proto::CheckDocumentResponse>, Status> {
        not_asked()
    }
    async fn list_alert_checks(
        &self,
        _: Request<proto::ListAlertChecksRequest>,
    ) -> Result<Response<proto::ListAlertChecksResponse>, Status> {
        not_asked()
    }
    async fn list_open_alerts(
        &self,
        _: Request<proto::ListOpenAlertsRequest>,
    ) -> Result<Response<proto::ListOpenAlertsResponse>, Status> {
        not_asked()
    }
    async fn propose_alert_resolution(
        &self,
        _: Request<proto::ProposeAlertResolutionRequest>,
    ) -> Result<Response<proto::ProposeAlertResolutionResponse>, Status> {
        not_asked()
    }
    async fn decide_alert_resolution(
        &self,
        _: Request<proto::DecideAlertResolutionRequest>,
    ) -> Result<Response<proto::DecideAlertResolutionResponse>, Status> {
        not_asked()
    }
    async fn record_alert_consultation(
        &self,
        _: Request<proto::RecordAlertConsultationRequest>,
    ) -> Result<Response<proto::RecordAlertConsultationResponse>, Status> {
        not_asked()
    }
    async fn record_alert_consultation_answer(
        &self,
        _: Request<proto::RecordAlertConsultationAnswerRequest>,
    ) -> Result<Response<proto::RecordAlertConsultationAnswerResponse>, Status> {
        not_asked()
    }
}
