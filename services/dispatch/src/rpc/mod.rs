//! gRPC: proto ⇄ domain.

mod answer;
mod notices;
mod request;
mod service;

pub(crate) use notices::NoticeHandler;
pub(crate) use service::CodeHandler;
