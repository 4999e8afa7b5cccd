//! identity over its real listener, with spoc and dispatch played by doubles and registers by simulators: both engines, specimens of the builder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "it/alerts.rs"]
mod alerts;
#[path = "it/canary.rs"]
mod canary;
#[path = "it/dispatch.rs"]
mod dispatch;
#[path = "it/documents.rs"]
mod documents;
#[path = "it/flows.rs"]
mod flows;
#[path = "it/house.rs"]
mod house;
#[path = "it/institutions.rs"]
mod institutions;
#[path = "it/office.rs"]
mod office;
#[path = "it/peers.rs"]
mod peers;
#[path = "it/phone.rs"]
mod phone;
#[path = "it/privilege.rs"]
mod privilege;
#[path = "it/refusals.rs"]
mod refusals;
#[path = "it/registry.rs"]
mod registry;
#[path = "it/spoc.rs"]
mod spoc;
#[path = "it/trust.rs"]
mod trust;
#[path = "it/verification.rs"]
mod verification;
#[path = "it/verifiers.rs"]
mod verifiers;
