//! A consultation network that delays, loses, repeats and reorders, and the states behind it.
//!
//! It is an adapter of `straznica.consultation.v1`, served by whoever starts it. What the network does to a message follows from a seed ([`Weather`]); what a state answers
//! follows from the number of what it is asked ([`habit`]): some object, some do not, some are silent. Every state notifies each delivery, every time, and sends its
//! own forms again until they are notified, as the real ones have to. Forms are written and read by rules of this module's own, so that it finds out what the suite gets wrong.
//! It remembers what reached whom, and what came of it, so that a test can count.

mod form;
mod weather;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use straznica_contracts::consultation::v1::consultation_network_server::{
    ConsultationNetwork, ConsultationNetworkServer,
};
use straznica_contracts::consultation::v1::{
    CollectRequest, CollectResponse, Collected, Envelope, SubmitRequest, SubmitResponse,
};
use straznica_types::{SharedClock, Timestamp};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

pub use form::Written;
use weather::Chance;
pub use weather::Weather;

const RETRY: Duration = Duration::from_secs(6 * 3_600);
const HOUR: u64 = 3_600;

/// What a state does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Replies after so many hours.
    Replies {
        /// Whether it objects.
        objects: bool,
        /// How long it takes.
        hours: u64,
    },
    /// Never replies.
    Silent,
}

/// What a state does with the request of this number: of five, one is silent, one objects, three do not.
#[must_use]
pub fn habit(reference: &str) -> Habit {
    let mixed =
        Chance::new(reference.bytes().fold(7, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))).next();
    // Up to eight days: some are late.
    let hours = (mixed >> 8) % (8 * 24);
    match mixed % 5 {
        0 => Habit::Silent,
        1 => Habit::Replies { objects: true, hours },
        _ => Habit::Replies { objects: false, hours },
    }
}

/// The network with the states behind it.
pub struct ConsultationNetworkSimulator {
    home: String,
    clock: SharedClock,
    state: Mutex<World>,
}

struct World {
    weather: Weather,
    chance: Chance,
    events: BTreeMap<(Timestamp, u64), Event>,
    made: u64,
    inbox: Vec<Envelope>,
    /// Forms of states that were not notified yet, by state and unifier.
    unnotified: BTreeMap<(String, String), Written>,
    /// Forms of ours, by receiver and unifier: how often each arrived.
    arrived: BTreeMap<(String, String), u32>,
    /// Replies of ours to requests of states: number and whether they object.
    answers: Vec<(String, String, bool)>,
    down: bool,
}

enum Event {
    Arrives { from: String, to: String, written: Written },
    SendsAgain { state: String, unifier: String },
    Makes { state: String, written: Written },
}

impl ConsultationNetworkSimulator {
    /// A network in which the suite is the state `home`.
    #[must_use]
    pub fn new(home: &str, weather: Weather, clock: SharedClock) -> Arc<Self> {
        let world = World {
            chance: Chance::new(weather.seed),
            weather,
            events: BTreeMap::new(),
            made: 0,
            inbox: Vec::new(),
            unnotified: BTreeMap::new(),
            arrived: BTreeMap::new(),
            answers: Vec::new(),
            down: false,
        };
        Arc::new(Self { home: home.to_owned(), clock, state: Mutex::new(world) })
    }

