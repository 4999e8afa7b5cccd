//! Extractors of this interface: JSON bodies within their limits, ids in the path.

use aws_lc_rs::digest::{Context, SHA256};
use axum::{
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::request::Parts;
use serde::{Serialize, de::DeserializeOwned};
use straznica_types::{InspectionId, TerminalId};
use zeroize::{Zeroize, Zeroizing};

use super::{body, routes::Route};
use crate::{app::Gateway, domain::idempotency::BodyDigest, error::GatewayError};

/// JSON in, within the size the table gives the address; JSON out.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Gateway> for Json<T> {
    type Rejection = GatewayError;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, GatewayError> {
        body::parse(&whole_body(request, gateway).await?).map(Self)
    }
}

/// As [`Json`], for bodies with a person's identifier, a code or a password: the bytes are wiped once they are read.
#[derive(Debug)]
pub(crate) struct PersonalJson<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Gateway> for PersonalJson<T> {
    type Rejection = GatewayError;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, GatewayError> {
        let bytes = whole_body(request, gateway).await?;
        let parsed = body::parse(&bytes);
        wipe(bytes);
        parsed.map(Self)
    }
}

/// Overwrites what was read, where nobody else holds it.
fn wipe(bytes: Bytes) {
    if let Ok(mut bytes) = bytes.try_into_mut() {
        bytes.as_mut().zeroize();
    }
}

/// Writes an answer with a document's data: into memory of the right size at once, wiped when it has left.
pub(crate) fn personal_response(answer: &impl Serialize) -> Result<Response, GatewayError> {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, answer).map_err(GatewayError::Unwritable)?;
    // Were it to grow, what was written so far would stay behind.
    let mut json = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *json, answer).map_err(GatewayError::Unwritable)?;
    Ok(json_response(Bytes::from_owner(json)))
}

/// Counts what is written.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(json) => json_response(json),
            Err(failure) => GatewayError::Unwritable(failure).into_response(),
        }
    }
}

/// An answer of JSON.
pub(crate) fn json_response(json: impl Into<axum::body::Body>) -> Response {
    let mut response = Response::new(json.into());
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}

/// JSON with the digest of address and bytes, by which a repeated request is known.
#[derive(Debug)]
pub(crate) struct DigestedJson<T> {
    pub(crate) value: T,
    pub(crate) sha256: BodyDigest,
}

impl<T: DeserializeOwned> FromRequest<Gateway> for DigestedJson<T> {
    type Rejection = GatewayError;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, GatewayError> {
        let mut sha256 = Context::new(&SHA256);
        sha256.update(request.uri().path().as_bytes());
        sha256.update(&[0]);
        let bytes = whole_body(request, gateway).await?;
        sha256.update(&bytes);
        let mut digest = [0; 32];
        digest.copy_from_slice(sha256.finish().as_ref());
        let value = body::parse(&bytes);
        wipe(bytes);
        Ok(Self { value: value?, sha256: digest })
    }
}

/// No body, or a JSON object without members.
#[derive(Debug)]
pub(crate) struct NothingToSay;

impl FromRequest<Gateway> for NothingToSay {
    type Rejection = GatewayError;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, GatewayError> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}

        let limit = limit(&request, gateway);
        let (parts, content) = request.into_parts();
        let body = body::read_optional_json(&parts.headers, content, limit).await?;
        if let Some(bytes) = body {
            let Nothing {} = body::parse(&bytes)?;
        }
        Ok(Self)
    }
}

async fn whole_body(request: Request, gateway: &Gateway) -> Result<Bytes, GatewayError> {
    let limit = limit(&request, gateway);
    let (parts, content) = request.into_parts();
    body::read_json(&parts.headers, content, limit).await
}

/// What the table says; nothing for a request that did not come through it.
fn limit(request: &Request, gateway: &Gateway) -> usize {
    request.extensions().get::<&'static Route>().map_or(0, |route| route.body.limit(&gateway.config().limits))
}

/// The inspection an address names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InspectionPath(pub(crate) InspectionId);

impl<S: Send + Sync> FromRequestParts<S> for InspectionPath {
    type Rejection = GatewayError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, GatewayError> {
        let id = path_id(parts, state).await.and_then(|id| InspectionId::parse(&id).ok());
        id.map(Self).ok_or(GatewayError::PathParameter("inspection"))
    }
}

/// The terminal an address names.
#[derive(Debug, Clone)]
pub(crate) struct TerminalPath(pub(crate) TerminalId);

impl<S: Send + Sync> FromRequestParts<S> for TerminalPath {
    type Rejection = GatewayError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, GatewayError> {
        let id = path_id(parts, state).await.and_then(|id| TerminalId::parse(&id).ok());
        id.map(Self).ok_or(GatewayError::PathParameter("terminal"))
    }
}

async fn path_id<S: Send + Sync>(parts: &mut Parts, state: &S) -> Option<String> {
    let Path(id) = Path::<String>::from_request_parts(parts, state).await.ok()?;
    Some(id)
}

/// What stands behind the question mark.
#[derive(Debug)]
pub(crate) struct Parameters<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = GatewayError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, GatewayError> {
        // The framework's message may repeat what was sent.
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(parameters)) => Ok(Self(parameters)),
            Err(_) => Err(GatewayError::Query("Unknown, repeated or wrong query parameters.")),
        }
    }
}
