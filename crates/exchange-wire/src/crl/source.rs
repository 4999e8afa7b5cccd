//! The lists at hand, and when to fetch another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use emrtd::x509::Crl;
use exchange::Country;
use exchange::identity::CrlNeed;
use straznica_types::{SharedClock, Timestamp};

use super::fetch::Fetcher;
use super::{CrlKey, CrlProblem, CrlReach, CrlStore, StoredCrl, parse};

/// Most places tried for one certificate.
const MAX_URIS: usize = 4;
/// Most places of one state remembered, and kept in the store: two roots side by side with two authorities below, each with its places. When there are
/// more, the one not asked for the longest goes.
const MAX_PLACES: usize = 16;
/// How often a list is put into the store while other nodes put theirs there.
const MAX_PUTS: usize = 4;
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
    /// Where lists may be fetched from.
    pub reach: CrlReach,
}

impl CrlConfig {
    /// For made-up states, whose lists are served over loopback.
    #[must_use]
    pub fn development() -> Self {
        Self { reach: CrlReach { local: true, ..CrlReach::default() }, ..Self::default() }
    }
}

impl Default for CrlConfig {
    fn default() -> Self {
        Self {
            max_cache: Duration::from_secs(600),
            timeout: Duration::from_secs(5),
            max_bytes: 1024 * 1024,
            pause: Duration::from_secs(60),
            reach: CrlReach::default(),
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
    /// Of each state, the one asked for last at the end.
    places: Mutex<HashMap<Country, Vec<(CrlKey, SharedEntry)>>>,
}

type SharedEntry = Arc<tokio::sync::Mutex<Entry>>;

#[derive(Default)]
struct Entry {
    /// The newest first.
    lists: Vec<Crl>,
    fetched_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
}

impl CrlSource {
    /// With nothing at hand but what the store holds.
    #[must_use]
    pub fn new(store: Arc<dyn CrlStore>, clock: SharedClock, config: CrlConfig) -> Self {
        let fetcher = Fetcher::new(config.timeout, config.max_bytes, config.reach.clone());
        Self { store, clock, config, fetcher, places: Mutex::default() }
    }

    /// The lists for one certificate of a path, fetched if it is time to: from the first place that has one.
    pub async fn obtain(&self, need: &CrlNeed) -> Obtained {
        let mut obtained = Obtained::default();
        let places = need.uris().iter().filter(|uri| is_http(uri)).take(MAX_URIS);
        for uri in places {
            let key = CrlKey { country: need.country(), uri: uri.clone(), issuer: need.issuer().fingerprint() };
            let entry = self.entry(&key);
            // Whoever comes second waits here, and finds what the first fetched.
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

    fn entry(&self, key: &CrlKey) -> SharedEntry {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let places = places.entry(key.country).or_default();
        let known = places.iter().position(|(place, _)| place == key).map(|position| places.remove(position));
        let (key, entry) = known.unwrap_or_else(|| (key.clone(), SharedEntry::default()));
        if places.len() >= MAX_PLACES {
            places.remove(0);
        }
        places.push((key, entry.clone()));
        entry
    }

    async fn refresh(&self, key: &CrlKey, entry: &mut Entry, need: &CrlNeed, problems: &mut Vec<CrlProblem>) {
        let now = self.clock.now();
        if self.serves(entry, need, now) {
            return;
        }
        // Another node may have fetched one meanwhile. What it knows of revocations is known here before a list is believed; without, none is fetched.
        let before = match self.store.get(key).await {
            Ok(before) => before,
            Err(source) => return problems.push(CrlProblem::Store { uri: key.uri.clone(), source }),
        };
        if let Some(stored) = &before {
            problems.extend(take_up(key, entry, need, stored).err());
        }
        if self.serves(entry, need, now) {
            return;
        }
        if entry.failed_at.is_some_and(|at| now < at + self.config.pause) {
            problems.push(CrlProblem::Pausing { uri: key.uri.clone() });
            return;
        }
        match self.fetch(key, entry, need, before, now).await {
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

    async fn fetch(
        &self,
        key: &CrlKey,
        entry: &mut Entry,
        need: &CrlNeed,
        mut before: Option<StoredCrl>,
        now: Timestamp,
    ) -> Result<(), CrlProblem> {
        let bytes = self.fetcher.get(&key.uri).await?;
        let crl = read(key, need, &bytes)?;
        let fetched = StoredCrl { der: crl.der().to_vec(), fetched_at: now };
        let failed = |source| CrlProblem::Store { uri: key.uri.clone(), source };
        for _ in 0..MAX_PUTS {
            // An old list, played back to hide a revocation.
            if entry.lists.first().is_some_and(|known| crl.this_update() < known.this_update()) {
                return Err(CrlProblem::Older { uri: key.uri.clone() });
            }
            if self.store.put(key, &fetched, before.as_ref(), MAX_PLACES).await.map_err(failed)? {
                entry.hold(crl, need, now);
                return Ok(());
            }
            before = self.store.get(key).await.map_err(failed)?;
            if let Some(stored) = &before
                && let Err(problem) = take_up(key, entry, need, stored)
            {
                tracing::warn!("a revocation list that was kept cannot be used: {problem}");
            }
        }
        Err(failed("other nodes keep putting theirs there".into()))
    }
}

impl Entry {
    /// Puts a list before those at hand, which go when it counts already.
    fn hold(&mut self, crl: Crl, need: &CrlNeed, fetched_at: Timestamp) {
        if need.check_freshness(&crl, fetched_at).is_ok() {
            self.lists.clear();
        }
        self.lists.insert(0, crl);
        self.lists.truncate(MAX_LISTS);
        self.fetched_at = Some(fetched_at);
    }
}

/// Takes a list out of the store, if it is not older than the one at hand.
fn take_up(key: &CrlKey, entry: &mut Entry, need: &CrlNeed, stored: &StoredCrl) -> Result<(), CrlProblem> {
    let newest = entry.lists.first();
    if newest.is_some_and(|newest| newest.der() == stored.der) {
        entry.fetched_at = entry.fetched_at.max(Some(stored.fetched_at));
        return Ok(());
    }
    let crl = read(key, need, &stored.der)?;
    if newest.is_none_or(|newest| newest.this_update() <= crl.this_update()) {
        entry.hold(crl, need, stored.fetched_at);
    }
    Ok(())
}

/// A list of the issuer's.
fn read(key: &CrlKey, need: &CrlNeed, bytes: &[u8]) -> Result<Crl, CrlProblem> {
    let uri = || key.uri.clone();
    let crl = parse(bytes).map_err(|source| CrlProblem::Unreadable { uri: uri(), source })?;
    need.check_issuer(&crl).map_err(|refusal| CrlProblem::NotTheIssuers { uri: uri(), refusal })?;
    Ok(crl)
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
