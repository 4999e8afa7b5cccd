//! A person as read: alone, or with those who were merged.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;
use straznica_types::Timestamp;

use super::App;
use crate::domain::merge::{Group, Merge, Taken, group};
use crate::domain::person::Statement;
use crate::domain::{PersonId, Refusal, StatementId};
use crate::error::RegistryError;
use crate::keys::Unopenable;
use crate::store::{KeptMerge, find_person, merges_around};

/// A person with everybody who is read as the same.
#[derive(Debug)]
pub(super) struct Whole {
    /// Rises with every change of any of them, and with every merge and split.
    pub(super) version: u64,
    /// Who was read together at the moment asked for.
    pub(super) group: Group,
    /// Who is read together now, each with the own version.
    pub(super) versions: BTreeMap<PersonId, u64>,
    /// Everything ever stated of those of the moment asked for, in the order of its recording.
    pub(super) statements: Vec<Statement>,
    owners: BTreeMap<StatementId, PersonId>,
}

impl Whole {
    /// Of whom something was stated.
    pub(super) fn owner(&self, statement: StatementId) -> Option<PersonId> {
        self.owners.get(&statement).copied()
    }

    /// What was stated of one of them.
    pub(super) fn statements_of(&self, member: PersonId) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(move |statement| self.owner(statement.id) == Some(member))
    }
}

impl App {
    /// A person as of a moment; the version is that of now.
    pub(super) async fn whole(
        &self,
        connection: &impl ConnectionTrait,
        id: PersonId,
        at: Timestamp,
    ) -> Result<Whole, RegistryError> {
        let merges = self.merges(connection, [id]).await?;
        let now = group(id, &merges, Timestamp::from_millis(i64::MAX));
        let group = group(id, &merges, at);
        let (mut versions, mut owned) = (BTreeMap::new(), Vec::new());
        for member in now.members.union(&group.members) {
            let person = find_person(connection, *member).await?.ok_or(Refusal::NoPerson)?;
            if now.members.contains(member) {
                versions.insert(*member, person.version);
            }
            if group.members.contains(member) {
                owned.extend(self.open(*member, person)?.into_iter().map(|statement| (*member, statement)));
            }
        }
        // Stable: those of one person stay in their own order.
        owned.sort_by_key(|(_, statement)| statement.recorded_at);
        let owners = owned.iter().map(|(member, statement)| (statement.id, *member)).collect();
        let statements = owned.into_iter().map(|(_, statement)| statement).collect();
        let version = versions.values().sum();
        Ok(Whole { version, group, versions, statements, owners })
    }

    /// Every merge that ever held among some persons and those around them.
    pub(super) async fn merges(
        &self,
        connection: &impl ConnectionTrait,
        persons: impl IntoIterator<Item = PersonId>,
    ) -> Result<Vec<Merge>, RegistryError> {
        let kept = merges_around(connection, persons).await?;
        Ok(kept.into_iter().map(|merge| self.open_merge(merge)).collect::<Result<_, _>>()?)
    }

    /// Reads the reasons of a merge.
    pub(super) fn open_merge(&self, kept: KeptMerge) -> Result<Merge, Unopenable> {
        let steps = kept.steps.into_iter().zip(1_usize..).map(|(step, number)| {
            let (sealed_as, reason): (usize, String) =
                self.keys.unseal_in(kept.person.uuid(), kept.id.uuid(), &step.sealed)?;
            // A reason stays with its step.
            if sealed_as != number {
                return Err(Unopenable);
            }
            Ok(Taken { step: step.step, at: step.at, by: step.by, reason })
        });
        Ok(Merge { id: kept.id, person: kept.person, merged: kept.merged, steps: steps.collect::<Result<_, _>>()? })
    }

    /// Encrypts the reason of the last step of a merge.
    pub(super) fn seal_step(&self, merge: &Merge) -> Result<Vec<u8>, Unopenable> {
        let reason = merge.steps.last().map_or("", |taken| taken.reason.as_str());
        self.keys.seal_in(merge.person.uuid(), merge.id.uuid(), &(merge.steps.len(), reason))
    }
}
