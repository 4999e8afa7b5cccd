//! Records the comparison of fingerprints the terminal made.

use straznica_contracts::identity::events::v1::FingerprintCompared;
use straznica_types::InspectionId;

use super::App;
use super::referral::written;
use crate::domain::{CallerClaims, FingerprintResult, Inspection};
use crate::error::IdentityError;
use crate::store::{find_inspection, update_inspection};

impl App {
    /// Records it, once.
    pub(crate) async fn record_fingerprints(
        &self,
        caller: &CallerClaims,
        id: InspectionId,
        result: FingerprintResult,
    ) -> Result<Inspection, IdentityError> {
        let now = self.clock.now();
        let recorded = self
            .store
            .write_tx(async |tx| {
                let mut inspection = find_inspection(tx, id).await?;
                inspection.record_fingerprints(caller, result, now)?;
                let detail = serde_json::json!({ "inspection_id": id, "result": result.as_str() });
                let event = FingerprintCompared { inspection_id: id.to_string(), result: result.to_string() };
                let entry = self.entry("fingerprint_result.recorded", caller, &inspection, detail).event(&event);
                self.journal.record(tx, entry).await?;
                written(update_inspection(tx, &inspection).await?, inspection)
            })
            .await?;
        self.metrics.fingerprints(result);
        Ok(recorded)
    }
}
