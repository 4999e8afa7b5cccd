//! The door providers notify at: `POST /v1/phone-notifications`, over TLS without client certificates. Whoever knocks proves who they are by the token the
//! question was asked with.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;

use crate::app::{App, Heard};

/// Octets of a notification: an ID token fits many times.
const LARGEST: usize = 64 << 10;

/// The door.
pub(crate) fn door(app: Arc<App>) -> Router {
    Router::new().route("/v1/phone-notifications", post(notified)).layer(DefaultBodyLimit::max(LARGEST)).with_state(app)
}

/// What is answered is what CIBA Core 1.0 §10.2 has, and a time-out's status where the question is not known yet.
async fn notified(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let authorization = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
    match app.hear(authorization, &body).await {
        Ok(Heard::Taken) => StatusCode::NO_CONTENT,
        Ok(Heard::Stranger) => StatusCode::UNAUTHORIZED,
        Ok(Heard::Malformed) => StatusCode::BAD_REQUEST,
        Ok(Heard::TooEarly) => StatusCode::SERVICE_UNAVAILABLE,
        Err(failure) => {
            tracing::error!(error = %failure, "a notification could not be taken");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
