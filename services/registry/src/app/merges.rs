//! Merging two persons and splitting them: proposed by one officer, decided by another.

use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::registry::events::v1::{PersonsMerged, PersonsSplit};
use straznica_types::Timestamp;

use super::App;
use super::entry::of_person;
use super::whole::Whole;
use crate::domain::merge::{Merge, Step, Verdict, group};
use crate::domain::person::{Fact, known};
use crate::domain::{Mandate, MergeId, PersonId, Refusal};
use crate::error::RegistryError;
use crate::store::{
    DuplicateState, Pair, decide_duplicate, find_merge, insert_merge, insert_step, merges_of, pending_merges,
    raise_person,
};

const NOW: Timestamp = Timestamp::from_millis(i64::MAX);

/// The versions somebody saw of the two.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) person: u64,
    pub(crate) merged: u64,
}

impl App {
    /// Proposes that two persons are one.
    pub(crate) async fn propose_merge(
        &self,
        mandate: &Mandate,
        person: PersonId,
        merged: PersonId,
        seen: Seen,
        reason: &str,
    ) -> Result<MergeId, RegistryError> {
        let now = self.clock.now();
        let id = MergeId::generate_at(now);
        let merge = &Merge::propose(id, person, merged, reason, &mandate.officer, now)?;
        self.store
            .write_tx(async move |tx| {
                let one = self.whole(tx, person, NOW).await?;
                let other = self.whole(tx, merged, NOW).await?;
                fits(&one, &other, seen)?;
                mergeable(merge, &one, &other)?;
                for kept in merges_of(tx, person).await? {
                    let waiting = self.open_merge(kept)?;
                    if waiting.pending() && [waiting.person, waiting.merged].contains(&merged) {
                        return Err(Refusal::Unmergeable.into());
                    }
                }
                insert_merge(tx, merge, self.seal_step(merge)?).await?;
                let (by, from) = ((&mandate.officer, now), &[DuplicateState::Open, DuplicateState::Different]);
                decide_duplicate(tx, Pair::of(person, merged), from, DuplicateState::TakenUp, by, None).await?;
                self.journal_step(tx, mandate, merge).await?;
                Ok::<_, RegistryError>(id)
            })
            .await
    }

    /// Proposes that two who are read as one are two after all.
    pub(crate) async fn propose_split(
        &self,
        mandate: &Mandate,
        id: MergeId,
        reason: &str,
    ) -> Result<(), RegistryError> {
        let now = self.clock.now();
        self.store
            .write_tx(async move |tx| {
                let mut merge = self.open_merge(find_merge(tx, id).await?.ok_or(Refusal::NoMerge)?)?;
                merge.propose_split(reason, &mandate.officer, now)?;
                insert_step(tx, &merge, self.seal_step(&merge)?).await?;
                self.journal_step(tx, mandate, &merge).await
            })
            .await
    }

    /// Confirms what another officer proposed; tells the version of the person then.
    pub(crate) async fn confirm_proposal(
        &self,
        mandate: &Mandate,
        id: MergeId,
        seen: Seen,
    ) -> Result<u64, RegistryError> {
        let now = self.clock.now();
        self.store
            .write_tx(async move |tx| {
                let mut merge = self.open_merge(find_merge(tx, id).await?.ok_or(Refusal::NoMerge)?)?;
                let one = self.whole(tx, merge.person, NOW).await?;
                let other = self.whole(tx, merge.merged, NOW).await?;
                let step = merge.decide(&Verdict::Confirm, &mandate.officer, now)?;
                fits(&one, &other, seen)?;
                let version = if step == Step::Confirmed {
                    mergeable(&merge, &one, &other)?;
                    self.join(tx, &merge, &one, &other).await?
                } else {
                    self.part(tx, &merge, &one).await?
                };
                insert_step(tx, &merge, self.seal_step(&merge)?).await?;
                self.journal_step(tx, mandate, &merge).await?;
                Ok::<_, RegistryError>(version)
            })
            .await
    }

    /// Rejects what was proposed, or takes it back.
    pub(crate) async fn reject_proposal(
        &self,
        mandate: &Mandate,
        id: MergeId,
        reason: &str,
    ) -> Result<(), RegistryError> {
        let now = self.clock.now();
        let verdict = &Verdict::Reject(reason.to_owned());
        self.store
            .write_tx(async move |tx| {
                let mut merge = self.open_merge(find_merge(tx, id).await?.ok_or(Refusal::NoMerge)?)?;
                if merge.decide(verdict, &mandate.officer, now)? == Step::Rejected {
                    let (pair, by) = (Pair::of(merge.person, merge.merged), (&mandate.officer, now));
                    let from = &[DuplicateState::TakenUp];
                    decide_duplicate(tx, pair, from, DuplicateState::Different, by, None).await?;
                }
                insert_step(tx, &merge, self.seal_step(&merge)?).await?;
                self.journal_step(tx, mandate, &merge).await
            })
            .await
    }

