//! What every service runs on, so that a service is only its own subject.
//!
//! A service crate offers `build(&Config, &ServiceContext) -> Result<ServiceParts, …>`; everything around it is here:
//! - [`config`]: defaults, then TOML files, then the environment, then overrides; an unknown member is an error;
//! - [`telemetry`]: log lines, traces (OTLP), metrics (/metrics), with explicit histogram boundaries;
//! - [`service`]: listeners bound before anything else, then [`service::run`]: gRPC and HTTP over mutual TLS, the admin port, jobs, and an
//!   orderly end: new connections are refused, calls in flight completed, jobs stopped, telemetry last;
//! - [`http::serve`]: the accept loop beneath both: limits, time-outs, the peer's identity in every request, a look at revocation and expiry
//!   at every request;
//! - [`auth`]: who is calling, and the rule that nobody may unless crates/contracts/calls.toml says so;
//! - [`channel`]: clients: lazily connecting, kept alive, with a deadline on every call, correlation id and trace handed on;
//! - [`failpoint`]: named places where a test stops the process as a power cut would;
//! - [`job`]: background work that is started again when it fails.

pub mod auth;
pub mod channel;
pub mod config;
pub mod correlation;
pub mod failpoint;
pub mod http;
pub mod job;
pub mod limits;
pub mod service;
pub mod shutdown;
pub mod telemetry;

mod admin;
mod grpc;
mod refusal;

/// What a component outside this crate may fail with, where only a log line is to be made of it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
