//! Background work of dispatch.

use std::sync::Arc;
use std::time::Duration;

use straznica_runtime::job::Job;
use straznica_store::Isolation;
use tokio::task::JoinSet;

use crate::app::{App, MessageTexts};
use crate::error::DispatchError;
use crate::spool::{Reporter, Texts};
use crate::store::{
    delete_old_messages, delete_old_notices, delete_old_prompts, delete_old_transactions, expire_transactions,
};

/// How often the outbox is looked through.
const LOOK: Duration = Duration::from_secs(2);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// Hands messages over: at once when one was ordered, and at intervals for those that wait.
pub(crate) fn pump(app: &Arc<App>) -> Job {
    let spool = app.spool.clone();
    let texts: Arc<dyn Texts> = Arc::new(MessageTexts(app.clone()));
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

/// Sees to prompts: at once when one was wanted or a provider rang, and at intervals. A provider that is slow holds up none but its own; what was begun when
/// the end comes is finished.
pub(crate) fn ask_phones(app: &Arc<App>) -> Job {
    let app = app.clone();
    Job::new("phones", move |stop| {
        let app = app.clone();
        async move {
            let at_once = usize::try_from(app.rules.prompts.at_once.max(1)).unwrap_or(usize::MAX);
            let pause = Duration::from_millis(app.rules.prompts.look_ms.max(1));
            let mut work = JoinSet::new();
            let outcome = loop {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => break Ok(()),
                    Some(_) = work.join_next() => (),
                    () = app.prompts.notified() => (),
                    () = tokio::time::sleep(pause) => (),
                }
                let room = at_once.saturating_sub(work.len());
                if room == 0 {
                    continue;
                }
                match app.claim_prompts(room).await {
                    Ok(claimed) => {
                        for prompt in claimed {
                            let app = app.clone();
                            work.spawn(async move { app.see_to(prompt).await });
                        }
                    }
                    Err(failure) => break Err(failure),
                }
            };
            while work.join_next().await.is_some() {}
            Ok(outcome?)
        }
    })
}

/// Sends notices, slice by slice: at once when one has begun, and at intervals.
pub(crate) fn feed_notices(app: &Arc<App>) -> Job {
    let app = app.clone();
    Job::new("notices", move |stop| {
        let app = app.clone();
        async move {
            let pause = Duration::from_millis(app.rules.notices.look_ms.max(1));
            loop {
                app.feed_notices().await?;
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return Ok(()),
                    () = app.notices.notified() => (),
                    () = tokio::time::sleep(pause) => (),
                }
            }
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
                delete_old_prompts(tx, old).await?;
                delete_old_notices(tx, old).await?;
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
