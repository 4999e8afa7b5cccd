//! gRPC: proto ⇄ domain.

mod answer;
mod request;
mod service;

pub(crate) use service::CodeHandler;
