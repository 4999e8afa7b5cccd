//! The register of aliens: asked of registry, which decides and keeps the journal.

use straznica_contracts::registry::v1::{
    case_service_client::CaseServiceClient, decision_service_client::DecisionServiceClient,
    person_service_client::PersonServiceClient,
};
use straznica_runtime::channel::Channel;

use super::Gateway;
use crate::error::GatewayError;

/// Of a node without a registry each is refused.
impl Gateway {
    pub(crate) fn persons(&self) -> Result<PersonServiceClient<Channel>, GatewayError> {
        self.upstreams().persons.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn cases(&self) -> Result<CaseServiceClient<Channel>, GatewayError> {
        self.upstreams().cases.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn decisions(&self) -> Result<DecisionServiceClient<Channel>, GatewayError> {
        self.upstreams().decisions.clone().ok_or(GatewayError::NoRegistry)
    }
}
