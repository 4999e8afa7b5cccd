//! The interface: addresses, bodies, problems. Decisions are made in [`app`](crate::app).

pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod conditional;
pub(crate) mod extract;
pub(crate) mod handlers;
pub(crate) mod layers;
pub(crate) mod once;
pub(crate) mod openapi;
pub(crate) mod page;
pub(crate) mod people;
pub(crate) mod pointers;
pub(crate) mod problem;
pub(crate) mod registry;
pub(crate) mod routes;
pub(crate) mod spoc;
pub(crate) mod wire;

use axum::{Router, middleware};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use crate::{app::Gateway, error::GatewayError};

/// What describes the interface, for both listeners.
fn description() -> OpenApiRouter<Gateway> {
    use handlers::description as d;
    collect([routes!(d::home), routes!(d::docs), routes!(d::openapi)])
}

/// What is for whoever has a client certificate: terminals, operators, other authorities, consulted bodies, and people at such a device.
fn interface() -> OpenApiRouter<Gateway> {
    use handlers::{codes as c, inspections as i, terminal_authentication as ta, terminals as t, trust};
    description()
        .merge(collect([
            routes!(i::create_challenge),
            routes!(i::create_inspection),
            routes!(i::add_evidence),
            routes!(i::get_inspection),
            routes!(i::refer),
            routes!(i::close_referral),
            routes!(i::record_fingerprint_result),
            routes!(ta::chain),
            routes!(ta::signature),
            routes!(trust::document_signer),
            routes!(trust::master_list),
            routes!(trust::defect_list),
            routes!(trust::summary),
            routes!(t::enrol, t::list),
            routes!(t::suspend),
            routes!(t::unlock),
            routes!(c::send),
            routes!(c::validate),
        ]))
        .merge(spoc::interface())
        .merge(collect([
            routes!(people::accounts::make, people::accounts::list),
            routes!(people::journal::search),
            routes!(people::accounts::lock),
            routes!(people::accounts::unlock),
            routes!(people::accounts::replace_factor),
        ]))
        .merge(registry::for_bodies())
        .merge(registry::for_consumers())
        .merge(for_people())
}

/// What is for people who are logged in, with a client certificate or without.
fn for_people() -> OpenApiRouter<Gateway> {
    people::interface().merge(registry::interface())
}

fn collect<const N: usize>(methods: [UtoipaMethodRouter<Gateway>; N]) -> OpenApiRouter<Gateway> {
    methods.into_iter().fold(OpenApiRouter::default(), OpenApiRouter::routes)
}

/// The router of the listener for terminals, operators and other authorities.
pub(crate) fn terminals(gateway: &Gateway) -> Router {
    layered(interface(), gateway)
}

/// The router of the listener for people without a client certificate.
pub(crate) fn people(gateway: &Gateway) -> Router {
    layered(description().merge(for_people()), gateway)
}

fn layered(routes: OpenApiRouter<Gateway>, gateway: &Gateway) -> Router {
    let (router, _) = routes.split_for_parts();
    router
        .fallback(async || GatewayError::UnknownRoute)
        .layer(middleware::from_fn_with_state(gateway.clone(), layers::admit))
        .layer(middleware::from_fn_with_state(gateway.clone(), layers::finish))
        .with_state(gateway.clone())
}
