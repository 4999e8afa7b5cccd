//! What checks found is kept as long as the law lets it be, and no longer.

use serde_json::json;
use straznica_journal::{Context, Entry};

use crate::app::App;
use crate::error::RegistryError;
use crate::store::forget_alerts;

impl App {
    /// One turn of the job: deletes what is too old, and journals how much.
    pub(crate) async fn forget_alerts(&self) -> Result<(), RegistryError> {
        let now = self.clock.now();
        let retention = &self.alerts.law.retention;
        self.store
            .write_tx(async move |tx| {
                let forgotten =
                    forget_alerts(tx, now - retention.findings, now - retention.checks, now - retention.resolutions)
                        .await?;
                if forgotten.iter().all(|count| *count == 0) {
                    return Ok(());
                }
                let [findings, checks, resolutions, consultations] = forgotten;
                let detail = json!({
                    "findings": findings,
                    "checks": checks,
                    "resolutions": resolutions,
                    "consultations": consultations,
                });
                let entry = Entry::new("alerts.forgotten", Context::of_service("registry"))
                    .legal_basis(format!("{} {}", retention.basis.act.journal, retention.basis.article))
                    .detail(detail);
                self.journal.record(tx, entry).await?;
                Ok::<_, RegistryError>(())
            })
            .await
    }
}
