//! The health board: how the exchange with each partner is.

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use super::{partners::Outage, revocation_lists::HeldCrl};
use crate::rest::wire::scalars::{Instant, present};

/// How the exchange with a partner is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartnerHealth {
    /// ISO 3166-1 alpha-2.
    #[schema(example = "UT")]
    country: String,
    /// `active`, `suspended` or `withdrawn`.
    #[schema(example = "active")]
    state: String,
    /// Messages are exchanged: active and within the period of use.
    served: bool,
    /// When it last answered us.
    #[serde(skip_serializing_if = "Option::is_none")]
    reached_at: Option<Instant>,
    /// When it last sent a message that was let in.
    #[serde(skip_serializing_if = "Option::is_none")]
    heard_at: Option<Instant>,
    /// When it was last refused or not reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_at: Option<Instant>,
    /// Why it was last refused or not reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "connection refused")]
    failure: Option<String>,
    /// Its requests that wait here.
    #[schema(example = 1)]
    waiting_requests: u32,
    /// Until when the first of them has to be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_due_at: Option<Instant>,
    /// Messages to it that are not delivered.
    #[schema(example = 2)]
    pending_messages: u32,
    /// When the oldest of them was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_pending_at: Option<Instant>,
    /// What the last attempt to deliver one said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "connection refused")]
    last_error: Option<String>,
    /// Our requests it acknowledged and has not answered.
    #[schema(example = 1)]
    awaited_answers: u32,
    /// General messages nobody has acknowledged.
    #[schema(example = 1)]
    unread_messages: u32,
    /// What ends, soonest first.
    expiries: Vec<Expiry>,
    /// Revocation lists held of it.
    crls: Vec<HeldCrl>,
    /// Times in which it cannot be reached.
    outages: Vec<Outage>,
    /// What needs somebody's attention, in words.
    #[schema(example = json!(["the revocation list is 80 days old"]))]
    concerns: Vec<String>,
}

impl From<contract::PartnerHealth> for PartnerHealth {
    fn from(partner_health: contract::PartnerHealth) -> Self {
        let contract::PartnerHealth {
            country,
            state,
            served,
            reached_at_ms,
            heard_at_ms,
            failed_at_ms,
            failure,
            waiting_requests,
            first_due_at_ms,
            pending_messages,
            oldest_pending_at_ms,
            last_error,
            awaited_answers,
            unread_messages,
            expiries,
            crls,
            outages,
            concerns,
        } = partner_health;
        Self {
            country,
            state,
            served,
            reached_at: reached_at_ms.map(Instant::at),
            heard_at: heard_at_ms.map(Instant::at),
            failed_at: failed_at_ms.map(Instant::at),
            failure: present(failure),
            waiting_requests,
            first_due_at: first_due_at_ms.map(Instant::at),
            pending_messages,
            oldest_pending_at: oldest_pending_at_ms.map(Instant::at),
            last_error: present(last_error),
            awaited_answers,
            unread_messages,
            expiries: expiries.into_iter().map(Expiry::from).collect(),
            crls: crls.into_iter().map(HeldCrl::from).collect(),
            outages: outages.into_iter().map(Outage::from).collect(),
            concerns,
        }
    }
}

/// What ends, and when.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Expiry {
    /// `spoc_root`, `spoc_certificate` (it was last let in by), `cvca` (of the partner), `dv` (ours under its CVCA).
    #[schema(example = "cvca")]
    kind: String,
    /// Fingerprint of a root or of a SPOC's certificate, holder reference of a CV certificate.
    #[schema(example = "UTCVCA00005")]
    subject: String,
    /// When.
    expires_at: Instant,
}

impl From<contract::Expiry> for Expiry {
    fn from(expiry: contract::Expiry) -> Self {
        let contract::Expiry { kind, subject, expires_at_ms } = expiry;
        Self { kind, subject, expires_at: Instant::at(expires_at_ms) }
    }
}

/// How every partner is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HealthBoard {
    /// One entry a partner.
    partners: Vec<PartnerHealth>,
}

impl From<contract::GetHealthResponse> for HealthBoard {
    fn from(board: contract::GetHealthResponse) -> Self {
        Self { partners: board.partners.into_iter().map(PartnerHealth::from).collect() }
    }
}

/// Which partners.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CountryQuery {
    /// One partner only.
    #[serde(default)]
    #[param(example = "UT")]
    pub(crate) country: Option<String>,
}
