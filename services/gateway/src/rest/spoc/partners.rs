//! Partners: registration by two officers, suspension, roots, outages.

use axum::{extract::State, response::Response};
use straznica_contracts::spoc::v1 as contract;

use super::{
    Done, Named, promised,
    wire::partners::{
        Comparison, NewOutage, NewRoot, Outage, Partner, PartnerDetail, PartnerList, PartnerProposal, Registration,
        RootOutcome, Withdrawal,
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{DigestedJson, Json, NothingToSay},
        once::{Once, created},
        wire::{agreement::Seen, reason::Reason},
    },
};

/// Partners
///
/// The states whose SPOC is registered here, those withdrawn included, and what waits for a second officer.
#[utoipa::path(get, path = "/v1/spoc/partners", tag = "partners", operation_id = "listPartners",
    responses((status = 200, description = "All of them", body = PartnerList)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
) -> Result<Json<PartnerList>, GatewayError> {
    let answer = gateway.partners().list_partners(contract::ListPartnersRequest {}).await?;
    Ok(Json(answer.into_inner().into()))
}

/// Propose a partner, or a change of one
///
/// Another officer confirms it. A further proposal for the same state replaces an open one.
#[utoipa::path(post, path = "/v1/spoc/partners", tag = "partners", operation_id = "proposePartner",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Registration, description = "The registration", content_type = "application/json"),
    responses((status = 201, description = "The proposal", body = PartnerProposal,
        headers(("Location" = String, description = "Address of the partner")))))]
pub(crate) async fn propose(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    once: Once,
    body: DigestedJson<Registration>,
) -> Result<Response, GatewayError> {
    let registration = Some(body.value.into());
    let request = contract::ProposePartnerRequest { context: caller.context(), registration };
    let mut partners = gateway.partners();
    let work = async move {
        let proposed = partners.propose_partner(request).await?.into_inner();
        let proposal = promised(proposed.proposal, "the proposal")?;
        created(format!("/v1/spoc/partners/{}", proposal.country), &PartnerProposal::from(proposal))
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// A partner, with what is proposed about it
#[utoipa::path(get, path = "/v1/spoc/partners/{country}", tag = "partners", operation_id = "getPartner",
    params(("country" = String, Path, description = "The partner", example = "UT")),
    responses((status = 200, description = "The partner", body = PartnerDetail)))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
    Named(country): Named<String>,
) -> Result<Json<PartnerDetail>, GatewayError> {
    let answer = gateway.partners().get_partner(contract::GetPartnerRequest { country }).await?;
    Ok(Json(answer.into_inner().into()))
}

/// Confirm a registration
///
/// By another officer than the one who proposed it, who types the fingerprints as the partner gave them on another way. A first registration is
/// completed by asking the partner for its CVCA certificates at once.
#[utoipa::path(post, path = "/v1/spoc/partner-proposals/{id}/confirmation", tag = "partners", operation_id = "confirmPartner",
    params(("id" = String, Path, description = "The proposal", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Comparison, description = "What was compared", content_type = "application/json"),
    responses((status = 200, description = "The partner", body = Partner)))]
pub(crate) async fn confirm(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(proposal_id): Named<String>,
    Json(compared): Json<Comparison>,
) -> Result<Json<Partner>, GatewayError> {
    let fingerprints = compared.fingerprints.iter().map(|fingerprint| hex::encode(fingerprint.0)).collect();
    let request = contract::ConfirmPartnerRequest { context: caller.context(), proposal_id, fingerprints };
    let answer = gateway.partners().confirm_partner(request).await?.into_inner();
    Ok(Json(promised(answer.partner, "the partner")?.into()))
}

/// Take a proposal back
#[utoipa::path(post, path = "/v1/spoc/partner-proposals/{id}/withdrawal", tag = "partners", operation_id = "withdrawProposal",
    params(("id" = String, Path, description = "The proposal", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "It is taken back")))]
