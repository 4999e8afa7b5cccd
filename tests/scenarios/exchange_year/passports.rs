//! Documents of a state, and which certificates opened them. Every kind is a passport to the chip; what guards its fingerprints differs.

use std::collections::{BTreeMap, BTreeSet};

use straznica_simulators::chip::Chip;
use straznica_simulators::partner_state::PartnerState;
use straznica_tests::{Lane, Opened, Shut};
use time::Date;

use super::plan::StatePlan;

/// Who reads which kind of document of whom, as indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reading {
    pub(super) reader: usize,
    pub(super) issuer: usize,
    pub(super) document: usize,
}

/// Which passport was put on the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passport {
    /// Issued the same day: it trusts the newest root.
    Today,
    /// Issued on day 0 and read every day: what it trusts has moved on since.
    Travelled,
    /// Issued on day 0 and never read before: it trusts the first root and knows no later day.
    Kept,
}

/// What became of one passport on a reader.
pub(super) type Outcome = (Passport, Result<Opened, Shut>);

/// Passports of a state, or its documents of another kind.
pub(super) struct Passports {
    country: String,
    office: PartnerState,
    issued: u32,
    today: Option<Chip>,
    /// By the state that reads it.
    travelled: BTreeMap<usize, Chip>,
    kept: BTreeMap<usize, Chip>,
}

impl Passports {
    /// The office that issues them, founded on `day`.
    pub(super) fn of(state: &StatePlan, day: Date) -> Self {
        let documents = emrtd::builder::State::new(&state.country, &state.icao, &state.name);
        let office = PartnerState::found(documents, day).unwrap();
        let country = state.country.clone();
        Self { country, office, issued: 0, today: None, travelled: BTreeMap::new(), kept: BTreeMap::new() }
    }

    /// From now on passports trust the newest of these roots, oldest first.
    pub(super) fn trust(&mut self, roots: Vec<Vec<u8>>) {
        self.office.entrust(roots);
    }

    /// Issues those of day 0, for each state that will read them.
    pub(super) fn issue_first(&mut self, readers: impl Iterator<Item = usize>, day: Date) {
        for reader in readers {
            let (travelled, kept) = (self.issue(day), self.issue(day));
            self.travelled.insert(reader, travelled);
            self.kept.insert(reader, kept);
        }
    }

    /// Issues the one of today.
    pub(super) fn issue_of(&mut self, today: Date) {
        self.today = Some(self.issue(today));
    }

    fn issue(&mut self, day: Date) -> Chip {
        self.issued += 1;
        self.office.passport(&format!("{}{:07}", self.country, self.issued), day).unwrap()
    }

    /// Puts today's passport and the travelled one of `reader` on its lane.
    pub(super) async fn open(&mut self, reader: usize, lane: &mut Lane) -> [Outcome; 2] {
        let (today, travelled) = (self.today.as_mut().unwrap(), self.travelled.get_mut(&reader).unwrap());
        [(Passport::Today, lane.open(today).await), (Passport::Travelled, lane.open(travelled).await)]
    }

    /// Puts the passport of day 0 that was kept in a drawer on the lane of `reader`.
    pub(super) async fn open_kept(&mut self, reader: usize, lane: &mut Lane) -> Outcome {
        (Passport::Kept, lane.open(self.kept.get_mut(&reader).unwrap()).await)
    }
}

/// Certificates that opened documents, by who reads which of whom.
#[derive(Default)]
pub(super) struct Openings {
    verifiers: BTreeMap<Reading, BTreeSet<String>>,
    systems: BTreeMap<Reading, BTreeSet<String>>,
    passports: usize,
    /// Verifiers that were found compromised.
    pub(super) compromised: BTreeSet<String>,
}

impl Openings {
    /// A passport was opened: never with a verifier known to be compromised.
    pub(super) fn note(&mut self, reading: Reading, opened: Opened) {
        assert!(!self.compromised.contains(&opened.verifier), "{opened:?} is compromised");
        self.verifiers.entry(reading).or_default().insert(opened.verifier);
        self.systems.entry(reading).or_default().insert(opened.system);
        self.passports += 1;
    }

    /// Passports opened.
    pub(super) fn passports(&self) -> usize {
        self.passports
    }

    /// Whether a verifier has opened a passport.
    pub(super) fn has_used(&self, verifier: &str) -> bool {
        self.verifiers.values().any(|used| used.contains(verifier))
    }

    /// Renewals of verifiers and of inspection systems that proved themselves on a document: all but the first of each reading.
    pub(super) fn renewals(&self) -> (usize, usize) {
        let renewed = |held: &BTreeMap<_, BTreeSet<String>>| held.values().map(|held| held.len() - 1).sum();
        (renewed(&self.verifiers), renewed(&self.systems))
    }
}
