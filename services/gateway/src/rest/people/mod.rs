//! The people's room of the interface: logging in, verifications for officials, the citizens' side. At both listeners; over a client certificate a session
//! is bound to it.

pub(super) mod accounts;
pub(super) mod admission;
mod citizens;
mod cookie;
mod institutions;
pub(super) mod journal;
mod notices;
mod officials;
mod oidc;
pub(super) mod pages;
mod peer_checks;
mod privileges;
pub(super) mod routes;
mod sessions;
mod verifications;
mod wire;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use straznica_types::check_name;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::collect;
use crate::{app::Gateway, error::GatewayError};
pub(crate) use wire::journal::JournalOf;

/// Every address of this room.
pub(super) fn interface() -> OpenApiRouter<Gateway> {
    use {citizens as c, oidc as o, peer_checks as pc, sessions as s, verifications as v};
    collect([
        routes!(s::with_password),
        routes!(s::with_certificate),
        routes!(o::list),
        routes!(o::begin),
        routes!(o::callback),
        routes!(s::show),
        routes!(s::end),
        routes!(s::end_everywhere),
        routes!(v::open),
        routes!(v::show),
        routes!(v::resend),
        routes!(v::confirm),
        routes!(v::document),
        routes!(v::cancel),
        routes!(c::register_phone),
        routes!(c::confirm_phone),
        routes!(c::activations, c::activate),
        routes!(c::withdraw),
        routes!(c::accesses),
        routes!(c::code_lock),
        routes!(c::lift_code_lock),
        routes!(pc::ask),
        routes!(pc::resend),
        routes!(pc::confirm),
        routes!(pc::document),
        routes!(pc::cancel),
    ])
    .merge(administration())
}

/// Administrators' and security officers' addresses.
fn administration() -> OpenApiRouter<Gateway> {
    use {institutions as i, officials as o, privileges as p};
    collect([
        routes!(i::apply, i::list),
        routes!(i::show),
        routes!(i::decide),
        routes!(i::suspend),
        routes!(i::resume),
        routes!(i::close),
        routes!(i::set_stage, i::stages),
        routes!(o::list, o::grant),
        routes!(o::withdraw),
        routes!(o::replace_logins),
        routes!(o::unlock),
        routes!(o::list_central, o::grant_central),
        routes!(o::withdraw_central),
        routes!(p::list, p::propose),
        routes!(p::decide),
        routes!(p::withdraw),
        routes!(p::check),
        routes!(p::reviews),
        routes!(p::close_review),
        routes!(p::alerts),
        routes!(p::acknowledge),
        routes!(journal::search_institution),
    ])
    .merge(notices_of_institutions())
}

/// Bulk notices.
fn notices_of_institutions() -> OpenApiRouter<Gateway> {
    use notices as n;
    collect([
        routes!(n::propose_template, n::templates),
        routes!(n::approve_template),
        routes!(n::choose),
        routes!(n::create, n::list),
        routes!(n::show),
        routes!(n::add, n::report),
        routes!(n::preview),
        routes!(n::propose),
        routes!(n::start),
        routes!(n::stop),
    ])
}

/// What an answer about a verification has to hold.
fn present<T>(member: Option<T>) -> Result<T, GatewayError> {
    member.ok_or(GatewayError::IncompleteAnswer("a verification"))
}

/// What an address names by its id. Whether there is such a thing is the inner service's to say.
#[derive(Debug)]
pub(in crate::rest) struct Named(pub(in crate::rest) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = GatewayError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, GatewayError> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(name)) if check_name(&name).is_ok() => Ok(Self(name)),
            _ => Err(GatewayError::PathParameter("such thing")),
        }
    }
}

/// Two such names.
#[derive(Debug)]
pub(in crate::rest) struct NamedTwo(pub(in crate::rest) String, pub(in crate::rest) String);

impl<S: Send + Sync> FromRequestParts<S> for NamedTwo {
    type Rejection = GatewayError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, GatewayError> {
        match Path::<(String, String)>::from_request_parts(parts, state).await {
            Ok(Path((one, other))) if check_name(&one).is_ok() && check_name(&other).is_ok() => Ok(Self(one, other)),
            _ => Err(GatewayError::PathParameter("such thing")),
        }
    }
}
