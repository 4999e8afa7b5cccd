//! Brings what is queued to the channel.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sms::life::State;
use sms::smpp::Class;
use straznica_runtime::failpoint;
use straznica_store::{Isolation, Store};
use straznica_types::{SharedClock, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{MessageState, News, Pending, Recorder, Step, Texts};
use crate::channel::{Channel, Message};
use crate::error::DispatchError;
use crate::metrics::Metrics;
use crate::store::{claim_due, enqueue};

/// How often, and after which pause, an outcome is tried to be put on record while the database is away. After that the message is called unknown by
/// whoever looks for lost ones.
const RECORD_TRIES: u32 = 60;
const RECORD_PAUSE: Duration = Duration::from_secs(1);

/// How messages go out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpoolConfig {
    /// Messages of one class, codes or bulk, handed over at once at most; links have room for less. At least 1.
    pub at_once: u32,
    /// Pause before a message that was not handed over is tried again, in milliseconds.
    pub retry_ms: u64,
    /// How often the outbox is looked at when nobody says that there is something in it, in milliseconds.
    pub look_ms: u64,
    /// How long after its marking a message without an outcome is called unknown, in seconds: the replica that marked it is gone. Longer than any operator's
    /// answer is waited for. On SQLite, where there is one replica, what an earlier process left is called so at once.
    pub lost_seconds: u64,
    /// How long after its life an accepted message waits for a receipt, in minutes, before it is called unknown.
    pub receipt_minutes: u64,
    /// How long a receipt waits for the part it names, in hours.
    pub parked_hours: u64,
}

impl Default for SpoolConfig {
    fn default() -> Self {
        Self { at_once: 256, retry_ms: 2_000, look_ms: 1_000, lost_seconds: 120, receipt_minutes: 60, parked_hours: 72 }
    }
}

/// See the [module](super). Clones are the same spool.
#[derive(Clone)]
pub struct Spool {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) clock: SharedClock,
    pub(super) channel: Arc<dyn Channel>,
    pub(super) recorder: Recorder,
    pub(super) config: SpoolConfig,
    pub(super) metrics: Metrics,
    /// When this process began.
    pub(super) since: Timestamp,
    /// Says that something was queued, or that there is room again.
    news: Notify,
    codes: AtomicUsize,
    bulk: AtomicUsize,
    work: TaskTracker,
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

impl Spool {
    /// A spool on a database with the tables of dispatch. `recorder` is the one the channel's receipts go to.
    #[must_use]
    pub fn new(
        store: Store,
        clock: SharedClock,
        channel: Arc<dyn Channel>,
        recorder: Recorder,
        config: SpoolConfig,
    ) -> Self {
        let since = clock.now();
        let inner = Inner {
            store,
            clock,
            channel,
            recorder,
            config,
            metrics: Metrics::new(),
            since,
            news: Notify::new(),
            codes: AtomicUsize::new(0),
            bulk: AtomicUsize::new(0),
            work: TaskTracker::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Says that messages were queued.
    pub fn wake(&self) {
        self.inner.news.notify_one();
    }

    /// Puts messages into the queue and wakes the pump.
    ///
    /// # Errors
    /// What the database says; none is queued then.
    pub async fn enqueue(&self, messages: &[Pending]) -> Result<(), DispatchError> {
        let now = self.inner.clock.now();
        let store = &self.inner.store;
        store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                Ok::<_, DispatchError>(enqueue(tx, messages, now).await?)
            })
            .await?;
        self.wake();
        Ok(())
    }

