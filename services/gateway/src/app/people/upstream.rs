//! What identity is asked for people, and dispatch for institutions; they decide.

use straznica_contracts::dispatch::v1::notice_service_client::NoticeServiceClient;
use straznica_contracts::identity::v1::{
    citizen_service_client::CitizenServiceClient, institution_service_client::InstitutionServiceClient,
    official_service_client::OfficialServiceClient, peer_check_service_client::PeerCheckServiceClient,
    privilege_service_client::PrivilegeServiceClient, verification_service_client::VerificationServiceClient,
};
use straznica_runtime::channel::Channel;

use super::super::Gateway;
use crate::error::GatewayError;

impl Gateway {
    pub(crate) fn verifications(&self) -> VerificationServiceClient<Channel> {
        self.upstreams().verifications.clone()
    }

    pub(crate) fn institutions(&self) -> InstitutionServiceClient<Channel> {
        self.upstreams().institutions.clone()
    }

    pub(crate) fn officials(&self) -> OfficialServiceClient<Channel> {
        self.upstreams().officials.clone()
    }

    pub(crate) fn privileges(&self) -> PrivilegeServiceClient<Channel> {
        self.upstreams().privileges.clone()
    }

    pub(crate) fn peer_checks(&self) -> PeerCheckServiceClient<Channel> {
        self.upstreams().peer_checks.clone()
    }

    /// None where the node has no dispatch.
    pub(crate) fn notices(&self) -> Result<NoticeServiceClient<Channel>, GatewayError> {
        self.upstreams().notices.clone().ok_or(GatewayError::NoCodes)
    }

    pub(crate) fn citizens(&self) -> CitizenServiceClient<Channel> {
        self.upstreams().citizens.clone()
    }
}
