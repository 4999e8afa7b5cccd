//! State that may die: codes on their way, cooldowns, counters of a few minutes, caches. Every value has a time to live, and all of them may be
//! gone at any moment.
//!
//! What it promises:
//! - Six operations, each **one atomic step**, also among replicas: [`put_if_absent`](Ephemeral::put_if_absent), [`get`](Ephemeral::get),
//!   [`take`](Ephemeral::take), [`count`](Ephemeral::count), [`compare_and_delete`](Ephemeral::compare_and_delete),
//!   [`cooldown`](Ephemeral::cooldown). There is no "read, decide, write": whoever needs that belongs in the database.
//! - **Loss fails closed.** An engine that cannot answer says [`EphemeralError::Unavailable`] within a second, and nothing here answers in its
//!   stead. A value that is gone looks like one that never was; what is built on it has to take that for a no.
//! - Values are bytes, wiped from this process's memory when dropped. [`Key`]s are made of HMACs of the caller: nobody reads from a key
//!   whom it is about.
//!
//! Two engines: a map in this process (one replica; its time is the injected clock), and Redis or Valkey, single or cluster (any number of replicas;
//! its time is the server's own clock, whatever clock the node was given). Each operation touches one key, so a cluster needs no more than the
//! hash tag in it. Persistence on the server should be off: what is written here is meant to be forgotten.
//!
//! What it does not promise: that the driver's own buffers are wiped, and that an operation whose answer was lost did not happen. It may have: an
//! attempt is then counted that was not made, or a value taken that nobody got. Both are on the closed side.
//!
//! Start reading at [`Ephemeral`] below, then `memory.rs` and `server.rs`.

mod config;
mod error;
mod key;
mod memory;
mod server;
#[cfg(feature = "testing")]
pub mod testing;

use std::time::Duration;

use straznica_types::{Secret, SharedClock};

pub use config::{EphemeralConfig, EphemeralEngine, ServerTls};
pub use error::{EphemeralError, codes};
pub use key::Key;

use memory::Memory;
use server::Server;

/// Largest value, in bytes.
pub const LARGEST_VALUE: usize = 4_096;

/// Longest wait for an answer, whatever the engine does. After it the operation has failed.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// A value: bytes that print as `***` and are wiped when dropped.
pub type Value = Secret<Vec<u8>>;

/// How an attempt stands to its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// It is the so-manieth, from 1, and within the limit.
    Within(u32),
    /// The limit was reached before. Nothing was counted.
    Exceeded,
}

/// Whether something may be done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cooldown {
    /// It may, and the next time only after the period.
    Ready,
    /// Not yet: this long from now.
    Wait(Duration),
}

/// State that may die. Cheap to clone; clones share it.
#[derive(Clone, Debug)]
pub struct Ephemeral(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Memory(Memory),
    Server(Server),
}

impl Ephemeral {
    /// As configured. A server need not be there yet; to be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`EphemeralError::Configuration`] when the addresses, or the certificates for them, cannot be used.
    pub fn open(config: &EphemeralConfig, clock: SharedClock) -> Result<Self, EphemeralError> {
        match &config.engine {
            EphemeralEngine::InProcess => Ok(Self::in_process(clock)),
            EphemeralEngine::Redis { url, tls } => {
                Server::single(url, tls.as_ref(), &config.namespace).map(|server| Self(Inner::Server(server)))
            }
            EphemeralEngine::RedisCluster { urls, tls } => {
                Server::cluster(urls, tls.as_ref(), &config.namespace).map(|server| Self(Inner::Server(server)))
            }
        }
    }

    /// In this process, by this clock.
    #[must_use]
    pub fn in_process(clock: SharedClock) -> Self {
        Self(Inner::Memory(Memory::new(clock)))
    }

    /// Writes a value unless there is one; tells whether it did.
    ///
    /// # Errors
    /// [`EphemeralError::Unavailable`], [`EphemeralError::TooLarge`].
    pub async fn put_if_absent(&self, key: &Key, value: &[u8], life: Duration) -> Result<bool, EphemeralError> {
        if value.len() > LARGEST_VALUE {
            return Err(EphemeralError::TooLarge);
        }
        match &self.0 {
            Inner::Memory(memory) => memory.put_if_absent(key, value, life),
            Inner::Server(server) => server.put_if_absent(key, value, life).await,
        }
    }

    /// The value, if it lives.
    ///
    /// # Errors
    /// [`EphemeralError::Unavailable`].
    pub async fn get(&self, key: &Key) -> Result<Option<Value>, EphemeralError> {
        match &self.0 {
            Inner::Memory(memory) => memory.get(key),
            Inner::Server(server) => server.get(key).await,
        }
    }

    /// The value, if it lives; afterwards it does not. Of two at once, one gets it.
    ///
    /// # Errors
    /// [`EphemeralError::Unavailable`].
    pub async fn take(&self, key: &Key) -> Result<Option<Value>, EphemeralError> {
        match &self.0 {
            Inner::Memory(memory) => memory.take(key),
            Inner::Server(server) => server.take(key).await,
        }
    }

    /// Counts one attempt, if it is within `limit`. The first one starts `window`, after which counting begins anew; later ones do not
    /// prolong it.
    ///
    /// # Errors
    /// [`EphemeralError::Unavailable`].
    pub async fn count(&self, key: &Key, limit: u32, window: Duration) -> Result<Count, EphemeralError> {
        match &self.0 {
            Inner::Memory(memory) => memory.count(key, limit, window),
            Inner::Server(server) => server.count(key, limit, window).await,
        }
    }

    /// Deletes the value if it is the expected one; tells whether it did. Of two at once, one did.
    ///
    /// # Errors
    /// [`EphemeralError::Unavailable`].
    pub async fn compare_and_delete(&self, key: &Key, expected: &[u8]) -> Result<bool, EphemeralError> {
        match &self.0 {
            Inner::Memory(memory) => memory.compare_and_delete(key, expected),
            Inner::Server(server) => server.compare_and_delete(key, expected).await,
        }
    }

    /// Begins a pause of `period`, unless one is running. Of two at once, one is let through.
    ///
    /// # Errors
    /// [`EphemeralError::Unavailable`].
    pub async fn cooldown(&self, key: &Key, period: Duration) -> Result<Cooldown, EphemeralError> {
        match &self.0 {
            Inner::Memory(memory) => memory.cooldown(key, period),
            Inner::Server(server) => server.cooldown(key, period).await,
        }
    }
}
