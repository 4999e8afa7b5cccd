//! How a connection ends in good order, whoever ends it.

use rusmpp::Pdu;
use tokio::time::Instant;

use super::{Ending, GOODBYE, Session};
use crate::smpp::message::Class;
use crate::smpp::pdu;

/// Why no more is submitted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draining {
    pub(super) until: Instant,
    /// The SMSC's unbind that waits for its answer; `None` when it is us who leave.
    pub(super) unbind: Option<u32>,
    /// Our last word has been said.
    pub(super) said: bool,
}

impl Session<'_> {
    /// We leave: what has begun is finished first.
    pub(super) fn leave(&mut self, now: Instant) {
        let until = now + self.shared.config.drain_time;
        self.draining = Some(Draining { until, unbind: None, said: false });
    }

    /// The SMSC leaves: what it still owes us it may answer first.
    pub(super) fn peer_leaves(&mut self, sequence: u32, now: Instant) {
        if self.draining.is_some_and(|draining| draining.unbind.is_some()) {
            return;
        }
        let until = now + self.shared.config.drain_time;
        self.draining = Some(Draining { until, unbind: Some(sequence), said: false });
    }

    pub(super) fn has_left(&self) -> bool {
        self.draining.is_some_and(|draining| draining.said && draining.unbind.is_none())
    }

    /// Says the last word when nothing is open any more or the time is up; gives the end when that has been said.
    pub(super) fn drained(&mut self, deliveries_kept: bool, now: Instant) -> Option<Ending> {
        let draining = self.draining.filter(|_| self.broken.is_none())?;
        let begun = draining.unbind.is_none() && self.role.transmits() && {
            let desk = self.shared.desk();
            desk.waiting(Class::Code) + desk.waiting(Class::Bulk) > 0
        };
        let open = !self.flights.is_empty() || !deliveries_kept || begun;
        match draining {
            Draining { said: false, until, .. } if open && now < until => None,
            Draining { said: false, unbind, .. } => {
                match unbind {
                    Some(sequence) => self.write(Pdu::UnbindResp, pdu::OK, sequence),
                    None => {
                        let sequence = self.next_sequence();
                        self.write(Pdu::Unbind, pdu::OK, sequence);
                    }
                }
                self.draining = Some(Draining { until: now + GOODBYE, unbind, said: true });
                None
            }
            Draining { said: true, unbind: Some(_), until } => {
                (now >= until || (self.out.is_empty() && !self.unflushed)).then_some(Ending::Unbound)
            }
            Draining { said: true, unbind: None, until } => (now >= until).then_some(Ending::Stopped),
        }
    }
}
