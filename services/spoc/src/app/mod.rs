//! Use cases: authorise → load → decide (domain) → write and journal in one transaction. Who may call is settled before (the table of calls); that
//! the officer named is the one calling, and that it is a second one, is settled here.

pub(crate) mod anchors;
pub(crate) mod call;
pub(crate) mod chains;
pub(crate) mod clearing;
pub(crate) mod control_centre;
pub(crate) mod cvca_certificates;
pub(crate) mod defect_lists;
pub(crate) mod document_signers;
pub(crate) mod document_trust;
pub(crate) mod dv_certificates;
pub(crate) mod dv_requests;
pub(crate) mod exchange;
pub(crate) mod exchange_key;
pub(crate) mod holders;
pub(crate) mod inspection_systems;
pub(crate) mod inspections;
pub(crate) mod issuing;
pub(crate) mod key_clean_up;
pub(crate) mod lists;
pub(crate) mod master_lists;
pub(crate) mod national_cvca;
pub(crate) mod records;
pub(crate) mod repository;
pub(crate) mod resumption;
pub(crate) mod revocation_lists;
pub(crate) mod sequences;
pub(crate) mod ta_signature;
pub(crate) mod trust_reports;

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, OnceLock},
};

use ::exchange::{Country, profile::Catalogue};

use sea_orm::DatabaseTransaction;
use straznica_contracts::spoc::events::v1::TrustChanged;
use straznica_exchange_wire::Judge;
use straznica_journal::{Context, Entry, Journal};
use straznica_store::Store;
use straznica_types::{Environment, SharedClock, Timestamp};
use tokio::sync::Semaphore;

use self::{
    call::Call,
    control_centre::ControlCentre,
    document_trust::DocumentTrust,
    exchange::{
        admission::LastRefusals, contacts::Noted, delivery::Clients, fallback::BundleSigner, partners::Partners,
    },
};
use crate::{
    config::Config,
    domain::{
        exchange::{
            policy::{Policy, Rule},
            quota::Quota,
            refusals::Refusals,
        },
        shift::ShiftPlan,
    },
    error::SpocError,
    keystore::KeyStore,
    metrics::Metrics,
    store::generations::{self, Generation, Subject},
    timewatch::TimeWatch,
};

/// What every use case works with.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) environment: Environment,
    /// The state this node belongs to.
    pub(crate) country: Country,
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) clock: SharedClock,
    pub(crate) keystore: Arc<dyn KeyStore>,
    pub(crate) control: ControlCentre,
    pub(crate) documents: DocumentTrust,
    pub(crate) partners: Partners,
    pub(crate) contacts: Noted,
    /// Why each partner was last refused.
    pub(crate) last_refusals: LastRefusals,
    /// Judges partners' certificates.
    pub(crate) judge: Judge,
    /// How partners spell the messages.
    pub(crate) profiles: Arc<Catalogue>,
    /// Fingerprints of roots and CVCA certificates of the other environment, which this node refuses.
    pub(crate) other_environment: BTreeSet<String>,
    pub(crate) shifts: ShiftPlan,
    pub(crate) policy: Policy,
    /// One permit a signature made at once.
    pub(crate) signing: Arc<Semaphore>,
    /// One permit a request of another state judged at once: apart, so that partners cannot keep terminals waiting.
    pub(crate) issuing: Arc<Semaphore>,
    /// Ways to partners, once the listeners are there.
    pub(crate) clients: OnceLock<Arc<dyn Clients>>,
    /// Signs bundles of the e-mail fallback, once the exchange's credentials are there.
    pub(crate) bundles: OnceLock<Arc<dyn BundleSigner>>,
    /// Refused messages of partners that went on record.
    pub(crate) refused_messages: Mutex<Refusals>,
    /// Messages of partners taken in this hour.
    pub(crate) quota: Mutex<Quota>,
    /// One at a time takes certificates in, or judges a request once more: what they verified rests on what is held, which the others change.
    pub(crate) taking_turns: tokio::sync::Mutex<()>,
    pub(crate) metrics: Metrics,
    pub(crate) time_watch: TimeWatch,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("environment", &self.environment).finish_non_exhaustive()
    }
}

impl App {
    /// Takes in what this or another replica changed. Called at the start, after each commit, and by a job.
    ///
    /// # Errors
    /// [`SpocError`] when the database does not answer or holds something unreadable; the state held stays.
    pub(crate) async fn refresh(&self) -> Result<(), SpocError> {
        self.control.reload(&self.store).await?;
        self.documents.reload(&self.store, self.environment).await?;
        self.partners.reload(&self.store).await?;
        Ok(())
    }

    /// Asked before anything is issued, requested, deleted or destroyed: certificates and requests are dated by the node's clock and numbered by its
    /// database. Signatures of Terminal Authentication do not ask, since they date nothing and move no chip's date.
    ///
    /// # Errors
    /// [`SpocError::ClockInDoubt`] while the clock cannot be relied on, [`SpocError::Restored`] on a node started so.
    pub(crate) fn doubt(&self) -> Result<(), SpocError> {
        if self.config.restored {
            return Err(SpocError::Restored);
        }
        Ok(self.time_watch.doubt()?)
    }
}

/// Writes a journal entry in the transaction of what it tells of.
pub(crate) async fn record(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    kind: &'static str,
    detail: serde_json::Value,
) -> Result<(), SpocError> {
    debug_assert!(names_its_rule(kind, &detail), "a refusal goes on record without its rule: {kind}");
    app.journal.record(tx, entry(call, kind, detail)).await?;
    Ok(())
}

/// A refusal says by which rule of the policy.
fn names_its_rule(kind: &str, detail: &serde_json::Value) -> bool {
    let rule = detail.get("rule").and_then(serde_json::Value::as_str);
    !kind.ends_with("_refused") || rule.is_some_and(|rule| Rule::from_name(rule).is_some())
}

/// Writes a journal entry together with the event that others may know.
pub(crate) async fn record_with<M: prost::Message + prost::Name>(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    kind: &'static str,
    detail: serde_json::Value,
    event: &M,
) -> Result<(), SpocError> {
    app.journal.record(tx, entry(call, kind, detail).event(event)).await?;
    Ok(())
}

fn entry(call: &Call, kind: &'static str, detail: serde_json::Value) -> Entry {
    let context = Context {
        actor: call.actor.clone(),
        terminal: call.terminal_id.clone(),
        officer: call.officer.clone(),
        purpose: call.purpose.clone(),
        case_number: call.case_number.clone(),
        request_id: call.request_id.clone(),
    };
    Entry::new(kind, context).detail(detail)
}

/// Raises the generation of the trust in documents and tells others, in the transaction of the change.
pub(crate) async fn documents_changed(
    app: &App,
    tx: &DatabaseTransaction,
    cause: &'static str,
    now: Timestamp,
) -> Result<Generation, SpocError> {
    let generation = generations::raise(tx, Subject::Documents, now).await?;
    app.journal.publish(tx, &TrustChanged { generation: generation.number, cause: cause.to_owned() }).await?;
    Ok(generation)
}

/// Runs what computes long, or waits for a disk, off the async threads.
pub(crate) async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, SpocError>
where
    T: Send + 'static,
    E: Send + 'static,
    SpocError: From<E>,
{
    Ok(tokio::task::spawn_blocking(work).await??)
}
