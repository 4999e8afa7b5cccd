//! Trust in other states' documents.

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    app::{Gateway, trust::SignedList},
    error::GatewayError,
    rest::{
        caller::TerminalCaller,
        conditional::IfNoneMatch,
        extract::Json,
        wire::trust::{DocumentSigner, DocumentSignerRequest, TrustSummary},
    },
};

/// Media type of a CMS message (RFC 7193).
const CMS: &str = "application/cms";
/// The lists name no person: a terminal may keep one, but asks whether it is still the newest.
const REVALIDATE: &str = "private, no-cache";

/// What is known of a document signer
///
/// BSI TR-03129 GetDocumentSignerInformation: trust status, validity, signature, known defects.
#[utoipa::path(post, path = "/v1/trust/document-signer", tag = "trust", operation_id = "getDocumentSignerInformation",
    request_body(content = DocumentSignerRequest, description = "The document signer", content_type = "application/json"),
    responses((status = 200, description = "What is known", body = DocumentSigner)))]
pub(crate) async fn document_signer(
    State(gateway): State<Gateway>,
    _caller: TerminalCaller,
    Json(asked): Json<DocumentSignerRequest>,
) -> Result<Json<DocumentSigner>, GatewayError> {
    Ok(Json(gateway.document_signer(asked.certificate.0).await?.into()))
}

/// The national master list
///
/// As last imported: every trusted CSCA certificate, signed by its publisher.
#[utoipa::path(get, path = "/v1/trust/master-list", tag = "trust", operation_id = "getMasterList",
    params(("If-None-Match" = Option<String>, Header, description = "The ETag of the list the terminal has")),
    responses(
        (status = 200, description = "The list", content_type = "application/cms", body = Vec<u8>, headers(("ETag" = String, description = "SHA-256 of the list"))),
        (status = 304, description = "The terminal has the newest list")))]
pub(crate) async fn master_list(
    State(gateway): State<Gateway>,
    _caller: TerminalCaller,
    headers: HeaderMap,
) -> Result<Response, GatewayError> {
    let condition = IfNoneMatch::of(&headers);
    let list = gateway.master_list(condition.known_digest()).await?;
    list_response(&condition, list)
}

/// The newest defect list
///
/// Document signers with known defects (BSI TR-03129).
#[utoipa::path(get, path = "/v1/trust/defect-list", tag = "trust", operation_id = "getDefectList",
    params(("If-None-Match" = Option<String>, Header, description = "The ETag of the list the terminal has")),
    responses(
        (status = 200, description = "The list", content_type = "application/cms", body = Vec<u8>, headers(("ETag" = String, description = "SHA-256 of the list"))),
        (status = 304, description = "The terminal has the newest list")))]
pub(crate) async fn defect_list(
    State(gateway): State<Gateway>,
    _caller: TerminalCaller,
    headers: HeaderMap,
) -> Result<Response, GatewayError> {
    let condition = IfNoneMatch::of(&headers);
    let list = gateway.defect_list(condition.known_digest()).await?;
    list_response(&condition, list)
}

fn list_response(condition: &IfNoneMatch, list: SignedList) -> Result<Response, GatewayError> {
    let etag = format!("\"{}\"", hex::encode(list.sha256));
    let etag = HeaderValue::from_str(&etag).map_err(|_| GatewayError::IncompleteAnswer("a digest"))?;
    let mut response = if condition.matches(&list.sha256) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        // Nothing but a matching condition lets the inner service leave the list out.
        let bytes = list.content.ok_or(GatewayError::IncompleteAnswer("a list"))?;
        let mut response = Response::new(Body::from(bytes));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(CMS));
        response
    };
    response.headers_mut().insert(header::ETAG, etag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(REVALIDATE));
    Ok(response)
}

/// The trust store in figures
///
/// Counts and dates, and for each CVCA whether its documents' fingerprints can be opened today.
#[utoipa::path(get, path = "/v1/trust/summary", tag = "trust", operation_id = "getTrustSummary",
    responses((status = 200, description = "The summary", body = TrustSummary)))]
pub(crate) async fn summary(
    State(gateway): State<Gateway>,
    _caller: TerminalCaller,
) -> Result<Json<TrustSummary>, GatewayError> {
    Ok(Json(gateway.trust_summary().await?.into()))
}
