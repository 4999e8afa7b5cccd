//! The exchange between two states as their nodes meet: real sockets, real TLS, throw-away authorities, a clock that can be moved.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

#[path = "it/crl.rs"]
mod crl;
#[path = "it/material.rs"]
mod material;
