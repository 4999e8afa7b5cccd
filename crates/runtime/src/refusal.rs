//! What the server itself refuses, before a service sees the request.

use std::time::Duration;

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};
use straznica_error::{Code, Coded, Problem, common};
use straznica_pki::PeerError;
use straznica_types::RequestId;

/// A request that goes no further.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    Peer(#[from] PeerError),
    #[error("{peer} may not call {path}")]
    NotAllowed { peer: String, path: String },
    #[error("not answered within {0:?}")]
    Deadline(Duration),
    #[error("the deadline cannot be read")]
    BadDeadline,
    #[error("the service panicked")]
    Panic,
}

impl Coded for Refusal {
    fn code(&self) -> &'static Code {
        match self {
            Self::Peer(PeerError::Revoked) => &common::CERTIFICATE_REVOKED,
            Self::Peer(_) => &common::UNAUTHENTICATED,
            Self::NotAllowed { .. } => &common::PERMISSION_DENIED,
            Self::Deadline(_) => &common::DEADLINE_EXCEEDED,
            Self::BadDeadline => &common::INVALID_ARGUMENT,
            Self::Panic => &common::INTERNAL,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Peer(error) => error.to_string(),
            _ => self.code().title.to_owned(),
        }
    }
}

impl Refusal {
    /// As a gRPC answer.
    pub(crate) fn into_grpc(self) -> Response {
        straznica_error::status(&self).into_http()
    }

    /// As a problem document.
    pub(crate) fn into_problem(self, id: RequestId) -> Response {
        let problem = Problem::from_coded(&self).with_request_id(id);
        let status = problem.http_status();
        let body = match serde_json::to_vec(&problem) {
            Ok(json) => Body::from(json),
            Err(error) => {
                tracing::error!(%error, "a problem document could not be written");
                Body::empty()
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE));
        response
    }
}
