//! One bound connection: what is written, read and waited for, in a single task, so that there is one order of things.
//!
//! Writing never waits for reading nor the other way round: what goes out is gathered and written when the wire takes it, and while too much is
//! gathered or too many deliveries are being kept, nothing more is read.

mod flight;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::BytesMut;
use futures::stream::{FuturesUnordered, StreamExt};
use rusmpp::Pdu;
use tokio::io::{AsyncReadExt, AsyncWriteExt, WriteHalf};
use tokio::sync::watch;
use tokio::time::Instant;

use super::connect::{Bound, Wire};
use super::delivery;
use super::handler::{Handler, Incoming, NotKept};
use super::link::Shared;
use super::message::{Class, PartOutcome};
use super::pace::Pace;
use super::pdu::{self, Frame, RESPONSE};
use super::state::count;
use crate::life::{Failure, Meaning, WRONG_BIND_STATE, meaning};
use flight::{Flights, Late};

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

/// Why no more is submitted.
#[derive(Clone, Copy, Debug)]
struct Draining {
    until: Instant,
    /// The SMSC's unbind that waits for its answer; `None` when it is us who leave.
    unbind: Option<u32>,
    /// Our last word has been said.
    said: bool,
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
        tokio::select! {
            read = reader.read_buf(&mut inbox), if may_read => {
                if !matches!(read, Ok(1..)) {
                    break if session.has_left() { Ending::Stopped } else { Ending::Lost };
                }
            }
            pushed = push(&mut writer, &mut session.out), if !session.out.is_empty() || session.unflushed => {
                match pushed {
                    Ok(octets @ 1..) => session.wire_took(octets as u64),
                    Ok(0) => session.unflushed = false,
                    Err(_) => break Ending::Lost,
                }
            }
            Some((to, result)) = deliveries.next(), if !deliveries.is_empty() => session.answer(to, result),
            () = shared.changed.notified(), if role.transmits() && session.draining.is_none() => {}
            // An error means that every handle is gone, which is a stop as well.
            _ = stop.changed(), if session.draining.is_none() => session.leave(Instant::now()),
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
        }
    }

    /// Reads what has come, as far as there is room to deal with it, and gathers what the handler has to keep.
    fn take_in(
        &mut self,
        inbox: &mut BytesMut,
        now: Instant,
        to_keep: &mut VecDeque<(ReplyTo, Incoming)>,
        most: usize,
    ) -> Result<(), Ending> {
        while to_keep.len() < most && self.out.len() < HIGH_WATER {
            let frame = pdu::take_frame(inbox, self.shared.config.largest_pdu).map_err(|_| Ending::Garbage)?;
            let Some(frame) = frame else { break };
            self.heard = now;
            match frame.id {
                pdu::DELIVER_SM | pdu::DATA_SM => {
                    let incoming = delivery::read(frame.id, &frame.body);
                    to_keep.push_back((Some((frame.id, frame.sequence)), incoming));
                }
                pdu::ENQUIRE_LINK => self.write(Pdu::EnquireLinkResp, pdu::OK, frame.sequence),
                pdu::UNBIND => self.peer_leaves(frame.sequence, now),
                pdu::GENERIC_NACK => to_keep.extend(self.answered(&frame, now)?),
                id if id == pdu::SUBMIT_SM | RESPONSE => to_keep.extend(self.answered(&frame, now)?),
                id if id == pdu::ENQUIRE_LINK | RESPONSE => self.enquiry_answered(frame.sequence),
                id if id == pdu::UNBIND | RESPONSE && self.has_left() => return Err(Ending::Stopped),
                // Notices that SMPP gives no answer to.
                pdu::ALERT_NOTIFICATION | pdu::OUTBIND => {}
                id if id & RESPONSE != 0 => count(&self.shared.counting.stray),
                _ => self.write(Pdu::GenericNack, pdu::UNKNOWN_COMMAND, frame.sequence),
            }
        }
        Ok(())
    }

    /// An answer to a part: taken, refused, too fast, or too late to matter for the outcome.
    fn answered(&mut self, frame: &Frame, now: Instant) -> Result<Option<(ReplyTo, Incoming)>, Ending> {
        if frame.id == pdu::GENERIC_NACK && self.enquiry.is_some_and(|(sequence, _)| sequence == frame.sequence) {
            // It does not know the question, but it is there.
            self.enquiry = None;
            return Ok(None);
        }
        let counting = &self.shared.counting;
        let meaning = match meaning(frame.status) {
            // "Not acknowledged, no error" is no acceptance.
            Meaning::Accepted if frame.id == pdu::GENERIC_NACK => Meaning::Refused(Failure::Technical),
            meaning => meaning,
        };
        let outcome = match meaning {
            Meaning::Accepted => PartOutcome::Accepted(pdu::message_id(&frame.body)),
            Meaning::Refused(failure) => PartOutcome::Refused { status: frame.status, failure },
            Meaning::SlowDown => PartOutcome::Refused { status: frame.status, failure: Failure::Temporary },
        };
        let Some(flight) = self.flights.answered(frame.sequence) else {
            let Some(Late { tag, part }) = self.flights.late(frame.sequence) else {
                count(&counting.stray);
                return Ok(None);
            };
            count(&counting.late);
            return Ok(Some((None, Incoming::Late { tag, part, outcome })));
        };
        if frame.status == WRONG_BIND_STATE {
            // Not taken, and nothing of ours will be until we bind again.
            self.shared.desk().put_back(flight.ticket);
            return Err(Ending::NotBound);
        }
        match meaning {
            Meaning::SlowDown => {
                count(&counting.too_fast);
                self.pace.slow_down(flight.at, now);
                self.shared.desk().put_back(flight.ticket);
            }
            Meaning::Accepted => {
                count(&counting.accepted);
                self.shared.desk().settle(flight.ticket, outcome);
            }
            Meaning::Refused(_) => {
                count(&counting.refused);
                self.shared.desk().settle(flight.ticket, outcome);
            }
        }
        Ok(None)
    }

    fn enquiry_answered(&mut self, sequence: u32) {
        match self.enquiry {
            Some((asked, _)) if asked == sequence => self.enquiry = None,
            _ => count(&self.shared.counting.stray),
        }
    }

    /// Tells the SMSC whether its delivery was kept.
    fn answer(&mut self, to: ReplyTo, result: Result<(), NotKept>) {
        let Some((command, sequence)) = to else {
            if result.is_err() {
                tracing::warn!(link = %self.shared.config.name, "a late answer was not kept; its message stays unknown");
            }
            return;
        };
        let counting = &self.shared.counting;
        count(if result.is_ok() { &counting.kept } else { &counting.not_kept });
        let status = if result.is_ok() { pdu::OK } else { pdu::SYSTEM_ERROR };
        self.write(pdu::delivery_response(command), status, sequence);
    }

    /// Writes what waits, as far as window and pace allow; gives the time of the next slot if something waits for one.
    fn submit(&mut self, now: Instant) -> Option<Instant> {
        let leaving = self.draining.is_some_and(|draining| draining.unbind.is_some() || draining.said);
        if !self.role.transmits() || leaving {
            return None;
        }
        let shared = self.shared;
        let window = usize::from(shared.config.window.get());
        // What goes unanswered keeps its place, so that a mute SMSC costs one window of messages and no more.
        while self.flights.len() + self.flights.unanswered() < window && self.out.len() < HIGH_WATER {
            // Bulk leaves the last place to a code.
            let bulk = window == 1 || self.flights.len() + self.flights.unanswered() + 1 < window;
            let mut desk = shared.desk();
            if desk.waiting(Class::Code) == 0 && (!bulk || desk.waiting(Class::Bulk) == 0) {
                return None;
            }
            if let Err(at) = self.pace.take(now) {
                return Some(at);
            }
            let wall = shared.clock.now();
            let Some(due) = desk.next(bulk, wall, now) else {
                self.pace.give_back();
                return None;
            };
            let submit = pdu::submit(due.message, due.part, shared.config.validity, wall);
            let ticket = due.ticket;
            let late = Late { tag: due.message.tag.clone(), part: ticket.part() };
            drop(desk);
            let sequence = self.next_sequence();
            self.flights.took_off(sequence, ticket, self.gathered, now, late);
            self.write(submit.into(), pdu::OK, sequence);
            count(&shared.counting.written);
        }
        None
    }

    /// What is overdue, and what is due to be asked.
    fn look_at_the_clock(&mut self, now: Instant) -> Option<Ending> {
        let config = &self.shared.config;
        for flight in self.flights.overdue(now, config.response_time) {
            count(&self.shared.counting.unknown);
            self.shared.desk().settle(flight.ticket, PartOutcome::Unknown);
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

    /// We leave: what has begun is finished first.
    fn leave(&mut self, now: Instant) {
        let until = now + self.shared.config.drain_time;
        self.draining = Some(Draining { until, unbind: None, said: false });
    }

    /// The SMSC leaves: what it still owes us it may answer first.
    fn peer_leaves(&mut self, sequence: u32, now: Instant) {
        let until = now + self.shared.config.drain_time;
        self.draining = Some(Draining { until, unbind: Some(sequence), said: false });
    }

    fn has_left(&self) -> bool {
        self.draining.is_some_and(|draining| draining.said && draining.unbind.is_none())
    }

    /// Says the last word when nothing is open any more or the time is up; gives the end when that has been said.
    fn drained(&mut self, deliveries_kept: bool, now: Instant) -> Option<Ending> {
        let draining = self.draining?;
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

    fn show(&self) {
        if self.role.transmits() {
            self.shared.in_flight.store(self.flights.len(), Ordering::Relaxed);
            self.shared.pace.store(self.pace.share(), Ordering::Relaxed);
        }
    }
}
