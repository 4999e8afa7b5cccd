//! The use cases of the exchange on both engines, without a wire between.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod ca_certificates;
mod holders;
mod inbound;
mod requests;
mod rollover;
