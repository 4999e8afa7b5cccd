//! Rows are taken in, one a transaction: with what they become, their outcome and the journal's entry, or not at all. So the work goes on where it stopped, and two
//! replicas at one intake do no row twice.

use sea_orm::DatabaseTransaction;
use sea_orm::prelude::Uuid;
use serde::{Deserialize, Serialize};
use serde_json::json;
use straznica_types::Timestamp;

use super::App;
use super::entry::of_person;
use super::intake::{of_intake, row_uuid};
use crate::domain::intake::{
    Column, FormerRecord, Intake, Kind, Outcome, Problem, ProblemCode, Row, State, StatedFact,
};
use crate::domain::person::Change;
use crate::domain::{CallerClaims, FormerRecordId, Mandate, PersonId, Refusal};
use crate::error::RegistryError;
use crate::store::{
    BroughtIn, KeptRecord, KeptRow, close_row, count_rows, find_brought_in, insert_brought_in, insert_record,
    list_rows, numbered, running_intake, update_intake,
};

/// Rows read at once.
const ROWS_AT_ONCE: u64 = 100;

/// A record as it is encrypted.
#[derive(Serialize, Deserialize)]
pub(super) struct SealedRecord {
    pub(super) number: String,
    pub(super) record: FormerRecord,
}

/// What a row became.
struct Taken {
    into: Uuid,
    /// Which of the person's statements.
    statements: (u64, u64),
    said_digest: String,
}

impl App {
    /// Takes in what is waiting, until nothing is, or it is time to stop.
    pub(crate) async fn work_intakes(&self, stop: &(dyn Fn() -> bool + Sync)) -> Result<(), RegistryError> {
        while let Some(intake) = self.store.read_tx(async |tx| running_intake(tx).await).await? {
            let mandate = self.mandate_of(&intake)?;
            loop {
                let id = intake.id;
                let waiting = Some(Outcome::Waiting);
                let rows = self.store.read_tx(async |tx| list_rows(tx, id, waiting, 0, ROWS_AT_ONCE).await).await?;
                if rows.is_empty() {
                    break;
                }
                for row in rows {
                    if stop() {
                        return Ok(());
                    }
                    self.take_row(&mandate, &intake, &row).await?;
                }
                let still = self.store.read_tx(async |tx| crate::store::find_intake(tx, id).await).await?;
                if still.is_none_or(|intake| intake.state != State::Running) {
                    break;
                }
            }
            self.finish_intake(&mandate, intake).await?;
        }
        Ok(())
    }

    /// The mandate of who started it.
    fn mandate_of(&self, intake: &Intake) -> Result<Mandate, Refusal> {
        let claims = CallerClaims {
            actor: "service/registry".to_owned(),
            terminal: None,
            officer: intake.decided_by.clone(),
            purpose: intake.purpose.clone(),
            case_number: intake.case_number.clone(),
            request_id: None,
        };
        claims.on_persons(&self.purposes)
    }

    async fn finish_intake(&self, mandate: &Mandate, mut intake: Intake) -> Result<(), RegistryError> {
        let now = self.clock.now();
        self.store
            .write_tx(async move |tx| {
                let counts = count_rows(tx, intake.id).await?;
                if counts.waiting > 0 {
                    return Ok(());
                }
                (intake.state, intake.finished_at) = (State::Done, Some(now));
                if update_intake(tx, &intake, State::Running, now).await? {
                    let detail = json!({
                        "accepted": counts.accepted, "unchanged": counts.unchanged, "refused": counts.refused,
                        "dry_run": intake.dry_run,
                    });
                    self.journal.record(tx, of_intake("intake.done", mandate, &intake, detail)).await?;
                }
                Ok::<_, RegistryError>(())
            })
            .await
    }

    async fn take_row(&self, mandate: &Mandate, intake: &Intake, kept: &KeptRow) -> Result<(), RegistryError> {
        let now = self.clock.now();
        let row: Row = self.keys.unseal_in(intake.id.uuid(), row_uuid(kept.number), &kept.sealed)?;
        let row = &row;
        let taken = self
            .store
            .write_tx(async move |tx| {
                let (outcome, problem, into) = self.outcome(tx, mandate, intake, kept, row, now).await?;
                // Somebody else did it: what this transaction wrote goes with it.
                if !close_row(tx, intake.id, kept.number, outcome, problem, into).await? {
                    return Err(Refusal::Stale.into());
                }
                Ok::<_, RegistryError>(())
            })
            .await;
        match taken {
            Err(RegistryError::Refused(Refusal::Stale)) => Ok(()),
            // The rules refuse what it says; nothing of it was written.
            Err(RegistryError::Refused(_)) => {
                let problem = Some(Problem::of(ProblemCode::Refused));
                self.store
                    .write_tx(async move |tx| {
                        close_row(tx, intake.id, kept.number, Outcome::Refused, problem, None).await?;
                        Ok::<_, RegistryError>(())
                    })
                    .await
            }
            other => other,
        }
    }

