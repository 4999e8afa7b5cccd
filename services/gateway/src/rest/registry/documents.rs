//! Documents that come of cases: issued on blanks, prolonged, lost and found.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use straznica_contracts::registry::v1 as contract;

use super::{
    desk::Desk,
    routes::INTAKE,
    seen::{Seen, tagged},
    wire::documents::{
        CaseDocuments, DocumentAsIssued, DocumentView, ExtendedDocument, MovedDocument, NewCaseDocument,
        NewDocumentChange,
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        extract::{DigestedJson, Json, NothingToSay, personal_response},
        once::{Once, changed_as, created},
        people::Named,
    },
};

/// Issue a document
///
/// Of a kind the rules of the case give, on a blank of the office's stock, whose number it bears. A person has one valid document of a kind.
#[utoipa::path(post, path = "/v1/registry/cases/{case}/documents", tag = "identity documents", operation_id = "issueDocument",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewCaseDocument, description = "Which, for whom, on what", content_type = "application/json"),
    responses((status = 201, description = "It is issued", body = DocumentAsIssued, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn issue(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(case_id): Named,
    once: Once,
    body: DigestedJson<NewCaseDocument>,
) -> Result<Response, GatewayError> {
    desk.may_change(INTAKE)?;
    let context = desk.context();
    let request = contract::IssueDocumentRequest { context, case_id, expected_version, ..body.value.into_contract() };
    let mut documents = gateway.documents()?;
    let work = async move {
        let issued = DocumentAsIssued::from(documents.issue_document(request).await?.into_inner());
        created(issued.location(), &issued)
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// Documents of a case
///
/// In the order of their issue, each with what was done with it. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/cases/{case}/documents", tag = "identity documents", operation_id = "listCaseDocuments",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "The documents", body = CaseDocuments)))]
pub(crate) async fn of_case(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(case_id): Named,
) -> Result<Response, GatewayError> {
    let request = contract::ListDocumentsRequest { context: desk.context(), case_id };
    personal_response(&CaseDocuments::of(gateway.documents()?.list_documents(request).await?.into_inner())?)
}

/// A document
///
/// With what was done with it. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/documents/{document}", tag = "identity documents", operation_id = "getDocument",
    params(("document" = String, Path, description = "The document", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c57"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "The document", body = DocumentView, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(document_id): Named,
) -> Result<Response, GatewayError> {
    let request = contract::GetDocumentRequest { context: desk.context(), document_id };
    let told = gateway.documents()?.get_document(request).await?.into_inner().document;
    let document = DocumentView::of(told.ok_or(GatewayError::IncompleteAnswer("a document"))?)?;
    tagged(document.version, personal_response(&document)?)
}

/// Prolong a document
///
/// Of a kind that is prolonged, by its rule, from its last day on. What has run out is not prolonged.
#[utoipa::path(post, path = "/v1/registry/documents/{document}/extension", tag = "identity documents", operation_id = "extendDocument",
    params(("document" = String, Path, description = "The document", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c57"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\"")),
    responses((status = 200, description = "It is prolonged", body = ExtendedDocument, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn extend(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(document_id): Named,
    _nothing: NothingToSay,
) -> Result<Response, GatewayError> {
    desk.may_change(INTAKE)?;
    let request = contract::ExtendDocumentRequest { context: desk.context(), document_id, expected_version };
    let contract::ExtendDocumentResponse { version, valid_to } =
        gateway.documents()?.extend_document(request).await?.into_inner();
    tagged(version, Json(ExtendedDocument { version, valid_to }).into_response())
}

/// Record what became of a document
///
/// Loss, return, annulment, destruction; or that what was lost is back, which makes it no more valid.
#[utoipa::path(post, path = "/v1/registry/documents/{document}/changes", tag = "identity documents", operation_id = "changeDocument",
    params(("document" = String, Path, description = "The document", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c57"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewDocumentChange, description = "What, and why", content_type = "application/json"),
    responses((status = 200, description = "It is recorded", body = MovedDocument, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn change(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(document_id): Named,
    once: Once,
    body: DigestedJson<NewDocumentChange>,
) -> Result<Response, GatewayError> {
    desk.may_change(INTAKE)?;
    let context = desk.context();
    let request =
        contract::ChangeDocumentRequest { context, document_id, expected_version, ..body.value.into_contract() };
    let mut documents = gateway.documents()?;
    let work = async move { changed_as(&MovedDocument::of(&documents.change_document(request).await?.into_inner())?) };
    desk.once(&gateway, once, &body.sha256, work).await
}
