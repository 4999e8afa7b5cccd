//! One transaction of news: first the outcomes, then the receipts, which may be about parts the outcomes have just named.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use sea_orm::DatabaseTransaction;
use sms::life::State;
use sms::receipt::{MessageId as Reference, Resolution, resolve};
use sms::smpp::{Outcome, PartOutcome};
use straznica_types::Timestamp;

use super::recorder::ParkedReceipt;
use super::{Kept, MessageState, Moved, News, Pending, Reporter};
use crate::domain::{MessageId, ReceiptId};
use crate::error::DispatchError;
use crate::store::{
    Parked, Part, any_parked, find_named_parts, find_parked, find_parts, insert_parts, move_messages, move_parts,
    name_part, park, parts_of, postpone_messages, unpark,
};

/// Longest error code of an operator that is kept.
const LONGEST_ERROR: usize = 8;
/// After so long a receipt that names a part that ended, and no other, is one that came before.
const DOUBLED_AFTER: Duration = Duration::from_secs(30);

/// Writes news; tells what came of each.
pub(super) async fn write(
    tx: &DatabaseTransaction,
    reporter: &dyn Reporter,
    news: &[News],
    now: Timestamp,
    due_at: Timestamp,
) -> Result<Vec<Kept>, DispatchError> {
    let mut kept = vec![Kept::Written; news.len()];
    let mut moved = Vec::new();
    let mut readings = Readings::gather(news, now);
    let mut fresh = Fresh::gather(news);
    postpone_messages(tx, &fresh.again, due_at).await?;
    readings.apply_to_fresh(&mut fresh.parts);
    fresh.take_up_parked(tx).await?;
    insert_parts(tx, &fresh.parts, now).await?;
    moved.extend(fresh.settle(tx, now).await?);

    let mut changes = Changes::default();
    for (at, one) in news.iter().enumerate() {
        if let News::Late { message, part, outcome, .. } = one
            && let Some(slot) = kept.get_mut(at)
        {
            *slot = changes.late(tx, *message, *part, outcome).await?;
        }
    }
    for (at, outcome) in readings.resolve(tx, &mut changes, now).await? {
        if let Some(slot) = kept.get_mut(at) {
            *slot = outcome;
        }
    }
    moved.extend(changes.write(tx, now).await?);
    park(tx, &readings.to_park).await?;
    unpark(tx, &readings.to_unpark).await?;
    if !moved.is_empty() {
        reporter.moved(tx, &moved).await?;
    }
    Ok(kept)
}

/// Outcomes of messages, and the parts they bring.
#[derive(Default)]
struct Fresh {
    parts: Vec<Part>,
    /// Messages with the state their outcome says.
    ended: Vec<(Pending, MessageState)>,
    /// What may be handed over again.
    again: Vec<MessageId>,
}

impl Fresh {
    fn gather(news: &[News]) -> Self {
        let mut fresh = Self::default();
        for one in news {
            match one {
                News::Outcome { message, outcome, .. } if outcome.may_go_again() => fresh.again.push(message.id),
                News::Outcome { message, channel, outcome } => {
                    fresh.parts.extend(parts(*message, channel, outcome));
                    let state = outcome.state().unwrap_or(State::Unknown);
                    fresh.ended.push((*message, MessageState::Life(state)));
                }
                News::Ended(message, state) => fresh.ended.push((*message, *state)),
                News::Later(message) => fresh.again.push(message.id),
                News::Receipt { .. } | News::Late { .. } | News::Parked(_) => {}
            }
        }
        fresh
    }

    /// Receipts that overtook the answers.
    async fn take_up_parked(&mut self, tx: &DatabaseTransaction) -> Result<(), DispatchError> {
        if self.parts.is_empty() || !any_parked(tx).await? {
            return Ok(());
        }
        let mut taken_up = Vec::new();
        let operators: BTreeSet<String> = self.parts.iter().map(|part| part.operator.clone()).collect();
        for operator in operators {
            let references: Vec<&Reference> = self
                .parts
                .iter()
                .filter(|part| part.operator == operator)
                .filter_map(|part| part.reference.as_ref())
                .collect();
            for parked in find_parked(tx, &operator, &references).await? {
                let candidates = self.parts.iter_mut().filter(|part| part.operator == operator);
                let candidates =
                    candidates.filter_map(|part| part.reference.clone().map(|reference| (reference, part)));
                if let Resolution::One(part) = resolve(&parked.reference, candidates) {
                    advance(part, parked.state, parked.error.as_deref());
                    taken_up.push(parked.id);
                }
            }
        }
        unpark(tx, &taken_up).await?;
        Ok(())
    }

