//! What waits for a slot of the link: codes before bulk, what the SMSC asked to repeat before what is new, parts of a message in their order. It
//! outlives connections, and gives every message its one outcome.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::time::Duration;

use straznica_types::Timestamp;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::message::{Class, Message, PartOutcome};
use crate::text::EncodedPart;

/// What a message comes to: the outcome of each part, and how long it waited.
pub(super) type Settled = (Vec<PartOutcome>, Option<Duration>);

/// One part of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    job: u64,
    part: usize,
}

impl Ticket {
    /// Which part of its message, from 0.
    pub(super) const fn part(self) -> usize {
        self.part
    }
}

/// How long a message waits for this link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Until it expires.
    ToTheEnd,
    /// Until the link is down or too fast while nothing of it is written: another link may be better.
    WhileFlowing,
}

#[derive(Debug)]
enum Part {
    Waiting,
    Written,
    Done(PartOutcome),
}

#[derive(Debug)]
struct Job {
    message: Message,
    encoded: Vec<EncodedPart>,
    parts: Vec<Part>,
    patience: Patience,
    since: Instant,
    waited: Option<Duration>,
    reply: oneshot::Sender<Settled>,
}

impl Job {
    fn untouched(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Waiting))
    }

    fn class(&self) -> Class {
        self.message.class
    }
}

/// A part to write.
#[derive(Debug)]
pub(super) struct Due<'a> {
    pub(super) ticket: Ticket,
    pub(super) message: &'a Message,
    pub(super) part: &'a EncodedPart,
}

/// The waiting parts of one class.
#[derive(Debug, Default)]
struct Queue {
    /// Refused as too fast, or written to no wire: first in line.
    returned: VecDeque<Ticket>,
    fresh: VecDeque<Ticket>,
    /// Those of both that are really waiting; tickets of settled parts are only dropped when their turn comes.
    waiting: usize,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Desk {
    jobs: BTreeMap<u64, Job>,
    codes: Queue,
    bulk: Queue,
    expiries: BinaryHeap<Reverse<(Timestamp, u64)>>,
    next_job: u64,
    closed: bool,
}

impl Desk {
    /// Takes a message in; the receiver gets its outcome.
    pub(super) fn add(
        &mut self,
        message: Message,
        encoded: Vec<EncodedPart>,
        patience: Patience,
        now: Instant,
    ) -> oneshot::Receiver<Settled> {
        let (reply, outcome) = oneshot::channel();
        let job = self.next_job;
        self.next_job += 1;
        let parts: Vec<Part> = encoded.iter().map(|_| Part::Waiting).collect();
        let (count, class) = (parts.len(), message.class);
        self.expiries.push(Reverse((message.expires, job)));
        self.jobs.insert(job, Job { message, encoded, parts, patience, since: now, waited: None, reply });
        if self.closed {
            // Counted in and out again, so that there is one way out.
            self.queue(class).waiting += count;
            self.give_up(job, &PartOutcome::NotSent);
            return outcome;
        }
        let queue = self.queue(class);
        queue.waiting += count;
        queue.fresh.extend((0..count).map(|part| Ticket { job, part }));
        outcome
    }

    /// Parts that wait, of this class.
    pub(super) fn waiting(&self, class: Class) -> usize {
        match class {
            Class::Code => self.codes.waiting,
            Class::Bulk => self.bulk.waiting,
        }
    }

    /// The part whose turn it is; it counts as written from now on. Bulk only where there is room for it.
    pub(super) fn next(&mut self, bulk: bool, wall: Timestamp, now: Instant) -> Option<Due<'_>> {
        let ticket = loop {
            let class = match (self.codes.waiting, self.bulk.waiting) {
                (1.., _) => Class::Code,
                (0, 1..) if bulk => Class::Bulk,
                _ => return None,
            };
            let queue = self.queue(class);
            let ticket = queue.returned.pop_front().or_else(|| queue.fresh.pop_front())?;
            let Some(job) = self.jobs.get(&ticket.job) else { continue };
            if !matches!(job.parts.get(ticket.part), Some(Part::Waiting)) {
                continue;
            }
            if job.message.expires <= wall {
                self.give_up(ticket.job, &PartOutcome::Expired);
            } else if job.reply.is_closed() && job.untouched() {
                // Whoever asked has gone away before anything was written.
                self.give_up(ticket.job, &PartOutcome::NotSent);
            } else {
                break ticket;
            }
        };
        let class = self.jobs.get(&ticket.job)?.class();
        self.queue(class).waiting -= 1;
        let job = self.jobs.get_mut(&ticket.job)?;
        *job.parts.get_mut(ticket.part)? = Part::Written;
        job.waited.get_or_insert_with(|| now.saturating_duration_since(job.since));
        Some(Due { ticket, message: &job.message, part: job.encoded.get(ticket.part)? })
    }

