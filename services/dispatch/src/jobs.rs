//! Background work of dispatch.

use std::sync::Arc;
use std::time::Duration;

use straznica_runtime::job::Job;
use straznica_store::Isolation;

use crate::app::App;
use crate::error::DispatchError;
use crate::store::{delete_old_messages, delete_old_transactions, expire_transactions};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// Hands messages over: at once when one was ordered, and at intervals for those that wait. What was begun when the end comes is finished.
pub(crate) fn submit(app: &Arc<App>) -> Job {
    let app = app.clone();
    Job::new("outbox", move |stop| {
        let app = app.clone();
        async move {
            loop {
                let pause = Duration::from_millis(app.rules.outbox.look_ms.max(1));
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return Ok(()),
                    () = app.outbox.notified() => (),
                    () = tokio::time::sleep(pause) => (),
                }
                app.submit_due().await?;
            }
        }
    })
}

/// Ends what nobody will end any more, and deletes what is old.
pub(crate) fn sweep(app: &Arc<App>) -> Job {
    let app = app.clone();
    Job::every("dispatch_sweep", MINUTE, move || {
        let app = app.clone();
        async move {
            app.settle_lost().await?;
            Ok(app.sweep().await?)
        }
    })
}

/// Looks for pumping.
pub(crate) fn alarm(app: &Arc<App>) -> Job {
    let app = app.clone();
    Job::every("pumping_alarm", MINUTE, move || {
        let app = app.clone();
        async move {
            app.look_for_pumping().await?;
            Ok(())
        }
    })
}

impl App {
    /// One turn of [`sweep`].
    pub(crate) async fn sweep(&self) -> Result<(), DispatchError> {
        let now = self.clock.now();
        let old = now - DAY * self.rules.keep_days.max(1);
        let (expired, transactions, messages) = self
            .store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                let expired = expire_transactions(tx, now).await?;
                let transactions = delete_old_transactions(tx, old).await?;
                Ok::<_, DispatchError>((expired, transactions, delete_old_messages(tx, old).await?))
            })
            .await?;
        if expired + transactions + messages > 0 {
            tracing::debug!(expired, transactions, messages, "swept");
        }
        Ok(())
    }
}