pub(crate) async fn drop_proposal(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(proposal_id): Named<String>,
    Json(why): Json<Reason>,
) -> Result<Done, GatewayError> {
    let request = contract::WithdrawProposalRequest { context: caller.context(), proposal_id, reason: why.reason.0 };
    gateway.partners().withdraw_proposal(request).await?;
    Ok(Done)
}

/// Suspend a partner
///
/// From now on it is not let in and not written to, and its document verifiers are not served. What waits stays. One officer is enough.
#[utoipa::path(post, path = "/v1/spoc/partners/{country}/suspension", tag = "partners", operation_id = "suspendPartner",
    params(("country" = String, Path, description = "The partner", example = "UT")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "It is suspended")))]
pub(crate) async fn suspend(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(country): Named<String>,
    Json(why): Json<Reason>,
) -> Result<Done, GatewayError> {
    let request = contract::SuspendPartnerRequest { context: caller.context(), country, reason: why.reason.0 };
    gateway.partners().suspend_partner(request).await?;
    Ok(Done)
}

/// Propose to lift a suspension
#[utoipa::path(post, path = "/v1/spoc/partners/{country}/resumption", tag = "partners", operation_id = "proposeResumption",
    params(("country" = String, Path, description = "The partner", example = "UT")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "The proposal, for another officer", body = PartnerProposal)))]
pub(crate) async fn propose_resumption(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(country): Named<String>,
    Json(why): Json<Reason>,
) -> Result<Json<PartnerProposal>, GatewayError> {
    let request = contract::ProposeResumptionRequest { context: caller.context(), country, reason: why.reason.0 };
    let answer = gateway.partners().propose_resumption(request).await?.into_inner();
    Ok(Json(promised(answer.proposal, "the proposal")?.into()))
}

/// Lift a suspension another officer proposed to lift
#[utoipa::path(post, path = "/v1/spoc/resumption-proposals/{id}/confirmation", tag = "partners", operation_id = "confirmResumption",
    params(("id" = String, Path, description = "The proposal", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    responses((status = 204, description = "The partner is served again")))]
pub(crate) async fn confirm_resumption(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(proposal_id): Named<String>,
    NothingToSay: NothingToSay,
) -> Result<Done, GatewayError> {
    let request = contract::ConfirmResumptionRequest { context: caller.context(), proposal_id };
    gateway.partners().confirm_resumption(request).await?;
    Ok(Done)
}

/// End the registration of a partner
///
/// It takes a new registration to come back.
#[utoipa::path(post, path = "/v1/spoc/partners/{country}/withdrawal", tag = "partners", operation_id = "withdrawPartner",
    params(("country" = String, Path, description = "The partner", example = "UT")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "It is a partner no more", body = Withdrawal)))]
pub(crate) async fn withdraw(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(country): Named<String>,
    Json(why): Json<Reason>,
) -> Result<Json<Withdrawal>, GatewayError> {
    let request = contract::WithdrawPartnerRequest { context: caller.context(), country, reason: why.reason.0 };
    let answer = gateway.partners().withdraw_partner(request).await?.into_inner();
    Ok(Json(Withdrawal { cancelled_messages: answer.cancelled_messages }))
}

/// Announce a further root of a partner
///
/// The root in use stays beside it until its own period ends. Another officer confirms it.
#[utoipa::path(post, path = "/v1/spoc/partners/{country}/roots", tag = "partners", operation_id = "announceRoot",
    params(("country" = String, Path, description = "The partner", example = "UT"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewRoot, description = "The root", content_type = "application/json"),
    responses((status = 201, description = "The announced root", body = RootOutcome)))]
