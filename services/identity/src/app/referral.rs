//! Sends a person to the second line and records what it decided.

use straznica_contracts::identity::events::v1::{InspectionReferred, ReferralClosed};
use straznica_types::InspectionId;

use super::App;
use crate::domain::{CallerClaims, Inspection, ReferralOutcome, Refusal};
use crate::error::IdentityError;
use crate::store::{find_inspection, update_inspection};

impl App {
    /// Refers an inspection for one of the configured reasons.
    pub(crate) async fn refer(
        &self,
        caller: &CallerClaims,
        id: InspectionId,
        reason: &str,
    ) -> Result<Inspection, IdentityError> {
        if !self.rules.referral_reasons.iter().any(|known| known == reason) {
            let expected = "one of the reasons this node is configured with";
            return Err(Refusal::Invalid { member: "/reason", expected }.into());
        }
        let now = self.clock.now();
        let referred = self
            .store
            .write_tx(async |tx| {
                let mut inspection = find_inspection(tx, id).await?;
                inspection.refer(caller, reason, now)?;
                let detail = serde_json::json!({ "inspection_id": id, "reason": reason });
                let event = InspectionReferred { inspection_id: id.to_string(), reason: reason.to_owned() };
                let entry = self.entry("inspection.referred", caller, &inspection, detail).event(&event);
                self.journal.record(tx, entry).await?;
                written(update_inspection(tx, &inspection).await?, inspection)
            })
            .await?;
        self.metrics.referred(reason);
        Ok(referred)
    }

    /// Closes a referral.
    pub(crate) async fn close_referral(
        &self,
        caller: &CallerClaims,
        id: InspectionId,
        outcome: ReferralOutcome,
    ) -> Result<Inspection, IdentityError> {
        let now = self.clock.now();
        self.store
            .write_tx(async |tx| {
                let mut inspection = find_inspection(tx, id).await?;
                inspection.close_referral(caller, outcome, now)?;
                let detail = serde_json::json!({ "inspection_id": id, "outcome": outcome.as_str() });
                let event = ReferralClosed { inspection_id: id.to_string(), outcome: outcome.to_string() };
                let entry = self.entry("inspection.referral_closed", caller, &inspection, detail).event(&event);
                self.journal.record(tx, entry).await?;
                written(update_inspection(tx, &inspection).await?, inspection)
            })
            .await
    }
}

/// Read and written in one serialised transaction, so nobody comes between; if somebody did, nothing is changed.
pub(super) fn written(unchanged: bool, inspection: Inspection) -> Result<Inspection, IdentityError> {
    unchanged.then_some(inspection).ok_or(IdentityError::Contended { attempts: 1 })
}
