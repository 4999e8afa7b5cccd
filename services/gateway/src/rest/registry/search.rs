//! Finding persons of the register.

use axum::{extract::State, response::Response};
use straznica_contracts::registry::v1 as contract;

use super::{
    desk::Desk,
    wire::search::{FoundPersons, PersonSearch},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::extract::{PersonalJson, personal_response},
};

/// Find persons
///
/// Exactly by a number, or by a name in any script and spelling with what else is known. Every hit says why it is one and how likely it is; nobody is identified by a search. Who asks is personal,
/// so it stands in the body. The search is journalled with whom it showed.
#[utoipa::path(post, path = "/v1/registry/search", tag = "persons", operation_id = "searchPersons",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = PersonSearch, description = "Who is looked for", content_type = "application/json"),
    responses((status = 200, description = "Whom it may be about, the likeliest first", body = FoundPersons)))]
pub(crate) async fn search(
    State(gateway): State<Gateway>,
    desk: Desk,
    PersonalJson(search): PersonalJson<PersonSearch>,
) -> Result<Response, GatewayError> {
    let request = contract::SearchPersonsRequest { context: desk.on_a_person()?, ..search.into_contract() };
    let found = Box::pin(gateway.search()?.search_persons(request)).await?.into_inner();
    personal_response(&FoundPersons::of(found)?)
}
