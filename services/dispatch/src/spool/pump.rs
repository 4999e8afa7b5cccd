//! Brings what is queued to the channel.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
        Self {
            at_once: 4_096,
            retry_ms: 2_000,
            look_ms: 1_000,
            lost_seconds: 120,
            receipt_minutes: 60,
            parked_hours: 72,
        }
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
    /// Says that something was queued, or that there is room again for what waits.
    news: Notify,
    codes: Lot,
    bulk: Lot,
    work: TaskTracker,
}

/// What this process has in its hands of one class.
#[derive(Default)]
struct Lot {
    held: AtomicUsize,
    /// More may wait in the outbox than there was room for.
    more: AtomicBool,
}

/// Room for messages of one class, until their outcomes are on record.
pub(crate) struct Room {
    inner: Arc<Inner>,
    class: Class,
    count: usize,
}

impl Room {
    /// Room for one of them.
    fn one(&mut self) -> Option<Self> {
        self.count = self.count.checked_sub(1)?;
        Some(Self { inner: self.inner.clone(), class: self.class, count: 1 })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.inner.lot(self.class).held.fetch_sub(self.count, Ordering::AcqRel);
    }
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
            codes: Lot::default(),
            bulk: Lot::default(),
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

    /// Room for a code that is about to be ordered, if there is any: then it need not wait in the outbox.
    pub(crate) fn room_for_a_code(&self) -> Option<Room> {
        self.inner.room(Class::Code, 1)
    }

    /// Does with a message that is marked as submitted what is to be done. Whoever asks waits for none of it, nor for the step to be made: no caller learns from
    /// the time it takes what it is.
    pub(crate) fn go(&self, message: Pending, room: Room, step: impl FnOnce() -> Step + Send + 'static) {
        let inner = self.inner.clone();
        self.inner.work.spawn(async move {
            let news = match step() {
                Step::HandOver(text) => inner.submitted(message, text).await,
                Step::End(state) => News::Ended(message, state),
                Step::Later => News::Later(message),
            };
            inner.recorded(room, news).await;
            failpoint::reach("dispatch.message.recorded").await;
        });
    }

    /// Marks as much as there is room for, codes first.
    async fn claim(&self) -> Result<Vec<(Pending, Room)>, DispatchError> {
        let inner = &self.inner;
        // Said before the room is looked at: whoever gives some back meanwhile says so.
        let all = |class| {
            inner.lot(class).more.store(true, Ordering::SeqCst);
            inner.room(class, usize::MAX)
        };
        let rooms: Vec<Room> = [Class::Code, Class::Bulk].into_iter().filter_map(all).collect();
        if rooms.is_empty() {
            return Ok(Vec::new());
        }
        let now = inner.clock.now();
        let engine = inner.store.engine();
        let claimed = inner
            .store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                let mut claimed = Vec::new();
                for room in &rooms {
                    claimed.push(claim_due(tx, engine, room.class, now, room.count).await?);
                }
                Ok::<_, DispatchError>(claimed)
            })
            .await?;
        let mut with_room = Vec::new();
        for (messages, mut room) in claimed.into_iter().zip(rooms) {
            if messages.len() < room.count {
                inner.lot(room.class).more.store(false, Ordering::SeqCst);
            }
            with_room.extend(messages.into_iter().filter_map(|message| Some((message, room.one()?))));
        }
        Ok(with_room)
    }

    async fn hand_over(&self, texts: &dyn Texts, claimed: Vec<(Pending, Room)>) {
        let now = self.inner.clock.now();
        let (over, live): (Vec<_>, Vec<_>) = claimed.into_iter().partition(|(message, _)| now >= message.expires_at);
        for (message, room) in over {
            self.go(message, room, || Step::End(MessageState::Life(State::Expired)));
        }
        let messages: Vec<Pending> = live.iter().map(|(message, _)| *message).collect();
        for ((message, room), step) in live.into_iter().zip(texts.steps(&messages).await) {
            self.go(message, room, move || step);
        }
    }
}

impl Inner {
    /// Hands a message over; what the channel answered.
    async fn submitted(&self, message: Pending, text: Message) -> News {
        failpoint::reach("dispatch.message.claimed").await;
        let outcome = self.channel.submit(text).await;
        failpoint::reach("dispatch.message.answered").await;
        let channel = self.channel.name();
        self.metrics.submitted(channel, &outcome);
        News::Outcome { message, channel, outcome }
    }

    fn lot(&self, class: Class) -> &Lot {
        match class {
            Class::Code => &self.codes,
            Class::Bulk => &self.bulk,
        }
    }

    /// How many more of a class may be taken in hand. Bulk waits until a quarter of its room is free, so that commits are shared; a code waits for nobody.
    fn free(&self, class: Class, held: usize) -> usize {
        let room = self.channel.room().min(usize::try_from(self.config.at_once.max(1)).unwrap_or(usize::MAX));
        let free = room.saturating_sub(held);
        match class {
            Class::Bulk if free < room.div_ceil(4) => 0,
            Class::Code | Class::Bulk => free,
        }
    }

    /// Takes room for messages of a class, `most` at most, if there is any.
    fn room(self: &Arc<Self>, class: Class, most: usize) -> Option<Room> {
        let mut count = 0;
        let taken = self.lot(class).held.fetch_update(Ordering::AcqRel, Ordering::Acquire, |held| {
            count = self.free(class, held).min(most);
            (count > 0).then_some(held + count)
        });
        taken.is_ok().then(|| Room { inner: self.clone(), class, count })
    }

    /// Puts an outcome on record, however long the database takes.
    async fn recorded(&self, room: Room, news: News) {
        for _ in 0..RECORD_TRIES {
            if self.recorder.record(news.clone()).await.is_ok() {
                break;
            }
            tokio::time::sleep(RECORD_PAUSE).await;
        }
        let class = room.class;
        drop(room);
        let lot = self.lot(class);
        if lot.more.load(Ordering::SeqCst) && self.free(class, lot.held.load(Ordering::SeqCst)) > 0 {
            self.news.notify_one();
        }
    }
}