    /// Writes the states of messages; tells which have moved.
    async fn settle(&self, tx: &DatabaseTransaction, now: Timestamp) -> Result<Vec<Moved>, DispatchError> {
        let mut of_parts: HashMap<MessageId, Vec<State>> = HashMap::new();
        for part in &self.parts {
            of_parts.entry(part.message).or_default().push(part.state);
        }
        let wanted = self.ended.iter().map(|(message, state)| {
            let parts = of_parts.get(&message.id).and_then(|states| State::of_parts(states.iter().copied()));
            let state = match (state, parts) {
                (MessageState::Life(state), Some(parts)) => MessageState::Life(state.after(parts)),
                (state, _) => *state,
            };
            (message.id, state)
        });
        move_all(tx, wanted, now).await
    }
}

/// Moves messages to states, and tells which have moved: those that were not there, and may follow.
async fn move_all(
    tx: &DatabaseTransaction,
    wanted: impl Iterator<Item = (MessageId, MessageState)>,
    now: Timestamp,
) -> Result<Vec<Moved>, DispatchError> {
    let mut by_state: HashMap<MessageState, Vec<MessageId>> = HashMap::new();
    for (message, state) in wanted {
        by_state.entry(state).or_default().push(message);
    }
    let mut moved = Vec::new();
    for (state, messages) in by_state {
        let those = move_messages(tx, &messages, state, now).await?;
        moved.extend(those.into_iter().map(|message| Moved { message, state }));
    }
    Ok(moved)
}

fn parts(message: Pending, channel: &str, outcome: &Outcome) -> Vec<Part> {
    let operator = outcome.link.as_ref().map_or(channel, |link| link.as_str());
    let count = u32::try_from(outcome.parts.len()).unwrap_or(u32::MAX);
    let part = |(number, answer): (u32, &PartOutcome)| {
        let (state, reference, error) = match answer {
            PartOutcome::Accepted(reference) => (State::Accepted, reference.clone(), None),
            PartOutcome::Refused { status, failure } => (State::Failed(*failure), None, Some(format!("{status:#06x}"))),
            PartOutcome::Expired => (State::Expired, None, None),
            PartOutcome::Unknown => (State::Unknown, None, None),
            // The one before it was not taken: it has never left, and the message is not whole.
            PartOutcome::NotSent => (State::Queued, None, None),
        };
        Part { message: message.id, part: number, parts: count, operator: operator.to_owned(), reference, state, error }
    };
    (0..).zip(&outcome.parts).map(part).collect()
}

/// Moves a part forward.
fn advance(part: &mut Part, to: State, error: Option<&str>) -> bool {
    let forward = part.state.may_become(to);
    if forward {
        part.state = to;
        part.error = error.map(str::to_owned);
    }
    forward
}

/// A receipt to be matched.
struct Reading {
    /// Where its news is.
    at: usize,
    /// Where it was parked.
    parked: Option<ReceiptId>,
    receipt: Parked,
}

#[derive(Default)]
struct Readings {
    open: Vec<Reading>,
    to_park: Vec<Parked>,
    to_unpark: Vec<ReceiptId>,
}

impl Readings {
    fn gather(news: &[News], now: Timestamp) -> Self {
        let mut readings = Self::default();
        for (at, one) in news.iter().enumerate() {
            match one {
                News::Receipt { operator, receipt } => readings.open.push(Reading {
                    at,
                    parked: None,
                    receipt: Parked {
                        id: ReceiptId::generate_at(now),
                        operator: operator.clone(),
                        reference: receipt.id.clone(),
                        state: receipt.state.state(),
                        // A code, not a text: operators have their own, and no more of what they write is kept.
                        error: receipt.error.as_ref().map(|error| error.chars().take(LONGEST_ERROR).collect()),
                        received_at: now,
                    },
                }),
                News::Parked(ParkedReceipt(parked)) => {
                    readings.open.push(Reading { at, parked: Some(parked.id), receipt: parked.clone() });
                }
                _ => {}
            }
        }
        readings
    }

