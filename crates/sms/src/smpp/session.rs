//! One bound connection: what is written, read and waited for, in a single task, so that there is one order of things.
//!
//! Writing never waits for reading nor the other way round: what goes out is gathered and written when the wire takes it, and while too much is
//! gathered or too many deliveries are being kept, nothing more is read.

mod flight;
mod inbound;
mod leaving;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::BytesMut;
use futures::future::FutureExt;
use futures::stream::{FuturesUnordered, StreamExt};
use rusmpp::Pdu;
use tokio::io::{AsyncReadExt, AsyncWriteExt, WriteHalf};
use tokio::sync::watch;
use tokio::time::Instant;

use super::connect::{Bound, Wire};
use super::handler::{Handler, Incoming, NotKept};
use super::link::Shared;
use super::message::{Class, PartOutcome};
use super::pace::Pace;
use super::pdu;
use super::state::count;
use flight::{Flights, Late};
use leaving::Draining;

/// Octets gathered for writing beyond which nothing more is read or submitted.
const HIGH_WATER: usize = 64 * 1_024;
/// Room for reading.
const READ_AHEAD: usize = 16 * 1_024;
/// How long the SMSC may take to answer an unbind, and the wire to close.
const GOODBYE: Duration = Duration::from_secs(2);

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Transceiver,
    Transmitter,
    Receiver,
}

impl Role {
    pub(super) const fn transmits(self) -> bool {
        matches!(self, Self::Transceiver | Self::Transmitter)
    }

    /// command_id of its bind.
    pub(super) const fn bind(self) -> u32 {
        match self {
            Self::Transceiver => pdu::BIND_TRANSCEIVER,
            Self::Transmitter => pdu::BIND_TRANSMITTER,
            Self::Receiver => pdu::BIND_RECEIVER,
        }
    }
}

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ending {
    /// We unbound.
    #[error("stopped")]
    Stopped,
    /// The SMSC unbound us.
    #[error("unbound by the SMSC")]
    Unbound,
    /// The SMSC hung up, or the network did.
    #[error("connection lost")]
    Lost,
    /// A PDU of impossible or forbidden length.
    #[error("what came is no SMPP")]
    Garbage,
    /// No answer to enquire_link.
    #[error("no answer to an enquiry")]
    Silent,
    /// A whole window of parts went unanswered: what else is written would be unknown too.
    #[error("no answer to a whole window of parts")]
    Unresponsive,
    /// The SMSC reads nothing any more.
    #[error("nothing is read at the other end")]
    Stalled,
    /// The SMSC no longer thinks us bound.
    #[error("not bound, says the SMSC")]
    NotBound,
}

struct Session<'a> {
    shared: &'a Shared,
    role: Role,
    pace: &'a mut Pace,
    out: BytesMut,
    /// Octets gathered since the beginning.
    gathered: u64,
    /// Octets the wire has taken.
    written: u64,
    /// When the wire last took something, or something was first gathered.
    progress: Instant,
    unflushed: bool,
    flights: Flights,
    sequence: u32,
    heard: Instant,
    enquiry: Option<(u32, Instant)>,
    draining: Option<Draining>,
    /// The wire takes nothing any more; until then what it still holds is read, for there may be answers in it.
    broken: Option<Instant>,
}

/// Whom an answer goes to: command and sequence number.
type ReplyTo = Option<(u32, u32)>;

