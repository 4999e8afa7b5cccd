//! A Schengen Information System that does not exist: an adapter of `straznica.alerts.v1` with made-up alerts behind it.
//!
//! It is served by whoever starts it, over the suite's mutual TLS, as `alerts-sis`. Alerts are on people born in the 1800s and on documents nobody issued; a scene enters
//! its own ([`AlertSimulator::enter`]). It compares names as plainly as can be: the same words and the same day of birth are exact, surnames that sound alike and the same
//! year are possible. It does wrong on command ([`Fault`]) and counts what it was asked, so that a test can tell that it was not.

mod fault;
mod made_up;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use straznica_contracts::alerts::v1::alert_source_service_server::{AlertSourceService, AlertSourceServiceServer};
use straznica_contracts::alerts::v1::answer::Outcome;
use straznica_contracts::alerts::v1::{
    Answer, Answered, DescribeRequest, DescribeResponse, Document, Hit, Person, QueryContext, QueryDocumentRequest,
    QueryDocumentResponse, QueryPersonRequest, QueryPersonResponse, QueryRefused, RefusalReason, SourceUnavailable,
};
use straznica_types::SharedClock;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

pub use fault::Fault;
pub use made_up::{Alert, Named, On, made_up_alerts};

/// Name in every answer.
const SOURCE: &str = "N.SIS";

/// SIS with its adapter.
pub struct AlertSimulator {
    clock: SharedClock,
    state: Mutex<State>,
}

struct State {
    alerts: Vec<Alert>,
    fault: Option<Fault>,
    asked: usize,
}

impl AlertSimulator {
    /// Name of the service, as its certificate has it.
    pub const SERVICE: &str = "alerts-sis";

    /// With these alerts.
    #[must_use]
    pub fn new(alerts: Vec<Alert>, clock: SharedClock) -> Arc<Self> {
        Arc::new(Self { clock, state: Mutex::new(State { alerts, fault: None, asked: 0 }) })
    }

    /// What to serve.
    #[must_use]
    pub fn routes(self: &Arc<Self>) -> Routes {
        Routes::new(AlertSourceServiceServer::from_arc(self.clone()))
    }

    /// Enters an alert.
    pub fn enter(&self, alert: Alert) {
        self.state().alerts.push(alert);
    }

    /// Deletes an alert.
    pub fn delete(&self, id: &str) {
        self.state().alerts.retain(|alert| alert.id != id);
    }

    /// From now on this is wrong with it; nothing with `None`.
    pub fn script(&self, fault: Option<Fault>) {
        self.state().fault = fault;
    }

    /// How many questions it was asked, whatever it answered.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.state().asked
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it answers, wrong as it was told to be.
    async fn answer(
        &self,
        context: Option<&QueryContext>,
        matches: impl Fn(&Alert) -> Option<Hit> + Send,
    ) -> Result<Answer, Status> {
        let complete = context.is_some_and(|context| {
            [&context.request_id, &context.officer, &context.purpose, &context.legal_basis]
                .iter()
                .all(|text| !text.is_empty())
        });
        if !complete {
            return Err(Status::invalid_argument("context is incomplete"));
        }
        let (fault, hits) = {
            let mut state = self.state();
            state.asked += 1;
            (state.fault, state.alerts.iter().filter_map(matches).collect::<Vec<Hit>>())
        };
        let mut answered = Answered::default();
        answered.source = SOURCE.to_owned();
        answered.as_of_ms = self.clock.now().millis();
        answered.complete = true;
        answered.hits = hits;
        let mut answer = Answer::default();
        match fault {
            Some(Fault::Slow(delay)) => tokio::time::sleep(delay).await,
            Some(Fault::Broken) => return Err(Status::internal("the adapter is broken")),
            Some(Fault::Down) => {
                answer.outcome = Some(Outcome::Unavailable(unavailable()));
                return Ok(answer);
            }
            Some(Fault::Refusing) => {
                answer.outcome = Some(Outcome::Refused(refused()));
                return Ok(answer);
            }
            Some(Fault::Mute) => return Ok(answer),
            Some(fault) => fault.spoil(&mut answered),
            None => {}
        }
        answer.outcome = Some(Outcome::Answered(answered));
        Ok(answer)
    }
}

fn unavailable() -> SourceUnavailable {
    let mut unavailable = SourceUnavailable::default();
    unavailable.source = SOURCE.to_owned();
    unavailable.retry_after_ms = i64::try_from(Duration::from_secs(30).as_millis()).unwrap_or(0);
    unavailable
}

fn refused() -> QueryRefused {
    let mut refused = QueryRefused::default();
    refused.source = SOURCE.to_owned();
    refused.set_reason(RefusalReason::Purpose);
    refused
}

#[tonic::async_trait]
impl AlertSourceService for AlertSimulator {
    async fn describe(&self, _: Request<DescribeRequest>) -> Result<Response<DescribeResponse>, Status> {
        let as_of_ms = self.clock.now().millis();
        Ok(Response::new(DescribeResponse { source: SOURCE.to_owned(), as_of_ms }))
    }

    async fn query_person(
        &self,
        request: Request<QueryPersonRequest>,
    ) -> Result<Response<QueryPersonResponse>, Status> {
        let request = request.into_inner();
        let person: Person = request.person.unwrap_or_default();
        if person.names.is_empty() {
            return Err(Status::invalid_argument("nobody is named"));
        }
        let answer = self.answer(request.context.as_ref(), |alert| alert.on_person(&person)).await?;
        Ok(Response::new(QueryPersonResponse { answer: Some(answer) }))
    }

    async fn query_document(
        &self,
        request: Request<QueryDocumentRequest>,
    ) -> Result<Response<QueryDocumentResponse>, Status> {
        let request = request.into_inner();
        let document: Document = request.document.unwrap_or_default();
        if document.number.is_empty() || document.issuing_state.is_empty() {
            return Err(Status::invalid_argument("no document is named"));
        }
        let answer = self.answer(request.context.as_ref(), |alert| alert.on_document(&document)).await?;
        Ok(Response::new(QueryDocumentResponse { answer: Some(answer) }))
    }
}