    /// A written part has its outcome. Unless it was accepted, the parts after it are not sent any more.
    pub(super) fn settle(&mut self, ticket: Ticket, outcome: PartOutcome) {
        let Some(job) = self.jobs.get_mut(&ticket.job) else { return };
        let accepted = matches!(outcome, PartOutcome::Accepted(_));
        if let Some(part @ Part::Written) = job.parts.get_mut(ticket.part) {
            *part = Part::Done(outcome);
        }
        if accepted { self.finish(ticket.job) } else { self.give_up(ticket.job, &PartOutcome::NotSent) }
    }

    /// A written part that the SMSC has not taken because it was too fast, or that never reached the wire: it goes again, before all that is new.
    pub(super) fn put_back(&mut self, ticket: Ticket) {
        let closed = self.closed;
        let Some(job) = self.jobs.get_mut(&ticket.job) else { return };
        let Some(part @ Part::Written) = job.parts.get_mut(ticket.part) else { return };
        *part = Part::Waiting;
        let class = job.class();
        let broken =
            job.parts.iter().any(|part| matches!(part, Part::Done(done) if !matches!(done, PartOutcome::Accepted(_))));
        let elsewhere = job.untouched() && (closed || job.patience == Patience::WhileFlowing);
        let queue = self.queue(class);
        queue.waiting += 1;
        queue.returned.push_back(ticket);
        if broken || elsewhere {
            self.give_up(ticket.job, &PartOutcome::NotSent);
        }
    }

    /// The caller's name for the message of a written part.
    pub(super) fn tag(&self, ticket: Ticket) -> Option<String> {
        self.jobs.get(&ticket.job).map(|job| job.message.tag.clone())
    }

    /// Gives up what has not been written in time.
    pub(super) fn expire(&mut self, wall: Timestamp) {
        while let Some(Reverse((expires, job))) = self.expiries.peek().copied()
            && expires <= wall
        {
            self.expiries.pop();
            self.give_up(job, &PartOutcome::Expired);
        }
    }

    /// The link is down: what may go elsewhere and is untouched is handed back.
    pub(super) fn link_down(&mut self) {
        self.hand_back(|job| job.patience == Patience::WhileFlowing);
    }

    /// The link is stopping: what is untouched is handed back, what has begun is finished, nothing more is taken in.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.hand_back(|_| true);
    }

    /// The link has stopped: nothing more is written.
    pub(super) fn abandon(&mut self) {
        let jobs: Vec<u64> = self.jobs.keys().copied().collect();
        for job in jobs {
            self.give_up(job, &PartOutcome::NotSent);
        }
    }

    fn hand_back(&mut self, which: impl Fn(&Job) -> bool) {
        let jobs: Vec<u64> =
            self.jobs.iter().filter(|(_, job)| job.untouched() && which(job)).map(|(job, _)| *job).collect();
        for job in jobs {
            self.give_up(job, &PartOutcome::NotSent);
        }
    }

    fn queue(&mut self, class: Class) -> &mut Queue {
        match class {
            Class::Code => &mut self.codes,
            Class::Bulk => &mut self.bulk,
        }
    }

    /// Settles every part that still waits.
    fn give_up(&mut self, job: u64, outcome: &PartOutcome) {
        let Some(found) = self.jobs.get_mut(&job) else { return };
        let class = found.class();
        let mut settled = 0;
        for part in found.parts.iter_mut().filter(|part| matches!(part, Part::Waiting)) {
            *part = Part::Done(outcome.clone());
            settled += 1;
        }
        let queue = self.queue(class);
        queue.waiting -= settled;
        if queue.waiting == 0 {
            // Only tickets of settled parts are left; a link that is down for long must not gather them.
            queue.returned.clear();
            queue.fresh.clear();
        }
        self.finish(job);
    }

    /// Tells the outcome once every part has one.
    fn finish(&mut self, job: u64) {
        let done = self.jobs.get(&job).is_some_and(|job| job.parts.iter().all(|part| matches!(part, Part::Done(_))));
        if !done {
            return;
        }
        let Some(job) = self.jobs.remove(&job) else { return };
        let outcomes = job
            .parts
            .into_iter()
            .map(|part| match part {
                Part::Done(outcome) => outcome,
                Part::Waiting | Part::Written => PartOutcome::Unknown,
            })
            .collect();
        // Nobody may be waiting any more; the outcome is then nobody's.
        let _gone = job.reply.send((outcomes, job.waited));
    }
}

