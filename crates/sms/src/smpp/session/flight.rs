//! Parts that are written and not yet answered.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::smpp::desk::Ticket;

/// Given-up parts whose answers are still recognised.
const REMEMBERED: usize = 1_024;

/// Whose answer it was, should it come late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Late {
    pub(super) tag: String,
    pub(super) part: usize,
}

/// A part in flight.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) ticket: Ticket,
    /// Octets gathered before it: it has left the house once the wire has taken more.
    pub(super) begins: u64,
    /// When it was gathered.
    pub(super) at: Instant,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Flights {
    in_air: BTreeMap<u32, Flight>,
    /// In the order of taking off; those answered are only dropped when they come to the front.
    order: VecDeque<(Instant, u32)>,
    given_up: VecDeque<(u32, Late)>,
    /// Given up since the last answer.
    unanswered: usize,
}

impl Flights {
    pub(super) fn len(&self) -> usize {
        self.in_air.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.in_air.is_empty()
    }

    pub(super) fn took_off(&mut self, sequence: u32, ticket: Ticket, begins: u64, at: Instant) {
        self.in_air.insert(sequence, Flight { ticket, begins, at });
        self.order.push_back((at, sequence));
    }

    /// The flight an answer is for.
    pub(super) fn answered(&mut self, sequence: u32) -> Option<Flight> {
        let flight = self.in_air.remove(&sequence)?;
        self.unanswered = 0;
        self.forget_answered();
        Some(flight)
    }

    /// The given-up part a late answer is for; only once.
    pub(super) fn late(&mut self, sequence: u32) -> Option<Late> {
        let at = self.given_up.iter().position(|(given_up, _)| *given_up == sequence)?;
        self.unanswered = 0;
        self.given_up.remove(at).map(|(_, late)| late)
    }

    /// Gives up what took off so long ago; gives each with its sequence number.
    pub(super) fn overdue(&mut self, now: Instant, after: Duration) -> Vec<(u32, Flight)> {
        let mut overdue = Vec::new();
        while let Some((at, sequence)) = self.order.front().copied()
            && now >= at + after
        {
            self.order.pop_front();
            let Some(flight) = self.in_air.remove(&sequence) else { continue };
            self.unanswered += 1;
            overdue.push((sequence, flight));
        }
        overdue
    }

    /// Whose answer it is, should one come for this number after all.
    pub(super) fn remember(&mut self, sequence: u32, late: Late) {
        if self.given_up.len() == REMEMBERED {
            self.given_up.pop_front();
        }
        self.given_up.push_back((sequence, late));
    }

    /// Parts given up since anything was last answered.
    pub(super) const fn unanswered(&self) -> usize {
        self.unanswered
    }

    /// When the oldest took off.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.order.front().map(|(at, _)| *at)
    }

    /// All of them, in the order of taking off.
    pub(super) fn take_all(&mut self) -> Vec<Flight> {
        let mut in_air = std::mem::take(&mut self.in_air);
        std::mem::take(&mut self.order).into_iter().filter_map(|(_, sequence)| in_air.remove(&sequence)).collect()
    }

    fn forget_answered(&mut self) {
        while self.order.front().is_some_and(|(_, sequence)| !self.in_air.contains_key(sequence)) {
            self.order.pop_front();
        }
    }
}
