//! Refusals and failures as answers. A handler's error only carries its problem; the outermost layer, which knows the correlation id, writes
//! the document, and does so for answers of the framework too: nothing leaves as a bare status.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use straznica_error::{Class, Problem, common};
use straznica_types::RequestId;

use super::{people::pages::Page, pointers};
use crate::error::GatewayError;

/// A caller asks again after this long when nothing better is known.
const RETRY_AFTER_SECONDS: u64 = 2;

impl From<&GatewayError> for Problem {
    fn from(error: &GatewayError) -> Self {
        let GatewayError::Upstream(status) = error else { return Self::from_coded(error) };
        if is_about_the_gateway(status) {
            tracing::error!(code = ?status.code(), "an inner service does not take calls of this gateway");
            return Self::new(&common::INTERNAL, common::INTERNAL.title);
        }
        let mut problem = Self::from_status(status);
        for field in &mut problem.errors {
            field.pointer = pointers::of_request(&field.pointer);
        }
        problem
    }
}

/// An inner service's own refusals have codes of that service. The common ones are its server's, which knows no caller but the gateway.
fn is_about_the_gateway(status: &tonic::Status) -> bool {
    let about_caller = [Class::Unauthenticated, Class::PermissionDenied].contains(&straznica_error::class_of(status));
    about_caller && straznica_error::detail_of(status).is_none_or(|detail| detail.code.starts_with("common."))
}

impl IntoResponse for GatewayError {
    fn into_response(self) -> Response {
        let problem = Problem::from(&self);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = problem.http_status();
        response.extensions_mut().insert(problem);
        response
    }
}

/// Writes the problem document of a refusal or failure.
pub(crate) fn complete(response: Response, request_id: RequestId) -> Response {
    if response.extensions().get::<Page>().is_some() {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let carried = head.extensions.remove::<Problem>();
    let problem = match carried {
        Some(problem) => problem,
        None if head.status.is_client_error() || head.status.is_server_error() => of_status(head.status),
        None => return Response::from_parts(head, body),
    };
    let retry_after = retry_after_seconds(&problem);
    let problem = problem.with_request_id(request_id);
    head.status = problem.http_status();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE));
    if let Some(seconds) = retry_after {
        head.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    match serde_json::to_vec(&problem) {
        Ok(json) => Response::from_parts(head, Body::from(json)),
        Err(failure) => {
            tracing::error!(error = %failure, "a problem document could not be written");
            Response::from_parts(head, Body::empty())
        }
    }
}

/// `Retry-After` for what may succeed later.
fn retry_after_seconds(problem: &Problem) -> Option<u64> {
    if let Some(after) = problem.retry_after {
        return Some(after.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1));
    }
    let status = problem.http_status();
    let later = [Class::Unavailable, Class::DeadlineExceeded, Class::TooManyRequests].map(Class::http);
    later.contains(&status).then_some(RETRY_AFTER_SECONDS)
}

/// A status the framework answered with by itself.
fn of_status(status: StatusCode) -> Problem {
    let class = Class::ALL.iter().copied().find(|class| class.http() == status).unwrap_or(match status.as_u16() {
        400..=499 => Class::InvalidArgument,
        _ => Class::Internal,
    });
    let code = common::of(class);
    let mut problem = Problem::new(code, code.title);
    problem.status = status.as_u16();
    problem
}