/// Runs a bound connection to its end; every part that was written has its outcome then, or waits to be written again.
pub(super) async fn run<H: Handler>(
    bound: Bound,
    shared: &Shared,
    handler: &H,
    role: Role,
    pace: &mut Pace,
    stop: &mut watch::Receiver<bool>,
) -> Ending {
    let (mut reader, mut writer) = tokio::io::split(bound.wire);
    let mut inbox = bound.behind;
    let config = &shared.config;
    let most_kept = usize::from(config.deliveries.get());
    let most_waiting = most_kept * 8;
    let mut waiting: VecDeque<(ReplyTo, Incoming)> = VecDeque::new();
    let mut deliveries = FuturesUnordered::new();
    let mut session = Session::new(shared, role, pace);
    let alarm = tokio::time::sleep(config.enquire_every);
    tokio::pin!(alarm);
    if *stop.borrow() {
        session.leave(Instant::now());
    }
    let ending = loop {
        let now = Instant::now();
        if let Err(ending) = session.take_in(&mut inbox, now, &mut waiting, most_waiting) {
            break ending;
        }
        while deliveries.len() < most_kept
            && let Some((to, what)) = waiting.pop_front()
        {
            deliveries.push(keep(shared, handler, to, what));
        }
        if let Some(ending) =
            session.look_at_the_clock(now).or_else(|| session.drained(deliveries.is_empty() && waiting.is_empty(), now))
        {
            break ending;
        }
        let slot = session.submit(now);
        session.show();
        let wake = session.wake(slot);
        if alarm.deadline() != wake {
            alarm.as_mut().reset(wake);
        }
        let may_read = waiting.len() < most_waiting && session.out.len() < HIGH_WATER;
        if may_read && inbox.capacity() - inbox.len() < READ_AHEAD / 4 {
            inbox.reserve(READ_AHEAD);
        }
        // In this order, so that much is gathered before the wire is troubled: each of these ends when there is no more of it at the moment, or when
        // enough is gathered. Time is looked at in every turn.
        tokio::select! {
            biased;
            // An error means that every handle is gone, which is a stop as well.
            _ = stop.changed(), if session.draining.is_none() => session.leave(Instant::now()),
            Some((to, result)) = deliveries.next(), if !deliveries.is_empty() => {
                session.answer(to, result);
                while let Some(Some((to, result))) = deliveries.next().now_or_never() {
                    session.answer(to, result);
                }
            }
            read = reader.read_buf(&mut inbox), if may_read => {
                if !matches!(read, Ok(1..)) {
                    break if session.has_left() { Ending::Stopped } else { Ending::Lost };
                }
            }
            pushed = push(&mut writer, &mut session.out), if !session.out.is_empty() || session.unflushed => {
                match pushed {
                    Ok(octets @ 1..) => session.wire_took(octets as u64),
                    Ok(0) => session.unflushed = false,
                    Err(_) => session.wire_broke(Instant::now()),
                }
            }
            () = shared.changed.notified(), if role.transmits() && session.draining.is_none() => {}
            () = &mut alarm => {}
        }
    };
    session.conclude();
    if matches!(ending, Ending::Stopped | Ending::Unbound) {
        // Courtesy only: a peer that does not wait for it has heard all there was.
        let _closed = tokio::time::timeout(GOODBYE, writer.shutdown()).await;
    }
    ending
}

/// Writes some of what is gathered, or has the wire pass on what it holds, which is 0. Dropped halfway it has done nothing.
async fn push(wire: &mut WriteHalf<Box<dyn Wire>>, out: &mut BytesMut) -> io::Result<usize> {
    if out.is_empty() {
        return wire.flush().await.map(|()| 0);
    }
    match wire.write_buf(out).await? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        octets => Ok(octets),
    }
}

/// Lets the handler keep something, for as long as it may take.
async fn keep<H: Handler>(
    shared: &Shared,
    handler: &H,
    to: ReplyTo,
    incoming: Incoming,
) -> (ReplyTo, Result<(), NotKept>) {
    let keeping = handler.keep(&shared.config.name, incoming);
    let kept = tokio::time::timeout(shared.config.handler_time, keeping).await;
    (to, kept.unwrap_or(Err(NotKept)))
}

impl<'a> Session<'a> {
    fn new(shared: &'a Shared, role: Role, pace: &'a mut Pace) -> Self {
        let now = Instant::now();
        Self {
            shared,
            role,
            pace,
            out: BytesMut::with_capacity(READ_AHEAD),
            gathered: 0,
            written: 0,
            progress: now,
            unflushed: false,
            flights: Flights::default(),
            // The bind was number one.
            sequence: 1,
            heard: now,
            enquiry: None,
            draining: None,
            broken: None,
        }
    }

