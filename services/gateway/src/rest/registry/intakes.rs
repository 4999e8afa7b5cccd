//! Files that come into the register: proposed by one officer, started by another, looked at by both; and what a replaced register left behind.

use axum::{extract::State, response::Response};
use futures::stream;
use straznica_contracts::registry::v1::{self as contract, propose_intake_request::Part};

use super::{
    desk::Desk,
    routes::{INTAKE, ISSUERS, STOREKEEPERS},
    wire::{
        former::{FormerNumberSearch, FormerNumbers, FormerRecords, Reconciliation},
        intakes::{
            DecidedIntake, Intake, IntakeCounts, IntakeRows, IntakeRowsQuery, Intakes, IntakesQuery, NewIntake,
            ProposedIntake,
        },
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        extract::{DigestedJson, Json, NothingToSay, Parameters, PersonalJson, personal_response},
        once::{Once, created},
        people::Named,
    },
};

/// Of a file, in one message to registry.
const CHUNK: usize = 1024 * 1024;

/// Propose a file
///
/// Persons another authority sends, or a file of a register that is replaced. Every row is looked at and nothing is taken in: another officer starts it. A file larger than this address takes, up to
/// 64 MiB, is proposed at a desk (`straznica registry intakes propose`).
#[utoipa::path(post, path = "/v1/registry/intakes", tag = "intakes", operation_id = "proposeIntake",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura) or of the correspondence a file came with, visible ASCII", pattern = "^[!-~]{1,64}$", example = "DI.0123.7.2026"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewIntake, description = "The file, and what it is", content_type = "application/json"),
    responses((status = 201, description = "It waits for another officer", body = ProposedIntake)))]
pub(crate) async fn propose(
    State(gateway): State<Gateway>,
    desk: Desk,
    once: Once,
    body: DigestedJson<NewIntake>,
) -> Result<Response, GatewayError> {
    desk.may_change(INTAKE)?;
    let (header, file) = body.value.into_contract();
    let header = contract::IntakeHeader { context: desk.on_a_person()?, ..header };
    let mut intakes = gateway.intakes()?;
    let work = async move {
        let parts = [Part::Header(header)].into_iter().chain(chunks(file));
        let messages = parts.map(|part| contract::ProposeIntakeRequest { part: Some(part) });
        let contract::ProposeIntakeResponse { intake_id, counts } =
            intakes.propose_intake(stream::iter(messages)).await?.into_inner();
        let counts = IntakeCounts::of(counts)?;
        created(format!("/v1/registry/intakes/{intake_id}"), &ProposedIntake { intake_id, counts })
    };
    desk.once_unversioned(&gateway, once, &body.sha256, work).await
}

fn chunks(file: Vec<u8>) -> impl Iterator<Item = Part> + Send + 'static {
    let mut rest = bytes::Bytes::from(file);
    std::iter::from_fn(move || {
        let chunk = rest.split_to(rest.len().min(CHUNK));
        (!chunk.is_empty()).then(|| Part::Bytes(chunk.into()))
    })
}

/// Intakes
///
/// The newest first: those that wait for another officer among them. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/intakes", tag = "intakes", operation_id = "listIntakes",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura) or of the correspondence a file came with, visible ASCII", pattern = "^[!-~]{1,64}$", example = "DI.0123.7.2026"), IntakesQuery),
    responses((status = 200, description = "The intakes", body = Intakes)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    desk: Desk,
    Parameters(query): Parameters<IntakesQuery>,
) -> Result<Json<Intakes>, GatewayError> {
    let request = contract::ListIntakesRequest {
        context: desk.on_a_person()?,
        before: query.before.map(|id| id.to_string()).unwrap_or_default(),
        limit: query.limit,
    };
    Ok(Json(Intakes::of(gateway.intakes()?.list_intakes(request).await?.into_inner())?))
}

/// How far an intake has come
///
/// With its rows counted by outcome. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/intakes/{intake}", tag = "intakes", operation_id = "getIntake",
    params(("intake" = String, Path, description = "The intake", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c63"), ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura) or of the correspondence a file came with, visible ASCII", pattern = "^[!-~]{1,64}$", example = "DI.0123.7.2026")),
    responses((status = 200, description = "The intake", body = Intake)))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(intake_id): Named,
) -> Result<Json<Intake>, GatewayError> {
    let request = contract::GetIntakeRequest { context: desk.on_a_person()?, intake_id };
    Ok(Json(Intake::of(gateway.intakes()?.get_intake(request).await?.into_inner())?))
}

/// Rows of an intake
///
/// Each with its outcome, and why it was refused. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/intakes/{intake}/rows", tag = "intakes", operation_id = "listIntakeRows",
    params(("intake" = String, Path, description = "The intake", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c63"), ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura) or of the correspondence a file came with, visible ASCII", pattern = "^[!-~]{1,64}$", example = "DI.0123.7.2026"), IntakeRowsQuery),
    responses((status = 200, description = "The rows", body = IntakeRows)))]
pub(crate) async fn rows(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(intake_id): Named,
    Parameters(query): Parameters<IntakeRowsQuery>,
) -> Result<Json<IntakeRows>, GatewayError> {
    let request = contract::ListIntakeRowsRequest {
        context: desk.on_a_person()?,
        intake_id,
        outcome: query.outcome(),
        after: query.after,
        limit: query.limit,
    };
    Ok(Json(IntakeRows::of(gateway.intakes()?.list_intake_rows(request).await?.into_inner())?))
}

