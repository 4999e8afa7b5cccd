//! The exchange between two states as their nodes meet: real sockets, real TLS, throw-away authorities, a clock that can be moved.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

#[path = "it/crl.rs"]
mod crl;
#[path = "it/grpc.rs"]
mod grpc;
#[path = "it/grpc_limits.rs"]
mod grpc_limits;
#[path = "it/material.rs"]
mod material;
#[path = "it/python.rs"]
mod python;
#[path = "it/raw_client.rs"]
mod raw_client;
#[path = "it/two_states.rs"]
mod two_states;
