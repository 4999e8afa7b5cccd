//! The runtime as services and their callers meet it: real sockets, real TLS, a clock that can be moved.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

mod it {
    mod calls;
    mod configuration;
    mod ending;
    mod house;
    mod http;
    mod jobs;
    mod telemetry;
}
