//! Another state's SPOC, complete and in memory: it issues, answers, delivers and asks as the standards have it, and does wrong on command.
//!
//! It stands behind the same servers as a real node ([`Application`], [`Admission`]) and sends through the same clients; [`station`] gives it a port. Told to misbehave
//! ([`SpocPartner::misbehave`]), it does so in one way and is otherwise proper. Two kinds of tests need that: those of a node, which must take none of
//! it and recover, and those of the conformance kit, in which each case has to catch the fault it is for.
//!
//! It borrows no rule from the node: it has its own reading of TR-03139 table 2.

mod admission;
mod answering;
mod forge;
mod inbound;
mod judging;
mod mischief;
mod neighbour;
mod receiving;
pub mod station;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cvc::{Algorithm, StandardisedCurve};
use exchange::Country;
use exchange::code::{SendCertificatesCode, StatusInfo};
use exchange::message::{Answer, Message, SendCertificates};
use straznica_exchange_wire::client::PartnerClient;
use straznica_types::SharedClock;
use time::Date;

pub use admission::Lists;
pub use mischief::Mischief;
pub use neighbour::{Approval, Neighbour, RegistrationError};

use crate::partner_state::PartnerError;
use crate::partner_state::access::AccessAuthority;

/// The partner.
pub struct SpocPartner {
    country: Country,
    clock: SharedClock,
    lists: Arc<dyn Lists>,
    state: Mutex<State>,
    wrongs: Mutex<Wrongs>,
}

/// What it knows and has done.
pub(crate) struct State {
    country: Country,
    access: AccessAuthority,
    neighbours: BTreeMap<Country, Neighbour>,
    /// Messages answered, by caller and id.
    answered: HashMap<(Country, String), (Message, Answer)>,
    /// Requests that wait for people.
    waiting: Vec<Waiting>,
    /// What is to be delivered.
    outgoing: Vec<Delivery>,
    /// Ids of its own messages that await an answer, by whom they were sent to.
    asked: HashSet<(Country, String)>,
    /// Everything that was delivered to it.
    received: Vec<SendCertificates>,
}

impl State {
    /// Puts something on its way.
    fn dispatch(
        &mut self,
        to: Country,
        message_id: Option<String>,
        status_info: StatusInfo,
        certificates: Vec<Vec<u8>>,
    ) {
        let caller_id = self.country.to_string();
        let message = SendCertificates { caller_id, message_id, certificates, status_info };
        self.outgoing.push(Delivery { to, message, attempts: 0 });
    }
}

/// A request that was acknowledged.
struct Waiting {
    caller: Country,
    message_id: String,
    request: Vec<u8>,
}

/// Something on its way to a neighbour.
#[derive(Clone, Debug)]
struct Delivery {
    to: Country,
    message: SendCertificates,
    attempts: u32,
}

/// What it was told to do wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wrongs(Vec<Mischief>);

impl Wrongs {
    fn has(&self, one: Mischief) -> bool {
        self.0.contains(&one)
    }

    fn forgives(&self, code: &str) -> bool {
        self.0.iter().any(|one| matches!(one, Mischief::Forgives(forgiven) if *forgiven == code))
    }
}

/// What an officer of the partner decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The request is granted, if it still holds up.
    Approve,
    /// It is not.
    Decline,
}

impl SpocPartner {
    /// A SPOC whose CVCA was founded on that day. `lists` brings the revocation lists of its neighbours.
    ///
    /// # Errors
    /// [`PartnerError`]
    pub fn found(
        country: Country,
        clock: SharedClock,
        lists: Arc<dyn Lists>,
        founded_on: Date,
    ) -> Result<Self, PartnerError> {
        let state = State {
            country,
            access: AccessAuthority::found(country.as_str(), "CVCASIM", founded_on)?,
            neighbours: BTreeMap::new(),
            answered: HashMap::new(),
            waiting: Vec::new(),
            outgoing: Vec::new(),
            asked: HashSet::new(),
            received: Vec::new(),
        };
        Ok(Self { country, clock, lists, state: Mutex::new(state), wrongs: Mutex::default() })
    }

    /// Whether it was told to do this wrong.
    pub(crate) fn does(&self, wrong: Mischief) -> bool {
        self.wrongs().has(wrong)
    }

    /// Registers another state.
    pub fn register(&self, neighbour: Neighbour) {
        self.state().neighbours.insert(neighbour.registration.country, neighbour);
    }

    /// From now on does this wrong and nothing else; nothing at all for an empty slice.
    pub fn misbehave(&self, wrongs: &[Mischief]) {
        *self.wrongs.lock().unwrap_or_else(PoisonError::into_inner) = Wrongs(wrongs.to_vec());
    }

