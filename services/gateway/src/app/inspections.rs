//! Inspections: asked of identity.

use straznica_contracts::identity::v1 as contract;

use super::Gateway;
use crate::error::GatewayError;

/// An answer without its inspection is a fault of the inner service.
fn present(inspection: Option<contract::Inspection>) -> Result<contract::Inspection, GatewayError> {
    inspection.ok_or(GatewayError::IncompleteAnswer("an inspection"))
}

impl Gateway {
    pub(crate) async fn create_challenge(
        &self,
        request: contract::CreateChallengeRequest,
    ) -> Result<contract::CreateChallengeResponse, GatewayError> {
        let mut client = self.upstreams().identity.clone();
        Ok(client.create_challenge(request).await?.into_inner())
    }

    pub(crate) async fn create_inspection(
        &self,
        request: contract::CreateInspectionRequest,
    ) -> Result<contract::Inspection, GatewayError> {
        let mut client = self.upstreams().identity.clone();
        present(client.create_inspection(request).await?.into_inner().inspection)
    }

    pub(crate) async fn add_evidence(
        &self,
        request: contract::AddEvidenceRequest,
    ) -> Result<contract::Inspection, GatewayError> {
        let mut client = self.upstreams().identity.clone();
        present(client.add_evidence(request).await?.into_inner().inspection)
    }

    pub(crate) async fn get_inspection(
        &self,
        request: contract::GetInspectionRequest,
    ) -> Result<contract::Inspection, GatewayError> {
        let mut client = self.upstreams().identity.clone();
        present(client.get_inspection(request).await?.into_inner().inspection)
    }

    pub(crate) async fn refer(
        &self,
        request: contract::ReferInspectionRequest,
    ) -> Result<contract::Inspection, GatewayError> {
        let mut client = self.upstreams().identity.clone();
        present(client.refer_inspection(request).await?.into_inner().inspection)
    }

    pub(crate) async fn close_referral(
        &self,
        request: contract::CloseReferralRequest,
    ) -> Result<contract::Inspection, GatewayError> {
        let mut client = self.upstreams().identity.clone();
        present(client.close_referral(request).await?.into_inner().inspection)
    }

    pub(crate) async fn record_fingerprint_result(
        &self,
        request: contract::RecordFingerprintResultRequest,
    ) -> Result<contract::Inspection, GatewayError> {
        let mut client = self.upstreams().identity.clone();
        present(client.record_fingerprint_result(request).await?.into_inner().inspection)
    }
}
