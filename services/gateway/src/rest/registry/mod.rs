//! The register of aliens for officials: persons, who they are and whether two are one, cases, the worklist, decisions, documents and their blanks. At both listeners, as the rest of what people do.
//!
//! Registry decides everything about them, and journals under officer, purpose and case number; here is who may knock. What somebody may not ask for is journalled too.

mod accesses;
mod alerts;
mod blanks;
mod bodies;
mod cases;
mod consultations;
mod consumers;
mod decisions;
mod desk;
mod documents;
mod intakes;
mod merges;
mod network;
mod persons;
mod retention;
pub(super) mod routes;
mod rulings;
mod search;
mod seen;
mod visas;
mod wire;
mod work;

use utoipa_axum::{router::OpenApiRouter, routes};

use super::collect;
use crate::app::Gateway;

/// What other authorities read, each by its certificate: at the listener that asks for one.
pub(super) fn for_consumers() -> OpenApiRouter<Gateway> {
    collect([routes!(consumers::read), routes!(consumers::access)])
}

/// Every address of this room.
pub(super) fn interface() -> OpenApiRouter<Gateway> {
    use {alerts as a, cases as c, decisions as d, persons as p, rulings as r, visas as v, work as w};
    collect([
        routes!(p::register),
        routes!(p::show),
        routes!(p::change),
        routes!(p::cases),
        routes!(p::history),
        routes!(c::open),
        routes!(c::show),
        routes!(c::record),
        routes!(v::show),
        routes!(w::list),
        routes!(w::take),
        routes!(d::draft),
        routes!(d::approve),
        routes!(d::issue),
        routes!(r::show),
        routes!(r::write),
        routes!(r::letter),
        routes!(r::serve),
        routes!(a::check_person, a::of_person),
        routes!(a::check_document),
        routes!(a::check_case, a::of_case),
        routes!(a::open),
        routes!(a::propose),
        routes!(a::decide),
        routes!(a::consulted),
        routes!(a::answered),
    ])
    .merge(finding())
    .merge(papers())
    .merge(archive())
    .merge(files())
    .merge(consultations::interface())
    .merge(network::interface())
}

/// What is for consulted bodies, by certificate.
pub(super) fn for_bodies() -> OpenApiRouter<Gateway> {
    bodies::interface()
}

/// Who somebody is, whether two are one, and who looked.
fn finding() -> OpenApiRouter<Gateway> {
    use {accesses as a, merges as m, search as s};
    collect([
        routes!(s::search),
        routes!(m::duplicates),
        routes!(m::dismiss),
        routes!(m::propose, m::waiting),
        routes!(m::of_person),
        routes!(m::confirm),
        routes!(m::reject),
        routes!(m::split),
        routes!(a::of_person),
        routes!(a::of_case),
    ])
}

/// Documents, and the blanks they are made of.
fn papers() -> OpenApiRouter<Gateway> {
    use {blanks as b, documents as d};
    collect([
        routes!(d::issue, d::of_case),
        routes!(d::show),
        routes!(d::extend),
        routes!(d::change),
        routes!(b::propose, b::waiting),
        routes!(b::confirm),
        routes!(b::spoil),
        routes!(b::count),
        routes!(b::count_again),
        routes!(b::balance),
    ])
}

/// Files that come in, and what was brought over by them.
fn files() -> OpenApiRouter<Gateway> {
    use intakes as i;
    collect([
        routes!(i::propose, i::list),
        routes!(i::show),
        routes!(i::rows),
        routes!(i::start),
        routes!(i::give_up),
        routes!(i::former_number),
        routes!(i::former_records),
        routes!(i::reconcile),
    ])
}

/// How long it is kept.
fn archive() -> OpenApiRouter<Gateway> {
    use retention as r;
    collect([
        routes!(r::rules),
        routes!(r::due),
        routes!(r::propose, r::list),
        routes!(r::show),
        routes!(r::approve),
        routes!(r::hold, r::holds),
        routes!(r::lift),
    ])
}
