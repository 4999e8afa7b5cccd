//! What every service stands on: a database of its own with its schema, the journal in it, and what both need to run.

use std::sync::Arc;
use std::time::Duration;

use sea_orm_migration::MigratorTrait;
use straznica_pki::PeerIdentity;
use straznica_runtime::job::Job;
use straznica_runtime::service::{Closing, ReadinessCheck, ServiceContext, ServiceParts, StartError};
use straznica_store::{Store, StoreConfig, migrate};
use straznica_types::SharedClock;
use tonic::service::Routes;

use crate::{Journal, JournalConfig, rpc};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// A service's database and its journal.
#[derive(Clone)]
pub struct Footing {
    /// The database, its schema up to date.
    pub store: Store,
    /// The journal in it.
    pub journal: Journal,
    clock: SharedClock,
    event_life: Duration,
}

impl Footing {
    /// Opens the database, brings its schema up to date (`M` holds the journal's migrations with the service's own) and opens the journal.
    ///
    /// # Errors
    /// [`StartError`] when the database cannot be reached or migrated, or the journal's keys cannot be used.
    pub async fn open<M: MigratorTrait>(
        database: &StoreConfig,
        journal: &JournalConfig,
        context: &ServiceContext,
    ) -> Result<Self, StartError> {
        let clock = context.clock.clone();
        let store = Store::connect(database, clock.clone())
            .await
            .map_err(|error| StartError::part("opening the database", error))?;
        migrate::<M>(&store).await.map_err(|error| StartError::part("bringing the schema up to date", error))?;
        let opened = Journal::open(store.clone(), journal, clock.clone())
            .await
            .map_err(|error| StartError::part("opening the journal", error))?;
        Ok(Self::of(store, opened, journal, clock))
    }

    /// Of a database and a journal that are open.
    pub fn of(store: Store, journal: Journal, config: &JournalConfig, clock: SharedClock) -> Self {
        Self { store, journal, clock, event_life: DAY * config.event_days }
    }

    /// The parts of a service that answers `own`: the journal's services beside them, its jobs, the database's readiness, and its closing after the
    /// last job. The caller adds what is its own.
    pub fn parts(self, own: Routes) -> ServiceParts {
        let peer = |extensions: &tonic::Extensions| extensions.get::<Arc<PeerIdentity>>().map(ToString::to_string);
        let servers = rpc::servers(&self.journal, Arc::new(peer));
        ServiceParts {
            grpc: own.add_service(servers.journal).add_service(servers.witness).add_service(servers.events),
            jobs: vec![sequencer(self.journal.clone()), event_retention(self.journal, self.clock, self.event_life)],
            readiness: vec![database(self.store.clone())],
            closing: vec![Closing::new("database", async move { Ok(self.store.close().await?) })],
            ..ServiceParts::default()
        }
    }
}

/// Numbers the journal's entries.
fn sequencer(journal: Journal) -> Job {
    Job::new("journal_sequencer", move |stop| {
        let journal = journal.clone();
        async move {
            tokio::select! {
                never = journal.run_sequencer() => match never {},
                () = stop.cancelled() => Ok(()),
            }
        }
    })
}

/// Deletes events every follower had long enough to read.
fn event_retention(journal: Journal, clock: SharedClock, life: Duration) -> Job {
    Job::every("event_retention", HOUR, move || {
        let (journal, before) = (journal.clone(), clock.now() - life);
        async move {
            journal.purge_events(before).await?;
            Ok(())
        }
    })
}

fn database(store: Store) -> ReadinessCheck {
    ReadinessCheck::new("database", move || {
        let store = store.clone();
        async move { Ok(store.ping().await?) }
    })
}
