//! Tells the terminal control centre that a terminal inspects a document: no Terminal Authentication signature is given without.
//!
//! A verdict never waits for this. When spoc cannot be told, the inspection stands, its answer says that Terminal Authentication is not
//! available, and the next evidence for it tries again: what fails closes the fingerprints and nothing else.

use std::time::Duration;

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::spoc::v1::OpenInspectionRequest;
use straznica_contracts::spoc::v1::terminal_control_centre_service_client::TerminalControlCentreServiceClient;
use straznica_runtime::channel::Channel;
use tokio::time::timeout;

use super::App;
use crate::domain::{CallerClaims, Inspection};
use crate::error::IdentityError;
use crate::store::mark_announced;

/// The terminal control centre at spoc.
pub(crate) struct ControlCentre {
    client: TerminalControlCentreServiceClient<Channel>,
    patience: Duration,
}

impl ControlCentre {
    /// Reached over this channel, waited for so long.
    pub(crate) fn new(channel: Channel, patience: Duration) -> Self {
        Self { client: TerminalControlCentreServiceClient::new(channel), patience }
    }

    async fn open(&self, request: OpenInspectionRequest) -> Result<(), tonic::Status> {
        let mut client = self.client.clone();
        match timeout(self.patience, client.open_inspection(request)).await {
            Ok(answer) => answer.map(|_| ()),
            Err(_) => Err(tonic::Status::deadline_exceeded("spoc did not answer in time")),
        }
    }
}

impl App {
    /// Announces an inspection unless it was announced before; what comes back says whether it is.
    pub(super) async fn announce(&self, caller: &CallerClaims, mut inspection: Inspection) -> Inspection {
        if inspection.announced_at.is_some() {
            return inspection;
        }
        let mission = &inspection.mission;
        let request = OpenInspectionRequest {
            context: Some(CallContext {
                terminal_id: mission.terminal.to_string(),
                officer: mission.officer.to_string(),
                purpose: mission.purpose.clone(),
                case_number: mission.case_number.as_ref().map(ToString::to_string).unwrap_or_default(),
                request_id: caller.request_id.map(|id| id.to_string()).unwrap_or_default(),
            }),
            inspection_id: inspection.id.to_string(),
            opened_at_ms: inspection.times.opened_at.millis(),
        };
        if let Err(status) = self.control_centre.open(request).await {
            tracing::warn!(code = ?status.code(), "spoc was not told of an inspection: Terminal Authentication stays closed");
            self.metrics.announcement_failed();
            return inspection;
        }
        let (id, at) = (inspection.id, self.clock.now());
        inspection.announced_at = Some(at);
        let noted = self
            .store
            .write_tx(async |tx| {
                mark_announced(tx, id, at).await?;
                Ok::<_, IdentityError>(())
            })
            .await;
        if let Err(error) = noted {
            // spoc knows; at worst it is told again.
            tracing::warn!(%error, "that spoc was told of an inspection could not be noted");
        }
        inspection
    }
}
