//! The interface described: for programs and for people.

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderName, HeaderValue, header};

use crate::{
    app::Gateway,
    rest::{extract::json_response, page},
};

/// To the description
#[utoipa::path(get, path = "/", tag = "description", operation_id = "home",
    responses((status = 303, description = "To /docs", headers(("Location" = String, description = "/docs")))))]
pub(crate) async fn home() -> Response {
    Redirect::to("/docs").into_response()
}

/// This description, for people
///
/// One page of HTML without scripts and without anything from elsewhere.
#[utoipa::path(get, path = "/docs", tag = "description", operation_id = "getDocs",
    responses((status = 200, description = "The page", content_type = "text/html", body = String)))]
pub(crate) async fn docs(State(gateway): State<Gateway>) -> Response {
    let page = gateway.description();
    let mut response = Response::new(Body::from(page.html.clone()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(page::CONTENT_SECURITY_POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY"));
    response
}

/// This description, for programs
///
/// OpenAPI 3.1.
#[utoipa::path(get, path = "/openapi.json", tag = "description", operation_id = "getOpenApi",
    responses((status = 200, description = "The document", content_type = "application/json", body = Object)))]
pub(crate) async fn openapi(State(gateway): State<Gateway>) -> Response {
    json_response(Body::from(gateway.description().json.clone()))
}
