//! The trust documents are judged by: spoc's, asked for at each inspection.
//!
//! The question carries the generation held, so that an unchanged trust costs one small call. Questions that arrive while one is under way
//! share the next one; nobody's trust is confirmed by a question asked before their own. A new generation is built off the async threads, once.
//!
//! When spoc cannot be asked, the generation held goes on being used for as long as the configuration allows, marked as unconfirmed: what
//! rests on it must say so. After that, and at the start, there is nothing to judge by.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use emrtd::country::Environment;
use emrtd::lists::{Anchor, DefectList, DefectListError, ListRefusal};
use emrtd::trust::{TrustStore, TrustStoreBuilder};
use emrtd::x509::{Certificate, CertificateError, Crl};
use straznica_contracts::spoc::v1::trust_service_client::TrustServiceClient;
use straznica_contracts::spoc::v1::{GetTrustSnapshotRequest, GetTrustSnapshotResponse};
use straznica_runtime::BoxError;
use straznica_runtime::channel::Channel;
use straznica_runtime::limits;
use straznica_types::{SharedClock, Timestamp};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::error::IdentityError;
use crate::metrics::Metrics;

/// How spoc is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TrustSettings {
    /// Whether specimens are judged like documents.
    pub(crate) environment: Environment,
    /// Longest wait for an answer.
    pub(crate) patience: Duration,
    /// Longest use of a generation spoc has not confirmed since.
    pub(crate) longest_unconfirmed: Duration,
}

/// The trust in force for one inspection.
#[derive(Debug, Clone)]
pub(crate) struct TrustInForce {
    pub(crate) store: TrustStore,
    pub(crate) generation: u64,
    /// When spoc last said that this is the newest.
    pub(crate) confirmed_at: Timestamp,
    /// Whether it said so for this inspection.
    pub(crate) confirmed: bool,
}

/// Asks spoc and keeps its answer.
pub(crate) struct Trust {
    client: TrustServiceClient<Channel>,
    settings: TrustSettings,
    clock: SharedClock,
    metrics: Arc<Metrics>,
    /// Numbers the arrivals.
    arrivals: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// Every arrival up to this one came before the last question was asked or, where it was not answered, before it failed.
    covered: u64,
    /// Whether that question was answered.
    answered: bool,
}

struct Held {
    store: TrustStore,
    generation: u64,
    confirmed_at: Timestamp,
}

impl Trust {
    /// Asks over this channel.
    pub(crate) fn new(channel: Channel, settings: TrustSettings, clock: SharedClock, metrics: Arc<Metrics>) -> Self {
        let client = TrustServiceClient::new(channel).max_decoding_message_size(limits::LISTS);
        Self { client, settings, clock, metrics, arrivals: AtomicU64::new(0), state: Mutex::default() }
    }

    /// The trust to judge by now.
    ///
    /// # Errors
    /// [`IdentityError::TrustUnavailable`] when spoc does not answer and nothing young enough is held.
    pub(crate) async fn in_force(&self) -> Result<TrustInForce, IdentityError> {
        let arrival = self.arrivals.fetch_add(1, Ordering::SeqCst) + 1;
        let mut state = self.state.lock().await;
        if state.covered < arrival {
            // Taken before asking: who arrives from here on waits for the next question.
            let covered = self.arrivals.load(Ordering::SeqCst);
            // A caller that goes away meanwhile leaves the state as it was, and the next one asks again.
            let answer = self.ask(state.held.as_ref().map_or(0, |held| held.generation)).await;
            let asked_at = self.clock.now();
            state.answered = match answer {
                Some(answer) => self.take(&mut state, answer, asked_at).await?,
                None => false,
            };
            // Who arrived during a question that failed is not made to wait for the next one to fail too: a verdict on unconfirmed trust says so,
            // and one that comes after the gateway's patience helps nobody.
            state.covered = if state.answered { covered } else { self.arrivals.load(Ordering::SeqCst) };
        }
        self.choose(&state)
    }

    async fn ask(&self, known_generation: u64) -> Option<GetTrustSnapshotResponse> {
        let mut client = self.client.clone();
        let question = client.get_trust_snapshot(GetTrustSnapshotRequest { known_generation });
        let failure = match timeout(self.settings.patience, question).await {
            Ok(Ok(answer)) => return Some(answer.into_inner()),
            Ok(Err(status)) => status.code(),
            Err(_) => tonic::Code::DeadlineExceeded,
        };
        tracing::warn!(code = ?failure, "spoc could not be asked for its trust");
        self.metrics.trust_unconfirmed();
        None
    }

