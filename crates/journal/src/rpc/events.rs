//! `EventsService`.

use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use straznica_contracts::journal::v1::events_service_server::EventsService;
use straznica_contracts::journal::v1::{TailRequest, TailResponse};
use tonic::{Request, Response, Status};

use super::{EventsRpc, refused};

#[tonic::async_trait]
impl EventsService for EventsRpc {
    type TailStream = BoxStream<'static, Result<TailResponse, Status>>;

    async fn tail(&self, request: Request<TailRequest>) -> Result<Response<Self::TailStream>, Status> {
        let events = self.journal.tail(request.into_inner().after);
        let answers = events
            .map_ok(|event| TailResponse {
                position: event.position,
                at_ms: event.at.millis(),
                type_name: event.type_name,
                payload: event.payload,
            })
            .map_err(refused);
        Ok(Response::new(answers.boxed()))
    }
}
