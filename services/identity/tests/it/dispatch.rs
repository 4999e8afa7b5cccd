//! A dispatch that plays by its contract: one code for everybody, five attempts, nothing sent where there is nobody, and citizens who answer on the phone when a
//! test says so.

use std::collections::BTreeMap;
use std::sync::Mutex;

use straznica_contracts::dispatch::v1::code_service_server::CodeService;
use straznica_contracts::dispatch::v1::lift_lock_request::Locked;
use straznica_contracts::dispatch::v1::{
    Approval, ApprovalChannel, CancelCodeRequest, CancelCodeResponse, GetLockRequest, GetLockResponse,
    GetTransactionRequest, GetTransactionResponse, LiftLockRequest, LiftLockResponse, ResendCodeRequest,
    ResendCodeResponse, SendCodeRequest, SendCodeResponse, TransactionState, ValidateCodeRequest, ValidateCodeResponse,
};
use straznica_error::{Class, Code, Coded};
use straznica_types::{Clock as _, ManualClock};
use tonic::{Request, Response, Status};

/// The code of every transaction with a phone.
pub(crate) const CODE: &str = "482913";
/// Another one.
pub(crate) const WRONG: &str = "482914";

#[derive(Debug, thiserror::Error)]
#[error("refused")]
struct Refused(&'static Code);

impl Coded for Refused {
    fn code(&self) -> &'static Code {
        self.0
    }
}

const INVALID_OTP: Code = Code::new("dispatch.invalid_otp", Class::InvalidArgument, "Wrong");
const VERIFICATION_FAILED: Code = Code::new("dispatch.verification_failed", Class::InvalidArgument, "None left");
const VERIFICATION_EXPIRED: Code = Code::new("dispatch.verification_expired", Class::InvalidArgument, "Expired");

pub(crate) struct Dispatch {
    clock: ManualClock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sent: Vec<SendCodeRequest>,
    attempts: BTreeMap<String, u32>,
    cancelled: Vec<String>,
    answered: BTreeMap<String, (TransactionState, ApprovalChannel)>,
    down: bool,
    locked: BTreeMap<String, i64>,
}

impl Dispatch {
    pub(crate) fn new(clock: ManualClock) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// What it was asked to send, in order.
    pub(crate) fn sent(&self) -> Vec<SendCodeRequest> {
        self.state.lock().unwrap().sent.clone()
    }

    /// Too many wrong codes have come for a subject.
    pub(crate) fn lock(&self, subject: &str) {
        self.state.lock().unwrap().locked.insert(subject.to_owned(), self.clock.now().millis());
    }

    pub(crate) fn cancelled(&self) -> Vec<String> {
        self.state.lock().unwrap().cancelled.clone()
    }

    /// The citizen approves a transaction on the phone. As there, it counts where there is somebody and nobody answered before.
    pub(crate) fn approve_on_phone(&self, transaction: &str) {
        self.answer(transaction, TransactionState::Approved, ApprovalChannel::Phone);
    }

    /// The citizen refuses.
    pub(crate) fn refuse_on_phone(&self, transaction: &str) {
        self.answer(transaction, TransactionState::Refused, ApprovalChannel::Unspecified);
    }

    fn answer(&self, transaction: &str, answer: TransactionState, channel: ApprovalChannel) {
        let mut state = self.state.lock().unwrap();
        let sent = state.sent.iter().find(|sent| sent.transaction_id == transaction).unwrap();
        assert!(sent.allow_prompt && !sent.phone.is_empty(), "nobody is asked on the phone");
        state.answered.entry(transaction.to_owned()).or_insert((answer, channel));
    }

    pub(crate) fn go_down(&self, down: bool) {
        self.state.lock().unwrap().down = down;
    }

