//! The use cases of the exchange on both engines, without a wire between.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod approval;
mod ca_certificates;
mod holders;
mod inbound;
mod intake;
mod own_verifier;
mod requests;
mod rollover;
mod used;
