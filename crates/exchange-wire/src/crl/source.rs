//! The lists at hand, and when to fetch another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use emrtd::x509::Crl;
use exchange::identity::CrlNeed;
use straznica_types::{SharedClock, Timestamp};

use super::fetch::Fetcher;
use super::{CrlKey, CrlProblem, CrlStore, StoredCrl, parse};

/// Most places tried for one certificate.
const MAX_URIS: usize = 4;
/// Most places remembered; all are forgotten, and read from the store again, when there are more.
const MAX_ENTRIES: usize = 1024;
/// Lists remembered of one place: the newest, and the one before while the newest does not count yet.
const MAX_LISTS: usize = 2;

/// How lists are fetched and for how long they serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlConfig {
    /// A list is fetched again at this age at the latest, and when its successor is due.
    pub max_cache: Duration,
    /// A whole fetch takes no longer.
    pub timeout: Duration,
    /// Longest list taken, bytes.
    pub max_bytes: usize,
    /// After a fetch that failed, none is tried for this long.
    pub pause: Duration,
}

impl Default for CrlConfig {
    fn default() -> Self {
        Self {
            max_cache: Duration::from_secs(600),
            timeout: Duration::from_secs(5),
            max_bytes: 1024 * 1024,
            pause: Duration::from_secs(60),
        }
    }
}

/// What was obtained for one certificate.
#[derive(Debug, Default)]
pub struct Obtained {
    /// Lists its issuer signed, the newest first; whether they are fresh is judged with the path.
    pub lists: Vec<Crl>,
    /// What went wrong on the way, whether or not a list is at hand.
    pub problems: Vec<CrlProblem>,
}

/// Fetches, verifies and remembers lists. One fetch at a time for each place, whoever waits for it.
pub struct CrlSource {
    store: Arc<dyn CrlStore>,
    clock: SharedClock,
    config: CrlConfig,
    fetcher: Fetcher,
    entries: Mutex<HashMap<CrlKey, Arc<tokio::sync::Mutex<Entry>>>>,
}

#[derive(Default)]
struct Entry {
    /// The store was asked.
    loaded: bool,
    /// The newest first.
    lists: Vec<Crl>,
    fetched_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
}

impl CrlSource {
    /// With nothing at hand but what the store holds.
    #[must_use]
    pub fn new(store: Arc<dyn CrlStore>, clock: SharedClock, config: CrlConfig) -> Self {
        let fetcher = Fetcher::new(config.timeout, config.max_bytes);
        Self { store, clock, config, fetcher, entries: Mutex::default() }
    }

    /// The lists for one certificate of a path, fetched if it is time to: from the first place that has one.
    pub async fn obtain(&self, need: &CrlNeed) -> Obtained {
        let mut obtained = Obtained::default();
        let places = need.uris().iter().filter(|uri| is_http(uri)).take(MAX_URIS);
        for uri in places {
            let entry = self.entry(CrlKey { uri: uri.clone(), issuer: need.issuer().fingerprint() });
            // Whoever comes second waits here, and finds what the first fetched.
            let (key, entry) = entry;
            let mut entry = entry.lock().await;
            self.refresh(&key, &mut entry, need, &mut obtained.problems).await;
            if !entry.lists.is_empty() {
                obtained.lists.clone_from(&entry.lists);
                return obtained;
            }
        }
        if obtained.problems.is_empty() {
            let subject = need.certificate().subject().to_string();
            obtained.problems.push(CrlProblem::NoHttpDistributionPoint { subject });
        }
        obtained
    }

    fn entry(&self, key: CrlKey) -> (CrlKey, Arc<tokio::sync::Mutex<Entry>>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES && !entries.contains_key(&key) {
            entries.clear();
        }
        let entry = entries.entry(key.clone()).or_default().clone();
        (key, entry)
    }

    async fn refresh(&self, key: &CrlKey, entry: &mut Entry, need: &CrlNeed, problems: &mut Vec<CrlProblem>) {
        if !entry.loaded {
            problems.extend(self.load(key, entry, need).await.err());
            entry.loaded = true;
        }
        let now = self.clock.now();
        if self.serves(entry, need, now) {
            return;
        }
        if entry.failed_at.is_some_and(|at| now < at + self.config.pause) {
            problems.push(CrlProblem::Pausing { uri: key.uri.clone() });
            return;
        }
        match self.fetch(key, entry, need, now).await {
            Ok(()) => entry.failed_at = None,
            Err(problem) => {
                entry.failed_at = Some(now);
                problems.push(problem);
            }
        }
    }

    /// Whether the newest list at hand needs no fetching: not older than the cache allows, and fresh.
    fn serves(&self, entry: &Entry, need: &CrlNeed, now: Timestamp) -> bool {
        let young = entry.fetched_at.is_some_and(|at| at <= now && now < at + self.config.max_cache);
        young && entry.lists.first().is_some_and(|crl| need.check_freshness(crl, now).is_ok())
    }

    async fn load(&self, key: &CrlKey, entry: &mut Entry, need: &CrlNeed) -> Result<(), CrlProblem> {
        let failed = |source| CrlProblem::Store { uri: key.uri.clone(), source };
        let Some(stored) = self.store.get(key).await.map_err(failed)? else { return Ok(()) };
        let crl = parse(&stored.der).map_err(|source| CrlProblem::Unreadable { uri: key.uri.clone(), source })?;
        need.check_issuer(&crl).map_err(|refusal| CrlProblem::NotTheIssuers { uri: key.uri.clone(), refusal })?;
        entry.lists = vec![crl];
        entry.fetched_at = Some(stored.fetched_at);
        Ok(())
    }

    async fn fetch(&self, key: &CrlKey, entry: &mut Entry, need: &CrlNeed, now: Timestamp) -> Result<(), CrlProblem> {
        let uri = || key.uri.clone();
        let bytes = self.fetcher.get(&key.uri).await?;
        let crl = parse(&bytes).map_err(|source| CrlProblem::Unreadable { uri: uri(), source })?;
        need.check_issuer(&crl).map_err(|refusal| CrlProblem::NotTheIssuers { uri: uri(), refusal })?;
        // An old list, played back to hide a revocation.
        if entry.lists.first().is_some_and(|known| crl.this_update() < known.this_update()) {
            return Err(CrlProblem::Older { uri: uri() });
        }
        let stored = StoredCrl { der: crl.der().to_vec(), fetched_at: now };
        if need.check_freshness(&crl, now).is_ok() {
            entry.lists.clear();
        }
        entry.lists.insert(0, crl);
        entry.lists.truncate(MAX_LISTS);
        entry.fetched_at = Some(now);
        self.store.put(key, stored).await.map_err(|source| CrlProblem::Store { uri: uri(), source })
    }
}

impl std::fmt::Debug for CrlSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CrlSource").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Plain http, whatever the case of its name.
fn is_http(uri: &str) -> bool {
    uri.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}