    /// Writes what waits, as far as window and pace allow; gives the time of the next slot if something waits for one.
    fn submit(&mut self, now: Instant) -> Option<Instant> {
        let leaving = self.draining.is_some_and(|draining| draining.unbind.is_some() || draining.said);
        if !self.role.transmits() || leaving || self.broken.is_some() {
            return None;
        }
        let shared = self.shared;
        let window = usize::from(shared.config.window.get());
        // What goes unanswered keeps its place, so that a mute SMSC costs one window of messages and no more.
        while self.flights.len() + self.flights.unanswered() < window && self.out.len() < HIGH_WATER {
            // Bulk leaves the last place to a code.
            let bulk = window == 1 || self.flights.len() + self.flights.unanswered() + 1 < window;
            let mut desk = shared.desk();
            let class = match (desk.waiting(Class::Code), desk.waiting(Class::Bulk)) {
                (1.., _) => Class::Code,
                (0, 1..) if bulk => Class::Bulk,
                _ => return None,
            };
            if let Err(at) = self.pace.take(class, now) {
                return Some(at);
            }
            let wall = shared.clock.now();
            let Some(due) = desk.next(bulk, wall, now) else {
                self.pace.give_back();
                return None;
            };
            let submit = pdu::submit(due.message, due.part, &shared.config, wall);
            let ticket = due.ticket;
            drop(desk);
            let sequence = self.next_sequence();
            self.flights.took_off(sequence, ticket, self.gathered, now);
            self.write(submit.into(), pdu::OK, sequence);
            count(&shared.counting.written);
        }
        None
    }

    /// What is overdue, and what is due to be asked.
    fn look_at_the_clock(&mut self, now: Instant) -> Option<Ending> {
        if let Some(until) = self.broken {
            return (now >= until).then_some(Ending::Lost);
        }
        let config = &self.shared.config;
        for (sequence, flight) in self.flights.overdue(now, config.response_time) {
            count(&self.shared.counting.unknown);
            let mut desk = self.shared.desk();
            if let Some(tag) = desk.tag(flight.ticket) {
                self.flights.remember(sequence, Late { tag, part: flight.ticket.part() });
            }
            desk.settle(flight.ticket, PartOutcome::Unknown);
        }
        if self.flights.unanswered() >= usize::from(config.window.get()) {
            return Some(Ending::Unresponsive);
        }
        if !self.out.is_empty() && now >= self.progress + config.response_time {
            return Some(Ending::Stalled);
        }
        match self.enquiry {
            Some((_, asked)) if now >= asked + config.enquire_time => return Some(Ending::Silent),
            None if now >= self.heard + config.enquire_every => {
                let sequence = self.next_sequence();
                self.enquiry = Some((sequence, now));
                self.write(Pdu::EnquireLink, pdu::OK, sequence);
            }
            _ => {}
        }
        None
    }

    /// When to look at the clock again, at the latest.
    fn wake(&self, slot: Option<Instant>) -> Instant {
        if let Some(until) = self.broken {
            return until;
        }
        let config = &self.shared.config;
        let enquiry = match self.enquiry {
            Some((_, asked)) => asked + config.enquire_time,
            None => self.heard + config.enquire_every,
        };
        let stalled = (!self.out.is_empty()).then(|| self.progress + config.response_time);
        let overdue = self.flights.oldest().map(|at| at + config.response_time);
        let drained = self.draining.map(|draining| draining.until);
        [slot, stalled, overdue, drained].into_iter().flatten().fold(enquiry, Instant::min)
    }

    /// Settles what was in flight: unknown if a single octet of it may have left, else it goes again.
    fn conclude(&mut self) {
        let mut desk = self.shared.desk();
        for flight in self.flights.take_all() {
            if flight.begins >= self.written {
                desk.put_back(flight.ticket);
            } else {
                count(&self.shared.counting.unknown);
                desk.settle(flight.ticket, PartOutcome::Unknown);
            }
        }
        drop(desk);
        self.show();
    }

    fn next_sequence(&mut self) -> u32 {
        // 1 to 0x7FFFFFFF (SMPP 3.4 §3.2); the window is far smaller than the circle.
        self.sequence = if self.sequence >= 0x7FFF_FFFF { 1 } else { self.sequence + 1 };
        self.sequence
    }

    fn write(&mut self, pdu: Pdu, status: u32, sequence: u32) {
        if self.broken.is_some() {
            return;
        }
        let before = self.out.len();
        if before == 0 {
            self.progress = Instant::now();
        }
        pdu::write(pdu, status, sequence, &mut self.out);
        self.gathered += (self.out.len() - before) as u64;
    }

    fn wire_took(&mut self, octets: u64) {
        self.written += octets;
        self.progress = Instant::now();
        self.unflushed = true;
    }

    fn wire_broke(&mut self, now: Instant) {
        self.broken = Some(now + GOODBYE);
        self.out.clear();
        self.unflushed = false;
    }

    fn show(&self) {
        if self.role.transmits() {
            self.shared.in_flight.store(self.flights.len(), Ordering::Relaxed);
            self.shared.pace.store(self.pace.share(), Ordering::Relaxed);
        }
    }
}
