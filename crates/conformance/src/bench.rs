//! What a case works with: the line it is run over, the tester it plays, fresh references and message ids, and the ways to send.

use std::sync::Arc;
use std::time::Duration;

use cvc::reference::Reference;
use exchange::code::{RequestCertificateCode, StatusInfo};
use exchange::development::LeafRequest;
use exchange::message::{Answer, GeneralMessage, GetCaCertificates, Message, RequestCertificate, SendCertificates};
use straznica_exchange_wire::CallError;
use straznica_types::Timestamp;
use time::Date;
use uuid::Uuid;

use crate::case::{Need, Obstacle};
use crate::cvca::MakingError;
use crate::issued::{Answered, Authorities};
use crate::kit::Asked;
use crate::request::{DvRequest, HeldDv};
use crate::seen::Seen;
use crate::target::{Hands, Line, Target};
use crate::tester::{Credentials, Tester};

/// A case's bench.
#[derive(Debug)]
pub struct Bench<'a> {
    /// Whom the case is run against.
    pub target: &'a Target,
    /// Over which line.
    pub line: &'a Line,
    /// What the standards want the kit to show.
    pub proper: &'a Credentials,
    authorities: &'a Asked,
}

/// A code with the certificates that came with it.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What was seen.
    pub seen: Seen,
    /// The sequence.
    pub certificates: Vec<Vec<u8>>,
}

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The message.
    pub message: RequestCertificate,
    /// The answer on the same connection.
    pub reply: Reply,
}

impl<'a> Bench<'a> {
    /// A bench for one case. What the target's CVCA is, is asked once a run.
    #[must_use]
    pub const fn new(target: &'a Target, line: &'a Line, proper: &'a Credentials, authorities: &'a Asked) -> Self {
        Self { target, line, proper, authorities }
    }

