//! Another state's SPOC in memory, with answers written beforehand.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use cvc::request::AuthenticatedRequest;
use exchange::{
    code::{GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode},
    message::{Answer, GetCaCertificatesAnswer, Message, RequestCertificate, RequestCertificateAnswer},
};
use straznica_exchange_wire::{CallError, PartnerClient};
use straznica_types::ManualClock;

use super::{
    foreign_state::{ForeignCvca, ders},
    house::today,
};
use crate::{app::exchange::delivery::Clients, domain::exchange::partner::Partner};

/// What the partner does with the next request for a certificate, or, for the first two, with the next message.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// The line is down.
    Down,
    /// It does what it is asked, and the answer is lost.
    Lose,
    /// It says that it failed, and remembers nothing.
    Fail,
    Acknowledge,
    Refuse(RequestCertificateCode),
}

#[derive(Debug)]
struct Inner {
    cvca: ForeignCvca,
    days: i64,
    plan: VecDeque<Step>,
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
        Self { clock, inner: Arc::new(Mutex::new(Inner { cvca, days, plan, heard, answered })) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Writes down what it does next.
    pub(super) fn plan(&self, steps: impl IntoIterator<Item = Step>) {
        self.inner().plan.extend(steps);
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
        let days = inner.days;
        let from = today(&self.clock);
        let mut certificates = ders(&[inner.cvca.answer(&request.certificate_request, from, days)]);
        let parsed = AuthenticatedRequest::parse(request.certificate_request.as_slice()).unwrap();
        let newest = inner.cvca.newest();
        if parsed.request().car().map(|car| car.to_string()) != Some(newest) {
            certificates.extend(ders(&inner.cvca.certificates));
        }
        certificates
    }

    fn answer(&self, inner: &mut Inner, message: &Message, step: Option<Step>) -> Answer {
        match message {
            Message::RequestCertificate(request) => Answer::RequestCertificate(match step {
                Some(Step::Acknowledge) => RequestCertificateAnswer::of(RequestCertificateCode::OkReceptionAck),
                Some(Step::Refuse(code)) => RequestCertificateAnswer::of(code),
                Some(Step::Fail) => RequestCertificateAnswer::of(RequestCertificateCode::FailureInternalError),
                _ => RequestCertificateAnswer {
                    result: RequestCertificateCode::OkCertAvailable,
                    certificates: self.certificates(inner, request),
                },
            }),
            Message::GetCaCertificates(_) => Answer::GetCaCertificates(GetCaCertificatesAnswer {
                result: GetCaCertificatesCode::OkCertAvailable,
                certificates: ders(&inner.cvca.certificates),
            }),
            Message::SendCertificates(_) => Answer::SendCertificates(SendCertificatesCode::OkReceivedCorrectly),
            Message::GeneralMessage(_) => Answer::GeneralMessage(GeneralMessageCode::Ok),
        }
    }
}

#[async_trait]
impl PartnerClient for Spoc {
    async fn send(&self, message: &Message) -> Result<Answer, CallError> {
        let mut inner = self.inner();
        let is_request = matches!(message, Message::RequestCertificate(_));
        let for_all = matches!(inner.plan.front(), Some(Step::Down | Step::Lose));
        let id = super::house::id_of(message).unwrap_or_default();
        if matches!(inner.plan.front(), Some(Step::Down)) {
            inner.plan.pop_front();
            return Err(CallError::NotReached("nobody listens".into()));
        }
        inner.heard.push(message.clone());
        if let Some((before, answer)) = inner.answered.get(&id) {
            assert_eq!(before, message, "the same message id with other content");
            return Ok(answer.clone());
        }
        let step = if is_request || for_all { inner.plan.pop_front() } else { None };
        let answer = self.answer(&mut inner, message, step);
        if !matches!(step, Some(Step::Fail)) && !id.is_empty() {
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
