//! The register of aliens for officials: persons, cases, the worklist, decisions. At both listeners, as the rest of what people do.
//!
//! Registry decides everything about them, and journals under officer, purpose and case number; here is who may knock. What somebody may not ask for is journalled too.

mod cases;
mod decisions;
mod desk;
mod persons;
pub(super) mod routes;
mod rulings;
mod seen;
mod wire;
mod work;

use utoipa_axum::{router::OpenApiRouter, routes};

use super::collect;
use crate::app::Gateway;

/// Every address of this room.
pub(super) fn interface() -> OpenApiRouter<Gateway> {
    use {cases as c, decisions as d, persons as p, rulings as r, work as w};
    collect([
        routes!(p::register),
        routes!(p::show),
        routes!(p::change),
        routes!(p::history),
        routes!(c::open),
        routes!(c::show),
        routes!(c::record),
        routes!(w::list),
        routes!(w::take),
        routes!(d::draft),
        routes!(d::approve),
        routes!(d::issue),
        routes!(r::show),
        routes!(r::write),
        routes!(r::letter),
        routes!(r::serve),
    ])
}