pub(crate) async fn announce_root(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(country): Named<String>,
    once: Once,
    body: DigestedJson<NewRoot>,
) -> Result<Response, GatewayError> {
    let (root, link_certificate) = body.value.into_contract();
    let context = caller.context();
    let request = contract::AnnounceRootRequest { context, country, root: Some(root), link_certificate };
    let mut partners = gateway.partners();
    let work = async move {
        let contract::AnnounceRootResponse { root, warnings } = partners.announce_root(request).await?.into_inner();
        created(String::new(), &RootOutcome { root: promised(root, "the root")?.into(), warnings })
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// Confirm an announced root
///
/// By another officer, who gives the fingerprint as the partner gave it on another way.
#[utoipa::path(post, path = "/v1/spoc/partners/{country}/roots/{fingerprint}/confirmation", tag = "partners", operation_id = "confirmRoot",
    params(("country" = String, Path, description = "The partner", example = "UT"),
        ("fingerprint" = String, Path, description = "SHA-256 of the root, hexadecimal",
            example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
    request_body(content = Seen, description = "What was seen", content_type = "application/json"),
    responses((status = 200, description = "The confirmed root", body = RootOutcome)))]
pub(crate) async fn confirm_root(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named((country, fingerprint)): Named<(String, String)>,
    Json(seen): Json<Seen>,
) -> Result<Json<RootOutcome>, GatewayError> {
    let (context, proposal) = (caller.context(), seen.proposal);
    let request = contract::ConfirmRootRequest { context, country, fingerprint, proposal };
    let contract::ConfirmRootResponse { root, warnings } = gateway.partners().confirm_root(request).await?.into_inner();
    Ok(Json(RootOutcome { root: promised(root, "the root")?.into(), warnings }))
}

/// Withdraw a root
///
/// From now on no certificate of the partner leads to it. One officer is enough.
#[utoipa::path(post, path = "/v1/spoc/partners/{country}/roots/{fingerprint}/withdrawal", tag = "partners", operation_id = "withdrawRoot",
    params(("country" = String, Path, description = "The partner", example = "UT"),
        ("fingerprint" = String, Path, description = "SHA-256 of the root, hexadecimal",
            example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "It vouches for nobody any more")))]
pub(crate) async fn withdraw_root(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named((country, fingerprint)): Named<(String, String)>,
    Json(why): Json<Reason>,
) -> Result<Done, GatewayError> {
    let context = caller.context();
    let request = contract::WithdrawRootRequest { context, country, fingerprint, reason: why.reason.0 };
    gateway.partners().withdraw_root(request).await?;
    Ok(Done)
}

/// Enter an outage a partner announced
///
/// Nothing is sent meanwhile, and renewals that fall into it begin earlier.
#[utoipa::path(post, path = "/v1/spoc/partners/{country}/outages", tag = "partners", operation_id = "enterOutage",
    params(("country" = String, Path, description = "The partner", example = "UT"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewOutage, description = "When and why", content_type = "application/json"),
    responses((status = 201, description = "The outage", body = Outage)))]
pub(crate) async fn enter_outage(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(country): Named<String>,
    once: Once,
    body: DigestedJson<NewOutage>,
) -> Result<Response, GatewayError> {
    let NewOutage { begins, ends, reason } = body.value;
    let request = contract::EnterOutageRequest {
        context: caller.context(),
        country,
        begins_ms: begins.0.millis(),
        ends_ms: ends.0.millis(),
        reason: reason.0,
    };
    let mut partners = gateway.partners();
    let work = async move {
        let entered = partners.enter_outage(request).await?.into_inner();
        created(String::new(), &Outage::from(promised(entered.outage, "the outage")?))
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// Take an outage back, or end it early
#[utoipa::path(post, path = "/v1/spoc/outages/{id}/removal", tag = "partners", operation_id = "removeOutage",
    params(("id" = String, Path, description = "The outage", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "It is removed")))]
pub(crate) async fn remove_outage(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(outage_id): Named<String>,
    Json(why): Json<Reason>,
) -> Result<Done, GatewayError> {
    let request = contract::RemoveOutageRequest { context: caller.context(), outage_id, reason: why.reason.0 };
    gateway.partners().remove_outage(request).await?;
    Ok(Done)
}