    fn validate(&self, request: &ValidateCodeRequest) -> Result<(), Status> {
        let mut state = self.state.lock().unwrap();
        let refused = |code| Err(straznica_error::status(&Refused(code)));
        let sent = state.sent.iter().find(|sent| sent.transaction_id == request.transaction_id).cloned();
        let Some(sent) = sent else { return refused(&VERIFICATION_EXPIRED) };
        assert_eq!(sent.institution, request.institution);
        if state.answered.contains_key(&request.transaction_id) {
            return refused(&VERIFICATION_EXPIRED);
        }
        let attempts = state.attempts.entry(request.transaction_id.clone()).or_default();
        *attempts += 1;
        if *attempts > 5 {
            return refused(&VERIFICATION_FAILED);
        }
        if !sent.phone.is_empty() && request.code == CODE {
            let code = (TransactionState::Approved, ApprovalChannel::Code);
            state.answered.insert(request.transaction_id.clone(), code);
            return Ok(());
        }
        if *attempts == 5 { refused(&VERIFICATION_FAILED) } else { refused(&INVALID_OTP) }
    }
}

#[tonic::async_trait]
impl CodeService for Dispatch {
    async fn send_code(&self, request: Request<SendCodeRequest>) -> Result<Response<SendCodeResponse>, Status> {
        let request = request.into_inner();
        let context = request.context.as_ref().unwrap();
        assert!(!context.officer.is_empty() && !context.purpose.is_empty(), "dispatch refuses such calls");
        assert!((1..=80).contains(&request.binding_text.chars().count()), "{}", request.binding_text);
        let mut state = self.state.lock().unwrap();
        if state.down {
            return Err(Status::unavailable("down"));
        }
        let life = std::time::Duration::from_secs(request.life_seconds.into());
        state.sent.push(request);
        let now = self.clock.now();
        Ok(Response::new(SendCodeResponse {
            expires_at_ms: (now + life).millis(),
            resend_at_ms: now.millis() + 30_000,
            resends_left: 3,
        }))
    }

    async fn resend_code(&self, _: Request<ResendCodeRequest>) -> Result<Response<ResendCodeResponse>, Status> {
        let now = self.clock.now().millis();
        Ok(Response::new(ResendCodeResponse { expires_at_ms: now + 1, resend_at_ms: now + 30_000, resends_left: 2 }))
    }

    async fn validate_code(
        &self,
        request: Request<ValidateCodeRequest>,
    ) -> Result<Response<ValidateCodeResponse>, Status> {
        self.validate(request.get_ref())?;
        Ok(Response::new(ValidateCodeResponse { validated_at_ms: self.clock.now().millis() }))
    }

    async fn get_transaction(
        &self,
        request: Request<GetTransactionRequest>,
    ) -> Result<Response<GetTransactionResponse>, Status> {
        let request = request.into_inner();
        let state = self.state.lock().unwrap();
        if state.down {
            return Err(Status::unavailable("down"));
        }
        let sent = state.sent.iter().find(|sent| sent.transaction_id == request.transaction_id);
        let Some(sent) = sent else { return Err(straznica_error::status(&Refused(&VERIFICATION_EXPIRED))) };
        assert_eq!(sent.institution, request.institution);
        let mut answer = GetTransactionResponse::default();
        answer.set_state(TransactionState::Pending);
        if let Some((standing, channel)) = state.answered.get(&request.transaction_id) {
            answer.set_state(*standing);
            if *standing == TransactionState::Approved {
                let mut approval = Approval { approved_at_ms: self.clock.now().millis(), ..Approval::default() };
                approval.set_channel(*channel);
                answer.approval = Some(approval);
            }
        }
        Ok(Response::new(answer))
    }

    async fn cancel_code(&self, request: Request<CancelCodeRequest>) -> Result<Response<CancelCodeResponse>, Status> {
        self.state.lock().unwrap().cancelled.push(request.into_inner().transaction_id);
        Ok(Response::new(CancelCodeResponse {}))
    }

    async fn lift_lock(&self, request: Request<LiftLockRequest>) -> Result<Response<LiftLockResponse>, Status> {
        if let Some(Locked::Subject(subject)) = request.into_inner().locked {
            self.state.lock().unwrap().locked.remove(&subject);
        }
        Ok(Response::new(LiftLockResponse {}))
    }

    async fn get_lock(&self, request: Request<GetLockRequest>) -> Result<Response<GetLockResponse>, Status> {
        let locked = self.state.lock().unwrap().locked.get(&request.into_inner().subject).copied();
        Ok(Response::new(GetLockResponse { locked_since_ms: locked }))
    }
}
