//! How a link is doing: for boards, for metrics, and for the pool that chooses by it.

use std::sync::atomic::{AtomicU64, Ordering};

use straznica_types::Timestamp;

use super::config::LinkName;
use super::connect::ConnectError;
use super::session::Ending;

/// Where a connection of a link is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Connecting, binding.
    Connecting,
    /// Bound: messages flow.
    Bound {
        /// Since when.
        since: Timestamp,
    },
    /// Could not connect or bind; the next attempt follows after a pause.
    Refused {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: ConnectError,
    },
    /// Was bound and is not any more; the next attempt follows after a pause.
    Ended {
        /// Since when.
        since: Timestamp,
        /// Why.
        ending: Ending,
    },
    /// Stopped by us, for good.
    Stopped,
}

impl Phase {
    /// Whether messages flow.
    pub const fn is_bound(&self) -> bool {
        matches!(self, Self::Bound { .. })
    }
}

/// What a link has done since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Parts written.
    pub written: u64,
    /// Parts the SMSC took.
    pub accepted: u64,
    /// Parts it refused for good.
    pub refused: u64,
    /// Parts it refused as too fast; each went again.
    pub too_fast: u64,
    /// Parts whose fate is unknown.
    pub unknown: u64,
    /// Answers that came after their part had been given up.
    pub late: u64,
    /// Answers to nothing we asked.
    pub stray: u64,
    /// Deliveries kept.
    pub kept: u64,
    /// Deliveries the SMSC was told to send again.
    pub not_kept: u64,
    /// Connections bound.
    pub bound: u64,
}

/// The same, counting.
#[derive(Debug, Default)]
pub(super) struct Counting {
    pub(super) written: AtomicU64,
    pub(super) accepted: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) too_fast: AtomicU64,
    pub(super) unknown: AtomicU64,
    pub(super) late: AtomicU64,
    pub(super) stray: AtomicU64,
    pub(super) kept: AtomicU64,
    pub(super) not_kept: AtomicU64,
    pub(super) bound: AtomicU64,
}

/// Counts one.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counting {
    pub(super) fn read(&self) -> Counters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            written: read(&self.written),
            accepted: read(&self.accepted),
            refused: read(&self.refused),
            too_fast: read(&self.too_fast),
            unknown: read(&self.unknown),
            late: read(&self.late),
            stray: read(&self.stray),
            kept: read(&self.kept),
            not_kept: read(&self.not_kept),
            bound: read(&self.bound),
        }
    }
}

/// A link at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkState {
    /// Which.
    pub name: LinkName,
    /// The connection that submits.
    pub phase: Phase,
    /// The connection that receives, where it is one of its own.
    pub receiver: Option<Phase>,
    /// Parts of codes that wait.
    pub codes_waiting: usize,
    /// Parts of bulk messages that wait.
    pub bulk_waiting: usize,
    /// Parts written and not yet answered.
    pub in_flight: usize,
    /// The present rate as a share of the agreed one, in thousandths: below 1000 the SMSC has said that it is too fast.
    pub pace: u32,
    /// What it has done.
    pub counters: Counters,
}
