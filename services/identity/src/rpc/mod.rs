//! gRPC: proto ⇄ domain.

mod answer;
mod answer_verification;
mod citizen_service;
mod institution_service;
mod official_service;
mod peer_service;
mod privilege_service;
mod privileges;
mod request;
mod request_verification;
mod service;
mod verification_service;
mod verifiers;

pub(crate) use citizen_service::CitizenHandler;
pub(crate) use institution_service::InstitutionHandler;
pub(crate) use official_service::OfficialHandler;
pub(crate) use peer_service::PeerCheckHandler;
pub(crate) use privilege_service::PrivilegeHandler;
pub(crate) use service::InspectionHandler;
pub(crate) use verification_service::VerificationHandler;
