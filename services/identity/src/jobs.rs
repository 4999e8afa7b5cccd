//! Background work of identity.

use std::sync::Arc;
use std::time::Duration;

use straznica_runtime::job::Job;

use crate::app::{App, Verifications};
use crate::error::IdentityError;
use crate::store::{delete_dead_challenges, delete_dead_evidence};

/// Deletes challenges that can no longer be answered and what was kept of sessions that are over.
pub(crate) fn sweep(app: &Arc<App>, period: Duration) -> Job {
    let app = app.clone();
    Job::every("identity_sweep", period, move || {
        let app = app.clone();
        async move { Ok(app.sweep().await?) }
    })
}

/// Learns what citizens have said on their phones.
pub(crate) fn learn_answers(verifications: &Arc<Verifications>, period: Duration) -> Job {
    let verifications = verifications.clone();
    Job::every("verification_answers", period, move || {
        let verifications = verifications.clone();
        async move { Ok(verifications.learn().await?) }
    })
}

/// Ends verifications whose time is over.
pub(crate) fn end_verifications(verifications: &Arc<Verifications>, period: Duration) -> Job {
    let verifications = verifications.clone();
    Job::every("verification_sweep", period, move || {
        let verifications = verifications.clone();
        async move { Ok(verifications.sweep().await?) }
    })
}

impl App {
    /// One turn of [`sweep`]. A used challenge stays until it would have expired: until then its reuse is told apart from an unknown one.
    pub(crate) async fn sweep(&self) -> Result<(), IdentityError> {
        let now = self.clock.now();
        let (challenges, files) = self
            .store
            .write_tx(async |tx| {
                Ok::<_, IdentityError>((delete_dead_challenges(tx, now).await?, delete_dead_evidence(tx, now).await?))
            })
            .await?;
        if challenges + files > 0 {
            tracing::debug!(challenges, files, "swept");
        }
        Ok(())
    }
}