#[cfg(test)]
mod tests {
    use straznica_types::Timestamp;

    use super::*;
    use crate::life::Failure;
    use crate::smpp::message::{Recipient, Sender};
    use crate::text::{ReferenceWidth, parts};

    const NOON: Timestamp = Timestamp::from_seconds(1_000);
    const LATER: Timestamp = Timestamp::from_seconds(2_000);
    const REFUSED: PartOutcome = PartOutcome::Refused { status: 0x0B, failure: Failure::Permanent };

    struct Bench {
        desk: Desk,
        start: Instant,
    }

    impl Bench {
        fn new() -> Self {
            Self { desk: Desk::default(), start: Instant::now() }
        }

        fn add(&mut self, tag: &str, class: Class, count: usize, patience: Patience) -> oneshot::Receiver<Settled> {
            let text = if count == 1 { "a".to_owned() } else { "a".repeat(153 * count) };
            let parts = parts(&text, ReferenceWidth::Eight).unwrap();
            let encoded = parts.encode(0);
            let message = Message {
                tag: tag.to_owned(),
                to: Recipient::new("48600100200").unwrap(),
                from: Sender::name("Straznica").unwrap(),
                parts,
                class,
                expires: LATER,
            };
            self.desk.add(message, encoded, patience, self.start)
        }

        /// The tag and part of what goes next, and its ticket.
        fn next(&mut self, bulk: bool) -> Option<(String, Ticket)> {
            let due = self.desk.next(bulk, NOON, self.start + Duration::from_secs(1))?;
            Some((format!("{}/{}", due.message.tag, due.ticket.part), due.ticket))
        }

        fn order(&mut self) -> Vec<String> {
            std::iter::from_fn(|| self.next(true)).map(|(what, _)| what).collect()
        }
    }

    fn outcome(receiver: &mut oneshot::Receiver<Settled>) -> Option<Vec<PartOutcome>> {
        receiver.try_recv().ok().map(|(parts, _)| parts)
    }

    #[tokio::test]
    async fn codes_go_before_bulk_and_parts_in_their_order() {
        let mut bench = Bench::new();
        let _b = bench.add("b", Class::Bulk, 2, Patience::ToTheEnd);
        let _c = bench.add("c", Class::Code, 1, Patience::ToTheEnd);
        let _d = bench.add("d", Class::Code, 1, Patience::ToTheEnd);
        assert_eq!((bench.desk.waiting(Class::Code), bench.desk.waiting(Class::Bulk)), (2, 2));
        assert_eq!(bench.order(), ["c/0", "d/0", "b/0", "b/1"]);
        assert_eq!((bench.desk.waiting(Class::Code), bench.desk.waiting(Class::Bulk)), (0, 0));
    }

    #[tokio::test]
    async fn bulk_waits_where_there_is_room_for_codes_only() {
        let mut bench = Bench::new();
        let _b = bench.add("b", Class::Bulk, 1, Patience::ToTheEnd);
        assert!(bench.next(false).is_none());
        let _c = bench.add("c", Class::Code, 1, Patience::ToTheEnd);
        assert_eq!(bench.next(false).unwrap().0, "c/0");
        assert_eq!(bench.next(true).unwrap().0, "b/0");
    }

    #[tokio::test]
    async fn what_was_too_fast_goes_again_before_what_is_new_and_in_order() {
        let mut bench = Bench::new();
        let _receivers: Vec<_> =
            ["a", "b", "c"].into_iter().map(|tag| bench.add(tag, Class::Bulk, 1, Patience::ToTheEnd)).collect();
        let (first, second) = (bench.next(true).unwrap().1, bench.next(true).unwrap().1);
        bench.desk.put_back(first);
        bench.desk.put_back(second);
        assert_eq!(bench.order(), ["a/0", "b/0", "c/0"]);
    }

    #[tokio::test]
    async fn an_outcome_comes_when_every_part_has_one() {
        let mut bench = Bench::new();
        let mut told = bench.add("a", Class::Bulk, 2, Patience::ToTheEnd);
        let (first, second) = (bench.next(true).unwrap().1, bench.next(true).unwrap().1);
        bench.desk.settle(second, PartOutcome::Accepted(None));
        assert_eq!(outcome(&mut told), None);
        bench.desk.settle(first, PartOutcome::Unknown);
        let (parts, waited) = told.try_recv().unwrap();
        assert_eq!(parts, [PartOutcome::Unknown, PartOutcome::Accepted(None)]);
        assert_eq!(waited, Some(Duration::from_secs(1)));
    }

