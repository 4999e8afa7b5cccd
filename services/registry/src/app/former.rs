//! What was brought over from registers that are replaced: found by its numbers, shown as it was, held against what was sent.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;
use straznica_journal::Entry;

use super::App;
use super::entry::{context, of_person};
use super::intake::of_intake;
use super::intake_work::SealedRecord;
use crate::domain::intake::{Counts, FormerRecord, Kind, Outcome, StatedFact};
use crate::domain::{FormerRecordId, IntakeId, Mandate, PersonId, Refusal};
use crate::error::RegistryError;
use crate::store::{
    BroughtIn, KeptRecord, KeptRow, count_brought_in, count_refused, count_rows, find_brought_in, find_person,
    find_record, known_persons, last_intake, list_rows, numbered, records_of,
};

/// Rows read at once.
const ROWS_AT_ONCE: u64 = 500;

/// A record as shown.
pub(crate) struct ShownRecord {
    pub(crate) id: FormerRecordId,
    pub(crate) kind: Kind,
    pub(crate) source: String,
    pub(crate) number: String,
    pub(crate) record: FormerRecord,
    /// The record it belongs to.
    pub(crate) of: Option<FormerRecordId>,
}

/// What a source sent last of a kind, against what is held of it.
pub(crate) struct Reconciled {
    pub(crate) kind: Kind,
    pub(crate) intake: IntakeId,
    pub(crate) counts: Counts,
    /// By reason and column.
    pub(crate) refused: BTreeMap<(String, String), u64>,
    pub(crate) changed: u64,
    pub(crate) held: u64,
    pub(crate) of_other_files: u64,
    pub(crate) file_digest: String,
    pub(crate) register_digest: String,
    /// By year and type: in the file, and held.
    pub(crate) years: BTreeMap<(i64, String), (u64, u64)>,
}

impl Reconciled {
    /// Whether nothing is missing and nothing was added.
    pub(crate) fn adds_up(&self) -> bool {
        let Counts { waiting, accepted, unchanged, refused } = self.counts;
        waiting == 0
            && self.refused.values().sum::<u64>() == refused
            && accepted + unchanged + self.of_other_files == self.held
            && self.file_digest == self.register_digest
    }
}

impl App {
    /// What a number of a replaced register belongs to.
    pub(crate) async fn find_former_number(
        &self,
        mandate: &Mandate,
        number: &str,
        source: Option<&str>,
    ) -> Result<Vec<BroughtIn>, RegistryError> {
        let digest = self.number_digest(number);
        let found = self.store.read_tx(async |tx| numbered(tx, source, None, &digest).await).await?;
        let asked = self.journal.pseudonym("former_number", number);
        let detail = json!({ "source": source, "found": found.len() });
        let entry = Entry::new("former_number.searched", context(mandate)).subject(asked);
        self.journal.record_read(entry.legal_basis(mandate.legal_basis.clone()).detail(detail)).await?;
        Ok(found)
    }

    /// Cases and consultations of a person as they were kept before.
    pub(crate) async fn former_records(
        &self,
        mandate: &Mandate,
        person: PersonId,
    ) -> Result<Vec<ShownRecord>, RegistryError> {
        let kept = self
            .store
            .read_tx(async |tx| {
                if known_persons(tx, &[person]).await?.is_empty() {
                    return Err(Refusal::NoPerson.into());
                }
                records_of(tx, person).await
            })
            .await?;
        let shown = |(kept, of): (KeptRecord, Option<FormerRecordId>)| {
            let SealedRecord { number, record } = self.keys.unseal_in(kept.id.uuid(), kept.id.uuid(), &kept.sealed)?;
            Ok(ShownRecord { id: kept.id, kind: kept.kind, source: kept.source, number, record, of })
        };
        let records = kept.into_iter().map(shown).collect::<Result<Vec<_>, RegistryError>>()?;
        let detail = json!({ "records": records.len() });
        let entry = of_person(&self.journal, "person.former_records_read", mandate, person, detail);
        self.journal.record_read(entry).await?;
        Ok(records)
    }

