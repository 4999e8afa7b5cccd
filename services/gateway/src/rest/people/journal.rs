//! Journals, for security officers: of the node by certificate, of an institution by session and about what was done for it alone. Every reading is journalled
//! where it was read, before anything leaves.

use axum::extract::State;

use super::{
    Named,
    wire::journal::{JournalEntries, JournalSearch},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::{OfficialCaller, SecurityCaller},
        extract::Json,
    },
};

/// Search a journal of the node
///
/// For the node's security officers, with a certificate of their own.
#[utoipa::path(post, path = "/v1/journal/searches", tag = "journal", operation_id = "searchJournal",
    request_body(content = JournalSearch, description = "Which entries, and why", content_type = "application/json"),
    responses((status = 200, description = "The entries", body = JournalEntries)))]
pub(crate) async fn search(
    State(gateway): State<Gateway>,
    caller: SecurityCaller,
    Json(search): Json<JournalSearch>,
) -> Result<Json<JournalEntries>, GatewayError> {
    let journal = search.journal;
    let context = caller.context(&search.purpose.0, search.case.as_ref().map(|case| case.0.as_str()));
    let found = gateway.search_journal(journal, search.request(context)?).await?;
    Ok(Json(found.into()))
}

/// Search a journal for an institution's official
///
/// For the institution's security officers: what one official, whom the search has to name, did for this institution, by identity's journal. Entries come
/// without `subject`, and without what would tell whether somebody uses the service. Where `before` is in the answer there may be more.
#[utoipa::path(post, path = "/v1/institutions/{institution}/journal/searches", tag = "journal", operation_id = "searchInstitutionsJournal",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone")),
    request_body(content = JournalSearch, description = "Which entries, and why", content_type = "application/json"),
    responses((status = 200, description = "The entries", body = JournalEntries)))]
pub(crate) async fn search_institution(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution): Named,
    Json(search): Json<JournalSearch>,
) -> Result<Json<JournalEntries>, GatewayError> {
    caller.institution_of(&institution)?;
    search.must_be_of_an_institution()?;
    let context = caller.context(Some(&search.purpose.0), search.case.as_ref().map(|case| case.0.as_str()));
    let found = gateway.search_for_institution(&institution, search.request(context)?).await?;
    Ok(Json(found.into()))
}