    async fn outcome(
        &self,
        tx: &DatabaseTransaction,
        mandate: &Mandate,
        intake: &Intake,
        kept: &KeptRow,
        row: &Row,
        now: Timestamp,
    ) -> Result<(Outcome, Option<Problem>, Option<Uuid>), RegistryError> {
        let before = find_brought_in(tx, &intake.source, intake.kind, &kept.row_digest).await?;
        if let Some(before) = before {
            return Ok(if before.row_said_digest == kept.said_digest {
                (Outcome::Unchanged, None, Some(before.taken_into))
            } else {
                (Outcome::Refused, Some(Problem::of(ProblemCode::Changed)), Some(before.taken_into))
            });
        }
        let Some(parents) = self.parents(tx, intake, row).await? else {
            let problem = Problem::at(ProblemCode::NoParent, Column::BelongsTo);
            return Ok((Outcome::Refused, Some(problem), None));
        };
        if intake.dry_run {
            return Ok((Outcome::Accepted, None, None));
        }
        let taken = self.take(tx, mandate, intake, row, &parents, now).await?;
        let brought = BroughtIn {
            source: intake.source.clone(),
            kind: intake.kind,
            row_digest: kept.row_digest.clone(),
            row_said_digest: kept.said_digest.clone(),
            said_digest: taken.said_digest,
            number_digest: self.number_digest(&row.number),
            taken_into: taken.into,
            statements: taken.statements,
            intake: intake.id,
        };
        insert_brought_in(tx, &brought).await?;
        Ok((Outcome::Accepted, None, Some(taken.into)))
    }

    /// What the row belongs to; `None`: not all of it was brought in.
    async fn parents(
        &self,
        tx: &DatabaseTransaction,
        intake: &Intake,
        row: &Row,
    ) -> Result<Option<Vec<Uuid>>, RegistryError> {
        let kind = match intake.kind {
            Kind::Persons => return Ok(Some(Vec::new())),
            Kind::Facts | Kind::Cases => Kind::Persons,
            Kind::Consultations => Kind::Cases,
        };
        let mut parents = Vec::new();
        for number in &row.belongs_to {
            let digest = self.number_digest(number);
            let found = numbered(tx, Some(&intake.source), Some(kind), &digest).await?;
            // A number of two is nobody's.
            let [one] = found.as_slice() else { return Ok(None) };
            if !parents.contains(&one.taken_into) {
                parents.push(one.taken_into);
            }
        }
        Ok(Some(parents))
    }

    async fn take(
        &self,
        tx: &DatabaseTransaction,
        mandate: &Mandate,
        intake: &Intake,
        row: &Row,
        parents: &[Uuid],
        now: Timestamp,
    ) -> Result<Taken, RegistryError> {
        let reason = format!("brought in from {}, intake {}", intake.source, intake.id);
        let changes = || {
            let stated = row.stated.iter().cloned();
            stated.map(|fact| Change::Add(fact.new_statement(&reason))).collect::<Vec<_>>()
        };
        match (intake.kind, &row.record) {
            (Kind::Persons, _) => {
                let id = self.register_in(tx, mandate, changes(), now).await?;
                self.stated(id, (0, row.stated.len()), &row.stated)
            }
            (Kind::Facts, _) => {
                let one = "one person";
                let [person] = parents else {
                    return Err(Refusal::Invalid { member: "/belongs_to", expected: one }.into());
                };
                let id = PersonId::from_uuid(*person);
                let before = self.change_in(tx, mandate, id, None, changes(), now).await?;
                self.stated(id, (before.statements, row.stated.len()), &row.stated)
            }
            (Kind::Cases | Kind::Consultations, None) => Err(Refusal::Missing { member: "/record" }.into()),
            (Kind::Cases | Kind::Consultations, Some(record)) => {
                let id = FormerRecordId::generate_at(now);
                let said = SealedRecord { number: row.number.clone(), record: record.clone() };
                let sealed = self.keys.seal_in(id.uuid(), id.uuid(), &said)?;
                let kept = KeptRecord { id, kind: intake.kind, source: intake.source.clone(), sealed };
                insert_record(tx, &kept, parents).await?;
                if intake.kind == Kind::Cases {
                    let detail = json!({ "record": id.to_string(), "source": intake.source });
                    let entry = |person: &Uuid| {
                        let person = PersonId::from_uuid(*person);
                        of_person(&self.journal, "former_case.kept", mandate, person, detail.clone())
                    };
                    self.journal.record_all(tx, parents.iter().map(entry)).await?;
                } else {
                    let detail = json!({ "record": id.to_string() });
                    self.journal.record(tx, of_intake("former_consultation.kept", mandate, intake, detail)).await?;
                }
                Ok(Taken { into: id.uuid(), statements: (0, 0), said_digest: self.record_digest(&said)? })
            }
        }
    }

    fn stated(
        &self,
        person: PersonId,
        (first, many): (usize, usize),
        stated: &[StatedFact],
    ) -> Result<Taken, RegistryError> {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let statements = (count(first), count(many));
        Ok(Taken { into: person.uuid(), statements, said_digest: self.stated_digest(stated)? })
    }

    /// What some statements say.
    pub(super) fn stated_digest(&self, stated: &[StatedFact]) -> Result<String, RegistryError> {
        let said = serde_json::to_string(stated).map_err(|_| crate::keys::Unopenable)?;
        Ok(self.journal.pseudonym("brought_in", &said).to_string())
    }

    /// What a record says.
    pub(super) fn record_digest(&self, record: &SealedRecord) -> Result<String, RegistryError> {
        let said = serde_json::to_string(record).map_err(|_| crate::keys::Unopenable)?;
        Ok(self.journal.pseudonym("brought_in", &said).to_string())
    }
}
