//! The engine in this process: a map under a mutex, by the injected clock.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use straznica_types::{SharedClock, Timestamp};
use subtle::ConstantTimeEq as _;

use crate::error::Cause;
use crate::{Cooldown, Count, EphemeralError, Key, Value};

/// Values that may live at once: beyond it nothing new is taken in. At some hundred bytes each this is the memory one misused service may cost.
const ROOM: usize = 1_000_000;
/// How many values there are before the dead ones are looked for the first time.
const FIRST_SWEEP: usize = 1_024;

#[derive(Clone)]
pub(crate) struct Memory {
    clock: SharedClock,
    values: Arc<Mutex<Values>>,
}

struct Values {
    by_key: HashMap<Key, Slot>,
    /// At this many values the dead are swept out; then it is twice what is left.
    sweep_at: usize,
}

struct Slot {
    content: Content,
    dies_at: Timestamp,
}

enum Content {
    Bytes(Value),
    Count(u32),
    Pause,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl Memory {
    pub(crate) fn new(clock: SharedClock) -> Self {
        let values = Values { by_key: HashMap::new(), sweep_at: FIRST_SWEEP };
        Self { clock, values: Arc::new(Mutex::new(values)) }
    }

    pub(crate) fn put_if_absent(&self, key: &Key, value: &[u8], life: Duration) -> Result<bool, EphemeralError> {
        let now = self.clock.now();
        let mut values = self.lock();
        if values.living(key, now).is_some() {
            return Ok(false);
        }
        values.insert(key, Content::Bytes(Value::new(value.to_vec())), life, now)?;
        Ok(true)
    }

    pub(crate) fn get(&self, key: &Key) -> Result<Option<Value>, EphemeralError> {
        match self.lock().living(key, self.clock.now()) {
            Some(Slot { content: Content::Bytes(value), .. }) => Ok(Some(value.clone())),
            Some(_) => Err(unexpected()),
            None => Ok(None),
        }
    }

    pub(crate) fn take(&self, key: &Key) -> Result<Option<Value>, EphemeralError> {
        let mut values = self.lock();
        if values.living(key, self.clock.now()).is_none() {
            return Ok(None);
        }
        match values.by_key.remove(key) {
            Some(Slot { content: Content::Bytes(value), .. }) => Ok(Some(value)),
            Some(_) => Err(unexpected()),
            None => Ok(None),
        }
    }

    pub(crate) fn count(&self, key: &Key, limit: u32, window: Duration) -> Result<Count, EphemeralError> {
        let now = self.clock.now();
        let mut values = self.lock();
        match values.living(key, now) {
            Some(Slot { content: Content::Count(count), .. }) if *count < limit => {
                *count += 1;
                Ok(Count::Within(*count))
            }
            Some(Slot { content: Content::Count(_), .. }) => Ok(Count::Exceeded),
            Some(_) => Err(unexpected()),
            None if limit == 0 => Ok(Count::Exceeded),
            None => {
                values.insert(key, Content::Count(1), window, now)?;
                Ok(Count::Within(1))
            }
        }
    }

    pub(crate) fn compare_and_delete(&self, key: &Key, expected: &[u8]) -> Result<bool, EphemeralError> {
        let mut values = self.lock();
        match values.living(key, self.clock.now()) {
            Some(Slot { content: Content::Bytes(value), .. }) => {
                let same = bool::from(value.expose().as_slice().ct_eq(expected));
                if same {
                    values.by_key.remove(key);
                }
                Ok(same)
            }
            Some(_) => Err(unexpected()),
            None => Ok(false),
        }
    }

    pub(crate) fn cooldown(&self, key: &Key, period: Duration) -> Result<Cooldown, EphemeralError> {
        let now = self.clock.now();
        let mut values = self.lock();
        if let Some(slot) = values.living(key, now) {
            return Ok(Cooldown::Wait(slot.dies_at.saturating_since(now)));
        }
        values.insert(key, Content::Pause, period, now)?;
        Ok(Cooldown::Ready)
    }

    /// A thread that panicked inside left whole values behind: every change is one assignment.
    fn lock(&self) -> MutexGuard<'_, Values> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Values {
    fn living(&mut self, key: &Key, now: Timestamp) -> Option<&mut Slot> {
        if self.by_key.get(key)?.dies_at <= now {
            self.by_key.remove(key);
            return None;
        }
        self.by_key.get_mut(key)
    }

    fn insert(&mut self, key: &Key, content: Content, life: Duration, now: Timestamp) -> Result<(), EphemeralError> {
        if self.by_key.len() >= self.sweep_at {
            self.by_key.retain(|_, slot| slot.dies_at > now);
            self.sweep_at = (self.by_key.len() * 2).clamp(FIRST_SWEEP, ROOM);
        }
        if self.by_key.len() >= ROOM {
            return Err(EphemeralError::Unavailable(Cause::Full));
        }
        self.by_key.insert(key.clone(), Slot { content, dies_at: now + life });
        Ok(())
    }
}

/// A key used for two kinds of things: a mistake of the caller, as it would be on a server.
fn unexpected() -> EphemeralError {
    EphemeralError::Unavailable(Cause::Answer)
}
