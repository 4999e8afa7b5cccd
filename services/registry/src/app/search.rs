//! Finding persons.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use straznica_journal::Entry;
use straznica_store::Isolation;
use straznica_types::{CivilDate, Timestamp};

use super::App;
use super::entry::{context, of_person};
use crate::domain::calendar::warsaw;
use crate::domain::finding::{Findable, Judged, Question, Reason, Standing, main_name};
use crate::domain::merge::group;
use crate::domain::person::{Fact, NameKind};
use crate::domain::{Mandate, PersonId};
use crate::error::RegistryError;
use crate::store::{Candidate, candidates, case_numbered, find_records};

/// What somebody found by a number of the register or of a case weighs: there is no other.
const NUMBERED: f64 = 40.0;

/// A question, as of when, and which of the hits.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) question: Question,
    pub(crate) known_at: Option<Timestamp>,
    pub(crate) page_size: usize,
    pub(crate) offset: usize,
}

/// Who was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) hits: Vec<Hit>,
    /// More share what was asked than were looked at.
    pub(crate) too_common: bool,
    /// Not everybody is found by keys of this version yet.
    pub(crate) incomplete: bool,
    /// Where the next page begins.
    pub(crate) next: Option<usize>,
}

/// Somebody who was found.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) person: PersonId,
    pub(crate) judged: Judged,
    pub(crate) history: bool,
    /// The main name, birth, nationalities and sex.
    pub(crate) known: Vec<Fact>,
}

/// As of when somebody is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct AsOf {
    pub(super) at: Timestamp,
    pub(super) day: CivilDate,
}

impl App {
    /// Persons a question may be about, the likeliest first. Who was shown is journalled before it is.
    pub(crate) async fn search_persons(&self, mandate: &Mandate, search: Search) -> Result<Found, RegistryError> {
        let as_of = self.as_of(search.known_at);
        let (mut hits, too_common) = self.hits(&search.question, as_of).await?;
        let (of, last) = (hits.len(), search.offset.saturating_add(search.page_size));
        hits.truncate(last);
        let hits = hits.split_off(search.offset.min(hits.len()));
        let next = (of > last).then_some(last);
        self.journal_search(mandate, &search, of, &hits).await?;
        Ok(Found { hits, too_common, incomplete: !self.finding.complete(), next })
    }

    /// Everybody a question may be about, the likeliest first; and whether there may be more.
    pub(super) async fn hits(&self, question: &Question, as_of: AsOf) -> Result<(Vec<Hit>, bool), RegistryError> {
        let digests: Vec<i64> = question.keys().iter().map(|key| self.keys.digest(key)).collect();
        let sharing = candidates(self.store.reader(), &digests).await?;
        let mut hits = self.numbered(question, as_of).await?;
        let (merged, alone): (Vec<Candidate>, Vec<Candidate>) =
            sharing.found.into_iter().partition(|candidate| candidate.merged);
        let mut findables = self.read_as_one(merged.iter().map(|candidate| candidate.person), as_of.at).await?;
        for Candidate { person, sealed, .. } in alone {
            findables.insert(person, self.keys.findable(person, &sealed)?);
        }
        for (person, findable) in findables {
            if hits.iter().any(|hit| hit.person == person) {
                continue;
            }
            if let Some(judged) = question.judge(&findable, self.finding.persons(), as_of.at, as_of.day) {
                hits.push(Hit::of(person, judged, &findable, as_of));
            }
        }
        hits.sort_by(likelier);
        Ok((hits, sharing.more))
    }

    /// What persons are searched by, each with those who were read as the same at a moment, under the id they were read under.
    pub(super) async fn read_as_one(
        &self,
        persons: impl IntoIterator<Item = PersonId>,
        at: Timestamp,
    ) -> Result<BTreeMap<PersonId, Findable>, RegistryError> {
        let persons: BTreeSet<PersonId> = persons.into_iter().collect();
        let mut findables = BTreeMap::new();
        if persons.is_empty() {
            return Ok(findables);
        }
        let merges = self.merges(self.store.reader(), persons.iter().copied()).await?;
        let groups = persons.into_iter().map(|person| group(person, &merges, at));
        let members: BTreeMap<PersonId, PersonId> =
            groups.flat_map(|group| group.members.into_iter().map(move |member| (member, group.answers_as))).collect();
        for (person, sealed) in find_records(self.store.reader(), members.keys().copied()).await? {
            let Some(answers_as) = members.get(&person) else { continue };
            let findable: &mut Findable = findables.entry(*answers_as).or_default();
            findable.facts.extend(self.keys.findable(person, &sealed)?.facts);
        }
        Ok(findables)
    }

