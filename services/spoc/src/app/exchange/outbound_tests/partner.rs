//! Another state's SPOC in memory, with answers written beforehand.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use cvc::{chat::Rights, request::AuthenticatedRequest};
use exchange::{
    code::{GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode},
    message::{Answer, GetCaCertificatesAnswer, Message, RequestCertificate, RequestCertificateAnswer},
};
use straznica_exchange_wire::{CallError, FaultOf, PartnerClient};
use straznica_types::ManualClock;

use super::{
    foreign_state::{ForeignCvca, ders, full},
    house::today,
};
use crate::{app::exchange::delivery::Clients, domain::exchange::partner::Partner};

/// What the partner does with the next request for a certificate, or, where it says so, with the next message or question.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// The line is down, whatever the message.
    Down,
    /// It does what it is asked, whatever that is, and the answer is lost.
    Lose,
    /// It takes a message, whichever, and says nothing.
    Hang,
    /// It takes a message, whichever, for one that cannot be.
    Fault,
    /// No message, whichever, can be written for it.
    Mute,
    /// It takes half a minute for whatever message.
    Slow,
    /// It says that it failed, and remembers nothing.
    Fail,
    /// It says that it failed, and says so for ever.
    Stick,
    Acknowledge,
    /// It acknowledges the next question for its CVCA's certificates.
    AcknowledgeQuestion,
    Refuse(RequestCertificateCode),
    /// It does not know the identifier of the next certificates that come.
    Forget,
}

#[derive(Debug)]
struct Inner {
    cvca: ForeignCvca,
    days: i64,
    plan: VecDeque<Step>,
    /// It sends no more than its newest link and root with a certificate.
    is_forgetful: bool,
    /// What its certificates grant.
    rights: Rights,
    /// Its software falls over a request, and says so by a fault of its own, for ever.
    falls_over_requests: bool,
    /// Its software hangs at a request, for ever.
    hangs_at_requests: bool,
    /// Days ahead of today on which they begin.
    ahead: i64,
    heard: Vec<Message>,
    answered: HashMap<String, (Message, Answer)>,
}

/// The partner.
#[derive(Debug, Clone)]
pub(super) struct Spoc {
    clock: ManualClock,
    inner: Arc<Mutex<Inner>>,
}

