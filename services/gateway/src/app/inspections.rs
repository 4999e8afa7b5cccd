//! Inspections: asked of identity.

use std::time::Duration;

use straznica_contracts::identity::v1 as contract;
use straznica_types::InspectionId;

use super::Gateway;
use crate::{domain::mission::Mission, error::GatewayError, rest::caller::TerminalCaller, store::missions};

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

    /// Opens an inspection and remembers on whose behalf.
    ///
    /// When that cannot be remembered the verdict is given all the same, and Terminal Authentication stays closed.
    pub(crate) async fn create_inspection(
        &self,
        caller: &TerminalCaller,
        mission: Mission,
        mut request: contract::CreateInspectionRequest,
    ) -> Result<contract::Inspection, GatewayError> {
        request.context = caller.context(mission.clone().into());
        let mut client = self.upstreams().identity.clone();
        let mut inspection = present(client.create_inspection(request).await?.into_inner().inspection)?;
        let id =
            InspectionId::parse(&inspection.id).map_err(|_| GatewayError::IncompleteAnswer("an inspection's id"))?;
        let now = self.clock().now();
        let remembered = self
            .store()
            .write_tx(async |tx| {
                missions::put(tx, id, &caller.terminal, &mission, now).await.map_err(GatewayError::from)
            })
            .await;
        if let Err(failure) = remembered {
            tracing::error!(error = %failure, "on whose behalf an inspection was opened could not be remembered");
            inspection.terminal_authentication_available = false;
        }
        Ok(inspection)
    }

    /// On whose behalf the caller opened this inspection.
    pub(crate) async fn mission(
        &self,
        caller: &TerminalCaller,
        inspection: InspectionId,
    ) -> Result<Mission, GatewayError> {
        let known = missions::find(self.store().reader(), inspection, &caller.terminal).await?;
        known.ok_or(GatewayError::InspectionUnknown)
    }

    /// Forgets on whose behalf inspections were opened that are over; tells how many.
    pub(crate) async fn sweep_missions(&self) -> Result<u64, GatewayError> {
        let before = self.clock().now() - Duration::from_secs(self.config().mission_seconds);
        self.store().write_tx(async |tx| missions::forget_older(tx, before).await.map_err(GatewayError::from)).await
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
