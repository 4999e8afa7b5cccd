//! `EventsService`.

use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use straznica_contracts::journal::v1::events_service_server::EventsService;
use straznica_contracts::journal::v1::{TailRequest, TailResponse};
use tonic::{Request, Response, Status};

use super::{EventsRpc, refused};
use crate::{Followed, JournalError};

#[tonic::async_trait]
impl EventsService for EventsRpc {
    type TailStream = BoxStream<'static, Result<TailResponse, Status>>;

    async fn tail(&self, request: Request<TailRequest>) -> Result<Response<Self::TailStream>, Status> {
        let TailRequest { after, after_event_id } = request.into_inner();
        let event = match after_event_id.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| refused(JournalError::Request("after_event_id")))?),
        };
        let events = self.journal.tail(Followed { position: after, event });
        let answers = events
            .map_ok(|event| TailResponse {
                position: event.position,
                at_ms: event.at.millis(),
                type_name: event.type_name,
                payload: event.payload,
                event_id: event.id.to_string(),
            })
            .map_err(refused);
        Ok(Response::new(answers.boxed()))
    }
}
