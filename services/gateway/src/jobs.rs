//! Background work of the gateway.

use std::time::Duration;

use straznica_runtime::job::Job;

use crate::app::Gateway;

/// Forgets idempotency keys that no longer count.
pub(crate) fn sweep_idempotency_keys(gateway: &Gateway) -> Job {
    let gateway = gateway.clone();
    let period = Duration::from_secs(gateway.config().idempotency.sweep_seconds.max(1));
    Job::every("idempotency_sweep", period, move || {
        let gateway = gateway.clone();
        async move {
            let swept = gateway.sweep_idempotency_keys().await?;
            if swept > 0 {
                tracing::debug!(swept, "idempotency keys forgotten");
            }
            Ok(())
        }
    })
}
