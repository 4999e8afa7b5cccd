//! A link: one account at one operator, kept bound for as long as the link lives.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use straznica_types::{SharedClock, Timestamp};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::config::{BindMode, ConfigError, LinkConfig, LinkName};
use super::connect::connect;
use super::desk::{Desk, Patience};
use super::handler::Handler;
use super::message::{Class, Message, Outcome, PartOutcome};
use super::pace::Pace;
use super::session::{self, Ending, Role};
use super::state::{Counting, LinkState, Phase, count};

/// How often what waits is looked through for what has expired.
const SWEEP: Duration = Duration::from_millis(250);
/// A connection that lasted so long was a good one: the pauses begin anew.
const GOOD: Duration = Duration::from_secs(30);

/// What the handles and the tasks of a link share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: LinkConfig,
    pub(super) clock: SharedClock,
    pub(super) changed: Notify,
    pub(super) counting: Counting,
    pub(super) in_flight: AtomicUsize,
    pub(super) pace: AtomicU32,
    desk: Mutex<Desk>,
    phases: watch::Sender<Phases>,
    /// Reference of the next message of several parts.
    reference: AtomicU32,
}

#[derive(Clone, Debug)]
struct Phases {
    main: Phase,
    receiver: Option<Phase>,
}

impl Shared {
    pub(super) fn new(config: LinkConfig, clock: SharedClock) -> Self {
        let receiver = (config.mode == BindMode::TransmitterAndReceiver).then_some(Phase::Connecting);
        Self {
            config,
            clock,
            changed: Notify::new(),
            counting: Counting::default(),
            in_flight: AtomicUsize::new(0),
            pace: AtomicU32::new(1_000),
            desk: Mutex::new(Desk::default()),
            phases: watch::Sender::new(Phases { main: Phase::Connecting, receiver }),
            reference: AtomicU32::new(seed()),
        }
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_phase(&self, role: Role, phase: Phase) {
        self.phases.send_modify(|phases| match role {
            Role::Receiver => phases.receiver = Some(phase),
            Role::Transceiver | Role::Transmitter => phases.main = phase,
        });
    }
}

/// A handle to a link; clones share it. Once all are dropped the link stops by itself, without anybody waiting for it.
#[derive(Clone, Debug)]
pub struct Link {
    shared: Arc<Shared>,
    stop: Arc<watch::Sender<bool>>,
    tasks: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Link {
    /// Starts connecting, and goes on until stopped. Has to be called within a tokio runtime.
    ///
    /// # Errors
    /// When the configuration does not fit SMPP.
    pub fn start<H: Handler>(config: LinkConfig, clock: SharedClock, handler: H) -> Result<Self, ConfigError> {
        config.check()?;
        let roles: &[Role] = match config.mode {
            BindMode::Transceiver => &[Role::Transceiver],
            BindMode::TransmitterAndReceiver => &[Role::Transmitter, Role::Receiver],
        };
        let shared = Arc::new(Shared::new(config, clock));
        let (stop, stopped) = watch::channel(false);
        let handler = Arc::new(handler);
        let mut tasks: Vec<JoinHandle<()>> = roles
            .iter()
            .map(|role| tokio::spawn(stay_bound(shared.clone(), handler.clone(), *role, stopped.clone())))
            .collect();
        tasks.push(tokio::spawn(sweep(shared.clone(), stopped)));
        Ok(Self { shared, stop: Arc::new(stop), tasks: Arc::new(Mutex::new(tasks)) })
    }

    /// Its name.
    pub fn name(&self) -> &LinkName {
        &self.shared.config.name
    }

    /// Hands a message over and waits for its outcome; while the link is down it waits until the message expires.
    ///
    /// Dropping the future withdraws the message as long as nothing of it is written; afterwards it only loses the outcome, so that the caller
    /// has to take the message for unknown.
    pub async fn submit(&self, message: Message) -> Outcome {
        self.hand_over(message, Patience::ToTheEnd).await
    }

    /// The same, but the message comes back unsent when the link is down or too fast before anything of it is written.
    pub(super) async fn submit_while_flowing(&self, message: Message) -> Outcome {
        self.hand_over(message, Patience::WhileFlowing).await
    }

    async fn hand_over(&self, message: Message, patience: Patience) -> Outcome {
        let counter = match message.parts.count() {
            1 => 0,
            _ => self.shared.reference.fetch_add(1, Ordering::Relaxed),
        };
        let encoded = message.parts.encode(counter);
        let count = encoded.len();
        let settled = self.shared.desk().add(message, encoded, patience, Instant::now());
        self.shared.changed.notify_one();
        // No answer means that the link's task is gone, with a runtime that was shut down: nobody knows what it had written.
        let (parts, waited) = settled.await.unwrap_or_else(|_| (vec![PartOutcome::Unknown; count], None));
        Outcome { link: Some(self.name().clone()), parts, waited }
    }

    /// How it is doing.
    pub fn state(&self) -> LinkState {
        let Phases { main, receiver } = self.shared.phases.borrow().clone();
        let (codes_waiting, bulk_waiting) = {
            let desk = self.shared.desk();
            (desk.waiting(Class::Code), desk.waiting(Class::Bulk))
        };
        LinkState {
            name: self.name().clone(),
            phase: main,
            receiver,
            codes_waiting,
            bulk_waiting,
            in_flight: self.shared.in_flight.load(Ordering::Relaxed),
            pace: self.pace(),
            counters: self.shared.counting.read(),
        }
    }

    /// What it was started with.
    pub fn config(&self) -> &LinkConfig {
        &self.shared.config
    }

    /// Whether messages flow.
    pub fn is_bound(&self) -> bool {
        self.shared.phases.borrow().main.is_bound()
    }

    /// Whether it was stopped, for good.
    pub(super) fn is_stopped(&self) -> bool {
        self.shared.phases.borrow().main == Phase::Stopped
    }

    /// The present rate as a share of the agreed one, in thousandths.
    pub fn pace(&self) -> u32 {
        self.shared.pace.load(Ordering::Relaxed)
    }

    /// Waits until messages flow, or the link is stopped.
    pub async fn bound(&self) {
        let mut phases = self.shared.phases.subscribe();
        // The sender lives in `self`.
        let _bound = phases.wait_for(|phases| phases.main.is_bound() || phases.main == Phase::Stopped).await;
    }

    /// Stops: what has not begun comes back as not sent, what has begun is finished and what the SMSC owes us awaited for as long as
    /// `drain_time`, then the link unbinds.
    pub async fn stop(&self) {
        self.shared.desk().close();
        self.stop.send_replace(true);
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(link = %self.name(), %error, "a task of the link did not end by itself");
            }
        }
    }
}

