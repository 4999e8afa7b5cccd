//! Bulk notices of an institution, for its local administrators. dispatch decides, and holds to two of them for words and for each sending; whose institution it is
//! the gateway knows.

use axum::{extract::State, response::Response};
use http::StatusCode;
use straznica_contracts::dispatch::v1 as contract;

use super::{
    Named, NamedTwo,
    wire::notices::{
        AddedRecipients, NewNotice, NewRecipients, NewTemplate, NoticeChoice, NoticeList, NoticePreview,
        NoticeProgress, NoticeQuery, NoticeReport, NoticeTemplateList, ProposedTemplate, StoppedNotice,
        TemplateApproval, TemplateQuery,
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OfficialCaller,
        extract::{DigestedJson, Json, NothingToSay, Parameters, PersonalJson},
        once::{Once, created},
        wire::reason::Reason,
    },
};

/// Rows of a page.
const PAGE: u32 = 200;

/// Propose the words of notices
///
/// The next version of a template. It counts once another administrator has approved it. Words that would fail for somebody are refused, naming the language.
#[utoipa::path(post, path = "/v1/institutions/{institution}/notice-templates", tag = "notices", operation_id = "proposeNoticeTemplate",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewTemplate, description = "The words", content_type = "application/json"),
    responses((status = 201, description = "They are proposed", body = ProposedTemplate)))]
pub(crate) async fn propose_template(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution): Named,
    once: Once,
    body: DigestedJson<NewTemplate>,
) -> Result<Response, GatewayError> {
    caller.administers_active(&institution)?;
    let template = body.value.template.0.clone();
    let request = body.value.request(caller.context(None, None), institution);
    let mut notices = gateway.notices()?;
    let work = async move {
        let version = notices.propose_template(request).await?.into_inner().version;
        created(String::new(), &ProposedTemplate { template, version })
    };
    once.run(&gateway, &caller.owner, gateway.keyed_digest(&body.sha256, ""), work).await
}

/// The words of notices
#[utoipa::path(get, path = "/v1/institutions/{institution}/notice-templates", tag = "notices", operation_id = "listNoticeTemplates",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"), TemplateQuery),
    responses((status = 200, description = "One page", body = NoticeTemplateList)))]
pub(crate) async fn templates(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution): Named,
    Parameters(query): Parameters<TemplateQuery>,
) -> Result<Json<NoticeTemplateList>, GatewayError> {
    caller.administers(&institution)?;
    let request = contract::ListTemplatesRequest {
        context: caller.context(None, None),
        institution,
        template: query.template.unwrap_or_default(),
        page_size: PAGE,
        page_token: query.from.unwrap_or_default(),
    };
    Ok(Json(NoticeTemplateList::of(gateway.notices()?.list_templates(request).await?.into_inner())))
}

/// Approve the words of notices
///
/// By another administrator than the one who proposed them.
#[utoipa::path(post, path = "/v1/institutions/{institution}/notice-templates/{template}/approval", tag = "notices", operation_id = "approveNoticeTemplate",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"),
        ("template" = String, Path, description = "The template", example = "payment-day")),
    request_body(content = TemplateApproval, description = "Which version", content_type = "application/json"),
    responses((status = 204, description = "Notices can be made of them")))]
pub(crate) async fn approve_template(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution, template): NamedTwo,
    Json(which): Json<TemplateApproval>,
) -> Result<StatusCode, GatewayError> {
    caller.administers_active(&institution)?;
    let context = caller.context(None, None);
    let request = contract::ApproveTemplateRequest { context, institution, template, version: which.version };
    gateway.notices()?.approve_template(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Record whether somebody wants notices
///
/// The last word counts, also while a notice goes out. Nobody is written to without.
#[utoipa::path(post, path = "/v1/institutions/{institution}/notice-choices", tag = "notices", operation_id = "recordNoticeChoice",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone")),
    request_body(content = NoticeChoice, description = "What they said", content_type = "application/json"),
    responses((status = 204, description = "It is on record")))]
pub(crate) async fn choose(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution): Named,
    PersonalJson(choice): PersonalJson<NoticeChoice>,
) -> Result<StatusCode, GatewayError> {
    caller.administers_active(&institution)?;
    let request = contract::RecordChoiceRequest {
        context: caller.context(None, None),
        institution,
        phone: choice.phone.expose().clone(),
        wants_notices: choice.wants_notices,
    };
    gateway.notices()?.record_choice(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Prepare a notice
///
/// Sent twice with the same id it is one notice.
#[utoipa::path(post, path = "/v1/institutions/{institution}/notices", tag = "notices", operation_id = "createNotice",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone")),
    request_body(content = NewNotice, description = "The notice", content_type = "application/json"),
    responses((status = 204, description = "Recipients may be added")))]
pub(crate) async fn create(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution): Named,
    Json(new): Json<NewNotice>,
) -> Result<StatusCode, GatewayError> {
    caller.administers_active(&institution)?;
    let request = contract::CreateNoticeRequest {
        context: caller.context(None, None),
        notice_id: new.id.to_string(),
        institution,
        template: new.template.0,
        version: new.version,
        valid_hours: new.valid_hours,
    };
    gateway.notices()?.create_notice(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Notices of an institution
#[utoipa::path(get, path = "/v1/institutions/{institution}/notices", tag = "notices", operation_id = "listNotices",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"), NoticeQuery),
    responses((status = 200, description = "One page", body = NoticeList)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution): Named,
    Parameters(query): Parameters<NoticeQuery>,
) -> Result<Json<NoticeList>, GatewayError> {
    caller.administers(&institution)?;
    let request = contract::ListNoticesRequest {
        context: caller.context(None, None),
        institution,
        page_size: PAGE,
        page_token: query.from.unwrap_or_default(),
    };
    Ok(Json(NoticeList::of(gateway.notices()?.list_notices(request).await?.into_inner())?))
}

/// How far a notice is
#[utoipa::path(get, path = "/v1/institutions/{institution}/notices/{notice}", tag = "notices", operation_id = "getNotice",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"),
        ("notice" = String, Path, description = "The notice", example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    responses((status = 200, description = "The notice", body = NoticeProgress)))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution, notice_id): NamedTwo,
) -> Result<Json<NoticeProgress>, GatewayError> {
    caller.administers(&institution)?;
    let request = contract::GetNoticeRequest { context: caller.context(None, None), institution, notice_id };
    Ok(Json(NoticeProgress::of(gateway.notices()?.get_notice(request).await?.into_inner())?))
}