    /// Hands over what is due until it is told to stop: at once when something was queued or there is room again, and at intervals for what waits. What was
    /// begun goes on; [`Self::close`] waits for it.
    ///
    /// # Errors
    /// What the database says. It may be called again.
    pub async fn pump(&self, texts: &Arc<dyn Texts>, stop: &CancellationToken) -> Result<(), DispatchError> {
        let look = Duration::from_millis(self.inner.config.look_ms.max(1));
        loop {
            failpoint::reach("dispatch.outbox.looked").await;
            let claimed = self.claim().await?;
            if claimed.is_empty() {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return Ok(()),
                    () = self.inner.news.notified() => (),
                    () = tokio::time::sleep(look) => (),
                }
            } else {
                self.hand_over(texts.as_ref(), claimed).await;
            }
            if stop.is_cancelled() {
                return Ok(());
            }
        }
    }

    /// Waits until every message that was claimed has its outcome on record. To be called after the channel was told to stop.
    pub async fn close(&self) {
        self.inner.work.close();
        self.inner.work.wait().await;
    }

    /// Marks as much as there is room for, codes first.
    async fn claim(&self) -> Result<Vec<Pending>, DispatchError> {
        let inner = &self.inner;
        let (codes, bulk) = (inner.free(Class::Code), inner.free(Class::Bulk));
        if codes + bulk == 0 {
            return Ok(Vec::new());
        }
        let now = inner.clock.now();
        let engine = inner.store.engine();
        let claimed = inner
            .store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                let mut claimed = Vec::new();
                for (class, most) in [(Class::Code, codes), (Class::Bulk, bulk)] {
                    if most > 0 {
                        claimed.extend(claim_due(tx, engine, class, now, most).await?);
                    }
                }
                Ok::<_, DispatchError>(claimed)
            })
            .await?;
        for message in &claimed {
            inner.in_hand(message.class).fetch_add(1, Ordering::Relaxed);
        }
        Ok(claimed)
    }

    async fn hand_over(&self, texts: &dyn Texts, claimed: Vec<Pending>) {
        let now = self.inner.clock.now();
        let (over, live): (Vec<_>, Vec<_>) = claimed.into_iter().partition(|message| now >= message.expires_at);
        let expired = MessageState::Life(State::Expired);
        for message in over {
            self.record(message, News::Ended(message, expired));
        }
        for (message, step) in live.iter().zip(texts.steps(&live).await) {
            match step {
                Step::HandOver(text) => self.submit(*message, text),
                Step::End(state) => self.record(*message, News::Ended(*message, state)),
                Step::Later => self.record(*message, News::Later(*message)),
            }
        }
    }

    fn submit(&self, message: Pending, text: Message) {
        let inner = self.inner.clone();
        self.inner.work.spawn(async move {
            failpoint::reach("dispatch.message.claimed").await;
            let outcome = inner.channel.submit(text).await;
            failpoint::reach("dispatch.message.answered").await;
            let channel = inner.channel.name();
            inner.metrics.submitted(channel, &outcome);
            inner.recorded(message, News::Outcome { message, channel, outcome }).await;
            failpoint::reach("dispatch.message.recorded").await;
        });
    }

    fn record(&self, message: Pending, news: News) {
        let inner = self.inner.clone();
        self.inner.work.spawn(async move { inner.recorded(message, news).await });
    }
}

impl Inner {
    fn in_hand(&self, class: Class) -> &AtomicUsize {
        match class {
            Class::Code => &self.codes,
            Class::Bulk => &self.bulk,
        }
    }

    /// How many more of a class may be claimed. Bulk waits until a quarter of its room is free, so that commits are shared; a code waits for nobody.
    fn free(&self, class: Class) -> usize {
        let room = self.channel.room().min(usize::try_from(self.config.at_once.max(1)).unwrap_or(usize::MAX));
        let free = room.saturating_sub(self.in_hand(class).load(Ordering::Relaxed));
        match class {
            Class::Bulk if free < room.div_ceil(4) => 0,
            Class::Code | Class::Bulk => free,
        }
    }

    /// Puts an outcome on record, however long the database takes.
    async fn recorded(&self, message: Pending, news: News) {
        for _ in 0..RECORD_TRIES {
            if self.recorder.record(news.clone()).await.is_ok() {
                break;
            }
            tokio::time::sleep(RECORD_PAUSE).await;
        }
        self.in_hand(message.class).fetch_sub(1, Ordering::Relaxed);
        if self.free(message.class) > 0 {
            self.news.notify_one();
        }
    }
}