    async fn take(
        &self,
        state: &mut State,
        answer: GetTrustSnapshotResponse,
        confirmed_at: Timestamp,
    ) -> Result<bool, IdentityError> {
        let generation = answer.generation;
        if let Some(held) = state.held.as_mut()
            && held.generation == generation
        {
            held.confirmed_at = confirmed_at;
            return Ok(true);
        }
        let environment = self.settings.environment;
        let built = tokio::task::spawn_blocking(move || build(&answer, environment)).await;
        let Built { store, left_out } = match built.map_err(IdentityError::Computation)? {
            Ok(built) => built,
            Err(error) => {
                let cause = error.source().map(ToString::to_string);
                tracing::error!(generation, %error, cause, "spoc's trust is not taken");
                self.metrics.trust_unconfirmed();
                return Ok(false);
            }
        };
        tracing::info!(generation, cscas = store.cscas().len(), left_out, "trust taken from spoc");
        self.metrics.trust_taken(generation, left_out);
        state.held = Some(Held { store, generation, confirmed_at });
        Ok(true)
    }

    fn choose(&self, state: &State) -> Result<TrustInForce, IdentityError> {
        let held = state.held.as_ref().ok_or(IdentityError::TrustUnavailable)?;
        let age = self.clock.now().saturating_since(held.confirmed_at);
        if !state.answered && age > self.settings.longest_unconfirmed {
            return Err(IdentityError::TrustUnavailable);
        }
        Ok(TrustInForce {
            store: held.store.clone(),
            generation: held.generation,
            confirmed_at: held.confirmed_at,
            confirmed: state.answered,
        })
    }
}

struct Built {
    store: TrustStore,
    left_out: u64,
}

/// A defect list that cannot be used. Without it a document known to be bad could be found genuine, so the generation is not taken at all.
#[derive(Debug, thiserror::Error)]
enum DefectsUnusable {
    #[error("an anchor of the defect lists cannot be read")]
    Anchor(#[source] CertificateError),
    #[error("a defect list cannot be read")]
    Unreadable(#[from] DefectListError),
    #[error("a defect list is not signed under its anchor")]
    Untrusted(#[from] ListRefusal),
}

/// Builds a generation. A CSCA certificate or revocation list that cannot be read is left out, said and counted: without it documents become
/// undetermined, never genuine.
fn build(answer: &GetTrustSnapshotResponse, environment: Environment) -> Result<Built, DefectsUnusable> {
    let mut builder = TrustStore::builder(environment);
    let mut left_out = 0;
    for csca in &answer.cscas {
        match Certificate::parse(&csca.certificate) {
            Ok(certificate) => {
                for voucher in &csca.vouched_by {
                    builder.add_csca(certificate.clone(), voucher);
                }
            }
            Err(error) => {
                tracing::error!(%error, "a CSCA certificate of spoc's trust is left out");
                left_out += 1;
            }
        }
    }
    for bytes in &answer.revocation_lists {
        if let Err(error) = add_crl(&mut builder, bytes) {
            tracing::error!(%error, "a revocation list of spoc's trust is left out");
            left_out += 1;
        }
    }
    add_defect_lists(&mut builder, answer)?;
    Ok(Built { store: builder.build(), left_out })
}

fn add_crl(builder: &mut TrustStoreBuilder, bytes: &[u8]) -> Result<(), BoxError> {
    builder.add_crl(Crl::parse(bytes)?)?;
    Ok(())
}

/// The lists were in force when spoc took them in; that a signer's certificate has ended since does not heal documents.
fn add_defect_lists(builder: &mut TrustStoreBuilder, answer: &GetTrustSnapshotResponse) -> Result<(), DefectsUnusable> {
    let parse = |bytes: &Vec<u8>| Certificate::parse(bytes).map(Anchor::Certificate).map_err(DefectsUnusable::Anchor);
    let anchors = answer.defect_list_anchors.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    for bytes in &answer.defect_lists {
        builder.add_defect_list(&DefectList::parse(bytes)?.verify(&anchors, None)?);
    }
    Ok(())
}
