//! Where the target delivers what it answers later: everything that comes is kept for the case that waits for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use exchange::code::{
    GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode, StatusInfo,
};
use exchange::message::{
    GeneralMessage, GetCaCertificates, GetCaCertificatesAnswer, RequestCertificate, RequestCertificateAnswer,
    SendCertificates,
};
use straznica_exchange_wire::{Application, Caller};
use tokio::sync::Notify;

/// The tester's side of SendCertificates.
#[derive(Debug)]
pub struct Listener {
    /// What GetCACertificates is answered with.
    authorities: Vec<Vec<u8>>,
    kept: Mutex<Kept>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Kept {
    /// By message id; notifications under the empty one.
    deliveries: BTreeMap<String, Vec<SendCertificates>>,
    /// Message ids whose first deliveries are answered with a failure, and how many.
    failing: BTreeMap<String, usize>,
    /// Message ids that answers are due under.
    expected: BTreeSet<String>,
    /// The last delivery that answers none of them.
    stray: Option<String>,
}

impl Listener {
    /// A listener that gives these certificates of the tester's CVCA to whoever asks.
    #[must_use]
    pub fn new(authorities: Vec<Vec<u8>>) -> Self {
        Self { authorities, kept: Mutex::default(), news: Notify::new() }
    }

    /// Answers the first `times` deliveries for this message with failure_internal_error.
    pub fn fail(&self, message_id: &str, times: usize) {
        self.kept().failing.insert(message_id.to_owned(), times);
    }

    /// A message under this id was sent.
    pub fn awaits(&self, message_id: &str) {
        self.kept().expected.insert(message_id.to_owned());
    }

    /// The id of the last answer to no message that was sent, if there was one since this was last asked.
    #[must_use]
    pub fn take_stray(&self) -> Option<String> {
        self.kept().stray.take()
    }

    /// What was delivered for this message so far.
    #[must_use]
    pub fn deliveries(&self, message_id: &str) -> Vec<SendCertificates> {
        self.kept().deliveries.get(message_id).cloned().unwrap_or_default()
    }

    /// What the target told of new certificates so far.
    #[must_use]
    pub fn notifications(&self) -> Vec<SendCertificates> {
        let kept = self.kept();
        let all = kept.deliveries.values().flatten();
        all.filter(|one| one.status_info == StatusInfo::NewCertAvailableNotification).cloned().collect()
    }

    /// Waits until so much was delivered for this message, or the time is up, and gives what there is.
    pub async fn wait(&self, message_id: &str, count: usize, at_most: Duration) -> Vec<SendCertificates> {
        self.wait_for(|| self.deliveries(message_id), count, at_most).await
    }

    /// Waits until so many notifications came, or the time is up, and gives those there are.
    pub async fn wait_for_notifications(&self, count: usize, at_most: Duration) -> Vec<SendCertificates> {
        self.wait_for(|| self.notifications(), count, at_most).await
    }

    async fn wait_for(
        &self,
        there: impl Fn() -> Vec<SendCertificates> + Send,
        count: usize,
        at_most: Duration,
    ) -> Vec<SendCertificates> {
        let arrived = async {
            loop {
                let news = self.news.notified();
                tokio::pin!(news);
                // enabled before looking, so that what comes in between is not missed
                news.as_mut().enable();
                if there().len() >= count {
                    return;
                }
                news.await;
            }
        };
        // in time or not, what there is answers
        drop(tokio::time::timeout(at_most, arrived).await);
        there()
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Application for Listener {
    async fn request_certificate(&self, _: &Caller, _: RequestCertificate) -> RequestCertificateAnswer {
        RequestCertificateAnswer::of(RequestCertificateCode::FailureRequestNotAccepted)
    }

    async fn send_certificates(&self, _: &Caller, message: SendCertificates) -> SendCertificatesCode {
        let id = message.message_id.clone().unwrap_or_default();
        let mut kept = self.kept();
        kept.deliveries.entry(id.clone()).or_default().push(message);
        if !id.is_empty() && !kept.expected.contains(&id) {
            kept.stray = Some(id.clone());
        }
        let fails = kept.failing.get_mut(&id).is_some_and(|left| {
            let now = *left > 0;
            *left = left.saturating_sub(1);
            now
        });
        drop(kept);
        self.news.notify_waiters();
        if fails { SendCertificatesCode::FailureInternalError } else { SendCertificatesCode::OkReceivedCorrectly }
    }

    async fn get_ca_certificates(&self, _: &Caller, _: GetCaCertificates) -> GetCaCertificatesAnswer {
        GetCaCertificatesAnswer {
            result: GetCaCertificatesCode::OkCertAvailable,
            certificates: self.authorities.clone(),
        }
    }

    async fn general_message(&self, _: &Caller, _: GeneralMessage) -> GeneralMessageCode {
        GeneralMessageCode::Ok
    }
}
