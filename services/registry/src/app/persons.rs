//! Persons: registered, changed, read as they were known.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use straznica_contracts::registry::events::v1::PersonChanged;
use straznica_types::{CivilDate, Timestamp};

use super::App;
use super::entry::of_person;
use super::whole::Whole;
use crate::domain::calendar::warsaw;
use crate::domain::file::CaseFile;
use crate::domain::finding::{Findable, searched_by};
use crate::domain::merge::{Group, group};
use crate::domain::person::{Change, Fact, FactKind, Statement, named, plan, valid_on};
use crate::domain::{Mandate, PersonId, Refusal, StatementId};
use crate::error::RegistryError;
use crate::keys::Unopenable;
use crate::store::{
    KeptPerson, KeptStatement, bump_person, cases_of, insert_person, insert_statements, insert_to_compare,
    known_persons, write_finding,
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
    /// Under whose id, and who else is read with it.
    pub(crate) group: Group,
    pub(crate) statements: Vec<ShownStatement>,
    /// There are vulnerabilities the purpose does not let the caller see.
    pub(crate) withheld: bool,
}

/// A person as changed.
pub(super) struct Changed {
    pub(super) version: u64,
    /// How many statements there were before of the one that was named.
    pub(super) statements: usize,
    /// Whose statements came to be searched by something else.
    pub(super) touched: Vec<PersonId>,
}

/// A statement, of whom it was made, and what replaced it.
pub(crate) struct ShownStatement {
    pub(crate) statement: Statement,
    pub(crate) person: PersonId,
    pub(crate) replaced_by: Option<StatementId>,
}

/// Somebody who was registered.
pub(crate) struct Registered {
    pub(crate) id: PersonId,
    pub(crate) version: u64,
    /// Who may be the same, the likeliest first.
    pub(crate) likely_duplicates: Vec<(PersonId, f64)>,
}

impl App {
    /// Registers a person with the first statements, and looks for who may be the same.
    pub(crate) async fn register_person(
        &self,
        mandate: &Mandate,
        changes: Vec<Change>,
    ) -> Result<Registered, RegistryError> {
        let now = self.clock.now();
        let changes = &changes;
        let id = self.store.write_tx(async move |tx| self.register_in(tx, mandate, changes.clone(), now).await).await?;
        Ok(Registered { id, version: 1, likely_duplicates: self.compare_now(mandate, [id]).await })
    }

    /// Registers a person, of version 1, in a transaction that may do more. Who may be the same is looked for by the job.
    pub(super) async fn register_in(
        &self,
        tx: &DatabaseTransaction,
        mandate: &Mandate,
        changes: Vec<Change>,
        now: Timestamp,
    ) -> Result<PersonId, RegistryError> {
        let id = PersonId::generate_at(now);
        let made = plan(&[], changes, mandate.vulnerabilities, &mandate.officer, now)?;
        insert_person(tx, id, now).await?;
        self.linked_are_there(tx, &BTreeSet::from([id]), &made).await?;
        let new = New { person: id, before: &[], made: &made, version: 1 };
        self.write_statements(tx, mandate, new, "person.registered").await?;
        Ok(id)
    }

    /// Adds, corrects, ends or withdraws statements: all or none. Of several who are read as one, what replaces a statement is stated of the same as that, and what is new
    /// of the one that is named.
    pub(crate) async fn change_person(
        &self,
        mandate: &Mandate,
        id: PersonId,
        expected: u64,
        changes: Vec<Change>,
    ) -> Result<u64, RegistryError> {
        let now = self.clock.now();
        let changes = &changes;
        let changed = self
            .store
            .write_tx(async move |tx| self.change_in(tx, mandate, id, Some(expected), changes.clone(), now).await)
            .await?;
        self.compare_now(mandate, changed.touched).await;
        Ok(changed.version)
    }

    /// Changes a person in a transaction that may do more. `expected`: the version the caller saw; `None`: it only adds, whatever the version.
    pub(super) async fn change_in(
        &self,
        tx: &DatabaseTransaction,
        mandate: &Mandate,
        id: PersonId,
        expected: Option<u64>,
        changes: Vec<Change>,
        now: Timestamp,
    ) -> Result<Changed, RegistryError> {
        let whole = self.whole(tx, id, Timestamp::from_millis(i64::MAX)).await?;
        if expected.is_some_and(|expected| expected != whole.version) {
            return Err(Refusal::Stale.into());
        }
        // Of two changes in one millisecond the second is the later one all the same.
        let last = whole.statements.iter().map(|statement| statement.recorded_at).max();
        let at = last.map_or(now, |last| now.max(Timestamp::from_millis(last.millis() + 1)));
        let made = plan(&whole.statements, changes, mandate.vulnerabilities, &mandate.officer, at)?;
        self.linked_are_there(tx, &whole.group.members, &made).await?;
        let mut of: BTreeMap<PersonId, Vec<Statement>> = BTreeMap::new();
        for statement in made {
            let owner = statement.replaces.and_then(|replaced| whole.owner(replaced)).unwrap_or(id);
            of.entry(owner).or_default().push(statement);
        }
        let version = whole.version + of.len() as u64;
        for (person, made) in &of {
            let seen = whole.versions.get(person).ok_or(Refusal::NoPerson)?;
            if !bump_person(tx, *person, *seen).await? {
                return Err(Refusal::Stale.into());
            }
            let before: Vec<Statement> = whole.statements_of(*person).cloned().collect();
            // Each keeps a name, in case they are split.
            if !named(&before.iter().chain(made).cloned().collect::<Vec<_>>()) {
                return Err(Refusal::NoName.into());
            }
            let new = New { person: *person, before: &before, made, version };
            self.write_statements(tx, mandate, new, "person.changed").await?;
        }
        let searched = |made: &Vec<Statement>| made.iter().any(|statement| searched_by(statement.kind));
        let touched = of.iter().filter(|(_, made)| searched(made)).map(|(person, _)| *person).collect();
        Ok(Changed { version, statements: whole.statements_of(id).count(), touched })
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
        let whole = self.store.read_tx(async |tx| self.whole(tx, id, known_at).await).await?;
        let then: Vec<Statement> = valid_on(&whole.statements, known_at, day).cloned().collect();
        let by_then: Vec<&Statement> =
            whole.statements.iter().filter(|statement| statement.recorded_at <= known_at).collect();
        let shown = shown(&whole, then, &by_then, mandate);
        let detail = json!({ "known_at": known_at.millis(), "valid_on": day.to_string(), "withheld": shown.withheld });
        self.journal_read_group(mandate, &shown.group, "person.read", &detail).await?;
        Ok(shown)
    }