    /// Whom the number of the register or of a case names.
    async fn numbered(&self, question: &Question, as_of: AsOf) -> Result<Vec<Hit>, RegistryError> {
        let Question::Number(number) = question else { return Ok(Vec::new()) };
        let number = number.trim();
        let (field, persons) = match PersonId::parse(number) {
            Ok(person) => ("register", vec![person]),
            Err(_) => {
                let case = case_numbered(self.store.reader(), number).await?;
                ("case", case.map_or_else(Vec::new, |case| case.persons))
            }
        };
        let findables = self.read_as_one(persons, as_of.at).await?;
        let hit = |(person, findable): (PersonId, Findable)| {
            // Nobody had heard of them then.
            findable.known(as_of.at, as_of.day).next()?;
            let reason = Reason { field, weight: NUMBERED, said: "same".to_owned(), standing: Standing::Current };
            let name = main_name(&findable, as_of.at, as_of.day).cloned();
            let judged = Judged { score: 1.0, weight: NUMBERED, why: vec![reason], name };
            Some(Hit::of(person, judged, &findable, as_of))
        };
        Ok(findables.into_iter().filter_map(hit).collect())
    }

    /// A moment (now), and the day it is in Warsaw.
    pub(super) fn as_of(&self, known_at: Option<Timestamp>) -> AsOf {
        let day = warsaw::date(known_at.unwrap_or_else(|| self.clock.now()));
        AsOf { at: known_at.unwrap_or(Timestamp::from_millis(i64::MAX)), day }
    }

    async fn journal_search(
        &self,
        mandate: &Mandate,
        search: &Search,
        of: usize,
        hits: &[Hit],
    ) -> Result<(), RegistryError> {
        let by = match &search.question {
            Question::Number(_) => "number",
            Question::Person(_) => "name",
        };
        let known_at = search.known_at.map(Timestamp::millis);
        let detail =
            json!({ "by": by, "known_at": known_at, "hits": of, "offset": search.offset, "shown": hits.len() });
        let asked = self.journal.pseudonym("question", &search.question.text());
        let mut entries = vec![
            Entry::new("persons.searched", context(mandate))
                .subject(asked)
                .legal_basis(mandate.legal_basis.clone())
                .detail(detail),
        ];
        entries.extend(hits.iter().map(|hit| {
            let permille = (hit.judged.score * 1_000.0).round();
            of_person(&self.journal, "person.found", mandate, hit.person, json!({ "permille": permille }))
        }));
        let entries = &entries;
        self.store
            .write_tx_with(Isolation::ReadCommitted, async move |tx| {
                self.journal.record_all(tx, entries.iter().cloned()).await?;
                Ok::<_, RegistryError>(())
            })
            .await
    }
}

impl Hit {
    pub(super) fn of(person: PersonId, judged: Judged, findable: &Findable, as_of: AsOf) -> Self {
        let shown = |fact: &Fact| match fact {
            Fact::Name(name) => name.kind == NameKind::Main,
            Fact::Birth(_) | Fact::Nationality(_) | Fact::Sex(_) => true,
            Fact::Document(_) | Fact::Address(_) | Fact::FamilyLink(_) | Fact::Vulnerability(_) => false,
        };
        let current = findable.known(as_of.at, as_of.day).filter(|(_, standing)| *standing == Standing::Current);
        let known = current.filter(|(fact, _)| shown(fact)).map(|(fact, _)| fact.clone()).collect();
        Self { person, history: judged.history(), known, judged }
    }
}

/// The likelier first; of those alike what holds today, then who came first.
fn likelier(one: &Hit, other: &Hit) -> Ordering {
    let weight = other.judged.weight.total_cmp(&one.judged.weight);
    weight.then(one.history.cmp(&other.history)).then(one.person.cmp(&other.person))
}