    /// Merges of a person, whatever became of them; or so many that wait for another officer.
    pub(crate) async fn list_merges(
        &self,
        mandate: &Mandate,
        person: Option<PersonId>,
        limit: u64,
    ) -> Result<Vec<Merge>, RegistryError> {
        let kept = match person {
            Some(person) => merges_of(self.store.reader(), person).await?,
            None => pending_merges(self.store.reader(), limit).await?,
        };
        let merges: Vec<Merge> = kept.into_iter().map(|merge| self.open_merge(merge)).collect::<Result<_, _>>()?;
        let mut persons: Vec<PersonId> = merges.iter().flat_map(|merge| [merge.person, merge.merged]).collect();
        persons.extend(person);
        persons.sort_unstable();
        persons.dedup();
        let entries = &persons
            .iter()
            .map(|person| of_person(&self.journal, "person.merges_read", mandate, *person, json!({})))
            .collect::<Vec<_>>();
        self.store
            .write_tx(async move |tx| {
                self.journal.record_all(tx, entries.iter().cloned()).await?;
                Ok::<_, RegistryError>(())
            })
            .await?;
        Ok(merges)
    }

    /// Both are one: whoever saw either of them as it was is told to look again.
    async fn join(
        &self,
        tx: &DatabaseTransaction,
        merge: &Merge,
        one: &Whole,
        other: &Whole,
    ) -> Result<u64, RegistryError> {
        for (person, whole) in [(merge.person, one), (merge.merged, other)] {
            raise(tx, person, whole, 1).await?;
        }
        Ok(one.version + other.version + 2)
    }

    /// Both are two: each goes on from a version nobody has seen of either.
    async fn part(&self, tx: &DatabaseTransaction, merge: &Merge, whole: &Whole) -> Result<u64, RegistryError> {
        let merges = self.merges(tx, [merge.person]).await?;
        let others: Vec<Merge> = merges.into_iter().filter(|other| other.id != merge.id).collect();
        let next = whole.version + 1;
        for person in [merge.person, merge.merged] {
            let members = group(person, &others, NOW).members;
            let sum: u64 =
                whole.versions.iter().filter(|(member, _)| members.contains(*member)).map(|(_, own)| own).sum();
            raise(tx, person, whole, next - sum).await?;
        }
        Ok(next)
    }

    /// Of both persons, with what other services may know.
    async fn journal_step(
        &self,
        tx: &DatabaseTransaction,
        mandate: &Mandate,
        merge: &Merge,
    ) -> Result<(), RegistryError> {
        let kind = match merge.stands() {
            Step::Proposed => "merge.proposed",
            Step::Confirmed => "merge.confirmed",
            Step::Rejected => "merge.rejected",
            Step::SplitProposed => "split.proposed",
            Step::SplitConfirmed => "split.confirmed",
            Step::SplitRejected => "split.rejected",
        };
        let detail = json!({ "merge": merge.id.to_string(), "step": merge.steps.len() });
        let [first, second] =
            [merge.person, merge.merged].map(|person| of_person(&self.journal, kind, mandate, person, detail.clone()));
        let (merge_id, person_id) = (merge.id.to_string(), merge.person.to_string());
        let merged_person_id = merge.merged.to_string();
        let first = match merge.stands() {
            Step::Confirmed => first.event(&PersonsMerged { merge_id, person_id, merged_person_id }),
            Step::SplitConfirmed => first.event(&PersonsSplit { merge_id, person_id, merged_person_id }),
            _ => first,
        };
        self.journal.record_all(tx, [first, second]).await?;
        Ok(())
    }
}

/// That nobody changed either of them meanwhile.
fn fits(one: &Whole, other: &Whole, seen: Seen) -> Result<(), Refusal> {
    if one.version == seen.person && other.version == seen.merged { Ok(()) } else { Err(Refusal::Stale) }
}

/// That each is read under the own id, and that nobody knows one as the other's family.
fn mergeable(merge: &Merge, one: &Whole, other: &Whole) -> Result<(), Refusal> {
    let own = one.group.answers_as == merge.person && other.group.answers_as == merge.merged;
    let family = |of: &Whole, to: &Whole| {
        known(&of.statements, NOW)
            .any(|statement| matches!(&statement.fact, Some(Fact::FamilyLink(link)) if to.group.members.contains(&link.person)))
    };
    if own && !family(one, other) && !family(other, one) { Ok(()) } else { Err(Refusal::Unmergeable) }
}

async fn raise(tx: &DatabaseTransaction, person: PersonId, whole: &Whole, by: u64) -> Result<(), RegistryError> {
    let seen = whole.versions.get(&person).ok_or(Refusal::NoPerson)?;
    if raise_person(tx, person, *seen, by).await? { Ok(()) } else { Err(Refusal::Stale.into()) }
}