/// Add recipients to a notice
///
/// A page is taken all or not at all; a recipient who is there with the same words is passed over. What cannot be sent is refused, naming the recipient.
#[utoipa::path(post, path = "/v1/institutions/{institution}/notices/{notice}/recipients", tag = "notices", operation_id = "addNoticeRecipients",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"),
        ("notice" = String, Path, description = "The notice", example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewRecipients, description = "The recipients", content_type = "application/json"),
    responses((status = 200, description = "They are on the list", body = AddedRecipients)))]
pub(crate) async fn add(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution, notice_id): NamedTwo,
    PersonalJson(page): PersonalJson<NewRecipients>,
) -> Result<Json<AddedRecipients>, GatewayError> {
    caller.administers_active(&institution)?;
    let context = caller.context(None, None);
    let request = contract::AddRecipientsRequest { context, institution, notice_id, recipients: page.contract() };
    let added = gateway.notices()?.add_recipients(request).await?.into_inner().added;
    Ok(Json(AddedRecipients { added }))
}

/// What became of each recipient's message
#[utoipa::path(get, path = "/v1/institutions/{institution}/notices/{notice}/recipients", tag = "notices", operation_id = "getNoticeReport",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"),
        ("notice" = String, Path, description = "The notice", example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77"), NoticeQuery),
    responses((status = 200, description = "One page", body = NoticeReport)))]
pub(crate) async fn report(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution, notice_id): NamedTwo,
    Parameters(query): Parameters<NoticeQuery>,
) -> Result<Json<NoticeReport>, GatewayError> {
    caller.administers(&institution)?;
    let request = contract::ListRecipientsRequest {
        context: caller.context(None, None),
        institution,
        notice_id,
        page_size: PAGE,
        page_token: query.from.unwrap_or_default(),
    };
    Ok(Json(NoticeReport::of(gateway.notices()?.list_recipients(request).await?.into_inner())))
}

/// What a notice would take and cost
///
/// By language. Nothing is sent.
#[utoipa::path(get, path = "/v1/institutions/{institution}/notices/{notice}/preview", tag = "notices", operation_id = "previewNotice",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"),
        ("notice" = String, Path, description = "The notice", example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    responses((status = 200, description = "What it would take", body = NoticePreview)))]
pub(crate) async fn preview(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution, notice_id): NamedTwo,
) -> Result<Json<NoticePreview>, GatewayError> {
    caller.administers(&institution)?;
    let request = contract::PreviewNoticeRequest { context: caller.context(None, None), institution, notice_id };
    Ok(Json(NoticePreview::of(gateway.notices()?.preview_notice(request).await?.into_inner())))
}

/// Propose to send a notice
///
/// As it is: no recipients are added from now on.
#[utoipa::path(post, path = "/v1/institutions/{institution}/notices/{notice}/proposal", tag = "notices", operation_id = "proposeNotice",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"),
        ("notice" = String, Path, description = "The notice", example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    responses((status = 204, description = "It waits for another administrator")))]
pub(crate) async fn propose(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution, notice_id): NamedTwo,
    _: NothingToSay,
) -> Result<StatusCode, GatewayError> {
    caller.administers_active(&institution)?;
    let request = contract::ProposeStartRequest { context: caller.context(None, None), institution, notice_id };
    gateway.notices()?.propose_start(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a notice
///
/// By another administrator than the one who proposed it. Outside of quiet hours, and never before a code.
#[utoipa::path(post, path = "/v1/institutions/{institution}/notices/{notice}/start", tag = "notices", operation_id = "startNotice",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"),
        ("notice" = String, Path, description = "The notice", example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    responses((status = 204, description = "It goes out")))]
pub(crate) async fn start(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution, notice_id): NamedTwo,
    _: NothingToSay,
) -> Result<StatusCode, GatewayError> {
    caller.administers_active(&institution)?;
    let request = contract::StartNoticeRequest { context: caller.context(None, None), institution, notice_id };
    gateway.notices()?.start_notice(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stop a notice
///
/// What has not been handed to an operator by then never is. Also of an institution that is suspended.
#[utoipa::path(post, path = "/v1/institutions/{institution}/notices/{notice}/stop", tag = "notices", operation_id = "stopNotice",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"),
        ("notice" = String, Path, description = "The notice", example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "It is stopped", body = StoppedNotice)))]
pub(crate) async fn stop(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution, notice_id): NamedTwo,
    Json(why): Json<Reason>,
) -> Result<Json<StoppedNotice>, GatewayError> {
    caller.administers(&institution)?;
    let context = caller.context(None, None);
    let request = contract::StopNoticeRequest { context, institution, notice_id, reason: why.reason.0 };
    let withdrawn = gateway.notices()?.stop_notice(request).await?.into_inner().withdrawn;
    Ok(Json(StoppedNotice { withdrawn }))
}
