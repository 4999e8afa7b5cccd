//! `Idempotency-Key`: a request repeated under the same key is done once and gets the same answer.

use axum::{extract::FromRequestParts, response::Response};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use serde::Serialize;

use super::extract::json_response;
use crate::{
    app::Gateway,
    domain::idempotency::{BodyDigest, IdempotencyKey, KeyOwner, StoredAnswer},
    error::GatewayError,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The key of a request; without one it is done as often as it comes.
#[derive(Debug)]
pub(crate) struct Once(Option<IdempotencyKey>);

impl<S: Sync> FromRequestParts<S> for Once {
    type Rejection = GatewayError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, GatewayError> {
        let key = parts.headers.get(IDEMPOTENCY_KEY).map(|key| IdempotencyKey::parse(key.as_bytes()));
        key.transpose().map(Self).map_err(|_| GatewayError::IdempotencyKeyMalformed)
    }
}

impl Once {
    /// Does `work`, or gives the answer it gave before.
    pub(crate) async fn run(
        self,
        gateway: &Gateway,
        owner: impl Into<KeyOwner>,
        request: BodyDigest,
        work: impl Future<Output = Result<StoredAnswer, GatewayError>> + Send + 'static,
    ) -> Result<Response, GatewayError> {
        self.answer(gateway, owner, request, work).await?.written()
    }

    /// The same, as it is kept.
    pub(crate) async fn answer(
        self,
        gateway: &Gateway,
        owner: impl Into<KeyOwner>,
        request: BodyDigest,
        work: impl Future<Output = Result<StoredAnswer, GatewayError>> + Send + 'static,
    ) -> Result<StoredAnswer, GatewayError> {
        match self.0 {
            Some(key) => Box::pin(gateway.once(owner.into(), key, request, work)).await,
            None => Box::pin(work).await,
        }
    }
}

/// What was made, and where it is; `location` is empty where it has no address of its own.
pub(crate) fn created(location: String, made: &impl Serialize) -> Result<StoredAnswer, GatewayError> {
    let json = serde_json::to_string(made).map_err(GatewayError::Unwritable)?;
    Ok(StoredAnswer { status: StatusCode::CREATED.as_u16(), location, json })
}

/// What was there already, as it is now.
pub(crate) fn changed_as(made: &impl Serialize) -> Result<StoredAnswer, GatewayError> {
    Ok(StoredAnswer { status: StatusCode::OK.as_u16(), ..created(String::new(), made)? })
}

impl StoredAnswer {
    /// As it is sent.
    pub(crate) fn written(self) -> Result<Response, GatewayError> {
        let corrupt = || GatewayError::CorruptRow { table: "idempotency_key" };
        let mut response = json_response(self.json);
        *response.status_mut() = StatusCode::from_u16(self.status).map_err(|_| corrupt())?;
        if !self.location.is_empty() {
            let location = HeaderValue::from_str(&self.location).map_err(|_| corrupt())?;
            response.headers_mut().insert(header::LOCATION, location);
        }
        Ok(response)
    }
}