    #[tokio::test]
    async fn after_a_refused_part_the_rest_is_not_sent_nor_sent_again() {
        let mut bench = Bench::new();
        let mut told = bench.add("a", Class::Bulk, 4, Patience::ToTheEnd);
        let [first, second, third] = [(); 3].map(|()| bench.next(true).unwrap().1);
        bench.desk.settle(second, REFUSED);
        assert_eq!(bench.order(), [""; 0]);
        bench.desk.put_back(third);
        assert_eq!(bench.order(), [""; 0]);
        bench.desk.settle(first, PartOutcome::Accepted(None));
        let expected = [PartOutcome::Accepted(None), REFUSED, PartOutcome::NotSent, PartOutcome::NotSent];
        assert_eq!(outcome(&mut told).unwrap(), expected);
        assert_eq!(bench.desk.waiting(Class::Bulk), 0);
    }

    #[tokio::test]
    async fn what_is_not_written_in_time_expires_with_or_without_a_link() {
        let mut bench = Bench::new();
        let mut by_sweep = bench.add("a", Class::Bulk, 1, Patience::ToTheEnd);
        bench.desk.expire(NOON);
        assert_eq!(outcome(&mut by_sweep), None);
        bench.desk.expire(LATER);
        assert_eq!(outcome(&mut by_sweep).unwrap(), [PartOutcome::Expired]);
        let mut by_turn = bench.add("b", Class::Code, 1, Patience::ToTheEnd);
        assert!(bench.desk.next(true, LATER, bench.start).is_none());
        assert_eq!(outcome(&mut by_turn).unwrap(), [PartOutcome::Expired]);
    }

    #[tokio::test]
    async fn a_written_part_does_not_expire() {
        let mut bench = Bench::new();
        let mut told = bench.add("a", Class::Code, 1, Patience::ToTheEnd);
        let ticket = bench.next(true).unwrap().1;
        bench.desk.expire(LATER);
        assert_eq!(outcome(&mut told), None);
        bench.desk.settle(ticket, PartOutcome::Accepted(None));
        assert_eq!(outcome(&mut told).unwrap(), [PartOutcome::Accepted(None)]);
    }

    #[tokio::test]
    async fn an_impatient_message_comes_back_untouched_from_a_link_that_is_down_or_too_fast() {
        let mut bench = Bench::new();
        let mut stays = bench.add("a", Class::Bulk, 1, Patience::ToTheEnd);
        let mut leaves = bench.add("b", Class::Bulk, 1, Patience::WhileFlowing);
        bench.desk.link_down();
        assert_eq!(outcome(&mut leaves).unwrap(), [PartOutcome::NotSent]);
        assert_eq!(outcome(&mut stays), None);
        let mut leaves = bench.add("c", Class::Code, 1, Patience::WhileFlowing);
        let ticket = bench.next(true).unwrap().1;
        bench.desk.put_back(ticket);
        assert_eq!(outcome(&mut leaves).unwrap(), [PartOutcome::NotSent]);
        // A part of it is accepted: it can go nowhere else.
        let mut begun = bench.add("d", Class::Code, 2, Patience::WhileFlowing);
        let (first, second) = (bench.next(true).unwrap().1, bench.next(true).unwrap().1);
        bench.desk.settle(first, PartOutcome::Accepted(None));
        bench.desk.put_back(second);
        bench.desk.link_down();
        assert_eq!(outcome(&mut begun), None);
        assert_eq!(bench.order(), ["d/1", "a/0"]);
    }

    #[tokio::test]
    async fn a_closed_desk_finishes_what_has_begun_and_takes_nothing_in() {
        let mut bench = Bench::new();
        let mut begun = bench.add("a", Class::Bulk, 2, Patience::ToTheEnd);
        let mut untouched = bench.add("b", Class::Bulk, 1, Patience::ToTheEnd);
        let first = bench.next(true).unwrap().1;
        bench.desk.close();
        assert_eq!(outcome(&mut untouched).unwrap(), [PartOutcome::NotSent]);
        let mut late = bench.add("c", Class::Code, 2, Patience::ToTheEnd);
        assert_eq!(outcome(&mut late).unwrap(), [PartOutcome::NotSent, PartOutcome::NotSent]);
        assert_eq!(bench.order(), ["a/1"]);
        bench.desk.settle(first, PartOutcome::Accepted(None));
        assert_eq!(outcome(&mut begun), None);
    }

    #[tokio::test]
    async fn nothing_is_written_for_a_caller_who_has_gone() {
        let mut bench = Bench::new();
        drop(bench.add("a", Class::Bulk, 1, Patience::ToTheEnd));
        assert!(bench.next(true).is_none());
        assert_eq!(bench.desk.waiting(Class::Bulk), 0);
    }
}
