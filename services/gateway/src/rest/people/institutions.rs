//! Institutions and stages, for central administrators; an institution's own people read it.

use axum::{extract::State, response::Response};
use straznica_contracts::identity::v1 as contract;

use super::{
    Named,
    wire::institutions::{
        Application, Decision, Institution, InstitutionList, InstitutionQuery, NewStage, Stage, StageList,
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OfficialCaller,
        extract::{DigestedJson, Json, Parameters},
        once::{Once, created},
        wire::reason::Reason,
    },
};

/// Enter an institution's application
///
/// Nothing comes of it before another central administrator decides. The special services are no institutions here.
#[utoipa::path(post, path = "/v1/institutions", tag = "institutions", operation_id = "applyInstitution",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Application, description = "The institution", content_type = "application/json"),
    responses((status = 201, description = "It is entered", body = Institution)))]
pub(crate) async fn apply(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    once: Once,
    body: DigestedJson<Application>,
) -> Result<Response, GatewayError> {
    let location = format!("/v1/institutions/{}", body.value.id());
    let request = body.value.request(caller.context(None, None));
    let mut institutions = gateway.institutions();
    let work = async move {
        let entered = institutions.apply_institution(request).await?.into_inner();
        created(location, &Institution::of(entered.institution)?)
    };
    once.run(&gateway, &caller.owner, gateway.keyed_digest(&body.sha256, ""), work).await
}

/// Institutions
///
/// In the order of their ids, a hundred at a time.
#[utoipa::path(get, path = "/v1/institutions", tag = "institutions", operation_id = "listInstitutions", params(InstitutionQuery),
    responses((status = 200, description = "One page", body = InstitutionList)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Parameters(query): Parameters<InstitutionQuery>,
) -> Result<Json<InstitutionList>, GatewayError> {
    let request = contract::ListInstitutionsRequest {
        context: caller.context(None, None),
        state: query.state.map_or(0, |state| state.contract().into()),
        after_id: query.after.unwrap_or_default(),
    };
    let found = gateway.institutions().list_institutions(request).await?.into_inner();
    Ok(Json(InstitutionList::of(found.institutions)?))
}

/// One institution
#[utoipa::path(get, path = "/v1/institutions/{institution}", tag = "institutions", operation_id = "getInstitution",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone")),
    responses((status = 200, description = "The institution", body = Institution)))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution_id): Named,
) -> Result<Json<Institution>, GatewayError> {
    let request = contract::GetInstitutionRequest { context: caller.context(None, None), institution_id };
    let found = gateway.institutions().get_institution(request).await?.into_inner();
    Ok(Json(Institution::of(found.institution)?))
}

/// Decide on an application
///
/// By a central administrator who did not enter it.
#[utoipa::path(post, path = "/v1/institutions/{institution}/decision", tag = "institutions", operation_id = "decideInstitution",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone")),
    request_body(content = Decision, description = "The decision", content_type = "application/json"),
    responses((status = 200, description = "The institution", body = Institution)))]
pub(crate) async fn decide(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution_id): Named,
    Json(decision): Json<Decision>,
) -> Result<Json<Institution>, GatewayError> {
    let request = contract::DecideInstitutionRequest {
        context: caller.context(None, None),
        institution_id,
        approve: decision.approve,
        reason: decision.reason.0,
    };
    let decided = gateway.institutions().decide_institution(request).await?.into_inner();
    Ok(Json(Institution::of(decided.institution)?))
}

/// Suspend an institution
///
/// What is under way shows nothing any more.
#[utoipa::path(post, path = "/v1/institutions/{institution}/suspension", tag = "institutions", operation_id = "suspendInstitution",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "The institution", body = Institution)))]
pub(crate) async fn suspend(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution_id): Named,
    Json(why): Json<Reason>,
) -> Result<Json<Institution>, GatewayError> {
    let context = caller.context(None, None);
    let request = contract::SuspendInstitutionRequest { context, institution_id, reason: why.reason.0 };
    let changed = gateway.institutions().suspend_institution(request).await?.into_inner();
    Ok(Json(Institution::of(changed.institution)?))
}

/// Let a suspended institution go on
#[utoipa::path(post, path = "/v1/institutions/{institution}/resumption", tag = "institutions", operation_id = "resumeInstitution",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "The institution", body = Institution)))]
pub(crate) async fn resume(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution_id): Named,
    Json(why): Json<Reason>,
) -> Result<Json<Institution>, GatewayError> {
    let context = caller.context(None, None);
    let request = contract::ResumeInstitutionRequest { context, institution_id, reason: why.reason.0 };
    let changed = gateway.institutions().resume_institution(request).await?.into_inner();
    Ok(Json(Institution::of(changed.institution)?))
}

/// Close an institution
///
/// For good.
#[utoipa::path(post, path = "/v1/institutions/{institution}/closure", tag = "institutions", operation_id = "closeInstitution",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "The institution", body = Institution)))]
pub(crate) async fn close(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution_id): Named,
    Json(why): Json<Reason>,
) -> Result<Json<Institution>, GatewayError> {
    let context = caller.context(None, None);
    let request = contract::CloseInstitutionRequest { context, institution_id, reason: why.reason.0 };
    let changed = gateway.institutions().close_institution(request).await?.into_inner();
    Ok(Json(Institution::of(changed.institution)?))
}

/// Say from when to when a kind of document is served
///
/// Everywhere or at a pilot institution; what was said of the same before is replaced.
#[utoipa::path(post, path = "/v1/stages", tag = "institutions", operation_id = "setStage",
    request_body(content = NewStage, description = "The stage", content_type = "application/json"),
    responses((status = 200, description = "It counts", body = Stage)))]
pub(crate) async fn set_stage(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Json(new): Json<NewStage>,
) -> Result<Json<Stage>, GatewayError> {
    let request = contract::SetStageRequest {
        context: caller.context(None, None),
        kind: new.kind.contract().into(),
        institution_id: new.institution.unwrap_or_default(),
        from_ms: new.from.0.millis(),
        until_ms: new.until.map_or(0, |until| until.0.millis()),
    };
    Ok(Json(Stage::of(gateway.institutions().set_stage(request).await?.into_inner().stage)?))
}

/// What is served where
#[utoipa::path(get, path = "/v1/stages", tag = "institutions", operation_id = "listStages",
    responses((status = 200, description = "The stages", body = StageList)))]
pub(crate) async fn stages(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
) -> Result<Json<StageList>, GatewayError> {
    let request = contract::ListStagesRequest { context: caller.context(None, None) };
    Ok(Json(StageList::of(gateway.institutions().list_stages(request).await?.into_inner().stages)?))
}
