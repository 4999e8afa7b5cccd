//! The journal a service holds: how entries are written.

use std::sync::Arc;

use aws_lc_rs::{hmac, rand};
use sea_orm::{ActiveValue, DatabaseTransaction, EntityTrait};
use straznica_store::{Isolation, SharedWrites, Store};
use straznica_types::{EntryId, SharedClock, Timestamp};
use tokio::sync::watch;
use uuid::Uuid;

use crate::encoding::{SALT_LENGTH, event_digest, payload_digest};
use crate::entity::{event, journal, payload};
use crate::group_commit::Reads;
use crate::note::{LogSigner, VerifierKey, WitnessSigner};
use crate::{Context, Entry, JournalConfig, JournalError, Pseudonym, SequencerConfig};

/// A service's journal. Cheap to clone; all clones are the same journal.
#[derive(Clone)]
pub struct Journal {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    pub(crate) sequencer: SequencerConfig,
    /// Tells this replica's sequencer from others'.
    pub(crate) holder: String,
    pub(crate) signer: LogSigner,
    pub(crate) witness: WitnessSigner,
    pub(crate) pseudonym_key: hmac::Key,
    pub(crate) reads: SharedWrites<Reads>,
    /// Position of the last event this replica's sequencer numbered: wakes those who tail.
    pub(crate) events: watch::Sender<u64>,
}

impl Journal {
    /// Opens the journal in a database that has the journal's [`migrations`](crate::migrations). To be called inside a tokio runtime: the shared
    /// transactions of [`Journal::record_read`] are written by a task of it, which ends with the last clone.
    ///
    /// # Errors
    /// When a key cannot be read, or made where the configuration allows that.
    pub async fn open(store: Store, config: &JournalConfig, clock: SharedClock) -> Result<Self, JournalError> {
        let keys = config.keys()?;
        let signer = LogSigner::new(&config.origin, &keys.signing)?;
        let witness = WitnessSigner::new(&config.origin, &keys.signing)?;
        let reads = SharedWrites::start(store.clone(), Isolation::ReadCommitted, Reads { clock: clock.clone() });
        let pseudonym_key = hmac::Key::new(hmac::HMAC_SHA256, keys.pseudonym.expose());
        let sequencer = config.sequencer.clone();
        let holder = Uuid::now_v7().to_string();
        let (events, _) = watch::channel(0);
        Ok(Self {
            inner: Arc::new(Inner { store, clock, sequencer, holder, signer, witness, pseudonym_key, reads, events }),
        })
    }

    /// Name of the log in its checkpoints.
    pub fn origin(&self) -> &str {
        self.inner.signer.verifier().name()
    }

    /// The key that verifies this log's checkpoints.
    pub fn verifier_key(&self) -> &VerifierKey {
        self.inner.signer.verifier()
    }

    /// The key that verifies what this service cosigns as a witness.
    pub fn witness_key(&self) -> &VerifierKey {
        self.inner.witness.verifier()
    }

    /// The pseudonym under which the journal knows `value`, of a class of its own (`document`, `person`, …), so that equal values of two classes do not
    /// meet.
    pub fn pseudonym(&self, class: &str, value: &str) -> Pseudonym {
        Pseudonym::make(&self.inner.pseudonym_key, class, value)
    }

    /// Writes an entry in the transaction of the change it records: both happen or neither.
    ///
    /// # Errors
    /// [`JournalError::TooLong`] for texts beyond the limits, [`JournalError::Request`] for a NUL in one, otherwise what the database says. The caller
    /// gives the transaction up.
    pub async fn record(&self, transaction: &DatabaseTransaction, entry: Entry) -> Result<EntryId, JournalError> {
        let ids = insert_all(transaction, &self.inner.clock, &[Prepared::new(entry)?]).await?;
        ids.first().copied().ok_or(JournalError::NoSuchEntry)
    }

