//! Background work of the registry, each piece restartable.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use straznica_runtime::job::Job;

use crate::app::App;

const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

/// Counts cases anew as days pass and when the law's files changed.
pub(crate) fn count_cases(app: &Arc<App>) -> Job {
    let app = app.clone();
    Job::every("registry_worklist", HOUR, move || {
        let app = app.clone();
        async move {
            let counted = app.count_cases().await?;
            if counted > 0 {
                tracing::info!(cases = counted, "cases were counted anew");
            }
            Ok(())
        }
    })
}

/// Erases what two officers approved.
pub(crate) fn erase_approved(app: &Arc<App>) -> Job {
    let app = app.clone();
    Job::every("registry_erasure", MINUTE, move || {
        let app = app.clone();
        async move {
            let settled = app.erase_approved().await?;
            if settled > 0 {
                tracing::info!(cases = settled, "cases were erased or kept");
            }
            Ok(())
        }
    })
}

/// Makes what persons are found by, where it is not there in this version of keys.
pub(crate) fn make_findable(app: &Arc<App>) -> Job {
    let app = app.clone();
    Job::every("registry_finding_keys", Duration::from_secs(3_600), move || {
        let app = app.clone();
        async move { Ok(app.make_findable().await?) }
    })
}

/// Looks for duplicates of those who could not be compared with the others when they were written.
pub(crate) fn compare_those_left(app: &Arc<App>) -> Job {
    let app = app.clone();
    Job::every("registry_duplicates", Duration::from_secs(60), move || {
        let app = app.clone();
        async move { Ok(app.compare_those_left().await?) }
    })
}

/// Writes silence down.
pub(crate) fn silence(app: &Arc<App>, seconds: NonZeroU32) -> Job {
    let app = app.clone();
    Job::every("consultation_silence", Duration::from_secs(seconds.get().into()), move || {
        let app = app.clone();
        async move {
            let written = Box::pin(app.write_silences()).await?;
            if written > 0 {
                tracing::info!(consultations = written, "silence was written down");
            }
            Ok(())
        }
    })
}

/// How often forms are looked for that no delivery notification came for.
const RECONCILIATION: Duration = Duration::from_secs(300);

/// Sends to the consultation network, reads from it, and finds what did not arrive.
pub(crate) fn network(app: &Arc<App>, poll: NonZeroU32) -> [Job; 3] {
    let poll = Duration::from_secs(poll.get().into());
    let (sends, reads, finds) = (app.clone(), app.clone(), app.clone());
    [
        Job::every("consultation_send", poll, move || {
            let app = sends.clone();
            async move { Ok(Box::pin(app.send_due()).await.map(|_| ())?) }
        }),
        Job::every("consultation_collect", poll, move || {
            let app = reads.clone();
            async move { Ok(Box::pin(app.collect()).await.map(|_| ())?) }
        }),
        Job::every("consultation_reconcile", RECONCILIATION, move || {
            let app = finds.clone();
            async move {
                let overdue = Box::pin(app.find_overdue()).await?;
                if overdue > 0 {
                    tracing::warn!(overdue, "forms went to other states and have no delivery notification");
                }
                Ok(())
            }
        }),
    ]
}

/// Deletes what checks against alerts found, once it may not be kept any longer.
pub(crate) fn forget_alerts(app: &Arc<App>, period: Duration) -> Job {
    let app = app.clone();
    Job::every("registry_forget_alerts", period, move || {
        let app = app.clone();
        async move { Ok(app.forget_alerts().await?) }
    })
}
