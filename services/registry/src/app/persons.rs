//! Persons: registered, changed, read as they were known.

use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use serde_json::json;
use straznica_contracts::registry::events::v1::PersonChanged;
use straznica_types::{CivilDate, Timestamp};

use super::App;
use super::entry::of_person;
use crate::domain::calendar::warsaw;
use crate::domain::person::{Change, Fact, FactKind, Statement, plan, valid_on};
use crate::domain::{Mandate, PersonId, Refusal, StatementId};
use crate::error::RegistryError;
use crate::keys::Unopenable;
use crate::store::{
    KeptPerson, KeptStatement, bump_person, find_person, insert_person, insert_statements, known_persons,
};

/// What of a statement is encrypted.
#[derive(Serialize, Deserialize)]
struct Said {
    fact: Option<Fact>,
    source: String,
    reason: String,
}

/// A person as shown.
pub(crate) struct ShownPerson {
    pub(crate) version: u64,
    pub(crate) statements: Vec<ShownStatement>,
    /// There are vulnerabilities the purpose does not let the caller see.
    pub(crate) withheld: bool,
}

/// A statement, and what replaced it.
pub(crate) struct ShownStatement {
    pub(crate) statement: Statement,
    pub(crate) replaced_by: Option<StatementId>,
}

impl App {
    /// Registers a person with the first statements.
    pub(crate) async fn register_person(
        &self,
        mandate: &Mandate,
        changes: Vec<Change>,
    ) -> Result<(PersonId, u64), RegistryError> {
        let now = self.clock.now();
        let id = PersonId::generate_at(now);
        let made = plan(&[], changes, mandate.vulnerabilities, &mandate.officer, now)?;
        let kept = self.seal(id, &made)?;
        let (kept, made) = (&kept, &made);
        self.store
            .write_tx(async move |tx| {
                insert_person(tx, id, now).await?;
                self.write_statements(tx, mandate, id, 0, 1, (made, kept), "person.registered").await
            })
            .await?;
        Ok((id, 1))
    }

    /// Adds, corrects, ends or withdraws statements: all or none.
    pub(crate) async fn change_person(
        &self,
        mandate: &Mandate,
        id: PersonId,
        expected: u64,
        changes: Vec<Change>,
    ) -> Result<u64, RegistryError> {
        let now = self.clock.now();
        let changes = &changes;
        self.store
            .write_tx(async move |tx| {
                let person = find_person(tx, id).await?.ok_or(Refusal::NoPerson)?;
                if person.version != expected || !bump_person(tx, id, expected).await? {
                    return Err(Refusal::Stale.into());
                }
                let existing = self.open(id, person)?;
                // Of two changes in one millisecond the second is the later one all the same.
                let last = existing.iter().map(|statement| statement.recorded_at).max();
                let at = last.map_or(now, |last| now.max(Timestamp::from_millis(last.millis() + 1)));
                let made = plan(&existing, changes.clone(), mandate.vulnerabilities, &mandate.officer, at)?;
                let kept = self.seal(id, &made)?;
                let version = expected + 1;
                self.write_statements(tx, mandate, id, existing.len(), version, (&made, &kept), "person.changed")
                    .await?;
                Ok::<_, RegistryError>(version)
            })
            .await
    }

    /// What was known at a moment (now) of a day (today).
    pub(crate) async fn person(
        &self,
        mandate: &Mandate,
        id: PersonId,
        known_at: Option<Timestamp>,
        day: Option<CivilDate>,
    ) -> Result<ShownPerson, RegistryError> {
        let now = self.clock.now();
        let (known_at, day) = (known_at.unwrap_or(Timestamp::from_millis(i64::MAX)), day.unwrap_or(warsaw::date(now)));
        let (version, all) = self.statements(id).await?;
        let then: Vec<Statement> = valid_on(&all, known_at, day).cloned().collect();
        let by_then: Vec<Statement> = all.into_iter().filter(|statement| statement.recorded_at <= known_at).collect();
        let shown = shown(version, then, &by_then, mandate);
        let detail = json!({ "known_at": known_at.millis(), "valid_on": day.to_string(), "withheld": shown.withheld });
        self.journal.record_read(of_person(&self.journal, "person.read", mandate, id, detail)).await?;
        Ok(shown)
    }