    /// Those that name a part of this very transaction as it was named need not be looked for.
    fn apply_to_fresh(&mut self, parts: &mut [Part]) {
        let mut by_name: HashMap<(String, String), Vec<usize>> = HashMap::new();
        for (at, part) in parts.iter().enumerate() {
            if let Some(reference) = &part.reference {
                by_name.entry((part.operator.clone(), reference.to_string())).or_default().push(at);
            }
        }
        let unpark = &mut self.to_unpark;
        self.open.retain(|reading| {
            let receipt = &reading.receipt;
            let named = by_name.get(&(receipt.operator.clone(), receipt.reference.to_string()));
            let Some([at]) = named.map(Vec::as_slice) else { return true };
            if let Some(part) = parts.get_mut(*at) {
                advance(part, receipt.state, receipt.error.as_deref());
            }
            unpark.extend(reading.parked);
            false
        });
    }

    /// Looks for the parts of the others. What belongs to none, or to several, is parked.
    async fn resolve(
        &mut self,
        tx: &DatabaseTransaction,
        changes: &mut Changes,
        now: Timestamp,
    ) -> Result<Vec<(usize, Kept)>, DispatchError> {
        let mut by_operator: BTreeMap<String, Vec<Reading>> = BTreeMap::new();
        for reading in std::mem::take(&mut self.open) {
            by_operator.entry(reading.receipt.operator.clone()).or_default().push(reading);
        }
        let mut outcomes = Vec::new();
        for (operator, readings) in by_operator {
            let references: Vec<&Reference> = readings.iter().map(|reading| &reading.receipt.reference).collect();
            let found = changes.candidates(tx, &operator, &references).await?;
            for reading in readings {
                let receipt = reading.receipt;
                let alike = found.alike(&receipt.reference);
                let candidates = |open: bool| {
                    let of_kind = alike.iter().filter_map(|key| changes.parts.get(key).map(|part| (key, part)));
                    let of_kind = of_kind.filter(move |(_, part)| part.state.is_final() != open);
                    of_kind.filter_map(|(key, part)| part.reference.clone().map(|reference| (reference, *key)))
                };
                // Operators give a name again after a while: the part that waits is meant. What names only one that ended is its receipt once more, or
                // belongs to one whose answer is still on its way: that shows soon.
                let names_ended = || resolve(&receipt.reference, candidates(false)) != Resolution::None;
                let late = reading.parked.is_some() && now.saturating_since(receipt.received_at) >= DOUBLED_AFTER;
                let resolution = resolve(&receipt.reference, candidates(true));
                let doubled = resolution == Resolution::None && late && names_ended();
                let kept = match resolution {
                    Resolution::One(key) => {
                        changes.advance(key, receipt.state, receipt.error.as_deref());
                        Kept::Written
                    }
                    _ if doubled => Kept::Written,
                    _ => Kept::Parked,
                };
                outcomes.push((reading.at, kept));
                match (kept, reading.parked) {
                    (Kept::Parked, None) => self.to_park.push(receipt),
                    (Kept::Written, Some(parked)) => self.to_unpark.push(parked),
                    _ => {}
                }
            }
        }
        Ok(outcomes)
    }
}

/// A part by its message and number.
type PartKey = (MessageId, u32);

/// Parts by what receipts may call them.
#[derive(Default)]
struct Candidates(HashMap<String, Vec<PartKey>>);

impl Candidates {
    fn add(&mut self, reference: &Reference, key: PartKey) {
        for name in reference.keys() {
            self.0.entry(name).or_default().push(key);
        }
    }

    /// Those that share a name with this one: [`resolve`] decides among them.
    fn alike(&self, reference: &Reference) -> BTreeSet<PartKey> {
        reference.keys().iter().filter_map(|name| self.0.get(name)).flatten().copied().collect()
    }
}

