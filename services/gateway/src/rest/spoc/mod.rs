//! The exchange of certificates with other states, for operators: the same abilities as `straznica spoc` and `straznica pki`. Each file has the handlers of
//! one subject; spoc decides, and knows the operator by the certificate this listener saw.

mod bundles;
mod calendar;
mod certificates;
mod deliveries;
mod health;
mod holders;
mod messages;
mod national_pki;
mod partners;
mod renewals;
mod requests;
mod revocation_lists;
pub(crate) mod routes;
mod wire;

use axum::{
    extract::{FromRequestParts, Path},
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::collect;
use crate::{app::Gateway, error::GatewayError};

/// Every address of this room.
pub(super) fn interface() -> OpenApiRouter<Gateway> {
    collect([
        routes!(partners::list, partners::propose),
        routes!(partners::show),
        routes!(partners::confirm),
        routes!(partners::drop_proposal),
        routes!(partners::suspend),
        routes!(partners::propose_resumption),
        routes!(partners::confirm_resumption),
        routes!(partners::withdraw),
        routes!(partners::announce_root),
        routes!(partners::confirm_root),
        routes!(partners::withdraw_root),
        routes!(partners::enter_outage),
        routes!(partners::remove_outage),
        routes!(revocation_lists::import),
        routes!(health::board),
        routes!(bundles::export),
        routes!(bundles::import),
        routes!(requests::list),
        routes!(requests::show),
        routes!(requests::approve),
        routes!(requests::decline),
        routes!(holders::list, holders::register),
        routes!(holders::change),
        routes!(holders::confirm),
        routes!(holders::suspend),
        routes!(holders::resume),
        routes!(certificates::own),
        routes!(certificates::issued),
        routes!(certificates::generations, national_pki::create_cvca),
        routes!(certificates::propose_rollover),
        routes!(certificates::confirm_rollover),
        routes!(national_pki::import_cvca),
        routes!(national_pki::confirm_cvca),
        routes!(national_pki::reject_cvca),
        routes!(national_pki::create_dv_request),
        routes!(national_pki::import_dv),
        routes!(national_pki::issue_dv),
        routes!(national_pki::issue_inspection_system),
        routes!(national_pki::create_exchange_key),
        routes!(national_pki::suspend),
        routes!(national_pki::resume),
        routes!(national_pki::sequences, national_pki::raise_sequence),
        routes!(calendar::calendar),
        routes!(renewals::list, renewals::subscribe),
        routes!(renewals::history),
        routes!(renewals::renew_now),
        routes!(renewals::pause),
        routes!(renewals::resume),
        routes!(deliveries::board),
        routes!(deliveries::retry),
        routes!(deliveries::cancel),
        routes!(messages::list, messages::send),
        routes!(messages::show),
        routes!(messages::acknowledge),
        routes!(messages::decide),
        routes!(messages::templates),
    ])
}

/// What an address names: a country, an id, a fingerprint, a holder. Whether there is such a thing is spoc's to say.
#[derive(Debug)]
struct Named<T>(T);

/// Longer than any name in use.
const LONGEST_NAME: usize = 64;

fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

impl<S: Send + Sync> FromRequestParts<S> for Named<String> {
    type Rejection = GatewayError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, GatewayError> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(name)) if is_name(&name) => Ok(Self(name)),
            _ => Err(GatewayError::PathParameter("such thing")),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Named<(String, String)> {
    type Rejection = GatewayError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, GatewayError> {
        match Path::<(String, String)>::from_request_parts(parts, state).await {
            Ok(Path((one, other))) if is_name(&one) && is_name(&other) => Ok(Self((one, other))),
            _ => Err(GatewayError::PathParameter("such thing")),
        }
    }
}

/// Done, and there is nothing to tell.
#[derive(Debug)]
struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// What spoc answered in a member its contract promises.
fn promised<T>(member: Option<T>, name: &'static str) -> Result<T, GatewayError> {
    member.ok_or(GatewayError::IncompleteAnswer(name))
}
