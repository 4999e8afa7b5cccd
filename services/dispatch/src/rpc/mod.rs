//! gRPC: proto ⇄ domain.

mod request;
mod service;

pub(crate) use service::CodeHandler;