impl Spoc {
    /// Issues certificates of `days` days at once unless told otherwise.
    pub(super) fn new(clock: ManualClock, cvca: ForeignCvca, days: i64) -> Self {
        let (plan, heard, answered) = (VecDeque::new(), Vec::new(), HashMap::new());
        let inner = Inner {
            cvca,
            days,
            plan,
            is_forgetful: false,
            falls_over_requests: false,
            hangs_at_requests: false,
            rights: full(),
            ahead: 0,
            heard,
            answered,
        };
        Self { clock, inner: Arc::new(Mutex::new(inner)) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Writes down what it does next.
    pub(super) fn plan(&self, steps: impl IntoIterator<Item = Step>) {
        self.inner().plan.extend(steps);
    }

    /// From now on it does what it is asked.
    pub(super) fn forget_the_plan(&self) {
        self.inner().plan.clear();
    }

    /// From now on it leaves the older links out of its answers.
    pub(super) fn forget_older_links(&self) {
        self.inner().is_forgetful = true;
    }

    /// From now on its software falls over every request, or no more.
    pub(super) fn fall_over_requests(&self, falls: bool) {
        self.inner().falls_over_requests = falls;
    }

    /// From now on its software hangs at every request, or no more.
    pub(super) fn hang_at_requests(&self, hangs: bool) {
        self.inner().hangs_at_requests = hangs;
    }

    /// What its certificates grant from now on.
    pub(super) fn grant(&self, rights: Rights) {
        self.inner().rights = rights;
    }

    /// From now on its certificates begin so many days ahead.
    pub(super) fn begin_days_ahead(&self, days: i64) {
        self.inner().ahead = days;
    }

    /// Every message that reached it, repeated ones included.
    pub(super) fn heard(&self) -> Vec<Message> {
        self.inner().heard.clone()
    }

    /// Requests for certificates that reached it.
    pub(super) fn requests(&self) -> Vec<RequestCertificate> {
        let only = |message| match message {
            Message::RequestCertificate(message) => Some(message),
            _ => None,
        };
        self.heard().into_iter().filter_map(only).collect()
    }

    /// Works with its CVCA.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut ForeignCvca) -> T) -> T {
        work(&mut self.inner().cvca)
    }

    /// The certificates for a request, as an answer has them.
    pub(super) fn fulfil(&self, request: &RequestCertificate) -> Vec<Vec<u8>> {
        let mut inner = self.inner();
        self.certificates(&mut inner, request)
    }

    fn certificates(&self, inner: &mut Inner, request: &RequestCertificate) -> Vec<Vec<u8>> {
        let (days, rights) = (inner.days, inner.rights);
        let from = today(&self.clock) + time::Duration::days(inner.ahead);
        let mut certificates = ders(&[inner.cvca.answer_with(&request.certificate_request, from, days, rights)]);
        let parsed = AuthenticatedRequest::parse(request.certificate_request.as_slice()).unwrap();
        let newest = inner.cvca.newest();
        if parsed.request().car().map(|car| car.to_string()) != Some(newest) {
            let left_out = if inner.is_forgetful { inner.cvca.certificates.len().saturating_sub(2) } else { 0 };
            certificates.extend(ders(&inner.cvca.certificates[left_out..]));
        }
        certificates
    }

    fn answer(&self, inner: &mut Inner, message: &Message, step: Option<Step>) -> Answer {
        match message {
            Message::RequestCertificate(request) => Answer::RequestCertificate(match step {
                Some(Step::Acknowledge) => RequestCertificateAnswer::of(RequestCertificateCode::OkReceptionAck),
                Some(Step::Refuse(code)) => RequestCertificateAnswer::of(code),
                Some(Step::Fail | Step::Stick) => {
                    RequestCertificateAnswer::of(RequestCertificateCode::FailureInternalError)
                }
                _ => RequestCertificateAnswer {
                    result: RequestCertificateCode::OkCertAvailable,
                    certificates: self.certificates(inner, request),
                },
            }),
            Message::GetCaCertificates(_) if matches!(step, Some(Step::AcknowledgeQuestion)) => {
                Answer::GetCaCertificates(GetCaCertificatesAnswer::of(GetCaCertificatesCode::OkReceptionAck))
            }
            Message::GetCaCertificates(_) => Answer::GetCaCertificates(GetCaCertificatesAnswer {
                result: GetCaCertificatesCode::OkCertAvailable,
                certificates: ders(&inner.cvca.certificates),
            }),
            Message::SendCertificates(_) if matches!(step, Some(Step::Forget)) => {
                Answer::SendCertificates(SendCertificatesCode::FailureMessageIdUnknown)
            }
            Message::SendCertificates(_) => Answer::SendCertificates(SendCertificatesCode::OkReceivedCorrectly),
            Message::GeneralMessage(_) => Answer::GeneralMessage(GeneralMessageCode::Ok),
        }
    }
}

#[async_trait]
impl PartnerClient for Spoc {
    async fn send(&self, message: &Message) -> Result<Answer, CallError> {
        let mut inner = self.inner();
        let is_planned = match inner.plan.front() {
            Some(Step::Down | Step::Lose | Step::Hang | Step::Fault | Step::Mute | Step::Slow) => true,
            Some(Step::AcknowledgeQuestion) => matches!(message, Message::GetCaCertificates(_)),
            Some(Step::Forget) => matches!(message, Message::SendCertificates(_)),
            Some(_) => matches!(message, Message::RequestCertificate(_)),
            None => false,
        };
        let id = super::house::id_of(message).unwrap_or_default();
        if inner.falls_over_requests && matches!(message, Message::RequestCertificate(_)) {
            let (code, text) = ("Server".to_owned(), "NullPointerException".to_owned());
            return Err(CallError::Fault { fault_of: FaultOf::Receiver, code, text });
        }
        if inner.hangs_at_requests && matches!(message, Message::RequestCertificate(_)) {
            return Err(CallError::TimedOut);
        }
        let failure = match inner.plan.front() {
            Some(Step::Hang) => Some(CallError::TimedOut),
            Some(Step::Down) => Some(CallError::NotReached("nobody listens".into())),
            Some(Step::Fault) => {
                let (code, text) = ("Client".to_owned(), "no such element".to_owned());
                Some(CallError::Fault { fault_of: FaultOf::Sender, code, text })
            }
            Some(Step::Mute) => Some(CallError::Unsendable("no words for it".into())),
            _ => None,
        };
        if let Some(failure) = failure {
            inner.plan.pop_front();
            return Err(failure);
        }
        inner.heard.push(message.clone());
        if let Some((before, answer)) = inner.answered.get(&id) {
            assert_eq!(before, message, "the same message id with other content");
            return Ok(answer.clone());
        }
        let step = if is_planned { inner.plan.pop_front() } else { None };
        if matches!(step, Some(Step::Slow)) {
            self.clock.advance(Duration::from_secs(29));
        }
        let answer = self.answer(&mut inner, message, step);
        if !matches!(step, Some(Step::Fail | Step::Forget)) && !id.is_empty() {
            inner.answered.insert(id, (message.clone(), answer.clone()));
        }
        match step {
            Some(Step::Lose) => Err(CallError::TimedOut),
            _ => Ok(answer),
        }
    }
}

/// Leads to one partner, whoever is asked for.
#[derive(Debug)]
pub(super) struct OnlyTo(pub(super) Spoc);

impl Clients for OnlyTo {
    fn of(&self, _partner: &Partner) -> Result<Arc<dyn PartnerClient>, CallError> {
        Ok(Arc::new(self.0.clone()))
    }
}