/// Parts that were on record before, and how they change.
#[derive(Default)]
struct Changes {
    parts: HashMap<PartKey, Part>,
    changed: BTreeSet<PartKey>,
}

impl Changes {
    /// Gets to know parts; what changed already stays so.
    fn know(&mut self, parts: Vec<Part>) -> Vec<PartKey> {
        parts
            .into_iter()
            .map(|part| {
                let key = (part.message, part.part);
                self.parts.entry(key).or_insert(part);
                key
            })
            .collect()
    }

    /// Parts that receipts with these names may be about. The same name wins over the same number in another base ([`resolve`]): where a part that waits is
    /// called so, no other is looked for.
    async fn candidates(
        &mut self,
        tx: &DatabaseTransaction,
        operator: &str,
        references: &[&Reference],
    ) -> Result<Candidates, DispatchError> {
        let mut known = self.know(find_named_parts(tx, operator, references).await?);
        let parts = known.iter().filter_map(|key| self.parts.get(key)).filter(|part| !part.state.is_final());
        let waiting: HashSet<String> =
            parts.filter_map(|part| part.reference.as_ref().map(Reference::spelling)).collect();
        let others: Vec<&Reference> =
            references.iter().copied().filter(|reference| !waiting.contains(&reference.spelling())).collect();
        if !others.is_empty() {
            known.extend(self.know(find_parts(tx, operator, &others).await?));
        }
        let mut candidates = Candidates::default();
        for key in known {
            if let Some(reference) = self.parts.get(&key).and_then(|part| part.reference.as_ref()) {
                candidates.add(reference, key);
            }
        }
        Ok(candidates)
    }

    fn advance(&mut self, key: PartKey, to: State, error: Option<&str>) {
        if let Some(part) = self.parts.get_mut(&key)
            && advance(part, to, error)
        {
            self.changed.insert(key);
        }
    }

    /// An id in a late answer is worth storing, for a receipt may decide the message; a refusal decides it now.
    async fn late(
        &mut self,
        tx: &DatabaseTransaction,
        message: MessageId,
        part: u32,
        outcome: &PartOutcome,
    ) -> Result<Kept, DispatchError> {
        let known = self.know(parts_of(tx, &[message]).await?);
        if !known.contains(&(message, part)) {
            return Ok(Kept::TooEarly);
        }
        match outcome {
            PartOutcome::Accepted(Some(reference)) => {
                name_part(tx, message, part, reference).await?;
                if let Some(part) = self.parts.get_mut(&(message, part)) {
                    part.reference = Some(reference.clone());
                }
            }
            PartOutcome::Refused { status, failure } => {
                self.advance((message, part), State::Failed(*failure), Some(&format!("{status:#06x}")));
            }
            _ => {}
        }
        Ok(Kept::Written)
    }

    /// Writes what has changed; tells which messages have moved by it.
    async fn write(&self, tx: &DatabaseTransaction, now: Timestamp) -> Result<Vec<Moved>, DispatchError> {
        let changed: Vec<&Part> = self.changed.iter().filter_map(|key| self.parts.get(key)).collect();
        let mut alike: HashMap<(u32, State, Option<&str>), Vec<MessageId>> = HashMap::new();
        for part in &changed {
            alike.entry((part.part, part.state, part.error.as_deref())).or_default().push(part.message);
        }
        for ((part, state, error), messages) in alike {
            move_parts(tx, part, &messages, (state, error), now).await?;
        }
        let (single, several): (Vec<&Part>, Vec<&Part>) = changed.into_iter().partition(|part| part.parts == 1);
        let mut states: BTreeMap<MessageId, Vec<State>> =
            single.iter().map(|part| (part.message, vec![part.state])).collect();
        let several: BTreeSet<MessageId> = several.iter().map(|part| part.message).collect();
        for part in parts_of(tx, &several.into_iter().collect::<Vec<_>>()).await? {
            states.entry(part.message).or_default().push(part.state);
        }
        let wanted = states.into_iter().filter_map(|(message, states)| {
            let next = State::of_parts(states)?;
            Some((message, MessageState::Life(next)))
        });
        move_all(tx, wanted, now).await
    }
}
