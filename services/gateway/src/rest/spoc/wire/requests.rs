//! Requests of other states' document verifiers, as operators see them.

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use crate::rest::wire::scalars::{Base64, Instant, present};

/// A request of another state's document verifier.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CertificateRequest {
    /// UUID.
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    id: String,
    /// Country that asked.
    #[schema(example = "UT")]
    caller: String,
    /// Identifier of the message it came with.
    #[schema(example = "UT-2027-0017")]
    message_id: String,
    /// Country and mnemonic of the document verifier.
    #[schema(example = "UTDV")]
    holder: String,
    /// Holder reference asked for.
    #[schema(example = "UTDV00007")]
    chr: String,
    /// Who vouches for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "UTCVCA00005")]
    outer_car: Option<String>,
    /// `waiting`, `issued`, `refused`.
    #[schema(example = "waiting")]
    state: String,
    /// When it was received.
    received_at: Instant,
    /// Until when it has to be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Instant>,
    /// Officer who approved first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "OP-07")]
    first_officer: Option<String>,
    /// Officer who approved second.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "OP-11")]
    second_officer: Option<String>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<Instant>,
    /// The standard's word for the outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ok_cert_available")]
    code: Option<String>,
    /// Rule of the policy the outcome rests on; while it waits, the one by which somebody vouches for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "TR-03139/table-2/3 successive")]
    rule: Option<String>,
    /// What the rule asks, and where that is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "A successive request is signed by a still valid certificate of the same holder.")]
    rule_text: Option<String>,
    /// Where that is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "BSI TR-03139, table 2")]
    rule_source: Option<String>,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "signed by UTDV00006")]
    detail: Option<String>,
}

impl From<contract::CertificateRequest> for CertificateRequest {
    fn from(certificate_request: contract::CertificateRequest) -> Self {
        let contract::CertificateRequest {
            id,
            caller,
            message_id,
            holder,
            chr,
            outer_car,
            state,
            received_at_ms,
            due_at_ms,
            first_officer,
            second_officer,
            decided_at_ms,
            code,
            rule,
            rule_text,
            rule_source,
            detail,
        } = certificate_request;
        Self {
            id,
            caller,
            message_id,
            holder,
            chr,
            outer_car: present(outer_car),
            state,
            received_at: Instant::at(received_at_ms),
            due_at: Instant::from_contract(due_at_ms),
            first_officer: present(first_officer),
            second_officer: present(second_officer),
            decided_at: Instant::from_contract(decided_at_ms),
            code: present(code),
            rule: present(rule),
            rule_text: present(rule_text),
            rule_source: present(rule_source),
            detail: present(detail),
        }
    }
}

/// Requests, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestPage {
    /// The requests.
    requests: Vec<CertificateRequest>,
    /// Where to go on (`after`); absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    next: Option<String>,
}

impl From<contract::ListRequestsResponse> for RequestPage {
    fn from(page: contract::ListRequestsResponse) -> Self {
        let requests = page.requests.into_iter().map(CertificateRequest::from).collect();
        Self { requests, next: present(page.next_page_token) }
    }
}

/// One request, its bytes, and the certificate issued for it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestDetail {
    /// The request.
    pub(crate) request: CertificateRequest,
    /// Authenticated request (tag 67), DER.
    pub(crate) certificate_request: Base64,
    /// CV certificate, DER; absent when none was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<Base64>,
}

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RequestQuery {
    /// In this state only: `waiting`, `issued`, `refused`.
    #[serde(default)]
    #[param(example = "waiting")]
    state: Option<String>,
    /// Of this country only.
    #[serde(default)]
    #[param(example = "UT")]
    caller: Option<String>,
    /// Go on where the page before ended.
    #[serde(default)]
    #[param(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    after: Option<String>,
    /// At most this many, 1 to 200.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
    limit: Option<u32>,
}

impl From<RequestQuery> for contract::ListRequestsRequest {
    fn from(query: RequestQuery) -> Self {
        Self {
            state: query.state.unwrap_or_default(),
            caller: query.caller.unwrap_or_default(),
            page_size: query.limit.unwrap_or_default(),
            page_token: query.after.unwrap_or_default(),
        }
    }
}
