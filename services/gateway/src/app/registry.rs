//! The register of aliens: asked of registry, which decides and keeps the journal.

use straznica_contracts::registry::v1::{
    alert_service_client::AlertServiceClient, blank_service_client::BlankServiceClient,
    case_service_client::CaseServiceClient, consultation_network_service_client::ConsultationNetworkServiceClient,
    consultation_service_client::ConsultationServiceClient, consulted_body_service_client::ConsultedBodyServiceClient,
    consumer_service_client::ConsumerServiceClient, decision_service_client::DecisionServiceClient,
    document_service_client::DocumentServiceClient, history_service_client::HistoryServiceClient,
    intake_service_client::IntakeServiceClient, merge_service_client::MergeServiceClient,
    person_service_client::PersonServiceClient, retention_service_client::RetentionServiceClient,
    search_service_client::SearchServiceClient, visa_service_client::VisaServiceClient,
};
use straznica_runtime::channel::Channel;

use super::Gateway;
use crate::error::GatewayError;

/// Of a node without a registry each is refused.
impl Gateway {
    pub(crate) fn persons(&self) -> Result<PersonServiceClient<Channel>, GatewayError> {
        self.upstreams().persons.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn search(&self) -> Result<SearchServiceClient<Channel>, GatewayError> {
        self.upstreams().search.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn merges(&self) -> Result<MergeServiceClient<Channel>, GatewayError> {
        self.upstreams().merges.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn cases(&self) -> Result<CaseServiceClient<Channel>, GatewayError> {
        self.upstreams().cases.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn alerts(&self) -> Result<AlertServiceClient<Channel>, GatewayError> {
        self.upstreams().alerts.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn consumers(&self) -> Result<ConsumerServiceClient<Channel>, GatewayError> {
        self.upstreams().consumers.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn visas(&self) -> Result<VisaServiceClient<Channel>, GatewayError> {
        self.upstreams().visas.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn decisions(&self) -> Result<DecisionServiceClient<Channel>, GatewayError> {
        self.upstreams().decisions.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn documents(&self) -> Result<DocumentServiceClient<Channel>, GatewayError> {
        self.upstreams().documents.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn blanks(&self) -> Result<BlankServiceClient<Channel>, GatewayError> {
        self.upstreams().blanks.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn record_history(&self) -> Result<HistoryServiceClient<Channel>, GatewayError> {
        self.upstreams().record_history.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn consultations(&self) -> Result<ConsultationServiceClient<Channel>, GatewayError> {
        self.upstreams().consultations.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn consultation_network(&self) -> Result<ConsultationNetworkServiceClient<Channel>, GatewayError> {
        self.upstreams().consultation_network.clone().ok_or(GatewayError::NoRegistry)
    }

    /// For consulted bodies: each call names the body whose certificate was seen.
    pub(crate) fn bodies(&self) -> Result<ConsultedBodyServiceClient<Channel>, GatewayError> {
        self.upstreams().bodies.clone().ok_or(GatewayError::NoRegistry)
    }

    /// With more patience than the others: a file is large, and is held against the register row by row.
    pub(crate) fn intakes(&self) -> Result<IntakeServiceClient<Channel>, GatewayError> {
        self.upstreams().intakes.clone().ok_or(GatewayError::NoRegistry)
    }

    pub(crate) fn retention(&self) -> Result<RetentionServiceClient<Channel>, GatewayError> {
        self.upstreams().retention.clone().ok_or(GatewayError::NoRegistry)
    }
}