    /// Every statement ever made.
    pub(crate) async fn person_history(&self, mandate: &Mandate, id: PersonId) -> Result<ShownPerson, RegistryError> {
        let now = Timestamp::from_millis(i64::MAX);
        let whole = self.store.read_tx(async |tx| self.whole(tx, id, now).await).await?;
        let shown = shown(&whole, whole.statements.clone(), &whole.statements.iter().collect::<Vec<_>>(), mandate);
        let detail = json!({ "withheld": shown.withheld });
        self.journal_read_group(mandate, &shown.group, "person.history_read", &detail).await?;
        Ok(shown)
    }

    /// The cases that cover a person, each with under whose id: those of who was merged follow.
    pub(crate) async fn person_cases(
        &self,
        mandate: &Mandate,
        id: PersonId,
    ) -> Result<Vec<(CaseFile, PersonId)>, RegistryError> {
        let merges = self.merges(self.store.reader(), [id]).await?;
        let group = group(id, &merges, Timestamp::from_millis(i64::MAX));
        if known_persons(self.store.reader(), &[id]).await?.is_empty() {
            return Err(Refusal::NoPerson.into());
        }
        let mut cases = Vec::new();
        for member in &group.members {
            cases.extend(cases_of(self.store.reader(), *member).await?.into_iter().map(|case| (case.file, *member)));
        }
        cases.sort_by_key(|(file, _)| (file.opened_at, file.id));
        self.journal_read_group(mandate, &group, "person.cases_read", &json!({ "cases": cases.len() })).await?;
        Ok(cases)
    }

    /// Everything ever stated of a person, and of those who are read as the same.
    pub(super) async fn statements(&self, id: PersonId) -> Result<(u64, Vec<Statement>), RegistryError> {
        let now = Timestamp::from_millis(i64::MAX);
        let whole = self.store.read_tx(async |tx| self.whole(tx, id, now).await).await?;
        Ok((whole.version, whole.statements))
    }

    /// Of several who are read as one, the journal knows each.
    async fn journal_read_group(
        &self,
        mandate: &Mandate,
        group: &Group,
        kind: &'static str,
        detail: &Value,
    ) -> Result<(), RegistryError> {
        for member in &group.members {
            self.journal.record_read(of_person(&self.journal, kind, mandate, *member, detail.clone())).await?;
        }
        Ok(())
    }

    /// Writes new statements of one person, with what they are found by.
    async fn write_statements(
        &self,
        tx: &DatabaseTransaction,
        mandate: &Mandate,
        New { person, before, made, version }: New<'_>,
        kind: &'static str,
    ) -> Result<(), RegistryError> {
        insert_statements(tx, person, before.len(), &self.seal(person, made)?).await?;
        if made.iter().any(|statement| searched_by(statement.kind)) {
            let all: Vec<Statement> = before.iter().chain(made).cloned().collect();
            write_finding(tx, person, &self.keys.finding(person, &Findable::of(&all))?).await?;
            insert_to_compare(tx, person).await?;
        }
        let kinds: Vec<&str> = made.iter().map(|statement| statement.kind.as_str()).collect();
        let event = PersonChanged { person_id: person.to_string(), version };
        let detail = json!({ "version": version, "kinds": kinds });
        self.journal.record(tx, of_person(&self.journal, kind, mandate, person, detail).event(&event)).await?;
        Ok(())
    }

    /// That whom family links name is in the register, and somebody else.
    async fn linked_are_there(
        &self,
        tx: &DatabaseTransaction,
        own: &BTreeSet<PersonId>,
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
        if linked.iter().any(|other| own.contains(other) || !there.contains(other)) {
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

    pub(super) fn open(&self, id: PersonId, person: KeptPerson) -> Result<Vec<Statement>, Unopenable> {
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

/// New statements of one person.
struct New<'s> {
    person: PersonId,
    before: &'s [Statement],
    made: &'s [Statement],
    /// Of the person as read, with them.
    version: u64,
}

/// What the purpose lets see, each with what had replaced it.
fn shown(whole: &Whole, statements: Vec<Statement>, all: &[&Statement], mandate: &Mandate) -> ShownPerson {
    let hidden = |statement: &Statement| statement.kind == FactKind::Vulnerability && !mandate.vulnerabilities;
    let withheld = statements.iter().any(hidden);
    let replaced_by = |id| all.iter().find(|other| other.replaces == Some(id)).map(|other| other.id);
    let statements = statements
        .into_iter()
        .filter(|statement| !hidden(statement))
        .map(|statement| ShownStatement {
            replaced_by: replaced_by(statement.id),
            person: whole.owner(statement.id).unwrap_or(whole.group.answers_as),
            statement,
        })
        .collect();
    ShownPerson { version: whole.version, group: whole.group.clone(), statements, withheld }
}