    /// What a source sent last, of each kind, against what the register holds of it.
    pub(crate) async fn reconcile(&self, mandate: &Mandate, source: &str) -> Result<Vec<Reconciled>, RegistryError> {
        let mut all = Vec::new();
        for kind in Kind::ALL {
            let last = self.store.read_tx(async |tx| last_intake(tx, source, *kind).await).await?;
            let Some(intake) = last else { continue };
            let reconciled = self.reconcile_intake(source, *kind, intake.id).await?;
            let detail = json!({ "adds_up": reconciled.adds_up(), "held": reconciled.held });
            self.journal.record_read(of_intake("intake.reconciled", mandate, &intake, detail)).await?;
            all.push(reconciled);
        }
        Ok(all)
    }

    async fn reconcile_intake(&self, source: &str, kind: Kind, id: IntakeId) -> Result<Reconciled, RegistryError> {
        let (counts, refused, held) = self
            .store
            .read_tx(async |tx| {
                let counts = count_rows(tx, id).await?;
                Ok::<_, RegistryError>((
                    counts,
                    count_refused(tx, id).await?,
                    count_brought_in(tx, source, kind).await?,
                ))
            })
            .await?;
        let (mut in_file, mut in_register) = (Vec::new(), Vec::new());
        let mut years: BTreeMap<(i64, String), (u64, u64)> = BTreeMap::new();
        let (mut changed, mut found, mut after) = (0, 0, 0);
        loop {
            let rows = self.store.read_tx(async |tx| list_rows(tx, id, None, after, ROWS_AT_ONCE).await).await?;
            let Some(last) = rows.last() else { break };
            after = last.number;
            for row in rows {
                changed += u64::from(row.changed);
                let is_in = matches!(row.outcome, Outcome::Accepted | Outcome::Unchanged);
                if let Some(year) = row.record.clone() {
                    let sums = years.entry(year).or_default();
                    sums.0 += 1;
                    sums.1 += u64::from(is_in);
                }
                if is_in {
                    in_file.push(row.said_digest.clone());
                    let said = self.held_digest(source, kind, &row).await?;
                    found += u64::from(said.is_some());
                    in_register.extend(said);
                }
            }
        }
        Ok(Reconciled {
            kind,
            intake: id,
            counts,
            refused,
            changed,
            held,
            of_other_files: held.saturating_sub(found),
            file_digest: digest_of(in_file),
            register_digest: digest_of(in_register),
            years,
        })
    }

    /// What the file said of a row, if that is what the register says of it today; something else if it says something else; `None` if it knows nothing of it.
    async fn held_digest(&self, source: &str, kind: Kind, row: &KeptRow) -> Result<Option<String>, RegistryError> {
        let said = self
            .store
            .read_tx(async |tx| {
                let Some(brought) = find_brought_in(tx, source, kind, &row.row_digest).await? else { return Ok(None) };
                let said = match kind {
                    Kind::Persons | Kind::Facts => {
                        let id = PersonId::from_uuid(brought.taken_into);
                        let Some(person) = find_person(tx, id).await? else {
                            return Ok(Some((brought, String::new())));
                        };
                        self.stated_digest(&self.stated_there(id, person, brought.statements)?)?
                    }
                    Kind::Cases | Kind::Consultations => {
                        let id = FormerRecordId::from_uuid(brought.taken_into);
                        let Some(kept) = find_record(tx, id).await? else { return Ok(Some((brought, String::new()))) };
                        self.record_digest(&self.keys.unseal_in(id.uuid(), id.uuid(), &kept.sealed)?)?
                    }
                };
                Ok::<_, RegistryError>(Some((brought, said)))
            })
            .await?;
        Ok(said.map(|(brought, said)| if said == brought.said_digest { brought.row_said_digest } else { said }))
    }

    fn stated_there(
        &self,
        id: PersonId,
        person: crate::store::KeptPerson,
        (first, many): (u64, u64),
    ) -> Result<Vec<StatedFact>, RegistryError> {
        let index = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let statements = self.open(id, person)?.into_iter().skip(index(first)).take(index(many));
        let stated = statements.filter_map(|statement| {
            let (from, to) = (statement.validity.from, statement.validity.to);
            Some(StatedFact { fact: statement.fact?, from, to, source: statement.source })
        });
        Ok(stated.collect())
    }
}

/// Over digests in the order of their letters, so that the order of a file does not matter.
fn digest_of(mut digests: Vec<String>) -> String {
    digests.sort();
    digest(&SHA256, digests.join("\n").as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
