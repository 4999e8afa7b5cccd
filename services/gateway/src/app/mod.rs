//! The use cases. Each file is one group: authorise (done by the interface's table and [`admission`]) → load → decide → write and journal in one
//! transaction; or, for everything about documents, ask the inner service.

pub(crate) mod admission;
pub(crate) mod codes;
pub(crate) mod exchange;
pub(crate) mod idempotency;
pub(crate) mod inspections;
pub(crate) mod people;
pub(crate) mod registry;
pub(crate) mod terminal_authentication;
pub(crate) mod terminals;
pub(crate) mod trust;
pub(crate) mod upstream;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use straznica_journal::Journal;
use straznica_store::Store;
use straznica_types::SharedClock;

use crate::{config::Config, domain::rate::Bucket, metrics::Metrics, rest::page::Description};
use admission::Asker;
use people::{hashing::Hashing, oidc::Providers};
use upstream::Upstreams;

/// The gateway at work. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Gateway(Arc<Inner>);

struct Inner {
    config: Config,
    clock: SharedClock,
    store: Store,
    journal: Journal,
    upstreams: Upstreams,
    buckets: Mutex<HashMap<Asker, Bucket>>,
    hashing: Hashing,
    providers: Providers,
    metrics: Metrics,
    description: Description,
}

impl Gateway {
    /// Puts the parts together.
    pub(crate) fn new(
        config: Config,
        clock: SharedClock,
        store: Store,
        journal: Journal,
        upstreams: Upstreams,
        providers: Providers,
    ) -> Self {
        let hashing = Hashing::new(&config.people.accounts);
        Self(Arc::new(Inner {
            config,
            clock,
            store,
            journal,
            upstreams,
            buckets: Mutex::default(),
            hashing,
            providers,
            metrics: Metrics::new(),
            description: Description::new(),
        }))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn clock(&self) -> &SharedClock {
        &self.0.clock
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn description(&self) -> &Description {
        &self.0.description
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn providers(&self) -> &Providers {
        &self.0.providers
    }

    fn hashing(&self) -> &Hashing {
        &self.0.hashing
    }

    fn journal(&self) -> &Journal {
        &self.0.journal
    }

    fn upstreams(&self) -> &Upstreams {
        &self.0.upstreams
    }

    /// A bucket is whole after every step, so a panic elsewhere leaves nothing half-done in here.
    fn buckets(&self) -> MutexGuard<'_, HashMap<Asker, Bucket>> {
        self.0.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