    /// Its CVCA, to be renewed or looked at.
    pub fn with_authority<T>(&self, with: impl FnOnce(&mut AccessAuthority) -> T) -> T {
        with(&mut self.state().access)
    }

    /// Gives its CVCA a new key on P-256, and has every neighbour told.
    ///
    /// # Errors
    /// [`PartnerError`]
    pub fn roll_over(&self) -> Result<(), PartnerError> {
        let (wrongs, today) = (self.wrongs(), self.today());
        let mut state = self.state();
        let (algorithm, curve) = (Algorithm::EcdsaSha256, StandardisedCurve::P256);
        state.access.renew(algorithm, curve, today)?;
        if wrongs.has(Mischief::TellsNobody) {
            return Ok(());
        }
        let certificates = state.authorities(&wrongs)?;
        let neighbours: Vec<Country> = state.neighbours.keys().copied().collect();
        for country in neighbours {
            state.dispatch(country, None, StatusInfo::NewCertAvailableNotification, certificates.clone());
        }
        Ok(())
    }

    /// Notes that a message was sent to a neighbour and awaits an answer.
    pub fn expects(&self, of: Country, message_id: &str) {
        self.state().asked.insert((of, message_id.to_owned()));
    }

    /// What was delivered to it.
    #[must_use]
    pub fn received(&self) -> Vec<SendCertificates> {
        self.state().received.clone()
    }

    /// How many certificates it issued.
    #[must_use]
    pub fn issued(&self) -> usize {
        self.state().access.issued().len()
    }

    /// People decide on a request that waits; false where none waits under this id.
    pub fn decide(&self, caller: Country, message_id: &str, decision: Decision) -> bool {
        let (wrongs, today) = (self.wrongs(), self.today());
        let mut state = self.state();
        let found = |waiting: &Waiting| waiting.caller == caller && waiting.message_id == message_id;
        let Some(at) = state.waiting.iter().position(found) else { return false };
        let waiting = state.waiting.remove(at);
        let (status_info, certificates) = state.end(&waiting, decision, today, &wrongs);
        let id = match wrongs.has(Mischief::AnswersUnderAnotherId) {
            true => format!("{message_id}-other"),
            false => message_id.to_owned(),
        };
        state.dispatch(caller, Some(id), status_info, certificates);
        true
    }

    /// Sends this to a neighbour with what else is to be delivered.
    pub fn enqueue(&self, to: Country, message: SendCertificates) {
        self.state().outgoing.push(Delivery { to, message, attempts: 0 });
    }

    /// Tries once to deliver everything that is on its way to a neighbour; what is not received stays. Returns how much is left.
    pub async fn deliver(&self, to: Country, client: &dyn PartnerClient) -> usize {
        let wrongs = self.wrongs();
        let mine: Vec<Delivery> = {
            let mut state = self.state();
            let (mine, others) = state.outgoing.drain(..).partition(|delivery| delivery.to == to);
            state.outgoing = others;
            mine
        };
        let mut left = Vec::new();
        for mut delivery in mine {
            let message = self.as_delivered(&delivery, &wrongs);
            delivery.attempts += 1;
            let answer = client.send(&Message::SendCertificates(message)).await;
            let taken = matches!(answer, Ok(Answer::SendCertificates(SendCertificatesCode::OkReceivedCorrectly)));
            let again = taken && wrongs.has(Mischief::DeliversAnotherAgain) && delivery.attempts == 1;
            if (!taken && !wrongs.has(Mischief::DeliversOnce)) || again {
                left.push(delivery);
            }
        }
        let mut state = self.state();
        state.outgoing.extend(left);
        state.outgoing.iter().filter(|delivery| delivery.to == to).count()
    }

    /// What goes over the line at this attempt.
    fn as_delivered(&self, delivery: &Delivery, wrongs: &Wrongs) -> SendCertificates {
        let changes = wrongs.has(Mischief::ChangesItsDelivery) || wrongs.has(Mischief::DeliversAnotherAgain);
        if delivery.attempts == 0 || !changes {
            return delivery.message.clone();
        }
        let certificates = self.state().access.certificates();
        SendCertificates { certificates, status_info: StatusInfo::OkCertAvailable, ..delivery.message.clone() }
    }

    fn today(&self) -> Date {
        let days = i32::try_from(self.clock.now().date().days_since_epoch()).unwrap_or(i32::MAX);
        // 1970-01-01 is Julian day 2 440 588
        Date::from_julian_day(days.saturating_add(2_440_588)).unwrap_or(Date::MAX)
    }

    fn wrongs(&self) -> Wrongs {
        self.wrongs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// States it knows.
    #[must_use]
    pub fn neighbours(&self) -> BTreeSet<Country> {
        self.state().neighbours.keys().copied().collect()
    }
}

impl std::fmt::Debug for SpocPartner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpocPartner").field("country", &self.country).finish_non_exhaustive()
    }
}