    /// As [`Journal::record`], several at once.
    ///
    /// # Errors
    /// As [`Journal::record`].
    pub async fn record_all(
        &self,
        transaction: &DatabaseTransaction,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<Vec<EntryId>, JournalError> {
        let prepared = entries.into_iter().map(Prepared::new).collect::<Result<Vec<_>, _>>()?;
        insert_all(transaction, &self.inner.clock, &prepared).await
    }

    /// Publishes an event in the transaction of the change it tells of, under an entry of its own (`event.published`, by the service itself). Where the
    /// change has an entry, [`Entry::event`] puts the event's digest into that one instead.
    ///
    /// # Errors
    /// What the database says. The caller gives the transaction up.
    pub async fn publish<M: prost::Message + prost::Name>(
        &self,
        transaction: &DatabaseTransaction,
        event: &M,
    ) -> Result<(), JournalError> {
        let entry = Entry::new("event.published", Context::of_service(self.origin())).event(event);
        self.record(transaction, entry).await?;
        Ok(())
    }

    /// Writes an entry in a transaction shared with others that wait at this moment, and returns when it is durable. For reads: call it before the data
    /// leave, and give nothing out when it fails.
    ///
    /// # Errors
    /// As [`Journal::record`].
    pub async fn record_read(&self, entry: Entry) -> Result<EntryId, JournalError> {
        self.inner.reads.write(Prepared::new(entry)?).await
    }
}

/// An entry that was checked and salted, ready to be inserted, more than once if a transaction is repeated.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    entry: Entry,
    detail: String,
    salt: [u8; SALT_LENGTH],
}

impl Prepared {
    pub(crate) fn new(entry: Entry) -> Result<Self, JournalError> {
        let detail = entry.checked_detail()?;
        let mut salt = [0; SALT_LENGTH];
        rand::fill(&mut salt).map_err(|_| JournalError::NoRandomness)?;
        Ok(Self { entry, detail, salt })
    }
}

/// Inserts the rows of entries, in their order.
pub(crate) async fn insert_all(
    transaction: &DatabaseTransaction,
    clock: &SharedClock,
    entries: &[Prepared],
) -> Result<Vec<EntryId>, JournalError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let at = clock.now();
    let ids: Vec<EntryId> = entries.iter().map(|_| EntryId::generate_at(at)).collect();
    let rows = || ids.iter().zip(entries);
    journal::Entity::insert_many(rows().map(|(id, prepared)| journal_row(*id, at, prepared)))
        .exec_without_returning(transaction)
        .await?;
    payload::Entity::insert_many(rows().map(|(id, prepared)| payload_row(*id, prepared)))
        .exec_without_returning(transaction)
        .await?;
    let events: Vec<_> = rows().filter_map(|(id, prepared)| event_row(*id, at, prepared)).collect();
    if !events.is_empty() {
        event::Entity::insert_many(events).exec_without_returning(transaction).await?;
    }
    Ok(ids)
}

fn journal_row(id: EntryId, at: Timestamp, Prepared { entry, detail, salt }: &Prepared) -> journal::ActiveModel {
    let context = &entry.context;
    let subject = entry.subject.as_ref().map_or("", Pseudonym::as_str);
    journal::ActiveModel {
        row_number: ActiveValue::NotSet,
        entry_id: ActiveValue::Set(id.uuid()),
        leaf_index: ActiveValue::Set(None),
        at: ActiveValue::Set(at.millis()),
        actor: ActiveValue::Set(context.actor.clone()),
        terminal: ActiveValue::Set(context.terminal.clone()),
        officer: ActiveValue::Set(context.officer.clone()),
        purpose: ActiveValue::Set(context.purpose.clone()),
        request_id: ActiveValue::Set(context.request_id.clone()),
        kind: ActiveValue::Set(entry.kind.to_owned()),
        legal_basis: ActiveValue::Set(entry.legal_basis.clone()),
        payload_digest: ActiveValue::Set(payload_digest(salt, subject, &context.case_number, detail).to_vec()),
        event_digest: ActiveValue::Set(
            entry.event.as_ref().map(|event| event_digest(&event.type_name, &event.payload).to_vec()),
        ),
    }
}

fn payload_row(id: EntryId, Prepared { entry, detail, salt }: &Prepared) -> payload::ActiveModel {
    payload::ActiveModel {
        entry_id: ActiveValue::Set(id.uuid()),
        salt: ActiveValue::Set(Some(salt.to_vec())),
        subject: ActiveValue::Set(Some(entry.subject.as_ref().map_or("", Pseudonym::as_str).to_owned())),
        case_number: ActiveValue::Set(Some(entry.context.case_number.clone())),
        detail: ActiveValue::Set(Some(detail.clone())),
        erased_by: ActiveValue::Set(None),
    }
}

fn event_row(id: EntryId, at: Timestamp, Prepared { entry, .. }: &Prepared) -> Option<event::ActiveModel> {
    let event = entry.event.as_ref()?;
    Some(event::ActiveModel {
        entry_id: ActiveValue::Set(id.uuid()),
        position: ActiveValue::Set(None),
        at: ActiveValue::Set(at.millis()),
        type_name: ActiveValue::Set(event.type_name.clone()),
        payload: ActiveValue::Set(event.payload.clone()),
    })
}
