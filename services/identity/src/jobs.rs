//! Background work of identity.

use std::sync::Arc;
use std::time::Duration;

use straznica_journal::Journal;
use straznica_runtime::job::Job;
use straznica_types::SharedClock;

use crate::app::{App, Verifications};
use crate::error::IdentityError;
use crate::store::{delete_dead_challenges, delete_dead_evidence};

const HOUR: Duration = Duration::from_secs(3_600);

/// Numbers the journal's entries.
pub(crate) fn sequence(journal: &Journal) -> Job {
    let journal = journal.clone();
    Job::new("journal_sequencer", move |stop| {
        let journal = journal.clone();
        async move {
            tokio::select! {
                never = journal.run_sequencer() => match never {},
                () = stop.cancelled() => Ok(()),
            }
        }
    })
}

/// Deletes events nobody needs to follow any more.
pub(crate) fn forget_events(journal: &Journal, clock: &SharedClock, life: Duration) -> Job {
    let (journal, clock) = (journal.clone(), clock.clone());
    Job::every("event_retention", HOUR, move || {
        let (journal, before) = (journal.clone(), clock.now() - life);
        async move {
            journal.purge_events(before).await?;
            Ok(())
        }
    })
}

/// Deletes challenges that can no longer be answered and what was kept of sessions that are over.
pub(crate) fn sweep(app: &Arc<App>, period: Duration) -> Job {
    let app = app.clone();
    Job::every("identity_sweep", period, move || {
        let app = app.clone();
        async move { Ok(app.sweep().await?) }
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
