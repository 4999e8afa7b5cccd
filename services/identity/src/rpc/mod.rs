//! gRPC: proto ⇄ domain.

mod answer;
mod answer_verification;
mod citizen_service;
mod request;
mod request_verification;
mod service;
mod verification_service;

pub(crate) use citizen_service::CitizenHandler;
pub(crate) use service::InspectionHandler;
pub(crate) use verification_service::VerificationHandler;