    /// Who the kit is.
    #[must_use]
    pub const fn tester(&self) -> &'a Tester {
        &self.line.tester
    }

    /// The other state, for cases that need one.
    ///
    /// # Errors
    /// [`Obstacle::NotApplicable`]
    pub fn other(&self) -> Result<&'a Tester, Obstacle> {
        self.line.other.as_ref().ok_or(Obstacle::NotApplicable(Need::OtherState.missing()))
    }

    /// Who acts for the partner's officers.
    ///
    /// # Errors
    /// [`Obstacle::NotApplicable`]
    pub fn hands(&self) -> Result<&'a dyn Hands, Obstacle> {
        self.target.hands.as_deref().ok_or(Obstacle::NotApplicable(Need::Officers.missing()))
    }

    /// The moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.target.clock.now()
    }

    /// The day, GMT.
    #[must_use]
    pub fn today(&self) -> Date {
        today(self.now())
    }

    /// A message id nobody used before.
    #[must_use]
    pub fn message_id(&self) -> String {
        Uuid::now_v7().to_string()
    }

    /// A message id of 256 characters, one more than anybody has to keep, that nobody used before.
    #[must_use]
    pub fn long_message_id(&self) -> String {
        format!("{:m>256}", self.message_id())
    }

    /// The holder reference of a new key of the automatic holder.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn reference(&self) -> Result<Reference, MakingError> {
        Ok(self.tester().fresh_reference(&self.tester().holders.automatic)?)
    }

    /// Sends with the proper credentials.
    pub async fn send(&self, message: &Message) -> Result<Answer, CallError> {
        if let Message::RequestCertificate(RequestCertificate { message_id, .. })
        | Message::GetCaCertificates(GetCaCertificates { message_id, .. }) = message
        {
            self.line.listener.awaits(message_id);
        }
        self.line.carrier.send(Some(self.proper), message).await
    }

    /// Sends with these credentials, and if they are refused makes sure that the proper ones are not: a SPOC that is down refuses everybody.
    ///
    /// # Errors
    /// [`Obstacle::Before`]
    pub async fn send_as(&self, credentials: &Credentials, message: &Message) -> Result<Seen, Obstacle> {
        let outcome = self.line.carrier.send(Some(credentials), message).await;
        self.refused_or(outcome).await
    }

    /// Sends without any credentials.
    ///
    /// # Errors
    /// [`Obstacle::Before`]
    pub async fn send_without_certificate(&self, message: &Message) -> Result<Seen, Obstacle> {
        let outcome = self.line.carrier.send(None, message).await;
        self.refused_or(outcome).await
    }

    async fn refused_or(&self, outcome: Result<Answer, CallError>) -> Result<Seen, Obstacle> {
        let refused =
            matches!(outcome, Err(CallError::RefusedByPeer | CallError::NotReached(_) | CallError::Broken(_)));
        if !refused {
            return Ok(Seen::of(&outcome));
        }
        self.still_served().await?;
        Ok(Seen::Refused)
    }

    /// Asks for the CA certificates with the proper credentials.
    ///
    /// # Errors
    /// [`Obstacle::Before`] when they are not served.
    pub async fn still_served(&self) -> Result<(), Obstacle> {
        let seen = Seen::of(&self.send(&self.ca_question()).await);
        if matches!(seen, Seen::Code("ok_cert_available" | "ok_reception_ack")) {
            return Ok(());
        }
        Err(Obstacle::Before { what: "GetCACertificates with the proper certificate", seen })
    }

    /// GetCACertificates under a fresh id.
    #[must_use]
    pub fn ca_question(&self) -> Message {
        Message::GetCaCertificates(GetCaCertificates { caller_id: self.caller_id(), message_id: self.message_id() })
    }

    /// Country of the tester.
    #[must_use]
    pub fn caller_id(&self) -> String {
        self.tester().country.to_string()
    }

    /// RequestCertificate under a fresh id.
    #[must_use]
    pub fn request_message(&self, certificate_request: Vec<u8>) -> RequestCertificate {
        RequestCertificate { caller_id: self.caller_id(), message_id: self.message_id(), certificate_request }
    }

    /// GeneralMessage under a fresh id.
    #[must_use]
    pub fn general_message(&self, subject: &str, body: &str) -> GeneralMessage {
        GeneralMessage {
            caller_id: self.caller_id(),
            message_id: self.message_id(),
            subject: subject.to_owned(),
            body: body.to_owned(),
        }
    }

    /// SendCertificates that tells of new certificates of the tester's CVCA.
    pub async fn notify(&self, certificates: Vec<Vec<u8>>) -> Seen {
        self.deliver(None, certificates, StatusInfo::NewCertAvailableNotification).await
    }

    /// SendCertificates.
    pub async fn deliver(
        &self,
        message_id: Option<String>,
        certificates: Vec<Vec<u8>>,
        status_info: StatusInfo,
    ) -> Seen {
        let message = SendCertificates { caller_id: self.caller_id(), message_id, certificates, status_info };
        Seen::of(&self.send(&Message::SendCertificates(message)).await)
    }

    /// Sends a certificate request under a fresh id.
    pub async fn submit(&self, certificate_request: Vec<u8>) -> Submitted {
        let message = self.request_message(certificate_request);
        let reply = self.submit_message(&message).await;
        Submitted { message, reply }
    }

    /// Sends this RequestCertificate.
    pub async fn submit_message(&self, message: &RequestCertificate) -> Reply {
        let outcome = self.send(&Message::RequestCertificate(message.clone())).await;
        let seen = Seen::of(&outcome);
        let certificates = match outcome {
            Ok(Answer::RequestCertificate(answer)) => answer.certificates,
            _ => Vec::new(),
        };
        Reply { seen, certificates }
    }

    /// Sends a certificate request and follows it to its end: an answer that comes later counts like one that comes at once.
    pub async fn ask(&self, certificate_request: Vec<u8>) -> Reply {
        let submitted = self.submit(certificate_request).await;
        self.follow(submitted).await
    }

    /// The end of a request that was sent.
    pub async fn follow(&self, submitted: Submitted) -> Reply {
        if submitted.reply.seen != Seen::Code(RequestCertificateCode::OkReceptionAck.as_str()) {
            return submitted.reply;
        }
        self.delivered(&submitted.message.message_id).await
    }

    /// The first delivery for a message that was acknowledged.
    pub async fn delivered(&self, message_id: &str) -> Reply {
        let at_most = self.target.patience.callback;
        match self.wait(message_id, 1, at_most).await.into_iter().next() {
            Some(delivery) => {
                Reply { seen: Seen::delivered(delivery.status_info), certificates: delivery.certificates }
            }
            None => Reply { seen: self.no_callback(at_most), certificates: Vec::new() },
        }
    }

    /// The target's CVCA, asked once.
    ///
    /// # Errors
    /// [`Obstacle::Before`]
    pub async fn authorities(&self) -> Result<Arc<Authorities>, Obstacle> {
        self.authorities.get_or_try_init(|| self.ask_for_authorities()).await.cloned()
    }

    /// The target's CVCA as it is now.
    ///
    /// # Errors
    /// [`Obstacle::Before`]
    pub async fn ask_for_authorities(&self) -> Result<Arc<Authorities>, Obstacle> {
        let failed = |seen| Obstacle::Before { what: "GetCACertificates", seen };
        let reply = self.ca_certificates().await;
        if reply.seen != Seen::Code("ok_cert_available") {
            return Err(failed(reply.seen));
        }
        match Authorities::read(&reply.certificates, self.target.cvca.as_deref()) {
            Ok(authorities) => Ok(Arc::new(authorities)),
            Err(broken) => Err(failed(Seen::Wrong(broken.0))),
        }
    }

    /// GetCACertificates, followed to its end.
    pub async fn ca_certificates(&self) -> Reply {
        let question = GetCaCertificates { caller_id: self.caller_id(), message_id: self.message_id() };
        let outcome = self.send(&Message::GetCaCertificates(question.clone())).await;
        let seen = Seen::of(&outcome);
        let reply = match outcome {
            Ok(Answer::GetCaCertificates(answer)) => Reply { seen, certificates: answer.certificates },
            _ => Reply { seen, certificates: Vec::new() },
        };
        let message = RequestCertificate {
            caller_id: question.caller_id,
            message_id: question.message_id,
            certificate_request: Vec::new(),
        };
        // both operations come to their end in the same way
        self.follow(Submitted { message, reply }).await
    }

    /// A request of the automatic holder to the target's CVCA, for a new key.
    ///
    /// # Errors
    /// [`Obstacle`]
    pub async fn new_request(&self) -> Result<DvRequest, Obstacle> {
        let authorities = self.authorities().await?;
        Ok(DvRequest::new(&authorities.key, authorities.current, self.reference()?)?)
    }

    /// The bytes of such a request, countersigned by the tester's CVCA: nothing is wrong with it.
    ///
    /// # Errors
    /// [`Obstacle`]
    pub async fn proper_request(&self) -> Result<Vec<u8>, Obstacle> {
        Ok(self.new_request().await?.initial(&self.tester().cvca.current)?)
    }

    /// Asks with a request, countersigned by the tester's CVCA.
    ///
    /// # Errors
    /// [`MakingError`]
    pub async fn ask_initially(&self, request: &DvRequest) -> Result<Reply, MakingError> {
        Ok(self.ask(request.initial(&self.tester().cvca.current)?).await)
    }

    /// A DV certificate of the automatic holder, got by an initial request.
    ///
    /// # Errors
    /// [`Obstacle::Before`] when the target does not issue one.
    pub async fn obtain(&self) -> Result<HeldDv, Obstacle> {
        let request = self.new_request().await?;
        let reply = self.ask_initially(&request).await?;
        self.take(request, &reply).await.map_err(|seen| Obstacle::Before { what: "an initial request", seen })
    }

    /// The certificate of an answer, to go on with. Whether it is what was asked for is what the cases of its properties are about.
    ///
    /// # Errors
    /// What is seen instead of a certificate.
    pub async fn take(&self, request: DvRequest, reply: &Reply) -> Result<HeldDv, Seen> {
        let answered = self.answered(&request, reply).await?;
        Ok(HeldDv { key: request.key, certificate: answered.into_certificate() })
    }

    /// The answer beside its request.
    ///
    /// # Errors
    /// What is seen instead of a certificate.
    pub async fn answered(&self, request: &DvRequest, reply: &Reply) -> Result<Answered, Seen> {
        use cvc::Signer;
        if reply.seen != Seen::Code("ok_cert_available") {
            return Err(reply.seen.clone());
        }
        let authorities = self.authorities().await.map_err(|obstacle| Seen::Wrong(obstacle.to_string()))?;
        let asked = request.inner.car().unwrap_or(authorities.current);
        let key = request.key.public_key().clone();
        Answered::read(&reply.certificates, asked, request.chr, key).map_err(|broken| Seen::Wrong(broken.0))
    }

    /// Waits for deliveries that answer a message.
    pub async fn wait(&self, message_id: &str, count: usize, at_most: Duration) -> Vec<SendCertificates> {
        self.line.listener.wait(message_id, count, at_most).await
    }

    /// What it looks like when an answer was promised and did not come: whether something else came instead is told with it.
    #[must_use]
    pub fn no_callback(&self, at_most: Duration) -> Seen {
        let silence = format!("acknowledged, and no SendCertificates within {at_most:?}");
        Seen::Nothing(match self.line.listener.take_stray() {
            Some(other) => format!("{silence}, but one under {other}, which no message of the kit's has"),
            None => silence,
        })
    }

    /// Credentials changed from what the standards want.
    ///
    /// # Errors
    /// [`Obstacle::Certificates`]
    pub fn credentials(&self, change: impl FnOnce(&mut LeafRequest)) -> Result<Credentials, Obstacle> {
        let mut request = self.tester().client(self.now());
        change(&mut request);
        Ok(self.tester().issue(&request)?)
    }
}

/// The day of a moment, GMT.
#[must_use]
pub fn today(now: Timestamp) -> Date {
    let julian = i32::try_from(now.date().days_since_epoch()).unwrap_or(i32::MAX);
    // 1970-01-01 is Julian day 2 440 588
    Date::from_julian_day(julian.saturating_add(2_440_588)).unwrap_or(Date::MAX)
}