/// Start an intake
///
/// By another officer than who proposed it, who has looked at its rows. A job takes them in one by one.
#[utoipa::path(post, path = "/v1/registry/intakes/{intake}/start", tag = "intakes", operation_id = "startIntake",
    params(("intake" = String, Path, description = "The intake", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c63"), ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura) or of the correspondence a file came with, visible ASCII", pattern = "^[!-~]{1,64}$", example = "DI.0123.7.2026")),
    responses((status = 200, description = "Its rows are taken in", body = DecidedIntake)))]
pub(crate) async fn start(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(intake_id): Named,
    _nothing: NothingToSay,
) -> Result<Json<DecidedIntake>, GatewayError> {
    desk.may_change(ISSUERS)?;
    decide(&gateway, &desk, intake_id, contract::IntakeDecision::Start).await
}

/// Give an intake up
///
/// By anybody who could propose or start it. What had been taken in by then stays; what waits is forgotten.
#[utoipa::path(post, path = "/v1/registry/intakes/{intake}/giving-up", tag = "intakes", operation_id = "giveUpIntake",
    params(("intake" = String, Path, description = "The intake", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c63"), ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura) or of the correspondence a file came with, visible ASCII", pattern = "^[!-~]{1,64}$", example = "DI.0123.7.2026")),
    responses((status = 200, description = "No more of it is taken in", body = DecidedIntake)))]
pub(crate) async fn give_up(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(intake_id): Named,
    _nothing: NothingToSay,
) -> Result<Json<DecidedIntake>, GatewayError> {
    desk.may_change(STOREKEEPERS)?;
    decide(&gateway, &desk, intake_id, contract::IntakeDecision::GiveUp).await
}

async fn decide(
    gateway: &Gateway,
    desk: &Desk,
    intake_id: String,
    decision: contract::IntakeDecision,
) -> Result<Json<DecidedIntake>, GatewayError> {
    let request = contract::DecideIntakeRequest { context: desk.on_a_person()?, intake_id, decision: decision.into() };
    Ok(Json(DecidedIntake::of(&gateway.intakes()?.decide_intake(request).await?.into_inner())?))
}

/// Find by a number of a replaced register
///
/// The number is personal, so it stands in the body. The search is journalled.
#[utoipa::path(post, path = "/v1/registry/former-numbers", tag = "intakes", operation_id = "findFormerNumber",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura) or of the correspondence a file came with, visible ASCII", pattern = "^[!-~]{1,64}$", example = "DI.0123.7.2026")),
    request_body(content = FormerNumberSearch, description = "The number", content_type = "application/json"),
    responses((status = 200, description = "What it belongs to", body = FormerNumbers)))]
pub(crate) async fn former_number(
    State(gateway): State<Gateway>,
    desk: Desk,
    PersonalJson(search): PersonalJson<FormerNumberSearch>,
) -> Result<Json<FormerNumbers>, GatewayError> {
    let request = contract::FindFormerNumberRequest { context: desk.on_a_person()?, ..search.into_contract() };
    Ok(Json(FormerNumbers::of(gateway.intakes()?.find_former_number(request).await?.into_inner())?))
}

/// A person's cases and consultations as they were kept before
///
/// In the words of the register they come from. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/persons/{person}/former-records", tag = "intakes", operation_id = "listFormerRecords",
    params(("person" = String, Path, description = "The person", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura) or of the correspondence a file came with, visible ASCII", pattern = "^[!-~]{1,64}$", example = "DI.0123.7.2026")),
    responses((status = 200, description = "The records", body = FormerRecords)))]
pub(crate) async fn former_records(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(person_id): Named,
) -> Result<Response, GatewayError> {
    let request = contract::ListFormerRecordsRequest { context: desk.on_a_person()?, person_id };
    personal_response(&FormerRecords::of(gateway.intakes()?.list_former_records(request).await?.into_inner())?)
}

/// Hold what a source sent against the register
///
/// The file of each kind that was taken in last: counts, refusals by reason, sums by year and type, and digests of both sides, which are equal where nothing was lost or added.
#[utoipa::path(get, path = "/v1/registry/sources/{source}/reconciliation", tag = "intakes", operation_id = "reconcileSource",
    params(("source" = String, Path, description = "The source", example = "pobyt-v1"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura) or of the correspondence a file came with, visible ASCII", pattern = "^[!-~]{1,64}$", example = "DI.0123.7.2026")),
    responses((status = 200, description = "Both sides", body = Reconciliation)))]
pub(crate) async fn reconcile(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(source): Named,
) -> Result<Json<Reconciliation>, GatewayError> {
    let request = contract::ReconcileSourceRequest { context: desk.on_a_person()?, source };
    Ok(Json(Reconciliation::of(gateway.intakes()?.reconcile_source(request).await?.into_inner())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_sent_whole_in_pieces_of_a_mebibyte() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let file: Vec<u8> = (0..=250).cycle().take(length).collect();
            let mut sent = Vec::new();
            for part in chunks(file.clone()) {
                let Part::Bytes(bytes) = part else { panic!("a header") };
                assert!((1..=CHUNK).contains(&bytes.len()));
                sent.extend(bytes);
            }
            assert!(sent == file, "{length}");
        }
    }
}