/// Keeps one connection of a link bound.
async fn stay_bound<H: Handler>(shared: Arc<Shared>, handler: Arc<H>, role: Role, mut stop: watch::Receiver<bool>) {
    let config = &shared.config;
    let mut pace = Pace::new(config.rate.get(), Instant::now());
    let mut pauses = Pauses::new(config.first_pause, config.longest_pause);
    let mut stopping = stop.clone();
    loop {
        shared.set_phase(role, Phase::Connecting);
        let connected = tokio::select! {
            biased;
            _ = stopping.wait_for(|stop| *stop) => break,
            connected = connect(config, role.bind()) => connected,
        };
        match connected {
            Ok(bound) => {
                count(&shared.counting.bound);
                shared.set_phase(role, Phase::Bound { since: shared.clock.now() });
                let since = Instant::now();
                let ending = session::run(bound, &shared, handler.as_ref(), role, &mut pace, &mut stop).await;
                if ending == Ending::Stopped {
                    break;
                }
                if since.elapsed() >= GOOD.min(config.longest_pause) {
                    pauses.begin_anew();
                }
                tracing::warn!(link = %config.name, ?role, %ending, "link down");
                shared.set_phase(role, Phase::Ended { since: shared.clock.now(), ending });
            }
            Err(reason) => {
                tracing::warn!(link = %config.name, ?role, %reason, "link not bound");
                shared.set_phase(role, Phase::Refused { since: shared.clock.now(), reason });
            }
        }
        if role.transmits() {
            shared.desk().link_down();
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => break,
            () = tokio::time::sleep(pauses.next()) => {}
        }
    }
    if role.transmits() {
        let mut desk = shared.desk();
        desk.close();
        desk.abandon();
    }
    shared.set_phase(role, Phase::Stopped);
}

/// Gives up what expires, bound or not.
async fn sweep(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(SWEEP) => {}
        }
        let now: Timestamp = shared.clock.now();
        shared.desk().expire(now);
    }
}

/// Growing pauses between attempts, each cut short at random by up to a half, so that not every node knocks at the same moment.
#[derive(Debug)]
struct Pauses {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Pauses {
    fn new(first: Duration, longest: Duration) -> Self {
        Self { first: first.min(longest), longest, next: first.min(longest) }
    }

    fn begin_anew(&mut self) {
        self.next = self.first;
    }

    fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        pause.mul_f64(0.5 + f64::from(seed()) / f64::from(u32::MAX) / 2.0)
    }
}

/// A number that differs from process to process and call to call; no secret.
#[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
fn seed() -> u32 {
    RandomState::new().hash_one(()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_begin_anew_after_a_good_connection() {
        let (first, longest) = (Duration::from_millis(500), Duration::from_secs(60));
        let mut pauses = Pauses::new(first, longest);
        for expected in [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0] {
            let pause = pauses.next().as_secs_f64();
            assert!((expected / 2.0..=expected).contains(&pause), "{pause} of {expected}");
        }
        pauses.begin_anew();
        assert!(pauses.next() <= first);
    }

    #[test]
    fn pauses_differ() {
        let mut seeds: Vec<u32> = (0..16).map(|_| seed()).collect();
        seeds.sort_unstable();
        seeds.dedup();
        assert!(seeds.len() > 12, "{seeds:?}");
    }
}