    /// Every statement ever made.
    pub(crate) async fn person_history(&self, mandate: &Mandate, id: PersonId) -> Result<ShownPerson, RegistryError> {
        let (version, all) = self.statements(id).await?;
        let shown = shown(version, all.clone(), &all, mandate);
        let detail = json!({ "withheld": shown.withheld });
        self.journal.record_read(of_person(&self.journal, "person.history_read", mandate, id, detail)).await?;
        Ok(shown)
    }

    async fn statements(&self, id: PersonId) -> Result<(u64, Vec<Statement>), RegistryError> {
        let found = self.store.read_tx(async |tx| find_person(tx, id).await).await?;
        let person = found.ok_or(Refusal::NoPerson)?;
        Ok((person.version, self.open(id, person)?))
    }

    #[expect(clippy::too_many_arguments, reason = "what a change writes is one thing, and two callers write it")]
    async fn write_statements(
        &self,
        tx: &DatabaseTransaction,
        mandate: &Mandate,
        id: PersonId,
        before: usize,
        version: u64,
        (made, kept): (&[Statement], &[KeptStatement]),
        kind: &'static str,
    ) -> Result<(), RegistryError> {
        self.linked_are_there(tx, id, made).await?;
        insert_statements(tx, id, before, kept).await?;
        let kinds: Vec<&str> = made.iter().map(|statement| statement.kind.as_str()).collect();
        let event = PersonChanged { person_id: id.to_string(), version };
        let detail = json!({ "version": version, "kinds": kinds });
        self.journal.record(tx, of_person(&self.journal, kind, mandate, id, detail).event(&event)).await?;
        Ok(())
    }

    /// That whom family links name is in the register, and somebody else.
    async fn linked_are_there(
        &self,
        tx: &DatabaseTransaction,
        id: PersonId,
        made: &[Statement],
    ) -> Result<(), RegistryError> {
        let linked: Vec<PersonId> = made
            .iter()
            .filter_map(|statement| match &statement.fact {
                Some(Fact::FamilyLink(link)) => Some(link.person),
                _ => None,
            })
            .collect();
        if linked.is_empty() {
            return Ok(());
        }
        let there = known_persons(tx, &linked).await?;
        if linked.iter().any(|other| *other == id || !there.contains(other)) {
            let expected = "another person of the register";
            return Err(Refusal::Invalid { member: "/fact/family_link/person_id", expected }.into());
        }
        Ok(())
    }

    fn seal(&self, person: PersonId, made: &[Statement]) -> Result<Vec<KeptStatement>, Unopenable> {
        let seal = |statement: &Statement| {
            let said = Said {
                fact: statement.fact.clone(),
                source: statement.source.clone(),
                reason: statement.reason.clone(),
            };
            Ok(KeptStatement {
                id: statement.id,
                kind: statement.kind,
                withdrawn: statement.fact.is_none(),
                validity: statement.validity,
                sealed: self.keys.seal(person, statement.id, &said)?,
                recorded_at: statement.recorded_at,
                recorded_by: statement.recorded_by.clone(),
                replaces: statement.replaces,
            })
        };
        made.iter().map(seal).collect()
    }

    fn open(&self, id: PersonId, person: KeptPerson) -> Result<Vec<Statement>, Unopenable> {
        let open = |kept: KeptStatement| {
            let Said { fact, source, reason } = self.keys.unseal(id, kept.id, &kept.sealed)?;
            // What is outside of the seal says no more than what is inside.
            if fact.is_none() != kept.withdrawn || fact.as_ref().is_some_and(|fact| fact.kind() != kept.kind) {
                return Err(Unopenable);
            }
            Ok(Statement {
                id: kept.id,
                kind: kept.kind,
                fact,
                validity: kept.validity,
                source,
                reason,
                recorded_at: kept.recorded_at,
                recorded_by: kept.recorded_by,
                replaces: kept.replaces,
            })
        };
        person.statements.into_iter().map(open).collect()
    }
}

/// What the purpose lets see, each with what had replaced it.
fn shown(version: u64, statements: Vec<Statement>, all: &[Statement], mandate: &Mandate) -> ShownPerson {
    let hidden = |statement: &Statement| statement.kind == FactKind::Vulnerability && !mandate.vulnerabilities;
    let withheld = statements.iter().any(hidden);
    let replaced_by = |id| all.iter().find(|other| other.replaces == Some(id)).map(|other| other.id);
    let statements = statements
        .into_iter()
        .filter(|statement| !hidden(statement))
        .map(|statement| ShownStatement { replaced_by: replaced_by(statement.id), statement })
        .collect();
    ShownPerson { version, statements, withheld }
}
