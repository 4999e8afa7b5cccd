//! What identity is asked for people; it decides.

use straznica_contracts::identity::v1::{
    citizen_service_client::CitizenServiceClient, institution_service_client::InstitutionServiceClient,
    official_service_client::OfficialServiceClient, peer_check_service_client::PeerCheckServiceClient,
    privilege_service_client::PrivilegeServiceClient, verification_service_client::VerificationServiceClient,
};
use straznica_runtime::channel::Channel;

use super::super::Gateway;

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

    pub(crate) fn citizens(&self) -> CitizenServiceClient<Channel> {
        self.upstreams().citizens.clone()
    }
}
