//! Background work of dispatch.

use std::sync::Arc;
use std::time::Duration;

use straznica_runtime::job::Job;
use straznica_store::Isolation;

use crate::app::{App, CodeTexts};
use crate::error::DispatchError;
use crate::spool::{Reporter, Texts};
use crate::store::{delete_old_messages, delete_old_transactions, expire_transactions};

/// How often the outbox is looked through.
const LOOK: Duration = Duration::from_secs(2);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// Hands messages over: at once when one was ordered, and at intervals for those that wait.
pub(crate) fn pump(app: &Arc<App>) -> Job {
    let spool = app.spool.clone();
    let texts: Arc<dyn Texts> = Arc::new(CodeTexts(app.clone()));
    Job::new("outbox", move |stop| {
        let (spool, texts) = (spool.clone(), texts.clone());
        async move { Ok(spool.pump(&texts, &stop).await?) }
    })
}

/// Finds out what nobody tells: lost and expired messages, receipts that wait.
pub(crate) fn look(app: &Arc<App>, reporter: &Arc<dyn Reporter>) -> Job {
    let (spool, reporter) = (app.spool.clone(), reporter.clone());
    Job::every("outbox_look", LOOK, move || {
        let (spool, reporter) = (spool.clone(), reporter.clone());
        async move {
            spool.look(reporter.as_ref()).await?;
            Ok(())
        }
    })
}

/// Ends what nobody will end any more, and deletes what is old.
pub(crate) fn sweep(app: &Arc<App>) -> Job {
    let app = app.clone();
    Job::every("dispatch_sweep", MINUTE, move || {
        let app = app.clone();
        async move { Ok(app.sweep().await?) }
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
