//! Who may be the same as somebody: looked for when somebody was stated, proposed, and decided about by people.

use std::collections::BTreeSet;

use serde_json::json;
use straznica_journal::{Context, Entry};
use straznica_types::Timestamp;

use super::App;
use super::entry::{context, of_person};
use super::search::{AsOf, Hit};
use crate::domain::merge::group;
use crate::domain::{Mandate, PersonId, Refusal};
use crate::error::RegistryError;
use crate::store::{
    Candidate, DuplicateState, Pair, candidates, decide_duplicate, find_to_compare, insert_duplicates, open_duplicates,
};

/// Most persons somebody is proposed to be the same as.
const MOST: usize = 5;
/// Persons of one turn of the job, and longest reason, in characters.
const TURN: u64 = 200;
const LONGEST_REASON: usize = 500;

/// Two who may be one.
#[derive(Debug)]
pub(crate) struct Likely {
    pub(crate) person: PersonId,
    pub(crate) other: Hit,
    pub(crate) found_at: Timestamp,
}

impl App {
    /// Who may be the same as somebody who was just written. What was written stands in any case: whom it could not be compared with is left to the job.
    pub(super) async fn compare_now(
        &self,
        mandate: &Mandate,
        persons: impl IntoIterator<Item = PersonId>,
    ) -> Vec<(PersonId, f64)> {
        let mut likely = Vec::new();
        for person in persons {
            match self
                .compare(person, || of_person(&self.journal, "duplicates.proposed", mandate, person, json!({})))
                .await
            {
                Ok(found) => likely.extend(found),
                Err(error) => tracing::warn!(%error, "a person is compared with the others later"),
            }
        }
        likely
    }

    /// One turn of the job: those who were not compared when they were written.
    pub(crate) async fn compare_those_left(&self) -> Result<(), RegistryError> {
        for person in find_to_compare(self.store.reader(), TURN).await? {
            let proposed = || {
                let subject = self.journal.pseudonym("person", &person.to_string());
                Entry::new("duplicates.proposed", Context::of_service("service/registry")).subject(subject)
            };
            self.compare(person, proposed).await?;
        }
        Ok(())
    }

    /// Compares somebody with the others and keeps whom it may be, the likeliest first.
    async fn compare(
        &self,
        person: PersonId,
        proposed: impl Fn() -> Entry,
    ) -> Result<Vec<(PersonId, f64)>, RegistryError> {
        let as_of = self.as_of(None);
        let mut likely = self.likely(person, as_of).await?;
        likely.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        likely.truncate(MOST);
        let (now, found) = (self.clock.now(), &likely);
        let entry = (!found.is_empty()).then(|| proposed().detail(json!({ "likely": found.len() })));
        self.store
            .write_tx(async move |tx| {
                insert_duplicates(tx, person, found, now).await?;
                self.journal.record_all(tx, entry).await?;
                Ok::<_, RegistryError>(())
            })
            .await?;
        Ok(likely)
    }

    async fn likely(&self, person: PersonId, as_of: AsOf) -> Result<Vec<(PersonId, f64)>, RegistryError> {
        let merges = self.merges(self.store.reader(), [person]).await?;
        let own = group(person, &merges, as_of.at);
        let read = self.read_as_one([person], as_of.at).await?;
        let Some(findable) = read.get(&own.answers_as) else { return Ok(Vec::new()) };
        let (mut seen, mut likely) = (own.members, Vec::new());
        for question in findable.questions(as_of.at, as_of.day) {
            let digests: Vec<i64> = question.keys().iter().map(|key| self.keys.digest(key)).collect();
            for Candidate { person: other, sealed, .. } in candidates(self.store.reader(), &digests).await?.found {
                if !seen.insert(other) {
                    continue;
                }
                let theirs = self.keys.findable(other, &sealed)?;
                if let Some(judged) = findable.likely(&theirs, self.finding.persons(), as_of.at, as_of.day) {
                    likely.push((other, judged.score));
                }
            }
        }
        Ok(likely)
    }

    /// Pairs nobody decided about, the likeliest first.
    pub(crate) async fn duplicates(&self, mandate: &Mandate, limit: u64) -> Result<Vec<Likely>, RegistryError> {
        let as_of = self.as_of(None);
        let pairs = open_duplicates(self.store.reader(), limit).await?;
        let mut likely = Vec::with_capacity(pairs.len());
        for (Pair(one, other), found_at) in pairs {
            // The one who came later is asked about, with the other as the answer.
            let read = self.read_as_one([one, other], as_of.at).await?;
            let mut both = read.iter();
            let (Some((first, known)), Some((second, asked))) = (both.next(), both.next()) else { continue };
            let Some(judged) = asked.likeness(known, self.finding.persons(), as_of.at, as_of.day) else { continue };
            likely.push(Likely { person: *second, other: Hit::of(*first, judged, known, as_of), found_at });
        }
        let shown: BTreeSet<PersonId> = likely.iter().flat_map(|pair| [pair.person, pair.other.person]).collect();
        let list = Entry::new("duplicates.read", context(mandate)).legal_basis(mandate.legal_basis.clone());
        let entries: Vec<Entry> = std::iter::once(list.detail(json!({ "pairs": likely.len() })))
            .chain(shown.iter().map(|person| of_person(&self.journal, "person.found", mandate, *person, json!({}))))
            .collect();
        let entries = &entries;
        self.store
            .write_tx(async move |tx| {
                self.journal.record_all(tx, entries.iter().cloned()).await?;
                Ok::<_, RegistryError>(())
            })
            .await?;
        Ok(likely)
    }

    /// Two who were found alike are two.
    pub(crate) async fn dismiss_duplicate(
        &self,
        mandate: &Mandate,
        one: PersonId,
        other: PersonId,
        reason: &str,
    ) -> Result<(), RegistryError> {
        let (now, reason, pair) = (self.clock.now(), reason.trim(), Pair::of(one, other));
        if reason.is_empty() {
            return Err(Refusal::Missing { member: "/reason" }.into());
        }
        if reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
            return Err(Refusal::Invalid { member: "/reason", expected: "1 to 500 characters" }.into());
        }
        let sealed = &self.keys.seal_in(pair.0.uuid(), pair.1.uuid(), &reason)?;
        self.store
            .write_tx(async move |tx| {
                let by = (&mandate.officer, now);
                let from = &[DuplicateState::Open];
                if !decide_duplicate(tx, pair, from, DuplicateState::Different, by, Some(sealed.clone())).await? {
                    return Err(Refusal::NoDuplicate.into());
                }
                let entries = [one, other]
                    .map(|person| of_person(&self.journal, "duplicate.dismissed", mandate, person, json!({})));
                self.journal.record_all(tx, entries).await?;
                Ok::<_, RegistryError>(())
            })
            .await
    }
}