    /// Name of the service, as its certificate has it.
    #[must_use]
    pub const fn service(&self) -> &'static str {
        "consultation-vismail"
    }

    /// What to serve.
    #[must_use]
    pub fn routes(self: &Arc<Self>) -> Routes {
        Routes::new(ConsultationNetworkServer::from_arc(self.clone()))
    }

    /// From now on the network is like this.
    pub fn change(&self, weather: Weather) {
        self.world().weather = weather;
    }

    /// Takes the network down, or brings it back: nothing is taken or given.
    pub fn cut(&self, down: bool) {
        self.world().down = down;
    }

    /// A state sends a form now, and again until it is notified.
    pub fn sends(&self, state: &str, written: Written) {
        let now = self.clock.now();
        let mut world = self.world();
        world.catch_up(now, &self.home);
        world.makes(state, written, now, &self.home);
    }

    /// A message comes from a state as it is, once, form or not.
    pub fn delivers(&self, state: &str, subject: &str, body: &str) {
        let mut world = self.world();
        let envelope = envelope(state, &self.home, &Written { subject: subject.to_owned(), body: body.to_owned() });
        world.inbox.push(envelope);
    }

    /// Forms of states the suite has not notified yet.
    #[must_use]
    pub fn unnotified(&self) -> usize {
        self.caught_up().unnotified.len()
    }

    /// How often each form of ours arrived, by receiver and unifier.
    #[must_use]
    pub fn arrived(&self) -> BTreeMap<(String, String), u32> {
        self.caught_up().arrived.clone()
    }

    /// What the suite answered states: state, number, whether it objects; each once.
    #[must_use]
    pub fn answers(&self) -> Vec<(String, String, bool)> {
        self.caught_up().answers.clone()
    }

    fn caught_up(&self) -> MutexGuard<'_, World> {
        let now = self.clock.now();
        let mut world = self.world();
        world.catch_up(now, &self.home);
        world
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World {
    /// Lets everything happen that happens by now, in its order.
    fn catch_up(&mut self, now: Timestamp, home: &str) {
        while let Some(entry) = self.events.first_entry() {
            let (at, _) = *entry.key();
            if at > now {
                return;
            }
            match entry.remove() {
                Event::Arrives { from, to, written } if to == home => self.inbox.push(envelope(&from, &to, &written)),
                Event::Arrives { to, written, .. } => self.reaches(&to, &written, at, home),
                Event::SendsAgain { state, unifier } => {
                    if let Some(written) = self.unnotified.get(&(state.clone(), unifier.clone())).cloned() {
                        self.carry(&state, home, &written, at);
                        self.later(at + RETRY, Event::SendsAgain { state, unifier });
                    }
                }
                Event::Makes { state, written } => self.makes(&state, written, at, home),
            }
        }
    }

    fn later(&mut self, at: Timestamp, event: Event) {
        self.made += 1;
        self.events.insert((at, self.made), event);
    }

    /// Takes a message into the network, which does with it what the weather is like.
    fn carry(&mut self, from: &str, to: &str, written: &Written, at: Timestamp) {
        let copies = self.weather.copies(&mut self.chance);
        for _ in 0..copies {
            let arrival = at + self.weather.delay(&mut self.chance);
            let (from, to, written) = (from.to_owned(), to.to_owned(), written.clone());
            self.later(arrival, Event::Arrives { from, to, written });
        }
    }

    /// A state sends a form of its own.
    fn makes(&mut self, state: &str, written: Written, at: Timestamp, home: &str) {
        let unifier = written.unifier().unwrap_or_default().to_owned();
        self.carry(state, home, &written, at);
        self.unnotified.insert((state.to_owned(), unifier.clone()), written);
        self.later(at + RETRY, Event::SendsAgain { state: state.to_owned(), unifier });
    }

    /// A form of ours reaches a state.
    fn reaches(&mut self, state: &str, written: &Written, at: Timestamp, home: &str) {
        let Some(unifier) = written.unifier().map(ToOwned::to_owned) else { return };
        if written.letter() == Some('R') {
            self.unnotified.remove(&(state.to_owned(), unifier));
            return;
        }
        self.carry(state, home, &Written::notification(&unifier), at);
        let times = self.arrived.entry((state.to_owned(), unifier)).or_default();
        *times += 1;
        if *times > 1 {
            return;
        }
        let reference = written.heading(1).unwrap_or_default().to_owned();
        match written.letter() {
            Some('A') => {
                if let Habit::Replies { objects, hours } = habit(&reference) {
                    let replied = at + Duration::from_secs(hours * HOUR);
                    let reply = Written::reply(state, &reference, objects, replied);
                    self.later(replied, Event::Makes { state: state.to_owned(), written: reply });
                }
            }
            Some('B') => self.answers.push((state.to_owned(), reference, written.heading(41) == Some("1"))),
            _ => {}
        }
    }
}

fn envelope(from: &str, to: &str, written: &Written) -> Envelope {
    let mut envelope = Envelope::default();
    envelope.from = from.to_owned();
    envelope.to = to.to_owned();
    envelope.subject.clone_from(&written.subject);
    envelope.body.clone_from(&written.body);
    envelope
}

#[tonic::async_trait]
impl ConsultationNetwork for ConsultationNetworkSimulator {
    async fn submit(&self, request: Request<SubmitRequest>) -> Result<Response<SubmitResponse>, Status> {
        let envelope = request.into_inner().envelope.ok_or_else(|| Status::invalid_argument("no envelope"))?;
        let mut world = self.caught_up();
        if world.down {
            return Err(Status::unavailable("the network is down"));
        }
        if envelope.from != self.home {
            return Err(Status::permission_denied("sent as another state"));
        }
        let written = Written { subject: envelope.subject.clone(), body: envelope.body.clone() };
        world.carry(&self.home, &envelope.to, &written, self.clock.now());
        Ok(Response::new(SubmitResponse {}))
    }

    async fn collect(&self, request: Request<CollectRequest>) -> Result<Response<CollectResponse>, Status> {
        let request = request.into_inner();
        let world = self.caught_up();
        if world.down {
            return Err(Status::unavailable("the network is down"));
        }
        let after = usize::try_from(request.after).unwrap_or(usize::MAX);
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let messages = world.inbox.iter().zip(1_u64..).skip(after).take(limit);
        let messages =
            messages.map(|(envelope, position)| Collected { position, envelope: Some(envelope.clone()) }).collect();
        Ok(Response::new(CollectResponse { messages }))
    }
}

#[cfg(test)]
mod tests;
