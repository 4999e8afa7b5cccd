//! gRPC: proto ⇄ domain.

mod case_answer;
mod case_service;
mod fact;
mod person_service;
mod request;

pub(crate) use case_service::CaseHandler;
pub(crate) use person_service::PersonHandler;
